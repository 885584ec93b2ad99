"""The opening session: holders hand in their shares, each checked at once; with enough of them the box opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from marketplace.events import use_cases as events_
from marketplace.foundation.models import move_all
from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.tenders import events, models
from procurement.tenders.rules import key_shares, sealing
from procurement.tenders.states import ShareState, TenderState
from procurement.tenders.use_cases.loading import hold_still, load_tender, secret
from procurement.tenders.use_cases.open_tender import open_tender


class BadShareFile(Refusal):
    """What was handed in is no share file."""

    code = "bad_share_file"
    status = 400
    words = gettext_noop("The file {reason}. Nothing was changed.")


class WrongShare(Refusal):
    """A share file, but its share is not the one that this holder was dealt."""

    code = "wrong_share"
    words = gettext_noop(
        "This is not share {number} of {tender} as it was dealt to {holder}: it was altered. Nothing was changed."
    )


class ShareOfAnother(WrongShare):
    """The share of another holder of the same tender."""

    code = "share_of_another"
    words = gettext_noop(
        "This is share {given} of {tender}, dealt to {owner}. {holder} holds share {number}. Nothing was changed."
    )


class ShareOfOtherTender(WrongShare):
    """A share of another tender's key."""

    code = "share_of_other_tender"
    words = gettext_noop("This is a share of {other}. {holder} holds share {number} of {tender}. Nothing was changed.")


class ShareGivenTwice(Refusal):
    """The share is in already."""

    code = "share_given_twice"
    words = gettext_noop("{holder} handed in share {number} of {tender} already. It counts once.")


class BoxNotClosed(Refusal):
    """Shares are handed in between closing and opening, and not before any bid could still come."""

    code = "box_not_closed"
    words = gettext_noop("{tender} is {state}: shares are handed in once it is closed and until it is opened.")


class HoldingAltered(Refusal):
    """Who holds which share is not what the platform signed at publication."""

    code = "holding_altered"
    words = gettext_noop(
        "Who holds which share of {tender} is not what was signed at publication. Nothing was changed."
    )


class WrongToken(Refusal):
    """Whoever says to have the share has not opened it."""

    code = "wrong_share_token"
    words = gettext_noop("This is not the word by which {holder} shows to have opened share {number} of {tender}.")


@dataclass(frozen=True)
class Session:
    """How far the opening is."""

    tender_ref: str
    given: int
    needed: int
    opened: bool


@transaction.atomic
def acknowledge_share(*, share_ref: str, token: str, by: str, at: datetime) -> None:
    """Let a holder say that it has its share, by the token its tool shows; the sealed file is erased here.

    :raises NotFound: no such share of this person.
    :raises WrongToken: the token is another share's, or none.
    :raises IllegalMove: the share is not waiting to be taken up.
    """
    row = _own(models.KeyShare.objects.filter(ref=share_ref, holder__person=by), share_ref)
    if not key_shares.same(key_shares.token_digest(token), row.token_sha256):
        raise WrongToken(holder=row.holder.name, number=row.number, tender=row.tender.ref)
    row.move("acknowledge", by=by, at=at, sealed=None, kept_at=at)


def _own(rows: QuerySet[models.KeyShare], ref: str) -> models.KeyShare:
    row = rows.select_related("holder", "tender").first()
    if row is None:
        raise NotFound(what="key share", ref=ref)
    return row


