"""Order a payment, in the transaction of the deed that owes it."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from finance.ledger.rules import Acct, BadJournal, must_be_bookable
from finance.treasury import models
from finance.treasury.rules import DIRECTIONS, order_sha256
from marketplace.events.use_cases import KeyReused, next_ref
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound
from marketplace.parties import queries as parties


def create_payment(
    *,
    key: str,
    direction: str,
    counterparty_ref: str,
    amount: Money,
    purpose: str,
    source_ref: str,
    settles: Acct,
    by: str,
    at: datetime,
) -> str:
    """Order that `amount` be paid to (`out`) or collected from (`in`) the counterparty; return the order's ref.

    Nothing leaves yet: `send_payment` does that, in transactions of its own. The same request returns the first order.

    settles    the ledger account on the other side: the payable that is paid, the receivable that is collected

    :raises BadJournal: the amount is not positive, or of another currency than `settles`; no such direction.
    :raises NotFound: no such counterparty.
    :raises KeyReused: the key stands for another payment.
    """
    if direction not in DIRECTIONS:
        raise BadJournal(why=f"{direction!r} is no direction of a payment")
    must_be_bookable(settles, amount)
    counterparty = parties.ids_by_ref([counterparty_ref]).get(counterparty_ref)
    if counterparty is None:
        raise NotFound(what="organisation", ref=counterparty_ref)
    sha256 = order_sha256(direction, counterparty_ref, amount, purpose, source_ref, str(settles))
    known = _ordered_before(key, sha256)
    if known:
        return known
    wish = models.PaymentOrder(
        key=key,
        request_sha256=sha256,
        direction=direction,
        counterparty_id=counterparty,
        amount_minor=amount.minor,
        currency=amount.currency,
        purpose=purpose[:140],
        source_ref=source_ref,
        settles_book=settles.book,
        settles_kind=settles.kind,
        settles_owner=settles.owner,
        created_by=by,
        created_at=at,
    )
    return _create(wish)


def _create(wish: models.PaymentOrder) -> str:
    try:
        with transaction.atomic():
            wish.ref = next_ref("PY", at=wish.created_at)
            wish.save(force_insert=True)
            return wish.ref
    except IntegrityError:
        known = _ordered_before(wish.key, wish.request_sha256)
        if known:
            return known
        raise


def _ordered_before(key: str, sha256: str) -> str | None:
    known = models.PaymentOrder.objects.filter(key=key).values_list("ref", "request_sha256").first()
    if known is None:
        return None
    if known[1] != sha256:
        raise KeyReused(key=key)
    return known[0]
