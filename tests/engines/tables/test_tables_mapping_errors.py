"""A mapping that says what it may not is refused with the TOML key at fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from marketplace.engines.tables import BadMapping, Kind, load_mapping, parse_mapping, shipped_mappings
from tests.engines.tables.small_files import MAPPING

WRONG = {
    "kind missing": ('kind = "demand"', "", "kind", "is missing"),
    "kind unknown": ('kind = "demand"', 'kind = "stock"', "kind", "must be one of demand, bids"),
    "an unknown key": ('kind = "demand"', 'kind = "demand"\nkeys = ["ref"]', "keys", "means nothing here"),
    "an unknown key of a field": ("above = 0", "over = 0", "fields.quantity.over", "means nothing here"),
    "a type unknown": ('type = "date"', 'type = "day"', "fields.needed_from.type", "must be one of"),
    "a field's name": ("[fields.buyer]", '[fields."The Buyer"]', "fields.The Buyer", "is no field name"),
    "a demand without its buyer": ("[fields.buyer]", "[fields.firm]", "fields.buyer", "a demand mapping fills buyer"),
    "no source": ('column = ["Buyer", "买方"]', "", "fields.buyer", "exactly one of column, join, title, product_of"),
    "two sources": (
        'column = ["Buyer", "买方"]',
        'column = "Buyer"\ntitle = "Buyer: (.+)"',
        "fields.buyer",
        "exactly one of",
    ),
    "column and join": ('column = ["Buyer", "买方"]', 'column = "a"\njoin = ["b", "c"]', "fields.buyer.join", "beside"),
    "a column that is a number": (
        'column = ["Buyer", "买方"]',
        "column = 3",
        "fields.buyer.column",
        "a text or a list",
    ),
    "an empty heading": ('column = ["Buyer", "买方"]', 'column = [""]', "fields.buyer.column", "none of them empty"),
    "a flag that is a text": (
        "required = true\n\n[fields.product]",
        'required = "yes"\n\n[fields.product]',
        "fields.buyer.required",
        "must be true or false",
    ),
    "a bound that is a text": ("above = 0", 'above = "0"', "fields.quantity.above", "must be a number"),
    "a bound that is no number": ("above = 0", "above = nan", "fields.quantity.above", "must be a number"),
    "too many places": ("above = 0", "above = 0\nplaces = 9", "fields.quantity.places", "from 0 to 6"),
    "a format without a day": (
        '"YYYY-MM-DD"',
        '"YYYY-MM"',
        "fields.needed_from.formats[0]",
        "must name a year (YYYY or YY), a month (M, MM or MMM) and a day",
    ),
    "a format with two days": ('"YYYY-MM-DD"', '"YYYY-DD-DD"', "fields.needed_from.formats[0]", "names a part twice"),
    "a century of the future": ("century = 2000", "century = 3000", "fields.needed_from.century", "from 1800 to 2100"),
    "a zone": ("century = 2000", 'zone = "Mars/Olympus"', "fields.needed_from.zone", "is no time zone"),
    "a normal form": ('normal = "NFKC"', 'normal = "NFX"', "fields.product.normal", "must be one of"),
    "a pattern": ('normal = "NFKC"', 'matches = "("', "fields.product.matches", "is not a regular expression"),
    "a pattern that may run for hours": (
        'normal = "NFKC"',
        "matches = '(x+)+y'",
        "fields.product.matches",
        "for hours",
    ),
    "a capture of nothing": ('normal = "NFKC"', 'capture = "x"', "fields.product.capture", "captures nothing"),
    "a default beside required": (
        "above = 0",
        "default = 1",
        "fields.quantity.required",
        "cannot stand beside default",
    ),
    "a key nobody fills": ('key = ["ref"]', 'key = ["id"]', "key", "names 'id', which no field fills"),
    "a field filled twice": ('currency = "CNY"', 'buyer = "Lin"', "fields.buyer", "is filled twice"),
    "a constant that is a list": ('currency = "CNY"', "currency = []", "constants.currency", "must be one value"),
    "a skip without a name": ('name = "cancelled"\n', "", "skip[0].name", "is missing"),
    "a skip without a test": ('equals = ["cancelled", "取消"]', "", "skip[0]", "exactly one of equals"),
    "a skip with two tests": (
        'equals = ["cancelled", "取消"]',
        'equals = "a"\nempty = true',
        "skip[0]",
        "exactly one of equals",
    ),
    "a skip without a column": ('column = ["State", "状态"]', "", "skip[0].column", "is missing"),
    "a skip by an unknown verb": ('equals = ["cancelled", "取消"]', 'sounds_like = "x"', "skip[0]", "exactly one of"),
    "a product of texts": (
        "[fields.product]",
        '[fields.total]\ntype = "number"\nproduct_of = ["quantity", "buyer"]\n[fields.product]',
        "fields.total.product_of",
        "names 'buyer', which is no number",
    ),
    "a choice without values": (
        'column = ["Buyer", "买方"]',
        'type = "choice"\ncolumn = "Buyer"',
        "fields.buyer.values",
        "a choice lists what it takes",
    ),
    "a special text without a status": (
        'normal = "NFKC"',
        'texts = [{equals = "n/a"}]',
        "fields.product.texts[0].status",
        "is missing",
    ),
    "a special text without a text": (
        'normal = "NFKC"',
        'texts = [{status = "none"}]',
        "fields.product.texts[0]",
        "must hold either equals or matches",
    ),
    "the decimal sign twice": (
        "above = 0",
        'above = 0\ndecimal = ","\nthousands = ","',
        "fields.quantity.thousands",
        "is the decimal sign too",
    ),
    "an encoding": ("[constants]", '[file]\nencoding = "klingon"\n[constants]', "file.encoding", "is no encoding"),
    "a codec that is no encoding": ("[constants]", '[file]\nencoding = "rot13"\n[constants]', "file.encoding", "is no"),
    "a delimiter of two": ("[constants]", '[file]\ndelimiter = "::"\n[constants]', "file.delimiter", "one character"),
    "a matrix for demand": (
        "[constants]",
        '[matrix.line]\nnumber="n"\ndescription="d"\nquantity="q"\nunit="u"\n[matrix.group]\nunit_price="p"\ntotal="t"\n[constants]',
        "matrix",
        "is for bids",
    ),
    "a matrix without its columns": ("[constants]", "[matrix]\n[constants]", "matrix.line.number", "is missing"),
    "not TOML": ('kind = "demand"', "kind = demand", "", "is not TOML"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_mapping_names_the_key_at_fault(name: str) -> None:
    old, new, key, reason = WRONG[name]
    assert old in MAPPING

    with pytest.raises(BadMapping) as refusal:
        parse_mapping(MAPPING.replace(old, new, 1), "wrong")

    assert refusal.value.facts["mapping"] == "wrong"
    assert refusal.value.facts["key"] == key
    assert reason in str(refusal.value.facts["reason"])


def test_dates_without_formats_are_refused() -> None:
    formats = next(line for line in MAPPING.splitlines() if line.startswith("formats"))

    with pytest.raises(BadMapping) as refusal:
        parse_mapping(MAPPING.replace(formats, ""), "wrong")

    assert refusal.value.facts["key"] == "fields.needed_from.formats"


def test_the_shipped_mappings_load() -> None:
    assert shipped_mappings() == ["retail", "scms", "tenders_pdx"]
    assert {name: load_mapping(name).kind for name in shipped_mappings()} == {
        "retail": Kind.DEMAND,
        "scms": Kind.DEMAND,
        "tenders_pdx": Kind.BIDS,
    }


def test_an_unknown_name_lists_what_is_shipped() -> None:
    with pytest.raises(BadMapping) as refusal:
        load_mapping("nothing")

    assert refusal.value.facts["reason"] == "no such mapping; shipped: retail, scms, tenders_pdx"


def test_a_mapping_is_loaded_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(MAPPING, encoding="utf-8-sig")

    assert load_mapping(path).name == "ours"
    assert load_mapping(str(path)).key == ("ref",)


def test_a_mapping_in_another_encoding_or_too_long_is_refused(tmp_path: Path) -> None:
    wrong, long = tmp_path / "wrong.toml", tmp_path / "long.toml"
    wrong.write_text(MAPPING, encoding="gb18030")
    long.write_text("#" * 300_000)

    for path, reason in ((wrong, "is not UTF-8 at byte"), (long, "is longer than")):
        with pytest.raises(BadMapping) as refusal:
            load_mapping(path)
        assert reason in str(refusal.value.facts["reason"])
