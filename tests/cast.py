"""The cast of every test: who they are, and the firms they act for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from marketplace.kernel.money import Money
from marketplace.parties import use_cases as parties
from marketplace.parties.models import User

FOUNDING = datetime(2026, 1, 5, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Player:
    """A person with the organisation acted for; `org` is its ref, empty for staff and for nobody's member."""

    username: str
    org: str = ""

    @property
    def by(self) -> str:
        return f"user:{self.username}"

    @property
    def user(self) -> User:
        return User.objects.get(username=self.username)


def enter(
    username: str, firm: str = "", *, roles: Any = (), seat: Any = (), staff: bool = False, **more: Any
) -> Player:
    """Let a person sign up and, when `firm` is given, found a verified firm with `roles` and sit there as `seat`."""
    at, by = FOUNDING, "system:cast"
    parties.register_person(username=username, password=f"{username}-password", staff=staff, by=by, at=at)
    if not firm:
        return Player(username)
    ref = parties.register_organisation(legal_name=firm, country="CN", roles=roles, by=by, at=at, **more)
    parties.verify_organisation(organisation_ref=ref, by="system:cast", at=at)
    join(username, ref, seat=seat)
    return Player(username, ref)


def join(username: str, organisation_ref: str, *, seat: Any, limit: Money | None = None) -> Player:
    """Let a person who has signed up act for a firm that is there."""
    parties.add_member(
        organisation_ref=organisation_ref,
        username=username,
        roles=seat,
        spending_limit=limit,
        by="system:cast",
        at=FOUNDING,
    )
    return Player(username, organisation_ref)


ALL_BUYING = ("requester", "approver", "finance")


@pytest.fixture
def lin(db: Any) -> Player:
    """A buyer: pumps."""
    return enter("lin", "Linjiang Pumps", roles=["buyer"], seat=ALL_BUYING, region="Zhejiang")


@pytest.fixture
def bao(db: Any) -> Player:
    """A second buyer: valves."""
    return enter("bao", "Baoshan Valves", roles=["buyer"], seat=ALL_BUYING, region="Zhejiang")


@pytest.fixture
def teng(db: Any) -> Player:
    """A supplier that is a cloud factory too."""
    return enter("teng", "Tengda Casting", roles=["supplier", "factory"], seat=["sales", "planner", "finance"])


@pytest.fixture
def qian(db: Any) -> Player:
    """A financier."""
    return enter("qian", "Qianjin Factoring", roles=["financier"], seat=["finance", "approver"])


@pytest.fixture
def wei(db: Any) -> Player:
    """Staff of the platform."""
    return enter("wei", staff=True)


@pytest.fixture
def mallory(db: Any) -> Player:
    """A member of nobody."""
    return enter("mallory")
