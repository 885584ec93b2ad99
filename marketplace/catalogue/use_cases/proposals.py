"""What is proposed is reviewed by somebody else: published, sent back, withdrawn."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.catalogue import models
from marketplace.catalogue.states import WAITING, SubstituteState
from marketplace.catalogue.use_cases.definitions import publish_definitions
from marketplace.catalogue.use_cases.governed import (
    Governed,
    SameEyes,
    StaleVersion,
    load_proposal,
    must_tell,
    thing_of,
)
from marketplace.catalogue.use_cases.product_versions import publish_version
from marketplace.catalogue.use_cases.substitutes import publish_substitute


@transaction.atomic
def publish_proposal(*, proposal_ref: str, by: str, at: datetime, why: str = "") -> int:
    """Review a proposal and let it be the version in force; return that version's number.

    :raises NotFound: there is no such proposal.
    :raises SameEyes: `by` proposed it.
    :raises StaleVersion: another version came into force since it was proposed.
    :raises IllegalMove: it does not wait for a review.
    :raises StaleWrite: somebody else took a step meanwhile.
    :raises WrongAttributes, BadValue: a product's new version does not fit its category.
    :raises DefinitionConflicts: products do not fit a category's new definitions.
    :raises NotInUse: a product of a substitute is not traded any more.
    """
    proposal = load_proposal(proposal_ref)
    thing = thing_of(proposal)
    proposal.machine.after(proposal.state, "publish")
    if by == proposal.proposed_by:
        raise SameEyes(by=by)
    if proposal.base_version != thing.version:
        raise StaleVersion(proposal=proposal.ref, base=proposal.base_version, now=thing.version)
    proposal.move("publish", by=by, at=at, why=why, decided_by=by, decided_at=at)
    _publish(load_proposal(proposal_ref), thing, by, at)
    return proposal.base_version + 1


@transaction.atomic
def send_back_proposal(*, proposal_ref: str, by: str, at: datetime, why: str) -> None:
    """Send a proposal back to whoever made it, as a draft, with the reason.

    :raises IllegalMove: it does not wait for a review.
    :raises BadValue: no reason is given.
    """
    must_tell(why)
    load_proposal(proposal_ref).move("send_back", by=by, at=at, why=why, decided_by=by, decided_at=at)


@transaction.atomic
def propose_draft(*, proposal_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Hand a draft in for review as it is; from now on `by` is who proposed it.

    :raises IllegalMove: it is no draft.
    """
    load_proposal(proposal_ref).move("propose", by=by, at=at, why=why, proposed_by=by, proposed_at=at)


@transaction.atomic
def withdraw_proposal(*, proposal_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Take a proposal off the table: whoever made it, or whoever would have reviewed it.

    :raises IllegalMove: it was decided before.
    """
    proposal = load_proposal(proposal_ref)
    proposal.move("withdraw", by=by, at=at, why=why, decided_by=by, decided_at=at)
    agreement = proposal.substitute
    if agreement is None or agreement.state != SubstituteState.PROPOSED.value:
        return
    waiting = models.Proposal.objects.filter(substitute=agreement, state__in=WAITING)
    if not waiting.exists():
        agreement.move("withdraw", by=by, at=at, why=why)


def _publish(proposal: models.Proposal, thing: Governed, by: str, at: datetime) -> None:
    if isinstance(thing, models.Substitute):
        publish_substitute(proposal, thing, by=by, at=at)
    elif isinstance(thing, models.Product):
        publish_version(proposal, thing, by=by, at=at)
    else:
        publish_definitions(proposal, thing, by=by, at=at)
