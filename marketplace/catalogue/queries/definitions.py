"""Which attributes the products of a category have: what it defines itself, and what it inherits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.catalogue import models
from marketplace.catalogue.queries.slices import slices
from marketplace.catalogue.rules import effective, match_key, refitted
from marketplace.catalogue.states import ProductState
from marketplace.kernel.refusals import NotFound


@dataclass(frozen=True)
class Conflict:
    """An attribute of a product that would not fit new definitions."""

    product_ref: str
    name: str
    reason: str


@dataclass(frozen=True)
class Refit:
    """What new definitions make of a product: the values and the key it would have, and what would not fit.

    stops    whether its conflicts keep the definitions from holding: it is traded, or would be again after a split
    """

    product: models.Product
    after: dict[str, Any]
    match_key: str
    conflicts: list[Conflict]
    stops: bool

    @property
    def changed(self) -> bool:
        """Whether its values change."""
        return self.after != self.product.attributes and not self.conflicts

    @property
    def rekeyed(self) -> bool:
        """Whether it is equal to other products than before."""
        return self.match_key != self.product.match_key


def definitions_of(category_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """Return the definitions that hold in each category (`rules.effective`), in two queries however deep it lies."""
    return _definitions(category_ids, {})


def _definitions(
    category_ids: Iterable[int], instead: Mapping[int, list[dict[str, Any]]]
) -> dict[int, list[dict[str, Any]]]:
    parents = _parents()
    chains = {pk: chain_of(pk, parents) for pk in set(category_ids) if pk in parents}
    own: dict[int, list[dict[str, Any]]] = {}
    for some in slices(pk for chain in chains.values() for pk in chain):
        own.update(models.Category.objects.filter(id__in=some).values_list("id", "attributes"))
    own.update({pk: given for pk, given in instead.items() if pk in own})
    return {pk: effective([own[above] for above in chain]) for pk, chain in chains.items()}


def conflicts_of(proposal_ref: str) -> list[Conflict]:
    """Return what would keep proposed definitions from holding, by product.

    :raises NotFound: there is no such proposal of definitions.
    """
    found = models.Proposal.objects.filter(ref=proposal_ref, category__isnull=False).first()
    if found is None or found.category_id is None:
        raise NotFound(what="proposal", ref=proposal_ref)
    return [c for refit in refits(found.category_id, found.content) if refit.stops for c in refit.conflicts]


def refits(category_id: int, content: Mapping[str, Any], *, hold: bool = False) -> Iterator[Refit]:
    """Yield what new definitions of a category make of each product in it and below it, by row id.

    content   as in `models.Proposal`
    hold      whether nobody else may change these products until the transaction ends
    """
    branches = below(category_id)
    old, new = definitions_of(branches), _definitions(branches, {category_id: content["attributes"]})
    for some in slices(branches):
        rows = models.Product.objects.filter(category_id__in=some).select_related("category").order_by("id")
        for row in rows.select_for_update(of=("self",), no_key=True) if hold else rows:
            yield _refit(row, old[row.category_id], new[row.category_id], content)


def chain_of(category_id: int, parents: dict[int, int | None] | None = None) -> list[int]:
    """Return the row ids of a category's ancestors, the root first, and its own last."""
    above = _parents() if parents is None else parents
    chain = [category_id]
    while (parent := above[chain[-1]]) is not None:
        chain.append(parent)
    return chain[::-1]


def below(category_id: int) -> list[int]:
    """Return the row ids of a category and of every branch below it, it first."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for pk, parent in _parents().items():
        children[parent].append(pk)
    found = [category_id]
    for pk in found:
        found += children[pk]
    return found


def _parents() -> dict[int, int | None]:
    return dict(models.Category.objects.values_list("id", "parent_id"))


def _refit(row: models.Product, old: Any, new: Any, content: Mapping[str, Any]) -> Refit:
    told = content["values"].get(row.ref, {})
    after, wrong = refitted(old, new, row.attributes, told, content["fill"])
    stops = row.state in (ProductState.REVIEWED.value, ProductState.MERGED.value)
    kept = after if stops or not wrong else row.attributes
    key = match_key(row.category_id, row.unit, new, kept)
    return Refit(row, kept, key, [Conflict(row.ref, name, reason) for name, reason in wrong.items()], stops)
