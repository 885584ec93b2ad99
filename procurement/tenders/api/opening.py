"""Key holders, their shares, and openings over HTTP. The body of a share is read in memory and kept nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import TenantViewSet, WhySerializer, read
from marketplace.kernel import clock
from marketplace.kernel.refusals import NotAllowed
from procurement.tenders import queries, use_cases
from procurement.tenders.serializers import opening as s


class _Told(TenantViewSet):
    """Serializers are told who asks."""

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "actor": self.actor}

    def must_be_staff(self) -> None:
        if not self.actor.staff:
            raise NotAllowed(why="staff only")


class KeyHolders(_Told):
    """Keys of the persons who hold shares of tenders' keys: one's own, for staff all."""

    serializer_class = s.KeyHolderOut

    def get_queryset(self) -> Any:
        return queries.holders_for(self.actor)

    @extend_schema(request=s.KeyHolderIn, responses={201: s.KeyHolderOut})
    def create(self, request: Request) -> Response:
        """Propose a public key, one's own; staff may for another. Another person confirms it."""
        given = read(s.KeyHolderIn, request)
        person = f"user:{given['person']}" if given["person"] else self.actor.by
        if person != self.actor.by:
            self.must_be_staff()
        ref = use_cases.propose_holder_key(
            person=person, name=given["name"], public_key=given["public_key"], by=self.actor.by, at=clock.now()
        )
        return Response(self.get_serializer(self.get_queryset().get(ref=ref)).data, status=201)

    @extend_schema(request=None, responses=s.KeyHolderOut)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, ref: str) -> Response:
        """Confirm a key that another person proposed; staff only, and not its holder."""
        return self._by_staff(use_cases.confirm_holder_key)

    @extend_schema(request=WhySerializer, responses=s.KeyHolderOut)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, ref: str) -> Response:
        """Refuse a proposed key; staff only."""
        return self._by_staff(use_cases.refuse_holder_key, **read(WhySerializer, request))

    @extend_schema(request=WhySerializer, responses=s.KeyHolderOut)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, ref: str) -> Response:
        """Name this holder in no tender any more; staff only."""
        return self._by_staff(use_cases.retire_holder_key, **read(WhySerializer, request))

    def _by_staff(self, deed: Callable[..., object], **more: Any) -> Response:
        holder = self.get_object()
        self.must_match(holder.revision)
        self.must_be_staff()
        deed(holder_ref=holder.ref, by=self.actor.by, at=clock.now(), **more)
        holder.refresh_from_db()
        return Response(self.get_serializer(holder).data, headers={"ETag": f'"{holder.revision}"'})


class KeyShares(_Told):
    """The shares that were dealt to the asker; staff see where all of them are."""

    serializer_class = s.KeyShareOut

    def get_queryset(self) -> Any:
        return queries.shares_for(self.actor)

    @extend_schema(responses=s.SealedShareOut)
    @action(detail=True, methods=["get"])
    def sealed(self, request: Request, ref: str) -> Response:
        """The sealed file, until its holder has said to have it."""
        return Response(json.loads(queries.sealed_share(self.get_object())))

    @extend_schema(request=s.TokenIn, responses=s.KeyShareOut)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, ref: str) -> Response:
        """Say that one has the share, by the word that the holder's tool shows; the sealed file is erased here."""
        share = self.get_object()
        use_cases.acknowledge_share(share_ref=share.ref, by=self.actor.by, at=clock.now(), **read(s.TokenIn, request))
        share.refresh_from_db()
        return Response(self.get_serializer(share).data)


class Openings(_Told):
    """How each tender is opened, who holds its key, and what was published of the opening."""

    serializer_class = s.OpeningOut

    def get_queryset(self) -> Any:
        return queries.openings_for(self.actor)

    @extend_schema(request=s.HoldersIn, responses=s.OpeningOut)
    @action(detail=True, methods=["post"], url_path="name-holders")
    def name_holders(self, request: Request, ref: str) -> Response:
        """Name who holds a draft's key and how many open the box; staff only."""
        tender = self.get_object()
        self.must_match(tender.revision)
        self.must_be_staff()
        given = read(s.HoldersIn, request)
        use_cases.name_key_holders(
            tender_ref=ref, holder_refs=given["holders"], needed=given["needed"], by=self.actor.by, at=clock.now()
        )
        return Response(self.get_serializer(self.get_queryset().get(ref=ref)).data)

    @extend_schema(request=s.ShareFileIn, responses=s.SessionOut)
    @action(detail=True, methods=["post"], url_path="hand-in")
    @sensitive_variables()
    def hand_in(self, request: Request, ref: str) -> Response:
        """Hand in one's share once the tender is closed; with the last one needed the box opens."""
        self.get_object()
        file = json.dumps(read(s.ShareFileIn, request))
        session = use_cases.hand_in_share(tender_ref=ref, file=file, by=self.actor.by, at=clock.now())
        return Response(s.SessionOut(session).data)

    @extend_schema(responses=s.RecordOut)
    @action(detail=True, methods=["get"])
    def record(self, request: Request, ref: str) -> Response:
        """The signed record of the opening: root, every commitment and its verdict; no price and no supplier."""
        return Response(queries.opening_record(self.get_object()))
