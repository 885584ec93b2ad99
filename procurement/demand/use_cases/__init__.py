"""Everything anyone may do about demand."""

from procurement.demand.use_cases.approval import BeyondSpendingLimit, Unpriced, approve_request
from procurement.demand.use_cases.changes import (
    LinesInUse,
    LinesMoved,
    MoreThanApproved,
    cancel_request,
    change_quantity,
    close_finished_requests,
    close_request,
    expire_request,
    mark_lines,
)
from procurement.demand.use_cases.draft_request import NewLine, draft_request
from procurement.demand.use_cases.import_demand import ImportedMeanwhile, ImportRefused, import_demand
from procurement.demand.use_cases.importing.report import FreightFigures, ImportReport
from procurement.demand.use_cases.mappings import NoSuchMapping, NotForDemand, known_mappings, save_mapping
from procurement.demand.use_cases.matching.review import NamedOtherwise, confirm_match, reject_match, reject_matches
from procurement.demand.use_cases.matching.suggest import Suggested, suggest_products
from procurement.demand.use_cases.preview_import import Preview, preview_import
from procurement.demand.use_cases.requests import (
    NotABuyer,
    NothingAsked,
    add_line,
    name_product,
    open_request,
    send_back_request,
    submit_request,
)

__all__ = [
    "BeyondSpendingLimit",
    "FreightFigures",
    "ImportRefused",
    "ImportReport",
    "ImportedMeanwhile",
    "LinesInUse",
    "LinesMoved",
    "MoreThanApproved",
    "NamedOtherwise",
    "NewLine",
    "NoSuchMapping",
    "NotABuyer",
    "NotForDemand",
    "NothingAsked",
    "Preview",
    "Suggested",
    "Unpriced",
    "add_line",
    "approve_request",
    "cancel_request",
    "change_quantity",
    "close_finished_requests",
    "close_request",
    "confirm_match",
    "draft_request",
    "expire_request",
    "import_demand",
    "known_mappings",
    "mark_lines",
    "name_product",
    "open_request",
    "preview_import",
    "reject_match",
    "reject_matches",
    "save_mapping",
    "send_back_request",
    "submit_request",
    "suggest_products",
]
