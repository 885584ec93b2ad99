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
FULL_WIDTH = {ord("!") + n: 0xFF01 + n for n in range(94)}


def practice_pairs(
    catalogue: Sequence[Record], *, seed: int, most: int = 2_000, near: int = 8
) -> tuple[list[Pair], list[int]]:
    """Return labelled pairs (hurried text, product) made from a catalogue: 1 its own product, 0 a near other one.

    catalogue   n >= 2 products
    most        products practised on, drawn by the seed
    near        nearest other products that stand as wrong answers of each, so that the differences get learnt

    Positives lose words, swap their order, abbreviate, spell units differently, change case or width, or mistype a
    letter: never a digit, since another digit is another product.
    """
    dice = random.Random(seed)  # noqa: S311 - a repeatable draw, no secret
    drawn = sorted(dice.sample(range(len(catalogue)), min(most, len(catalogue))))
    corpus = Corpus.of(catalogue)
    rows = together(Table.of(catalogue, corpus))
    others = nearest(rows[drawn], rows, near + 1).rows
    pairs: list[Pair] = []
    labels: list[int] = []
    for place, at in enumerate(drawn):
        product = catalogue[at]
        for hurried in _hurried(product, dice):
            pairs.append((hurried, product))
            labels.append(1)
            wrong = [int(j) for j in others[place] if j >= 0 and j != at and catalogue[j].title != product.title]
            pairs.extend((hurried, catalogue[j]) for j in wrong[:near])
            labels.extend(0 for _ in wrong[:near])
    return pairs, labels


def _hurried(product: Record, dice: random.Random) -> list[Record]:
    """Return two texts as people in a hurry would write this product, one lightly and one heavily changed."""
    texts = [product.title, *(part for part in product.title.split(" / ") if part != product.title)]
    made = []
    for count in (1, 3):
        text = dice.choice(texts)
        for deed in dice.sample(_DEEDS, count):
            text = deed(text, dice) or text
        made.append(Record(f"practice:{product.key}:{count}", text))
    return made


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


def _squeeze(text: str, dice: random.Random) -> str:
    return dice.choice((text.replace("-", ""), text.replace("-", " "), text.replace(" ", "", 1)))


_DEEDS: list[Callable[[str, random.Random], str]] = [
    _drop,
    _swap,
    _shorten,
    _respell,
    _mistype,
    _recase,
    _widen,
    _squeeze,
]
