"""Settlement as staff see it: runs with their progress, steps with their verbs, what is due."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from finance.settlement import models, queries, use_cases
from marketplace.foundation.admin import Deed, ReadOnlyInline, StatefulAdmin
from marketplace.foundation.templatetags.reader import minor
from marketplace.kernel import clock


@admin.register(models.SettlementRun)
class SettlementRunAdmin(StatefulAdmin):
    """Runs, newest first."""

    list_display = ("ref", "state", "business_date", "progress", "planned_by", "finished_at")
    list_filter = ("state", "business_date")
    ordering = ("-business_date",)
    readonly_fields = ("steps", "progress", "its_steps")
    deeds = (
        Deed(
            "plan",
            _("Plan again"),
            use_cases.plan_again,
            "run_ref",
            _("Adds what has become due since; workers take the steps."),
            asks_why=False,
        ),
    )
    list_before_template = "admin/settlement/plan_today.html"

    def get_urls(self) -> list[URLPattern]:
        mine = path("plan-today/", self.admin_site.admin_view(self.plan_today), name="settlement_plan_today")
        return [mine, *super().get_urls()]

    def plan_today(self, request: HttpRequest) -> HttpResponse:
        """Plan the run of today, by POST alone, and show it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        now = clock.now()
        by = f"user:{request.user.get_username()}"
        ref = use_cases.plan_run(business_date=clock.business_date(now), by=by, at=now)
        run = models.SettlementRun.objects.get(ref=ref)
        return HttpResponseRedirect(reverse("admin:settlement_settlementrun_change", args=[run.pk]))

    @admin.display(description=_("Progress"))
    def progress(self, run: models.SettlementRun) -> str:
        far = queries.progress(run.ref)
        bar = '<progress max="{}" value="{}"></progress> {} / {} {}'
        rest = ", ".join(f"{state} {count}" for state, count in far.steps.items() if state != "confirmed")
        return format_html(bar, far.total or 1, far.ended, far.ended, far.total, rest)

    @admin.display(description=_("Steps"))
    def its_steps(self, run: models.SettlementRun) -> str:
        address = reverse("admin:settlement_settlementstep_changelist")
        return format_html('<a href="{}?run__id__exact={}">{}</a>', address, run.pk, _("Show the steps"))


class Obligations(ReadOnlyInline):
    model = models.Obligation
    fields = ("ref", "state", "kind", "amount_minor", "currency", "due_on", "source_ref")


@admin.register(models.SettlementStep)
class SettlementStepAdmin(StatefulAdmin):
    """Steps with what they settle."""

    list_display = ("ref", "state", "kind", "counterparty", "direction", "amount", "set_off", "attempt", "last_error")
    list_filter = ("state", "kind", "direction", "currency", "run")
    search_fields = ("ref", "key", "object_ref", "payment_ref", "counterparty__legal_name")
    list_select_related = ("counterparty",)
    ordering = ("-id",)
    inlines = (Obligations,)
    deeds = (
        Deed(
            "retry",
            _("Try again"),
            use_cases.retry_step,
            "step_ref",
            _("Where the bank had rejected it, under a new payment order."),
        ),
    )

    @admin.display(description=_("Amount"))
    def amount(self, step: models.SettlementStep) -> str:
        return minor(step.amount_minor, step.currency) if step.amount_minor else ""

    @admin.display(description=_("Set off"))
    def set_off(self, step: models.SettlementStep) -> str:
        return minor(step.set_off_minor, step.currency) if step.set_off_minor else ""


@admin.register(models.Obligation)
class ObligationAdmin(StatefulAdmin):
    """What is due, to us and from us."""

    list_display = ("ref", "state", "kind", "counterparty", "amount", "due_on", "source_ref", "step")
    list_filter = ("state", "kind", "currency", "due_on")
    search_fields = ("ref", "source_ref", "counterparty__legal_name")
    list_select_related = ("counterparty", "step")
    ordering = ("-id",)

    @admin.display(description=_("Amount"))
    def amount(self, row: models.Obligation) -> str:
        return minor(row.amount_minor, row.currency)
