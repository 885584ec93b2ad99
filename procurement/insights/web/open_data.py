"""Open tenders and awards for anybody, and news of them as an Atom feed."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.foundation.navigation import offers
from marketplace.foundation.pages import leaf_of, page
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from procurement.insights import queries

MOST_OPEN = 100  # tenders on the page; the rest stand in the data
MOST_NEWS = 50


@page(public=True)
def public_tenders(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Which tenders take bids now, what was awarded, and where the data is."""
    now = clock.now()
    context = {
        "at": now,
        "open": list(queries.open_processes(now)[:MOST_OPEN]),
        "leaf": leaf_of(queries.awards_published(), request),
        "license": settings.OCDS_LICENSE,
        "prefix": settings.OCDS_PREFIX,
    }
    return render(request, "insights/open_data.html", context)


@page(public=True)
def feed(request: HttpRequest, actor: Actor) -> HttpResponse:
    """New tenders and awards, newest first."""
    site = settings.PUBLIC_URL.rstrip("/")
    news = Atom1Feed(
        title=_("Tenders and awards of Jicai"),
        link=f"{site}{reverse('open-data:list')}",
        feed_url=f"{site}{reverse('open-data:feed')}",
        description=_("New tenders and awards"),
        language=request.LANGUAGE_CODE,
    )
    words = {"tender": _("Tender"), "award": _("Award")}
    for row in queries.news()[:MOST_NEWS]:
        news.add_item(
            title=f"{words[row.kind]}: {row.title}",
            link=f"{site}{reverse('ocds-record', args=[row.ocid])}",
            description=row.tender_ref,
            unique_id=f"tag:{row.release_id}",
            pubdate=row.at,
            updateddate=row.at,
            categories=row.tags,
        )
    return HttpResponse(news.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


offers(gettext_lazy("Open data"), "open-data:list", public=True, order=95)
