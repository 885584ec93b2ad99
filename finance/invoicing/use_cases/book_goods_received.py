"""Goods came and were accepted; nobody has invoiced them yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from finance.invoicing import events, models, rules
from finance.invoicing.rules import BadInvoice, ReceivedLine
from finance.ledger import use_cases as ledger_
from finance.ledger.use_cases import Acct
from marketplace.events import use_cases as events_
from marketplace.events.use_cases import KeyReused, fingerprint
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties


class TermsChanged(Refusal):
    """An order line came again at another price, tax rate or currency than before."""

    code = "terms_changed"
    words = gettext_noop("{line} was received at {before} before, now at {now}.")


@transaction.atomic
def book_goods_received(
    *,
    key: str,
    source_ref: str,
    supplier_ref: str,
    lines: Sequence[ReceivedLine],
    received_on: date,
    by: str,
    at: datetime,
) -> str:
    """Book accepted goods: inventory against goods received and not invoiced (row 4); return the journal's ref.

    The same request returns the first one's journal; goods worth nothing make none. A line's worth is rounded on what
    has come so far, so part deliveries add up to the whole.

    :raises NotFound: there is no such supplier.
    :raises BadInvoice: no lines, a line twice, a quantity not above zero, a negative price, two currencies.
    :raises TermsChanged: a line came before on other terms.
    :raises KeyReused: the key stands for other goods.
    """
    sha256 = fingerprint(source_ref, supplier_ref, received_on.isoformat(), repr(sorted(lines, key=_by_line)))
    known = models.GoodsReceived.objects.filter(key=key).values_list("journal_ref", "request_sha256").first()
    if known is not None:
        if known[1] != sha256:
            raise KeyReused(key=key)
        return known[0]
    currency = _checked(lines)
    supplier = parties.organisation(supplier_ref)
    receipt = models.GoodsReceived.objects.create(
        key=key,
        request_sha256=sha256,
        source_ref=source_ref,
        supplier_id=supplier.id,
        received_on=received_on,
        currency=currency,
        value_minor=0,
        booked_by=by,
        booked_at=at,
    )
    value = Money.from_minor(_accept(receipt, source_ref, supplier.id, lines), currency)
    grni = Acct("grni", supplier_ref, currency)
    journal_ref = _post(receipt, grni, value, by=by, at=at) if value else ""
    models.GoodsReceived.objects.filter(pk=receipt.pk).update(value_minor=value.minor, journal_ref=journal_ref)
    booked = events.GoodsBooked(source_ref, supplier_ref, value.minor, currency)
    events_.record(booked, source_ref=source_ref, at=at)
    return journal_ref


def _by_line(line: ReceivedLine) -> str:
    return line.line_ref


def _checked(lines: Sequence[ReceivedLine]) -> str:
    if len({line.line_ref for line in lines}) != len(lines):
        raise BadInvoice(why="a line stands twice")
    for line in lines:
        rules.must_be_positive(line.quantity, "quantity")
        rules.must_be_exact(line.unit_price.amount, "unit price", least=Decimal(0))
        rules.must_be_rate(line.tax_rate_percent)
    return rules.one_currency({line.unit_price.currency for line in lines})


def _accept(receipt: models.GoodsReceived, source_ref: str, supplier_id: int, lines: Sequence[ReceivedLine]) -> int:
    """Add what came to each order line; return what it is worth in all, in the smallest coin."""
    rows = _rows(source_ref, supplier_id, lines)
    came = []
    for line in lines:
        row = rows[line.line_ref]
        _must_agree(row, line)
        accepted = row.accepted + line.quantity
        value = rules.worth(row.unit_price, accepted, row.currency).minor
        mine = models.AcceptedLine.objects.filter(pk=row.pk, accepted=row.accepted)
        if not mine.update(accepted=accepted, value_minor=value):
            raise StaleWrite(ref=line.line_ref, revision=str(row.accepted))
        came.append(
            models.GoodsReceivedLine(
                receipt=receipt, line=row, quantity=line.quantity, value_minor=value - row.value_minor
            )
        )
    models.GoodsReceivedLine.objects.bulk_create(came, batch_size=500)
    return sum(line.value_minor for line in came)


def _rows(source_ref: str, supplier_id: int, lines: Sequence[ReceivedLine]) -> dict[str, models.AcceptedLine]:
    """Return the row of each order line, made on its first receipt."""
    new = [
        models.AcceptedLine(
            supplier_id=supplier_id,
            line_ref=line.line_ref,
            source_ref=source_ref,
            description=line.description[:300],
            unit=line.unit,
            currency=line.unit_price.currency,
            unit_price=line.unit_price.amount,
            tax_rate_percent=line.tax_rate_percent,
        )
        for line in lines
    ]
    models.AcceptedLine.objects.bulk_create(new, batch_size=500, ignore_conflicts=True)
    refs = [line.line_ref for line in lines]
    return {row.line_ref: row for row in models.AcceptedLine.objects.filter(supplier_id=supplier_id, line_ref__in=refs)}


def _must_agree(row: models.AcceptedLine, line: ReceivedLine) -> None:
    before = (row.unit_price, row.currency, row.tax_rate_percent)
    now = (line.unit_price.amount, line.unit_price.currency, line.tax_rate_percent)
    if before != now:
        words = ["{:f} {} at {:f} %".format(*terms) for terms in (before, now)]
        raise TermsChanged(line=line.line_ref, before=words[0], now=words[1])


def _post(receipt: models.GoodsReceived, grni: Acct, value: Money, *, by: str, at: datetime) -> str:
    return ledger_.post(
        key=f"goods:{receipt.key}",
        lines=[
            ledger_.debit(Acct("inventory", currency=value.currency), value),
            ledger_.credit(grni, value),
        ],
        booked_on=receipt.received_on,
        source_ref=receipt.source_ref,
        memo="goods received, not invoiced",
        by=by,
        at=at,
    )
