"""A request is opened, filled with lines and handed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from marketplace.catalogue import queries as catalogue
from marketplace.engines.units import parse_unit
from marketplace.events.use_cases import next_ref, record
from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import BadValue, Refusal
from marketplace.kernel.regions import region_name
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.demand import events, models, rules
from procurement.demand.states import RequestState
from procurement.demand.use_cases.loading import load, load_line, must_be, touch
from procurement.demand.use_cases.matching.naming import NAMEABLE, name_line
from procurement.demand.use_cases.matching.review import remember_line, supersede_rest
from procurement.engines.wants import Level


class NotABuyer(Refusal):
    """Only a verified buyer may ask for goods."""

    code = "not_a_buyer"
    words = gettext_noop("{organisation} is no verified buyer.")


class NothingAsked(Refusal):
    """A request without lines asks for nothing."""

    code = "nothing_asked"
    words = gettext_noop("{ref} has no lines yet.")


def verified_buyer(ref: str) -> parties.OrganisationView:
    """Return the organisation when it may buy.

    :raises NotFound: there is none.
    :raises NotABuyer: it is no verified buyer.
    """
    buyer = parties.organisation(ref)
    if not (buyer.verified and "buyer" in buyer.roles):
        raise NotABuyer(organisation=ref)
    return buyer


@transaction.atomic
def open_request(
    *,
    buyer_ref: str,
    currency: str = "CNY",
    site_ref: str | None = None,
    note: str = "",
    external_ref: str = "",
    by: str,
    at: datetime,
) -> str:
    """Open an empty draft for a buyer and return its ref.

    :raises NotFound: no such organisation, or the site is not its own.
    :raises NotABuyer: the organisation is no verified buyer.
    :raises BadValue: the currency is none.
    """
    buyer = verified_buyer(buyer_ref)
    refuse_fault("currency", currency, rules.currency_fault(currency))
    request = models.PurchaseRequest.objects.create(
        ref=next_ref("RQ", at=at),
        state=RequestState.DRAFT.value,
        buyer_id=buyer.id,
        site_id=parties.site_id(site_ref, buyer_ref) if site_ref else None,
        currency=currency,
        requested_by=by,
        opened_at=at,
        note=note,
        external_ref=external_ref,
    )
    return request.ref


@transaction.atomic
def add_line(
    *,
    request_ref: str,
    quantity: Decimal | None = None,
    unit: str,
    needed_from: date,
    needed_to: date,
    product_ref: str | None = None,
    text: str = "",
    region: str = "",
    tolerance: Decimal = Decimal(0),
    ceiling: Rate | None = None,
    curve: Sequence[Level] = (),
    substitutes_allowed: bool = False,
    by: str,
    at: datetime,
) -> int:
    """Add a want to a draft and return its position, from 1.

    text       what is wanted, in words, where no product is named
    unit       as people write it; with a product, the product's own base unit
    region     where it is needed; else the buyer's region
    tolerance  how much more would be taken to complete a pack
    ceiling    the most a unit may cost, in the request's currency
    curve      instead of quantity and ceiling: how much is wanted in all at each price, dearest first
    substitutes_allowed  whether an agreed substitute will do

    :raises NotFound: no such request or product.
    :raises IllegalMove: the request is no draft any more.
    :raises BadValue: a quantity, unit, period or price that cannot be; the facts name it.
    """
    request = load(request_ref)
    must_be(request, RequestState.DRAFT.value, verb="add_line")
    if curve:
        refuse_fault("curve", rules.curve_of(curve), rules.curve_faults(curve))
        refuse_fault("curve", quantity, _beside_curve(quantity, ceiling, curve))
        quantity, ceiling = curve[-1].quantity, Rate(curve[0].price, request.currency)
    if quantity is None:
        raise BadValue(place="quantity", value="", reason=gettext_noop("a quantity or a demand curve is needed"))
    refuse_fault("quantity", quantity, rules.quantity_fault(quantity, tolerance))
    refuse_fault("needed_to", needed_to, rules.period_fault(needed_from, needed_to))
    _check_ceiling(ceiling, request.currency)
    product_id, code = _thing(product_ref, text, unit)
    touch(request)
    last = models.RequestLine.objects.filter(request=request).aggregate(last=Max("position"))["last"] or 0
    models.RequestLine.objects.create(
        request=request,
        position=last + 1,
        product_id=product_id,
        text=text.strip()[: rules.LONGEST["text"]],
        quantity=quantity,
        tolerance=tolerance,
        unit=code,
        needed_from=needed_from,
        needed_to=needed_to,
        region=region_name(region) or parties.organisation(parties.ref_of(request.buyer_id)).region,
        ceiling=ceiling.amount if ceiling else None,
        curve=rules.curve_of(curve) if curve else "",
        substitutes_allowed=substitutes_allowed,
        currency=request.currency,
        entered_at=at,
    )
    return last + 1


def _beside_curve(quantity: Decimal | None, ceiling: Rate | None, curve: Sequence[Level]) -> str:
    """Return what is wrong with a quantity or a ceiling that is given beside a curve."""
    if quantity is not None and quantity != curve[-1].quantity:
        return gettext_noop("differs from what the cheapest level of the demand curve wants")
    if ceiling is not None and ceiling.amount != curve[0].price:
        return gettext_noop("has a ceiling that is not the dearest price of its demand curve")
    return ""


def _thing(product_ref: str | None, text: str, unit: str) -> tuple[int | None, str]:
    """Return the product's row id, if a product is named, and the unit's code."""
    code = parse_unit(unit)
    if product_ref is None:
        refuse_fault("product", "", "" if text.strip() else gettext_noop("a product or a description is needed"))
        return None, code
    product = catalogue.product(product_ref)
    refuse_fault("unit", unit, "" if code == product.unit else f"{product.code}: {product.unit}")
    return product.id, code


def _check_ceiling(ceiling: Rate | None, currency: str) -> None:
    if ceiling is None:
        return
    refuse_fault("ceiling", ceiling.amount, rules.price_fault(ceiling.amount, least=rules.PLACES))
    if ceiling.currency != currency:
        raise BadValue(place="ceiling", value=ceiling.currency, reason=currency)


def refuse_fault(place: str, value: object, fault: str) -> None:
    """Pass when there is no fault.

    :raises BadValue: there is one.
    """
    if fault:
        raise BadValue(place=place, value=str(value), reason=fault)


@transaction.atomic
def submit_request(*, request_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Hand a draft in for approval.

    :raises NothingAsked: it has no lines.
    """
    request = load(request_ref)
    if not models.RequestLine.objects.filter(request=request).exists():
        raise NothingAsked(ref=request_ref)
    request.move("submit", by=by, at=at, why=why)
    buyer = parties.ref_of(request.buyer_id)
    record(events.RequestSubmitted(request_ref, buyer), source_ref=request_ref, at=at)


@transaction.atomic
def send_back_request(*, request_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Give a submitted request back to its requester as a draft."""
    load(request_ref).move("send_back", by=by, at=at, why=why)


@transaction.atomic
def name_product(*, request_ref: str, position: int, product_ref: str, by: str, at: datetime) -> None:
    """Say which product a line described in words means; it is counted in the product's unit, and remembered.

    :raises NotFound: no such request, line or product.
    :raises BadValue: the line cannot be counted exactly in the product's unit.
    :raises StaleWrite: the line has a product, or somebody changed it meanwhile.
    """
    request = load(request_ref)
    must_be(request, *NAMEABLE, verb="name_product")
    product = catalogue.product(product_ref)
    line = load_line(request, position)
    touch(request)
    name_line(line, product, by=by, at=at)
    line.request = request
    supersede_rest(line.pk, by=by, at=at)
    remember_line(line, product.id, by=by, at=at)
