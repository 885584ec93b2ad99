from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from procurement.capacity import web
from procurement.capacity.api import Factories, Work

router = SimpleRouter()
router.register("factories", Factories, basename="factory")
router.register("work-orders", Work, basename="work-order")
api = router.urls

own_pages = [
    path("", web.work_list, name="list"),
    path("load/", web.load, name="load"),
    path("<str:ref>/", web.work, name="work"),
    path("<str:ref>/<str:milestone>/", web.reach, name="reach"),
]
pages = [path("work/", include((own_pages, "capacity")))]
