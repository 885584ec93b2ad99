"""The catalogue at the API's door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.catalogue import queries, use_cases
from marketplace.catalogue import serializers as s
from marketplace.catalogue.filters import CategoryFilter, ProductFilter, ProposalFilter, SubstituteFilter
from marketplace.foundation.api import KeyedWrites, TenantViewSet, WhySerializer, actor_of, read
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Rate


class CategoryViewSet(KeyedWrites, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """The tree of what is traded, with the attributes and the standing rule of each branch."""

    serializer_class = s.CategorySerializer
    filterset_class = CategoryFilter
    pagination_class = TenantViewSet.pagination_class
    lookup_field = "code"
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[Any]:
        return queries.categories()

    def get_permissions(self) -> Any:
        staff_only = self.action == "create" or self.request.method == "POST"
        return [IsAdminUser()] if staff_only else super().get_permissions()

    @extend_schema(request=s.NewCategorySerializer, responses={201: s.CategorySerializer})
    def create(self, request: Request) -> Response:
        """Staff add a branch."""
        given = read(s.NewCategorySerializer, request)
        code = use_cases.register_category(by=actor_of(request).by, at=clock.now(), **given)
        return Response(self.get_serializer(self.get_queryset().get(code=code)).data, status=201)

    @extend_schema(methods=["GET"], responses=s.RuleChangeSerializer(many=True), filters=False)
    @extend_schema(methods=["POST"], request=s.StandingRuleSerializer, responses=s.CategorySerializer)
    @action(detail=True, methods=["get", "post"], url_path="standing-rule", filterset_class=None, pagination_class=None)
    def standing_rule(self, request: Request, code: str) -> Response:
        """Every change of the rule by which the category's pools run, oldest first; staff change it by POST."""
        branch = self.get_object()
        if request.method == "POST":
            given = read(s.StandingRuleSerializer, request)
            use_cases.set_standing_rule(category_code=code, by=actor_of(request).by, at=clock.now(), **given)
            branch.refresh_from_db()
            return Response(self.get_serializer(branch).data)
        told = s.RuleChangeSerializer(queries.rule_changes(branch.code), many=True).data
        who = {} if actor_of(request).staff else {"by": ""}
        return Response([{**row, **who} for row in told])

    @extend_schema(methods=["GET"], responses=s.DefinitionsSerializer)
    @extend_schema(methods=["POST"], request=s.NewDefinitionsSerializer, responses={201: s.ProposalSerializer})
    @action(detail=True, methods=["get", "post"])
    def attributes(self, request: Request, code: str) -> Response:
        """The attributes of the category's products; staff propose other definitions by POST."""
        branch = self.get_object()
        if request.method == "POST":
            given = read(s.NewDefinitionsSerializer, request)
            ref = use_cases.propose_definitions(category_code=code, by=actor_of(request).by, at=clock.now(), **given)
            return Response(_proposal(ref), status=201)
        holding = queries.definitions_of([branch.pk])[branch.pk]
        told = {"version": branch.version, "own": branch.attributes, "attributes": holding}
        return Response(s.DefinitionsSerializer(told).data)

    @extend_schema(responses=s.VersionSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def versions(self, request: Request, code: str) -> Response:
        """Every version of what the category defines itself, oldest first."""
        return Response(_versions(queries.versions_of_category(self.get_object().code), actor_of(request)))


class ProductViewSet(TenantViewSet):
    """What is traded: products in use; staff see drafts and retired ones too."""

    serializer_class = s.ProductSerializer
    filterset_class = ProductFilter

    def get_queryset(self) -> QuerySet[Any]:
        return queries.products_for(self.actor)

    def get_permissions(self) -> Any:
        staff_only = {"create", "review", "retire", "restore", "identifiers", "merge", "split", "duplicates"}
        proposes = self.request.method == "POST" and self.action in {"versions", "substitutes"}
        return [IsAdminUser()] if self.action in staff_only or proposes else super().get_permissions()

    def get_object(self) -> Any:
        """Return the product that the address names, or the one that was kept where it was merged; staff see both."""
        if not self.actor.staff:
            self.kwargs["ref"] = queries.current_ref(self.kwargs["ref"])
        return super().get_object()

    @extend_schema(request=s.NewProductSerializer, responses={201: s.ProductSerializer})
    def create(self, request: Request) -> Response:
        """Staff enter a product as a draft."""
        given = read(s.NewProductSerializer, request)
        ref = use_cases.register_product(by=self.actor.by, at=clock.now(), **given)
        return Response(self.get_serializer(self.get_queryset().get(ref=ref)).data, status=201)

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, ref: str) -> Response:
        """Staff let a draft be traded."""
        return self.take(use_cases.review_product, "product_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, ref: str) -> Response:
        """Staff take a product out of use."""
        return self.take(use_cases.retire_product, "product_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, ref: str) -> Response:
        """Staff bring a retired product back as a draft."""
        return self.take(use_cases.restore_product, "product_ref")

    @extend_schema(methods=["GET"], responses=s.VersionSerializer(many=True), filters=False)
    @extend_schema(methods=["POST"], request=s.NewVersionSerializer, responses={201: s.ProposalSerializer})
    @action(detail=True, methods=["get", "post"], filterset_class=None, pagination_class=None)
    def versions(self, request: Request, ref: str) -> Response:
        """Every version of the product, oldest first, the last in force; staff propose the next by POST."""
        thing = self.get_object()
        if request.method != "POST":
            return Response(_versions(queries.versions_of_product(thing.ref), self.actor))
        self.must_match(thing.revision)
        given = read(s.NewVersionSerializer, request)
        how = {name: given.pop(name) for name in ("draft", "proposal_ref", "why")}
        made = use_cases.propose_version(product_ref=thing.ref, changes=given, by=self.actor.by, at=clock.now(), **how)
        return Response(_proposal(made), status=201)

    @extend_schema(methods=["GET"], responses=s.ReplacementSerializer(many=True), filters=False)
    @extend_schema(methods=["POST"], request=s.NewSubstituteSerializer, responses={201: s.ProposalSerializer})
    @action(detail=True, methods=["get", "post"], filterset_class=None, pagination_class=None)
    def substitutes(self, request: Request, ref: str) -> Response:
        """What may replace the product, as agreed; staff propose another, or other terms, by POST."""
        thing = self.get_object()
        if request.method != "POST":
            return Response(s.ReplacementSerializer(queries.substitutes_of(thing.pk), many=True).data)
        given = read(s.NewSubstituteSerializer, request)
        made = use_cases.propose_substitute(product_ref=thing.ref, by=self.actor.by, at=clock.now(), **given)
        return Response(_proposal(made), status=201)

    @extend_schema(request=s.MergeSerializer, responses=s.ProductSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, ref: str) -> Response:
        """Staff let this product answer for another from now on."""
        thing = self.get_object()
        self.must_match(thing.revision)
        given = read(s.MergeSerializer, request)
        use_cases.merge_products(keep_ref=thing.ref, by=self.actor.by, at=clock.now(), **given)
        thing.refresh_from_db()
        return Response(self.get_serializer(thing).data)

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def split(self, request: Request, ref: str) -> Response:
        """Staff undo a merge: this product answers for itself again."""
        return self.take(use_cases.split_product, "product_ref")

    @extend_schema(responses=s.CandidatesSerializer(many=True), filters=False)
    @action(detail=False, methods=["get"], filterset_class=None, pagination_class=None)
    def duplicates(self, request: Request) -> Response:
        """Products that may be one, for staff to judge: at most a hundred groups."""
        return Response(s.CandidatesSerializer(queries.duplicate_candidates(), many=True).data)

    @extend_schema(request=s.NewIdentifierSerializer, responses={201: {"type": "object"}})
    @action(detail=True, methods=["post"])
    def identifiers(self, request: Request, ref: str) -> Response:
        """Staff note a name by which others know the product; a doubt about it is answered, not refused."""
        given = read(s.NewIdentifierSerializer, request)
        doubt = use_cases.add_identifier(product_ref=self.get_object().ref, by=self.actor.by, at=clock.now(), **given)
        return Response({**given, "doubt": doubt}, status=201)

    @extend_schema(methods=["GET"], responses=s.TierSerializer(many=True), filters=False)
    @extend_schema(methods=["POST"], request=s.PriceListSerializer, responses=s.TierSerializer(many=True))
    @action(detail=True, methods=["get", "post"], url_path="price-list", filterset_class=None, pagination_class=None)
    def price_list(self, request: Request, ref: str) -> Response:
        """The published price steps; a supplier publishes its own by POST."""
        thing = self.get_object()
        if request.method == "POST":
            self.actor.must("supplier")
            tiers = [
                use_cases.Tier(tier["from_quantity"], Rate(tier["unit_price"], tier["currency"]))
                for tier in read(s.PriceListSerializer, request)["tiers"]
            ]
            use_cases.publish_price_list(
                product_ref=ref, supplier_ref=self.actor.organisation, tiers=tiers, by=self.actor.by, at=clock.now()
            )
        steps = queries.price_list(thing.pk, request.query_params.get("currency", "CNY"))
        rows = [{"from_quantity": q, "unit_price": rate.amount, "currency": rate.currency} for q, rate in steps]
        return Response(s.TierSerializer(rows, many=True).data)


class SubstituteViewSet(TenantViewSet):
    """That one product may be replaced by another, as agreed; what waits for its first review is seen by staff."""

    serializer_class = s.SubstituteSerializer
    filterset_class = SubstituteFilter

    def get_queryset(self) -> QuerySet[Any]:
        return queries.substitutes_for(self.actor)

    def get_permissions(self) -> Any:
        return [IsAdminUser()] if self.action == "withdraw" else super().get_permissions()

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, ref: str) -> Response:
        """Staff end an agreement."""
        return self.take(use_cases.withdraw_substitute, "substitute_ref")

    @extend_schema(responses=s.VersionSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def versions(self, request: Request, ref: str) -> Response:
        """Every version of what was agreed, oldest first."""
        return Response(_versions(queries.versions_of_substitute(self.get_object().ref), self.actor))


class ProposalViewSet(TenantViewSet):
    """Changes of master data on their way to a version; for staff, and whoever proposed one does not review it."""

    serializer_class = s.ProposalSerializer
    filterset_class = ProposalFilter

    def get_queryset(self) -> QuerySet[Any]:
        return queries.proposals()

    def get_permissions(self) -> Any:
        return [IsAdminUser()]

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, ref: str) -> Response:
        """Let it be the version in force."""
        return self.take(use_cases.publish_proposal, "proposal_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, ref: str) -> Response:
        """Send it back as a draft, with a reason."""
        return self.take(use_cases.send_back_proposal, "proposal_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def propose(self, request: Request, ref: str) -> Response:
        """Hand a draft in for review."""
        return self.take(use_cases.propose_draft, "proposal_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, ref: str) -> Response:
        """Take it off the table."""
        return self.take(use_cases.withdraw_proposal, "proposal_ref")

    @extend_schema(responses=s.ConflictSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def conflicts(self, request: Request, ref: str) -> Response:
        """Which products would keep proposed definitions from holding, and why."""
        thing = self.get_object()
        found = queries.conflicts_of(thing.ref) if thing.category_id else []
        return Response(s.ConflictSerializer(found, many=True).data)


def _proposal(ref: str) -> Any:
    return s.ProposalSerializer(queries.proposals().get(ref=ref)).data


def _versions(rows: Sequence[queries.VersionView], actor: Actor) -> Any:
    """Return versions as `actor` may see them: who proposed and reviewed is for staff."""
    shown = rows if actor.staff else [replace(row, proposed_by="", reviewed_by="") for row in rows]
    return s.VersionSerializer(shown, many=True).data
