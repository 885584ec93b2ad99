"""A framework is offered to a supplier, who agrees or turns it down; staff suspend, resume and end it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from marketplace.catalogue import queries as catalogue
from marketplace.events import use_cases as events_
from marketplace.foundation.fields import scaled
from marketplace.kernel.money import Money, minor_digits
from marketplace.kernel.refusals import BadValue
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.contracts import events, models
from procurement.contracts.rules import PriceStep
from procurement.contracts.use_cases.loading import load_framework, tell

OFFERED = gettext_noop("The framework {framework} ({title}) is offered to you: agree to it, or turn it down.")
SUSPENDED = gettext_noop("The framework {framework} is suspended: nothing is called off until it is resumed. {why}")
RESUMED = gettext_noop("The framework {framework} may be called off again.")
ENDED = gettext_noop("The framework {framework} has been ended. {why}")


@dataclass(frozen=True)
class Terms:
    """What a framework says: steps by the quantity of one call-off, a period [starts_on, ends_on), the ceilings.

    unit_freight  per unit, on top of the step's price
    lead_days     days between a call-off and its delivery
    ceiling       quantity in the product's unit; ceiling_money: goods and freight before VAT; one of them is needed
    """

    steps: Sequence[PriceStep]
    currency: str
    starts_on: date
    ends_on: date
    unit_freight: Decimal = Decimal(0)
    lead_days: int = 30
    ceiling: Decimal | None = None
    ceiling_money: Money | None = None


@transaction.atomic
def offer_framework(*, supplier_ref: str, product_ref: str, title: str, terms: Terms, by: str, at: datetime) -> str:
    """Offer a framework to a supplier and return its ref; nothing can be called off before the supplier agrees.

    :raises NotFound: no such supplier or product.
    :raises BadValue: no ceiling, no steps, a period that does not run forward, or a number that cannot be one.
    """
    supplier = parties.organisation(supplier_ref)
    if "supplier" not in supplier.roles and "factory" not in supplier.roles:
        raise BadValue(place="supplier", value=supplier_ref, reason=gettext_noop("it is no supplier"))
    product = catalogue.product(product_ref)
    _check(terms)
    if not title.strip() or len(title) > 200:
        raise BadValue(place="title", value=title[:40], reason=gettext_noop("between 1 and 200 characters are needed"))
    framework = models.Framework.objects.create(
        ref=events_.next_ref("FW", at=at),
        supplier_id=supplier.id,
        product_id=product.id,
        title=title.strip(),
        unit=product.unit,
        currency=terms.currency,
        unit_freight=terms.unit_freight,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        lead_days=terms.lead_days,
        ceiling=terms.ceiling,
        ceiling_minor=None if terms.ceiling_money is None else terms.ceiling_money.minor,
        offered_by=by,
        offered_at=at,
    )
    models.FrameworkStep.objects.bulk_create(
        models.FrameworkStep(framework=framework, from_quantity=step.from_quantity, unit_price=step.unit_price)
        for step in terms.steps
    )
    tell([supplier_ref], OFFERED, {"framework": framework.ref, "title": framework.title}, about=framework.ref, at=at)
    return framework.ref


def _check(terms: Terms) -> None:
    try:
        minor_digits(terms.currency)
    except ValueError as error:
        raise BadValue(place="currency", value=terms.currency, reason=str(error)) from None
    if terms.ends_on <= terms.starts_on:
        raise BadValue(
            place="ends_on", value=terms.ends_on.isoformat(), reason=gettext_noop("it ends before it begins")
        )
    if terms.ceiling is None and terms.ceiling_money is None:
        raise BadValue(place="ceiling", value="", reason=gettext_noop("a quantity or an amount is needed"))
    if terms.ceiling_money is not None and terms.ceiling_money.currency != terms.currency:
        raise BadValue(place="ceiling_money", value=str(terms.ceiling_money), reason=gettext_noop("another currency"))
    if not 0 <= terms.lead_days <= 1_000:
        raise BadValue(place="lead_days", value=terms.lead_days, reason=gettext_noop("not within 0 to 1,000"))
    if not terms.steps or len(terms.steps) > 50:
        raise BadValue(place="steps", value=len(terms.steps), reason=gettext_noop("between 1 and 50 are needed"))
    starts = [step.from_quantity for step in terms.steps]
    if len(set(starts)) < len(starts):
        raise BadValue(place="steps", value=max(starts, key=starts.count), reason=gettext_noop("two steps begin there"))
    for step in terms.steps:
        _positive("steps.from_quantity", step.from_quantity)
        _positive("steps.unit_price", step.unit_price)
    _positive("ceiling", terms.ceiling)
    _positive("ceiling_money", None if terms.ceiling_money is None else terms.ceiling_money.amount)
    if terms.unit_freight:
        _positive("unit_freight", terms.unit_freight)


def _positive(place: str, value: Decimal | None) -> None:
    if value is None:
        return
    try:
        scaled(value)
    except ValueError as error:
        raise BadValue(place=place, value=value, reason=str(error)) from None
    if value <= 0:
        raise BadValue(place=place, value=value, reason=gettext_noop("must exceed 0"))


@transaction.atomic
def agree_framework(*, framework_ref: str, by: str, at: datetime) -> None:
    """The supplier binds itself to the framework's terms.

    :raises IllegalMove: it was answered before, or is ended.
    """
    framework = load_framework(framework_ref)
    framework.move("agree", by=by, at=at)
    agreed = events.FrameworkAgreed(framework_ref, framework.supplier.ref)
    events_.record(agreed, source_ref=framework_ref, at=at)


@transaction.atomic
def decline_framework(*, framework_ref: str, why: str, by: str, at: datetime) -> None:
    """The supplier turns the framework down, with a reason.

    :raises BadValue: no reason.
    :raises IllegalMove: it was answered before, or is ended.
    """
    _must_say(why)
    load_framework(framework_ref).move("decline", by=by, at=at, why=why, reason=why)


@transaction.atomic
def suspend_framework(*, framework_ref: str, why: str, by: str, at: datetime) -> None:
    """Refuse call-offs until it is resumed; orders that stand go on.

    :raises BadValue: no reason.
    :raises IllegalMove: it is not agreed.
    """
    _must_say(why)
    framework = load_framework(framework_ref)
    framework.move("suspend", by=by, at=at, why=why, reason=why)
    facts = {"framework": framework_ref, "why": why}
    tell([framework.supplier.ref], SUSPENDED, facts, about=framework_ref, at=at)


@transaction.atomic
def resume_framework(*, framework_ref: str, why: str = "", by: str, at: datetime) -> None:
    """Allow call-offs again.

    :raises IllegalMove: it is not suspended.
    """
    framework = load_framework(framework_ref)
    framework.move("resume", by=by, at=at, why=why, reason="")
    tell([framework.supplier.ref], RESUMED, {"framework": framework_ref}, about=framework_ref, at=at)


@transaction.atomic
def end_framework(*, framework_ref: str, why: str, by: str, at: datetime) -> None:
    """End the framework for good; orders that stand go on.

    :raises BadValue: no reason.
    :raises IllegalMove: it was ended or turned down before.
    """
    _must_say(why)
    framework = load_framework(framework_ref)
    framework.move("end", by=by, at=at, why=why, reason=why)
    tell([framework.supplier.ref], ENDED, {"framework": framework_ref, "why": why}, about=framework_ref, at=at)


def _must_say(why: str) -> None:
    if not why.strip():
        raise BadValue(place="why", value=why, reason=gettext_noop("a reason is needed"))
