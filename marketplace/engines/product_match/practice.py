"""Training pairs from a catalogue alone: its texts as hurried people would write them, and its nearest others."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from marketplace.engines.product_match.blocking import nearest, together
from marketplace.engines.product_match.corpus import Corpus, Table
from marketplace.engines.product_match.records import Pair, Record

SPELLINGS = (
    ("mm", "毫米"), ("kg", "公斤"), ("kg", "KG"), ("pcs", "个"), ("pcs", "pc"), ("pieces", "pcs"), ("inch", "in"),
    ("inch", '"'), ("litre", "L"), ("stainless steel", "SS"), ("stainless", "s/s"), ("galvanised", "galv."),
    ("hexagon", "hex"), ("diameter", "dia"), ("with", "w/"), ("and", "&"), ("不锈钢", "SUS304"), ("×", "x"), ("x", "*"),
    ("box", "bx"), ("package", "pkg"), ("tablets", "tabs"), ("milligram", "mg"), ("standard", "std"), ("white", "wht"),
    ("black", "blk"), ("assembly", "assy"), ("螺栓", "螺丝"),
)  # fmt: skip
LARGEST_SHARE = 30
ABSENT = 4  # of so many texts one asks for a product that its candidates do not hold
FULL_WIDTH = {ord("!") + n: 0xFF01 + n for n in range(94)}


def practice_pairs(
    catalogue: Sequence[Record], *, seed: int, most: int = 2_000, near: int = 8
) -> tuple[list[Pair], list[int]]:
    """Return labelled pairs (hurried text, product) made from a catalogue: 1 its own product, 0 a near other one.

    catalogue   n >= 2 products
    most        hurried texts made; each product drawn gives two, or up to LARGEST_SHARE where the catalogue is small
    near        nearest other products that stand as wrong answers of each, so that the differences get learnt

    Positives lose words, swap their order, abbreviate, spell units differently, change case or width, name a quantity,
    or mistype a letter: never a digit, since another digit is another product. Every fourth text stands without its
    product, as people ask for what a catalogue does not hold.
    """
    dice = random.Random(seed)  # noqa: S311 - a repeatable draw, no secret
    each = min(LARGEST_SHARE, max(2, most // len(catalogue)))
    drawn = sorted(dice.sample(range(len(catalogue)), min(most // each, len(catalogue))))
    rows = together(Table.of(catalogue, Corpus.of(catalogue)))
    others = nearest(rows[drawn], rows, near + 1).rows
    pairs: list[Pair] = []
    labels: list[int] = []
    for place, at in enumerate(drawn):
        product = catalogue[at]
        wrong = [int(j) for j in others[place] if j >= 0 and j != at and catalogue[j].title != product.title][:near]
        for count in range(each):
            hurried = _hurried(product, count, dice)
            if (place + count) % ABSENT:
                pairs.append((hurried, product))
                labels.append(1)
            pairs.extend((hurried, catalogue[j]) for j in wrong)
            labels.extend(0 for _ in wrong)
    return pairs, labels


def _hurried(product: Record, count: int, dice: random.Random) -> Record:
    """Return a text as somebody in a hurry would write this product: one to three deeds done to one of its names."""
    text = dice.choice([product.title, *product.title.split(" / ")])
    for deed in dice.sample(_DEEDS, 1 + count % 3):
        text = deed(text, dice) or text
    return Record(f"practice:{product.key}:{count}", text)


def _drop(text: str, dice: random.Random) -> str:
    words = text.split()
    plain = [n for n, word in enumerate(words) if word.isalpha()]
    if len(words) < 3 or not plain:
        return text
    gone = set(dice.sample(plain, max(1, len(plain) // 4)))
    return " ".join(word for n, word in enumerate(words) if n not in gone)


def _swap(text: str, dice: random.Random) -> str:
    words = text.split()
    if len(words) < 2:
        return text
    cut = dice.randrange(1, len(words))
    return " ".join(words[cut:] + words[:cut])


def _shorten(text: str, dice: random.Random) -> str:
    words = text.split()
    long = [n for n, word in enumerate(words) if word.isascii() and word.isalpha() and len(word) > 6]
    if long:
        at = dice.choice(long)
        words[at] = words[at][: dice.randrange(3, 6)] + dice.choice(("", "."))
    return " ".join(words)


def _respell(text: str, dice: random.Random) -> str:
    usable = [pair for pair in SPELLINGS if pair[0] in text.lower()]
    if not usable:
        return text
    old, new = dice.choice(usable)
    at = text.lower().index(old)
    return text[:at] + new + text[at + len(old) :]


def _mistype(text: str, dice: random.Random) -> str:
    letters = [n for n, c in enumerate(text[:-1]) if c.isalpha() and text[n + 1].isalpha() and c.isascii()]
    if not letters:
        return text
    at = dice.choice(letters)
    return text[:at] + (text[at + 1] + text[at] if dice.random() < 0.5 else text[at + 1]) + text[at + 2 :]


def _recase(text: str, dice: random.Random) -> str:
    return text.upper() if dice.random() < 0.5 else text.lower()


def _widen(text: str, dice: random.Random) -> str:
    del dice
    return text.translate(FULL_WIDTH)


def _count(text: str, dice: random.Random) -> str:
    count = dice.choice((2, 5, 10, 20, 50, 100, 200, 500))
    return f"{text}, {count} pc" if text.isascii() else f"{text} 数量{count}"


def _squeeze(text: str, dice: random.Random) -> str:
    return dice.choice((text.replace("-", ""), text.replace("-", " "), text.replace(" ", "", 1)))


_DEEDS: list[Callable[[str, random.Random], str]] = [
    _drop,
    _swap,
    _shorten,
    _respell,
    _mistype,
    _recase,
    _count,
    _widen,
    _squeeze,
]
