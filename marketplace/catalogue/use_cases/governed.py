"""What every governed thing shares: a proposal, another person who reviews it, and a version that stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marketplace.catalogue import events, models
from marketplace.catalogue.states import ProposalState
from marketplace.events.use_cases import next_ref, record
from marketplace.kernel.refusals import BadValue, NotFound, Refusal
from marketplace.kernel.words import gettext_noop

Governed = models.Product | models.Category | models.Substitute


class SameEyes(Refusal):
    """Whoever proposed it cannot review it."""

    code = "four_eyes"
    status = 403
    words = gettext_noop("{by} asked for this; another person must confirm it.")


class StaleVersion(Refusal):
    """What a proposal was decided on is no longer in force."""

    code = "stale_version"
    words = gettext_noop("{proposal} changes version {base}, and version {now} is in force. Propose it anew.")


class NothingChanges(Refusal):
    """A proposal that leaves everything as it is."""

    code = "nothing_changes"
    status = 400
    words = gettext_noop("Nothing would change in {subject}.")


def subject_of(thing: Governed) -> dict[str, Any]:
    """Return the column that names `thing` in a proposal or a version."""
    return {type(thing).__name__.lower(): thing}


def name_of(thing: Governed) -> str:
    """Return how people and facts name `thing`: its ref, a category's code."""
    return thing.code if isinstance(thing, models.Category) else thing.ref


def enter_proposal(
    thing: Governed, content: Mapping[str, Any], *, draft: bool, revises: str, by: str, at: datetime, why: str
) -> str:
    """Write down what is to change in `thing`, for another person to review, and return the proposal's ref.

    draft     whether it is not to be reviewed yet
    revises   the draft of a proposal for the same thing that this takes the place of, if any

    :raises BadValue: no reason is given, or the draft is about something else.
    :raises IllegalMove: what is to be revised is no draft.
    """
    must_tell(why)
    told = {"base_version": thing.version, "content": dict(content), "proposed_by": by, "proposed_at": at}
    told |= {"decided_by": "", "decided_at": None}
    if revises:
        row = load_proposal(revises)
        if thing_of(row) != thing:
            raise BadValue(place="proposal_ref", value=revises, reason=gettext_noop("it is about something else"))
        row.move("revise" if draft else "propose", by=by, at=at, why=why, **told)
        models.Proposal.objects.filter(pk=row.pk).update(why=why)
    else:
        state = (ProposalState.DRAFT if draft else ProposalState.PROPOSED).value
        row = models.Proposal(ref=next_ref("MD", at=at), state=state, why=why, **told, **subject_of(thing))
        row.save(force_insert=True)
    record(events.ProposalMade(row.ref, name_of(thing), thing.version), source_ref=row.ref, at=at)
    return row.ref


def next_versions(
    thing: Governed,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    number: int,
    proposal: models.Proposal,
    by: str,
    at: datetime,
) -> list[models.Version]:
    """Return the rows, not yet written, that keep version `number`; with it what stood before the first change.

    before, after   all that is governed of the thing, as JSON keeps it
    by              who reviewed it
    """
    made: dict[str, Any] = {"proposed_by": proposal.proposed_by, "reviewed_by": by, "at": at, "why": proposal.why}
    new = keep_version(thing, after, differences(before, after), number=number, proposal=proposal, **made)
    if number != 2 or not isinstance(thing, models.Product):
        return [new]
    who: dict[str, Any] = {"proposed_by": thing.registered_by, "reviewed_by": "", "at": thing.registered_at, "why": ""}
    return [keep_version(thing, before, {}, number=1, **who), new]


def keep_version(
    thing: Governed,
    content: Mapping[str, Any],
    changes: Mapping[str, Any],
    *,
    number: int,
    proposed_by: str,
    reviewed_by: str,
    at: datetime,
    why: str,
    proposal: models.Proposal | None = None,
) -> models.Version:
    """Return the row, not yet written, that keeps how `thing` stands from now on."""
    return models.Version(
        number=number,
        content=dict(content),
        changes=dict(changes),
        proposal=proposal,
        proposed_by=proposed_by,
        reviewed_by=reviewed_by,
        at=at,
        why=why,
        **subject_of(thing),
    )


def load_proposal(ref: str) -> models.Proposal:
    """Return the proposal named `ref` with what it is about.

    :raises NotFound: there is none.
    """
    rows = models.Proposal.objects.select_related("product__category", "category", "substitute__product")
    found = rows.select_related("substitute__replacement").filter(ref=ref).first()
    if found is None:
        raise NotFound(what="proposal", ref=ref)
    return found


def thing_of(proposal: models.Proposal) -> Governed:
    """Return what a proposal is about."""
    thing = proposal.product or proposal.category or proposal.substitute
    assert thing is not None, "the database holds of_one"  # noqa: S101
    return thing


def must_tell(why: str) -> None:
    """Pass when a reason is given.

    :raises BadValue: none is.
    """
    if not why.strip():
        raise BadValue(place="why", value=why, reason=gettext_noop("a reason is needed"))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return what differs: {name: [before, after]}, with None for what is not there."""
    names = dict.fromkeys([*before, *after])
    return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}
