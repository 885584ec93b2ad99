"""What an award is decided from, in the tender's own words; and how it becomes the engine's whole numbers.

Scale: the engine counts quantities in steps of a lot and money in 10^-(4 + d) of the currency, where d is how many
decimals the finest step has. Prices have at most four decimals, so price x step is a whole number and nothing is
rounded before the award stands. Where merit counts beside the price, what a step counts as is rounded half up to the
engine's money; what is paid never is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from marketplace.kernel.money import minor_digits
from procurement.engines.award import ALL_UNITS, AwardProblem, Bid, Lot, Package, Rules, Supplier, Tier, Want
from procurement.engines.reasons import Reason
from procurement.engines.scoring import Merit, Scoring, additions, merit_of
from procurement.tenders.rules.lots import step_of
from procurement.tenders.rules.offers import PRICE_PLACES, Bundled, LotOffer, PackageOffer, steps_of
from procurement.tenders.rules.terms import AwardRules

NO_LIMIT = 2**40  # steps: more than any lot's
TIMES_THE_DEAREST = 10  # an unserved unit costs so many times the dearest offer, where no reserve is published


@dataclass(frozen=True)
class Member:
    """One bound row of a buyer's want; `ceiling` is the dearest landed price a unit it takes, None: any."""

    commitment_ref: str
    quantity: Decimal
    ceiling: Decimal | None = None
    buyer: str = ""
    priority: int = 0


@dataclass(frozen=True)
class Cut:
    """What is left for a member when suppliers deliver less than its pool wants, and why that much."""

    quantity: Decimal
    why: Reason


@dataclass(frozen=True)
class Demand:
    """What one pool wants of a lot in its region, members oldest first; `rule` shares what is not enough for all."""

    pool_ref: str
    region: str
    fee_percent: Decimal
    members: tuple[Member, ...]
    rule: str = "first_come"

    @property
    def quantity(self) -> Decimal:
        return sum((one.quantity for one in self.members), Decimal(0))


@dataclass(frozen=True)
class LotCase:
    """A lot with what is wanted of it and what is offered for it, bids in the order they were received."""

    lot_ref: str
    step: Decimal
    reserve: Decimal | None
    demands: tuple[Demand, ...]
    offers: tuple[tuple[str, LotOffer], ...]  # (supplier's ref, its offer)
    reference: Decimal | None = None

    @property
    def quantity(self) -> Decimal:
        return sum((one.quantity for one in self.demands), Decimal(0))

    def without(self, dropped: Iterable[str], cut: Mapping[str, Cut]) -> LotCase:
        """Return the lot without members that dropped, others cut, and without the pools that nobody is left in."""
        gone = set(dropped)
        left = (
            replace(one, members=tuple(_cut(m, cut) for m in one.members if m.commitment_ref not in gone))
            for one in self.demands
        )
        return replace(self, demands=tuple(one for one in left if one.members))


def _cut(member: Member, cut: Mapping[str, Cut]) -> Member:
    found = cut.get(member.commitment_ref)
    return member if found is None else replace(member, quantity=found.quantity)


