"""Organisations come, are verified, are suspended and leave."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date, datetime, time
from decimal import Decimal

from django.db import IntegrityError, transaction

from marketplace.engines.identifiers import judge
from marketplace.events.use_cases import next_ref, record
from marketplace.kernel.refusals import BadValue, NotAllowed, NotFound, Refusal
from marketplace.kernel.regions import region_name
from marketplace.kernel.words import gettext_noop
from marketplace.parties import events, models, rules
from marketplace.parties.states import OrganisationState


class AlreadyRegistered(Refusal):
    """Another organisation of that country has this identifier."""

    code = "already_registered"
    words = gettext_noop("An organisation with the identifier {identifier} is registered in {country} already.")


class UnknownRole(Refusal):
    """No such role exists."""

    code = "unknown_role"
    status = 400
    words = gettext_noop("There is no role {roles}. Choose among {known}.")


def checked_roles(roles: Collection[str], known: Collection[str]) -> list[str]:
    """Return `roles`, sorted and once each.

    :raises UnknownRole: one is not `known`.
    """
    strange = rules.unknown_roles(roles, known)
    if strange:
        raise UnknownRole(roles=", ".join(strange), known=", ".join(known))
    return sorted(set(roles))


def load(ref: str) -> models.Organisation:
    """Return the organisation named `ref`.

    :raises NotFound: there is none.
    """
    found = models.Organisation.objects.filter(ref=ref).first()
    if found is None:
        raise NotFound(what="organisation", ref=ref)
    return found


@transaction.atomic
def register_organisation(
    *,
    legal_name: str,
    country: str,
    roles: Collection[str],
    identifier: str = "",
    size_class: str = "small",
    region: str = "",
    external_code: str | None = None,
    by: str,
    at: datetime,
) -> str:
    """Enter an organisation as an applicant and return its ref. A doubtful identifier is noted, not refused.

    country     ISO 3166 alpha-2
    identifier  the unified social credit code in China, another register's number elsewhere

    :raises BadValue: no name, no such size class, or a country that is not two letters.
    :raises UnknownRole: a role that no organisation can have.
    :raises AlreadyRegistered: the identifier is another's.
    """
    if not legal_name.strip():
        raise BadValue(place="legal_name", value=legal_name, reason=gettext_noop("a name is needed"))
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise BadValue(place="country", value=country, reason=gettext_noop("two letters are needed"))
    if size_class not in rules.SIZE_CLASSES:
        raise BadValue(place="size_class", value=size_class, reason=", ".join(rules.SIZE_CLASSES))
    taken = checked_roles(roles, tuple(rules.ORGANISATION_ROLES))
    judged = judge("cn.uscc" if country.upper() == "CN" else "own", identifier)
    row = models.Organisation(
        ref=next_ref("OR", at=at),
        state=OrganisationState.APPLIED.value,
        legal_name=legal_name.strip(),
        name_norm=rules.normal_name(legal_name),
        country=country.upper(),
        identifier=judged.value,
        identifier_doubt=judged.doubt if judged.value else "",
        size_class=size_class,
        region=region_name(region),
        external_code=external_code,
        registered_by=by,
        registered_at=at,
        **{rules.ORGANISATION_ROLES[role]: True for role in taken},
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise AlreadyRegistered(identifier=identifier or str(external_code), country=country) from None
    fact = events.OrganisationRegistered(row.ref, row.legal_name, row.country, tuple(taken))
    record(fact, source_ref=row.ref, at=at)
    return row.ref


@transaction.atomic
def verify_organisation(*, organisation_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Let an applicant trade: its file was looked at and holds."""
    load(organisation_ref).move("verify", by=by, at=at, why=why)
    record(events.OrganisationVerified(organisation_ref), source_ref=organisation_ref, at=at)


@transaction.atomic
def suspend_organisation(*, organisation_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Take away an organisation's right to act until it is reinstated; what it owes and is owed stands."""
    load(organisation_ref).move("suspend", by=by, at=at, why=why)
    record(events.OrganisationSuspended(organisation_ref, why), source_ref=organisation_ref, at=at)


@transaction.atomic
def reinstate_organisation(*, organisation_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Give a suspended organisation its rights back."""
    load(organisation_ref).move("reinstate", by=by, at=at, why=why)
    record(events.OrganisationVerified(organisation_ref), source_ref=organisation_ref, at=at)


@transaction.atomic
def leave_market(*, organisation_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Let an organisation go; its members act for it no more."""
    load(organisation_ref).move("leave", by=by, at=at, why=why)
    record(events.OrganisationLeft(organisation_ref), source_ref=organisation_ref, at=at)


@transaction.atomic
def add_site(
    *,
    organisation_ref: str,
    name: str,
    address: str = "",
    admin_code: str = "",
    region: str = "",
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
    receives_from: time | None = None,
    receives_until: time | None = None,
    by: str,
    at: datetime,
) -> str:
    """Enter a place of an organisation and return its ref; coordinates in degrees (WGS 84).

    :raises BadValue: coordinates off the globe, or a receiving window that ends before it begins.
    """
    for place, value, most in (("latitude", latitude, 90), ("longitude", longitude, 180)):
        if value is not None and not (value.is_finite() and abs(value) <= most):
            raise BadValue(place=place, value=str(value), reason=gettext_noop("not on the globe"))
    if receives_from and receives_until and receives_until <= receives_from:
        raise BadValue(place="receives_until", value=str(receives_until), reason=gettext_noop("ends before it begins"))
    site = models.Site.objects.create(
        ref=next_ref("ST", at=at),
        organisation=load(organisation_ref),
        name=name,
        address=address,
        admin_code=admin_code,
        region=region_name(region),
        latitude=latitude,
        longitude=longitude,
        receives_from=receives_from,
        receives_until=receives_until,
    )
    return site.ref


@transaction.atomic
def add_document(
    *,
    organisation_ref: str,
    kind: str,
    file_name: str,
    media_type: str,
    content: bytes,
    expires_on: date | None = None,
    by: str,
    at: datetime,
) -> str:
    """Put a paper into an organisation's verification file and return its SHA-256; the same paper twice is one.

    :raises BadValue: an empty file, or one above 5 MiB.
    """
    if not 0 < len(content) <= rules.LARGEST_DOCUMENT:
        raise BadValue(place=file_name, value=len(content), reason=gettext_noop("between 1 byte and 5 MiB are taken"))
    digest = hashlib.sha256(content).hexdigest()
    models.VerificationDocument.objects.get_or_create(
        organisation=load(organisation_ref),
        kind=kind,
        sha256=digest,
        defaults={
            "file_name": file_name,
            "media_type": media_type,
            "content": content,
            "expires_on": expires_on,
            "added_by": by,
            "added_at": at,
        },
    )
    return digest


@transaction.atomic
def verify_document(*, document_id: int, by: str, at: datetime) -> None:
    """Let a paper of a verification file count: somebody other than who added it looked at it; twice is once.

    :raises NotFound: no such paper.
    :raises NotAllowed: `by` added it.
    """
    row = models.VerificationDocument.objects.filter(pk=document_id).first()
    if row is None:
        raise NotFound(what="document", ref=str(document_id))
    if row.added_by == by:
        raise NotAllowed(why=gettext_noop("whoever added a paper does not verify it"))
    unseen = models.VerificationDocument.objects.filter(pk=document_id, verified_at__isnull=True)
    unseen.update(verified_by=by, verified_at=at)
