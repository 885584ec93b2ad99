"""Facts and the trail as staff see them: what waits, what failed, who did what. Nobody changes a row by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from marketplace.events import models


class _Readable(ModelAdmin):  # type: ignore[misc]
    list_per_page = 50
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.OutboxEvent)
class OutboxEventAdmin(_Readable):
    """Facts, what became of them, and why one still waits."""

    list_display = ("name", "source_ref", "recorded_at", "relayed_at", "attempts", "last_error")
    list_filter = ("name", ("relayed_at", admin.EmptyFieldListFilter))
    search_fields = ("source_ref",)


@admin.register(models.StateChange)
class StateChangeAdmin(_Readable):
    """Every step of every thing."""

    list_display = ("at", "ref", "machine", "verb", "from_state", "to_state", "by", "why")
    list_filter = ("machine", "verb")
    search_fields = ("ref", "by")
