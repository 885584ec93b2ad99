"""Share a game by every rule that can be proved for it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from procurement.engines.reasons import Reason
from procurement.engines.sharing.core import least_core, nearest_in_core
from procurement.engines.sharing.decision import NotOffered, SharingDecision, SharingRule, Split
from procurement.engines.sharing.equal_price import ASSUMPTION, paid_less_than_they_bring
from procurement.engines.sharing.games import Coalition, CostGame, worth_ok
from procurement.engines.sharing.nucleolus import MOST_FOR_NUCLEOLUS, Level, nucleolus
from procurement.engines.sharing.shapley import MOST_STEPS, Value, shapley
from procurement.engines.sharing.tariff import MOST_CELLS, MOST_GENERATED, TariffGame
from procurement.engines.sharing.whole import whole_shares

ALL_RULES = tuple(SharingRule)
SURELY = 1e-6  # of the whole cost: an excess above this is no rounding of doubles


def share(
    game: CostGame,
    rules: Sequence[SharingRule] = ALL_RULES,
    *,
    of: str = "cost",
    problem_sha256: str = "",
    most_steps: int = MOST_STEPS,
) -> SharingDecision:
    """Share what all pay together by each of `rules`, in whole minor units that add up.

    The total is c(N), rounded half up where it is no whole number of minor units. Every split comes with its worst
    coalition, found over all coalitions on the published (whole) shares. A rule that cannot be computed and checked for
    a game of this size is not offered, and says why. See docs/algorithms/sharing.md for the methods and limits.

    most_steps  members x units x nodes that Shapley may take; less than `MOST_STEPS` where somebody waits
    of      `cost`, or `gain` when the costs are negative gains; only words depend on it

    :raises BadValue: sums too large to be counted exactly.
    """
    worth_ok(game.whole, "total")
    total = (2 * game.whole + game.parts) // (2 * game.parts)
    sharer = _Sharer(game, total, of, most_steps)
    found = [sharer.by(rule) for rule in rules]
    splits = tuple(one for one in found if isinstance(one, Split))
    return SharingDecision(
        game,
        total,
        splits,
        tuple(one for one in found if isinstance(one, NotOffered)),
        sharer.core_empty(splits),
        tuple(_notes(game)),
        of,
        problem_sha256,
    )


class _Sharer:
    """One game, its total in minor units, and its Shapley value once it is known."""

    def __init__(self, game: CostGame, total: int, of: str, most_steps: int) -> None:
        self.game, self.total, self.of, self.most_steps = game, total, of, most_steps
        self._value: Value | None = None

    def by(self, rule: SharingRule) -> Split | NotOffered:
        if rule == SharingRule.PROPORTIONAL:
            return self._proportional()
        if not self.game.searched:
            return NotOffered(rule, Reason("too_large_to_check", self._size(most=MOST_CELLS)))
        if rule == SharingRule.SHAPLEY:
            return self._shapley()
        return self._nucleolus() if rule == SharingRule.NUCLEOLUS else self._core_shapley()

    def _size(self, **more: object) -> dict[str, object]:
        units = {"units": self.game.units} if isinstance(self.game, TariffGame) else {}
        return {"members": len(self.game.members), **units, **more}

    def _split(
        self,
        rule: SharingRule,
        exact: Sequence[Fraction],
        why: Reason,
        *,
        keep: bool = True,
        levels: tuple[Level, ...] = (),
    ) -> Split:
        """Make a split of exact shares in 1/parts of a minor unit."""
        minor = tuple(one / self.game.parts for one in exact)
        shares = whole_shares(minor, self.total)
        return Split(rule, shares, self._worst(shares), (why,), minor if keep else None, levels)

    def _worst(self, shares: Sequence[int]) -> Coalition | None:
        return self.game.worst([one * self.game.parts for one in shares])

    def _proportional(self) -> Split | NotOffered:
        rule, game = SharingRule.PROPORTIONAL, self.game
        if isinstance(game, TariffGame):
            weights, code = list(game.quantities), "by_quantity"
        else:
            sign = -1 if self.of == "gain" else 1
            weights, code = [sign * game.alone(place) for place in range(len(game.members))], "by_stand_alone"
        if min(weights) < 0 or not any(weights):
            return NotOffered(rule, Reason("no_weights", {"least": min(weights), "sum": sum(weights)}))
        exact = [Fraction(game.whole * weight, sum(weights)) for weight in weights]
        if game.searched:
            return self._split(rule, exact, Reason(code, {"whole": sum(weights)}))
        if not getattr(game, "falling", False):
            return NotOffered(rule, Reason("too_large_to_check", self._size(most=MOST_CELLS)))
        minor = tuple(one / game.parts for one in exact)
        why = Reason(code, {"whole": sum(weights)}), Reason("in_core_as_price_never_rises", self._size(most=MOST_CELLS))
        return Split(rule, whole_shares(minor, self.total), None, why, minor)

    def _shapley(self) -> Split | NotOffered:
        value = self._known_value()
        if value is None:
            return NotOffered(SharingRule.SHAPLEY, Reason("too_many_steps", self._size(most=self.most_steps)))
        exact = value.method == "all_coalitions"
        facts = {} if exact else {"residual": f"{value.residual / self.game.parts:.1e}"}
        return self._split(SharingRule.SHAPLEY, value.shares, Reason(value.method, facts), keep=exact)

    def _known_value(self) -> Value | None:
        if self._value is None:
            self._value = shapley(self.game, self.most_steps)
        return self._value

    def _nucleolus(self) -> Split | NotOffered:
        found = nucleolus(self.game)
        if found is not None:
            why = Reason(found.method, {"levels": len(found.levels)} if found.levels else {})
            return self._split(SharingRule.NUCLEOLUS, found.shares, why, levels=found.levels)
        small = self.game.listed and len(self.game.members) <= MOST_FOR_NUCLEOLUS
        code = "not_proved" if small else "too_many_members"
        return NotOffered(SharingRule.NUCLEOLUS, Reason(code, self._size(most=MOST_FOR_NUCLEOLUS)))

    def _core_shapley(self) -> Split | NotOffered:
        rule, value = SharingRule.CORE_SHAPLEY, self._known_value()
        if value is None:
            point = nucleolus(self.game)
            if point is not None and point.method == "only_point_of_the_core":
                return self._split(rule, point.shares, Reason(point.method))
            return NotOffered(rule, Reason("too_many_steps", self._size(most=self.most_steps)))
        plain = self._split(rule, value.shares, Reason("shapley_is_in_core"), keep=value.method == "all_coalitions")
        if plain.in_core:
            return plain
        if not self.game.generated:
            return NotOffered(rule, Reason("too_large_to_generate", self._size(most=MOST_GENERATED)))
        found = nearest_in_core(self.game, value.shares, self.total)
        if found is None:
            return NotOffered(rule, Reason("not_found_in_time", self._size()))
        facts = {"distance": f"{found.distance:.2f}", "coalitions": found.cuts}
        why = Reason("nearest_point_of_core", facts)
        if found.level > 0:
            why = Reason("nearest_point_of_least_core", {**facts, "level": f"{found.level / self.game.parts:.2f}"})
        return Split(rule, found.shares, self._worst(found.shares), (why,))

    def core_empty(self, splits: Sequence[Split]) -> bool | None:
        """Say whether no split satisfies every coalition; None where that was not found out."""
        adds_up = self.total * self.game.parts == self.game.whole
        if getattr(self.game, "falling", False) or (adds_up and any(split.in_core for split in splits)):
            return False
        if not self.game.generated:
            return None
        levels = next((split.levels for split in splits if split.levels), ())
        if levels and not levels[0].alone:
            return levels[0].excess > 0
        least = least_core(self.game)
        return None if least is None else least > SURELY * max(1, abs(self.game.whole))


def _notes(game: CostGame) -> list[Reason]:
    """Return what the reader of a pool's sharing has to know beside the splits."""
    if not isinstance(game, TariffGame):
        return []
    if not game.falling:
        return [Reason("price_rises")]
    if game.steps[-1].price == game.steps[0].price:
        return []
    notes = []
    for place in paid_less_than_they_bring(game.quantities):
        percent = f"{100 * game.quantities[place] / game.units:.1f}"
        facts = {"member": game.members[place], "percent": percent, "assumption": ASSUMPTION}
        notes.append(Reason("gain_falls_above_38_percent", facts))
    return notes
