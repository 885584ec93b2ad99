"""How the API words what it will not do."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from marketplace.foundation.wording import template_words, word
from marketplace.kernel.refusals import NotFound
from tests.cast import Player

pytestmark = pytest.mark.django_db


def as_(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


class TestProblems:
    def test_a_refusal_is_a_problem_document_with_code_and_facts(self, lin: Player) -> None:
        reply = as_(lin).post("/api/v1/members/ghost/end/")

        assert reply["Content-Type"] == "application/problem+json"
        assert reply.json() == {
            "type": "https://jicai.example/problems/not_found",
            "title": "not found",
            "status": 404,
            "detail": "There is no member ghost.",
            "instance": "/api/v1/members/ghost/end/",
            "code": "not_found",
            "facts": {"what": "member", "ref": "ghost"},
        }

    def test_a_field_that_does_not_fit_is_named(self, lin: Player) -> None:
        body = as_(lin).post("/api/v1/sites/", {"latitude": "north"}).json()

        assert (body["status"], body["code"], set(body["errors"])) == (400, "bad_value", {"name", "latitude"})

    @pytest.mark.parametrize(
        ("method", "address", "status", "code"),
        [
            ("delete", "/api/v1/organisations/", 405, "method_not_allowed"),
            ("get", "/api/v1/organisations/OR-2026-9999/", 404, "not_found"),
            ("get", "/api/v1/products/?page_size=1&cursor=nonsense", 404, "not_found"),
        ],
    )
    def test_what_the_framework_refuses_looks_the_same(
        self, lin: Player, method: str, address: str, status: int, code: str
    ) -> None:
        reply = getattr(as_(lin), method)(address)

        assert (reply.status_code, reply["Content-Type"], reply.json()["code"]) == (
            status,
            "application/problem+json",
            code,
        )

    def test_a_feed_leads_on_to_its_next_page(self, wei: Player, lin: Player, bao: Player) -> None:
        first = as_(wei).get("/api/v1/organisations/?page_size=1").json()
        second = as_(wei).get(first["next"]).json()

        assert (len(first["results"]), len(second["results"])) == (1, 1)
        assert first["results"] != second["results"]

    @pytest.mark.parametrize(
        ("raw", "status"),
        [(b"{", 400), (b'{"name": NaN}', 400), (b"\xff\xfe", 400), (b"[]", 400), (b"null", 400), (b'"x"', 400)],
    )
    def test_broken_json_is_refused_not_a_crash(self, lin: Player, raw: bytes, status: int) -> None:
        reply = as_(lin).generic("POST", "/api/v1/sites/", raw, content_type="application/json")

        assert (reply.status_code, reply["Content-Type"]) == (status, "application/problem+json")

    def test_another_media_type_is_refused(self, lin: Player) -> None:
        reply = as_(lin).generic("POST", "/api/v1/sites/", b"<x/>", content_type="text/xml")

        assert (reply.status_code, reply.json()["code"]) == (415, "unsupported_media_type")


class TestWording:
    def test_fills_the_facts_in_and_survives_a_missing_one(self) -> None:
        assert word(NotFound(what="pool", ref="PL-2026-0007")) == "There is no pool PL-2026-0007."
        assert template_words("{a} and {b}", {"a": "one"}) == "one and ?"
