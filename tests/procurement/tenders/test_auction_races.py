"""Several at once in an auction: two bids of one moment, a bid that races the end of its turn, many who ring."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.kernel.refusals import StaleWrite
from procurement.engines import auction as engine
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from tests.procurement.tenders.auction_scene import SECOND, STARTS, move, running
from tests.procurement.tenders.test_racing import at_once, kinds

pytestmark = pytest.mark.django_db(transaction=True)
TURN = timedelta(seconds=120)


def numbers() -> list[int]:
    return list(models.AuctionEvent.objects.order_by("number").values_list("number", flat=True))


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_bids_at_the_same_moment_one_counts_and_the_other_is_refused(market, attempt):
    ref = running(market)

    answers = at_once([lambda price=price: move(ref, market.teng, price, STARTS + SECOND) for price in ("12.1", "12")])

    assert kinds(answers)["int"] == 1, answers
    assert isinstance(next(one for one in answers if not isinstance(one, int)), engine.NotYourTurn | StaleWrite)
    assert numbers() == [1, 2]


def test_many_who_ring_end_a_turn_once(market):
    ref = running(market)

    answers = at_once([lambda: tenders.advance_auction(auction_ref=ref, at=STARTS + TURN)] * 5)

    assert [one for one in answers if one is True] == [True], answers
    assert numbers() == [1, 2]


@pytest.mark.parametrize("attempt", range(3))
def test_a_bid_that_races_the_end_of_its_turn_counts_or_is_refused_never_both(market, attempt):
    ref = running(market)

    answers = at_once(
        [
            lambda: move(ref, market.teng, "12.1", STARTS + TURN - SECOND),
            lambda: tenders.advance_auction(auction_ref=ref, at=STARTS + TURN),
        ]
    )

    row = models.AuctionEvent.objects.get(number=2)
    assert numbers() == [1, 2]
    assert (row.kind == "bid") == isinstance(answers[0], int)
    assert not isinstance(answers[0], bool)


def test_a_whole_auction_in_which_everybody_rings_and_bids_at_once_replays(market):
    ref, at = running(market), STARTS
    for _ in range(6):
        at += SECOND
        at_once(
            [
                lambda at=at: move(ref, market.teng, None, at),
                lambda at=at: move(ref, market.shen, None, at),
                lambda at=at: tenders.advance_auction(auction_ref=ref, at=at),
            ]
        )

    at += TURN
    while tenders.advance_auction(auction_ref=ref, at=at):
        at += TURN
    assert models.Auction.objects.get(ref=ref).state == "ended"
    assert numbers() == list(range(1, 8))
    assert queries.verify() == []