@dataclass(frozen=True)
class Case:
    """Lots that are decided together; `capacities` in units over all lots, where a supplier named one.

    packages  (supplier's ref, what it bundles), bids in the order they were received
    mode      how tiers are read
    scoring   how merit counts beside the price, with what each supplier `chosen`; None: the price alone
    """

    lots: tuple[LotCase, ...]
    capacities: Mapping[str, Decimal]
    rules: AwardRules
    currency: str
    packages: tuple[tuple[str, PackageOffer], ...] = ()
    mode: str = ALL_UNITS
    scoring: Scoring | None = None
    chosen: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @cached_property
    def step_of_lot(self) -> dict[str, Decimal]:
        """One step for all lots where a capacity counts over them, else each lot's own."""
        if not any(supplier in self.capacities for supplier in self._bidders):
            return {lot.lot_ref: lot.step for lot in self.lots}
        return dict.fromkeys((lot.lot_ref for lot in self.lots), step_of([lot.step for lot in self.lots]))

    @cached_property
    def money_scale(self) -> int:
        """How many of the engine's units of money make one of the currency."""
        places = (max(0, -int(step.normalize().as_tuple().exponent)) for step in self.step_of_lot.values())
        return int(10 ** (PRICE_PLACES + max(places, default=0)))

    def money(self, lot_ref: str, price: Decimal) -> int:
        """Return what a step of the lot costs at `price` a unit, in the engine's money."""
        return int(price * self.step_of_lot[lot_ref] * self.money_scale)

    def wants(self) -> list[Want]:
        """Return every member as bound demand of the engine, its ceiling in the engine's money."""
        return [
            Want(one.commitment_ref, lot.lot_ref, demand.region, int(one.quantity / step), self._ceiling(one, step))
            for lot in self.lots
            for step in (self.step_of_lot[lot.lot_ref],)
            for demand in lot.demands
            for one in demand.members
        ]

    def _ceiling(self, member: Member, step: Decimal) -> Fraction | None:
        return None if member.ceiling is None else Fraction(member.ceiling) * Fraction(step) * self.money_scale

    def fees(self) -> dict[tuple[str, str], Fraction]:
        """Return the service fee of each lot and region as a fraction of the goods' price."""
        return {(lot.lot_ref, one.region): Fraction(one.fee_percent) / 100 for lot in self.lots for one in lot.demands}

    def unit_price(self, lot_ref: str, engine_money: Fraction) -> Decimal:
        """Return the engine's money for a step as the currency's for a unit, to six decimals half up."""
        exact = engine_money / self.money_scale / Fraction(self.step_of_lot[lot_ref])
        return Decimal(int(exact * 10**6 + Fraction(1, 2))).scaleb(-6)

    def whole_price(self, engine_money: Fraction) -> Decimal:
        """Return an amount of the engine's money in the currency's, to six decimals half up."""
        return Decimal(int(engine_money / self.money_scale * 10**6 + Fraction(1, 2))).scaleb(-6)

    @property
    def _bidders(self) -> dict[str, None]:
        offering = [supplier for lot in self.lots for supplier, _ in lot.offers]
        return dict.fromkeys(offering + [supplier for supplier, _ in self.packages])

    def merit(self, supplier: str, lot: LotCase | None = None) -> Merit:
        """Return what the supplier's answers make of its prices; its coefficient is the same on every lot."""
        if self.scoring is None:
            return Merit()
        reference = lot.reference if lot else self.lots[0].reference
        return merit_of(self.scoring, self.chosen.get(supplier, {}), reference)

    def problem(self) -> AwardProblem:
        """Return the case as the engine's problem, prices as they are paid: a bid is called `supplier/lot`, a package
        `supplier/+name`, a region by its pool.

        :raises BadValue: it is larger than the engine counts.
        """
        regions = tuple(dict.fromkeys(one.region for lot in self.lots for one in lot.demands))
        bids = [bid for lot in self.lots for supplier, offer in lot.offers if (bid := self._bid(lot, supplier, offer))]
        here = {lot.lot_ref: lot for lot in self.lots}
        packages = [
            self._package(here, regions, supplier, offer)
            for supplier, offer in self.packages
            if all(one.lot_ref in here for one in offer.lots)
        ]
        bidders = tuple(dict.fromkeys([bid.supplier for bid in bids] + [one.supplier for one in packages]))
        lots = [self._lot(lot, regions, bids, packages) for lot in self.lots]
        filled = [replace(bid, freight={region: bid.freight.get(region, 0) for region in regions}) for bid in bids]
        return AwardProblem(
            mode=self.mode,
            regions=regions,
            lots=tuple(lots),
            suppliers=tuple(Supplier(ref, self._capacity(ref), NO_LIMIT) for ref in bidders),
            bids=tuple(filled),
            packages=tuple(packages),
            rules=self._rules(len(bidders)),
        )

    def scored(self, problem: AwardProblem) -> AwardProblem:
        """Return the problem with every price divided by its supplier's coefficient: what the award is decided on."""
        parts = {ref: coefficient for ref in self._bidders if (coefficient := self.merit(ref).coefficient) != 1}
        if not parts:
            return problem

        def less(supplier: str, money: int) -> int:
            return _half_up(Fraction(money) / parts.get(supplier, Fraction(1)))

        bids = (
            replace(
                bid,
                tiers=tuple(replace(tier, price=less(bid.supplier, tier.price)) for tier in bid.tiers),
                freight={region: less(bid.supplier, cost) for region, cost in bid.freight.items()},
            )
            for bid in problem.bids
        )
        packages = (
            replace(
                one,
                price=less(one.supplier, one.price),
                freight={
                    lot: {region: less(one.supplier, cost) for region, cost in freight.items()}
                    for lot, freight in one.freight.items()
                },
            )
            for one in problem.packages
        )
        return replace(problem, bids=tuple(bids), packages=tuple(packages))

    def _criteria(self, lot: LotCase, supplier: str, said: LotOffer | Bundled) -> int:
        """Return what merit, carbon and life cycle add to a step of the lot, in the engine's money."""
        if self.scoring is None:
            return 0
        added = self.merit(supplier, lot).penalty + additions(self.scoring, said.co2, said.life_cycle)
        return _half_up(added * Fraction(self.step_of_lot[lot.lot_ref]) * self.money_scale)

    def _package(
        self, here: Mapping[str, LotCase], regions: Sequence[str], supplier: str, offer: PackageOffer
    ) -> Package:
        lots = {one.lot_ref: one for one in offer.lots}
        freight = {ref: dict.fromkeys(regions, 0) for ref in lots}
        for ref, one in lots.items():
            freight[ref] |= {d.region: self.money(ref, one.freight[d.region]) for d in here[ref].demands}
        return Package(
            f"{supplier}/+{offer.name}",
            supplier,
            {ref: int(one.quantity / self.step_of_lot[ref]) for ref, one in lots.items()},
            int(offer.price * self.money_scale),
            freight,
            {ref: self._criteria(here[ref], supplier, one) for ref, one in lots.items()},
        )

    def _bid(self, lot: LotCase, supplier: str, offer: LotOffer) -> Bid | None:
        """Return the offer in steps; None when not even its least fits into what is wanted."""
        step, most = self.step_of_lot[lot.lot_ref], int(lot.quantity / self.step_of_lot[lot.lot_ref])
        tiers = []
        for tier in offer.tiers:
            first, last = steps_of(tier, step)
            tiers.append(Tier(first, NO_LIMIT if last is None else last, self.money(lot.lot_ref, tier.price)))
        if tiers[0].start > most:
            return None
        freight = {one.region: self.money(lot.lot_ref, offer.freight[one.region]) for one in lot.demands}
        criteria = self._criteria(lot, supplier, offer)
        return Bid(f"{supplier}/{lot.lot_ref}", supplier, lot.lot_ref, tuple(tiers), freight, criteria)

    def _lot(self, lot: LotCase, regions: Sequence[str], bids: Sequence[Bid], packages: Sequence[Package]) -> Lot:
        step = self.step_of_lot[lot.lot_ref]
        wanted = {one.region: int(one.quantity / step) for one in lot.demands}
        if lot.reserve is not None:
            reserve = self.money(lot.lot_ref, round(lot.reserve, PRICE_PLACES))
        else:
            dearest = max(_dearest(lot.lot_ref, bids, packages), default=0)
            reserve = TIMES_THE_DEAREST * dearest + self._fixed_cost + 1
        return Lot(lot.lot_ref, {region: wanted.get(region, 0) for region in regions}, reserve)

    @property
    def _fixed_cost(self) -> int:
        minor: int = 10 ** minor_digits(self.currency)
        return self.rules.fixed_cost_minor * self.money_scale // minor

    def _capacity(self, supplier: str) -> int:
        if supplier not in self.capacities:
            return NO_LIMIT
        return int(self.capacities[supplier] // min(self.step_of_lot.values()))

    def _rules(self, bidders: int) -> Rules:
        rules = self.rules
        return Rules(
            rules.winners_min,
            max(rules.winners_min, bidders) if rules.winners_max is None else rules.winners_max,
            max(1, bidders) if rules.winners_per_lot is None else rules.winners_per_lot,
            self._fixed_cost,
        )


def _half_up(money: Fraction) -> int:
    return int(money + Fraction(1, 2))


def _dearest(lot_ref: str, bids: Sequence[Bid], packages: Sequence[Package]) -> Iterator[int]:
    """Yield what a step of the lot costs at most by each offer; a package as if the lot bore all of its price."""
    for bid in bids:
        if bid.lot == lot_ref:
            yield max(tier.price for tier in bid.tiers) + max(bid.freight.values()) + bid.criteria
    for one in packages:
        if lot_ref in one.quantities:
            landed = max(one.freight[lot_ref].values()) + one.criteria[lot_ref]
            yield -(-one.price // one.quantities[lot_ref]) + landed


def parts_of(case: Case) -> list[Case]:
    """Split a case into groups of lots that share nothing that binds: each may be decided on its own.

    Limits on winners over all lots and fixed costs bind everything; a package binds its lots; a supplier's capacity
    binds the lots it bids for when it could not deliver the most it may win of all of them.
    """
    if case.rules.bind_across_lots:
        return [case] if case.lots else []
    root = {lot.lot_ref: lot.lot_ref for lot in case.lots}

    def find(ref: str) -> str:
        while root[ref] != ref:
            root[ref] = root[root[ref]]
            ref = root[ref]
        return ref

    bound = _binding(case)
    bundled = ([one.lot_ref for one in offer.lots if one.lot_ref in root] for _, offer in case.packages)
    for refs in (*bound.values(), *bundled):
        for ref in refs[1:]:
            root[find(ref)] = find(refs[0])
    groups: dict[str, list[LotCase]] = {}
    for lot in case.lots:
        groups.setdefault(find(lot.lot_ref), []).append(lot)
    capacities = {supplier: case.capacities[supplier] for supplier in bound}
    return [_part(case, lots, capacities) for lots in groups.values()]


def _part(case: Case, lots: Sequence[LotCase], binding: Mapping[str, Decimal]) -> Case:
    refs = {lot.lot_ref for lot in lots}
    packages = tuple(one for one in case.packages if refs.issuperset(part.lot_ref for part in one[1].lots))
    bidders = {supplier for lot in lots for supplier, _ in lot.offers} | {supplier for supplier, _ in packages}
    capacities = {supplier: capacity for supplier, capacity in binding.items() if supplier in bidders}
    return replace(case, lots=tuple(lots), capacities=capacities, packages=packages)


def _binding(case: Case) -> dict[str, list[str]]:
    """Return the suppliers whose capacity may bind, each with the lots it bids for."""
    most: dict[str, Decimal] = {}
    lots: dict[str, list[str]] = {}
    for lot in case.lots:
        for supplier, offer in lot.offers:
            if supplier in case.capacities:
                end = offer.tiers[-1].end
                most[supplier] = most.get(supplier, Decimal(0)) + (
                    lot.quantity if end is None else min(lot.quantity, end)
                )
                lots.setdefault(supplier, []).append(lot.lot_ref)
    here = {lot.lot_ref for lot in case.lots}
    for supplier, package in case.packages:
        if supplier in case.capacities:
            most[supplier] = most.get(supplier, Decimal(0)) + sum((one.quantity for one in package.lots), Decimal(0))
            lots.setdefault(supplier, []).extend(one.lot_ref for one in package.lots if one.lot_ref in here)
    return {supplier: refs for supplier, refs in lots.items() if most[supplier] > case.capacities[supplier]}
