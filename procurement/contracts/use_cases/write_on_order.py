"""The parties of an order write to each other and add papers to it."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import F

from marketplace.foundation.attachments import check_attachment
from marketplace.kernel.refusals import BadValue, NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.contracts import models, queries
from procurement.contracts.rules import MOST_PAPER_BYTES, MOST_PAPERS, MOST_TEXT
from procurement.contracts.use_cases.loading import buyers_of, load_order, tell

WROTE = gettext_noop("A message was written on the order {order}.")
ADDED = gettext_noop("The document {file} was added to the order {order}.")


class OrderFull(Refusal):
    """An order carries so many documents and no more."""

    code = "order_full"
    words = gettext_noop("{order} carries {papers} documents; {most} of {most_mib} MiB in all is the most.")


@transaction.atomic
def write_message(*, order_ref: str, party_ref: str, text: str, buyer_ref: str = "", by: str, at: datetime) -> int:
    """Write a message on an order and return its row id.

    party_ref   whose message it is: the supplier, a buyer with a share in it, or '' for staff
    buyer_ref   the buyer it is to, of the supplier or staff; '' is to all. A buyer's own is to the supplier and staff

    :raises NotFound: no such order, or no such buyer in it.
    :raises NotAllowed: the party has no part in the order.
    :raises BadValue: nothing is said, or too much.
    """
    if not text.strip() or len(text) > MOST_TEXT:
        raise BadValue(place="text", value=text[:40], reason=gettext_noop("between 1 and 2,000 characters are needed"))
    order, thread = load_order(order_ref), _thread(order_ref, party_ref, buyer_ref)
    message = models.OrderMessage.objects.create(
        order=order,
        buyer_id=thread,
        author_id=_id_of(party_ref),
        text=text.strip(),
        written_by=by,
        at=at,
    )
    tell(_readers(order, thread), WROTE, {"order": order_ref}, about=order_ref, at=at, but=party_ref)
    return message.pk


@transaction.atomic
def add_paper(
    *, order_ref: str, party_ref: str, file_name: str, content: bytes, buyer_ref: str = "", by: str, at: datetime
) -> int:
    """Add a document to an order and return its row id; parties as in `write_message`.

    :raises NotFound: no such order, or no such buyer in it.
    :raises NotAllowed: the party has no part in the order.
    :raises BadAttachment: a kind that is not taken, too large, with macros, scripts or bombs.
    :raises OrderFull: the order carries as many as it may.
    """
    order, thread = load_order(order_ref), _thread(order_ref, party_ref, buyer_ref)
    found = check_attachment(file_name, content)
    room = models.PurchaseOrder.objects.filter(
        pk=order.pk, papers__lt=MOST_PAPERS, papers_size__lte=MOST_PAPER_BYTES - len(content)
    )
    if not room.update(papers=F("papers") + 1, papers_size=F("papers_size") + len(content)):
        raise OrderFull(order=order_ref, papers=order.papers, most=MOST_PAPERS, most_mib=MOST_PAPER_BYTES >> 20)
    paper = models.OrderPaper.objects.create(
        order=order,
        buyer_id=thread,
        author_id=_id_of(party_ref),
        file_name=found.file_name,
        media_type=found.media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        added_by=by,
        at=at,
    )
    facts = {"order": order_ref, "file": found.file_name}
    tell(_readers(order, thread), ADDED, facts, about=order_ref, at=at, but=party_ref)
    return paper.pk


def _thread(order_ref: str, party_ref: str, buyer_ref: str) -> int | None:
    """Return the row id of the buyer in whose thread it stands, None: to all."""
    view = queries.order(order_ref)
    buyers = {member.buyer_ref: member.buyer_id for line in view.lines for member in line.members}
    side = queries.side_of(view, party_ref)
    if side == "buyer":
        return buyers[party_ref]
    if buyer_ref and buyer_ref not in buyers:
        raise NotFound(what="buyer", ref=buyer_ref)
    return buyers[buyer_ref] if buyer_ref else None


def _id_of(party_ref: str) -> int | None:
    return parties.organisation(party_ref).id if party_ref else None


def _readers(order: models.PurchaseOrder, thread: int | None) -> set[str]:
    buyers = buyers_of(order)
    return {order.supplier.ref, *(ref for pk, ref in buyers.items() if thread in {None, pk})}
