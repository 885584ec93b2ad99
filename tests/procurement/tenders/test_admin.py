"""Staff look at tenders and act by verbs; sealed bids are not there to be counted."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.urls import reverse

from marketplace.kernel import clock
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from tests.cast import Player
from tests.procurement.tenders.scene import AWARDING, HUA, Market, bid


def as_(player: Player) -> Client:
    client = Client()
    client.force_login(player.user)
    return client


class TestTendersInTheAdmin:
    def test_staff_see_a_tender_with_its_lots_and_ask_to_cancel(self, market: Market, wei: Player) -> None:
        ref = market.published()
        pk = models.Tender.objects.get().pk
        page = as_(wei).get(reverse("admin:tenders_tender_change", args=[pk])).content.decode()
        assert queries.tender(ref).lots[0].ref in page
        assert reverse("admin:tenders_tender_deed", args=[pk, "close"]) in page

        as_(wei).post(reverse("admin:tenders_tender_deed", args=[pk, "ask_to_cancel"]), {"why": "wrong title"})

        assert models.Tender.objects.get().cancel_why == "wrong title"
        assert queries.tender(ref).state == "published"

    def test_who_prepared_cannot_publish_here_either(self, market: Market, wei: Player) -> None:
        now = clock.now()
        ref = market.prepared(bids_until=now + timedelta(days=1), at=now)
        pk = models.Tender.objects.get().pk

        page = as_(wei).post(reverse("admin:tenders_tender_deed", args=[pk, "publish"]), follow=True)

        assert "Another person than user:wei" in page.content.decode()
        assert queries.tender(ref).state == "draft"

    def test_staff_award_and_conclude(self, market: Market, wei: Player) -> None:
        ref = market.opened(teng=[(1, None, "12")])
        pk = models.Tender.objects.get().pk

        for verb in ("evaluate", "conclude"):
            as_(wei).post(reverse("admin:tenders_tender_deed", args=[pk, verb]))

        assert queries.tender(ref).state == "contracted"

    def test_before_opening_nobody_can_count_the_bids(self, market: Market, wei: Player) -> None:
        ref = market.published()
        bid(ref, market.teng, [(1, None, "12")])
        one = models.SealedBid.objects.get()

        page = as_(wei).get(reverse("admin:tenders_sealedbid_changelist")).content.decode()
        single = as_(wei).get(reverse("admin:tenders_sealedbid_change", args=[one.pk]))
        tender = as_(wei).get(reverse("admin:tenders_tender_change", args=[one.tender_id])).content.decode()
        index = as_(wei).get(reverse("admin:index")).content.decode()

        assert single.status_code == 302
        for text in (page, tender, index):
            assert one.ref not in text
            assert "Tengda" not in text

    def test_after_opening_everything_can_be_read(self, market: Market, wei: Player) -> None:
        ref = market.opened(teng=[(1, None, "12")], shen=[(1, None, "13")])
        tenders.award_tender(tender_ref=ref, by=HUA, at=AWARDING)

        for name in ("sealedbid", "openedbid", "award", "awardround", "lot", "bidimport"):
            assert as_(wei).get(reverse(f"admin:tenders_{name}_changelist")).status_code == 200
        for model in (models.SealedBid, models.OpenedBid, models.Award, models.AwardRound, models.Lot):
            name = f"admin:tenders_{model._meta.model_name}_change"
            assert as_(wei).get(reverse(name, args=[model.objects.first().pk])).status_code == 200

    def test_no_page_shows_a_key_or_a_ciphertext(self, market: Market, wei: Player) -> None:
        market.opened(teng=[(1, None, "12")])
        pages = [("tender", models.Tender), ("sealedbid", models.SealedBid)]

        for name, model in pages:
            url = reverse(f"admin:tenders_{name}_change", args=[model.objects.get().pk])
            text = as_(wei).get(url).content.decode()
            assert "memory at" not in text
            assert "ciphertext" not in text
            assert "locked" not in text.lower()
