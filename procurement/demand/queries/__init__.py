"""Everything anyone may ask about demand."""

from procurement.demand.queries.matching import lines_to_match, lines_to_name, suggestions_for, waiting_for
from procurement.demand.queries.prices import (
    Purchase,
    VendorOffer,
    last_price,
    last_prices,
    last_purchases,
    stated_prices,
    vendor_offers,
)
from procurement.demand.queries.reading import (
    Cost,
    batch_lines,
    batches_for,
    cost_of,
    finished_requests,
    first_lines,
    has_external_ref,
    kept_mapping,
    kept_mapping_names,
    mappings_for,
    request_lines,
    requests_for,
)
from procurement.demand.queries.waiting import DemandLine, WindowRow, days_of, lines_to_pool, open_lines, pooled_windows

__all__ = [
    "Cost",
    "DemandLine",
    "Purchase",
    "VendorOffer",
    "WindowRow",
    "batch_lines",
    "batches_for",
    "cost_of",
    "days_of",
    "finished_requests",
    "first_lines",
    "has_external_ref",
    "kept_mapping",
    "kept_mapping_names",
    "last_price",
    "last_prices",
    "last_purchases",
    "lines_to_match",
    "lines_to_name",
    "lines_to_pool",
    "mappings_for",
    "open_lines",
    "pooled_windows",
    "request_lines",
    "requests_for",
    "stated_prices",
    "suggestions_for",
    "vendor_offers",
    "waiting_for",
]
