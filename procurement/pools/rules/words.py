"""What is said for each reason that pools keep, and where indicative steps come from."""

from __future__ import annotations

from marketplace.kernel.words import gettext_noop

# Where indicative steps come from, best first; sealed prices are never among them.
SOURCES = {
    "framework": gettext_noop("Indicative: tiers of a framework contract"),
    "price_list": gettext_noop("Indicative: a published price list"),
    "last_award": gettext_noop("Indicative: the last award of this product"),
    "none": gettext_noop("No indicative price is known yet"),
}

# What is said for each reason that a commitment keeps; its facts fill the blanks.
WORDS = {
    "full": gettext_noop("You get all you asked for: {got}."),
    "firm_full": gettext_noop("You get your quantity: {got}; your tolerance was not all needed."),
    "part": gettext_noop("You get {got} of {wanted}: {ahead} was asked for before you, and the packs were full."),
    "nothing_left": gettext_noop("No pack was left: {ahead} was asked for before you."),
    "below_minimum": gettext_noop("The pool gathered too little for one order: {firm}; {missing} was missing."),
    "nothing_wanted": gettext_noop("Nobody was in the pool."),
    "no_cover": gettext_noop("The deposit of {deposit} was not covered: {available} was there."),
    "pool_failed": gettext_noop("The pool was stopped. {why}"),
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
    "delivered_short": gettext_noop("{share} came of {due} still due to you; older commitments were served first."),
}
