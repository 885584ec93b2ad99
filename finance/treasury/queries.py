"""Everything anyone may ask about money under way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Sum

from finance.ledger import queries as books
from finance.ledger.rules import ESCROW
from finance.treasury import models
from finance.treasury.bank.fake_bank import FakeBank
from finance.treasury.rules import OUT
from finance.treasury.states import UNDER_WAY, PaymentState
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound

BATCH = 200


@dataclass(frozen=True)
class PaymentView:
    """A payment order as other apps see it; `problem` says why it waits."""

    ref: str
    state: str
    direction: str
    counterparty_ref: str
    amount: Money
    purpose: str
    source_ref: str
    key: str
    bank_reference: str
    problem: str
    reason: str


def payment(ref: str) -> PaymentView:
    """Return the order named `ref`.

    :raises NotFound: there is none.
    """
    found = models.PaymentOrder.objects.select_related("counterparty").filter(ref=ref).first()
    if found is None:
        raise NotFound(what="payment", ref=ref)
    return _view(found)


def payments_about(source_ref: str) -> list[PaymentView]:
    """Return the orders that name `source_ref` as their source, oldest first."""
    rows = models.PaymentOrder.objects.select_related("counterparty").filter(source_ref=source_ref)
    return [_view(row) for row in rows.order_by("pk")]


def _view(row: models.PaymentOrder) -> PaymentView:
    return PaymentView(
        ref=row.ref,
        state=row.state,
        direction=row.direction,
        counterparty_ref=row.counterparty.ref,
        amount=row.amount,
        purpose=row.purpose,
        source_ref=row.source_ref,
        key=row.key,
        bank_reference=row.bank_reference,
        problem=row.problem,
        reason=row.reason,
    )


def payments_for(actor: Actor) -> QuerySet[models.PaymentOrder]:
    """Return the orders the asker may see: those to or from its own organisation, and of the book it keeps here."""
    every = models.PaymentOrder.objects.select_related("counterparty")
    if actor.staff:
        return every
    if not actor.organisation:
        return every.none()
    return every.filter(Q(counterparty__ref=actor.organisation) | Q(settles_book=actor.organisation))


def unanswered(*, asked_before: datetime) -> list[str]:
    """Return the refs of orders that the bank has not settled or refused, longest unasked first."""
    rows = models.PaymentOrder.objects.filter(state__in=UNDER_WAY, asked_at__lte=asked_before)
    return list(rows.order_by("asked_at", "pk").values_list("ref", flat=True)[:BATCH])


def kept_back(*, tried_before: datetime) -> list[str]:
    """Return the refs of orders that could not leave for a named problem, longest untried first."""
    rows = models.PaymentOrder.objects.filter(state=PaymentState.CREATED.value, asked_at__lte=tried_before)
    return list(rows.exclude(problem="").order_by("asked_at", "pk").values_list("ref", flat=True)[:BATCH])


def own_accounts() -> dict[str, str]:
    """Return the number of our account for each book that has one."""
    return dict(models.OwnAccount.objects.order_by("pk").values_list("book", "number"))


def open_totals() -> dict[tuple[str, str], int]:
    """Return for each (book, currency) what left by orders the bank has not answered for, in the smallest coin."""
    rows = (
        models.PaymentOrder.objects.filter(direction=OUT, state__in=UNDER_WAY)
        .exclude(settles_kind__in=ESCROW)
        .values_list("settles_book", "currency")
        .annotate(total=Sum("amount_minor"))
    )
    return {(book, currency): total for book, currency, total in rows}


def verify() -> list[str]:
    """Return what is wrong: money in transit without an order, a settled order without its line, a key paid twice."""
    return [*_transit_findings(), *_line_findings(), *_bank_findings()]


def _transit_findings() -> list[str]:
    expected = open_totals()
    known_books = models.PaymentOrder.objects.order_by().values_list("settles_book", flat=True).distinct()
    found = {
        (book, row.currency): row.balance.minor
        for book in {*known_books, books.PLATFORM_BOOK}
        for row in books.trial_balance(book)
        if row.kind == "in_transit" and row.balance.minor
    }
    return [
        f"in transit {'/'.join(key)}: {found.get(key, 0)}, orders say {expected.get(key, 0)}"
        for key in sorted(found.keys() | expected.keys())
        if found.get(key, 0) != expected.get(key, 0)
    ]


def _line_findings() -> list[str]:
    settled = models.PaymentOrder.objects.filter(state=PaymentState.SETTLED.value)
    missing = settled.annotate(lines=Count("line")).filter(lines=0).values_list("ref", flat=True)
    wrong = models.BankStatementLine.objects.filter(payment__isnull=False).exclude(
        payment__state=PaymentState.SETTLED.value,
        amount_minor=F("payment__amount_minor"),
        currency=F("payment__currency"),
        direction=F("payment__direction"),
    )
    strays = wrong.values_list("bank_reference", flat=True)
    return [
        *(f"payment {ref}: settled without a line of the bank" for ref in missing[:20]),
        *(f"statement line {reference}: differs from its payment" for reference in strays[:20]),
    ]


def _bank_findings() -> list[str]:
    """What the pretended bank knows better; of a real one the statement tells."""
    accounts = own_accounts()
    if settings.BANK_ADAPTER != "fake" or not accounts:
        return []
    bank = FakeBank(settings.FAKE_BANK_FILE)
    findings = [f"key {key}: paid twice at the bank" for key in bank.paid_twice()]
    for book, number in accounts.items():
        moved, ours = bank.moved(number), _believed(book)
        for way in sorted(moved.keys() | ours.keys()):
            at_bank, (least, most) = moved.get(way, 0), ours.get(way, (0, 0))
            if not least <= at_bank <= most:
                findings.append(f"{book} {' '.join(way)}: the bank moved {at_bank}, we know of {least} to {most}")
    return findings


def _believed(book: str) -> dict[tuple[str, str], tuple[int, int]]:
    """Return for each (direction, currency) what surely moved (settled), and what may have (under way too)."""
    sure: Counter[tuple[str, str]] = Counter()
    maybe: Counter[tuple[str, str]] = Counter()
    rows = (
        models.PaymentOrder.objects.filter(settles_book=book)
        .values_list("direction", "currency", "state")
        .annotate(total=Sum("amount_minor"))
    )
    for direction, currency, state, total in rows:
        if state == PaymentState.SETTLED:
            sure[(direction, currency)] += total
        elif state in UNDER_WAY:
            maybe[(direction, currency)] += total
    return {key: (sure[key], sure[key] + maybe[key]) for key in sure.keys() | maybe.keys()}
