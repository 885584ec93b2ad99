"""Attribute definitions change by their next version; products that do not fit stop it or are told a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from marketplace.catalogue import events, models, rules
from marketplace.catalogue.queries.definitions import Refit, below, chain_of, refits
from marketplace.catalogue.queries.versions import content_of
from marketplace.catalogue.use_cases.categories import WrongAttributes, load_category
from marketplace.catalogue.use_cases.checks import hold_branches
from marketplace.catalogue.use_cases.governed import NothingChanges, enter_proposal, next_versions
from marketplace.events.use_cases import note_changes, record
from marketplace.kernel.refusals import NotFound, Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop

SHOWN = 50
BATCH = 1_000


class DefinitionConflicts(Refusal):
    """Products that are traded do not fit the new definitions."""

    code = "definition_conflicts"
    words = gettext_noop("{count} products do not fit the new definitions of {category}: {wrong}.")


@transaction.atomic
def propose_definitions(
    *,
    category_code: str,
    attributes: Sequence[Mapping[str, Any]],
    values: Mapping[str, Mapping[str, Any]] | None = None,
    fill: Mapping[str, Any] | None = None,
    draft: bool = False,
    proposal_ref: str = "",
    by: str,
    at: datetime,
    why: str,
) -> str:
    """Propose the next version of what a category defines itself and return the proposal's ref.

    attributes     all its definitions, as in `rules.wrong_definitions`; it inherits its parent's besides
    values         {product ref: {attribute: value}}: what single products are to take; None takes a value away
    fill           {attribute: value}: what any product is to take whose own value does not fit
    draft          whether it is not to be reviewed yet
    proposal_ref   the draft that this takes the place of, if any

    :raises NotFound: no such category or product.
    :raises WrongAttributes: a definition is not one.
    :raises NothingChanges: the category has these already.
    """
    row = load_category(category_code)
    wrong = rules.wrong_definitions(attributes)
    if wrong:
        raise WrongAttributes(wrong="; ".join(wrong))
    told = {ref: dict(given) for ref, given in (values or {}).items()}
    _must_be_here(row, told)
    content = {"attributes": [dict(given) for given in attributes], "values": told, "fill": dict(fill or {})}
    if content["attributes"] == row.attributes:
        raise NothingChanges(subject=row.code)
    return enter_proposal(row, content, draft=draft, revises=proposal_ref, by=by, at=at, why=why)


def publish_definitions(proposal: models.Proposal, row: models.Category, *, by: str, at: datetime) -> None:
    """Let reviewed definitions hold, in the category and below it, with the values products were told to take.

    :raises DefinitionConflicts: products in use do not fit; the first of them with the reasons.
    :raises StaleWrite: somebody gave the category other definitions meanwhile.
    """
    hold_branches(chain_of(row.pk))
    number, new = proposal.base_version + 1, proposal.content["attributes"]
    found = list(refits(row.pk, proposal.content, hold=True))
    _stop_at_conflicts(row.code, found)
    mine = models.Category.objects.filter(pk=row.pk, version=proposal.base_version)
    if not mine.update(version=number, attributes=new):
        raise StaleWrite(ref=row.code, revision=proposal.base_version)
    before, after = {"attributes": row.attributes}, {"attributes": new}
    rows = next_versions(row, before, after, number=number, proposal=proposal, by=by, at=at)
    if not models.Version.objects.filter(category=row, number=proposal.base_version).exists():
        rows.insert(0, _as_it_stood(row, at))
    models.Version.objects.bulk_create(rows)
    changed = [refit for refit in found if refit.changed]
    _take(changed, proposal, row.code, by, at)
    _rekey((refit for refit in found if refit.rekeyed and not refit.changed), row.code)
    fact = events.DefinitionsPublished(row.code, number, len(changed))
    record(fact, source_ref=row.code, at=at)


def _must_be_here(row: models.Category, refs: Iterable[str]) -> None:
    rows = models.Product.objects.filter(ref__in=list(refs), category_id__in=below(row.pk))
    missing = set(refs) - set(rows.values_list("ref", flat=True))
    if missing:
        raise NotFound(what="product", ref=min(missing))


def _stop_at_conflicts(code: str, found: Sequence[Refit]) -> None:
    conflicts = [c for refit in found if refit.stops for c in refit.conflicts]
    if conflicts:
        shown = [{"product": c.product_ref, "attribute": c.name, "reason": c.reason} for c in conflicts[:SHOWN]]
        wrong = "; ".join(f"{c.product_ref} {c.name}: {c.reason}" for c in conflicts[:SHOWN])
        count = len({c.product_ref for c in conflicts})
        raise DefinitionConflicts(category=code, count=count, wrong=wrong, shown=shown)


def _as_it_stood(row: models.Category, at: datetime) -> models.Version:
    """Return what the category was entered with, for one that was entered before versions were kept."""
    content = {"attributes": row.attributes}
    return models.Version(
        category=row, number=row.version, content=content, changes={}, proposed_by="system:catalogue", at=at
    )


def _take(found: Sequence[Refit], proposal: models.Proposal, code: str, by: str, at: datetime) -> None:
    """Give products the values they were told to take, as a version of each.

    :raises StaleWrite: somebody moved one of them meanwhile.
    """
    versions, steps = [], defaultdict(list)
    for refit in found:
        row = refit.product
        before = content_of(row)
        row.attributes, number = refit.after, row.version + 1
        versions += next_versions(row, before, content_of(row), number=number, proposal=proposal, by=by, at=at)
        steps[row.state].append((row.ref, row.revision + 1, row.state))
    json = models.Product._meta.get_field("attributes")
    _each(
        "UPDATE catalogue_product SET attributes = %s, match_key = %s, version = version + 1, revision = revision + 1"
        " WHERE id = %s AND revision = %s",
        [
            (json.get_db_prep_save(refit.after, connection), refit.match_key, refit.product.pk, refit.product.revision)
            for refit in found
        ],
        code,
    )
    models.Version.objects.bulk_create(versions, batch_size=BATCH)
    for state, taken in steps.items():
        note_changes(taken, machine="product", verb="amend", to_state=state, by=by, at=at, why=proposal.why)


def _rekey(found: Iterable[Refit], code: str) -> None:
    rows = [(refit.match_key, refit.product.pk) for refit in found]
    _each("UPDATE catalogue_product SET match_key = %s WHERE id = %s", rows, code)


def _each(statement: str, rows: Sequence[tuple[Any, ...]], code: str) -> None:
    """Run one statement for each row, many at a time: a category may hold a hundred thousand products.

    :raises StaleWrite: not every row was there to be written.
    """
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
        if cursor.rowcount != len(rows):
            raise StaleWrite(ref=code, revision=len(rows))
