"""A sharing problem in the agreed formats: a tariff game, or a table of what every coalition costs or gains."""

from __future__ import annotations

import hashlib
import re
from fractions import Fraction
from typing import Any

from procurement.engines import reading
from procurement.engines.reading import Page
from procurement.engines.sharing.decision import SharingDecision
from procurement.engines.sharing.games import MOST_LISTED, CostGame, ListedGame, common_parts
from procurement.engines.sharing.share import share
from procurement.engines.sharing.tariff import PriceStep, TariffGame

KINDS = ("game", "coalitions", "cost", "gain")
MOST_MEMBERS = 100_000
NUMBER = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,12}|/[1-9][0-9]{0,11})?")


def game_from_json(raw: bytes) -> tuple[CostGame, str]:
    """Read a problem; return its game and whether it was told as `cost` or `gain` (see docs/algorithms/sharing.md).

    :raises BadValue, NothingToShare: it makes no sense; facts name the place, the value and the reason.
    """
    page = reading.document(raw)
    kind = page.text("kind")
    if kind == "game":
        return _tariff(page), "cost"
    if kind not in KINDS:
        reading.refuse("kind", kind, f"none of {', '.join(KINDS)}")
    of = kind
    if kind == "coalitions":
        of = page.text("of")
        if of not in ("cost", "gain"):
            reading.refuse("of", of, "neither cost nor gain")
    return _listed(page, of), of


def decide_sharing(raw: bytes) -> dict[str, Any]:
    """Share the problem by every rule; return the decision as JSON.

    :raises BadValue, NothingToShare: the problem makes no sense.
    """
    game, of = game_from_json(raw)
    decision: SharingDecision = share(game, of=of, problem_sha256=hashlib.sha256(raw).hexdigest())
    return decision.to_json()


def _tariff(page: Page) -> TariffGame:
    members = list(page.pages("members"))
    if len(members) > MOST_MEMBERS:
        reading.refuse("members", len(members), f"more than {MOST_MEMBERS}")
    steps = [PriceStep(tier.number("from"), tier.number("price")) for tier in page.pages("tiers")]
    names = [member.text("member") for member in members]
    return TariffGame(tuple(names), tuple(member.number("quantity") for member in members), tuple(steps))


def _listed(page: Page, of: str) -> ListedGame:
    names = page.texts("members") if "members" in page.names else [str(n + 1) for n in range(page.number("n"))]
    n = len(names)
    if not 1 <= n <= MOST_LISTED:
        reading.refuse("members", n, f"a table has 1 to {MOST_LISTED} members")
    table = page.page("v")
    values = [Fraction(0)] * (1 << n)
    found = set()
    for key in table.names:
        mask = _mask(key, n)
        found.add(mask)
        values[mask] = _number(table, key)
    if values[0]:
        reading.refuse(f"v.{'0' * n}", str(values[0]), "nobody has no cost and no gain")
    missing = next((mask for mask in range(1, 1 << n) if mask not in found), None)
    if missing is not None:
        reading.refuse(f"v.{_key(missing, n)}", None, "missing")
    parts = common_parts(*values)
    sign = -1 if of == "gain" else 1
    return ListedGame(tuple(names), tuple(int(sign * value * parts) for value in values), parts)


def _mask(key: str, n: int) -> int:
    if len(key) != n or set(key) - {"0", "1"}:
        reading.refuse(f"v.{key}", key, f"not {n} digits of 0 and 1, one for each member")
    return sum(1 << place for place, digit in enumerate(key) if digit == "1")


def _key(mask: int, n: int) -> str:
    return "".join(str(mask >> place & 1) for place in range(n))


def _number(page: Page, key: str) -> Fraction:
    """Read a whole number, a decimal as it is written, or a fraction or decimal as text."""
    value = page.content[key]
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        reading.refuse(f"v.{key}", value, "not a number")
    text = str(value)[:60]
    if not (NUMBER.fullmatch(text) if isinstance(value, str) else abs(value) < reading.MOST):
        reading.refuse(f"v.{key}", text, "not a number, or too large")
    return Fraction(text)
