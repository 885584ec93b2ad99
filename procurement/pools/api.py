"""Pools and commitments over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import TenantViewSet, WhySerializer, read
from marketplace.kernel import clock
from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import NotAllowed, NotFound
from marketplace.parties import queries as parties
from procurement.engines.packs import Share
from procurement.engines.reasons import Reason
from procurement.engines.wants import Level
from procurement.pools import queries, use_cases
from procurement.pools.filters import CommitmentFilter, PoolFilter
from procurement.pools.serializers import (
    ChangeIn,
    CommitmentOut,
    HistoryOut,
    JoinIn,
    LessIn,
    MoreIn,
    OfferedOut,
    OpenIn,
    PoolDetail,
    PoolOut,
    PreviewIn,
    PreviewOut,
    PriorityIn,
    TakeOverIn,
    explain,
)
from procurement.pools.states import JOINABLE


class _Timed(TenantViewSet):
    """Serializers are told who asks and when, for the verbs open to them."""

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "actor": self.actor, "at": clock.now()}


class Pools(_Timed):
    """Open pools, and those one stands in: what they gathered, what is missing, and what one may do."""

    serializer_class = PoolOut
    filterset_class = PoolFilter

    def get_queryset(self) -> Any:
        return queries.pools_for(self.actor)

    @extend_schema(responses=PoolDetail)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._detail(self.get_object())

    def _detail(self, pool: Any, code: int = status.HTTP_200_OK) -> Response:
        """Answer with a pool, its live figures, and the asker's own part in it; never with others' names."""
        context = self.get_serializer_context()
        figures = queries.lives([pool], context["at"])
        pool.live = figures[pool.pk]
        pool.mine = queries.own_part(self.actor, pool.ref)
        pool.clearing = queries.clearings([pool], figures).get(pool.pk) if pool.state in JOINABLE else None
        pool.preview = queries.previews(pool)
        context["own"] = {one.ref for one in pool.mine}
        body = PoolDetail(pool, context=context).data
        return Response(body, status=code, headers={"ETag": f'"{pool.revision}"'})

    @extend_schema(request=OpenIn, responses={201: PoolDetail})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Open a pool by the standing rule of the product's category."""
        if not self.actor.staff:
            self.actor.must("buyer")
        given = read(OpenIn, request)
        hubs = [use_cases.Hub(**hub) for hub in given.pop("hubs", [])]
        ref = use_cases.open_pool(**given, hubs=hubs, by_buyer=not self.actor.staff, by=self.actor.by, at=clock.now())
        return self._detail(self.get_queryset().get(ref=ref), status.HTTP_201_CREATED)

    @extend_schema(request=JoinIn, responses={201: CommitmentOut})
    @action(detail=True, methods=["post"])
    def join(self, request: Request, ref: str) -> Response:
        """Reserve a part of the pool: an approver by hand, a requester for an approved line of the own request."""
        pool = self.get_object()
        self.actor.must("buyer")
        given = read(JoinIn, request)
        given["ceiling"] = _rate(given["ceiling"], pool.currency)
        given["curve"] = [Level(level["price"], level["quantity"]) for level in given.get("curve", [])]
        self.actor.must("approver" if given["line_id"] is None else "requester")
        commitment = use_cases.join_pool(
            pool_ref=ref,
            buyer_ref=self.actor.organisation,
            spending_limit=parties.spending_limit(request.user.get_username(), self.actor.organisation),
            **given,
            by=self.actor.by,
            at=clock.now(),
        )
        mine = queries.commitments_for(self.actor).get(ref=commitment)
        return Response(CommitmentOut(mine, context=self.get_serializer_context()).data, status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[PreviewIn], responses=PreviewOut)
    @action(detail=True, methods=["get"])
    def preview(self, request: Request, ref: str) -> Response:
        """Say what the pool would order if it froze now and what the asker would get; or if only so much came."""
        self.get_object()
        asked = PreviewIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        plan = queries.preview(ref, clock.now(), available=asked.validated_data["available"])
        mine = {row.ref for row in queries.own_part(self.actor, ref)}
        shares = [_share(name, share) for name, share in plan.shares.items() if name in mine]
        body = {"ordered": plan.ordered, "rule": plan.rule, **_said(plan.why), "shares": shares}
        return Response(PreviewOut(body).data)

    @extend_schema(responses=HistoryOut(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def changes(self, request: Request, ref: str) -> Response:
        """List how one's own organisation changed what it wants of the pool, each with its time."""
        self.get_object()
        return Response(HistoryOut(queries.changes_of(self.actor, ref), many=True).data)

    @extend_schema(responses=OfferedOut(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def offered(self, request: Request, ref: str) -> Response:
        """List the places of the frozen pool that may be taken over."""
        self._bound_pool(ref)
        return Response(OfferedOut(queries.offered(ref), many=True).data)

    @extend_schema(request=TakeOverIn, responses={201: CommitmentOut(many=True)})
    @action(detail=True, methods=["post"], pagination_class=None, filterset_class=None)
    def take_over(self, request: Request, ref: str) -> Response:
        """Take over the place of a bound member that offers it; the own deposit is held first."""
        self._bound_pool(ref)
        self.actor.must("approver")
        given = read(TakeOverIn, request)
        if not queries.offered(ref).filter(ref=given["commitment_ref"]).exists():
            raise NotFound(what="offered place", ref=given["commitment_ref"])
        fresh = use_cases.replace_buyer(
            **given,
            buyer_ref=self.actor.organisation,
            spending_limit=parties.spending_limit(request.user.get_username(), self.actor.organisation),
            by=self.actor.by,
            at=clock.now(),
        )
        rows = queries.commitments_for(self.actor).filter(ref__in=fresh).order_by("entry")
        body = CommitmentOut(rows, many=True, context=self.get_serializer_context()).data
        return Response(body, status=status.HTTP_201_CREATED)

    def _bound_pool(self, ref: str) -> None:
        """Pass for a verified buyer and a pool whose places may be offered, whether it stands in it or not."""
        self.actor.must("buyer")
        if not queries.with_offers().filter(ref=ref).exists():
            self.get_object()

    @extend_schema(request=WhySerializer, responses=PoolDetail)
    @action(detail=True, methods=["post"])
    def fill(self, request: Request, ref: str) -> Response:
        """Begin the filling phase; staff only."""
        self._staff_on(ref)
        use_cases.start_filling(pool_ref=ref, **read(WhySerializer, request), by=self.actor.by, at=clock.now())
        return self._detail(self.get_object())

    @extend_schema(request=WhySerializer, responses=PoolDetail)
    @action(detail=True, methods=["post"])
    def freeze(self, request: Request, ref: str) -> Response:
        """Freeze a pool before its time or at it; staff only."""
        self._staff_on(ref)
        use_cases.freeze_pool(pool_ref=ref, **read(WhySerializer, request), by=self.actor.by, at=clock.now())
        return self._detail(self.get_object())

    @extend_schema(request=WhySerializer, responses=PoolDetail)
    @action(detail=True, methods=["post"])
    def fail(self, request: Request, ref: str) -> Response:
        """End a pool that comes to nothing; staff only."""
        self._staff_on(ref)
        use_cases.fail_pool(pool_ref=ref, **read(WhySerializer, request), by=self.actor.by, at=clock.now())
        return self._detail(self.get_object())

    def _staff_on(self, ref: str) -> None:
        self.must_match(self.get_object().revision)
        if not self.actor.staff:
            raise NotAllowed(why="staff only")


def _rate(amount: Decimal | None, currency: str) -> Rate | None:
    return None if amount is None else Rate(amount, currency)


def _said(why: Reason) -> dict[str, Any]:
    return {"why": why.to_json(), "words": explain(why.to_json())}


def _share(ref: str, share: Share) -> dict[str, Any]:
    return {"commitment": ref, "quantity": share.quantity, **_said(share.why)}


class Commitments(_Timed):
    """What one's own organisation has committed to pools. The rows of one want change, leave and withdraw together."""

    serializer_class = CommitmentOut
    filterset_class = CommitmentFilter

    def get_queryset(self) -> Any:
        return queries.commitments_for(self.actor)

    @extend_schema(request=ChangeIn, responses=CommitmentOut)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, ref: str) -> Response:
        """Say how much is wanted in all from now on; answers with the row that was added, else with the oldest."""
        return self._changed(use_cases.change_commitment, ChangeIn)

    @extend_schema(request=MoreIn, responses=CommitmentOut)
    @action(detail=True, methods=["post"], url_path="raise", url_name="raise")
    def add(self, request: Request, ref: str) -> Response:
        """Want so much more, in a row that queues behind whoever came before."""
        return self._changed(use_cases.raise_commitment, MoreIn)

    def _changed(self, verb: Callable[..., str], form: type[serializers.Serializer[Any]]) -> Response:
        commitment = self._own()
        given = read(form, self.request)
        given["ceiling"] = _rate(given["ceiling"], commitment.currency)
        limit = parties.spending_limit(self.request.user.get_username(), self.actor.organisation)
        ref = verb(
            commitment_ref=commitment.ref,
            **given,
            spending_limit=limit,
            revision=self.matched(commitment.revision),
            by=self.actor.by,
            at=clock.now(),
        )
        return Response(self.get_serializer(self.get_queryset().get(ref=ref)).data)

    @extend_schema(request=LessIn, responses=CommitmentOut)
    @action(detail=True, methods=["post"])
    def lower(self, request: Request, ref: str) -> Response:
        """Want so much less; it is taken from the newest rows."""
        revision = self.matched(self._own().revision)
        given = read(LessIn, request)
        oldest = use_cases.lower_commitment(
            commitment_ref=ref, **given, revision=revision, by=self.actor.by, at=clock.now()
        )
        return Response(self.get_serializer(self.get_queryset().get(ref=oldest)).data)

    @extend_schema(request=None, responses=CommitmentOut)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, ref: str) -> Response:
        """Give back all that the want reserved while the pool is open."""
        self._own()
        use_cases.leave_pool(commitment_ref=ref, by=self.actor.by, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=WhySerializer, responses=CommitmentOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, ref: str) -> Response:
        """Go from a frozen pool before the award, for the pool's share of the deposit; an approver only."""
        self._own("approver")
        use_cases.withdraw_commitment(
            commitment_ref=ref, **read(WhySerializer, request), by=self.actor.by, at=clock.now()
        )
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=CommitmentOut)
    @action(detail=True, methods=["post"])
    def offer(self, request: Request, ref: str) -> Response:
        """Offer one's place in a frozen pool to whoever takes it over; an approver only."""
        self._own("approver")
        use_cases.offer_commitment(commitment_ref=ref, by=self.actor.by, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=PriorityIn, responses=CommitmentOut)
    @action(detail=True, methods=["post"])
    def priority(self, request: Request, ref: str) -> Response:
        """Say how early a want is served where its pool shares by priority; staff only."""
        self.must_match(self.get_object().revision)
        if not self.actor.staff:
            raise NotAllowed(why="staff only")
        use_cases.set_priority(commitment_ref=ref, **read(PriorityIn, request), by=self.actor.by, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)

    def _own(self, role: str = "") -> Any:
        """Return the commitment that the address names, when the asker may write on it: by hand as an approver."""
        self.actor.must("buyer")
        commitment = get_object_or_404(queries.commitments_for(self.member), ref=self.kwargs["ref"])
        self.must_match(commitment.revision)
        self.actor.must(role or ("approver" if commitment.line_id is None else "requester"))
        return commitment
