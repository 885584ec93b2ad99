"""Which facts are published, under which tags, and what each makes of a tender."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """How one fact is published.

    tags      of the closed codelist releaseTag
    tender    status of the tender from this fact on (closed codelist tenderStatus)
    awards    status of the awards that stand (awardStatus); '' while the fact tells nothing of awards
    contract  status of the order the fact is about (contractStatus); '' where it is about none
    kind      what it is in the feed of news: `tender`, `award`, '' for neither
    """

    tags: tuple[str, ...]
    tender: str
    awards: str = ""
    contract: str = ""
    kind: str = ""

    @property
    def sealed(self) -> bool:
        """Whether the fact comes before anybody has won: of a tender by invitation it is withheld."""
        return self.tender == "active" and not self.awards


STEPS: dict[str, Step] = {
    "TenderPublished": Step(("planning", "tender"), "active", kind="tender"),
    "TenderAmended": Step(("tenderAmendment",), "active"),
    "QuestionAnswered": Step(("tenderUpdate",), "active"),
    "TenderClosed": Step(("tenderUpdate",), "active"),
    "TenderOpened": Step(("tenderUpdate",), "active"),
    "AwardDecided": Step(("award",), "active", awards="pending", kind="award"),
    "AwardSetAside": Step(("awardCancellation",), "active", awards="pending"),
    "TenderAwarded": Step(("awardUpdate",), "complete", awards="active"),
    "TenderFailed": Step(("tenderUpdate", "award"), "unsuccessful", awards="unsuccessful", kind="award"),
    "TenderCancelled": Step(("tenderCancellation",), "cancelled", awards="cancelled"),
    "OrderPlaced": Step(("contract",), "complete", contract="pending"),
    "OrderAcknowledged": Step(("contractUpdate",), "complete", contract="active"),
    "OrderChanged": Step(("contractAmendment",), "complete", contract="active"),
    "OrderDeclined": Step(("contractTermination",), "complete", contract="cancelled"),
    "OrderCancelled": Step(("contractTermination",), "complete", contract="cancelled"),
    "OrderReceived": Step(("implementation",), "complete", contract="active"),
    "OrderClosed": Step(("contractTermination",), "complete", contract="terminated"),
}


def is_withheld(step: Step, *, invited: bool, published: bool) -> bool:
    """Return whether a fact stays unpublished: its tender was never published, or only the invited may know of it."""
    return not published or (invited and step.sealed)
