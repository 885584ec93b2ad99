"""A day on which every kind of step is due: nights, funding, collection, set-off, refund, payout, repayment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from finance.credit import use_cases as credit
from tests.cast import ALL_BUYING, enter
from tests.finance.credit.shorthand import approved_claim, drawn, facility
from tests.finance.invoicing.shorthand import DUE
from tests.finance.settlement.shorthand import (
    NOON_OF_DUE,
    bank,
    books,
    charge,
    give_accounts,
    hand_on,
    paid,
    settle,
    sound,
    supply,
)


def build(*, tell: bool = True) -> None:
    """Lay out the market and settle what came before DUE; `tell` whether the facts of DUE are handed on."""
    lin = enter("lin", "Linjiang Pumps", roles=["buyer"], seat=ALL_BUYING)
    bao = enter("bao", "Baoshan Valves", roles=["buyer"], seat=ALL_BUYING)
    teng = enter("teng", "Tengda Casting", roles=["supplier", "factory"], seat=["finance"])
    gao = enter("gao", "Gaoyou Forging", roles=["supplier"], seat=["finance"])
    qian = enter("qian", "Qianjin Factoring", roles=["financier"], seat=["finance", "approver"])
    give_accounts(lin, bao, teng, gao, qian)
    facility(qian)
    drawn(teng, qian, n=1)  # repaid on DUE
    settle()
    supply(teng, n=2)
    supply(teng, n=3)
    charge(teng, n=1, net="300.00")  # set off against what it is owed
    supply(gao, n=4)
    charge(lin, n=2)
    charge(lin, n=3)
    charge(bao, n=4, net="100.00", advance="120.00")  # 7.00 go back
    late = approved_claim(gao, n=5, due=DUE + timedelta(days=30))
    asked = credit.request_funding(supplier_invoice_ref=late, by=gao.by, at=NOON_OF_DUE)
    credit.approve_drawdown(drawdown_ref=asked, by=qian.by, at=NOON_OF_DUE)  # paid out on DUE
    if tell:
        hand_on(NOON_OF_DUE)


def report() -> dict[str, Any]:
    """What must be the same however often the run was interrupted."""
    from finance.settlement.models import Obligation, SettlementRun, SettlementStep

    return {
        "books": books(),
        "sound": sound(),
        "paid": paid(),
        "twice": bank().paid_twice(),
        "obligations": dict(Obligation.objects.order_by("kind", "source_ref").values_list("ref", "state")),
        "runs": [list(run) for run in SettlementRun.objects.order_by("pk").values_list("business_date", "state")],
        "steps": sorted(list(step) for step in SettlementStep.objects.values_list("key", "kind", "state")),
    }
