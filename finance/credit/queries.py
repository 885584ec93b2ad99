"""Everything anyone may ask about credit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from finance.credit import models
from finance.credit.states import DrawdownState
from finance.engines.day_count import DayCount, accrued
from finance.ledger import queries as ledger
from finance.ledger.use_cases import Acct
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound
from marketplace.parties import queries as parties

OUTSTANDING = [DrawdownState.APPROVED.value, DrawdownState.FUNDED.value, DrawdownState.DISBURSED.value]


@dataclass(frozen=True)
class DrawdownView:
    """A drawdown as other apps see it; `source_ref` names the invoice whose claim it finances."""

    ref: str
    state: str
    facility_ref: str
    financier_ref: str
    supplier_ref: str
    source_ref: str
    face: Money
    discount: Money
    advance: Money
    accrued: Money
    funded_on: date
    matures_on: date


@dataclass(frozen=True)
class Exposure:
    """What a facility has outstanding, and to what it adds up."""

    facility_ref: str
    financier_ref: str
    product: str
    state: str
    rate_percent: Decimal
    limit: Money
    used: Money
    left: Money
    requested: Money
    drawdowns: int
    earned: Money


def facilities_for(actor: Actor) -> QuerySet[models.Facility]:
    """Return the facilities that the actor's organisation gives or that stand on its undertakings; staff see all."""
    rows = models.Facility.objects.select_related("financier", "obligor")
    if actor.staff:
        return rows
    own = _own(actor)
    return rows.filter(Q(financier_id__in=own) | Q(obligor_id__in=own))


def receivables_for(actor: Actor) -> QuerySet[models.Receivable]:
    """Return the claims that the actor's organisation may have financed; staff see all."""
    rows = models.Receivable.objects.all()
    return rows if actor.staff else rows.filter(creditor_id__in=_own(actor))


def drawdowns_for(actor: Actor) -> QuerySet[models.Drawdown]:
    """Return the drawdowns that the actor's organisation asked for or finances; staff see all."""
    rows = models.Drawdown.objects.select_related("facility__financier", "receivable__creditor")
    if actor.staff:
        return rows
    own = _own(actor)
    return rows.filter(Q(receivable__creditor_id__in=own) | Q(facility__financier_id__in=own))


def requests_to_fund(actor: Actor) -> QuerySet[models.Drawdown]:
    """Return the drawdowns that wait for the actor's organisation as financier, oldest first; staff see all."""
    waiting = models.Drawdown.objects.select_related("facility__financier", "receivable__creditor").filter(
        state=DrawdownState.REQUESTED.value
    )
    mine = waiting if actor.staff else waiting.filter(facility__financier_id__in=_own(actor))
    return mine.order_by("id")


def requested() -> list[str]:
    """Return the refs of all drawdowns that wait for a financier's word, oldest first."""
    waiting = models.Drawdown.objects.filter(state=DrawdownState.REQUESTED.value)
    return list(waiting.order_by("id").values_list("ref", flat=True))


def exposure_for(actor: Actor) -> list[Exposure]:
    """Return the use of each facility that the actor may see, oldest facility first."""
    facilities = list(facilities_for(actor).order_by("id"))
    refs = parties.refs_by_id([facility.financier_id for facility in facilities])
    sums = (
        models.Drawdown.objects.filter(facility__in=facilities)
        .values("facility_id")
        .annotate(
            asked=Sum("face_minor", filter=Q(state=DrawdownState.REQUESTED.value)),
            count=Count("id", filter=Q(state__in=OUTSTANDING)),
            earned=Sum("accrued_minor"),
        )
    )
    by_id = {row["facility_id"]: row for row in sums}
    return [_exposure(facility, refs[facility.financier_id], by_id.get(facility.pk, {})) for facility in facilities]


def _exposure(facility: models.Facility, financier_ref: str, sums: Mapping[str, Any]) -> Exposure:
    def money(minor: int | None) -> Money:
        return Money.from_minor(minor or 0, facility.currency)

    return Exposure(
        facility.ref,
        financier_ref,
        facility.product,
        facility.state,
        facility.rate_percent,
        money(facility.limit_minor),
        money(facility.used_minor),
        money(facility.limit_minor - facility.used_minor),
        money(sums.get("asked")),
        sums.get("count", 0),
        money(sums.get("earned")),
    )


def drawdown(ref: str) -> DrawdownView:
    """Return the drawdown named `ref`.

    :raises NotFound: there is none.
    """
    found = drawdowns([ref])
    if not found:
        raise NotFound(what="drawdown", ref=ref)
    return found[0]


