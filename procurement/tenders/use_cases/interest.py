"""Who wants to hear of a tender, and telling them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from marketplace.parties import queries as parties
from marketplace.parties import use_cases as parties_
from procurement.tenders import models
from procurement.tenders.states import InvitationState
from procurement.tenders.use_cases.loading import bidder, published_to


@transaction.atomic
def show_interest(*, tender_ref: str, supplier_ref: str, by: str, at: datetime) -> None:
    """Let a supplier hear what happens to a tender; twice is once.

    :raises NotFound: no such tender, or none that this supplier may know of.
    :raises NotAllowed: the organisation is no verified supplier or factory.
    """
    supplier = bidder(supplier_ref)
    note_interest(published_to(tender_ref, supplier), supplier, at=at)


def note_interest(tender: models.Tender, supplier: parties.OrganisationView, *, at: datetime) -> None:
    """Remember that the supplier looks at the tender, not for which reason; in the caller's transaction."""
    models.Interest.objects.get_or_create(
        tender=tender, supplier_id=supplier.id, defaults={"supplier_ref": supplier.ref, "since": at}
    )


def tell_interested(tender: models.Tender, text: str, *, at: datetime, **facts: str) -> None:
    """Tell everybody who is interested or invited, in the order of their refs, which says nothing about them."""
    refs = set(models.Interest.objects.filter(tender=tender).values_list("supplier_ref", flat=True))
    invited = tender.invitations.filter(state=InvitationState.INVITED.value).values_list("supplier__ref", flat=True)
    tell(tender, refs | set(invited), text, at=at, **facts)


def tell(tender: models.Tender, refs: Iterable[str], text: str, *, at: datetime, **facts: str) -> None:
    """Tell these organisations something about the tender (`text`: a template of `rules.words`)."""
    for ref in sorted(set(refs)):
        parties_.notify(
            organisation_ref=ref, text=text, facts={"tender": tender.ref, **facts}, about_ref=tender.ref, at=at
        )
