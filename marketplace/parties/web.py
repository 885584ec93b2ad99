"""The first pages: who I am, for whom I act, what was told to us, our own organisation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from marketplace.events.queries import history
from marketplace.foundation.navigation import offers, panels
from marketplace.foundation.pages import leaf_of, page
from marketplace.foundation.wording import template_words
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.parties import forms, queries, use_cases


def seats(request: HttpRequest) -> dict[str, Any]:
    """Give every page the organisations its reader may act for, and how much unread there is."""
    if not hasattr(request, "user") or not request.user.is_authenticated:
        return {"seats": [], "unread": 0}
    name = request.user.get_username()
    return {"seats": SimpleLazyObject(lambda: queries.seats_of(name)), "unread": lambda: queries.unread_of(request)}


@page(public=True)
def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What needs me today; for strangers, what this is."""
    firm = queries.organisation(actor.organisation) if actor.organisation else None
    return render(request, "home.html", {"firm": firm, "panels": panels(actor)})


class SignIn(LoginView):
    """Sign in by name and password; whoever acts for several organisations begins with the first."""

    template_name = "parties/sign_in.html"
    authentication_form = forms.SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        person = form.get_user()
        mine = queries.seats_of(person.get_username())
        answer = super().form_valid(form)
        if mine:
            self.request.session["organisation"] = mine[0].organisation_ref
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, person.language, samesite="Lax")
        return answer


class SignOut(LogoutView):
    """Sign out."""


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Read in another language, from now on wherever I sign in."""
    wanted = request.POST.get("language", "")
    if request.user.is_authenticated and wanted in dict(settings.LANGUAGES):
        use_cases.read_in(
            username=request.user.get_username(),
            language=wanted,
            by=f"user:{request.user.get_username()}",
            at=clock.now(),
        )
    answer: HttpResponse = set_language(request)
    return answer


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Act for another of my organisations."""
    wanted = request.POST.get("organisation", "")
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    if wanted not in {seat.organisation_ref for seat in queries.seats_of(request.user.get_username())}:
        raise Http404
    request.session["organisation"] = wanted
    back = request.POST.get("next", "/")
    inside = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    top = "/".join(back.split("/")[:2]) + "/"
    return HttpResponseRedirect(top if inside else "/")


@page()
def notices(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What our organisation was told, newest first; opening the page reads it."""
    leaf = leaf_of(queries.notifications_for(actor), request)
    rows = [(row, template_words(row.text, row.facts)) for row in leaf.rows]
    answer = render(request, "parties/notices.html", {"leaf": leaf, "rows": rows})
    if rows and leaf.first:
        use_cases.mark_read(organisation_ref=actor.organisation, up_to_id=rows[0][0].pk, by=actor.by, at=clock.now())
    return answer


@page()
def own_organisation(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Our organisation: its record, its members, its sites, where it is paid."""
    firm = queries.organisations_for(actor).get(ref=actor.organisation)
    own = Actor(by=actor.by, organisation=actor.organisation)
    return render(
        request,
        "parties/organisation.html",
        {
            "firm": firm,
            "road": ["applied", "verified"],
            "history": history(firm.ref),
            "members": queries.memberships_for(own).order_by("id"),
            "sites": queries.sites_for(own).order_by("id"),
            "accounts": queries.bank_accounts_for(own).order_by("-id"),
            "bank_form": forms.BankAccountForm(),
            "member_form": forms.MemberForm(),
        },
    )


@page("finance")
@require_POST
def name_bank_account(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Say where we are paid from now on."""
    form = forms.BankAccountForm(request.POST)
    if form.is_valid():
        use_cases.set_bank_account(
            organisation_ref=actor.organisation, by=actor.by, at=clock.now(), **form.cleaned_data
        )
        messages.success(request, _("The account is noted. A change waits for a colleague, then for 48 hours."))
    else:
        messages.error(request, form.errors.as_text())
    return redirect("parties:organisation")


@page("finance")
@require_POST
def settle_bank_account(request: HttpRequest, actor: Actor, ref: str, verb: str) -> HttpResponse:
    """Confirm or refuse a change of where we are paid."""
    deeds = {"confirm": use_cases.confirm_bank_account, "refuse": use_cases.refuse_bank_account}
    mine = queries.bank_accounts_for(Actor(by=actor.by, organisation=actor.organisation)).filter(ref=ref)
    if verb not in deeds or not mine.exists():
        raise Http404
    deeds[verb](bank_account_ref=ref, by=actor.by, at=clock.now(), why=request.POST.get("why", ""))
    return redirect("parties:organisation")


@page("approver")
@require_POST
def invite(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Let a colleague act for us."""
    form = forms.MemberForm(request.POST)
    if form.is_valid():
        limit = form.cleaned_data["spending_limit"]
        use_cases.add_member(
            organisation_ref=actor.organisation,
            username=form.cleaned_data["username"],
            roles=form.cleaned_data["roles"],
            spending_limit=None if limit is None else Money.rounded(limit, "CNY"),
            by=actor.by,
            at=clock.now(),
        )
        messages.success(request, _("%(name)s may act for us now.") % {"name": form.cleaned_data["username"]})
    else:
        messages.error(request, form.errors.as_text())
    return redirect("parties:organisation")


@page(public=True)
def apply(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Bring an organisation into the market."""
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    form = forms.ApplicationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ref = use_cases.apply_to_trade(
            username=request.user.get_username(), by=actor.by, at=clock.now(), **form.cleaned_data
        )
        request.session["organisation"] = ref
        messages.success(request, _("Your application is in. We look at it and tell you here."))
        return redirect("parties:organisation")
    return render(request, "parties/apply.html", {"form": form})


offers(gettext_lazy("Today"), "parties:home", staff=True, public=True, order=0)
offers(gettext_lazy("Our organisation"), "parties:organisation", order=90)
