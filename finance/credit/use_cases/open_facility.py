"""A financier sets a limit, and may stop taking new drawdowns under it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from finance.credit import events, models, rules
from finance.credit.rules import BadFacility
from marketplace.events import use_cases as events_
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties


class StillUsed(Refusal):
    """A facility with drawdowns outstanding cannot be closed."""

    code = "facility_still_used"
    words = gettext_noop("{facility} has {used} outstanding.")


@transaction.atomic
def open_facility(
    *,
    financier_ref: str,
    obligor_ref: str = parties.PLATFORM,
    product: str = "payables_finance",
    limit: Money,
    rate_percent: Decimal,
    day_count: str = "ACT/360",
    tenor_days: int = 180,
    by: str,
    at: datetime,
) -> str:
    """Open a facility on an obligor's undertakings and return its ref.

    limit          the most that may be outstanding at face, with what is reserved
    rate_percent   per year, 0 to 36
    day_count      ACT/360, ACT/365F or 30E/360
    tenor_days     the longest a claim may have left to run, 1 to 366

    :raises NotFound: there is no such financier or obligor.
    :raises BadFacility: terms that no facility can have, or the organisation is no verified financier.
    """
    rules.must_be_terms(product, limit, rate_percent, day_count, tenor_days)
    financier, obligor = parties.organisation(financier_ref), parties.organisation(obligor_ref)
    if "financier" not in financier.roles or not financier.verified:
        raise BadFacility(why=f"{financier_ref} is no verified financier")
    facility = models.Facility.objects.create(
        ref=events_.next_ref("FC", at=at),
        financier_id=financier.id,
        obligor_id=obligor.id,
        product=product,
        currency=limit.currency,
        limit_minor=limit.minor,
        rate_percent=rate_percent,
        day_count=day_count,
        tenor_days=tenor_days,
        opened_by=by,
        opened_at=at,
    )
    opened = events.FacilityOpened(facility.ref, financier_ref, limit.minor, limit.currency)
    events_.record(opened, source_ref=facility.ref, at=at)
    return facility.ref


def the_facility(ref: str) -> models.Facility:
    """Return the facility named `ref`.

    :raises NotFound: there is none.
    """
    found = models.Facility.objects.filter(ref=ref).first()
    if found is None:
        raise NotFound(what="facility", ref=ref)
    return found


@transaction.atomic
def suspend_facility(*, facility_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Take no new drawdowns under a facility until it is resumed; what is outstanding stays."""
    the_facility(facility_ref).move("suspend", by=by, at=at, why=why)


@transaction.atomic
def resume_facility(*, facility_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Take drawdowns again."""
    the_facility(facility_ref).move("resume", by=by, at=at, why=why)


@transaction.atomic
def close_facility(*, facility_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Close a facility for good.

    :raises StillUsed: something is outstanding or reserved under it.
    """
    facility = the_facility(facility_ref)
    facility.move("close", by=by, at=at, why=why)
    if facility.used_minor:
        used = Money.from_minor(facility.used_minor, facility.currency)
        raise StillUsed(facility=facility_ref, used=str(used))
