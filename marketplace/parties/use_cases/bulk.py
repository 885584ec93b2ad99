"""Many organisations at once, vouched for by whoever brings them (an import, an operator)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from marketplace.events.use_cases import next_refs, record
from marketplace.kernel.regions import region_name
from marketplace.parties import events, models, rules
from marketplace.parties.states import OrganisationState
from marketplace.parties.use_cases.organisations import checked_roles

BATCH = 1_000


@dataclass(frozen=True)
class NewOrganisation:
    """An organisation as a source file knows it; `external_code` is its name there."""

    external_code: str
    legal_name: str
    country: str
    region: str = ""
    roles: Collection[str] = ()


@transaction.atomic
def register_many(*, rows: Sequence[NewOrganisation], by: str, at: datetime) -> dict[str, str]:
    """Enter organisations as verified and return each external code's ref.

    A code that is known is not entered again; roles it lacks are added. So the same rows twice change nothing.

    :raises UnknownRole: a role that no organisation can have.
    """
    wanted: dict[str, NewOrganisation] = {}
    for row in rows:
        before = wanted.get(row.external_code)
        roles = {*checked_roles(row.roles, tuple(rules.ORGANISATION_ROLES)), *(before.roles if before else ())}
        wanted[row.external_code] = replace(before or row, roles=frozenset(roles))
    known = _refs(wanted)
    new = [row for code, row in wanted.items() if code not in known]
    if new:
        _enter(new, by, at)
    _add_missing_roles([row for code, row in wanted.items() if code in known])
    return known if not new else _refs(wanted)


def _refs(codes: Collection[str]) -> dict[str, str]:
    every = list(codes)
    found: dict[str, str] = {}
    for start in range(0, len(every), BATCH):
        some = models.Organisation.objects.filter(external_code__in=every[start : start + BATCH])
        found.update((str(code), ref) for code, ref in some.values_list("external_code", "ref"))
    return found


def _enter(rows: Sequence[NewOrganisation], by: str, at: datetime) -> None:
    refs = next_refs("OR", len(rows), at=at)
    made = [
        models.Organisation(
            ref=ref,
            state=OrganisationState.VERIFIED.value,
            legal_name=row.legal_name,
            name_norm=rules.normal_name(row.legal_name),
            country=row.country,
            region=region_name(row.region),
            external_code=row.external_code,
            registered_by=by,
            registered_at=at,
            **{rules.ORGANISATION_ROLES[role]: True for role in row.roles},
        )
        for ref, row in zip(refs, rows, strict=True)
    ]
    models.Organisation.objects.bulk_create(made, batch_size=BATCH)
    record(events.OrganisationsVouched(tuple(refs)), source_ref=refs[0], at=at)


def _add_missing_roles(rows: Sequence[NewOrganisation]) -> None:
    for role, column in rules.ORGANISATION_ROLES.items():
        codes = [row.external_code for row in rows if role in row.roles]
        for start in range(0, len(codes), BATCH):
            lacking = models.Organisation.objects.filter(
                external_code__in=codes[start : start + BATCH], **{column: False}
            )
            lacking.update(**{column: True})
