"""What firms are told of tenders: templates over facts, worded in the reader's language at the doors."""

from __future__ import annotations

from marketplace.kernel.words import gettext_noop

ANSWERED = gettext_noop("A question about {tender} was answered.")
SET_ASIDE = gettext_noop("Your question about {tender} was set aside: {why}")
AMENDED = gettext_noop("{tender} was amended: {summary}")
MOVED = gettext_noop("{tender} now takes bids until {until}: {summary}")
CHANGED = gettext_noop(
    "What {tender} asks for has changed: {summary} A bid sealed before must be confirmed or replaced."
)
INVITED = gettext_noop("You are invited to bid in {tender}, until {until}.")
UNINVITED = gettext_noop("The invitation to {tender} was withdrawn: {why}")
CANCELLED = gettext_noop("{tender} was cancelled: {why}")
FAILED = gettext_noop("{tender} came to nothing: {why}")
DECIDED = gettext_noop("Your complaint about {tender} was decided ({outcome}): {reasons}")
RE_EVALUATED = gettext_noop("The award of {tender} was set aside and is decided anew: {reasons}")
STOPPED = gettext_noop("A complaint about {tender} was lodged: no contract is made until it is decided.")
BOND_RELEASED = gettext_noop("Your bid bond of {amount} for {tender} is free again.")
BOND_FORFEITED = gettext_noop("Your bid bond of {amount} for {tender} is forfeited: {why}")
AUCTION_PLANNED = gettext_noop("An auction of {tender} ({lot}) begins at {starts_at}.")
AUCTION_CALLED_OFF = gettext_noop("The auction of {tender} ({lot}) was called off: {why}")
AUCTION_ENDED = gettext_noop("The auction of {tender} ({lot}) is over.")
