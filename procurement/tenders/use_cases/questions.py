"""Suppliers ask about a tender; answers are for all who may bid, and nobody learns who asked."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from marketplace.events import use_cases as events_
from marketplace.kernel.refusals import BadValue, NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.tenders import events, models
from procurement.tenders.rules.procedures import MOST_QUESTIONS
from procurement.tenders.rules.texts import betrays, checked_text
from procurement.tenders.rules.words import ANSWERED, SET_ASIDE
from procurement.tenders.states import TenderState
from procurement.tenders.use_cases.interest import note_interest, tell, tell_interested
from procurement.tenders.use_cases.loading import bidder, hold_still, published_to


class QuestionsClosed(Refusal):
    """The time for questions is over."""

    code = "questions_closed"
    words = gettext_noop("{tender} took questions until {questions_until}. This one came too late.")


class TooManyQuestions(Refusal):
    """One supplier may not drown the others' questions."""

    code = "too_many_questions"
    words = gettext_noop("You have asked {most} questions about {tender}. That is all that one firm may ask.")


class AnswersClosed(Refusal):
    """An answer that no bid can heed any more helps nobody."""

    code = "answers_closed"
    words = gettext_noop("{tender} does not take bids any more: an answer would come too late.")


@transaction.atomic
def ask_question(*, tender_ref: str, supplier_ref: str, text: str, by: str, at: datetime) -> str:
    """Ask about a tender and return the question's ref. Staff answer without being told who asked.

    One statement asks whether the tender still takes questions and holds it still, so that a question never slips past
    its time.

    :raises NotFound: no such tender, or none that this supplier may know of.
    :raises NotAllowed: the organisation is no verified supplier or factory.
    :raises QuestionsClosed: the time for questions is over.
    :raises TooManyQuestions: the supplier has asked its share.
    :raises BadValue: no text, too long a one, or one that names who asks.
    """
    supplier = bidder(supplier_ref)
    is_open = _takes_questions(tender_ref, at)
    tender = published_to(tender_ref, supplier)
    if not is_open:
        until = tender.questions_until or tender.bids_until
        raise QuestionsClosed(tender=tender_ref, questions_until=until.isoformat())
    said = checked_text("text", text)
    if betrays(said, supplier.ref, supplier.legal_name):
        raise BadValue(place="text", value=supplier.ref, reason=gettext_noop("names who asks: leave your name out"))
    if models.Question.objects.filter(tender=tender, asker_id=supplier.id).count() >= MOST_QUESTIONS:
        raise TooManyQuestions(tender=tender_ref, most=MOST_QUESTIONS)
    question = models.Question.objects.create(
        ref=events_.next_ref("QU", at=at),
        tender=tender,
        asker_id=supplier.id,
        asked_by=by,
        asked_at=at,
        text=said,
        wording=said,
    )
    note_interest(tender, supplier, at=at)
    events_.record(events.QuestionAsked(tender_ref, question.ref), source_ref=question.ref, at=at)
    return question.ref


def _takes_questions(tender_ref: str, at: datetime) -> bool:
    """Hold the tender still if it takes questions at `at`; return whether it does."""
    return hold_still(
        tender_ref,
        Q(questions_until__isnull=True) | Q(questions_until__gt=at),
        state=TenderState.PUBLISHED.value,
        bids_until__gt=at,
        published_at__lte=at,
    )


@transaction.atomic
def answer_question(*, question_ref: str, answer: str, wording: str = "", by: str, at: datetime) -> None:
    """Answer a question to everybody who may bid.

    wording   the question as it is published, where the asker's own words would tell who asked; else those

    An answer explains the terms, it never changes them: that takes an amendment.

    :raises NotFound: no such question.
    :raises BadValue: no answer, or too long a one.
    :raises AnswersClosed: the tender does not take bids any more.
    :raises IllegalMove: it was answered or set aside before.
    """
    question = _load(question_ref)
    tender = question.tender
    if not hold_still(tender.ref, state=TenderState.PUBLISHED.value, bids_until__gt=at):
        raise AnswersClosed(tender=tender.ref)
    said = checked_text("answer", answer)
    shown = checked_text("wording", wording) if wording.strip() else question.text
    question.move("answer", by=by, at=at, answer=said, wording=shown, answered_by=by, answered_at=at)
    fact = events.QuestionAnswered(tender.ref, question_ref, shown, said)
    events_.record(fact, source_ref=question_ref, at=at)
    tell_interested(tender, ANSWERED, at=at)


@transaction.atomic
def set_question_aside(*, question_ref: str, why: str, by: str, at: datetime) -> None:
    """Leave a question unanswered, with a reason that only its asker is told.

    :raises NotFound: no such question.
    :raises BadValue: no reason.
    :raises IllegalMove: it was answered or set aside before.
    """
    question = _load(question_ref)
    said = checked_text("why", why)
    question.move("set_aside", by=by, at=at, why=said, reason=said, answered_by=by, answered_at=at)
    tell(question.tender, [question.asker.ref], SET_ASIDE, at=at, why=said)


def _load(ref: str) -> models.Question:
    found = models.Question.objects.select_related("tender", "asker").filter(ref=ref).first()
    if found is None:
        raise NotFound(what="question", ref=ref)
    return found