def drawdowns(refs: Collection[str]) -> list[DrawdownView]:
    """Return those of the named drawdowns that exist, oldest first."""
    rows = list(
        models.Drawdown.objects.select_related("facility", "receivable").filter(ref__in=list(refs)).order_by("id")
    )
    names = parties.refs_by_id([id for row in rows for id in (row.facility.financier_id, row.receivable.creditor_id)])
    return [_view(row, names) for row in rows]


def _view(row: models.Drawdown, names: dict[int, str]) -> DrawdownView:
    def money(minor: int) -> Money:
        return Money.from_minor(minor, row.currency)

    return DrawdownView(
        row.ref,
        row.state,
        row.facility.ref,
        names[row.facility.financier_id],
        names[row.receivable.creditor_id],
        row.receivable.source_ref,
        money(row.face_minor),
        money(row.discount_minor),
        money(row.advance_minor),
        money(row.accrued_minor),
        row.funded_on,
        row.matures_on,
    )


def to_accrue(day: date) -> list[str]:
    """Return the drawdowns that earn on `day` and for which that day is not booked yet, oldest first."""
    earning = models.Drawdown.objects.filter(state__in=OUTSTANDING, funded_on__lte=day)
    behind = Q(accrued_until__isnull=True) | Q(accrued_until__lte=day, accrued_until__lt=F("matures_on"))
    return list(earning.filter(behind).order_by("id").values_list("ref", flat=True))


def _own(actor: Actor) -> list[int]:
    return list(parties.ids_by_ref([actor.organisation]).values()) if actor.organisation else []


def verify() -> list[str]:
    """Return what is wrong with credit, beside what the tables' own constraints forbid."""
    return [*_limits(), *_accruals(), *_books()]


def _limits() -> list[str]:
    """The used limit is the face outstanding, and so is the memo account beneath it."""
    outstanding = Sum("face_minor", filter=Q(state__in=OUTSTANDING))
    sums = dict(models.Drawdown.objects.values_list("facility_id").annotate(sum=outstanding))
    found = []
    for facility in models.Facility.objects.order_by("id"):
        face = sums.get(facility.pk) or 0
        memo = ledger.balance(Acct("memo_limit_reserved", facility.ref, facility.currency)).minor
        if not facility.used_minor == face == memo:
            found.append(f"{facility.ref}: used {facility.used_minor}, outstanding {face}, reserved {memo}")
    return found


def _accruals() -> list[str]:
    """What is accrued is the rounded sum since funding; a repaid drawdown earned its whole discount."""
    found = []
    booked = dict(models.Accrual.objects.values_list("drawdown_id").annotate(sum=Sum("amount_minor")))
    rows = models.Drawdown.objects.select_related("facility").exclude(state=DrawdownState.REQUESTED.value)
    for row in rows.exclude(state__in=models.Drawdown.DEAD).order_by("id"):
        face = Money.from_minor(row.face_minor, row.currency)
        until, convention = row.accrued_until or row.funded_on, DayCount(row.facility.day_count)
        due = accrued(face, row.facility.rate_percent, row.funded_on, until, convention).minor
        if not row.accrued_minor == due == booked.get(row.pk, 0):
            found.append(f"{row.ref}: accrued {row.accrued_minor}, due {due}, booked {booked.get(row.pk, 0)}")
        if row.state == DrawdownState.REPAID and row.accrued_minor != row.discount_minor:
            found.append(f"{row.ref}: repaid, earned {row.accrued_minor} of {row.discount_minor}")
    return found


def _books() -> list[str]:
    """Each financier's own book shows its claims at face, the discount not yet earned, and the income."""
    rows = models.Drawdown.objects.exclude(state=DrawdownState.REQUESTED.value).exclude(state__in=models.Drawdown.DEAD)
    sums = rows.values("facility__financier_id", "currency").annotate(
        face=Sum("face_minor", filter=Q(state__in=OUTSTANDING)),
        discount=Sum("discount_minor"),
        earned=Sum("accrued_minor"),
        owed=Sum("advance_minor", filter=Q(state=DrawdownState.APPROVED.value)),
    )
    expected: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in sums:
        book = parties.ref_of(row["facility__financier_id"])
        expected[book, row["currency"]] = {
            "purchased_receivable": row["face"] or 0,
            "unearned_discount": row["discount"] - row["earned"],
            "interest_income": row["earned"],
            "due_from_platform": -(row["owed"] or 0),
        }
    return [
        f"book of {book}: {kind} is {stands.minor}, should be {minor}"
        for (book, currency), kinds in expected.items()
        for kind, minor in kinds.items()
        if (stands := ledger.balance(Acct(kind, "", currency, book))).minor != minor
    ]
