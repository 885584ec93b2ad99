"""A billed pool proves what each of its members saved, with the evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from marketplace.catalogue import queries as catalogue
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.periods import Period, month_of, window_label
from procurement.delivery import queries as delivery
from procurement.delivery.queries import BillView
from procurement.demand import queries as demand
from procurement.demand.queries import Purchase
from procurement.insights import models
from procurement.insights.rules import PUBLISHED, Base, Baseline, PriceIndex, Proof, price_index, prove, tier_reached
from procurement.pools import queries as pools
from procurement.pools.queries import Member, PoolView

SIX = Decimal("0.000001")


@transaction.atomic
def prove_savings(*, pool_ref: str, by: str, at: datetime) -> int:
    """Keep what each member of a billed pool saved against each baseline; return how many rows. Twice is once."""
    view = pools.pool(pool_ref)
    bills = delivery.bills([view.id])
    if not bills or models.Saving.objects.filter(pool_id=view.id).exists():
        return 0
    told = _Told(view, bills)
    rows = []
    for bill in bills:
        paid: Money = bill.goods + bill.freight + bill.fee
        proofs = prove(bill.quantity, paid, told.bases(bill))
        rows += [_row(bill, paid, proof, headline=place == 0, at=at) for place, proof in enumerate(proofs)]
    models.Saving.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def _row(bill: BillView, paid: Money, proof: Proof, *, headline: bool, at: datetime) -> models.Saving:
    bill_facts = {"invoice": bill.invoice_ref, "goods": str(bill.goods), "freight": str(bill.freight)}
    return models.Saving(
        pool_id=bill.pool_id,
        commitment_id=bill.commitment_id,
        buyer_id=bill.buyer_id,
        baseline=proof.baseline.value,
        evidence=proof.base.evidence,
        facts={**proof.base.facts, **bill_facts, "fee": str(bill.fee)},
        headline=headline,
        quantity=bill.quantity,
        currency=paid.currency,
        baseline_price=proof.base.price.amount.quantize(SIX),
        paid_minor=paid.minor,
        saved_minor=proof.saved.minor,
        proved_at=at,
    )


@dataclass
class _Told:
    """What is known of a pool's members before it: their last purchases, the published curve, the market's prices."""

    view: PoolView
    bills: Sequence[BillView]

    def __post_init__(self) -> None:
        view = self.view
        pairs = {(bill.buyer_id, view.product_id) for bill in self.bills}
        self.last: Mapping[tuple[int, int], Purchase] = demand.last_purchases(pairs, view.window_start)
        self.members: dict[int, Member] = {one.commitment_id: one for one in pools.members(view.ref)}
        curve = pools.indicative_steps(view.ref)
        self.source = curve.source
        self.steps = (
            [(step.from_quantity, step.unit_price) for step in curve.steps] if curve.source in PUBLISHED else []
        )
        self.own: dict[int, Decimal] = defaultdict(Decimal)
        for bill in self.bills:
            self.own[bill.buyer_id] += bill.quantity
        self._indexes: dict[date, PriceIndex | None] = {}
        self._beside: list[int] = []

    def bases(self, bill: BillView) -> list[Base]:
        """Return every price this member could have been told instead."""
        last = self.last.get((bill.buyer_id, self.view.product_id))
        found = [self._tier(bill), self._ceiling(bill)]
        if last is not None:
            found += [self._own_last(last), self._market(last)]
        return [base for base in found if base is not None]

    def _own_last(self, last: Purchase) -> Base:
        return Base(Baseline.OWN_LAST_PRICE, last.price, _purchase_facts(last))

    def _tier(self, bill: BillView) -> Base | None:
        """The step that this buyer's own quantity reaches, over all its commitments of the pool."""
        quantity = self.own[bill.buyer_id]
        reached = tier_reached(self.steps, quantity)
        if reached is None:
            return None
        facts = {
            "source": self.source,
            "own_quantity": _plain(quantity),
            "step_from": _plain(reached[0]),
            "steps": [[_plain(start), _plain(rate.amount)] for start, rate in self.steps],
        }
        return Base(Baseline.STAND_ALONE_TIER, reached[1], facts)

    def _ceiling(self, bill: BillView) -> Base | None:
        member = self.members.get(bill.commitment_id)
        if member is None or member.ceiling is None:
            return None
        facts = {"commitment": member.commitment_ref, "joined_at": member.joined_at.isoformat()}
        return Base(Baseline.CEILING, Rate(member.ceiling, self.view.currency), facts)

    def _market(self, last: Purchase) -> Base | None:
        """The own last price moved by the category's index from its month to the pool's; None within one month."""
        base, now = month_of(last.on), month_of(self.view.window_start)
        if base == now or last.price.currency != self.view.currency:
            return None
        if base.start not in self._indexes:
            self._indexes[base.start] = price_index(self._prices(base), self._prices(now))
        index = self._indexes[base.start]
        if index is None:
            return None
        facts = {
            **_purchase_facts(last),
            "base_month": window_label(base.start, "month"),
            "month": window_label(now.start, "month"),
            "index": _plain(index.value),
            "products": str(index.products),
            "base_lines": str(index.base_lines),
            "lines": str(index.lines),
        }
        price = Rate((last.price.amount * index.value).quantize(SIX), last.price.currency)
        return Base(Baseline.MARKET_INDEX, price, facts)

    def _prices(self, span: Period) -> dict[int, list[tuple[Decimal, Decimal]]]:
        """Return what the category's products cost in a month: prices stated with lines, and awards of other pools."""
        self._beside = self._beside or catalogue.ids_beside(self.view.product_id)
        found = demand.stated_prices(self._beside, self.view.currency, span)
        for ref, product_id, ordered, price in pools.awarded_prices(self._beside, self.view.currency, span):
            if ref != self.view.ref:
                found.setdefault(product_id, []).append((ordered, price))
        return found


def _purchase_facts(last: Purchase) -> dict[str, object]:
    return {
        "request": last.request_ref,
        "position": str(last.position),
        "needed_from": last.on.isoformat(),
        "last_quantity": _plain(last.quantity),
        "last_price": _plain(last.price.amount),
    }


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
