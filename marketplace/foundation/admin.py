"""What staff see: every object read-only with its history; verbs go through use cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from marketplace.events.queries import history
from marketplace.foundation.wording import word
from marketplace.foundation.words import STATES
from marketplace.kernel import clock
from marketplace.kernel.refusals import Refusal

# a state's tone, and how unfold colours it
LABELS = {"next": "primary", "needs": "warning", "failed": "danger", "done": "success", "info": "info", "quiet": ""}


def _is_staff(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_staff)


@dataclass(frozen=True)
class Deed:
    """A verb as staff see it: a button on the thing's page while its state allows the verb, and an action on the list.

    verb       the machine's verb
    do         the use case; takes `argument=<ref>`, `by` and `at`, and `why` when `asks_why`
    binds      what the button binds or undoes, said before it is pressed
    """

    verb: str
    label: Any
    do: Callable[..., Any]
    argument: str
    binds: Any = ""
    asks_why: bool = True


class ReadOnly:
    """Staff see every row; nobody adds, changes or deletes one by hand."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_staff(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_staff(request)

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
    hide_title = True


class StatefulAdmin(ReadOnlyAdmin):
    """A thing with a life cycle: its history below it, its verbs as buttons on its page and as actions on the list."""

    search_fields: Sequence[str] = ("ref",)
    readonly_fields: Sequence[str] = ("steps",)
    deeds: ClassVar[Sequence[Deed]] = ()
    change_form_outer_before_template = "admin/deeds.html"

    @admin.display(description=_("History"))
    def steps(self, thing: Any) -> str:
        rows = ((f"{c.at:%Y-%m-%d %H:%M}", c.verb, c.from_state, c.to_state, c.by, c.why) for c in history(thing.ref))
        return format_html_join("", "<div>{} &middot; <b>{}</b>: {} &rarr; {} &middot; {} {}</div>", rows)

    @display(description=_("State"), ordering="state", label=LABELS)  # type: ignore[untyped-decorator]
    def shown_state(self, thing: Any) -> tuple[str, str]:
        tone, shown = STATES.get(thing.state, ("quiet", thing.state.replace("_", " ")))
        return tone, gettext(shown)

    def get_list_display(self, request: HttpRequest) -> Any:
        return ["shown_state" if column == "state" else column for column in super().get_list_display(request)]

    def get_actions(self, request: HttpRequest) -> Any:
        mine = {f"take_{deed.verb}": (_act(deed), f"take_{deed.verb}", deed.label) for deed in self.deeds}
        return {**super().get_actions(request), **mine}

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_deed"
        mine = path("<path:object_id>/deed/<str:verb>/", self.admin_site.admin_view(self.take), name=name)
        return [mine, *super().get_urls()]

    def take(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        """Take one verb on one thing, by POST alone, and go back to its page."""
        deed = next((deed for deed in self.deeds if deed.verb == verb), None)
        thing = self.get_object(request, unquote(object_id))
        if deed is None or thing is None:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        _take(self, request, [thing.ref], deed, request.POST.get("why", ""))
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[thing.pk])
        )

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        thing = self.get_object(request, unquote(object_id))
        open_now = [deed for deed in self.deeds if thing is not None and deed.verb in thing.verbs]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "deeds": open_now})


def _act(deed: Deed) -> Any:
    def act(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        _take(modeladmin, request, list(queryset.values_list("ref", flat=True)), deed, "")

    return act


def _take(modeladmin: Any, request: HttpRequest, refs: Sequence[str], deed: Deed, why: str) -> None:
    done = 0
    for ref in refs:
        try:
            reason = {"why": why} if deed.asks_why else {}
            deed.do(**{deed.argument: ref}, by=f"user:{request.user.get_username()}", at=clock.now(), **reason)
            done += 1
        except Refusal as refusal:
            modeladmin.message_user(request, f"{ref}: {word(refusal)}", messages.WARNING)
    if done:
        modeladmin.message_user(request, _("Done: %(count)d") % {"count": done}, messages.SUCCESS)


def verb(description: Any, deed: Callable[..., Any], argument: str) -> Any:
    """Return a list action for a use case that is no verb of one machine, or asks for no reason."""
    act = admin.action(description=description)(_act(Deed(deed.__name__, description, deed, argument, asks_why=False)))
    act.__name__ = deed.__name__
    return act
