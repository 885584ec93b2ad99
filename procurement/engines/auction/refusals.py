"""What an auction refuses, each by its own name."""

from __future__ import annotations

from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop


class NotBegun(Refusal):
    """Nobody has a turn yet."""

    code = "auction_not_begun"
    words = gettext_noop("The auction begins at {starts_at}.")


class AuctionBegun(Refusal):
    """It begins once."""

    code = "auction_begun"
    words = gettext_noop("The auction has begun already.")


class AuctionOver(Refusal):
    """The last turn of the last round is over."""

    code = "auction_over"
    words = gettext_noop("The auction is over.")


class NoSuchBidder(Refusal):
    """Only those take part whose names were fixed before."""

    code = "no_such_bidder"
    words = gettext_noop("{bidder} takes no part in this auction.")
    status = 404


class NotYourTurn(Refusal):
    """One bidder moves at a time."""

    code = "not_your_turn"
    words = gettext_noop("It is the turn of {turn_of}, not of {bidder}.")


class NotLowEnough(Refusal):
    """A price lies one minimum step at least below the bidder's own standing price."""

    code = "not_low_enough"
    words = gettext_noop("{price} is not low enough: {at_most} at the most.")


class BadPrice(Refusal):
    """No price: not finite, negative, or with digits that the auction does not count."""

    code = "bad_price"
    words = gettext_noop("{price} is no price here: {reason}.")
    status = 400


class TurnOver(Refusal):
    """The time of the turn is over, whether or not anybody has written that down yet."""

    code = "turn_over"
    words = gettext_noop("The turn was over at {due}; this came at {at}.")


class TurnRuns(Refusal):
    """A turn ends by itself only when its time is over."""

    code = "turn_runs"
    words = gettext_noop("The turn runs until {due}.")


class TimeRunsBack(Refusal):
    """Events follow one another in time."""

    code = "time_runs_back"
    words = gettext_noop("{at} lies before the last step, which was at {last}.")
