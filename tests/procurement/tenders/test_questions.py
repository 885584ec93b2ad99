"""Suppliers ask, all who may bid read the answer, nobody learns who asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.events.models import OutboxEvent
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import BadValue, IllegalMove, NotAllowed, NotFound
from marketplace.parties.models import Notification
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.rules.procedures import MOST_QUESTIONS
from tests.procurement.tenders.scene import BIDDING, BIDS_UNTIL, HUA, PUBLISHED, bid

ASKING = PUBLISHED + timedelta(days=1)


def ask(ref, supplier, text="May the pumps be painted?", at=ASKING):
    return tenders.ask_question(tender_ref=ref, supplier_ref=supplier, text=text, by="user:teng", at=at)


def member(ref, *roles):
    return Actor(by="user:x", organisation=ref, roles=frozenset(roles))


class TestAskQuestion:
    def test_is_kept_and_makes_its_asker_hear_of_the_tender(self, market):
        ref = market.published()

        question = ask(ref, market.teng)

        row = models.Question.objects.get(ref=question)
        assert (row.state, row.text, row.wording) == ("asked", "May the pumps be painted?", "May the pumps be painted?")
        assert queries.is_interested(member(market.teng, "supplier"), row.tender)

    def test_is_for_its_asker_and_staff_until_it_is_answered(self, market):
        ref = market.published()
        ask(ref, market.teng)

        assert queries.questions_for(member(market.teng, "supplier")).count() == 1
        assert queries.questions_for(member(market.shen, "supplier")).count() == 0
        assert queries.questions_for(Actor(by="user:wei", staff=True)).count() == 1

    def test_refuses_once_the_time_for_questions_is_over(self, market):
        until = PUBLISHED + timedelta(days=3)
        ref = market.published(questions_until=until)

        ask(ref, market.teng, at=until - timedelta(microseconds=1))
        with pytest.raises(tenders.QuestionsClosed):
            ask(ref, market.teng, at=until)

        assert models.Question.objects.count() == 1

    def test_refuses_once_bids_are_over_where_no_time_was_set(self, market):
        ref = market.published()

        with pytest.raises(tenders.QuestionsClosed):
            ask(ref, market.teng, at=BIDS_UNTIL)

    @pytest.mark.parametrize("text", ["", "  \n", "x" * 4001, "a\0b", "We at TENGDA  casting ask", "tengdacasting?"])
    def test_refuses_what_is_no_question_or_tells_who_asks(self, market, text):
        ref = market.published()

        with pytest.raises(BadValue):
            ask(ref, market.teng, text=text)

        assert not models.Question.objects.exists()

    def test_refuses_a_buyer_and_one_who_may_not_know_of_the_tender(self, market):
        ref = market.published(procedure="invited", invited=[market.teng])

        with pytest.raises(NotAllowed):
            ask(ref, market.lin)
        with pytest.raises(NotFound):
            ask(ref, market.shen)

        assert not models.Question.objects.exists()

    def test_one_firm_cannot_drown_the_others(self, market, monkeypatch):
        monkeypatch.setattr("procurement.tenders.use_cases.questions.MOST_QUESTIONS", 2)
        ref = market.published()
        for _ in range(2):
            ask(ref, market.teng)

        with pytest.raises(tenders.TooManyQuestions):
            ask(ref, market.teng)
        ask(ref, market.shen)

        assert models.Question.objects.count() == 3
        assert MOST_QUESTIONS == 50


class TestAnswerQuestion:
    def test_all_who_may_bid_read_it_and_nobody_who_asked(self, market):
        ref = market.published()
        question = ask(ref, market.teng)
        tenders.show_interest(tender_ref=ref, supplier_ref=market.shen, by="user:shen", at=ASKING)

        tenders.answer_question(question_ref=question, answer="Yes, RAL 5010.", by=HUA, at=ASKING)

        (row,) = queries.questions_for(member(market.shen, "supplier"))
        assert (row.answer, row.mine) == ("Yes, RAL 5010.", False)
        assert queries.questions_for(member(market.lin, "buyer")).count() == 1
        told = Notification.objects.filter(about_ref=ref).values_list("organisation__ref", flat=True)
        assert sorted(told) == sorted([market.teng, market.shen])
        fact = OutboxEvent.objects.get(name="QuestionAnswered")
        assert market.teng not in str(fact.payload)

    def test_is_published_in_other_words_where_the_asker_s_own_would_tell(self, market):
        ref = market.published()
        question = ask(ref, market.teng, text="Our foundry in Wuxi casts in sand: is that allowed?")

        tenders.answer_question(
            question_ref=question, answer="Yes.", wording="Is sand casting allowed?", by=HUA, at=ASKING
        )

        (row,) = queries.questions_for(member(market.shen, "supplier"))
        assert row.wording == "Is sand casting allowed?"

    def test_refuses_a_second_answer(self, market):
        ref = market.published()
        question = ask(ref, market.teng)
        tenders.answer_question(question_ref=question, answer="Yes.", by=HUA, at=ASKING)

        with pytest.raises(IllegalMove):
            tenders.answer_question(question_ref=question, answer="No.", by=HUA, at=ASKING)

        assert models.Question.objects.get().answer == "Yes."

    def test_refuses_once_no_bid_can_heed_it(self, market):
        ref = market.published()
        question = ask(ref, market.teng)

        with pytest.raises(tenders.AnswersClosed):
            tenders.answer_question(question_ref=question, answer="Yes.", by=HUA, at=BIDS_UNTIL)

        assert models.Question.objects.get().state == "asked"

    def test_set_aside_tells_its_asker_alone(self, market):
        ref = market.published()
        question = ask(ref, market.teng)
        bid(ref, market.shen, [(1, None, "12")], at=BIDDING)

        tenders.set_question_aside(question_ref=question, why="It names a rival.", by=HUA, at=BIDDING)

        assert models.Question.objects.get().state == "set_aside"
        assert list(Notification.objects.values_list("organisation__ref", flat=True)) == [market.teng]
        assert queries.questions_for(member(market.shen, "supplier")).count() == 0
