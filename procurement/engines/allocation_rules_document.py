"""The JSON form of sharing scarce goods by a rule (docs/algorithms/allocation_rule.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from procurement.engines import reading
from procurement.engines.allocation_rules import Allocation, allocate
from procurement.engines.packs import Row, Share
from procurement.engines.reading import Page


def decide_document(raw: bytes) -> dict[str, Any]:
    """Share what is available as the document says; rows of one instant are as old as they stand there.

    :raises BadValue: no such document, or one that makes no sense.
    """
    page = reading.document(raw)
    page.only("kind", "rule", "available", "step", "rows")
    if page.text("kind") != "allocation_rule":
        reading.refuse("kind", page.text("kind"), "not allocation_rule")
    step = page.decimal("step") if page.has("step") else Decimal(1)
    found = allocate(page.text("rule"), list(_rows(page)), page.decimal("available"), step=step)
    return _decision(found, raw)


def _rows(page: Page) -> Iterator[Row]:
    for place, one in enumerate(page.pages("rows")):
        one.only("ref", "member", "firm", "tolerance", "at", "priority")
        tolerance = one.decimal("tolerance") if one.has("tolerance") else Decimal(0)
        priority = one.number("priority") if one.has("priority") else 0
        at = one.instant("at")
        yield Row(one.text("ref"), one.text("member"), one.decimal("firm"), tolerance, at, place, priority)


def _decision(found: Allocation, raw: bytes) -> dict[str, Any]:
    return {
        "kind": "allocation_rule",
        "problem_sha256": hashlib.sha256(raw).hexdigest(),
        "rule": found.rule,
        "step": format(found.step, "f"),
        "shares": [_share(one) for one in found.shares],
        "by_member": {member: format(amount, "f") for member, amount in found.by_member.items()},
        "left_over": format(found.left_over, "f"),
    }


def _share(one: Share) -> dict[str, Any]:
    return {
        "ref": one.ref,
        "member": one.member,
        "firm": format(one.firm, "f"),
        "tolerance": format(one.tolerance, "f"),
        "why": one.why.to_json(),
    }
