"""Everything anyone may ask about the parties."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound
from marketplace.parties import models
from marketplace.parties.rules import normal_name
from marketplace.parties.states import BankAccountState, OrganisationState

PLATFORM = "OR-0000-0001"
BATCH = 5_000
T = TypeVar("T")


@dataclass(frozen=True)
class OrganisationView:
    """An organisation as other apps see it; `roles` whatever its state."""

    id: int
    ref: str
    legal_name: str
    country: str
    region: str
    size_class: str
    roles: frozenset[str]
    state: str

    @property
    def verified(self) -> bool:
        return self.state == OrganisationState.VERIFIED


@dataclass(frozen=True)
class BankDetails:
    """Where an organisation is paid."""

    ref: str
    holder: str
    bank_code: str
    number: str
    usable_from: datetime


@dataclass(frozen=True)
class Seat:
    """One organisation a person may act for."""

    organisation_ref: str
    legal_name: str
    roles: frozenset[str]


def actor_of(request: Any) -> Actor:
    """Return who asks: the signed-in person, for the organisation named by the request.

    The header X-Organisation names it, else the session's choice, else the person's only membership. The roles are the
    member's own with those of the organisation, the latter only while it is verified.

    :raises NotFound: the header names an organisation that the person may not act for.
    """
    user = request.user
    by = f"user:{user.get_username()}"
    named = request.headers.get("X-Organisation", "")
    chosen = named or getattr(request, "session", {}).get("organisation", "")
    seats = {seat.organisation.ref: seat for seat in _memberships(user.get_username())}
    if named and named not in seats:
        raise NotFound(what="organisation", ref=named)
    seat = seats.get(chosen) or (next(iter(seats.values())) if len(seats) == 1 else None)
    if seat is None:
        return Actor(by=by, staff=user.is_staff)
    roles = frozenset(seat.roles) | (seat.organisation.roles if seat.organisation.verified else frozenset())
    return Actor(by=by, organisation=seat.organisation.ref, roles=roles, staff=user.is_staff)


def _memberships(username: str) -> QuerySet[models.Membership]:
    mine = models.Membership.objects.filter(user__username=username, until__isnull=True)
    return mine.exclude(organisation__state=OrganisationState.LEFT.value).select_related("organisation").order_by("id")


def seats_of(username: str) -> list[Seat]:
    """Return the organisations the person may act for, oldest membership first."""
    return [
        Seat(seat.organisation.ref, seat.organisation.legal_name, frozenset(seat.roles))
        for seat in _memberships(username)
    ]


def has_signed_up(username: str) -> bool:
    """Return whether somebody signed up under this name and may sign in."""
    return models.User.objects.filter(username=username, is_active=True).exists()


def spending_limit(username: str, organisation_ref: str) -> Money | None:
    """Return up to which amount the member may approve; None is without limit.

    :raises NotFound: the person is no member there.
    """
    seat = _memberships(username).filter(organisation__ref=organisation_ref).first()
    if seat is None:
        raise NotFound(what="member", ref=username)
    if seat.spending_limit_minor is None:
        return None
    return Money.from_minor(seat.spending_limit_minor, seat.currency)


def organisation(ref: str) -> OrganisationView:
    """Return the organisation named `ref`.

    :raises NotFound: there is none.
    """
    found = models.Organisation.objects.filter(ref=ref).first()
    if found is None:
        raise NotFound(what="organisation", ref=ref)
    return _view(found)


def organisations(refs: Iterable[str]) -> dict[str, OrganisationView]:
    """Return the organisations among `refs` that exist, by ref."""
    return {row.ref: _view(row) for some in _slices(refs) for row in models.Organisation.objects.filter(ref__in=some)}


def ids_by_ref(refs: Iterable[str]) -> dict[str, int]:
    """Return the row ids of those of `refs` that exist, for foreign keys."""
    found: dict[str, int] = {}
    for some in _slices(refs):
        found.update(models.Organisation.objects.filter(ref__in=some).values_list("ref", "id"))
    return found


def refs_by_id(ids: Iterable[int]) -> dict[int, str]:
    """Return the refs of the organisations with these row ids."""
    found: dict[int, str] = {}
    for some in _slices(ids):
        found.update(models.Organisation.objects.filter(id__in=some).values_list("id", "ref"))
    return found


def refs_by_name(names: Iterable[str]) -> dict[str, str]:
    """Return the ref of each organisation that a foreign text names: by external code, by ref, else by legal name.

    A legal name that several organisations share names none of them.
    """
    wanted = list(dict.fromkeys(name for name in names if name))
    normal = {name: normal_name(name) for name in wanted}
    by_norm: dict[str, set[str]] = {}
    for some in _slices(normal.values()):
        for norm, ref in models.Organisation.objects.filter(name_norm__in=some).values_list("name_norm", "ref"):
            by_norm.setdefault(norm, set()).add(ref)
    found = {name: next(iter(by_norm[norm])) for name, norm in normal.items() if len(by_norm.get(norm, ())) == 1}
    for some in _slices(wanted):
        by_ref = models.Organisation.objects.filter(ref__in=some).values_list("ref", flat=True)
        found.update((ref, ref) for ref in by_ref)
        coded = models.Organisation.objects.filter(external_code__in=some).values_list("external_code", "ref")
        found.update((str(code), ref) for code, ref in coded)
    return found


def ref_of(id: int) -> str:
    """Return the ref of the organisation with this row id.

    :raises NotFound: there is none.
    """
    refs = refs_by_id([id])
    if id not in refs:
        raise NotFound(what="organisation", ref=str(id))
    return refs[id]


def verified_papers(ref: str, on: date) -> set[str]:
    """Return the kinds of paper in the organisation's file that staff verified and that hold on the day."""
    holds = Q(expires_on__isnull=True) | Q(expires_on__gte=on)
    rows = models.VerificationDocument.objects.filter(holds, organisation__ref=ref, verified_at__isnull=False)
    return set(rows.values_list("kind", flat=True))


