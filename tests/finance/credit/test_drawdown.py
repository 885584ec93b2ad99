from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from finance.credit import models, queries
from finance.credit import use_cases as credit
from finance.credit.use_cases import BadFacility, FinancedBefore, LimitExhausted, NoFunder, NotFinanceable, TermTooLong
from finance.invoicing.use_cases import take_for_settlement
from finance.ledger import queries as ledger
from marketplace.events.models import StateChange
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import IllegalMove
from tests.cast import Player
from tests.finance.credit.shorthand import DAY_LATER, approved_claim, drawn, facility
from tests.finance.invoicing.shorthand import AT, DAY, DUE, WEI, cny, facts, receive, send, stands, trace

pytestmark = pytest.mark.django_db


def sound() -> bool:
    return queries.verify() == [] and ledger.verify() == []


class TestOpenFacility:
    def test_shows_its_limit_as_free(self, qian: Player) -> None:
        ref = facility(qian, "5000.00")

        (exposure,) = queries.exposure_for(Actor(qian.by, qian.org))
        assert (exposure.facility_ref, exposure.left, exposure.used) == (ref, cny("5000.00"), cny("0.00"))

    @pytest.mark.parametrize(
        "terms",
        [
            {"product": "magic"},
            {"limit": "0.00"},
            {"rate_percent": Decimal(37)},
            {"rate_percent": Decimal("-1")},
            {"rate_percent": Decimal("NaN")},
            {"day_count": "30/360 US"},
            {"tenor_days": 0},
        ],
    )
    def test_refuses_terms_that_no_facility_can_have(self, qian: Player, terms: dict[str, object]) -> None:
        with pytest.raises(BadFacility):
            facility(qian, **terms)  # type: ignore[arg-type]

        assert not models.Facility.objects.exists()

    def test_refuses_somebody_who_is_no_financier(self, teng: Player) -> None:
        with pytest.raises(BadFacility):
            facility(teng)

    def test_the_table_itself_refuses_use_beyond_the_limit(self, qian: Player) -> None:
        facility(qian, "10.00")

        with pytest.raises(IntegrityError), transaction.atomic():
            models.Facility.objects.update(used_minor=1001)

    def test_takes_nothing_while_suspended_and_closes_only_when_unused(self, teng: Player, qian: Player) -> None:
        ref = facility(qian)
        credit.suspend_facility(facility_ref=ref, by=qian.by, at=AT)
        with pytest.raises(NoFunder):
            credit.request_funding(supplier_invoice_ref=approved_claim(teng), facility_ref=ref, by=teng.by, at=AT)
        credit.resume_facility(facility_ref=ref, by=qian.by, at=AT)
        drawn(teng, qian, n=2)

        with pytest.raises(credit.StillUsed):
            credit.close_facility(facility_ref=ref, by=qian.by, at=AT)

        assert models.Facility.objects.get().state == "open"


