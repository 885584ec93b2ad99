"""Papers of a tender: looked at before they are kept, and covered by the hash of its terms."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.tenders import models
from procurement.tenders.rules.papers import examine
from procurement.tenders.rules.texts import checked_text
from procurement.tenders.use_cases.loading import load_tender


class PaperKnown(Refusal):
    """The same bytes stand in the tender already."""

    code = "paper_known"
    words = gettext_noop("{file} is among the papers of {tender} already.")


@dataclass(frozen=True)
class Paper:
    """A file on its way into a tender."""

    title: str
    file_name: str
    content: bytes


@transaction.atomic
def add_document(*, tender_ref: str, title: str, file_name: str, content: bytes, by: str, at: datetime) -> str:
    """Put a paper into a draft and return its ref; a published tender takes papers by amendment alone.

    :raises NotFound: no such tender.
    :raises IllegalMove: it is no draft.
    :raises BadValue: a file of a kind, a size or a content that is refused, with the reason.
    :raises PaperKnown: the same file stands there already.
    """
    tender = load_tender(tender_ref)
    tender.move("edit", by=by, at=at, why=f"paper {file_name}"[:200])
    [ref] = keep_papers(tender, [Paper(title, file_name, content)], amendment=None, by=by, at=at)
    return ref


def keep_papers(
    tender: models.Tender,
    papers: Sequence[Paper],
    *,
    amendment: models.Amendment | None,
    by: str,
    at: datetime,
) -> list[str]:
    """Examine papers and keep all of them or none; return their refs. In the caller's transaction."""
    return [_keep(tender, one, amendment, by, at) for one in papers]


def _keep(tender: models.Tender, paper: Paper, amendment: models.Amendment | None, by: str, at: datetime) -> str:
    name = checked_text("file_name", paper.file_name, 200)
    row = models.TenderDocument(
        tender=tender,
        amendment=amendment,
        title=checked_text("title", paper.title or name, 200),
        file_name=name,
        kind=examine(name, paper.content),
        size=len(paper.content),
        sha256=hashlib.sha256(paper.content).hexdigest(),
        content=paper.content,
        added_by=by,
        added_at=at,
    )
    try:
        with transaction.atomic():
            row.ref = events_.next_ref("DC", at=at)
            row.save(force_insert=True)
    except IntegrityError:
        raise PaperKnown(file=name, tender=tender.ref) from None
    return row.ref


@transaction.atomic
def remove_document(*, document_ref: str, by: str, at: datetime) -> None:
    """Take a paper out of a draft; what was published stays.

    :raises NotFound: no such paper.
    :raises IllegalMove: its tender is no draft.
    """
    row = models.TenderDocument.objects.select_related("tender").filter(ref=document_ref).first()
    if row is None:
        raise NotFound(what="document", ref=document_ref)
    row.tender.move("edit", by=by, at=at, why=f"without paper {row.file_name}"[:200])
    row.delete()
