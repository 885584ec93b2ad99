"""A person brings an organisation into the market."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from marketplace.kernel.regions import region_name
from marketplace.parties.rules import MEMBER_ROLES
from marketplace.parties.use_cases.organisations import register_organisation
from marketplace.parties.use_cases.people import add_member


@transaction.atomic
def apply_to_trade(
    *,
    username: str,
    legal_name: str,
    country: str,
    roles: Collection[str],
    identifier: str = "",
    size_class: str = "small",
    region: str = "",
    by: str,
    at: datetime,
) -> str:
    """Enter an organisation as an applicant with the applicant as its first member, in every role; return its ref.

    :raises Refusal: whatever `register_organisation` or `add_member` refuses; then neither stands.
    """
    ref = register_organisation(
        legal_name=legal_name,
        country=country,
        roles=roles,
        identifier=identifier,
        size_class=size_class,
        region=region_name(region),
        by=by,
        at=at,
    )
    add_member(organisation_ref=ref, username=username, roles=MEMBER_ROLES, spending_limit=None, by=by, at=at)
    return ref
