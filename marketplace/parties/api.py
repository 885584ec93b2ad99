"""The parties at the API's door."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from knox.views import LoginView, LogoutAllView, LogoutView
from rest_framework import mixins, parsers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import AuthenticationFailed, ValidationError
from rest_framework.permissions import AllowAny, IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import KeyedWrites, TenantViewSet, WhySerializer, actor_of, read
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound
from marketplace.parties import queries, use_cases
from marketplace.parties import serializers as s


def own_firm(actor: Actor, role: str) -> str:
    """Return the actor's organisation when the actor holds `role` there.

    :raises NotFound: the actor acts for nobody.
    :raises NotAllowed: without that role.
    """
    if not actor.organisation:
        raise NotFound(what="organisation", ref="")
    actor.must(role)
    return actor.organisation


class OrganisationViewSet(TenantViewSet):
    """The organisations whose whole record the asker may read: its own; staff read all."""

    serializer_class = s.OrganisationSerializer

    def get_queryset(self) -> QuerySet[Any]:
        return queries.organisations_for(self.actor)

    @extend_schema(request=s.ApplicationSerializer, responses={201: s.OrganisationSerializer})
    def create(self, request: Request) -> Response:
        """Enter an organisation as an applicant; the asker becomes its first member."""
        ref = use_cases.apply_to_trade(
            username=request.user.get_username(),
            by=self.actor.by,
            at=clock.now(),
            **read(s.ApplicationSerializer, request),
        )
        mine = queries.organisations_of(request.user.get_username())
        return Response(self.get_serializer(mine.get(ref=ref)).data, status=201)

    @extend_schema(responses=s.CardSerializer)
    @action(detail=True, methods=["get"])
    def card(self, request: Request, ref: str) -> Response:
        """What every member of the market may know of a verified organisation."""
        row = queries.cards_for(self.actor).filter(ref=ref).first()
        if row is None:
            raise NotFound(what="organisation", ref=ref)
        return Response(s.CardSerializer(row).data)

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"], permission_classes=[IsAdminUser])
    def verify(self, request: Request, ref: str) -> Response:
        """Staff let an applicant trade."""
        return self.take(use_cases.verify_organisation, "organisation_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"], permission_classes=[IsAdminUser])
    def suspend(self, request: Request, ref: str) -> Response:
        """Staff take an organisation's right to act away."""
        return self.take(use_cases.suspend_organisation, "organisation_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"], permission_classes=[IsAdminUser])
    def reinstate(self, request: Request, ref: str) -> Response:
        """Staff give an organisation its rights back."""
        return self.take(use_cases.reinstate_organisation, "organisation_ref")

    @extend_schema(
        request={
            "multipart/form-data": {
                "type": "object",
                "properties": {"kind": {"type": "string"}, "file": {"type": "string", "format": "binary"}},
                "required": ["kind", "file"],
            }
        },
        responses={201: {"type": "object", "properties": {"sha256": {"type": "string"}}}},
    )
    @action(detail=True, methods=["post"], parser_classes=[parsers.MultiPartParser])
    def documents(self, request: Request, ref: str) -> Response:
        """Put a paper into the organisation's own verification file."""
        given, kind = request.FILES.get("file"), request.POST.get("kind", "")
        if given is None or isinstance(given, list) or not kind:
            raise ValidationError({"file": ["A file and its kind are needed."]})
        digest = use_cases.add_document(
            organisation_ref=self.get_object().ref,
            kind=kind[:40],
            file_name=str(given.name)[:200],
            media_type=str(given.content_type)[:100],
            content=given.read(),
            by=self.actor.by,
            at=clock.now(),
        )
        return Response({"sha256": digest}, status=201)