@sensitive_variables()
@transaction.atomic
def hand_in_share(*, tender_ref: str, file: str | bytes, by: str, at: datetime) -> Session:
    """Take a holder's share at the opening; with the last one that is needed the box opens, by this holder's hand.

    The share waits under the platform's secret, and is erased when the box opens, when the tender is cancelled, or
    after a day. The one that opens the box is never written down at all. A wrong share is named and changes nothing.

    :raises NotFound: no such tender, or this person holds no share of it.
    :raises BoxNotClosed: it still takes bids, or is opened.
    :raises BadShareFile: the file is no share file.
    :raises HoldingAltered: the published commitments are not those that were signed.
    :raises WrongShare: another tender's, another holder's, or an altered share.
    :raises ShareGivenTwice: this holder's share is in.
    """
    hold_still(tender_ref)
    tender = load_tender(tender_ref)
    row = _own(models.KeyShare.objects.filter(tender=tender, holder__person=by), tender_ref)
    if tender.state != TenderState.CLOSED:
        raise BoxNotClosed(tender=tender_ref, state=tender.state)
    given = _read(file)
    _refuse_altered(tender)
    _refuse_wrong(row, given)
    if row.state == ShareState.HANDED_IN:
        raise ShareGivenTwice(holder=row.holder.name, number=row.number, tender=tender_ref)
    waiting = key_shares.lock_share(secret(), given.share, tender_ref=tender_ref, number=row.number)
    row.move("hand_in", by=by, at=at, waiting=waiting, sealed=None, handed_in_at=at)
    session = _session(tender)
    fact = events.ShareHandedIn(tender_ref, row.holder.ref, session.given, session.needed)
    events_.record(fact, source_ref=tender_ref, at=at)
    if session.given < session.needed:
        return session
    open_tender(tender_ref=tender_ref, by=by, at=at)
    return Session(tender_ref, session.given, session.needed, opened=True)


@sensitive_variables()
def _read(file: str | bytes) -> key_shares.Given:
    try:
        return key_shares.read_share_file(file)
    except key_shares.NoShare as fault:
        raise BadShareFile(reason=str(fault)) from None


def _session(tender: models.Tender) -> Session:
    given = models.KeyShare.objects.filter(tender=tender, state=ShareState.HANDED_IN.value).count()
    return Session(tender.ref, given, tender.shares_needed or 0, opened=False)


def _refuse_altered(tender: models.Tender) -> None:
    """Refuse to go on where somebody exchanged a commitment, a holder or a number in the database."""
    rows = models.KeyShare.objects.filter(tender=tender).select_related("holder")
    holding = key_shares.holding_sha256(tender.ref, tender.shares_needed or 0, [row.dealt for row in rows])
    text = sealing.key_text(tender.ref, bytes(tender.public_key or b""), holding)
    if not sealing.signed_by(sealing.receipt_key(secret()), text, bytes(tender.key_signature or b"")):
        raise HoldingAltered(tender=tender.ref)


@sensitive_variables()
def _refuse_wrong(row: models.KeyShare, given: key_shares.Given) -> None:
    """Name what is wrong with a share; the number in the file is only a label, the commitment decides."""
    facts = {"holder": row.holder.name, "number": row.number, "tender": row.tender.ref}
    if given.tender_ref != row.tender.ref:
        raise ShareOfOtherTender(other=given.tender_ref[:40], **facts)
    if _is(row, given):
        return
    for other in models.KeyShare.objects.filter(tender=row.tender).select_related("holder", "tender"):
        if _is(other, given):
            raise ShareOfAnother(given=other.number, owner=other.holder.name, **facts)
    raise WrongShare(**facts)


@sensitive_variables()
def _is(row: models.KeyShare, given: key_shares.Given) -> bool:
    return key_shares.same(key_shares.share_commitment(row.tender.ref, row.number, given.share), row.commitment)


@transaction.atomic
def give_back_shares(*, tender_ref: str, by: str, at: datetime) -> None:
    """Erase the shares that waited a day for others; their holders hand them in again when a new session is agreed.

    :raises NotFound: no such tender.
    """
    hold_still(tender_ref)
    tender = load_tender(tender_ref)
    late = models.KeyShare.objects.filter(
        tender=tender, state=ShareState.HANDED_IN.value, handed_in_at__lte=at - key_shares.SESSION
    )
    move_all(list(late), "give_back", by=by, at=at, why="the session ran out", waiting=None, handed_in_at=None)
