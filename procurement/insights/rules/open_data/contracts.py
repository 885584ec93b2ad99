"""The contract's part of a release: one order."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from marketplace.kernel.clock import SHANGHAI
from marketplace.kernel.money import Money
from procurement.contracts.rules.published import PublicOrder
from procurement.insights.rules.open_data.awards import award_id
from procurement.insights.rules.open_data.parts import amount, instant, item
from procurement.insights.rules.open_data.source import Known, Source

SIGNED, AMENDED, MET = "contractUpdate", "contractAmendment", "implementation"


def contract_part(source: Source, known: Known, order: PublicOrder) -> dict[str, Any]:
    """Return an order as it stands after the fact: its value, lines over all members, and days of delivery."""
    step, at = source.step, source.at
    value = Money.from_minor(order.total_minor, order.currency).amount
    milestones = _milestones(order, at if MET in step.tags else None)
    part: dict[str, Any] = {
        "id": order.ref,
        "awardID": award_id(order.award_ref, order.supplier_ref),
        "status": step.contract,
        "period": {"startDate": instant(order.placed_at), "endDate": milestones[-1]["dueDate"]},
        "value": amount(value, order.currency),
        "items": _lines(order, known),
    }
    if SIGNED in step.tags:
        part["dateSigned"] = instant(at)
    if AMENDED in step.tags:
        part["amendments"] = [
            {"id": source.change_ref, "date": instant(at), "rationale": source.why or "Agreed by both sides."}
        ]
    if step.contract == "cancelled" and source.why:
        part["description"] = source.why
    if step.contract != "terminated":
        part["milestones"] = milestones
    if MET in step.tags:
        part["implementation"] = {"milestones": milestones}
    return part


def _milestones(order: PublicOrder, met: datetime | None) -> list[dict[str, Any]]:
    """Return the days of delivery, the last second of each being its due date; met all at once, at receipt."""
    done: dict[str, Any] = {"status": "met", "dateMet": instant(met)} if met else {"status": "scheduled"}
    return [
        {
            "id": f"{order.ref}-{number}",
            "title": "Delivery",
            "type": "delivery",
            "dueDate": instant(datetime.combine(day, time(23, 59, 59), SHANGHAI)),
            **done,
        }
        for number, day in enumerate(order.days, start=1)
    ]


def _lines(order: PublicOrder, known: Known) -> list[dict[str, Any]]:
    return [
        item(
            f"{order.ref}-{number}",
            lot=line.lot_ref,
            description=f"{(known.product(line.product_id) or ('', ''))[0]}, {line.region}",
            product=known.product(line.product_id),
            quantity=line.quantity,
            unit=line.unit,
            price=amount(line.unit_price, order.currency),
        )
        for number, line in enumerate(order.lines, start=1)
    ]
