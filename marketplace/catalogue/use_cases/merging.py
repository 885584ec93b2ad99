"""Two products that are one are merged, nothing is lost, and it can be undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from marketplace.catalogue import events, models, rules
from marketplace.catalogue.queries.definitions import definitions_of
from marketplace.catalogue.states import ProductState, SubstituteState
from marketplace.catalogue.use_cases.checks import hold_branches
from marketplace.catalogue.use_cases.governed import must_tell
from marketplace.catalogue.use_cases.loading import in_use, load_row
from marketplace.catalogue.use_cases.substitutes import units_ratio
from marketplace.events.use_cases import record
from marketplace.foundation.fields import scaled
from marketplace.kernel.refusals import IllegalMove, Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop


class MergeCircle(Refusal):
    """The product to keep is the one to merge, or was merged into it."""

    code = "merge_circle"
    words = gettext_noop("{kept} and {merged} are one product already.")


class NoExactConversion(Refusal):
    """Nothing leads from one product's base unit to the other's without a rest."""

    code = "no_exact_conversion"
    words = gettext_noop("{merged} is counted in {unit} and {kept} in {to}, and there is no exact conversion of {of}.")


class OddAttributes(Refusal):
    """Two products differ in what must match."""

    code = "odd_attributes"
    words = gettext_noop("{kept} and {merged} differ in what must match: {wrong}. Say that they are one all the same.")


@transaction.atomic
def merge_products(
    *,
    keep_ref: str,
    merge_ref: str,
    ratio: Decimal | None = None,
    all_the_same: bool = False,
    by: str,
    at: datetime,
    why: str,
) -> None:
    """Let one product answer for another from now on; the other keeps its row, its names, its versions and its prices.

    Whatever asks for the merged product by ref, code or identifier finds the kept one; what refers to its row stays as
    it is (`queries.kept`). What was merged into it before follows.

    ratio          how many base units of the kept product one of the merged is; None: as the two units convert
    all_the_same   whether they are one although they differ in what must match; `why` says how that can be

    :raises NotFound: one of them is not there.
    :raises IllegalMove, NotInUse: one of them is not traded.
    :raises MergeCircle: they are one already.
    :raises NoExactConversion: their units, or prices published in them, do not convert exactly.
    :raises OddAttributes: they differ in what must match.
    :raises BadValue: no reason is given.
    :raises StaleWrite: somebody moved one of them meanwhile.
    """
    must_tell(why)
    kept, merged = load_row(keep_ref), load_row(merge_ref)
    if merged.pk in (kept.pk, kept.merged_into_id) or merged.merged_into_id == kept.pk:
        raise MergeCircle(kept=keep_ref, merged=merge_ref)
    in_use(kept)
    merged.machine.after(merged.state, "merge")
    exactly = _ratio(kept, merged, ratio)
    odd = _odds(kept, merged)
    if odd and not all_the_same:
        wrong = "; ".join(f"{name}: {mine} - {theirs}" for name, (mine, theirs) in odd.items())
        raise OddAttributes(kept=keep_ref, merged=merge_ref, wrong=wrong)
    family = _following(kept, merged, exactly)
    first, second = sorted((kept, merged), key=lambda row: row.pk)
    for row in (first, second):
        changes: dict[str, Any] = {"merged_into": kept, "merge_ratio": exactly} if row is merged else {}
        row.move("merge" if row is merged else "absorb", by=by, at=at, why=why, **changes)
    _point(family, kept)
    step = {"ratio": exactly, "odds": odd, "by": by, "at": at, "why": why}
    models.MergeStep.objects.create(merged=merged, kept=kept, verb="merge", **step)
    record(events.ProductsMerged(kept.ref, merged.ref), source_ref=merged.ref, at=at)


@transaction.atomic
def split_product(*, product_ref: str, by: str, at: datetime, why: str) -> None:
    """Undo a merge: the product answers for itself again, and for what was merged into it.

    It is traded again at once, unless its category has other definitions by now; then it is a draft to be amended and
    reviewed. Prices that were published since for the kept product stay with that one.

    :raises NotFound: there is no such product.
    :raises IllegalMove: it is not merged.
    :raises BadValue: no reason is given.
    :raises StaleWrite: somebody moved one of the two meanwhile.
    """
    must_tell(why)
    row = load_row(product_ref)
    root = row.merged_into
    if root is None:
        raise IllegalMove(machine=row.machine.name, state=row.state, verb="split")
    steps = _steps([row.pk, *_family([root.pk])])
    own = _own_family(row, steps)
    hold_branches([row.category_id])
    fits = not rules.wrong_attributes(definitions_of([row.category_id])[row.category_id], row.attributes)
    first, second = sorted((root, row), key=lambda one: one.pk)
    for one in (first, second):
        verb = "let_go" if one is root else "split" if fits else "set_apart"
        changes: dict[str, Any] = {} if one is root else {"merged_into": None, "merge_ratio": None}
        one.move(verb, by=by, at=at, why=why, **changes)
    _point(own, row)
    last = steps[row.pk]
    told = {"kept_id": last.kept_id, "ratio": last.ratio, "by": by, "at": at, "why": why}
    models.MergeStep.objects.create(merged=row, verb="split", **told)
    record(events.ProductSplit(row.ref, root.ref), source_ref=row.ref, at=at)


def _ratio(kept: models.Product, merged: models.Product, told: Decimal | None) -> Decimal:
    by_units = Decimal(1) if kept.unit == merged.unit else units_ratio(merged.unit, kept.unit)
    try:
        possible = told is None or scaled(told) > 0
    except ValueError:
        possible = False
    exactly = by_units if told is None else told
    if exactly is None or not possible or by_units not in (None, exactly):
        raise _inexact(kept, merged, "1")
    return exactly


def _inexact(kept: models.Product, merged: models.Product, what: str) -> NoExactConversion:
    return NoExactConversion(kept=kept.ref, merged=merged.ref, unit=merged.unit, to=kept.unit, of=what)


def _odds(kept: models.Product, merged: models.Product) -> dict[str, list[Any]]:
    """Return in which must-match attributes of either category the two differ: {name: [merged's, kept's]}."""
    found = definitions_of({kept.category_id, merged.category_id})
    odd: dict[str, list[Any]] = {}
    for definitions in found.values():
        odd |= rules.odds(definitions, merged.attributes, kept.attributes)
    return odd


def _following(kept: models.Product, merged: models.Product, ratio: Decimal) -> dict[int, Decimal]:
    """Return what follows the merged product, each with its ratio to the kept one.

    :raises NoExactConversion: a ratio, a price or an agreed substitute would not convert.
    """
    standing = models.Product.objects.filter(merged_into=merged).values_list("id", "merge_ratio")
    family = {pk: (own or Decimal(1)) * ratio for pk, own in standing}
    for pk, own in family.items():
        if not _exact(own):
            raise _inexact(kept, merged, str(pk))
    if ratio != 1:
        _must_convert(kept, merged, {**family, merged.pk: ratio})
    return family


def _must_convert(kept: models.Product, merged: models.Product, family: dict[int, Decimal]) -> None:
    agreed = models.Substitute.objects.exclude(state=SubstituteState.WITHDRAWN.value)
    found = agreed.filter(Q(product_id__in=family) | Q(replacement_id__in=family)).order_by("id").first()
    if found is not None:
        raise _inexact(kept, merged, found.ref)
    tiers = models.PriceListTier.objects.filter(product_id__in=family, superseded_at__isnull=True)
    for pk, start, price in tiers.values_list("product_id", "from_quantity", "unit_price"):
        if rules.in_unit(start, price, family[pk]) is None:
            raise _inexact(kept, merged, f"{price}")


def _exact(value: Decimal) -> bool:
    try:
        return scaled(value) > 0
    except ValueError:
        return False


def _point(family: dict[int, Decimal], root: models.Product) -> None:
    """Let what was merged before answer by `root`, all of it or nothing.

    :raises StaleWrite: somebody split one of them off meanwhile.
    """
    alike: dict[Decimal, list[int]] = defaultdict(list)
    for pk, ratio in family.items():
        alike[ratio].append(pk)
    for ratio, ids in alike.items():
        rows = models.Product.objects.filter(id__in=ids, state=ProductState.MERGED.value)
        if rows.update(merged_into=root, merge_ratio=ratio) != len(ids):
            raise StaleWrite(ref=root.ref, revision=root.revision)


def _family(roots: Iterable[int]) -> list[int]:
    return list(models.Product.objects.filter(merged_into_id__in=list(roots)).values_list("id", flat=True))


def _steps(ids: Sequence[int]) -> dict[int, models.MergeStep]:
    """Return the merge that stands of each of these products: into which one it went itself."""
    rows = models.MergeStep.objects.filter(merged_id__in=list(ids), verb="merge").order_by("id")
    return {step.merged_id: step for step in rows}


def _own_family(row: models.Product, steps: dict[int, models.MergeStep]) -> dict[int, Decimal]:
    """Return what was merged into `row`, straight or by way of others, each with its ratio to it."""
    into: dict[int, list[models.MergeStep]] = defaultdict(list)
    for step in steps.values():
        into[step.kept_id].append(step)
    found: dict[int, Decimal] = {row.pk: Decimal(1)}
    waiting = [row.pk]
    for pk in waiting:
        for step in into[pk]:
            found[step.merged_id] = step.ratio * found[pk]
            waiting.append(step.merged_id)
    del found[row.pk]
    return found
