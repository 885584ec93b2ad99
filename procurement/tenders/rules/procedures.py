"""One engine, several procedures: the flags that are published with a tender, and the limits of its conditions.

open       every verified supplier and factory bids
invited    only who was invited knows of it
framework  awards prices up to a ceiling, called off over time
auction    after the sealed stage those whose bids stand underbid one another
challenge  open challenge (jie bang): a solution is paid by milestones as each is accepted
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from marketplace.kernel.refusals import BadValue
from marketplace.kernel.words import gettext_noop

REMEDIES = ("re_evaluate", "cancel")
MOST_RETENTION = Decimal(30)  # per cent of what a supplier is paid
LONGEST_WARRANTY = 3650  # days
MOST_QUESTIONS = 50  # a supplier and tender
LONGEST_TEXT = 4000  # characters of a question, an answer, a complaint
MOST_MOVES = 3  # of one tender's closing time
LONGEST_MOVE = timedelta(days=60)  # from the first closing time to the last
TIME_AFTER_CHANGE = timedelta(hours=72)  # bidders have this long at least after what is bid for has changed


@dataclass(frozen=True)
class Procedure:
    """What holds for every tender of one procedure.

    invited     nobody sees it or bids uninvited
    call_offs   the award is a framework: prices hold, quantities are called off later
    auction     an auction follows the sealed stage
    milestones  what is won is paid by milestones
    """

    invited: bool = False
    call_offs: bool = False
    auction: bool = False
    milestones: bool = False

    def document(self) -> dict[str, bool]:
        """Return the flags as they are published."""
        return asdict(self)


PROCEDURES: dict[str, Procedure] = {
    "open": Procedure(),
    "invited": Procedure(invited=True),
    "framework": Procedure(call_offs=True),
    "auction": Procedure(auction=True),
    "challenge": Procedure(milestones=True),
}
# Whoever is no invitee sees nothing of these.
BY_INVITATION = [name for name, one in PROCEDURES.items() if one.invited]
TO_ALL = [name for name, one in PROCEDURES.items() if not one.invited]


@dataclass(frozen=True)
class Milestone:
    """A stage of an open challenge: its share of the price, due once what it says is accepted."""

    name: str
    percent: Decimal
    acceptance: str


@dataclass(frozen=True)
class Conditions:
    """What a tender asks and promises beside prices; published with it and covered by the hash of its terms.

    papers             kinds of paper that an invited firm's file must hold, verified and unexpired at closing
    least_score        what the latest scorecard of an invited firm must say at least, 0 to 100
    newcomers          whether a firm that no scorecard knows is let in
    retention_percent  kept from each payment until the warranty ends
    warranty_days      from acceptance on
    keeps_pools        whether its pools go back to frozen, to be tendered again, when it comes to nothing
    milestones         of an open challenge; their percentages add up to 100
    """

    papers: tuple[str, ...] = ()
    least_score: Decimal | None = None
    newcomers: bool = True
    retention_percent: Decimal = Decimal(0)
    warranty_days: int = 0
    keeps_pools: bool = False
    milestones: tuple[Milestone, ...] = field(default=())

    def document(self) -> dict[str, Any]:
        """Return the conditions as they are published: numbers as text."""
        return {
            "papers": list(self.papers),
            "least_score": None if self.least_score is None else _text(self.least_score),
            "newcomers": self.newcomers,
            "retention_percent": _text(self.retention_percent),
            "warranty_days": self.warranty_days,
            "keeps_pools": self.keeps_pools,
            "milestones": [
                {"name": one.name, "percent": _text(one.percent), "acceptance": one.acceptance}
                for one in self.milestones
            ],
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Conditions:
        """Return the conditions that a published document says; an empty one says none."""
        score = document.get("least_score")
        return cls(
            papers=tuple(document.get("papers", ())),
            least_score=None if score is None else Decimal(score),
            newcomers=bool(document.get("newcomers", True)),
            retention_percent=Decimal(document.get("retention_percent", "0")),
            warranty_days=int(document.get("warranty_days", 0)),
            keeps_pools=bool(document.get("keeps_pools", False)),
            milestones=tuple(
                Milestone(one["name"], Decimal(one["percent"]), one["acceptance"])
                for one in document.get("milestones", ())
            ),
        )


def _text(number: Decimal) -> str:
    """Return a number as people write it: without zeros at its end."""
    return f"{number.normalize():f}"


def check_conditions(procedure: str, conditions: Conditions) -> None:
    """Pass when these conditions make sense for this procedure.

    :raises BadValue: one of them does not, with its place and reason.
    """
    kept, days = conditions.retention_percent, conditions.warranty_days
    if not (kept.is_finite() and 0 <= kept <= MOST_RETENTION):
        raise BadValue(place="retention_percent", value=str(kept), reason=gettext_noop("needs 0 to 30 per cent"))
    if not 0 <= days <= LONGEST_WARRANTY:
        raise BadValue(place="warranty_days", value=days, reason=gettext_noop("is no number of days"))
    if kept and not days:
        raise BadValue(place="warranty_days", value=days, reason=gettext_noop("money is kept until a warranty ends"))
    score = conditions.least_score
    if score is not None and not (score.is_finite() and 0 <= score <= 100):
        raise BadValue(place="least_score", value=str(score), reason=gettext_noop("needs 0 to 100"))
    _check_milestones(PROCEDURES[procedure].milestones, conditions.milestones)


def _check_milestones(wanted: bool, milestones: Sequence[Milestone]) -> None:
    if wanted != bool(milestones):
        reason = gettext_noop("an open challenge is paid by milestones, and nothing else is")
        raise BadValue(place="milestones", value=len(milestones), reason=reason)
    for place, one in enumerate(milestones, start=1):
        if not (one.name.strip() and one.acceptance.strip()):
            reason = gettext_noop("needs a name and how it is accepted")
            raise BadValue(place=f"milestones[{place}]", value=one.name, reason=reason)
        if not (one.percent.is_finite() and one.percent > 0):
            reason = gettext_noop("needs a share above 0 per cent")
            raise BadValue(place=f"milestones[{place}]", value=str(one.percent), reason=reason)
    total = sum((one.percent for one in milestones), Decimal(0))
    if milestones and total != 100:
        reason = gettext_noop("the shares add up to 100 per cent")
        raise BadValue(place="milestones", value=str(total), reason=reason)


def check_move(
    *, now: datetime, first: datetime, current: datetime, moved: int, wanted: datetime | None, changes_terms: bool
) -> None:
    """Pass when an amendment leaves bidders their time and does not drag the tender on.

    first    the closing time that was published at first; `current` the one that holds, moved `moved` times so far
    wanted   the closing time that is proposed; None leaves it

    :raises BadValue: it is drawn in, moved too often or too far, or too little time is left after a change.
    """
    if wanted is not None:
        if wanted <= current:
            reason = gettext_noop("a closing time is only ever put off")
            raise BadValue(place="bids_until", value=wanted.isoformat(), reason=reason)
        if moved >= MOST_MOVES:
            raise BadValue(place="bids_until", value=moved, reason=gettext_noop("it was put off three times already"))
        if wanted - first > LONGEST_MOVE:
            reason = gettext_noop("more than 60 days after the time that was published first")
            raise BadValue(place="bids_until", value=wanted.isoformat(), reason=reason)
    if changes_terms and (wanted or current) - now < TIME_AFTER_CHANGE:
        reason = gettext_noop("bidders need 72 hours after a change: put the closing time off")
        raise BadValue(place="bids_until", value=(wanted or current).isoformat(), reason=reason)
