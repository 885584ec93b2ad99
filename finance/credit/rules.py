"""What an early payment costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finance.engines.day_count import DayCount, accrued
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop

PRODUCTS = ["payables_finance"]
DAY_COUNTS = [convention.value for convention in DayCount]
PLACES = 6


class BadFacility(Refusal):
    """Terms that no facility can have."""

    code = "bad_facility"
    status = 400
    words = gettext_noop("These are no terms of a facility: {why}.")


class TermTooLong(Refusal):
    """The claim matures later than the facility finances, or has matured."""

    code = "term_too_long"
    words = gettext_noop("{facility} finances 1 to {tenor_days} days; this claim has {days} left.")


@dataclass(frozen=True)
class Terms:
    """A claim's face, the discount for being paid early, and what is advanced; face = discount + advance."""

    face: Money
    discount: Money
    advance: Money


def quote(face: Money, rate_percent: Decimal, convention: str, funded_on: date, matures_on: date) -> Terms:
    """Return what the supplier gets for `face` on `funded_on` instead of on `matures_on`.

    D = F * rate / 100 * day count fraction, rounded half up once; A = F - D.
    """
    discount = accrued(face, rate_percent, funded_on, matures_on, DayCount(convention))
    return Terms(face, discount, face - discount)


def must_be_terms(product: str, limit: Money, rate_percent: Decimal, day_count: str, tenor_days: int) -> None:
    """Pass when a facility can have these terms.

    :raises BadFacility: it cannot.
    """
    exponent = rate_percent.normalize().as_tuple().exponent
    if product not in PRODUCTS:
        raise BadFacility(why=f"the product {product}")
    if limit.minor <= 0:
        raise BadFacility(why=f"a limit of {limit}")
    if not isinstance(exponent, int) or exponent < -PLACES or not 0 <= rate_percent <= 36:
        raise BadFacility(why=f"a rate of {rate_percent} %")
    if day_count not in DAY_COUNTS:
        raise BadFacility(why=f"the day count {day_count}")
    if not 1 <= tenor_days <= 366:
        raise BadFacility(why=f"a tenor of {tenor_days} days")


def must_fit(facility_ref: str, tenor_days: int, funded_on: date, matures_on: date) -> None:
    """Pass when the claim's remaining days lie within the tenor.

    :raises TermTooLong: they do not.
    """
    days = (matures_on - funded_on).days
    if not 1 <= days <= tenor_days:
        raise TermTooLong(facility=facility_ref, tenor_days=tenor_days, days=days)
