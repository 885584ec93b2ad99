"""Random small markets, made for the tests of the optimiser."""

from __future__ import annotations

import random

Row = tuple[int, ...]

LINE_HEAD, TIER_HEAD = "line,product,region,quantity,earliest,deadline,ceiling", "product,from,price"


def small_market(seed: int, most: int = 6) -> tuple[list[Row], list[Row]]:
    """Return up to `most` request lines and the tiers of three products for whom a pool's cost matters."""
    dice = random.Random(seed)
    tiers = [row for product in range(3) for row in _ladder(dice, product)]
    lines = []
    for line in range(dice.randint(1, most)):
        early = dice.randint(0, 12)
        quantity = dice.randint(1, 120) if dice.random() < 0.8 else dice.randint(1, 10)
        product = dice.randrange(3) if dice.random() < 0.2 else 0
        ceiling = dice.choice([0, 0, dice.randint(1, 400)])
        lines.append((line, product, 0, quantity, early, early + dice.randint(0, 8), ceiling))
    return lines, tiers


def _ladder(dice: random.Random, product: int) -> list[Row]:
    start, price = 1, dice.randint(2, 400)
    rows = [(product, start, price)]
    for _ in range(dice.randint(0, 4)):
        start, price = start + dice.randint(1, 120), max(0, price - dice.randint(0, 60))
        rows.append((product, start, price))
    return rows


def as_csv(head: str, rows: list[Row]) -> bytes:
    """Return rows as the bytes of a file."""
    return (head + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)).encode()
