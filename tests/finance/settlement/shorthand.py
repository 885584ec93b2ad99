"""A small market with money due in every direction, and the books that a run must leave."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from finance.credit import queries as credit_q
from finance.credit import use_cases as credit
from finance.invoicing import queries as invoicing_q
from finance.ledger import queries as ledger
from finance.ledger.models import Account
from finance.settlement import models, queries, use_cases
from finance.treasury import queries as treasury
from finance.treasury.bank.fake_bank import FakeBank
from finance.treasury.models import PaymentOrder
from marketplace.events import relay
from marketplace.parties.use_cases import set_bank_account
from tests.cast import FOUNDING, Player
from tests.finance.credit.shorthand import approved_claim, facility
from tests.finance.invoicing.shorthand import AT, DUE, bill, claim, deposit, goods, receive, send

WORKER = "worker:test"
NIGHT = timedelta(days=1)
NOON_OF_DUE = datetime.combine(DUE, AT.timetz())


def give_accounts(*players: Player) -> None:
    for number, player in enumerate(players):
        set_bank_account(
            organisation_ref=player.org,
            holder=player.username,
            bank_code="102100099996",
            number=f"62220202000{number:08d}",
            by=player.by,
            at=FOUNDING,
        )


def supply(supplier: Player, *, n: int, price: str = "1000.00", due_on: date = DUE) -> str:
    """A matched invoice of `price` plus 13 %, not approved."""
    line = f"PO-2026-{n:04d}/1/goods"
    receive(supplier.org, "1", price=price, line=line, key=f"received:{n}", source=f"note:DN-2026-{n:04d}")
    return send(supplier.org, claim("1", price=price, line=line), number=f"T-{n}", due_on=due_on)


def charge(buyer: Player, *, n: int, net: str = "2000.00", advance: str = "0.00", due_on: date = DUE) -> str:
    """An invoice of `net` plus 13 % to a buyer, for goods that cost nothing here."""
    if advance != "0.00":
        deposit(buyer.org, advance)
    lines = [goods(net, cost="0.00", line=f"PL-1/{n}/goods")]
    return bill(buyer.org, lines, key=f"bill:{n}", advance=advance, due_on=due_on)


def hand_on(at: datetime = AT) -> None:
    """Relay every recorded fact."""
    relay.drain(at=at)


def settle(at: datetime = AT, *, worker: str = WORKER, day: date | None = None) -> dict[str, int]:
    """Hand on what happened, then plan and take the run of a day to its end."""
    hand_on(at)
    run = use_cases.plan_run(business_date=day or at.date(), by=worker, at=at)
    states = use_cases.run_to_end(run_ref=run, worker=worker, at=at)
    hand_on(at)
    return states


def offered(supplier: Player, financier: Player, *, n: int = 1, at: datetime = AT) -> tuple[str, str]:
    """An approved claim of 1,130.00 due on 1 May and the drawdown that asks for it."""
    facility(financier)
    invoice = approved_claim(supplier, n=n)
    return invoice, credit.request_funding(supplier_invoice_ref=invoice, by=supplier.by, at=at)


def draw(supplier: Player, financier: Player, *, n: int = 1, at: datetime = AT) -> str:
    """A claim of 1,130.00 due on 1 May, sold to the financier on `at` (on 2 March for 1,118.70)."""
    _, ref = offered(supplier, financier, n=n, at=at)
    credit.approve_drawdown(drawdown_ref=ref, by=financier.by, at=at)
    return ref


def bank() -> FakeBank:
    return FakeBank(settings.FAKE_BANK_FILE)


def sound() -> list[str]:
    """Everything that any app finds wrong; nothing when all is well."""
    checks: list[Any] = [ledger, treasury, credit_q, invoicing_q, queries]
    return [finding for app in checks for finding in app.verify()]


def books() -> dict[str, int]:
    """Every account that does not stand at zero: what two ways of getting there must agree on."""
    rows = {str(account): account.posted_minor for account in Account.objects.all()}
    return {name: minor for name, minor in sorted(rows.items()) if minor}


def paid() -> dict[str, int]:
    """How often money moved at the bank for each payment order."""
    return {order.key: bank().times_paid(order.key) for order in PaymentOrder.objects.order_by("key")}


def obligation(kind: str) -> models.Obligation:
    return models.Obligation.objects.get(kind=kind)


def step(kind: str) -> models.SettlementStep:
    return models.SettlementStep.objects.get(kind=kind)
