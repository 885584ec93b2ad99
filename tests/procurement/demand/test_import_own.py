"""A buyer's own upload: drafts of that buyer alone, by its own mapping."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from marketplace.catalogue.queries import ProductView
from marketplace.engines.tables import BadMapping
from marketplace.kernel.refusals import BadValue
from procurement.demand import models, use_cases
from tests.cast import Player
from tests.procurement.demand.conftest import AT, written
from tests.procurement.demand.test_import_rows import HEAD, OPEN_TO_ALL

pytestmark = pytest.mark.django_db
API = "/api/v1"
MINE = HEAD + "1,A,Linjiang Pumps,BOLT-M8,10,2026-04-01,1,V\n2,A,Linjiang Pumps,BOLT-M8,5,2026-04-01,1,V\n"


def as_(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


def file(text: str, name: str = "orders.csv") -> BytesIO:
    stream = BytesIO(text.encode())
    stream.name = name
    return stream


@pytest.fixture
def saved(lin: Player, bolt: ProductView) -> None:
    use_cases.save_mapping(organisation_ref=lin.org, name="our-orders", text=OPEN_TO_ALL, by=lin.by, at=AT)


def upload(player: Player, text: str, **more: Any) -> Any:
    body = {"file": file(text), "mapping": "our-orders"} | more
    return as_(player).post(f"{API}/demand-imports/", body, format="multipart")


class TestUploading:
    def test_rows_become_drafts_of_the_own_organisation(self, lin: Player, saved: None) -> None:
        reply = upload(lin, MINE)

        request = models.PurchaseRequest.objects.get()
        assert (reply.status_code, reply.json()["lines"], reply.json()["report"]["quantity"]) == (201, 2, "15")
        assert (request.state, request.requested_by, request.external_ref) == ("draft", "user:lin", "A")

    def test_the_same_file_again_is_the_same_batch(self, lin: Player, saved: None) -> None:
        first = upload(lin, MINE).json()

        again = upload(lin, MINE)

        assert (again.status_code, again.json()["ref"]) == (200, first["ref"])
        assert models.RequestLine.objects.count() == 2

    def test_another_firms_rows_are_errors(self, lin: Player, bao: Player, saved: None) -> None:
        reply = upload(lin, MINE.replace("2,A,Linjiang Pumps", "2,A,Baoshan Valves"))

        (shown,) = reply.json()["facts"]["shown"]
        assert (reply.status_code, reply.json()["code"]) == (400, "import_refused")
        assert (shown["row"], shown["column"], shown["value"]) == (3, "Buyer", "Baoshan Valves")
        assert not models.PurchaseRequest.objects.exists()

    def test_a_tenants_mapping_registers_nobody_and_nothing(self, lin: Player, saved: None) -> None:
        reply = upload(lin, MINE.replace("2,A,Linjiang Pumps,BOLT-M8", "2,A,Linjiang Pumps,GOLD"))

        assert reply.json()["facts"]["shown"][0]["reason"] == "is no product of the catalogue"

    def test_two_tenants_may_use_the_same_keys(self, lin: Player, bao: Player, saved: None) -> None:
        use_cases.save_mapping(organisation_ref=bao.org, name="our-orders", text=OPEN_TO_ALL, by=bao.by, at=AT)

        assert upload(lin, MINE).status_code == 201
        assert upload(bao, MINE.replace("Linjiang Pumps", "Baoshan Valves")).status_code == 201

    def test_the_good_rows_are_taken_when_asked(self, lin: Player, saved: None) -> None:
        reply = upload(lin, MINE + "3,A,Linjiang Pumps,BOLT-M8,-1,2026-04-01,1,V\n", take_good=True)

        assert (reply.json()["lines"], reply.json()["errors"]) == (2, 1)

    def test_base64_serves_as_well(self, lin: Player, saved: None) -> None:
        body = {"mapping": "our-orders", "file_name": "o.csv", "content": base64.b64encode(MINE.encode()).decode()}

        assert as_(lin).post(f"{API}/demand-imports/", body).status_code == 201

    @pytest.mark.parametrize(
        "body",
        [{}, {"mapping": "our-orders"}, {"mapping": "our-orders", "content": "%%"}, {"mapping": "../x", "content": ""}],
    )
    def test_without_a_file_it_is_refused(self, lin: Player, saved: None, body: dict[str, str]) -> None:
        assert as_(lin).post(f"{API}/demand-imports/", body).status_code == 400

    def test_the_name_of_a_file_is_no_mapping(self, lin: Player, bolt: ProductView, tmp_path: Path) -> None:
        path = written(tmp_path, "orders.toml", OPEN_TO_ALL)

        with pytest.raises(use_cases.NoSuchMapping):
            use_cases.import_demand(path=file(MINE), mapping=str(path), organisation_ref=lin.org, by=lin.by, at=AT)

    def test_a_supplier_uploads_no_demand(self, teng: Player) -> None:
        with pytest.raises(use_cases.NotABuyer):
            use_cases.import_demand(path=file(MINE), mapping="scms", organisation_ref=teng.org, by=teng.by, at=AT)

    def test_a_batch_is_seen_by_its_owner_alone(self, lin: Player, bao: Player, wei: Player, saved: None) -> None:
        ref = upload(lin, MINE).json()["ref"]

        assert as_(bao).get(f"{API}/demand-imports/{ref}/").status_code == 404
        assert as_(bao).get(f"{API}/demand-imports/").json()["results"] == []
        assert as_(wei).get(f"{API}/demand-imports/{ref}/").json()["file_name"] == "orders.csv"


class TestMappings:
    def test_one_is_kept_replaced_and_listed(self, lin: Player, bao: Player) -> None:
        body = {"name": "ours", "text": OPEN_TO_ALL}

        assert as_(lin).post(f"{API}/column-mappings/", body).status_code == 201
        assert as_(lin).post(f"{API}/column-mappings/", body | {"text": OPEN_TO_ALL + "\n"}).status_code == 201

        assert as_(lin).get(f"{API}/column-mappings/ours/").json()["text"] == OPEN_TO_ALL + "\n"
        assert as_(bao).get(f"{API}/column-mappings/ours/").status_code == 404
        assert as_(lin).get(f"{API}/column-mappings/known/").json() == ["ours", "retail", "scms"]
        assert models.ColumnMapping.objects.count() == 1

    def test_one_that_says_what_it_may_not_is_refused_by_its_key(self, lin: Player) -> None:
        with pytest.raises(BadMapping) as refused:
            use_cases.save_mapping(organisation_ref=lin.org, name="x", text='kind = "demand"', by=lin.by, at=AT)

        assert refused.value.facts["key"]
        assert not models.ColumnMapping.objects.exists()

    @pytest.mark.parametrize("name", ["scms", "", "A B", "../x", "a" * 61])
    def test_a_name_that_is_taken_or_none_is_refused(self, lin: Player, name: str) -> None:
        with pytest.raises(BadValue):
            use_cases.save_mapping(organisation_ref=lin.org, name=name, text=OPEN_TO_ALL, by=lin.by, at=AT)
