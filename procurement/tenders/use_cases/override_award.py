"""Award against the engine, by two persons: one asks with a reason and is told what it costs, another decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound, Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop
from procurement.tenders import models
from procurement.tenders.rules.cases import Case
from procurement.tenders.rules.overriding import Override, Wishes, override
from procurement.tenders.states import OverrideState
from procurement.tenders.use_cases.award_tender import keep_award, to_be_awarded
from procurement.tenders.use_cases.loading import FourEyes
from procurement.tenders.use_cases.standing_offers import case_of, case_sha256

SECONDS = 30.0


class OverrideAsked(Refusal):
    """One wish at a time waits for an answer."""

    code = "override_asked"
    words = gettext_noop("{override} waits for an answer already. Decide it first.")


def ask_to_override(
    *, tender_ref: str, wishes: Mapping[str, Any], why: str, seconds: float = SECONDS, by: str, at: datetime
) -> str:
    """Ask that an opened tender be awarded otherwise than the engine would, and return the wish's ref.

    wishes  `without`: refs of suppliers that may not win; `only`: lot's ref -> refs of those that alone may win it

    Both awards of the same demand are decided and read by the checker; the wish keeps what it costs more.

    :raises NotFound: no such tender.
    :raises IllegalMove: it is not opened.
    :raises BadValue: no reason, a supplier or lot that is not of this tender, nothing wished.
    :raises OverrideAsked: another wish waits.
    :raises NoAwardPossible: nobody who may win delivers anything.
    :raises StaleWrite: the tender moved meanwhile.

    What `award_tender` raises of box, terms and checker it raises too.
    """
    tender = to_be_awarded(tender_ref)
    if not why.strip():
        raise BadValue(place="why", value=why, reason="is empty")
    waiting = tender.overrides.filter(state=OverrideState.ASKED.value, asked_revision=tender.revision).first()
    if waiting is not None:
        raise OverrideAsked(override=waiting.ref)
    case = case_of(tender, at)
    read = Wishes.read(wishes, case)
    found = override(case, read, seconds)
    with transaction.atomic():
        _let_go_stale(tender, by=by, at=at)
        tender.move("ask_to_override", by=by, at=at, why=why)
        return models.AwardOverride.objects.create(
            ref=events_.next_ref("OV", at=at),
            tender=tender,
            wishes=read.document(),
            why=why,
            **_told(found, tender.currency),
            proposal=_proposal(found),
            case_sha256=case_sha256(case),
            asked_by=by,
            asked_at=at,
            asked_revision=tender.revision,
        ).ref


def _let_go_stale(tender: models.Tender, *, by: str, at: datetime) -> None:
    """Refuse wishes that were made for the tender as it no longer stands."""
    for one in tender.overrides.filter(state=OverrideState.ASKED.value):
        one.move("refuse", by=by, at=at, why="the tender has moved since", decided_at=at)


def _told(found: Override, currency: str) -> dict[str, int]:
    def minor(amount: Fraction) -> int:
        return Money.rounded(amount, currency).minor

    return {
        "total_minor": minor(found.total),
        "best_minor": minor(found.best),
        "cost_minor": max(0, minor(found.total) - minor(found.best)),
    }


def _proposal(found: Override) -> list[dict[str, str]]:
    return [
        {
            "lot": one.lot_ref,
            "supplier": one.supplier_ref,
            "region": one.region,
            "quantity": _plain(one.quantity),
            "price": _plain(one.price),
            "freight": _plain(one.freight),
        }
        for part in found.parts
        for one in part.won
    ]


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def approve_override(*, override_ref: str, seconds: float = SECONDS, by: str, at: datetime) -> str:
    """Award as another person asked, and return the award's ref.

    It is decided anew on bids, members and rules that must be the ones it was asked for.

    :raises NotFound: no such wish.
    :raises FourEyes: `by` asked for it.
    :raises IllegalMove: it is decided already, or the tender is not opened any more.
    :raises StaleWrite: tender, bids or members are not those it was asked for, or it would cost more than was told.
    """
    wish = _load(override_ref)
    if by == wish.asked_by:
        raise FourEyes(first=by, verb="approve", tender=wish.tender.ref)
    if wish.state != OverrideState.ASKED:
        raise IllegalMove(machine="override", state=wish.state, verb="approve")
    tender = to_be_awarded(wish.tender.ref)
    case = case_of(tender, at)
    if tender.revision != wish.asked_revision or case_sha256(case) != wish.case_sha256:
        raise StaleWrite(ref=wish.ref, revision=wish.revision)
    found = override(case, Wishes.read(wish.wishes, case), seconds)
    if _told(found, tender.currency)["cost_minor"] > wish.cost_minor:
        raise StaleWrite(ref=wish.ref, revision=wish.revision)
    with transaction.atomic():
        wish.move("approve", by=by, at=at, decided_by=by, decided_at=at)
        award_ref = keep_award(tender, found.parts, by=by, at=at, override=wish)
        _keep_proof(award_ref, found)
        _tell_excluded(award_ref, case, Wishes.read(wish.wishes, case))
    return award_ref


def _tell_excluded(award_ref: str, case: Case, wishes: Wishes) -> None:
    """Tell those whom the wish kept from winning why they lost."""
    award = models.Award.objects.get(ref=award_ref)
    excluded = [
        {"lot": lot.lot_ref, "supplier": supplier, "code": "overridden", "how": "never"}
        for lot in case.lots
        for supplier, _ in lot.offers
        if not wishes.allow(supplier, [lot.lot_ref])
    ]
    models.Award.objects.filter(pk=award.pk).update(rejected=award.rejected + excluded)


def _keep_proof(award_ref: str, found: Override) -> None:
    """Keep the award on all offers as a part of its own: whoever checks it sees how far from the best it is."""
    if found.proof is None:
        return
    models.AwardRound.objects.create(
        award=models.Award.objects.get(ref=award_ref),
        part=len(found.parts) + 1,
        round=1,
        problem=found.proof.problem.decode(),
        money_scale=found.proof.money_scale,
        problem_sha256=found.proof.decision["problem_sha256"],
        decision=found.proof.decision,
    )


@transaction.atomic
def refuse_override(*, override_ref: str, why: str = "", by: str, at: datetime) -> None:
    """Turn a wish down, or take back one's own; the tender waits for the engine's award.

    :raises NotFound: no such wish.
    :raises IllegalMove: it is decided already.
    """
    wish = _load(override_ref)
    decided = {} if by == wish.asked_by else {"decided_by": by}
    wish.move("refuse", by=by, at=at, why=why, decided_at=at, **decided)


def _load(ref: str) -> models.AwardOverride:
    wish = models.AwardOverride.objects.filter(ref=ref).select_related("tender").first()
    if wish is None:
        raise NotFound(what="override", ref=ref)
    return wish
