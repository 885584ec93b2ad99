"""The catalogue at the API's door."""

from __future__ import annotations

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
from marketplace.catalogue.filters import CategoryFilter, ProductFilter
from marketplace.foundation.api import KeyedWrites, TenantViewSet, WhySerializer, actor_of, read
from marketplace.kernel import clock
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
        return Response(s.RuleChangeSerializer(queries.rule_changes(branch.code), many=True).data)


class ProductViewSet(TenantViewSet):
    """What is traded: products in use; staff see drafts and retired ones too."""

    serializer_class = s.ProductSerializer
    filterset_class = ProductFilter

    def get_queryset(self) -> QuerySet[Any]:
        return queries.products_for(self.actor)

    def get_permissions(self) -> Any:
        staff_only = {"create", "review", "retire", "restore", "identifiers"}
        return [IsAdminUser()] if self.action in staff_only else super().get_permissions()

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
