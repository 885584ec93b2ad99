"""A repeated request with the same key is answered from memory."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from marketplace.events.models import IdempotencyKey
from marketplace.parties.models import Site
from tests.cast import Player
from tests.marketplace.together import run_together

SITES = "/api/v1/sites/"


def send(player: Player, body: dict[str, Any], key: str = "k-1", address: str = SITES) -> Any:
    client = APIClient()
    client.force_authenticate(player.user)
    return client.post(address, body, HTTP_IDEMPOTENCY_KEY=key)


@pytest.mark.django_db
class TestKeyedWrites:
    def test_the_same_key_and_body_get_the_same_answer_and_do_the_deed_once(self, lin: Player) -> None:
        first, second = send(lin, {"name": "Hall 1"}), send(lin, {"name": "Hall 1"})

        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json()
        assert second["Idempotent-Replayed"] == "true"
        assert Site.objects.count() == 1

    def test_another_body_under_the_key_is_refused(self, lin: Player) -> None:
        send(lin, {"name": "Hall 1"})

        reply = send(lin, {"name": "Hall 2"})

        assert (reply.status_code, reply.json()["code"]) == (422, "idempotency_key_reused")
        assert Site.objects.get().name == "Hall 1"

    def test_a_refused_deed_keeps_no_answer_and_may_be_tried_again(self, lin: Player) -> None:
        assert send(lin, {"name": "Hall 1", "latitude": "95"}).status_code == 400
        assert not IdempotencyKey.objects.exists()

        assert send(lin, {"name": "Hall 1"}).status_code == 201

    def test_keys_belong_to_who_sent_them(self, lin: Player, bao: Player) -> None:
        assert send(lin, {"name": "Hall 1"}).json()["organisation"] == lin.org
        assert send(bao, {"name": "Hall 1"}).json()["organisation"] == bao.org
        assert Site.objects.count() == 2

    def test_without_a_key_each_request_counts(self, lin: Player) -> None:
        for _ in range(2):
            client = APIClient()
            client.force_authenticate(lin.user)
            client.post(SITES, {"name": "Hall 1"})

        assert Site.objects.count() == 2

    def test_strangers_leave_no_keys(self) -> None:
        reply = APIClient().post(SITES, {"name": "x"}, HTTP_IDEMPOTENCY_KEY="k")

        assert reply.status_code == 401
        assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twins_do_the_deed_once(lin: Player) -> None:
    replies = run_together(lambda: send(lin, {"name": "Hall 1"}), 4)

    assert Site.objects.count() == 1
    statuses = sorted(reply.status_code for reply in replies)
    assert statuses.count(201) >= 1
    if connection.vendor == "postgresql":  # the later twins are told that the first is under way, or given its answer
        assert set(statuses) <= {201, 409}
    else:
        assert statuses == [201, 201, 201, 201]
    done = [json.dumps(reply.json(), sort_keys=True) for reply in replies if reply.status_code == 201]
    assert len(set(done)) == 1
