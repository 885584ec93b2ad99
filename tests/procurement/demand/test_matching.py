"""Lines in words become products: by memory, by the model, or by a person."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from marketplace.catalogue import queries as catalogue
from marketplace.catalogue import use_cases as catalogue_
from marketplace.events.registry import SWEEPS
from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound, Refusal
from procurement.demand import models, queries, use_cases
from procurement.demand.use_cases.matching import knowledge
from tests.cast import Player
from tests.marketplace.together import run_together
from tests.procurement.demand.conftest import AT, END, START, written
from tests.procurement.demand.test_import_rows import HEAD, OPEN_TO_ALL

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)
CATALOGUE = [
    ("HB-M8-30", "Hexagon bolt M8x30 stainless A2", "不锈钢六角螺栓 M8×30"),
    ("HB-M8-40", "Hexagon bolt M8x40 stainless A2", "不锈钢六角螺栓 M8×40"),
    ("HB-M10-30", "Hexagon bolt M10x30 stainless A2", "不锈钢六角螺栓 M10×30"),
    ("HN-M8", "Hexagon nut M8 stainless A2", "不锈钢六角螺母 M8"),
    ("EM-15", "Electric motor 1.5 kW three-phase IE3", "三相异步电动机 1.5千瓦"),
    ("EM-22", "Electric motor 2.2 kW three-phase IE3", "三相异步电动机 2.2千瓦"),
    ("CP-A4", "Copy paper A4 80 g", "复印纸 A4 80克"),
    ("GL-L", "Nitrile gloves size L", "丁腈手套 L码"),
]
BOLT = "M8x30 hex bolt, A2 stainless, 200 pc"


@pytest.fixture
def products(db: Any) -> dict[str, catalogue.ProductView]:
    rows = [catalogue_.NewProduct(code, en, name_zh=zh, unit="C62") for code, en, zh in CATALOGUE]
    ids = catalogue_.register_many(rows=rows, by="system:test", at=AT)
    views = catalogue.products_by_id(ids.values())
    return {code: views[ids[code]] for code, _, _ in CATALOGUE}


def want(buyer: Player, text: str, quantity: str = "200", unit: str = "pcs", **more: Any) -> models.RequestLine:
    """Open a draft of one line in words and return the line."""
    ref = use_cases.open_request(buyer_ref=buyer.org, by=buyer.by, at=AT)
    line = {"needed_from": START, "needed_to": END, "text": text, "unit": unit} | more
    use_cases.add_line(request_ref=ref, quantity=Decimal(quantity), by=buyer.by, at=AT, **line)
    return models.RequestLine.objects.get(request__ref=ref)


def waiting(line: models.RequestLine, product: catalogue.ProductView, ref: str = "MS-2026-0001") -> str:
    """Return the ref of a suggestion that waits, as the model would have left it."""
    models.MatchSuggestion.objects.create(
        ref=ref,
        state="waiting",
        line=line,
        product_id=product.id,
        rank=models.MatchSuggestion.objects.filter(line=line).count() + 1,
        confidence=0.6,
        reasons=[
            {"code": "words", "side": "for", "same": ["bolt"]},
            {"code": "grade", "side": "against", "left": "A4"},
        ],
        suggested_at=AT,
    )
    return ref


def suggest() -> use_cases.Suggested:
    return use_cases.suggest_products(by="system:test", at=AT)


class TestSuggesting:
    def test_what_is_certain_is_named_and_what_is_not_waits(self, lin: Player, products: Any) -> None:
        bolt, other, hose = want(lin, BOLT), want(lin, "M8x30 hex bolt, A4 stainless"), want(lin, "garden hose")

        came = suggest()

        bolt.refresh_from_db()
        other.refresh_from_db()
        assert (came.named, came.waiting, came.nothing, came.remembered) == (1, 1, 1, 0)
        assert (bolt.product_id, bolt.text, bolt.quantity) == (products["HB-M8-30"].id, BOLT, 200)
        assert other.product_id is None
        kept = models.MatchSuggestion.objects.get(line=bolt)
        assert (kept.state, kept.origin, kept.decided_by, kept.rank) == ("confirmed", "model", "system:test", 1)
        assert {"code": "grade", "side": "for", "same": ["a2"]} in kept.reasons
        first = models.MatchSuggestion.objects.get(line=other, rank=1)
        assert (first.state, first.product_id) == ("waiting", products["HB-M8-30"].id)
        assert {"code": "grade", "side": "against", "left": ["a4"], "right": ["a2"]} in first.reasons
        assert models.MatchLook.objects.get(line=hose).outcome == "nothing"

    def test_a_line_is_looked_at_once_until_the_catalogue_changes(self, lin: Player, products: Any) -> None:
        want(lin, "garden hose")

        assert (suggest().lines, suggest().lines) == (1, 0)

        row = catalogue_.NewProduct("GH-25", "Garden hose 25 m", unit="C62")
        catalogue_.register_many(rows=[row], by="system:test", at=AT)
        assert suggest().lines == 1

    def test_a_conflict_in_a_must_match_attribute_is_never_automatic(self, lin: Player) -> None:
        given = [{"name": "colour", "type": "choice", "choices": ["red", "blue"], "must_match": True}]
        catalogue_.register_category(code="caps", name_en="Caps", attributes=given, by="system:test", at=AT)
        for code, colour in (("CAP-R", "red"), ("LID-7", "")):
            ref = catalogue_.register_product(
                code=code,
                name_en="Safety helmet with chin strap" if colour else "Paint bucket lid",
                category_code="caps",
                unit="C62",
                attributes={"colour": colour} if colour else {},
                by="system:test",
                at=AT,
            )
            catalogue_.review_product(product_ref=ref, by="system:second", at=AT)
        agreed, against = want(lin, "safety helmet with chin strap, red"), want(lin, "safety helmet, chin strap, blue")

        suggest()

        agreed.refresh_from_db()
        against.refresh_from_db()
        assert (agreed.product_id is not None, against.product_id) == (True, None)
        told = models.MatchSuggestion.objects.get(line=against, rank=1)
        assert {
            "code": "attribute",
            "side": "against",
            "name": "colour",
            "left": "blue",
            "right": "red",
        } in told.reasons

    def test_the_sweep_suggests(self, lin: Player, products: Any) -> None:
        line = want(lin, BOLT)

        next(
            sweep
            for sweep in SWEEPS
            if sweep.__module__ == "procurement.demand.handlers" and "suggest" in sweep.__name__
        )(AT)

        line.refresh_from_db()
        assert line.product_id == products["HB-M8-30"].id

    def test_it_costs_the_same_queries_however_many_lines(
        self, lin: Player, products: Any, django_assert_num_queries: Any
    ) -> None:
        for _ in "12":
            want(lin, "M8x30 hex bolt, A4 stainless")
            with CaptureQueriesContext(connection) as few:
                suggest()
        for _ in range(9):
            want(lin, "M8x30 hex bolt, A4 stainless")

        with django_assert_num_queries(len(few)):
            assert suggest().waiting == 9


class TestConfirming:
    def test_the_line_is_named_in_the_products_unit_and_the_words_are_remembered(
        self, lin: Player, products: Any
    ) -> None:
        line = want(lin, "Special  BOLT", "3", "DZN", tolerance=Decimal(1), ceiling=Rate(Decimal(12), "CNY"))
        first, second = waiting(line, products["HB-M8-30"]), waiting(line, products["HB-M8-40"], "MS-2026-0002")

        use_cases.confirm_match(suggestion_ref=first, by=lin.by, at=LATER)

        line.refresh_from_db()
        assert (line.product_id, line.unit, line.quantity, line.tolerance) == (products["HB-M8-30"].id, "C62", 36, 12)
        assert (line.ceiling, line.text) == (Decimal(1), "Special  BOLT")
        change = models.LineQuantityChange.objects.get(line=line)
        assert (change.from_quantity, change.to_quantity, change.why) == (3, 36, "DZN -> C62")
        rest = models.MatchSuggestion.objects.get(ref=second)
        assert (rest.state, rest.decided_by) == ("superseded", lin.by)
        term = models.BuyerTerm.objects.get()
        assert (term.text, term.unit, term.confirmed_by) == ("special bolt", "DZN", lin.by)

    def test_what_cannot_be_counted_exactly_changes_nothing(self, lin: Player, products: Any) -> None:
        line = want(lin, "bolts by weight", "3", "kg")
        ref = waiting(line, products["HB-M8-30"])

        with pytest.raises(BadValue):
            use_cases.confirm_match(suggestion_ref=ref, by=lin.by, at=LATER)

        line.refresh_from_db()
        assert (line.product_id, line.unit, line.quantity) == (None, "KGM", 3)
        assert models.MatchSuggestion.objects.get().state == "waiting"
        assert not models.BuyerTerm.objects.exists()

    def test_twice_is_once(self, lin: Player, products: Any) -> None:
        ref = waiting(want(lin, "bolt"), products["HB-M8-30"])

        for _ in "12":
            use_cases.confirm_match(suggestion_ref=ref, by=lin.by, at=LATER)

        assert models.BuyerTerm.objects.count() == 1

    def test_a_line_named_otherwise_is_not_renamed(self, lin: Player, products: Any) -> None:
        line = want(lin, "bolt")
        ref = waiting(line, products["HB-M8-30"])
        models.RequestLine.objects.filter(pk=line.pk).update(product_id=products["HN-M8"].id)

        with pytest.raises(use_cases.NamedOtherwise):
            use_cases.confirm_match(suggestion_ref=ref, by=lin.by, at=LATER)

        assert models.MatchSuggestion.objects.get().state == "waiting"

    def test_nothing_is_confirmed_that_does_not_exist(self, lin: Player) -> None:
        with pytest.raises(NotFound):
            use_cases.confirm_match(suggestion_ref="MS-2026-0009", by=lin.by, at=LATER)


class TestRejecting:
    def test_it_does_not_come_again_and_nothing_is_named(self, lin: Player, products: Any) -> None:
        line = want(lin, "bolt")
        ref = waiting(line, products["HB-M8-30"])

        for _ in "12":
            use_cases.reject_match(suggestion_ref=ref, by=lin.by, at=LATER)

        line.refresh_from_db()
        assert (models.MatchSuggestion.objects.get().state, line.product_id) == ("rejected", None)
        with pytest.raises(IllegalMove):
            use_cases.confirm_match(suggestion_ref=ref, by=lin.by, at=LATER)

    def test_none_of_these_rejects_all_that_wait(self, lin: Player, products: Any) -> None:
        line = want(lin, "bolt")
        waiting(line, products["HB-M8-30"])
        waiting(line, products["HB-M8-40"], "MS-2026-0002")

        count = use_cases.reject_matches(request_ref=line.request.ref, position=1, by=lin.by, at=LATER)

        assert (count, set(models.MatchSuggestion.objects.values_list("state", flat=True))) == (2, {"rejected"})

    def test_a_changed_catalogue_is_looked_at_again_once_nothing_waits(self, lin: Player, products: Any) -> None:
        line = want(lin, "bolt")
        models.MatchLook.objects.create(line=line, knowledge="old", outcome="waiting", looked_at=AT)
        first, second = (
            waiting(line, products["HB-M8-30"]),
            waiting(line, products["HB-M8-40"], "MS-2026-0002"),
        )

        use_cases.reject_match(suggestion_ref=first, by=lin.by, at=LATER)
        assert queries.lines_to_match("new", 10) == []
        use_cases.reject_match(suggestion_ref=second, by=lin.by, at=LATER)

        assert queries.lines_to_match("old", 10) == []
        assert queries.lines_to_match("new", 10) == [line]

    def test_what_was_rejected_is_not_suggested_again(self, lin: Player, products: Any) -> None:
        line = want(lin, BOLT)
        use_cases.reject_match(suggestion_ref=waiting(line, products["HB-M8-30"]), by=lin.by, at=LATER)

        suggest()

        line.refresh_from_db()
        assert line.product_id is None
        assert models.MatchSuggestion.objects.filter(line=line, product_id=products["HB-M8-30"].id).count() == 1


class TestMemory:
    def test_the_same_words_mean_the_same_to_that_buyer_alone(self, lin: Player, bao: Player, products: Any) -> None:
        first = want(lin, "the usual, please")
        use_cases.name_product(
            request_ref=first.request.ref, position=1, product_ref=products["EM-15"].ref, by=lin.by, at=AT
        )
        again, theirs = want(lin, "The USUAL,  please.", "2", "DZN"), want(bao, "the usual, please")

        came = suggest()

        again.refresh_from_db()
        theirs.refresh_from_db()
        assert (came.remembered, again.product_id, again.quantity) == (1, products["EM-15"].id, 24)
        assert theirs.product_id is None
        kept = models.MatchSuggestion.objects.get(line=again)
        assert (kept.confidence, kept.origin, kept.reasons[0]["code"]) == (1.0, "memory", "remembered")

    def test_a_newer_meaning_supersedes_the_older(self, lin: Player, products: Any) -> None:
        for code in ("EM-15", "EM-22", "EM-22"):
            line = want(lin, "the motor")
            use_cases.name_product(
                request_ref=line.request.ref, position=1, product_ref=products[code].ref, by=lin.by, at=LATER
            )

        rows = models.BuyerTerm.objects.order_by("id").values_list("product__code", "superseded_at")
        assert list(rows) == [("EM-15", LATER), ("EM-22", None)]

    def test_a_retired_product_is_not_named_from_memory(self, lin: Player, products: Any) -> None:
        line = want(lin, "the motor of old")
        use_cases.name_product(
            request_ref=line.request.ref, position=1, product_ref=products["EM-15"].ref, by=lin.by, at=AT
        )
        catalogue_.retire_product(product_ref=products["EM-15"].ref, by="user:wei", at=AT)
        again = want(lin, "the motor of old")

        suggest()

        again.refresh_from_db()
        assert again.product_id is None

    def test_a_file_means_what_its_buyer_confirmed(
        self, lin: Player, bao: Player, products: Any, tmp_path: Path
    ) -> None:
        line = want(lin, "our usual bolt")
        use_cases.name_product(
            request_ref=line.request.ref, position=1, product_ref=products["HB-M8-30"].ref, by=lin.by, at=AT
        )
        mapping = written(
            tmp_path, "orders.toml", OPEN_TO_ALL.replace('"register"', '"text"', 2).replace('"text"', '"refuse"', 1)
        )
        rows = (
            "1,A,Linjiang Pumps,Our USUAL bolt,10,2026-04-01,1,V\n2,A,Baoshan Valves,our usual bolt,5,2026-04-01,1,V\n"
        )
        path = written(tmp_path, "april.csv", HEAD + rows)

        use_cases.import_demand(path=path, mapping=mapping, by="user:wei", at=AT)

        ours, theirs = models.RequestLine.objects.filter(request__batch__isnull=False).order_by("id")
        assert (ours.product_id, ours.text) == (products["HB-M8-30"].id, "Our USUAL bolt")
        assert (theirs.product_id, theirs.text) == (None, "our usual bolt")


@pytest.mark.django_db(transaction=True)
class TestTwins:
    def test_one_suggestion_is_confirmed_once(self, lin: Player, products: Any) -> None:
        line = want(lin, "bolts", "3", "DZN")
        ref = waiting(line, products["HB-M8-30"])

        def confirm() -> str:
            try:
                use_cases.confirm_match(suggestion_ref=ref, by=lin.by, at=LATER)
            except Refusal as refusal:
                return refusal.code
            return "done"

        came = run_together(confirm, twins=4)

        line.refresh_from_db()
        assert set(came) <= {"done", "stale_write"}
        assert "done" in came
        assert (line.quantity, models.BuyerTerm.objects.count(), models.LineQuantityChange.objects.count()) == (
            36,
            1,
            1,
        )

    def test_twins_suggest_one_line_once(self, lin: Player, products: Any) -> None:
        line, unsure = want(lin, BOLT), want(lin, "M8x30 hex bolt, A4 stainless")
        knowledge.knowledge_of(knowledge.key_now())

        run_together(suggest, twins=3)

        line.refresh_from_db()
        assert line.product_id == products["HB-M8-30"].id
        assert models.MatchSuggestion.objects.filter(line=line).count() == 1
        ranks = list(models.MatchSuggestion.objects.filter(line=unsure).order_by("rank").values_list("rank", flat=True))
        assert ranks == list(range(1, len(ranks) + 1))


def as_(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


def browser(player: Player) -> Client:
    client = Client()
    client.force_login(player.user)
    return client


class TestAtTheApi:
    def test_the_buyer_sees_and_confirms_its_own(self, lin: Player, bao: Player, products: Any) -> None:
        ref = waiting(want(lin, "bolt"), products["HB-M8-30"])

        listed = as_(lin).get("/api/v1/match-suggestions/?state=waiting").json()["results"]

        assert [(row["ref"], row["product_code"], row["text"]) for row in listed] == [(ref, "HB-M8-30", "bolt")]
        assert as_(bao).get("/api/v1/match-suggestions/").json()["results"] == []
        assert as_(bao).post(f"/api/v1/match-suggestions/{ref}/confirm/").status_code == 404
        reply = as_(lin).post(f"/api/v1/match-suggestions/{ref}/confirm/")
        assert (reply.status_code, reply.json()["state"], reply.json()["decided_by"]) == (200, "confirmed", lin.by)

    def test_staff_reject(self, lin: Player, wei: Player, products: Any) -> None:
        ref = waiting(want(lin, "bolt"), products["HB-M8-30"])

        reply = as_(wei).post(f"/api/v1/match-suggestions/{ref}/reject/", {"why": "wrong thread"})

        assert (reply.status_code, reply.json()["state"]) == (200, "rejected")

    def test_the_list_costs_the_same_however_long(
        self, lin: Player, products: Any, django_assert_num_queries: Any
    ) -> None:
        waiting(want(lin, "bolt"), products["HB-M8-30"])
        client = as_(lin)
        with django_assert_num_queries(3):
            client.get("/api/v1/match-suggestions/")
        for n in range(2, 8):
            waiting(want(lin, "bolt"), products["HB-M8-30"], f"MS-2026-000{n}")

        with django_assert_num_queries(3):
            assert len(client.get("/api/v1/match-suggestions/").json()["results"]) == 7


class TestOnThePage:
    def test_a_line_waits_with_its_candidates_and_is_named_by_a_click(self, lin: Player, products: Any) -> None:
        line = want(lin, "odd bolt")
        ref = waiting(line, products["HB-M8-30"])
        client = browser(lin)

        page = client.get("/requests/matches/").content.decode()

        assert all(words in page for words in ("odd bolt", "HB-M8-30", "60 %", "same words", "other grade"))
        assert client.post(f"/requests/matches/{ref}/confirm/").status_code == 302
        line.refresh_from_db()
        assert line.product_id == products["HB-M8-30"].id

    def test_none_of_these_clears_the_line(self, lin: Player, products: Any) -> None:
        line = want(lin, "odd bolt")
        waiting(line, products["HB-M8-30"])

        browser(lin).post(f"/requests/matches/{line.request.ref}/1/none/")

        assert models.MatchSuggestion.objects.get().state == "rejected"

    def test_another_firm_finds_nothing(self, lin: Player, bao: Player, products: Any) -> None:
        line = want(lin, "odd bolt")
        ref = waiting(line, products["HB-M8-30"])
        client = browser(bao)

        assert "odd bolt" not in client.get("/requests/matches/").content.decode()
        assert client.post(f"/requests/matches/{ref}/confirm/").status_code == 404
        assert client.post(f"/requests/matches/{line.request.ref}/1/none/").status_code == 404
        assert models.MatchSuggestion.objects.get().state == "waiting"

    def test_the_page_costs_the_same_queries_however_many_lines(
        self, lin: Player, products: Any, django_assert_max_num_queries: Any
    ) -> None:
        client = browser(lin)
        waiting(want(lin, "odd bolt"), products["HB-M8-30"])
        with django_assert_max_num_queries(30) as few:
            client.get("/requests/matches/")
        for n in range(2, 8):
            waiting(want(lin, "odd bolt"), products["HB-M8-30"], f"MS-2026-000{n}")

        with django_assert_max_num_queries(len(few)):
            client.get("/requests/matches/")

    def test_staff_confirm_in_the_admin(self, lin: Player, wei: Player, products: Any) -> None:
        line = want(lin, "odd bolt")
        waiting(line, products["HB-M8-30"])
        pk = models.MatchSuggestion.objects.get().pk
        client = browser(wei)

        assert client.get("/admin/demand/matchsuggestion/").status_code == 200
        assert client.post(f"/admin/demand/matchsuggestion/{pk}/deed/confirm/").status_code == 302

        line.refresh_from_db()
        assert line.product_id == products["HB-M8-30"].id
