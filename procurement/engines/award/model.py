"""The award as a linear model with whole columns, each column and row named so that a stranger can rebuild it.

docs/algorithms/award.md lists the names; the checker builds the same relaxation from that page with code of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from procurement.engines.award.problem import AwardProblem, Bid, Package, Supplier, Tier
from procurement.engines.linear import LinearModel, name_of

Terms = list[tuple[int, int]]


@dataclass
class AwardModel:
    """The linear model and where each decision stands in it."""

    problem: AwardProblem
    linear: LinearModel = field(default_factory=LinearModel)
    winner: dict[str, int] = field(default_factory=dict)
    lot_winner: dict[tuple[str, str], int] = field(default_factory=dict)  # (supplier, lot)
    tier_used: dict[tuple[str, int], int] = field(default_factory=dict)  # (bid, tier's place)
    bought: dict[tuple[str, int], int] = field(default_factory=dict)
    sent: dict[tuple[str, str], int] = field(default_factory=dict)  # (bid, region)
    package_taken: dict[str, int] = field(default_factory=dict)
    package_sent: dict[tuple[str, str, str], int] = field(default_factory=dict)  # (package, lot, region)
    unserved: dict[tuple[str, str], int] = field(default_factory=dict)  # (lot, region)

    def used(self, bid: Bid) -> list[int]:
        """The columns of which exactly one is 1 when the bid is used."""
        return [self.tier_used[bid.bid, place] for place, _, _ in usable_tiers(self.problem, bid)]


def most_of(problem: AwardProblem, bid: Bid) -> int:
    """The most units that demand and the supplier's limit leave for a bid."""
    return min(problem.lot_of[bid.lot].quantity, problem.supplier_of[bid.supplier].most)


def usable_tiers(problem: AwardProblem, bid: Bid) -> list[tuple[int, Tier, int]]:
    """The tiers that can be reached: their place, themselves, and their end cut to what can be bought."""
    most = most_of(problem, bid)
    return [(place, tier, min(tier.end, most)) for place, tier in enumerate(bid.tiers) if tier.start <= most]


def fits(problem: AwardProblem, package: Package) -> bool:
    """Whether demand and the supplier's limit leave room for the whole package."""
    return package.quantity <= problem.supplier_of[package.supplier].most and all(
        quantity <= problem.lot_of[lot].quantity for lot, quantity in package.quantities.items()
    )


def build(problem: AwardProblem) -> AwardModel:
    """Build the model: the multiple-choice form of tiers with region-wise linking.

    Source: Croxton, Gendron and Magnanti, A comparison of mixed-integer programming models for nonconvex piecewise
    linear cost minimization problems, Management Science 49(9), 2003, section 2 (multiple choice model).
    """
    model = AwardModel(problem)
    for one in problem.suppliers:
        cost = problem.rules.fixed_cost_per_winner
        model.winner[one.supplier] = model.linear.column(name_of("z", one.supplier), cost=cost, upper=1, whole=True)
    for lot in problem.lots:
        for region, quantity in lot.demand.items():
            name = name_of("o", lot.lot, region)
            model.unserved[lot.lot, region] = model.linear.column(name, cost=lot.reserve, upper=quantity)
    for bid in problem.bids:
        _add_bid(model, bid)
    for package in problem.packages:
        if fits(problem, package):
            _add_package(model, package)
    _cover(model)
    _limits(model)
    return model


def _lot_winner(model: AwardModel, supplier: str, lot: str) -> int:
    if (supplier, lot) not in model.lot_winner:
        column = model.linear.column(name_of("w", supplier, lot), cost=0, upper=1, whole=True)
        model.lot_winner[supplier, lot] = column
        model.linear.row(name_of("lot-winner", supplier, lot), "<=", 0, [(column, 1), (model.winner[supplier], -1)])
    return model.lot_winner[supplier, lot]


