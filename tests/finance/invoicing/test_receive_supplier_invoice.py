from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from finance.invoicing import models, queries
from finance.invoicing.use_cases import (
    BadInvoice,
    InvoiceTwice,
    InvoiceWithoutOrder,
    NotReleasable,
    RateNotInForce,
    approve_supplier_invoice,
    reject_supplier_invoice,
    release_supplier_invoice,
    rematch_supplier_invoice,
)
from marketplace.events.models import StateChange
from marketplace.kernel.refusals import IllegalMove
from tests.cast import Player
from tests.finance.invoicing.shorthand import AT, DUE, LINE, ORDER, WEI, claim, cny, facts, receive, send, stands, trace

pytestmark = pytest.mark.django_db


class TestReceiveSupplierInvoice:
    def test_books_a_matched_invoice_and_makes_it_payable(self, teng: Player) -> None:
        receive(teng.org)

        ref = send(teng.org)

        view = queries.supplier_invoice(ref)
        assert (view.state, view.total, view.variance) == ("matched", cny("1412.50"), cny("0.00"))
        assert (stands("grni", teng.org), stands("input_vat"), stands("supplier_payable", teng.org)) == (
            "0.00",
            "162.50",
            "1412.50",
        )
        assert facts("SupplierInvoiceMatched") == [
            {
                "invoice_ref": ref,
                "supplier_ref": teng.org,
                "amount_minor": 141_250,
                "currency": "CNY",
                "due_on": DUE.isoformat(),
            }
        ]
        assert queries.matched_nets(ORDER) == {LINE: cny("1250.00")}
        assert queries.verify() == []

    def test_books_a_difference_within_tolerance_as_price_variance(self, teng: Player) -> None:
        receive(teng.org)

        ref = send(teng.org, claim(price="12.56"))

        assert queries.supplier_invoice(ref).variance == cny("6.00")
        assert (stands("price_variance"), stands("grni", teng.org)) == ("6.00", "0.00")
        assert queries.verify() == []

    def test_takes_what_is_left_of_the_goods_worth_with_the_last_invoice(self, teng: Player) -> None:
        receive(teng.org, "3", price="0.335")  # worth 1.01

        for n in range(3):
            send(teng.org, claim("1", price="0.335"), number=f"T-{n}")

        relieved = models.SupplierInvoiceLine.objects.order_by("id").values_list("relieved_minor", flat=True)
        assert sum(relieved) == 101
        assert stands("grni", teng.org) == "0.00"
        assert queries.verify() == []

    @pytest.mark.parametrize(
        ("claims", "reasons"),
        [
            ([claim("101")], ("more_than_accepted",)),
            ([claim(price="13.00")], ("price_beyond_tolerance",)),
            ([claim(), claim("1", line="PO-2026-0001/2/goods")], ("nothing_received",)),
            ([claim("50"), claim("50")], ("duplicate_line",)),
            ([claim(net="1250.03")], ("line_does_not_multiply",)),
        ],
    )
    def test_holds_what_does_not_match_with_its_reasons_and_books_nothing(
        self, teng: Player, claims: list[object], reasons: tuple[str, ...]
    ) -> None:
        receive(teng.org)
        journals = trace()[0]

        ref = send(teng.org, *claims)  # type: ignore[arg-type]

        view = queries.supplier_invoice(ref)
        assert (view.state, view.reasons) == ("mismatched", reasons)
        assert trace()[0] == journals
        assert models.AcceptedLine.objects.get().billed == 0
        assert facts("SupplierInvoiceHeld")[0]["reasons"] == list(reasons)

    def test_holds_sums_that_do_not_tie(self, teng: Player) -> None:
        receive(teng.org)

        ref = send(teng.org, tax=cny("162.49"), total=cny("1412.50"))

        assert queries.supplier_invoice(ref).reasons == ("tax_does_not_tie", "total_does_not_tie")

    def test_refuses_the_same_number_again(self, teng: Player) -> None:
        receive(teng.org)
        first = send(teng.org, claim("40"))
        before = trace()

        with pytest.raises(InvoiceTwice) as refusal:
            send(teng.org, claim("60"))

        assert refusal.value.facts["invoice"] == first
        assert trace() == before

    def test_refuses_an_invoice_for_which_nothing_was_ever_received(self, teng: Player) -> None:
        with pytest.raises(InvoiceWithoutOrder):
            send(teng.org)

        assert not models.SupplierInvoice.objects.exists()

    def test_refuses_goods_received_from_somebody_else(self, teng: Player, lin: Player) -> None:
        receive(teng.org)

        with pytest.raises(InvoiceWithoutOrder):
            send(lin.org)

    def test_refuses_a_rate_that_did_not_stand(self, teng: Player) -> None:
        receive(teng.org, rate="17")

        with pytest.raises(RateNotInForce) as refusal:
            send(teng.org, claim(rate="17"))

        assert refusal.value.facts == {"rate": "17", "country": "CN", "day": "2026-03-02"}

    @pytest.mark.parametrize(
        "wrong",
        [
            {"lines": []},
            {"number": " "},
            {"total": cny("0")},
            {"tax": cny("-1.00")},
            {"due_on": date(2026, 3, 1)},
            {"lines": [claim("-1", net="1.00")]},
            {"lines": [claim(net="-1.00")]},
        ],
    )
    def test_refuses_what_is_no_invoice(self, teng: Player, wrong: dict[str, object]) -> None:
        receive(teng.org)
        before = trace()

        with pytest.raises(BadInvoice):
            send(teng.org, **{"tax": cny("0"), "total": cny("1250.00"), **wrong})

        assert trace() == before

    def test_the_table_itself_refuses_to_bill_more_than_was_accepted(self, teng: Player) -> None:
        receive(teng.org)

        with pytest.raises(IntegrityError), transaction.atomic():
            models.AcceptedLine.objects.update(billed=F("accepted") + Decimal(1) * 1_000_000)


