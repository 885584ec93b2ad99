"""What is wrong with the pools, recomputed from their rows and from the ledger."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby

from django.db.models import Exists, F, OuterRef, Q, Sum

from finance.ledger import queries as ledger
from finance.ledger.rules import Acct
from marketplace.kernel.money import Money
from marketplace.parties import queries as parties
from procurement.pools import models
from procurement.pools.rules import deposit_key, plain
from procurement.pools.states import JOINABLE, LIVE, CommitmentState


def verify() -> list[str]:
    """Return what is wrong with the pools; nothing when every promise holds.

    A pool's sums are those of its live commitments; the last change that is kept of a want is what its rows say while
    the pool takes changes; a line that is open has no live row, and one that is pooled has; no member has more than its
    pool gives one; each row of a pool with hubs names one of them; the ledger holds, or has applied, the deposit of
    each commitment and of nobody else, and has booked the penalty of each that withdrew.
    """
    checks = (
        *(_wrong_sums, _wrong_history, _wrong_lines, _lines_left_behind, _beyond_limits, _wrong_hubs),
        *(_wrong_holds, _stray_holds, _wrong_advances, _wrong_penalties),
    )
    return [fault for check in checks for fault in check()]


SUMS = {"joined": "quantity", "tolerance_joined": "tolerance", "ordered": "allocated", "delivered": "delivered"}


def _wrong_sums() -> list[str]:
    live_ = Q(commitments__state__in=LIVE)
    zero = Decimal(0)
    rows = models.Pool.objects.annotate(
        **{f"sum_{name}": Sum(f"commitments__{name}", filter=live_) for name in SUMS.values()}
    )
    wrong = []
    for row in rows.order_by("id").iterator(chunk_size=2_000):
        for kept, found in SUMS.items():
            total = getattr(row, f"sum_{found}") or zero
            if getattr(row, kept) != total:
                wrong.append(f"{row.ref}: {kept} {plain(getattr(row, kept))}, its members say {plain(total)}")
    return wrong


def _wrong_history() -> list[str]:
    """Compare the last change of each want in a pool that takes changes with what its rows say."""
    joinable = Q(pool__state__in=JOINABLE)
    each = ("pool_id", "buyer_id", "line_id")
    rows = models.Commitment.objects.filter(joinable, state__in=LIVE).order_by().values_list(*each)
    live = rows.annotate(Sum("quantity"), Sum("tolerance"))
    now = {(pool, buyer, line): (firm, more) for pool, buyer, line, firm, more in live}
    changes = models.CommitmentChange.objects.filter(joinable).order_by("id")
    columns = changes.values_list(*each, "to_quantity", "to_tolerance").iterator(2_000)
    kept = {(pool, buyer, line): (firm, more) for pool, buyer, line, firm, more in columns}
    nothing = (Decimal(0), Decimal(0))
    return [
        f"pool {want[0]}, buyer {want[1]}: history ends with {_pair(sums)}, rows say {_pair(now.get(want, nothing))}"
        for want, sums in sorted(kept.items(), key=str)
        if sums != now.get(want, nothing)
    ]


def _pair(sums: tuple[Decimal, Decimal]) -> str:
    return f"{plain(sums[0])} + {plain(sums[1])}"


def _wrong_lines() -> list[str]:
    """Find lines that are open and have a live row, which another pool might take again."""
    rows = models.Commitment.objects.filter(state__in=LIVE, line__line_state="open").order_by("id")
    return [f"{ref}: its line is open" for ref in rows.values_list("ref", flat=True)]


def _lines_left_behind() -> list[str]:
    """Find lines that are pooled although no row stands for them any more: nobody would pool them again."""
    mine = models.Commitment.objects.filter(line=OuterRef("line"), state__in=LIVE)
    rows = models.Commitment.objects.filter(line__line_state="pooled").exclude(Exists(mine))
    names = rows.order_by("line_id").values_list("line__request__ref", "line__position").distinct()
    return [f"{request}/{position}: pooled, and no row stands for it" for request, position in names]


def _beyond_limits() -> list[str]:
    """Find members that want more of a pool than it gives one."""
    limited = models.Commitment.objects.filter(pool__member_limit__isnull=False, state__in=LIVE).order_by("pool_id")
    sums = limited.values_list("pool__ref", "buyer__ref", "pool__member_limit").annotate(wanted=Sum("quantity"))
    return [
        f"{pool}: {buyer} wants {plain(wanted)}, a member may have {plain(limit)}"
        for pool, buyer, limit, wanted in sums
        if wanted > limit
    ]


def _wrong_hubs() -> list[str]:
    """Find rows that name no hub where their pool has some, another pool's, or another region than their hub's."""
    with_hubs = models.PoolHub.objects.values("pool_id")
    nameless = Q(pool__in=with_hubs, hub__isnull=True)
    foreign = Q(hub__isnull=False) & (~Q(hub__pool_id=F("pool_id")) | ~Q(hub__region=F("region")))
    rows = models.Commitment.objects.filter(nameless | foreign, state__in=LIVE).order_by("id")
    return [f"{ref}: its hub is not one of its pool and region" for ref in rows.values_list("ref", flat=True)]


def _wrong_penalties() -> list[str]:
    """Compare what withdrew for a penalty with the journals that booked it."""
    gone = models.Commitment.objects.filter(state=CommitmentState.WITHDRAWN.value).order_by("pool_id", "id")
    wrong = []
    for pool_ref, rows in groupby(gone.select_related("pool").iterator(2_000), key=lambda row: row.pool.ref):
        booked = {journal.key: journal.lines[0].amount for journal in ledger.journals_about(pool_ref)}
        for row in rows:
            due = next((reason["penalty"] for reason in row.reasons if reason["code"] == "withdrawn"), "")
            found = booked.get(f"{deposit_key(row.ref)}:forfeited", Money.zero(row.currency))
            if due != str(found):
                wrong.append(f"{row.ref}: a penalty of {due} was due, {found} was booked")
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


def _stray_holds() -> list[str]:
    """Find deposits that are held although nobody is bound by them, or not as much as its row says."""
    held = ledger.pending_holds(deposit_key(""))
    bound = models.Commitment.objects.filter(state=CommitmentState.BOUND.value, deposit_minor__gt=0)
    due = {
        deposit_key(ref): Money.from_minor(minor, currency)
        for ref, minor, currency in bound.values_list("ref", "deposit_minor", "currency").iterator(2_000)
    }
    return [
        f"{key}: {amount} is held, {due.get(key, Money.zero(amount.currency))} is due"
        for key, amount in held.items()
        if amount != due.get(key)
    ]


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
