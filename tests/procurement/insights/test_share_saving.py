"""A billed pool proves each member's saving with its evidence, and how the joint saving splits by each rule.

Lin takes 60 pumps and Bao 40, published at 20.00 and from 100 on at 18.50; the tender brings 17.00, freight 0.50.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.parties.models import Organisation
from procurement.demand.models import PurchaseRequest, RequestLine
from procurement.insights import queries, use_cases
from procurement.insights.models import JointSaving, JointShare
from procurement.insights.queries import joint_view
from procurement.pools.models import Pool
from tests.cast import Player
from tests.journeys.buyer_scene import client_of
from tests.journeys.test_buyer_pages import Story, seen

pytestmark = pytest.mark.django_db
STAFF = Actor(by="user:wei", staff=True)


def cny(text: str) -> Money:
    return Money(Decimal(text), "CNY")


@pytest.fixture
def story(lin: Player, bao: Player, teng: Player) -> Story:
    return Story(lin, bao, teng)


def bought(story: Story, buyer: Player, *, on: date, price: str, quantity: int = 10) -> str:
    """Enter what a buyer once paid for the pool's product."""
    product = Pool.objects.get(ref=story.pool).product
    request = PurchaseRequest.objects.create(
        ref=f"RQ-OLD-{on.isoformat()}-{buyer.username}",
        buyer=Organisation.objects.get(ref=buyer.org),
        state="closed",
        requested_by=buyer.by,
        opened_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    RequestLine.objects.create(
        request=request,
        position=1,
        product=product,
        quantity=Decimal(quantity),
        unit="C62",
        needed_from=on,
        needed_to=date(on.year, on.month, 28),
        unit_price=Decimal(price),
        entered_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return request.ref


def part_of(player: Player) -> Any:
    return queries.joint_savings_for(Actor(by=player.by, organisation=player.org)).get()


class TestTheJointSaving:
    def test_is_split_by_every_rule_to_the_cent(self, story: Story, lin: Player, bao: Player) -> None:
        story.invoiced()

        mine, hers = joint_view(part_of(lin)), joint_view(part_of(bao))

        assert (mine.all_alone, mine.together, mine.saved) == (cny("2000.00"), cny("1700.00"), cny("300.00"))
        assert {split.rule: (split.share, split.better_off, split.excess) for split in mine.splits} == {
            # Bao pays 680 and would pay 800 alone; by the other rules both are 150 better off.
            "proportional": (cny("1020.00"), cny("180.00"), cny("-120.00")),
            "shapley": (cny("1050.00"), cny("150.00"), cny("-150.00")),
            "nucleolus": (cny("1050.00"), cny("150.00"), cny("-150.00")),
            "core_shapley": (cny("1050.00"), cny("150.00"), cny("-150.00")),
        }
        for ours, theirs in zip(mine.splits, hers.splits, strict=True):
            assert ours.share + theirs.share == mine.together
            assert ours.others == theirs.share
        assert queries.verify() == []

    def test_is_kept_once(self, story: Story) -> None:
        story.invoiced()
        at = datetime(2027, 1, 1, tzinfo=UTC)

        assert not use_cases.share_saving(pool_ref=story.pool, by="user:wei", at=at)
        assert (JointSaving.objects.count(), JointShare.objects.count()) == (1, 2)

    def test_that_was_tampered_with_is_found(self, story: Story) -> None:
        story.invoiced()
        share = JointShare.objects.latest("pk")
        share.shares["shapley"] += 1
        share.save()

        assert queries.verify() == [f"{story.pool} by shapley: 170001 shared of 170000"]

    def test_needs_a_published_curve_on_which_quantity_matters(self, story: Story) -> None:
        Pool.objects.filter(ref=story.pool).update(indicative={"source": "last_award", "steps": [["0", "20"]]})

        story.invoiced()

        assert JointSaving.objects.count() == 0


class TestWhoSeesWhat:
    def test_a_member_its_own_part_without_names(self, story: Story, lin: Player, bao: Player) -> None:
        story.invoiced()
        (row,) = queries.savings_for(Actor(by=lin.by, organisation=lin.org)).filter(headline=True)

        page = seen(story.lin, f"/savings/{row.pk}/why/")

        assert "2 buyers, each alone at the published prices, would have paid 2,000.00 CNY" in page
        assert "Our share 1,050.00 CNY Better off than alone 150.00 CNY All others 650.00 CNY" in page
        assert bao.org not in page
        assert "Baoshan" not in page

    def test_the_api_tells_the_same(self, story: Story, lin: Player, bao: Player, teng: Player) -> None:
        story.invoiced()

        (mine,) = story.lin.get("/api/v1/joint-savings/").json()["results"]

        assert (mine["buyer"], mine["joint"]["saved_minor"], mine["joint"]["members"]) == (lin.org, 30_000, 2)
        assert [one["share_minor"] for one in mine["joint"]["splits"]] == [102_000, 105_000, 105_000, 105_000]
        assert bao.org not in str(mine)
        assert client_of(teng).get("/api/v1/joint-savings/").json()["results"] == []

    def test_staff_every_part(self, story: Story) -> None:
        story.invoiced()

        assert queries.joint_savings_for(STAFF).count() == 2


class TestTheEvidence:
    def test_names_the_line_the_curve_and_the_index(self, story: Story, lin: Player, bao: Player) -> None:
        window = Pool.objects.get(ref=story.pool).window_start
        old = date(window.year - 1, window.month, 1)
        request = bought(story, lin, on=old, price="16.00", quantity=30)
        bought(story, bao, on=old, price="24.00", quantity=10)
        bought(story, bao, on=window, price="22.50")

        story.invoiced()

        rows = {row.baseline: row for row in queries.savings_for(Actor(by=lin.by, organisation=lin.org))}
        last, tier, index = rows["own_last_price"], rows["stand_alone_tier"], rows["market_index"]
        assert (last.facts["request"], last.facts["needed_from"]) == (request, old.isoformat())
        assert last.headline
        assert (last.baseline_price, last.saved_minor) == (Decimal(16), 96_000 - 106_020)
        assert tier.facts["steps"] == [["1", "20"], ["100", "18.5"]]
        assert (tier.facts["own_quantity"], tier.facts["step_from"]) == ("60", "1")
        # Then (30 x 16 + 10 x 24) / 40 = 18.00, now 22.50: 1.25 times 16.00 is 20.00.
        assert (index.facts["index"], index.baseline_price) == ("1.25", Decimal(20))
        assert (index.facts["base_lines"], index.facts["lines"]) == ("2", "1")
        assert index.saved_minor == 120_000 - 106_020
        assert rows["ceiling"].saved_minor == 126_000 - 106_020
        assert {row.facts["goods"] for row in rows.values()} == {"CNY 1020.00"}
        assert "Evidence" in seen(story.lin, f"/savings/{index.pk}/why/")
