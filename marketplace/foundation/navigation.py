"""Where the pages lead: each app offers its entries, and a reader sees those of the roles held.

An app's web.py calls `offers(...)` at its foot; the shell of every page asks `navigation(request)`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string

from marketplace.foundation.api import actor_of
from marketplace.kernel.actors import NOBODY, Actor
from marketplace.kernel.refusals import Refusal


@dataclass(frozen=True)
class Entry:
    """One line of the navigation.

    roles    whoever holds one of them sees it; none given: every member of an organisation
    staff    staff see it too
    public   people who have not signed in see it too
    order    a smaller number stands higher; the life of an order gives the tens
    """

    label: Any
    address: str
    roles: frozenset[str]
    staff: bool
    public: bool
    order: int

    def shown_to(self, actor: Actor) -> bool:
        if self.public or (self.staff and actor.staff):
            return True
        return bool(actor.organisation) and (not self.roles or bool(self.roles & actor.roles))


@dataclass(frozen=True)
class Link:
    """An entry as a page draws it."""

    label: Any
    url: str
    current: bool


@dataclass(frozen=True)
class Panel:
    """One block of somebody's home page.

    title      what it answers ("Pools closing soon")
    template   drawn with `context` as `panel`
    wide       takes the whole row
    """

    title: Any
    template: str
    context: dict[str, Any]
    wide: bool = False


ENTRIES: dict[str, Entry] = {}
PAGES: dict[str, list[tuple[str, frozenset[str]]]] = {}


def offers(
    label: Any,
    address: str,
    *,
    roles: Collection[str] = (),
    staff: bool = False,
    public: bool = False,
    order: int = 50,
) -> None:
    """Offer a page in the navigation.

    label     a lazy translation
    address   the name of the page's URL (`pools:list`), which takes no arguments
    """
    ENTRIES[address] = Entry(label, address, frozenset(roles), staff, public, order)


def shows(prefix: str, address: str, *, roles: Collection[str] = ()) -> None:
    """Say which page shows the things whose refs begin with `prefix`, to whom; others read the ref alone.

    address   the name of the page's URL, which takes the ref (`pools:pool`)
    """
    PAGES.setdefault(prefix, []).append((address, frozenset(roles)))


def page_of(ref: str, actor: Actor) -> str:
    """Return where `actor` may look at the thing named `ref`, nothing where there is no such page."""
    for address, roles in PAGES.get(ref[:2], []):
        if actor.organisation and (not roles or roles & actor.roles):
            return reverse(address, args=[ref])
    return ""


def links(request: HttpRequest, actor: Actor) -> list[Link]:
    """Return the entries that `actor` sees, the one that holds this page marked."""
    shown = sorted((entry for entry in ENTRIES.values() if entry.shown_to(actor)), key=lambda entry: entry.order)
    urls = [reverse(entry.address) for entry in shown]
    here = max((url for url in urls if url != "/" and request.path.startswith(url)), key=len, default=request.path)
    return [Link(entry.label, url, url == here) for entry, url in zip(shown, urls, strict=True)]


def asker(request: HttpRequest) -> Actor:
    """Return who looks at the page; a choice that does not hold any more is nobody's."""
    if not request.user.is_authenticated:
        return NOBODY
    try:
        return actor_of(request)
    except Refusal:
        return Actor(by=f"user:{request.user.get_username()}", staff=request.user.is_staff)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give every page its `actor` and `links`; asked only by templates that use them."""
    if not hasattr(request, "user"):
        return {}
    return {"actor": lambda: asker(request), "links": lambda: links(request, asker(request))}


def panels(actor: Actor) -> list[Panel]:
    """Return the blocks of the actor's home page, in the order of settings.HOME_PANELS.

    Each name there is a function `(actor) -> Panel | None` of some app's web.py.
    """
    makers: list[Callable[[Actor], Panel | None]] = [import_string(name) for name in settings.HOME_PANELS]
    return [panel for make in makers if (panel := make(actor)) is not None]
