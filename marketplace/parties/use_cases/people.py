"""People sign up and act for organisations."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction

from marketplace.events.use_cases import record
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import BadValue, NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import events, models, rules
from marketplace.parties.use_cases.organisations import checked_roles, load


class NameTaken(Refusal):
    """Another person signs in by this name."""

    code = "name_taken"
    words = gettext_noop("The name {username} is taken.")


class AlreadyMember(Refusal):
    """The person acts for that organisation already."""

    code = "already_member"
    words = gettext_noop("{username} is a member of {organisation} already.")


@transaction.atomic
def register_person(
    *,
    username: str,
    password: str | None = None,
    name: str = "",
    email: str = "",
    language: str = "en",
    staff: bool = False,
    by: str,
    at: datetime,
) -> str:
    """Let a person sign in and return the username; without a password, not before one is set.

    :raises NameTaken: somebody has this username.
    """
    person = models.User(
        username=username, first_name=name, email=email, language=language, is_staff=staff, date_joined=at
    )
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        raise NameTaken(username=username) from None
    return username


@transaction.atomic
def add_member(
    *,
    organisation_ref: str,
    username: str,
    roles: Collection[str],
    spending_limit: Money | None = None,
    by: str,
    at: datetime,
) -> None:
    """Let a person act for an organisation; `spending_limit` None is without limit.

    :raises NotFound: no such person or organisation.
    :raises UnknownRole: a role that no member can have.
    :raises AlreadyMember: the person is one.
    """
    person = models.User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise NotFound(what="person", ref=username)
    if spending_limit is not None and spending_limit.minor < 0:
        raise BadValue(place="spending_limit", value=str(spending_limit), reason=gettext_noop("below zero"))
    taken = checked_roles(roles, rules.MEMBER_ROLES)
    seat = models.Membership(
        user=person,
        organisation=load(organisation_ref),
        roles=taken,
        spending_limit_minor=spending_limit.minor if spending_limit is not None else None,
        currency=spending_limit.currency if spending_limit is not None else "CNY",
        since=at,
        added_by=by,
    )
    try:
        with transaction.atomic():
            seat.save(force_insert=True)
    except IntegrityError:
        raise AlreadyMember(username=username, organisation=organisation_ref) from None
    record(events.MemberAdded(organisation_ref, username, tuple(taken)), source_ref=organisation_ref, at=at)


@transaction.atomic
def end_membership(*, organisation_ref: str, username: str, by: str, at: datetime) -> None:
    """Let a person act for an organisation no more.

    :raises NotFound: the person is no member there.
    """
    seat = models.Membership.objects.filter(
        organisation__ref=organisation_ref, user__username=username, until__isnull=True
    )
    if not seat.update(until=at):
        raise NotFound(what="member", ref=username)


@transaction.atomic
def read_in(*, username: str, language: str, by: str, at: datetime) -> None:
    """Remember the language in which a person reads."""
    models.User.objects.filter(username=username).update(language=language)
