from __future__ import annotations

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from procurement.contracts.api import Changes, Frameworks, Orders
from procurement.contracts.web import changes, frameworks, orders, talk

router = SimpleRouter()
router.register("orders", Orders, basename="order")
router.register("frameworks", Frameworks, basename="framework")
router.register("order-changes", Changes, basename="order-change")
api = router.urls

own_pages = [
    path("", orders.our_shares, name="shares"),
    path("supply/", orders.supplied, name="supplied"),
    path("supply/<str:ref>/", orders.supply, name="supply"),
    re_path(r"^supply/(?P<ref>[\w-]+)/(?P<verb>acknowledge|decline)/$", orders.answer, name="answer"),
    path("frameworks/", frameworks.frameworks, name="frameworks"),
    path("frameworks/new/", frameworks.offer, name="offer"),
    path("frameworks/<str:ref>/", frameworks.framework, name="framework"),
    path("frameworks/<str:ref>/call/", frameworks.call, name="call"),
    re_path(r"^frameworks/(?P<ref>[\w-]+)/(?P<verb>agree|decline)/$", frameworks.answer, name="answer-framework"),
    path("changes/<str:ref>/", changes.change, name="change"),
    re_path(r"^changes/(?P<ref>[\w-]+)/(?P<verb>agree|decline|withdraw)/$", changes.answer, name="answer-change"),
    path("<str:ref>/", orders.share, name="share"),
    path("<str:ref>/propose/", changes.propose, name="propose"),
    path("<str:ref>/talk/", talk.talk, name="talk"),
    path("<str:ref>/talk/write/", talk.write, name="write"),
    path("<str:ref>/papers/<int:number>/", talk.paper, name="paper"),
    path("<str:ref>/order.pdf", talk.sheet, name="sheet"),
]
pages = [path("orders/", include((own_pages, "contracts")))]