class TestRequestFunding:
    def test_offers_the_claim_to_the_cheapest_facility_with_terms_of_today(self, teng: Player, qian: Player) -> None:
        facility(qian, rate_percent=Decimal(7))
        cheap = facility(qian)
        invoice = approved_claim(teng)

        ref = credit.request_funding(supplier_invoice_ref=invoice, by=teng.by, at=AT)

        # 2 March to 1 May are 29 + 30 + 1 = 60 days: 1,130.00 * 6 % * 60/360 = 11.30.
        view = queries.drawdown(ref)
        assert (view.facility_ref, view.state) == (cheap, "requested")
        assert (view.face, view.discount, view.advance) == (cny("1130.00"), cny("11.30"), cny("1118.70"))
        assert facts("FundingRequested")[0]["financier_ref"] == qian.org
        assert [row.ref for row in queries.requests_to_fund(Actor(qian.by, qian.org))] == [ref]

    def test_refuses_a_claim_that_is_not_approved(self, teng: Player, qian: Player) -> None:
        facility(qian)
        receive(teng.org)
        invoice = send(teng.org)
        before = trace()

        with pytest.raises(NotFinanceable):
            credit.request_funding(supplier_invoice_ref=invoice, by=teng.by, at=AT)

        assert trace() == before

    def test_refuses_a_claim_that_was_offered_before(self, teng: Player, qian: Player) -> None:
        facility(qian)
        invoice = approved_claim(teng)
        credit.request_funding(supplier_invoice_ref=invoice, by=teng.by, at=AT)
        before = trace()

        with pytest.raises(FinancedBefore):
            credit.request_funding(supplier_invoice_ref=invoice, by=teng.by, at=AT)

        assert trace() == before

    def test_the_table_itself_refuses_a_second_drawdown_on_a_claim(self, teng: Player, qian: Player) -> None:
        facility(qian)
        credit.request_funding(supplier_invoice_ref=approved_claim(teng), by=teng.by, at=AT)
        twin = models.Drawdown.objects.get()
        twin.pk, twin.ref = None, "DD-2026-0099"

        with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
            twin.save(force_insert=True)

    def test_refuses_when_no_facility_can_take_it(self, teng: Player, qian: Player) -> None:
        facility(qian, "1129.99")
        facility(qian, tenor_days=59)
        facility(qian, "9000.00", currency="USD")

        with pytest.raises(NoFunder) as refusal:
            credit.request_funding(supplier_invoice_ref=approved_claim(teng), by=teng.by, at=AT)

        assert refusal.value.facts["days"] == 60
        assert models.Receivable.objects.get().state == "eligible"

    def test_refuses_a_term_beyond_the_named_facility(self, teng: Player, qian: Player) -> None:
        short = facility(qian, tenor_days=59)

        with pytest.raises(TermTooLong):
            credit.request_funding(supplier_invoice_ref=approved_claim(teng), facility_ref=short, by=teng.by, at=AT)

    def test_a_withdrawn_request_may_be_made_again(self, teng: Player, qian: Player) -> None:
        facility(qian)
        invoice = approved_claim(teng)
        first = credit.request_funding(supplier_invoice_ref=invoice, by=teng.by, at=AT)

        credit.withdraw_request(drawdown_ref=first, by=teng.by, at=AT)
        second = credit.request_funding(supplier_invoice_ref=invoice, by=teng.by, at=AT)

        assert [queries.drawdown(ref).state for ref in (first, second)] == ["withdrawn", "requested"]


