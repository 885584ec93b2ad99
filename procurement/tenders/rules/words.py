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

LOST_WORDS = {  # why an offer lost
    "dearer": gettext_noop("It was dearer than what won."),
    "no_cheaper": gettext_noop("It was no cheaper than what won."),
    "cannot_fit": gettext_noop("Its least quantity did not fit what was wanted."),
    "rules_exclude": gettext_noop("The tender's published rules left no room for it."),
    "validity_over": gettext_noop("It no longer bound when the award was made."),
    "overridden": gettext_noop("The award was made against the cheapest mix, by two persons and for a stated reason."),
    "asks_for_more_than_wanted": gettext_noop("It asked for more than was wanted."),
}
FAULTS = {  # why an opened bid could not stand
    "altered": gettext_noop("It was altered after it was sealed."),
    "receipt_not_ours": gettext_noop("Its receipt is not the platform's."),
    "sealed_to_earlier_terms": gettext_noop("It was sealed to earlier terms and not confirmed."),
    "sealed_elsewhere": gettext_noop("It was sealed for another tender, bid or supplier."),
    "does_not_open": gettext_noop("It does not open with the tender's key."),
    "unreadable": gettext_noop("It cannot be read."),
    "bad_offer": gettext_noop("Its offer does not fit the tender."),
    "excluded": gettext_noop("It was excluded when a complaint was decided."),
}
PROCEDURES = {
    "open": gettext_noop("open"),
    "invited": gettext_noop("by invitation"),
    "framework": gettext_noop("framework"),
    "auction": gettext_noop("auction"),
    "challenge": gettext_noop("open challenge"),
}
AUCTION_PLANNED = gettext_noop("An auction of {tender} ({lot}) begins at {starts_at}.")
AUCTION_CALLED_OFF = gettext_noop("The auction of {tender} ({lot}) was called off: {why}")
AUCTION_ENDED = gettext_noop("The auction of {tender} ({lot}) is over.")
