"""What is wrong with the pools, recomputed from their rows and from the ledger."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby

from django.db.models import Q, Sum

from finance.ledger import queries as ledger
from finance.ledger.rules import Acct
from marketplace.kernel.money import Money
from marketplace.parties import queries as parties
from procurement.pools import models
from procurement.pools.rules import deposit_key, plain
from procurement.pools.states import LIVE, CommitmentState


def verify() -> list[str]:
    """Return what is wrong with the pools; nothing when every promise holds.

    A pool's sums are those of its live commitments, and the ledger holds, or has applied, the deposit of each.
    """
    return [*_wrong_sums(), *_wrong_holds(), *_wrong_advances()]


def _wrong_sums() -> list[str]:
    live_ = Q(commitments__state__in=LIVE)
    zero = Decimal(0)
    rows = models.Pool.objects.annotate(
        **{f"sum_{name}": Sum(f"commitments__{name}", filter=live_) for name in ("quantity", "allocated", "delivered")}
    )
    wrong = []
    for row in rows.order_by("id").iterator(chunk_size=2_000):
        for kept, found in (("joined", "quantity"), ("ordered", "allocated"), ("delivered", "delivered")):
            total = getattr(row, f"sum_{found}") or zero
            if getattr(row, kept) != total:
                wrong.append(f"{row.ref}: {kept} {plain(getattr(row, kept))}, its members say {plain(total)}")
    return wrong


def _wrong_holds() -> list[str]:
    """Compare, for each buyer and currency, the deposits of bound commitments with what is held of its money."""
    bound = models.Commitment.objects.filter(state=CommitmentState.BOUND.value, deposit_minor__gt=0)
    sums = list(bound.values_list("buyer_id", "currency").annotate(Sum("deposit_minor")).order_by("buyer_id"))
    owners = parties.refs_by_id({buyer_id for buyer_id, _, _ in sums})
    wrong = []
    for buyer_id, currency, minor in sums:
        account = Acct("buyer_deposits", owners[buyer_id], currency)
        held, due = ledger.balance(account) - ledger.available(account), Money.from_minor(minor, currency)
        if held < due:
            wrong.append(f"{owners[buyer_id]}: deposits of {due} are due, {held} is held")
    return wrong


def _wrong_advances() -> list[str]:
    """Compare the deposit of every ordered commitment with the journal that made an advance of it."""
    past = [s.value for s in (CommitmentState.ORDERED, CommitmentState.DELIVERED, CommitmentState.SETTLED)]
    rows = models.Commitment.objects.filter(state__in=past, deposit_minor__gt=0).order_by("pool_id", "id")
    wrong = []
    for pool_ref, members_ in groupby(rows.select_related("pool").iterator(2_000), key=lambda row: row.pool.ref):
        booked = {journal.key: journal.lines[0].amount for journal in ledger.journals_about(pool_ref)}
        for row in members_:
            due = Money.from_minor(row.deposit_minor, row.currency)
            found = booked.get(f"{deposit_key(row.ref)}:posted", Money.zero(row.currency))
            if found != due:
                wrong.append(f"{row.ref}: a deposit of {due} was to become an advance, {found} did")
    return wrong