def refs_with_role(role: str) -> list[str]:
    """Return the verified organisations that hold `role` (buyer, supplier, factory, financier), oldest first."""
    rows = models.Organisation.objects.filter(state=OrganisationState.VERIFIED.value, **{f"is_{role}": True})
    return list(rows.order_by("id").values_list("ref", flat=True))


def bank_account_of(ref: str, at: datetime) -> BankDetails | None:
    """Return the account to which the organisation is paid at `at`: confirmed, cooled off, not yet superseded."""
    in_force = Q(superseded_at__isnull=True) | Q(superseded_at__gt=at)
    ever_confirmed = [BankAccountState.CONFIRMED.value, BankAccountState.SUPERSEDED.value]
    account = (
        models.BankAccount.objects.filter(in_force, organisation__ref=ref, state__in=ever_confirmed)
        .filter(usable_from__lte=at)
        .order_by("-usable_from")
        .first()
    )
    if account is None or account.usable_from is None:
        return None
    return BankDetails(account.ref, account.holder, account.bank_code, account.number, account.usable_from)


def traces_of(refs: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Return what may tell that one hand stands behind several firms, by ref: kind and value of each trace."""
    wanted = list(refs)
    found: dict[str, list[tuple[str, str]]] = {ref: [] for ref in wanted}
    people = models.Membership.objects.filter(organisation__ref__in=wanted, until__isnull=True)
    for ref, name in people.values_list("organisation__ref", "user__username"):
        found[ref].append(("person", name))
    sites = models.Site.objects.filter(organisation__ref__in=wanted).exclude(address="")
    for ref, address in sites.values_list("organisation__ref", "address"):
        found[ref].append(("address", address))
    accounts = models.BankAccount.objects.filter(organisation__ref__in=wanted)
    for ref, bank, number in accounts.values_list("organisation__ref", "bank_code", "number"):
        found[ref].append(("account", f"{bank} {number}"))
    return found


def organisations_for(actor: Actor) -> QuerySet[models.Organisation]:
    """Return the organisations whose whole record the actor may read: its own; staff read all."""
    return (
        models.Organisation.objects.all() if actor.staff else models.Organisation.objects.filter(ref=actor.organisation)
    )


def organisations_of(username: str) -> QuerySet[models.Organisation]:
    """Return every organisation the person may act for, whichever is chosen now."""
    seats = _memberships(username).values("organisation_id")
    return models.Organisation.objects.filter(id__in=seats)


def cards_for(actor: Actor) -> QuerySet[models.Organisation]:
    """Return the organisations whose public card the actor may read: all verified ones, for members of any."""
    if not (actor.staff or actor.organisation):
        return models.Organisation.objects.none()
    return models.Organisation.objects.filter(state=OrganisationState.VERIFIED.value)


def memberships_for(actor: Actor) -> QuerySet[models.Membership]:
    """Return the present members of the actor's organisation; staff see all."""
    rows = models.Membership.objects.filter(until__isnull=True).select_related("user", "organisation")
    return rows if actor.staff else rows.filter(organisation__ref=actor.organisation)


def sites_for(actor: Actor) -> QuerySet[models.Site]:
    """Return the sites of the actor's organisation; staff see all."""
    rows = models.Site.objects.select_related("organisation")
    return rows if actor.staff else rows.filter(organisation__ref=actor.organisation)


def bank_accounts_for(actor: Actor) -> QuerySet[models.BankAccount]:
    """Return the bank accounts of the actor's organisation, waiting and past ones too; staff see all."""
    rows = models.BankAccount.objects.select_related("organisation")
    return rows if actor.staff else rows.filter(organisation__ref=actor.organisation)


def notifications_for(actor: Actor) -> QuerySet[models.Notification]:
    """Return what the actor's organisation was told, newest first."""
    return models.Notification.objects.filter(organisation__ref=actor.organisation).order_by("-id")


def unread_of(request: Any) -> int:
    """Return how many notices the asker's organisation has not read; 0 for who acts for none."""
    try:
        actor = actor_of(request)
    except NotFound:
        return 0
    return notifications_for(actor).filter(read_at__isnull=True).count() if actor.organisation else 0


def site_id(ref: str, organisation_ref: str) -> int:
    """Return the row id of an organisation's own site.

    :raises NotFound: there is none, or another's.
    """
    found = models.Site.objects.filter(ref=ref, organisation__ref=organisation_ref).values_list("id", flat=True).first()
    if found is None:
        raise NotFound(what="site", ref=ref)
    return found


def _view(row: models.Organisation) -> OrganisationView:
    return OrganisationView(
        row.pk, row.ref, row.legal_name, row.country, row.region, row.size_class, row.roles, row.state
    )


def _slices(things: Iterable[T]) -> Iterator[Collection[T]]:
    every = list(dict.fromkeys(things))
    for start in range(0, len(every), BATCH):
        yield every[start : start + BATCH]
