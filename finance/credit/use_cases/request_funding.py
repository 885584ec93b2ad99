"""A supplier asks to be paid early."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from finance.credit import events, models, rules
from finance.credit.states import FacilityState, ReceivableState
from finance.credit.use_cases.open_facility import the_facility
from marketplace.events import use_cases as events_
from marketplace.kernel.clock import business_date
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties


class NotFinanceable(Refusal):
    """The claim cannot be financed: its debtor has not undertaken to pay it, or pays it now."""

    code = "not_financeable"
    words = gettext_noop("{invoice} cannot be financed: it is {state}.")


class FinancedBefore(Refusal):
    """The claim was offered before; one claim is financed once."""

    code = "financed_before"
    words = gettext_noop("{invoice} is offered or financed already.")


class NoFunder(Refusal):
    """No open facility could take the claim."""

    code = "no_funder"
    words = gettext_noop("No facility takes {invoice}: {face}, {days} days.")


@transaction.atomic
def request_funding(*, supplier_invoice_ref: str, facility_ref: str | None = None, by: str, at: datetime) -> str:
    """Offer an approved claim to a facility and return the drawdown's ref; unless one is named, to the cheapest.

    The terms shown are those of today; approval settles them for the day of funding.

    :raises NotFinanceable: the invoice is not approved, or is being paid.
    :raises FinancedBefore: it was offered before.
    :raises NoFunder: none is open with room, currency and tenor for it.
    :raises NotFound: there is no such facility.
    :raises TermTooLong: the named facility does not finance so many days.
    """
    receivable = _offered(supplier_invoice_ref, by, at)
    today = business_date(at)
    facility = the_facility(facility_ref) if facility_ref else _cheapest(receivable, today)
    _must_take(facility, receivable, today)
    face = Money.from_minor(receivable.face_minor, receivable.currency)
    terms = rules.quote(face, facility.rate_percent, facility.day_count, today, receivable.due_on)
    drawdown = models.Drawdown(
        ref=events_.next_ref("DD", at=at),
        facility=facility,
        receivable=receivable,
        currency=receivable.currency,
        face_minor=terms.face.minor,
        discount_minor=terms.discount.minor,
        advance_minor=terms.advance.minor,
        funded_on=today,
        matures_on=receivable.due_on,
        requested_by=by,
        requested_at=at,
    )
    try:
        with transaction.atomic():
            drawdown.save(force_insert=True)
    except IntegrityError:
        raise FinancedBefore(invoice=supplier_invoice_ref) from None
    _tell(drawdown, supplier_invoice_ref, at)
    return drawdown.ref


def _tell(drawdown: models.Drawdown, source_ref: str, at: datetime) -> None:
    refs = parties.refs_by_id([drawdown.facility.financier_id, drawdown.receivable.creditor_id])
    requested = events.FundingRequested(
        drawdown.ref,
        drawdown.facility.ref,
        refs[drawdown.facility.financier_id],
        refs[drawdown.receivable.creditor_id],
        source_ref,
        drawdown.face_minor,
        drawdown.currency,
    )
    events_.record(requested, source_ref=drawdown.ref, at=at)


def _offered(source_ref: str, by: str, at: datetime) -> models.Receivable:
    receivable = models.Receivable.objects.filter(source_ref=source_ref).first()
    if receivable is None:
        raise NotFinanceable(invoice=source_ref, state="not approved")
    if receivable.state in {ReceivableState.OFFERED, ReceivableState.FUNDED, ReceivableState.SETTLED}:
        raise FinancedBefore(invoice=source_ref)
    if receivable.state != ReceivableState.ELIGIBLE:
        raise NotFinanceable(invoice=source_ref, state=receivable.state)
    receivable.move("offer", by=by, at=at)
    return receivable


def _cheapest(receivable: models.Receivable, today: date) -> models.Facility:
    """Return the open facility with room for the claim that asks least, the older one where two ask the same."""
    days = (receivable.due_on - today).days
    able = models.Facility.objects.filter(
        state=FacilityState.OPEN.value,
        obligor_id=receivable.debtor_id,
        currency=receivable.currency,
        tenor_days__gte=days,
        used_minor__lte=F("limit_minor") - receivable.face_minor,
    )
    best = able.order_by("rate_percent", "pk").first()
    if best is None or days < 1:
        face = Money.from_minor(receivable.face_minor, receivable.currency)
        raise NoFunder(invoice=receivable.source_ref, face=str(face), days=days)
    return best


def _must_take(facility: models.Facility, receivable: models.Receivable, today: date) -> None:
    fits = (facility.currency, facility.obligor_id) == (receivable.currency, receivable.debtor_id)
    if not fits or facility.state != FacilityState.OPEN:
        face = Money.from_minor(receivable.face_minor, receivable.currency)
        raise NoFunder(invoice=receivable.source_ref, face=str(face), days=(receivable.due_on - today).days)
    rules.must_fit(facility.ref, facility.tenor_days, today, receivable.due_on)


def the_drawdown(ref: str) -> models.Drawdown:
    """Return the drawdown named `ref` with its facility and receivable.

    :raises NotFound: there is none.
    """
    found = models.Drawdown.objects.select_related("facility", "receivable").filter(ref=ref).first()
    if found is None:
        raise NotFound(what="drawdown", ref=ref)
    return found


@transaction.atomic
def withdraw_request(*, drawdown_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Take a request back before it is approved; the claim may be offered again.

    :raises NotFound: there is no such drawdown.
    :raises IllegalMove: it was decided already.
    """
    drawdown = the_drawdown(drawdown_ref)
    drawdown.move("withdraw", by=by, at=at, why=why)
    if drawdown.receivable.state == ReceivableState.OFFERED:
        drawdown.receivable.move("take_back", by=by, at=at)
