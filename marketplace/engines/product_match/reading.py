"""Reading messy English and Chinese: folding, words, part numbers, numbers with units, grades."""

from __future__ import annotations

import re
import unicodedata

from marketplace.engines.product_match.measures import MEASURES, UNIT_WORDS
from marketplace.engines.product_match.records import Reading, Record

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af"
_WORD = re.compile(rf"\bv\d+\.\d+|\d+\.\d+|[a-z0-9]+|[{CJK}]+")
_JOINED = re.compile(r"[a-z0-9]+(?:[-/._][a-z0-9]+)+")
_NUMBER = re.compile(r"(?<![a-z0-9.])v?\.?\s?(\d{1,6}(?:\.\d+)?)(?:\.x)?(?![a-z0-9]|\.\d)")
_AMOUNT = re.compile(rf"(?<![a-z0-9.])(\d+(?:,\d\d\d)*(?:\.\d+)?|\d+/\d+)\s?-?({UNIT_WORDS})(?![a-z])")
_THREAD = re.compile(
    r"(?<![a-z0-9])m(\d+(?:\.\d+)?)(?:\s?[x*]\s?(\d+(?:\.\d+)?))?(?:\s?[x*]\s?(\d+(?:\.\d+)?))?(?![a-z0-9])"
)
_SIZE = re.compile(
    r"(?<![a-z0-9.])(\d+(?:\.\d+)?)\s?(?:mm|cm)?\s?[x*]\s?(\d+(?:\.\d+)?)(?:\s?(?:mm|cm)?\s?[x*]\s?(\d+(?:\.\d+)?))?(?![0-9])"
)
_GRADE = re.compile(
    r"(?<![a-z0-9.])(?:a[24](?:-\d\d)?|(?:sus|aisi|ss)?\s?(?:201|202|301|304|316|321|410|430)l?|q[2-6]\d5[a-e]?"
    r"|(?:4\.6|4\.8|5\.8|6\.8|8\.8|10\.9|12\.9)(?!\d)(?:级)?|[1-7]0[0-9]{2}-?(?:t\d+|h\d+|o)|s[235]\d5j[r02]|hdpe|ldpe|abs|pa66|pa6|pom|pvc|ptfe|h5[49]|h62|gb\d{3,5})(?![a-z0-9])"
)
_SPACED = re.compile(r"[\s,;:/()\[\]，；：、（）]+")
_TIMES = re.compile(r"(?<=\d)\s?[*x]\s?(?=\d)")  # 30*40, 30 x 40: 30x40
_ANY = re.compile(rf"[^a-z0-9{CJK}]+")
_MARKS = str.maketrans(
    {
        "×": "x",
        "″": '"',
        "”": '"',
        "“": '"',
        "’": "'",
        "‘": "'",
        "′": "'",
        "–": "-",
        "—": "-",
        "Φ": "d",
        "φ": "d",
        "ø": "d",
        "Ø": "d",
        "ß": "ss",
        "·": ".",
    }
)


def fold(text: str) -> str:
    """Return `text` as it is compared: NFKC (full-width becomes half-width), lower case, no accents, plain quotes."""
    if text.isascii():
        plain = text.lower()
        return _TIMES.sub("x", plain) if "*" in plain else plain
    plain = unicodedata.normalize("NFKC", text.translate(_MARKS)).casefold()
    plain = _TIMES.sub("x", plain)
    if plain.isascii():
        return plain
    apart = unicodedata.normalize("NFD", plain)
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c) or ord(c) > 0x3000))


def words(folded: str) -> list[str]:
    """Return the words of a folded text: latin words and numbers as they are, Chinese in overlapping pairs."""
    found: list[str] = []
    for word in _WORD.findall(folded):
        if word[0] > "\u2fff":
            found.extend(word[n : n + 2] for n in range(max(1, len(word) - 1)))
        elif "." in word:
            found.append(number(word.lstrip("v")))
        else:
            found.append(word)
    return found


def number(text: str) -> str:
    """Return a number's one spelling: `7.0` is `7`, `007` is `7`, `1.50` is `1.5`."""
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def amounts(folded: str) -> list[tuple[str, str]]:
    """Return the numbers with units as (dimension, value in the dimension's base unit); threads and sizes too."""
    found: list[tuple[str, str]] = []
    for digits, unit in _AMOUNT.findall(folded):
        dimension, factor = MEASURES[unit]
        top, _, below = digits.replace(",", "").partition("/")
        if below and not int(below):
            continue
        value = float(top) / (float(below) if below else 1.0) * factor
        found.append((dimension, f"{value:.4g}"))
    if "m" in folded:
        for size, length, other in _THREAD.findall(folded):
            found.append(("thread", number(size)))
            found.extend(("thread length", number(n)) for n in (length, other) if n)
    if "x" in folded or "*" in folded:
        for match in _SIZE.findall(folded):
            found.append(("size", "x".join(sorted(number(n) for n in match if n))))
    return found


def codes(folded: str, tokens: list[str]) -> list[str]:
    """Return the part numbers: letters with digits (four signs or more), joined over dashes, or five digits or more."""
    found = [re.sub(r"[-/._]", "", joined) for joined in _JOINED.findall(folded)]
    return [code for code in dict.fromkeys(found + tokens) if _is_code(code)]


def _is_code(token: str) -> bool:
    if not 4 <= len(token) <= 30 or "." in token:
        return False
    if token.isdigit():
        return len(token) >= 5
    return (
        token.isascii() and any(c.isdigit() for c in token) and not token.isalpha() and not _UNITLIKE.fullmatch(token)
    )


_UNITLIKE = re.compile(rf"\d+(?:{UNIT_WORDS}|x|th|st|nd|rd|bit|p|i|mm?|in|fps|rpm)|\d+x\d+(?:x\d+)?")


def grades(folded: str) -> list[str]:
    """Return material grades and strength classes, without spaces, points or dashes: A2, 304, Q235, 88 for 8.8."""
    return [_ANY.sub("", grade).removesuffix("级") for grade in _GRADE.findall(folded)]


def read(record: Record) -> Reading:
    """Read a record once; everything compared later comes from here."""
    title = fold(record.title)
    rest = " ".join(fold(part) for part in (record.brand, record.text) if part)
    rest += "".join(f" {fold(value)}" for _, value in record.attributes)
    whole = f"{title} {rest}"
    in_title, beyond = words(title), words(rest)
    measured = amounts(whole)
    return Reading(
        title=in_title,
        words=in_title + beyond,
        codes=codes(title, in_title),
        numbers=[number(n) for n in _NUMBER.findall(title)],
        amounts=[f"{dimension}={value}" for dimension, value in dict.fromkeys(measured)],
        dimensions=list({dimension for dimension, _ in measured}),
        grades=grades(whole),
        brand=words(fold(record.brand)),
        compact=_ANY.sub("", title),
        compact_all=_ANY.sub("", whole),
        folded=title,
        spaced=_SPACED.sub(" ", whole).strip(),
        price=record.price or None,
        attributes={fold(name): fold(value) for name, value in record.attributes},
    )


def term(text: str) -> str:
    """Return a text as it is remembered: folded, single spaces, no marks at its ends; every inner sign counts."""
    return " ".join(fold(text).split()).strip(" .,;:，。；：、")