class TestApproveDrawdown:
    def test_sells_the_claim_and_takes_the_limit(self, teng: Player, qian: Player) -> None:
        ref = facility(qian)

        drawdown = drawn(teng, qian)

        assert stands("supplier_payable", teng.org) == "0.00"
        assert stands("funder_payable", qian.org) == "1130.00"
        assert (stands("cash_clearing", qian.org), stands("cash_clearing", teng.org)) == ("1118.70", "-1118.70")
        assert (stands("memo_limit_reserved", ref), stands("memo_limit_available", ref)) == ("1130.00", "1130.00")
        own = ("purchased_receivable", "unearned_discount", "due_from_platform")
        assert [stands(kind, book=qian.org) for kind in own] == ["1130.00", "11.30", "-1118.70"]
        assert models.Facility.objects.get().used_minor == 113_000
        assert facts("DrawdownApproved")[0]["drawdown_ref"] == drawdown
        assert sound()

    def test_settles_the_terms_for_the_day_of_funding(self, teng: Player, qian: Player) -> None:
        facility(qian)
        ref = credit.request_funding(supplier_invoice_ref=approved_claim(teng), by=teng.by, at=AT)

        credit.approve_drawdown(drawdown_ref=ref, by=qian.by, at=AT + 30 * DAY_LATER)

        # 30 days are left: 1,130.00 * 6 % * 30/360 = 5.65.
        view = queries.drawdown(ref)
        assert (view.discount, view.advance, view.funded_on) == (cny("5.65"), cny("1124.35"), DAY + timedelta(days=30))

    def test_refuses_beyond_the_limit_and_leaves_no_trace(self, teng: Player, qian: Player) -> None:
        ref = facility(qian, "2000.00")
        asked = [
            credit.request_funding(supplier_invoice_ref=approved_claim(teng, n=n), by=teng.by, at=AT) for n in (1, 2)
        ]
        credit.approve_drawdown(drawdown_ref=asked[0], by=qian.by, at=AT)
        before = trace()

        with pytest.raises(LimitExhausted) as refusal:
            credit.approve_drawdown(drawdown_ref=asked[1], by=qian.by, at=AT)

        assert refusal.value.facts == {
            "facility": ref,
            "state": "open",
            "left": "CNY 870.00",
            "wanted": "CNY 1130.00",
        }
        assert trace() == before
        assert queries.drawdown(asked[1]).state == "requested"

    def test_refuses_what_was_decided(self, teng: Player, qian: Player) -> None:
        facility(qian)
        ref = drawn(teng, qian)

        with pytest.raises(IllegalMove):
            credit.approve_drawdown(drawdown_ref=ref, by=qian.by, at=AT)

        assert models.Facility.objects.get().used_minor == 113_000

    def test_refuses_a_claim_that_is_being_paid_meanwhile(self, teng: Player, qian: Player) -> None:
        facility(qian)
        invoice = approved_claim(teng)
        ref = credit.request_funding(supplier_invoice_ref=invoice, by=teng.by, at=AT)
        assert take_for_settlement(invoice_refs=[invoice], by="system:settlement", at=AT) == {invoice}
        before = trace()

        with pytest.raises(NotFinanceable):
            credit.approve_drawdown(drawdown_ref=ref, by=qian.by, at=AT)

        assert trace() == before
        assert models.Facility.objects.get().used_minor == 0

    def test_a_financed_claim_is_not_taken_for_payment(self, teng: Player, qian: Player) -> None:
        facility(qian)
        invoice = approved_claim(teng)
        ref = credit.request_funding(supplier_invoice_ref=invoice, by=teng.by, at=AT)
        credit.approve_drawdown(drawdown_ref=ref, by=qian.by, at=AT)

        assert take_for_settlement(invoice_refs=[invoice], by="system:settlement", at=AT) == set()

    def test_a_refused_request_frees_the_claim(self, teng: Player, qian: Player) -> None:
        facility(qian)
        ref = credit.request_funding(supplier_invoice_ref=approved_claim(teng), by=teng.by, at=AT)

        credit.refuse_drawdown(drawdown_ref=ref, by=qian.by, at=AT, why="concentration")

        assert models.Receivable.objects.get().state == "eligible"
        assert StateChange.objects.get(ref=ref, verb="refuse").why == "concentration"


class TestAccrueDay:
    def test_books_the_rounded_sum_less_what_is_booked(self, teng: Player, qian: Player) -> None:
        facility(qian)
        ref = drawn(teng, qian)

        # 1,130.00 * 6 % / 360 = 0.18833... a day: 0.19, 0.38, 0.57 (0.565) in all.
        booked = [credit.accrue_day(drawdown_ref=ref, day=DAY + timedelta(days=n), by=WEI, at=AT) for n in range(3)]

        assert booked == [cny("0.19"), cny("0.19"), cny("0.19")]
        assert (stands("interest_income", book=qian.org), stands("unearned_discount", book=qian.org)) == (
            "0.57",
            "10.73",
        )
        assert sound()

    def test_books_a_day_once_and_never_goes_back(self, teng: Player, qian: Player) -> None:
        facility(qian)
        ref = drawn(teng, qian)
        credit.accrue_day(drawdown_ref=ref, day=DAY + timedelta(days=5), by=WEI, at=AT)
        before = trace()

        for n in (5, 3, -1):
            assert credit.accrue_day(drawdown_ref=ref, day=DAY + timedelta(days=n), by=WEI, at=AT) is None

        assert trace() == before

    def test_days_that_were_missed_come_with_the_next(self, teng: Player, qian: Player) -> None:
        facility(qian)
        ref = drawn(teng, qian)

        assert credit.accrue_day(drawdown_ref=ref, day=DAY + timedelta(days=29), by=WEI, at=AT) == cny("5.65")

    @pytest.mark.parametrize(
        ("day_count", "discount"), [("ACT/360", "11.30"), ("ACT/365F", "11.15"), ("30E/360", "11.11")]
    )
    def test_earns_the_contract_to_the_cent_by_each_day_count(
        self, teng: Player, qian: Player, day_count: str, discount: str
    ) -> None:
        # 60 days; by 30E/360 from 2 March to 1 May: 2 * 30 - 1 = 59 days. 1,130.00 * 6 % * 60/365 = 11.1452...
        facility(qian, day_count=day_count)
        ref = drawn(teng, qian)
        assert queries.drawdown(ref).discount == cny(discount)

        for n in range(70):
            credit.accrue_day(drawdown_ref=ref, day=DAY + timedelta(days=n), by=WEI, at=AT)

        assert stands("interest_income", book=qian.org) == discount
        assert stands("unearned_discount", book=qian.org) == "0.00"
        assert sound()

    def test_lists_what_is_still_to_be_booked(self, teng: Player, qian: Player) -> None:
        facility(qian)
        ref = drawn(teng, qian)
        assert queries.to_accrue(DAY - timedelta(days=1)) == []
        assert queries.to_accrue(DAY) == [ref]

        credit.accrue_day(drawdown_ref=ref, day=DAY, by=WEI, at=AT)

        assert queries.to_accrue(DAY) == []
        assert queries.to_accrue(DAY + timedelta(days=1)) == [ref]
        credit.accrue_day(drawdown_ref=ref, day=DUE, by=WEI, at=AT)
        assert queries.to_accrue(DUE + timedelta(days=1)) == []


