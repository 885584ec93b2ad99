"""Several at once: bids racing the closing, a supplier racing itself, two who open, award or close."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import close_old_connections, connection

from marketplace.events.models import OutboxEvent
from marketplace.kernel.refusals import IllegalMove, Refusal, StaleWrite
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.rules import sealing
from tests.cast import enter
from tests.procurement.tenders.scene import AWARDING, BIDDING, BIDS_UNTIL, HUA, OPENING, bid, priced

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do everything at the same moment, each with a connection of its own; return answers, or refusals."""
    gate, answers = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int) -> None:
        close_old_connections()
        gate.wait()
        try:
            answers[place] = deeds[place]()
        except Refusal as refusal:
            answers[place] = refusal
        except Exception as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def kinds(answers: Sequence[Any]) -> Counter[str]:
    return Counter(type(answer).__name__ for answer in answers)


@pytest.mark.parametrize("attempt", range(4))
def test_a_bid_that_races_the_closing_is_in_the_root_or_refused(market, attempt):
    suppliers = [enter(f"firm{n}", f"Firm {attempt} {n}", roles=["supplier"], seat=["sales"]).org for n in range(6)]
    ref = market.published()
    offer = priced(ref, (1, None, "12.5"))

    def sealing_by(supplier: str) -> Callable[[], Any]:
        # The bidders' clock says in time although the box may be shut by then: the order of the writes decides.
        return lambda: tenders.seal_bid(tender_ref=ref, supplier_ref=supplier, offer=offer, by="user:x", at=BIDDING)

    def closing() -> None:
        tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)

    deeds = [sealing_by(supplier) for supplier in suppliers]
    answers = at_once([*deeds[:3], closing, *deeds[3:]])

    taken = [one.commitment for one in answers if isinstance(one, tenders.Receipt)]
    assert set(kinds(answers)) <= {"Receipt", "BidsClosed", "NoneType"}, answers
    row = models.Tender.objects.get(ref=ref)
    assert row.state == "closed"
    assert row.receipts_root == sealing.merkle_root(taken)
    assert models.SealedBid.objects.count() == len(taken)


def test_a_supplier_that_races_itself_has_one_bid_and_a_receipt_for_each_version(market):
    ref = market.published()
    offer = priced(ref, (1, None, "12.5"))
    deed = lambda: tenders.seal_bid(  # noqa: E731
        tender_ref=ref, supplier_ref=market.teng, offer=offer, by="user:teng", at=BIDDING
    )

    answers = at_once([deed] * 5)

    assert kinds(answers) == {"Receipt": 5}, answers
    assert sorted(one.version for one in answers) == [1, 2, 3, 4, 5]
    assert models.SealedBid.objects.get().version == 5
    assert models.BidReceipt.objects.count() == 5


def test_bids_of_many_suppliers_do_not_hinder_one_another(market):
    suppliers = [enter(f"firm{n}", f"Firm {n}", roles=["supplier"], seat=["sales"]).org for n in range(8)]
    ref = market.published()
    offer = priced(ref, (1, None, "12.5"))

    answers = at_once(
        [
            lambda supplier=supplier: tenders.seal_bid(
                tender_ref=ref, supplier_ref=supplier, offer=offer, by="user:x", at=BIDDING
            )
            for supplier in suppliers
        ]
    )

    assert kinds(answers) == {"Receipt": 8}, answers


def test_only_one_of_several_tenders_takes_a_pool(market):
    pool = market.frozen()

    answers = at_once([lambda: market.prepared(pool)] * 3)

    assert kinds(answers) == {"str": 1, "PoolInTender": 2}, answers
    assert models.Tender.objects.count() == 1


def test_only_one_of_several_closes(market):
    ref = market.published()
    bid(ref, market.teng, [(1, None, "12.5")])

    answers = at_once([lambda: tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)] * 4)

    assert kinds(answers)["NoneType"] == 1
    assert all(isinstance(one, IllegalMove | StaleWrite) for one in answers if one is not None)
    assert OutboxEvent.objects.filter(name="TenderClosed").count() == 1


def test_only_one_of_several_opens(market):
    ref = market.published()
    bid(ref, market.teng, [(1, None, "12.5")])
    tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL)

    answers = at_once([lambda: tenders.open_tender(tender_ref=ref, by=HUA, at=OPENING)] * 3)

    assert kinds(answers)["NoneType"] == 1, answers
    assert all(isinstance(one, IllegalMove | StaleWrite) for one in answers if one is not None)
    assert models.OpenedBid.objects.count() == 1


def test_only_one_of_several_awards(market):
    ref = market.opened(teng=[(1, None, "12.5")])

    answers = at_once([lambda: tenders.award_tender(tender_ref=ref, seconds=5, by=HUA, at=AWARDING)] * 3)

    assert sum(isinstance(one, str) for one in answers) == 1, answers
    assert all(isinstance(one, str | IllegalMove | StaleWrite) for one in answers), answers
    assert models.Award.objects.count() == 1
    assert queries.verify() == []


def test_a_withdrawal_that_races_the_closing_leaves_the_root_right(market):
    ref = market.published()
    one = bid(ref, market.teng, [(1, None, "12.5")])
    two = bid(ref, market.shen, [(1, None, "12.4")])

    answers = at_once(
        [
            lambda: tenders.withdraw_bid(
                tender_ref=ref, supplier_ref=market.teng, by="user:teng", at=BIDS_UNTIL - timedelta(seconds=1)
            ),
            lambda: tenders.close_tender(tender_ref=ref, by="system:clock", at=BIDS_UNTIL),
        ]
    )

    assert set(kinds(answers)) <= {"NoneType", "BidsClosed"}, answers
    left = [two.commitment] if answers[0] is None else [one.commitment, two.commitment]
    assert models.Tender.objects.get(ref=ref).receipts_root == sealing.merkle_root(left)