class TestRematch:
    def test_matches_when_the_rest_has_come(self, teng: Player) -> None:
        receive(teng.org, "60")
        ref = send(teng.org)
        assert queries.supplier_invoice(ref).state == "mismatched"
        receive(teng.org, "40", key="received:SH-2026-0002")

        assert rematch_supplier_invoice(invoice_ref=ref, by=WEI, at=AT) == "matched"

        assert stands("supplier_payable", teng.org) == "1412.50"
        assert queries.verify() == []

    def test_leaves_it_held_while_the_reasons_stand(self, teng: Player) -> None:
        receive(teng.org, "60")
        ref = send(teng.org)

        assert rematch_supplier_invoice(invoice_ref=ref, by=WEI, at=AT) == "mismatched"


class TestReleaseSupplierInvoice:
    def test_books_the_claim_with_its_variance(self, teng: Player) -> None:
        receive(teng.org)
        ref = send(teng.org, claim(price="13.00"))

        release_supplier_invoice(invoice_ref=ref, by=WEI, at=AT, why="agreed by letter")

        assert queries.supplier_invoice(ref).state == "matched"
        assert (stands("price_variance"), stands("supplier_payable", teng.org)) == ("50.00", "1469.00")
        assert StateChange.objects.get(ref=ref, verb="release").why == "agreed by letter"
        assert queries.verify() == []

    def test_refuses_goods_that_never_came(self, teng: Player) -> None:
        receive(teng.org)
        ref = send(teng.org, claim("101"))
        before = trace()

        with pytest.raises(NotReleasable) as refusal:
            release_supplier_invoice(invoice_ref=ref, by=WEI, at=AT)

        assert refusal.value.facts["reasons"] == "more_than_accepted"
        assert trace() == before

    def test_refuses_what_is_not_held(self, teng: Player) -> None:
        receive(teng.org)
        ref = send(teng.org)

        with pytest.raises(IllegalMove):
            release_supplier_invoice(invoice_ref=ref, by=WEI, at=AT)


class TestApproveAndReject:
    def test_approval_enters_the_claim_as_one_that_may_be_financed(self, teng: Player) -> None:
        receive(teng.org)
        ref = send(teng.org)

        approve_supplier_invoice(invoice_ref=ref, by=WEI, at=AT)

        assert queries.supplier_invoice(ref).state == "approved"
        assert StateChange.objects.filter(ref=ref, verb="approve", by=WEI).exists()

    def test_refuses_to_approve_twice(self, teng: Player) -> None:
        receive(teng.org)
        ref = send(teng.org)
        approve_supplier_invoice(invoice_ref=ref, by=WEI, at=AT)
        before = trace()

        with pytest.raises(IllegalMove):
            approve_supplier_invoice(invoice_ref=ref, by=WEI, at=AT)

        assert trace() == before

    def test_refuses_to_approve_what_is_held(self, teng: Player) -> None:
        receive(teng.org)
        ref = send(teng.org, claim("101"))

        with pytest.raises(IllegalMove):
            approve_supplier_invoice(invoice_ref=ref, by=WEI, at=AT)

    def test_a_rejected_invoice_leaves_the_goods_to_be_claimed_anew(self, teng: Player) -> None:
        receive(teng.org)
        ref = send(teng.org, claim(price="13.00"))

        reject_supplier_invoice(invoice_ref=ref, by=WEI, at=AT, why="not agreed")
        again = send(teng.org, number="T-101")

        assert queries.supplier_invoice(ref).state == "rejected"
        assert queries.supplier_invoice(again).state == "matched"
