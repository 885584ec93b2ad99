"""What every address of the API has to keep to, read from its own schema."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

OPEN_TO_ALL = {
    "/api/v1/tokens/",
    "/api/v1/ocds/releases/",
    "/api/v1/ocds/releases.jsonl",
    "/api/v1/ocds/records/{ocid}/",
}
MISSING = {
    "ref": "XX-2026-9999",
    "id": "999999",
    "pk": "999999",
    "name": "nothing",
    "username": "nobody",
    "position": "9999",
}


def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(public=True)  # type: ignore[no-any-return, no-untyped-call]


def operations() -> list[tuple[str, str]]:
    verbs = {"get", "post", "put", "patch", "delete"}
    return [(verb, path) for path, item in schema()["paths"].items() for verb in item if verb in verbs]


def address(path: str) -> str:
    for name, value in MISSING.items():
        path = path.replace("{" + name + "}", value)
    return path


def test_the_schema_is_made_without_a_warning() -> None:
    GENERATOR_STATS.reset()
    schema()

    assert (dict(GENERATOR_STATS._warn_cache), dict(GENERATOR_STATS._error_cache)) == ({}, {})


@pytest.mark.django_db
@pytest.mark.parametrize(("verb", "path"), [(v, p) for v, p in operations() if p not in OPEN_TO_ALL])
def test_anonymous_is_turned_away(verb: str, path: str) -> None:
    reply = getattr(APIClient(), verb)(address(path), {}, format="json")

    assert (reply.status_code, reply["Content-Type"]) == (401, "application/problem+json")


@pytest.mark.django_db
@pytest.mark.parametrize(("verb", "path"), [(v, p) for v, p in operations() if "{" in p])
def test_what_is_not_there_answers_404_or_400_to_mallory(verb: str, path: str) -> None:
    client = APIClient()
    client.force_authenticate(get_user_model().objects.create_user("mallory"))

    reply = getattr(client, verb)(address(path), {}, format="json")

    assert reply.status_code in {400, 403, 404, 415}, reply.content
    assert reply["Content-Type"] == "application/problem+json"
