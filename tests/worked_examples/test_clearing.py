"""One pool of bolts cleared by hand, as a document (docs/algorithms/clearing.md).

The rule is that of Cobuy (conditional demand against all-units tiers: the largest minimum that its own demand reaches),
with levels, freight and a second supplier.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from procurement.engines.decide import decide

BOLTS: dict[str, Any] = {
    "kind": "clearing",
    "members": [
        {"member": "Lin", "levels": [{"price": "100", "quantity": "20"}, {"price": "85", "quantity": "60"}]},
        {"member": "Bao", "levels": [{"price": None, "quantity": "40"}]},
        {"member": "Wei", "levels": [{"price": "95", "quantity": "20"}]},
        {"member": "Hua", "levels": [{"price": "92", "quantity": "30"}]},
    ],
    "suppliers": [
        {
            "supplier": "Teng",
            "tiers": [{"from": "1", "price": "100"}, {"from": "50", "price": "90"}, {"from": "160", "price": "82.89"}],
            "freight": {"Hua": "3"},
        },
        {"supplier": "Ming", "tiers": [{"from": "10", "price": "94"}], "capacity": "70"},
    ],
}
DRUMS: dict[str, Any] = {
    "kind": "allocation_rule",
    "rule": "max_min",
    "available": "31",
    "rows": [
        {"ref": "1", "member": "Lin", "firm": "20", "tolerance": "4", "at": "2026-03-02T08:00:00+08:00"},
        {"ref": "2", "member": "Bao", "firm": "6", "at": "2026-03-02T08:01:00+08:00"},
        {"ref": "3", "member": "Wei", "firm": "12", "at": "2026-03-02T08:02:00+08:00", "priority": 1},
        {"ref": "4", "member": "Lin", "firm": "4", "at": "2026-03-02T08:03:00+08:00"},
        {"ref": "5", "member": "Hua", "firm": "3", "tolerance": "2", "at": "2026-03-02T08:04:00+08:00"},
    ],
}
BOLTS_RAW, DRUMS_RAW = json.dumps(BOLTS).encode(), json.dumps(DRUMS).encode()


def test_bolts_clear_at_ninety() -> None:
    # At 100: Lin 20, Bao 40 = 60. At 90: Lin 20, Bao 40, Wei 20 = 80; Hua would pay 93. At 82.89 all: 150.
    found = decide("clearing", BOLTS_RAW)

    assert (found["supplier"], found["price"], found["tier"]) == ("Teng", "90", {"from": "50", "price": "90"})
    assert [(one["from"], one["demand"], one["missing"], one["reached"]) for one in found["tiers"]] == [
        ("1", "60", "0", True),
        ("50", "80", "0", True),
        ("160", "150", "10", False),
    ]
    assert [(one["member"], one["got"], one["out"], one["landed"], one["why"]["code"]) for one in found["members"]] == [
        ("Lin", "20", "40", "90", "in_part"),
        ("Bao", "40", "0", "90", "in_full"),
        ("Wei", "20", "0", "90", "in_full"),
        ("Hua", "0", "30", "93", "price_above_levels"),
    ]
    assert found["problem_sha256"] == hashlib.sha256(BOLTS_RAW).hexdigest()


def test_ten_more_and_everybody_pays_seven_point_nine_per_cent_less() -> None:
    step = decide("clearing", BOLTS_RAW)["next"]

    assert step == {"from": "160", "price": "82.89", "missing": "10", "percent": "7.9", "less": "79/1000"}


def test_the_other_supplier_would_have_left_members_less() -> None:
    # Teng: Lin 20 x 10, Bao 40 x 10 (its want at any price counts as the dearest first tier, 100), Wei 20 x 5: 700.
    # Ming at 94 with 70 to sell: Lin 20 x 6, Bao 40 x 6, and Wei, last to come, 10 of its 20 x 1: 370.
    found = decide("clearing", BOLTS_RAW)

    assert found["gain"] == "700"
    assert [(one["supplier"], one["sold"], one["demand"], one["gain"]) for one in found["others"]] == [
        ("Ming", "70", "80", "370")
    ]
    assert found["why"]["code"] == "members_gain_most"


def test_drums_are_shared_as_a_document_says() -> None:
    found = decide("allocation_rule", DRUMS_RAW)

    assert found["by_member"] == {"Lin": "11", "Bao": "6", "Wei": "11", "Hua": "3"}
    assert [one["why"]["code"] for one in found["shares"]] == [
        "part_max_min",
        "full",
        "part_max_min",
        "nothing_left_max_min",
        "firm_full",
    ]
    assert (found["left_over"], found["step"]) == ("0", "1")


@pytest.mark.parametrize(
    ("engine", "raw", "place"),
    [
        ("clearing", b"[]", "document"),
        ("clearing", json.dumps(BOLTS | {"kind": "award"}).encode(), "kind"),
        ("clearing", json.dumps(BOLTS | {"memebrs": []}).encode(), "memebrs"),
        ("clearing", json.dumps(BOLTS | {"fee_percent": 2.5}).encode(), "fee_percent"),
        ("clearing", json.dumps(BOLTS | {"fee_percent": "1e3"}).encode(), "fee_percent"),
        ("clearing", json.dumps(BOLTS | {"members": [{"member": "Lin"}]}).encode(), "members[0].levels"),
        ("allocation_rule", json.dumps(DRUMS | {"rows": [DRUMS["rows"][0] | {"at": "noon"}]}).encode(), "rows[0].at"),
        (
            "allocation_rule",
            json.dumps(DRUMS | {"rows": [DRUMS["rows"][0] | {"at": "2026-03-02T08:00:00"}]}).encode(),
            "rows[0].at",
        ),
        (
            "allocation_rule",
            json.dumps(DRUMS | {"rows": [DRUMS["rows"][0] | {"tolerance": "-1"}]}).encode(),
            "1.tolerance",
        ),
    ],
)
def test_bad_documents_are_refused_with_their_place(engine: str, raw: bytes, place: str) -> None:
    from marketplace.kernel.refusals import BadValue

    with pytest.raises(BadValue) as refused:
        decide(engine, raw)

    assert refused.value.facts["place"] == place
