"""Pools and commitments over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import TenantViewSet, WhySerializer, read
from marketplace.kernel import clock
from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import NotAllowed
from marketplace.parties import queries as parties
from procurement.pools import queries, use_cases
from procurement.pools.filters import CommitmentFilter, PoolFilter
from procurement.pools.serializers import CommitmentOut, JoinIn, OpenIn, PoolDetail, PoolOut
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
        ref = use_cases.open_pool(**read(OpenIn, request), by=self.actor.by, at=clock.now())
        return self._detail(self.get_queryset().get(ref=ref), status.HTTP_201_CREATED)

    @extend_schema(request=JoinIn, responses={201: CommitmentOut})
    @action(detail=True, methods=["post"])
    def join(self, request: Request, ref: str) -> Response:
        """Reserve a part of the pool: an approver by hand, a requester for an approved line of the own request."""
        pool = self.get_object()
        self.actor.must("buyer")
        given = read(JoinIn, request)
        if given["ceiling"] is not None:
            given["ceiling"] = Rate(given["ceiling"], pool.currency)
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


class Commitments(_Timed):
    """What one's own organisation has committed to pools."""

    serializer_class = CommitmentOut
    filterset_class = CommitmentFilter

    def get_queryset(self) -> Any:
        return queries.commitments_for(self.actor)

    @extend_schema(request=None, responses=CommitmentOut)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, ref: str) -> Response:
        """Give the reserved quantity back while the pool is open."""
        commitment = self.get_object()
        self.must_match(commitment.revision)
        self.actor.must("buyer")
        use_cases.leave_pool(commitment_ref=ref, by=self.actor.by, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)
