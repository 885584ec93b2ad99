"""What is said for each reason that pools keep, and where indicative steps come from."""

from __future__ import annotations

from marketplace.kernel.words import gettext_noop
from procurement.engines.allocation_rules import MEANINGS, NAMES
from procurement.engines.allocation_rules import WORDS as ALLOCATED

RULE_NAMES, RULE_MEANINGS = NAMES, MEANINGS

# Where indicative steps come from, best first; sealed prices are never among them.
SOURCES = {
    "framework": gettext_noop("Indicative: tiers of a framework contract"),
    "price_list": gettext_noop("Indicative: a published price list"),
    "last_award": gettext_noop("Indicative: the last award of this product"),
    "none": gettext_noop("No indicative price is known yet"),
}

# What is said for each reason that a commitment keeps; its facts fill the blanks.
WORDS = {
    **ALLOCATED,
    "full": gettext_noop("You get all you asked for: {got}."),
    "firm_full": gettext_noop("You get your quantity: {got}; your tolerance was not all needed."),
    "part": gettext_noop("You get {got} of {wanted}: {ahead} was asked for before you, and the packs were full."),
    "nothing_left": gettext_noop("No pack was left: {ahead} was asked for before you."),
    "below_minimum": gettext_noop("The pool gathered too little for one order: {firm}; {missing} was missing."),
    "nothing_wanted": gettext_noop("Nobody was in the pool."),
    "no_cover": gettext_noop("The deposit of {deposit} was not covered: {available} was there."),
    "pool_failed": gettext_noop("The pool was stopped. {why}"),
    "cut_by_change": gettext_noop("You get {got} instead of {was}; both sides of the order agreed: {why}"),
    "cut_to_nothing": gettext_noop("Nothing is left for you; both sides of the order agreed: {why}"),
    "price_above_ceiling": gettext_noop("The price is above your ceiling: {why}."),
    "price_above_every_ceiling": gettext_noop("The price is above everybody's ceiling."),
    "deposit_not_asked": gettext_noop("No deposit is asked."),
    "deposit_without_price": gettext_noop("No deposit: no ceiling, indicative or stated price is known."),
    "deposit_on_ceiling": gettext_noop("Deposit {deposit}: {percent} % of {quantity} at your ceiling {price}."),
    "deposit_on_indicative": gettext_noop(
        "Deposit {deposit}: {percent} % of {quantity} at the indicative price {price}."
    ),
    "deposit_on_stated": gettext_noop(
        "Deposit {deposit}: {percent} % of {quantity} at the price of your request, {price}."
    ),
    "delivered_in_full": gettext_noop("{share} came: all that was still due to you."),
    "delivered_short": gettext_noop("{share} came of {due} still due to you; it was shared by the pool's rule."),
    "smaller_arrival": gettext_noop("If only {available} of {ordered} came, they would be shared by the pool's rule."),
    "as_bound": gettext_noop("The members are bound to {ordered}."),
    "bound_to_less": gettext_noop("You are bound to {got} of the {wanted} that you asked for."),
    "packs_counted_anew": gettext_noop(
        "Members withdrew; of the {held} that are left, whole packs of {pack} are ordered."
    ),
    "packs_counted_anew_less": gettext_noop("A member withdrew; packs were counted anew: you get {got} of {before}."),
    "withdrawn": gettext_noop("You withdrew: {penalty} of your deposit of {deposit} is forfeited ({percent} %)."),
    "replaced": gettext_noop("Another buyer has taken your place; your deposit is free, without penalty."),
    "place_offered": gettext_noop("{quantity} {unit} of {pool} are offered: whoever takes them over takes the place."),
    "moved_on": gettext_noop("Its members moved to {pool}."),
    "took_over": gettext_noop("You have taken over {quantity} from another member."),
    "extended": gettext_noop("The pool gathered too little; it stays open {days} days longer."),
    "extended_before": gettext_noop("It had been given more time before."),
    "no_days_to_extend": gettext_noop("No more time is foreseen."),
    "merged": gettext_noop("The pool gathered too little; {quantity} moved to {pool}."),
    "merge_does_not_help": gettext_noop("No neighbouring pool would reach its minimum with it."),
    "nothing_to_merge_with": gettext_noop("No neighbouring pool takes what it gathered."),
    "substituted": gettext_noop("The pool gathered too little; {quantity} of an agreed substitute moved to {pool}."),
    "substitute_does_not_help": gettext_noop("No pool of a substitute would reach its minimum with it."),
    "nothing_to_substitute_with": gettext_noop("No pool of an agreed substitute takes what it gathered."),
    "smaller_pack": gettext_noop("The pool orders smaller packs, of {pack}."),
    "no_smaller_pack": gettext_noop("There is no smaller pack."),
    "smaller_pack_not_filled": gettext_noop("Smaller packs of {pack} do not help: {missing} is missing."),
    "released": gettext_noop("Everybody is free; deposits are released."),
    "no_room_to_move": gettext_noop("The pool gathered too little, and {pool} had no room for this part: it is free."),
    "moved": gettext_noop("Moved from {pool}, which gathered too little, with its place in the queue."),
    "substitutes": gettext_noop("Counted as {quantity} of the pool's product, an agreed substitute."),
}