class TestRepay:
    def test_earns_the_rest_and_frees_the_limit(self, teng: Player, qian: Player) -> None:
        ref = facility(qian)
        drawdown = drawn(teng, qian)
        credit.mark_funded(drawdown_refs=[drawdown], on=DAY, by=WEI, at=AT)
        credit.mark_disbursed(drawdown_refs=[drawdown], by=WEI, at=AT)
        credit.accrue_day(drawdown_ref=drawdown, day=DAY, by=WEI, at=AT)

        assert credit.repay(drawdown_refs=[drawdown], on=DUE, by=WEI, at=AT) == [drawdown]

        own = ("interest_income", "unearned_discount", "purchased_receivable", "due_from_platform", "cash_bank")
        assert [stands(kind, book=qian.org) for kind in own] == ["11.30", "0.00", "0.00", "0.00", "11.30"]
        assert (stands("memo_limit_reserved", ref), models.Facility.objects.get().used_minor) == ("0.00", 0)
        assert models.Receivable.objects.get().state == "settled"
        assert sound()

    def test_each_step_is_taken_once(self, teng: Player, qian: Player) -> None:
        facility(qian)
        drawdown = drawn(teng, qian)
        steps = [
            lambda: credit.mark_funded(drawdown_refs=[drawdown], on=DAY, by=WEI, at=AT),
            lambda: credit.mark_disbursed(drawdown_refs=[drawdown], by=WEI, at=AT),
            lambda: credit.repay(drawdown_refs=[drawdown], on=DUE, by=WEI, at=AT),
        ]

        for step in steps:
            assert step() == [drawdown]
            before = trace()
            assert step() == []
            assert trace() == before

    def test_refuses_to_repay_what_was_never_funded(self, teng: Player, qian: Player) -> None:
        facility(qian)
        drawdown = drawn(teng, qian)
        before = trace()

        with pytest.raises(IllegalMove):
            credit.repay(drawdown_refs=[drawdown], on=date(2026, 5, 1), by=WEI, at=AT)

        assert trace() == before
        assert models.Facility.objects.get().used_minor == 113_000


class TestWhoSeesWhat:
    def test_each_side_sees_its_own(self, teng: Player, qian: Player, mallory: Player, wei: Player) -> None:
        facility(qian)
        drawdown = drawn(teng, qian)

        def seen(player: Player, *, staff: bool = False) -> list[int]:
            actor = Actor(player.by, player.org, staff=staff)
            lists = (queries.facilities_for, queries.receivables_for, queries.drawdowns_for)
            return [look(actor).count() for look in lists]

        assert seen(qian) == [1, 0, 1]
        assert seen(teng) == [0, 1, 1]
        assert seen(mallory) == [0, 0, 0]
        assert seen(wei, staff=True) == [1, 1, 1]
        assert queries.exposure_for(Actor(qian.by, qian.org))[0].drawdowns == 1
        assert queries.drawdown(drawdown).supplier_ref == teng.org
