"""An organisation says what it can make and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from marketplace.catalogue import queries as catalogue
from marketplace.events import use_cases as events_
from marketplace.kernel.refusals import BadValue, NotAllowed, NotFound
from marketplace.parties import queries as parties
from procurement.capacity import models


@dataclass(frozen=True)
class CapabilitySpec:
    """Products of one category by one process on one resource; `minutes_per_unit` > 0."""

    category_code: str
    process: str
    resource: str
    minutes_per_unit: Decimal
    setup_minutes: int = 0
    certificate: str = ""


@transaction.atomic
def register_factory(
    *, organisation_ref: str, name: str, region: str, capabilities: Sequence[CapabilitySpec], by: str, at: datetime
) -> str:
    """Register a factory with what it can make; return its ref. The same name again returns the standing one's.

    :raises NotFound: no such organisation or category.
    :raises NotAllowed: the organisation is no verified factory.
    :raises BadValue: a capability that takes no time.
    """
    owner = parties.organisation(organisation_ref)
    if not owner.verified or "factory" not in owner.roles:
        raise NotAllowed(why="only a verified factory offers capacity", organisation=organisation_ref)
    standing = models.Factory.objects.filter(organisation_id=owner.id, name=name).first()
    if standing:
        return standing.ref
    factory = models.Factory.objects.create(
        ref=events_.next_ref("FA", at=at), organisation_id=owner.id, name=name, region=region, registered_at=at
    )
    categories = catalogue.category_ids({spec.category_code for spec in capabilities})
    for spec in capabilities:
        if spec.category_code not in categories:
            raise NotFound(what="category", ref=spec.category_code)
        if spec.minutes_per_unit <= 0 or spec.setup_minutes < 0:
            raise BadValue(place="minutes_per_unit", value=spec.minutes_per_unit, reason="work takes time")
        models.Capability.objects.create(
            factory=factory,
            category_id=categories[spec.category_code],
            process=spec.process,
            resource=spec.resource,
            minutes_per_unit=spec.minutes_per_unit,
            setup_minutes=spec.setup_minutes,
            certificate=spec.certificate,
        )
    return factory.ref
