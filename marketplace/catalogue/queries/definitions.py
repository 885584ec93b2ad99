"""Which attributes the products of a category have: what it defines itself, and what it inherits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from marketplace.catalogue import models
from marketplace.catalogue.queries.slices import slices
from marketplace.catalogue.rules import effective


def definitions_of(category_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """Return the definitions that hold in each category (`rules.effective`), in two queries however deep it lies."""
    parents = _parents()
    chains = {pk: chain_of(pk, parents) for pk in set(category_ids) if pk in parents}
    own: dict[int, list[dict[str, Any]]] = {}
    for some in slices(pk for chain in chains.values() for pk in chain):
        own.update(models.Category.objects.filter(id__in=some).values_list("id", "attributes"))
    return {pk: effective([own[above] for above in chain]) for pk, chain in chains.items()}


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
