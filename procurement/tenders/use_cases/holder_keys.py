"""Who may hold shares of tenders' keys, with which key of their own: one person proposes, another confirms."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.refusals import BadValue, NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.tenders import events, models
from procurement.tenders.rules.key_shares import good_public_key
from procurement.tenders.states import HolderState
from procurement.tenders.use_cases.loading import FourEyes


class HolderKeyKnown(Refusal):
    """One key is one hand: it cannot stand for two holders."""

    code = "holder_key_known"
    words = gettext_noop(
        "This public key is registered already. Every holder makes a key of its own, and each key once."
    )


@transaction.atomic
def propose_holder_key(*, person: str, name: str, public_key: str, by: str, at: datetime) -> str:
    """Propose a person's public key, the first or a new one; return the holder's ref. It counts once confirmed.

    person       how the trail names the person: `user:chen`
    name         how tenders name the holder to bidders
    public_key   X25519, 64 hexadecimal digits, as the holder's tool writes it

    :raises NotFound: nobody signed up under that name.
    :raises BadValue: no name, or no key that anything could be sealed to.
    :raises HolderKeyKnown: the key is registered already.
    """
    username = person.removeprefix("user:")
    if not person.startswith("user:") or not parties.has_signed_up(username):
        raise NotFound(what="person", ref=username)
    if not name.strip():
        raise BadValue(place="name", value=name, reason="is empty")
    key = _checked(public_key)
    try:
        with transaction.atomic():
            holder = models.KeyHolder.objects.create(
                ref=events_.next_ref("KH", at=at),
                person=person,
                name=name.strip(),
                public_key=key,
                proposed_by=by,
                proposed_at=at,
            )
    except IntegrityError:
        raise HolderKeyKnown from None
    return holder.ref


def _checked(public_key: str) -> str:
    try:
        raw = bytes.fromhex(public_key.strip())
    except ValueError:
        raise BadValue(
            place="public_key", value=public_key[:80], reason=gettext_noop("is no hexadecimal text")
        ) from None
    if len(raw) != 32:
        raise BadValue(place="public_key", value=len(raw), reason=gettext_noop("is not 32 bytes long"))
    if not good_public_key(raw):
        raise BadValue(
            place="public_key", value=public_key.strip(), reason=gettext_noop("is no point that can be sealed to")
        )
    return raw.hex()


@transaction.atomic
def confirm_holder_key(*, holder_ref: str, by: str, at: datetime) -> None:
    """Confirm a proposed key, by another person than who proposed it and than its holder; it replaces the one before.

    Shares that were dealt before stay sealed to the key they were dealt to.

    :raises NotFound: there is no such holder.
    :raises FourEyes: `by` proposed it, or is its holder.
    :raises IllegalMove: it is not proposed any more.
    """
    holder = load_holder(holder_ref)
    if by in {holder.proposed_by, holder.person}:
        raise FourEyes(first=by, verb="confirm", tender=holder_ref)
    before = models.KeyHolder.objects.filter(person=holder.person, state=HolderState.ACTIVE.value).first()
    if before is not None:
        before.move("replace", by=by, at=at, why=f"by {holder_ref}")
    holder.move("confirm", by=by, at=at, confirmed_by=by, confirmed_at=at)
    fact = events.HolderKeyConfirmed(holder_ref, holder.public_key, before.ref if before else "")
    events_.record(fact, source_ref=holder_ref, at=at)


@transaction.atomic
def refuse_holder_key(*, holder_ref: str, why: str, by: str, at: datetime) -> None:
    """Refuse a proposed key.

    :raises NotFound: there is no such holder.
    :raises IllegalMove: it is not proposed any more.
    """
    load_holder(holder_ref).move("refuse", by=by, at=at, why=why)


@transaction.atomic
def retire_holder_key(*, holder_ref: str, why: str, by: str, at: datetime) -> None:
    """Name this holder in no tender any more; the shares it holds stay good.

    :raises NotFound: there is no such holder.
    :raises IllegalMove: it is not active.
    """
    load_holder(holder_ref).move("retire", by=by, at=at, why=why)


def load_holder(ref: str) -> models.KeyHolder:
    """Return the holder named `ref`.

    :raises NotFound: there is none.
    """
    holder = models.KeyHolder.objects.filter(ref=ref).first()
    if holder is None:
        raise NotFound(what="key holder", ref=ref)
    return holder