class MembershipViewSet(KeyedWrites, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """Who may act for the asker's organisation."""

    serializer_class = s.MembershipSerializer
    pagination_class = TenantViewSet.pagination_class
    lookup_field = "username"
    lookup_value_regex = r"[\w.@+-]+"

    def get_queryset(self) -> QuerySet[Any]:
        return queries.memberships_for(actor_of(self.request))

    @extend_schema(request=s.NewMemberSerializer, responses={201: s.MembershipSerializer})
    def create(self, request: Request) -> Response:
        """An approver lets another person act for the organisation."""
        actor, given = actor_of(request), read(s.NewMemberSerializer, request)
        ref, limit = own_firm(actor, "approver"), given.pop("spending_limit_minor", None)
        currency = given.pop("currency")
        spending_limit = None if limit is None else Money.from_minor(limit, currency)
        use_cases.add_member(organisation_ref=ref, spending_limit=spending_limit, by=actor.by, at=clock.now(), **given)
        row = self.get_queryset().filter(organisation__ref=ref, user__username=given["username"]).get()
        return Response(self.get_serializer(row).data, status=201)

    @extend_schema(
        request=None,
        responses={204: None},
        parameters=[OpenApiParameter("username", str, OpenApiParameter.PATH)],
    )
    @action(detail=True, methods=["post"])
    def end(self, request: Request, username: str) -> Response:
        """An approver lets a person act for the organisation no more."""
        actor = actor_of(request)
        ref = own_firm(actor, "approver")
        use_cases.end_membership(organisation_ref=ref, username=username, by=actor.by, at=clock.now())
        return Response(status=204)


class SiteViewSet(TenantViewSet):
    """Where the asker's organisation receives or makes."""

    serializer_class = s.SiteSerializer

    def get_queryset(self) -> QuerySet[Any]:
        return queries.sites_for(self.actor)

    def create(self, request: Request) -> Response:
        """A member enters a place of the organisation."""
        ref = use_cases.add_site(
            organisation_ref=own_firm(self.actor, "requester"),
            by=self.actor.by,
            at=clock.now(),
            **read(s.SiteSerializer, request),
        )
        return Response(self.get_serializer(self.get_queryset().get(ref=ref)).data, status=201)


class BankAccountViewSet(TenantViewSet):
    """Where the asker's organisation is paid: the account in force, the change that waits, the past ones."""

    serializer_class = s.BankAccountSerializer

    def get_queryset(self) -> QuerySet[Any]:
        return queries.bank_accounts_for(self.actor)

    @extend_schema(request=s.NewBankAccountSerializer, responses={201: s.BankAccountSerializer})
    def create(self, request: Request) -> Response:
        """Name the account to be paid to; a change waits for another person, then for 48 hours."""
        ref = use_cases.set_bank_account(
            organisation_ref=own_firm(self.actor, "finance"),
            by=self.actor.by,
            at=clock.now(),
            **read(s.NewBankAccountSerializer, request),
        )
        return Response(self.get_serializer(self.get_queryset().get(ref=ref)).data, status=201)

    def _must_keep_the_books(self) -> None:
        if not self.actor.staff:
            self.actor.must("finance")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, ref: str) -> Response:
        """Another person confirms a change."""
        self._must_keep_the_books()
        return self.take(use_cases.confirm_bank_account, "bank_account_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, ref: str) -> Response:
        """Turn a change down, or take it back."""
        self._must_keep_the_books()
        return self.take(use_cases.refuse_bank_account, "bank_account_ref")


class NotificationViewSet(KeyedWrites, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """What the asker's organisation was told, newest first."""

    serializer_class = s.NotificationSerializer
    pagination_class = TenantViewSet.pagination_class

    def get_queryset(self) -> QuerySet[Any]:
        return queries.notifications_for(actor_of(self.request))

    @extend_schema(request=s.UpToSerializer, responses={200: {"type": "object"}})
    @action(detail=False, methods=["post"], url_path="read")
    def mark_read(self, request: Request) -> Response:
        """Mark everything up to one of them as read."""
        actor = actor_of(request)
        given = read(s.UpToSerializer, request)
        count = use_cases.mark_read(organisation_ref=actor.organisation, by=actor.by, at=clock.now(), **given)
        return Response({"marked": count})


class TokenView(LoginView):  # type: ignore[misc]
    """Personal tokens for the API: `Authorization: Bearer <token>`."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    def get_authenticate_header(self, request: Request) -> str:
        return "Bearer"

    @extend_schema(request=s.CredentialsSerializer, responses=s.TokenSerializer, auth=[])
    def post(self, request: Request, format: str | None = None) -> Response:
        """Sign in by name and password and get a token; it is shown this once."""
        given = read(s.CredentialsSerializer, request)
        person = authenticate(request=request, **given)
        if person is None:
            raise AuthenticationFailed
        request.user = person
        answer: Response = super().post(request, format)
        return answer


class TokenEndView(LogoutView):  # type: ignore[misc]
    """The present token ends."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, format: str | None = None) -> Response:
        """End the token that this request carries."""
        answer: Response = super().post(request, format)
        return answer


class TokensEndView(LogoutAllView):  # type: ignore[misc]
    """Every token of the asker ends."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, format: str | None = None) -> Response:
        """End every token of mine."""
        answer: Response = super().post(request, format)
        return answer
