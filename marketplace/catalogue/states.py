"""The life cycles of master data: a product's, a proposal's and a substitute's."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class ProductState(StrEnum):
    DRAFT = "draft"
    REVIEWED = "reviewed"
    RETIRED = "retired"
    MERGED = "merged"


class ProposalState(StrEnum):
    DRAFT = "draft"
    PROPOSED = "proposed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class SubstituteState(StrEnum):
    PROPOSED = "proposed"
    REVIEWED = "reviewed"
    WITHDRAWN = "withdrawn"


WAITING = (ProposalState.DRAFT.value, ProposalState.PROPOSED.value)
_P, _C, _S = ProductState, ProposalState, SubstituteState

# `amend` takes the next version; `absorb` and `let_go` are what a kept product sees of a merge and of its undoing; a
# product that is split off when its category has other definitions by now is `set_apart` as a draft.
PRODUCT = Machine(
    "product",
    {
        (_P.DRAFT, "review"): _P.REVIEWED,
        (_P.DRAFT, "retire"): _P.RETIRED,
        (_P.DRAFT, "amend"): _P.DRAFT,
        (_P.REVIEWED, "retire"): _P.RETIRED,
        (_P.REVIEWED, "amend"): _P.REVIEWED,
        (_P.REVIEWED, "merge"): _P.MERGED,
        (_P.REVIEWED, "absorb"): _P.REVIEWED,
        (_P.REVIEWED, "let_go"): _P.REVIEWED,
        (_P.RETIRED, "restore"): _P.DRAFT,
        (_P.RETIRED, "let_go"): _P.RETIRED,
        (_P.DRAFT, "let_go"): _P.DRAFT,
        (_P.MERGED, "split"): _P.REVIEWED,
        (_P.MERGED, "set_apart"): _P.DRAFT,
    },
)

PROPOSAL = Machine(
    "proposal",
    {
        (_C.DRAFT, "propose"): _C.PROPOSED,
        (_C.DRAFT, "revise"): _C.DRAFT,
        (_C.DRAFT, "withdraw"): _C.WITHDRAWN,
        (_C.PROPOSED, "publish"): _C.PUBLISHED,
        (_C.PROPOSED, "send_back"): _C.DRAFT,
        (_C.PROPOSED, "withdraw"): _C.WITHDRAWN,
    },
)

SUBSTITUTE = Machine(
    "substitute",
    {
        (_S.PROPOSED, "review"): _S.REVIEWED,
        (_S.PROPOSED, "withdraw"): _S.WITHDRAWN,
        (_S.REVIEWED, "amend"): _S.REVIEWED,
        (_S.REVIEWED, "withdraw"): _S.WITHDRAWN,
        (_S.WITHDRAWN, "review"): _S.REVIEWED,
    },
)