def _add_bid(model: AwardModel, bid: Bid) -> None:
    usable = usable_tiers(model.problem, bid)
    if not usable:
        return
    linear, name = model.linear, bid.bid
    for place, tier, end in usable:
        start_cost = model.problem.head_start(bid, tier)
        used = linear.column(name_of("y", name, place), cost=start_cost, upper=1, whole=True)
        bought = linear.column(name_of("u", name, place), cost=tier.price, upper=end)
        linear.row(name_of("most", name, place), "<=", 0, [(bought, 1), (used, -end)])
        linear.row(name_of("least", name, place), ">=", 0, [(bought, 1), (used, -tier.start)])
        model.tier_used[name, place], model.bought[name, place] = used, bought
    used_at = [(model.tier_used[name, place], 1) for place, _, _ in usable]
    lot_winner = _lot_winner(model, bid.supplier, bid.lot)
    linear.row(name_of("one-tier", name), "<=", 0, [*used_at, (lot_winner, -1)])
    for region, demand in model.problem.lot_of[bid.lot].demand.items():
        most = min(demand, most_of(model.problem, bid))
        sent = linear.column(name_of("x", name, region), cost=bid.landed(region), upper=most)
        linear.row(name_of("reach", name, region), "<=", 0, [(sent, 1), *((used, -most) for used, _ in used_at)])
        model.sent[name, region] = sent
    bought_terms = [(model.bought[name, place], 1) for place, _, _ in usable]
    sent_terms = [(model.sent[name, region], -1) for region in model.problem.regions]
    linear.row(name_of("balance", name), "=", 0, bought_terms + sent_terms)


def _add_package(model: AwardModel, package: Package) -> None:
    linear, name = model.linear, package.package
    taken = linear.column(name_of("g", name), cost=package.price, upper=1, whole=True)
    model.package_taken[name] = taken
    for lot, quantity in package.quantities.items():
        lot_winner = _lot_winner(model, package.supplier, lot)
        linear.row(name_of("package-winner", name, lot), "<=", 0, [(taken, 1), (lot_winner, -1)])
        whole: Terms = [(taken, -quantity)]
        for region, demand in model.problem.lot_of[lot].demand.items():
            most = min(demand, quantity)
            sent = linear.column(name_of("h", name, lot, region), cost=package.landed(lot, region), upper=most)
            linear.row(name_of("package-reach", name, lot, region), "<=", 0, [(sent, 1), (taken, -most)])
            model.package_sent[name, lot, region] = sent
            whole.append((sent, 1))
        linear.row(name_of("package-whole", name, lot), "=", 0, whole)


def _cover(model: AwardModel) -> None:
    supply: dict[tuple[str, str], Terms] = {key: [(column, 1)] for key, column in model.unserved.items()}
    for (name, region), column in model.sent.items():
        supply[model.problem.bid_of[name].lot, region].append((column, 1))
    for (_, lot, region), column in model.package_sent.items():
        supply[lot, region].append((column, 1))
    for (lot, region), terms in supply.items():
        model.linear.row(name_of("cover", lot, region), "=", model.problem.lot_of[lot].demand[region], terms)


def _limits(model: AwardModel) -> None:
    bought, own = _by_supplier(model)
    for one in model.problem.suppliers:
        winner = model.winner[one.supplier]
        _limit_supplier(model, one, winner, bought[one.supplier], own[one.supplier])
    rules, all_winners = model.problem.rules, [(column, 1) for column in model.winner.values()]
    model.linear.row("winners-min", ">=", rules.winners_min, all_winners)
    model.linear.row("winners-max", "<=", rules.winners_max, all_winners)
    in_lot: dict[str, Terms] = {}
    for (_, lot), column in model.lot_winner.items():
        in_lot.setdefault(lot, []).append((column, 1))
    for lot, winners in in_lot.items():
        if len(winners) > rules.winners_per_lot:
            model.linear.row(name_of("winners-per-lot", lot), "<=", rules.winners_per_lot, winners)


def _by_supplier(model: AwardModel) -> tuple[dict[str, Terms], dict[str, Terms]]:
    """Terms of what each supplier sells, and of its awards."""
    bought: dict[str, Terms] = {one.supplier: [] for one in model.problem.suppliers}
    own: dict[str, Terms] = {one.supplier: [] for one in model.problem.suppliers}
    for (name, _), column in model.bought.items():
        bought[model.problem.bid_of[name].supplier].append((column, 1))
    for (name, _), column in model.tier_used.items():
        own[model.problem.bid_of[name].supplier].append((column, 1))
    for name, column in model.package_taken.items():
        package = model.problem.package_of[name]
        bought[package.supplier].append((column, package.quantity))
        own[package.supplier].append((column, 1))
    return bought, own


def _limit_supplier(model: AwardModel, one: Supplier, winner: int, bought: Terms, own: Terms) -> None:
    model.linear.row(name_of("capacity", one.supplier), "<=", 0, [*bought, (winner, -one.most)])
    model.linear.row(name_of("has-award", one.supplier), ">=", 0, [*own, (winner, -1)])
