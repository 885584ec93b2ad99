"""Governed master data through the API and the staff's pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from marketplace.catalogue import models, queries, use_cases
from tests.cast import Player, enter
from tests.marketplace.catalogue.scene import BEI, LENGTH, NOTE, STEEL, WEI, category, pk, product, replaced

pytestmark = pytest.mark.django_db
API = "/api/v1"


def as_(player: Player) -> APIClient:
    client = APIClient()
    client.force_authenticate(player.user)
    return client


def post(player: Player, path: str, **body: Any) -> Any:
    return as_(player).post(f"{API}/{path}/", body, format="json")


def get(player: Player, path: str) -> Any:
    return as_(player).get(f"{API}/{path}/")


@pytest.fixture
def bei(db: Any) -> Player:
    """Staff too: what one enters another reviews."""
    return enter("bei", staff=True)


@pytest.fixture
def screw() -> str:
    category()
    return product("S-1")


class TestVersions:
    def test_one_proposes_another_publishes_and_everybody_reads_the_history(
        self, screw: str, wei: Player, bei: Player, lin: Player
    ) -> None:
        reply = post(wei, f"products/{screw}/versions", pack_size="12.5", why="new packs")
        assert (reply.status_code, reply.json()["content"]) == (201, {"pack_size": "12.5"})
        path = f"master-data-proposals/{reply.json()['ref']}"
        refused = post(wei, f"{path}/publish")
        assert (refused.status_code, refused.json()["code"]) == (403, "four_eyes")

        assert post(bei, f"{path}/publish").json()["state"] == "published"

        row = get(lin, f"products/{screw}").json()
        assert (row["version"], row["pack_size"]) == (2, "12.5")
        first, second = get(lin, f"products/{screw}/versions").json()
        assert (first["number"], second["changes"], second["why"]) == (1, {"pack_size": ["1", "12.5"]}, "new packs")
        assert (second["proposed_by"], second["reviewed_by"]) == ("", "")
        assert get(wei, f"products/{screw}/versions").json()[1]["reviewed_by"] == "user:bei"

    def test_a_stale_one_is_a_conflict(self, screw: str, wei: Player, bei: Player) -> None:
        refs = [post(wei, f"products/{screw}/versions", name_en=name, why="x").json()["ref"] for name in "AB"]
        post(bei, f"master-data-proposals/{refs[0]}/publish")

        reply = post(bei, f"master-data-proposals/{refs[1]}/publish")

        assert (reply.status_code, reply.json()["code"]) == (409, "stale_version")
        assert queries.product(screw).name_en == "A"

    def test_is_sent_back_and_revised(self, screw: str, wei: Player, bei: Player) -> None:
        ref = post(wei, f"products/{screw}/versions", name_en="A", why="x").json()["ref"]
        assert post(bei, f"master-data-proposals/{ref}/send-back").status_code == 400
        assert post(bei, f"master-data-proposals/{ref}/send-back", why="which?").json()["state"] == "draft"

        again = post(wei, f"products/{screw}/versions", name_en="B", proposal_ref=ref, why="this").json()

        assert (again["ref"], again["state"], again["content"]) == (ref, "proposed", {"name_en": "B"})
        assert post(wei, f"master-data-proposals/{ref}/withdraw").json()["state"] == "withdrawn"

    def test_nobody_else_proposes_reviews_or_merges(self, screw: str, lin: Player, teng: Player, wei: Player) -> None:
        ref = post(wei, f"products/{screw}/versions", name_en="A", why="x").json()["ref"]
        for player in (lin, teng):
            for path in (
                f"products/{screw}/versions",
                f"products/{screw}/substitutes",
                f"products/{screw}/merge",
                f"products/{screw}/split",
                f"master-data-proposals/{ref}/publish",
                "categories/screws/attributes",
                "substitutes/SB-2026-0001/withdraw",
            ):
                assert post(player, path, name_en="B", why="x").status_code == 403, path
            for path in ("master-data-proposals", f"master-data-proposals/{ref}", "products/duplicates"):
                assert get(player, path).status_code == 403, path

        assert models.Proposal.objects.count() == 1


class TestDefinitions:
    def test_conflicts_are_named_before_they_hold(self, screw: str, wei: Player, bei: Player, lin: Player) -> None:
        grade = {"name": "grade", "type": "text", "required": True}
        body = {"attributes": [LENGTH, STEEL, NOTE, grade], "why": "standard"}
        ref = post(wei, "categories/screws/attributes", **body).json()["ref"]

        conflicts = get(bei, f"master-data-proposals/{ref}/conflicts").json()
        reply = post(bei, f"master-data-proposals/{ref}/publish")

        assert conflicts == [{"product_ref": screw, "name": "grade", "reason": "needed"}]
        assert (reply.status_code, reply.json()["code"]) == (409, "definition_conflicts")
        assert reply.json()["facts"]["shown"] == [{"product": screw, "attribute": "grade", "reason": "needed"}]

        ref = post(wei, "categories/screws/attributes", **body, fill={"grade": "8.8"}).json()["ref"]
        assert post(bei, f"master-data-proposals/{ref}/publish").status_code == 200
        told = get(lin, "categories/screws/attributes").json()
        assert (told["version"], told["own"] == told["attributes"], told["own"][-1]) == (2, True, grade)
        assert [v["number"] for v in get(lin, "categories/screws/versions").json()] == [1, 2]
        assert get(lin, f"products/{screw}").json()["attributes"]["grade"] == "8.8"

    def test_a_branch_tells_what_it_inherits(self, screw: str, lin: Player) -> None:
        category("marine", {"name": "zinc", "type": "flag"}, parent_code="screws")

        told = get(lin, "categories/marine/attributes").json()

        assert [d["name"] for d in told["attributes"]] == ["length", "steel", "note", "zinc"]
        assert [d["name"] for d in told["own"]] == ["zinc"]


class TestSubstitutes:
    def test_are_proposed_reviewed_read_and_withdrawn(self, screw: str, wei: Player, bei: Player, lin: Player) -> None:
        other = product("S-2", {"length": 40})
        body = {"replacement_ref": other, "ratio": "1.5", "conditions": "indoors", "why": "shortage"}
        ref = post(wei, f"products/{screw}/substitutes", **body).json()["ref"]
        assert get(lin, f"products/{screw}/substitutes").json() == []
        post(bei, f"master-data-proposals/{ref}/publish")

        (found,) = get(lin, f"products/{screw}/substitutes").json()
        assert (found["ref"], found["ratio"], found["conditions"], found["version"]) == (other, "1.5", "indoors", 1)
        agreement = found["substitute_ref"]
        assert [row["ref"] for row in get(lin, "substitutes").json()["results"]] == [agreement]
        assert post(wei, f"substitutes/{agreement}/withdraw", why="over").json()["state"] == "withdrawn"
        assert get(lin, f"substitutes/{agreement}").status_code == 404
        assert [v["number"] for v in get(wei, f"substitutes/{agreement}/versions").json()] == [1, 2]


class TestMerge:
    def test_the_old_ref_answers_with_the_kept_product(self, screw: str, wei: Player, lin: Player) -> None:
        other = product("S-2")
        (group,) = get(wei, "products/duplicates").json()
        assert (group["reason"], group["refs"]) == ("attributes", [screw, other])

        assert post(wei, f"products/{screw}/merge", merge_ref=other, why="the same").status_code == 200

        assert get(lin, f"products/{other}").json()["ref"] == screw
        assert get(wei, f"products/{other}").json()["merged_into"] == screw
        assert get(wei, "products/duplicates").json() == []
        assert post(wei, f"products/{other}/merge", merge_ref=screw, why="x").json()["code"] == "merge_circle"
        assert post(wei, f"products/{other}/split", why="no").json()["state"] == "reviewed"
        assert get(lin, f"products/{other}").json()["ref"] == other


class TestLists:
    @pytest.mark.parametrize("path", ["products", "substitutes", "master-data-proposals"])
    def test_take_as_many_queries_for_many_as_for_one(self, screw: str, wei: Player, path: str) -> None:
        counts = []
        for n in range(2, 5):
            other = product(f"S-{n}", {"length": n})
            replaced(screw, other)
            merged = product(f"M-{n}", {"length": n})
            use_cases.merge_products(keep_ref=other, merge_ref=merged, why="same", **WEI)
            with CaptureQueriesContext(connection) as found:
                assert get(wei, path).status_code == 200
            counts.append(len(found))

        assert len(set(counts)) == 1


class TestStaffPages:
    @pytest.fixture
    def page(self, bei: Player) -> Client:
        client = Client()
        client.force_login(bei.user)
        return client

    def test_a_proposal_is_published_by_its_button(self, screw: str, page: Client) -> None:
        use_cases.propose_version(product_ref=screw, changes={"name_en": "Screw"}, why="x", **WEI)
        mine = use_cases.propose_version(product_ref=screw, changes={"name_en": "Mine"}, why="x", **BEI)
        theirs, own = models.Proposal.objects.order_by("id")
        address = "/admin/catalogue/proposal/{}/deed/publish/"

        refused = page.post(address.format(own.pk), follow=True)
        assert "another person must confirm it" in refused.content.decode()
        page.post(address.format(theirs.pk), follow=True)

        assert queries.product(screw).name_en == "Screw"
        assert models.Proposal.objects.get(ref=mine).state == "proposed"

    def test_duplicates_are_listed_and_merged_into_the_oldest(self, screw: str, page: Client) -> None:
        other, alone = product("S-2"), product("S-3", {"length": 99})
        shown = page.get("/admin/catalogue/product/?duplicates=1").content.decode()
        assert (screw in shown, other in shown, alone in shown) == (True, True, False)

        body = {"action": "merge_into_oldest", "_selected_action": [str(pk(screw)), str(pk(other)), str(pk(alone))]}
        told = page.post("/admin/catalogue/product/", body, follow=True).content.decode()

        assert queries.canonical_ids([pk(other), pk(alone)]) == {pk(other): pk(screw), pk(alone): pk(alone)}
        assert "differ in what must match" in told

    def test_show_versions_substitutes_and_merges(self, screw: str, page: Client) -> None:
        other = product("S-2")
        use_cases.merge_products(keep_ref=screw, merge_ref=other, why="the same", **WEI)
        agreed = replaced(screw, product("S-3", {"length": 50}))
        proposal = use_cases.propose_version(product_ref=screw, changes={"name_en": "Screw"}, why="renamed", **WEI)
        use_cases.publish_proposal(proposal_ref=proposal, **BEI)

        shown = page.get(f"/admin/catalogue/product/{pk(screw)}/change/").content.decode()
        assert "renamed" in shown
        assert agreed in shown
        assert "the same" in page.get(f"/admin/catalogue/product/{pk(other)}/change/").content.decode()
        category_pk = models.Category.objects.get().pk
        row = models.Substitute.objects.get()
        for address in (
            "product/",
            "substitute/",
            f"substitute/{row.pk}/change/",
            "proposal/",
            f"category/{category_pk}/change/",
        ):
            assert page.get(f"/admin/catalogue/{address}").status_code == 200, address
