"""How a joint saving splits, as it is told to one member: its own share, the others without names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.kernel.money import Money
from marketplace.kernel.words import gettext_noop

PUBLISHED = ("framework", "price_list")  # curves that anybody could have bought by alone

RULE_WORDS = {
    "proportional": (gettext_noop("by quantity"), gettext_noop("Everybody pays the same price a unit.")),
    "shapley": (
        gettext_noop("Shapley"),
        gettext_noop("Everybody pays what it adds, averaged over all orders of coming."),
    ),
    "nucleolus": (
        gettext_noop("nucleolus"),
        gettext_noop("The group that gains least by staying gains as much as possible."),
    ),
    "core_shapley": (
        gettext_noop("Shapley, kept in the core"),
        gettext_noop("The split nearest to Shapley that no group could better by buying alone."),
    ),
}

NOT_OFFERED_WORDS = {
    "too_large_to_check": gettext_noop("{members} members and {units} units are too many to look at every group."),
    "too_many_steps": gettext_noop("{members} members and {units} units are too many to average over all orders."),
    "too_large_to_generate": gettext_noop("{members} members and {units} units are too many to look for the core."),
    "too_many_members": gettext_noop("It is computed for up to {most} members; here are {members}."),
    "not_proved": gettext_noop("It was computed and not proved, so it is not shown."),
    "not_found_in_time": gettext_noop("It was not found in time."),
    "no_weights": gettext_noop("There is nothing to weigh members by."),
    "bad_value": gettext_noop("The sums are too large to be counted exactly."),
}


@dataclass(frozen=True)
class SplitView:
    """One rule for one member: its share of the goods' cost, what it is better off by than alone, and the worst group.

    others  what all others pay together
    worst   how many members the group has that pays most beyond its own cost; 0 where none had to be looked for
    excess  by how much (negative: it is better off together); None likewise
    within  whether we are in that group
    """

    rule: str
    share: Money
    better_off: Money
    others: Money
    worst: int
    excess: Money | None
    within: bool
    in_core: bool
    only_rounding: bool


@dataclass(frozen=True)
class JointView:
    """A pool's joint saving as one member may see it: no name, no share and no quantity of another."""

    pool_ref: str
    source: str
    steps: Sequence[tuple[str, str]]
    members: int
    quantity: str
    own_quantity: str
    all_alone: Money
    together: Money
    alone: Money
    splits: Sequence[SplitView]
    not_offered: Sequence[Mapping[str, Any]]
    brings_more: bool

    @property
    def saved(self) -> Money:
        return self.all_alone - self.together


def split_view(
    split: Mapping[str, Any], shares: Mapping[str, int], me: str, alone: Money, together: Money
) -> SplitView:
    """Return one rule's split as the member `me` may see it.

    split   as kept: `rule`, `worst` with the members' refs, `in_core`, `only_rounding`
    shares  my share by rule, in minor units
    """
    currency = together.currency
    share = Money.from_minor(shares[split["rule"]], currency)
    worst = split["worst"]
    return SplitView(
        rule=split["rule"],
        share=share,
        better_off=alone - share,
        others=together - share,
        worst=len(worst["members"]) if worst else 0,
        excess=Money.from_minor(worst["excess_minor"], currency) if worst else None,
        within=bool(worst) and me in worst["members"],
        in_core=split["in_core"],
        only_rounding=split["only_rounding"],
    )
