"""Column mappings are kept, and found again by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from marketplace.engines import tables
from marketplace.engines.tables.loading import SHIPPED
from marketplace.events.use_cases import fingerprint
from marketplace.kernel.refusals import BadValue, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.demand import models, queries
from procurement.demand.use_cases.importing.meaning import check_types

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


class NoSuchMapping(Refusal):
    """No mapping has that name."""

    code = "no_such_mapping"
    status = 404
    words = gettext_noop("There is no column mapping {name}. There are: {known}.")


class NotForDemand(Refusal):
    """The mapping reads something else."""

    code = "not_for_demand"
    status = 400
    words = gettext_noop("The column mapping {name} reads {kind}, not demand.")


@dataclass(frozen=True)
class Reading:
    """A demand mapping, ready to read with; `sha256` tells its text from every other."""

    mapping: tables.Mapping
    sha256: str


@transaction.atomic
def save_mapping(*, organisation_ref: str, name: str, text: str, by: str, at: datetime) -> None:
    """Keep a column mapping (TOML) for an organisation under a name; the same name again replaces it.

    :raises BadValue: the name is not small letters, digits, - and _, or belongs to a mapping of the product's own.
    :raises BadMapping: the text is no mapping; the facts name the key at fault.
    :raises NotForDemand: it reads no demand.
    """
    if not NAME.fullmatch(name) or name in tables.shipped_mappings():
        raise BadValue(place="name", value=name, reason=gettext_noop("a free name of small letters is needed"))
    _reading(text, name)
    models.ColumnMapping.objects.update_or_create(
        organisation_id=parties.organisation(organisation_ref).id,
        name=name,
        defaults={"text": text, "saved_by": by, "saved_at": at},
    )


def named_mapping(name: str, organisation_ref: str) -> Reading:
    """Return the mapping that the organisation keeps under `name`, else the shipped one of that name.

    :raises NoSuchMapping: there is neither.
    """
    kept = queries.kept_mapping(organisation_ref, name)
    if kept is not None:
        return _reading(kept, name)
    if name in tables.shipped_mappings():
        return mapping_file(SHIPPED / f"{name}.toml")
    raise NoSuchMapping(name=name, known=", ".join(known_mappings(organisation_ref)))


def mapping_file(path: str | Path) -> Reading:
    """Return the mapping in a TOML file.

    :raises BadMapping: it cannot be read, or is no mapping.
    """
    mapping = tables.load_mapping(path)
    return _for_demand(mapping, Path(path).read_bytes())


def known_mappings(organisation_ref: str) -> list[str]:
    """Return the names an organisation may read by: its own, and those for demand that come with the product."""
    shipped = [name for name in tables.shipped_mappings() if tables.load_mapping(name).kind is tables.Kind.DEMAND]
    return sorted({*queries.kept_mapping_names(organisation_ref), *shipped})


def _reading(text: str, name: str) -> Reading:
    return _for_demand(tables.parse_mapping(text, name), text.encode())


def _for_demand(mapping: tables.Mapping, text: bytes) -> Reading:
    if mapping.kind is not tables.Kind.DEMAND:
        raise NotForDemand(name=mapping.name, kind=str(mapping.kind))
    if len(mapping.name) > 60:
        raise tables.BadMapping(mapping=mapping.name[:60], key="name", reason="is longer than 60 characters")
    check_types(mapping)
    return Reading(mapping, fingerprint(text))
