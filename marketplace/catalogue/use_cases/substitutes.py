"""One product may be replaced by another: proposed, reviewed by somebody else, withdrawn."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from marketplace.catalogue import events, models
from marketplace.catalogue.rules import plain
from marketplace.catalogue.states import WAITING, SubstituteState
from marketplace.catalogue.use_cases.governed import (
    NothingChanges,
    differences,
    enter_proposal,
    keep_version,
    must_tell,
    next_versions,
)
from marketplace.catalogue.use_cases.loading import in_use, load_product
from marketplace.engines.units import UNITS
from marketplace.events.use_cases import next_ref, record
from marketplace.foundation.fields import scaled
from marketplace.kernel.refusals import BadValue, NotFound, StaleWrite
from marketplace.kernel.words import gettext_noop


@transaction.atomic
def propose_substitute(
    *,
    product_ref: str,
    replacement_ref: str,
    ratio: Decimal | None = None,
    conditions: str = "",
    draft: bool = False,
    proposal_ref: str = "",
    by: str,
    at: datetime,
    why: str,
) -> str:
    """Propose that a product may be replaced by another, or other terms for two that may; return the proposal's ref.

    ratio        how many base units of the replacement stand for one of the product, > 0; None: one for one, or as the
                 two units convert
    conditions   under which it may, in words
    draft        whether it is not to be reviewed yet
    proposal_ref the draft that this takes the place of, if any

    :raises NotFound: one of the products is not there.
    :raises NotInUse: one of them is not traded.
    :raises BadValue: the two are one, or the ratio cannot be or has to be told.
    :raises NothingChanges: it is agreed so already.
    """
    product, other = in_use(load_product(product_ref)), in_use(load_product(replacement_ref))
    if product.pk == other.pk:
        raise BadValue(place="replacement_ref", value=replacement_ref, reason=gettext_noop("it is the same product"))
    content = {"ratio": plain(_checked(ratio, product, other)), "conditions": conditions.strip()}
    row = _between(product, other, at)
    if row.state == SubstituteState.REVIEWED.value and not differences(terms(row), {**content, "state": row.state}):
        raise NothingChanges(subject=row.ref)
    return enter_proposal(row, content, draft=draft, revises=proposal_ref, by=by, at=at, why=why)


@transaction.atomic
def withdraw_substitute(*, substitute_ref: str, by: str, at: datetime, why: str) -> None:
    """End an agreement: from now on the product is not to be replaced so. What was replaced stands.

    One that nobody has reviewed yet ends with the proposals that wait for it.

    :raises NotFound: there is no such agreement.
    :raises IllegalMove: it was ended before.
    :raises BadValue: no reason is given.
    """
    must_tell(why)
    row = models.Substitute.objects.filter(ref=substitute_ref).first()
    if row is None:
        raise NotFound(what="substitute", ref=substitute_ref)
    if row.state == SubstituteState.PROPOSED.value:
        row.move("withdraw", by=by, at=at, why=why)
        for proposal in models.Proposal.objects.filter(substitute=row, state__in=WAITING):
            proposal.move("withdraw", by=by, at=at, why=why, decided_by=by, decided_at=at)
        return
    number = row.version + 1
    row.move("withdraw", by=by, at=at, why=why, version=number)
    changes = {"state": [SubstituteState.REVIEWED.value, SubstituteState.WITHDRAWN.value]}
    content = {**terms(row), "state": row.state}
    keep_version(row, content, changes, number=number, proposed_by=by, reviewed_by="", at=at, why=why).save()
    record(events.SubstituteWithdrawn(row.ref), source_ref=row.ref, at=at)


def publish_substitute(proposal: models.Proposal, row: models.Substitute, *, by: str, at: datetime) -> None:
    """Let a reviewed proposal be what is agreed between two products.

    :raises NotInUse: one of the products is not traded any more.
    :raises StaleWrite: somebody moved the agreement meanwhile.
    """
    product, other = in_use(row.product), in_use(row.replacement)
    content, number = proposal.content, row.version + 1
    before = terms(row) if row.version else {}
    verb = "amend" if row.state == SubstituteState.REVIEWED.value else "review"
    new = {"ratio": Decimal(content["ratio"]), "conditions": content["conditions"], "version": number}
    row.move(verb, by=by, at=at, why=proposal.why, **new)
    after = {**content, "state": row.state}
    models.Version.objects.bulk_create(
        next_versions(row, before, after, number=number, proposal=proposal, by=by, at=at)
    )
    record(events.SubstituteAgreed(row.ref, product.ref, other.ref, content["ratio"]), source_ref=row.ref, at=at)


def terms(row: models.Substitute) -> dict[str, Any]:
    """Return what is agreed, as JSON keeps it."""
    return {"ratio": plain(row.ratio), "conditions": row.conditions, "state": row.state}


def _between(product: models.Product, other: models.Product, at: datetime) -> models.Substitute:
    found = models.Substitute.objects.filter(product=product, replacement=other).first()
    if found is not None:
        return found
    state = SubstituteState.PROPOSED.value
    row = models.Substitute(ref=next_ref("SB", at=at), state=state, product=product, replacement=other)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise StaleWrite(ref=product.ref, revision=product.revision) from None
    return row


def _checked(ratio: Decimal | None, product: models.Product, other: models.Product) -> Decimal:
    if ratio is None:
        return _by_units(product.unit, other.unit)
    try:
        possible = scaled(ratio) > 0
    except ValueError:
        possible = False
    if not possible:
        raise BadValue(place="ratio", value=str(ratio), reason=gettext_noop("above zero, six places at most"))
    return ratio


def _by_units(unit: str, other: str) -> Decimal:
    exactly = units_ratio(unit, other)
    if exactly is None:
        raise BadValue(place="ratio", value=f"{unit} - {other}", reason=gettext_noop("two units need a ratio"))
    return exactly


def units_ratio(unit: str, other: str) -> Decimal | None:
    """Return how many of `other` one `unit` is, where six places can hold it exactly and it is above zero."""
    one, two = UNITS[unit], UNITS[other]
    if one.kind != two.kind:
        return None
    exactly = one.factor / two.factor
    millionths = exactly * 10**6
    whole = millionths.denominator == 1
    return Decimal(millionths.numerator).scaleb(-6).normalize() if whole else None
