"""Requests by form: opened, filled, handed in, changed, cancelled, closed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.catalogue.queries import ProductView
from marketplace.events.models import OutboxEvent, StateChange
from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound, StaleWrite
from procurement.demand import models, queries, use_cases
from tests.cast import Player
from tests.procurement.demand.conftest import AT, END, START, approved, ask

pytestmark = pytest.mark.django_db


def state(ref: str) -> str:
    return models.PurchaseRequest.objects.get(ref=ref).state


def line_of(ref: str) -> models.RequestLine:
    return models.RequestLine.objects.get(request__ref=ref)


class TestOpening:
    def test_a_buyer_opens_a_draft_and_adds_lines_in_order(self, lin: Player, bolt: ProductView) -> None:
        ref = ask(lin, bolt, "500", tolerance=Decimal(50))
        second = use_cases.add_line(
            request_ref=ref,
            quantity=Decimal("2.5"),
            unit="kg",
            text="grease",
            needed_from=START,
            needed_to=END,
            by=lin.by,
            at=AT,
        )

        first, grease = queries.request_lines(ref)
        assert (ref[:8], state(ref), second) == ("RQ-2026-", "draft", 2)
        assert (first.product_id, first.quantity, first.tolerance, first.unit) == (bolt.id, 500, 50, "C62")
        assert (first.ceiling, first.region, first.line_state) == (Decimal("1.25"), "Zhejiang", "open")
        assert (grease.product_id, grease.text, grease.quantity, grease.unit) == (None, "grease", Decimal("2.5"), "KGM")

    def test_a_supplier_opens_none(self, teng: Player) -> None:
        with pytest.raises(use_cases.NotABuyer):
            use_cases.open_request(buyer_ref=teng.org, by=teng.by, at=AT)

        assert not models.PurchaseRequest.objects.exists()

    @pytest.mark.parametrize(
        ("change", "place"),
        [
            ({"quantity": Decimal(0)}, "quantity"),
            ({"quantity": Decimal("-1")}, "quantity"),
            ({"quantity": Decimal("NaN")}, "quantity"),
            ({"quantity": Decimal("1e30")}, "quantity"),
            ({"quantity": Decimal("0.0000001")}, "quantity"),
            ({"tolerance": Decimal("-1")}, "quantity"),
            ({"needed_to": START}, "needed_to"),
            ({"ceiling": Rate(Decimal(0), "CNY")}, "ceiling"),
            ({"ceiling": Rate(Decimal(1), "USD")}, "ceiling"),
            ({"unit": "kg"}, "unit"),
            ({"product_ref": None}, "product"),
        ],
    )
    def test_a_line_that_cannot_be_is_refused_and_nothing_is_added(
        self, lin: Player, bolt: ProductView, change: dict[str, object], place: str
    ) -> None:
        ref = use_cases.open_request(buyer_ref=lin.org, by=lin.by, at=AT)
        line = {"product_ref": bolt.ref, "quantity": Decimal(5), "unit": "C62", "needed_from": START, "needed_to": END}

        with pytest.raises(BadValue) as refused:
            use_cases.add_line(request_ref=ref, by=lin.by, at=AT, **(line | change))

        assert refused.value.facts["place"] == place
        assert not models.RequestLine.objects.exists()

    def test_a_request_handed_in_takes_no_more_lines(self, lin: Player, bolt: ProductView) -> None:
        ref = approved(lin, bolt)

        with pytest.raises(IllegalMove):
            use_cases.add_line(
                request_ref=ref,
                quantity=Decimal(1),
                unit="C62",
                text="x",
                needed_from=START,
                needed_to=END,
                by=lin.by,
                at=AT,
            )

        assert models.RequestLine.objects.count() == 1

    def test_the_database_refuses_a_quantity_below_zero(self, lin: Player, bolt: ProductView) -> None:
        ref = ask(lin, bolt)

        with pytest.raises(IntegrityError), transaction.atomic():
            models.RequestLine.objects.filter(request__ref=ref).update(quantity=Decimal(-1))


class TestSubmitting:
    def test_an_empty_request_is_not_handed_in(self, lin: Player) -> None:
        ref = use_cases.open_request(buyer_ref=lin.org, by=lin.by, at=AT)

        with pytest.raises(use_cases.NothingAsked):
            use_cases.submit_request(request_ref=ref, by=lin.by, at=AT)

        assert state(ref) == "draft"

    def test_its_steps_are_kept_with_who_and_when(self, lin: Player, bolt: ProductView) -> None:
        ref = approved(lin, bolt)

        steps = StateChange.objects.filter(ref=ref).order_by("revision").values_list("verb", "to_state", "by")
        facts = OutboxEvent.objects.filter(source_ref=ref).order_by("id").values_list("name", flat=True)
        assert list(steps) == [("submit", "submitted", "user:lin"), ("approve", "approved", "user:lin")]
        assert list(facts) == ["RequestSubmitted", "RequestApproved"]

    def test_it_can_be_sent_back_and_handed_in_again(self, lin: Player, bolt: ProductView) -> None:
        ref = ask(lin, bolt)
        use_cases.submit_request(request_ref=ref, by=lin.by, at=AT)

        use_cases.send_back_request(request_ref=ref, by=lin.by, at=AT, why="too many")
        use_cases.submit_request(request_ref=ref, by=lin.by, at=AT)

        assert state(ref) == "submitted"

    def test_a_line_in_words_gets_its_product_once(self, lin: Player, bolt: ProductView) -> None:
        ref = use_cases.open_request(buyer_ref=lin.org, by=lin.by, at=AT)
        use_cases.add_line(
            request_ref=ref,
            quantity=Decimal(9),
            unit="个",
            text="M8 螺栓",
            needed_from=START,
            needed_to=END,
            by=lin.by,
            at=AT,
        )

        use_cases.name_product(request_ref=ref, position=1, product_ref=bolt.ref, by=lin.by, at=AT)

        assert line_of(ref).product_id == bolt.id
        with pytest.raises(StaleWrite):
            use_cases.name_product(request_ref=ref, position=1, product_ref=bolt.ref, by=lin.by, at=AT)


class TestChangingAQuantity:
    def test_every_change_is_kept_with_its_time(self, lin: Player, bolt: ProductView) -> None:
        ref = ask(lin, bolt, "500")
        later = AT + timedelta(hours=1)

        use_cases.change_quantity(
            request_ref=ref, position=1, quantity=Decimal(700), by=lin.by, at=AT, why="more pumps"
        )
        use_cases.change_quantity(
            request_ref=ref, position=1, quantity=Decimal(650), tolerance=Decimal(10), by=lin.by, at=later
        )

        kept = models.LineQuantityChange.objects.order_by("id").values_list("from_quantity", "to_quantity", "at", "why")
        assert list(kept) == [(500, 700, AT, "more pumps"), (700, 650, later, "")]
        assert (line_of(ref).quantity, line_of(ref).tolerance) == (650, 10)

    def test_what_was_kept_cannot_be_rewritten(self, lin: Player, bolt: ProductView) -> None:
        ref = ask(lin, bolt, "500")
        use_cases.change_quantity(request_ref=ref, position=1, quantity=Decimal(700), by=lin.by, at=AT)

        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            models.LineQuantityChange.objects.update(to_quantity=Decimal(1))

    def test_an_approved_quantity_may_fall_and_not_rise(self, lin: Player, bolt: ProductView) -> None:
        ref = approved(lin, bolt, "500")

        with pytest.raises(use_cases.MoreThanApproved):
            use_cases.change_quantity(request_ref=ref, position=1, quantity=Decimal(501), by=lin.by, at=AT)
        use_cases.change_quantity(request_ref=ref, position=1, quantity=Decimal(400), by=lin.by, at=AT)

        assert line_of(ref).quantity == 400
        assert models.LineQuantityChange.objects.count() == 1

    def test_a_pooled_line_is_left_alone(self, lin: Player, bolt: ProductView) -> None:
        ref = approved(lin, bolt, "500")
        use_cases.mark_lines(line_ids=[line_of(ref).pk], state="pooled")

        with pytest.raises(StaleWrite):
            use_cases.change_quantity(request_ref=ref, position=1, quantity=Decimal(400), by=lin.by, at=AT)

        assert line_of(ref).quantity == 500
        assert not models.LineQuantityChange.objects.exists()

    def test_a_change_makes_an_approval_of_the_old_request_stale(self, lin: Player, bolt: ProductView) -> None:
        ref = ask(lin, bolt)
        use_cases.submit_request(request_ref=ref, by=lin.by, at=AT)
        as_read = models.PurchaseRequest.objects.get(ref=ref)
        use_cases.change_quantity(request_ref=ref, position=1, quantity=Decimal(9000), by=lin.by, at=AT)

        with pytest.raises(StaleWrite):
            as_read.move("approve", by=lin.by, at=AT)

        assert state(ref) == "submitted"

    def test_there_is_no_line_seven(self, lin: Player, bolt: ProductView) -> None:
        with pytest.raises(NotFound):
            use_cases.change_quantity(request_ref=ask(lin, bolt), position=7, quantity=Decimal(1), by=lin.by, at=AT)


class TestEnding:
    def test_cancelling_takes_all_open_lines_back(self, lin: Player, bolt: ProductView) -> None:
        ref = approved(lin, bolt)

        use_cases.cancel_request(request_ref=ref, by=lin.by, at=AT, why="bought elsewhere")

        assert (state(ref), line_of(ref).line_state) == ("cancelled", "cancelled")
        assert list(queries.open_lines()) == []

    def test_a_request_with_a_pooled_line_stays(self, lin: Player, bolt: ProductView) -> None:
        ref = approved(lin, bolt)
        use_cases.mark_lines(line_ids=[line_of(ref).pk], state="pooled")

        with pytest.raises(use_cases.LinesInUse):
            use_cases.cancel_request(request_ref=ref, by=lin.by, at=AT)

        assert (state(ref), line_of(ref).line_state) == ("approved", "pooled")

    def test_it_lapses_only_when_its_days_have_gone_by(self, lin: Player, bolt: ProductView) -> None:
        ref = approved(lin, bolt)

        with pytest.raises(use_cases.LinesInUse):
            use_cases.expire_request(request_ref=ref, by="system:sweep", at=AT)
        use_cases.expire_request(request_ref=ref, by="system:sweep", at=AT + timedelta(days=60))

        assert (state(ref), line_of(ref).line_state) == ("expired", "cancelled")

    def test_it_is_closed_when_everything_is_delivered(self, lin: Player, bolt: ProductView) -> None:
        ref = approved(lin, bolt)
        line = line_of(ref).pk
        for step in ("pooled", "ordered"):
            use_cases.mark_lines(line_ids=[line], state=step)

        with pytest.raises(use_cases.LinesInUse):
            use_cases.close_request(request_ref=ref, by="system:sweep", at=AT)
        use_cases.mark_lines(line_ids=[line], state="delivered")
        use_cases.close_request(request_ref=ref, by="system:sweep", at=AT)

        assert state(ref) == "closed"


class TestMarkingLines:
    def test_a_line_is_pooled_once(self, lin: Player, bao: Player, bolt: ProductView) -> None:
        mine, yours = line_of(approved(lin, bolt)).pk, line_of(approved(bao, bolt)).pk
        use_cases.mark_lines(line_ids=[mine], state="pooled")

        with pytest.raises(use_cases.LinesMoved) as refused:
            use_cases.mark_lines(line_ids=[mine, yours], state="pooled")

        assert refused.value.facts == {"lines": 2, "missing": 1, "state": "pooled"}
        assert models.RequestLine.objects.get(pk=yours).line_state == "open"

    def test_a_released_line_is_open_again(self, lin: Player, bolt: ProductView) -> None:
        line = line_of(approved(lin, bolt)).pk
        use_cases.mark_lines(line_ids=[line], state="pooled")

        use_cases.mark_lines(line_ids=[line], state="open")

        assert [one.line_id for one in queries.open_lines()] == [line]

    def test_thousands_cost_a_few_statements(
        self, lin: Player, bolt: ProductView, django_assert_max_num_queries: object
    ) -> None:
        first = line_of(approved(lin, bolt))
        models.RequestLine.objects.bulk_create(_copy(first, n) for n in range(2, 1802))
        ids = list(models.RequestLine.objects.values_list("pk", flat=True))

        with django_assert_max_num_queries(6, connection=connection):  # type: ignore[operator]
            assert use_cases.mark_lines(line_ids=ids, state="pooled") == 1801


def _copy(line: models.RequestLine, position: int) -> models.RequestLine:
    return models.RequestLine(
        request_id=line.request_id,
        position=position,
        product_id=line.product_id,
        quantity=Decimal(1),
        unit=line.unit,
        needed_from=date(2026, 4, 1),
        needed_to=date(2026, 4, 2),
        entered_at=AT,
    )
