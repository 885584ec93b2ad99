"""What staff see: every object read-only with its history; verbs go through use cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from marketplace.events.queries import history
from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.refusals import Refusal


class ReadOnly:
    """Nobody adds, changes or deletes rows by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, ModelAdmin):  # type: ignore[misc]
    """A table as staff may see it."""

    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50


class ReadOnlyInline(ReadOnly, TabularInline):  # type: ignore[misc]
    """Rows that belong to the object above them."""

    extra = 0
    can_delete = False
    show_change_link = True


class StatefulAdmin(ReadOnlyAdmin):
    """A thing with a life cycle: its history below it, its verbs as actions."""

    search_fields: Sequence[str] = ("ref",)
    readonly_fields: Sequence[str] = ("steps",)

    @admin.display(description=_("History"))
    def steps(self, thing: Any) -> str:
        rows = ((f"{c.at:%Y-%m-%d %H:%M}", c.verb, c.from_state, c.to_state, c.by, c.why) for c in history(thing.ref))
        return format_html_join("", "<div>{} &middot; <b>{}</b>: {} &rarr; {} &middot; {} {}</div>", rows)


def take_verb(
    modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any], deed: Callable[..., Any], argument: str
) -> None:
    """Call the use case `deed` for each chosen thing by its ref, and tell staff of each refusal.

    deed      takes `argument=<ref>`, `by` and `at`
    """
    done = 0
    for ref in queryset.values_list("ref", flat=True):
        try:
            deed(**{argument: ref}, by=f"user:{request.user.get_username()}", at=clock.now())
            done += 1
        except Refusal as refusal:
            modeladmin.message_user(request, f"{ref}: {word(refusal)}", messages.WARNING)
    if done:
        modeladmin.message_user(request, _("Done: %(count)d") % {"count": done}, messages.SUCCESS)


def verb(description: Any, deed: Callable[..., Any], argument: str) -> Any:
    """Return an admin action that takes one verb on each chosen object; needs the permission `staff`."""

    @admin.action(description=description)
    def act(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Model]) -> None:
        take_verb(modeladmin, request, queryset, deed, argument)

    act.__name__ = deed.__name__
    return act
