"""Tables of foreign layout: CSV, packed CSV and XLSX read by a declared mapping, one row at a time.

Owns no table and knows no Django. It promises that every row of a file is answered for (a typed record, an error with
its place and reason, or a skip by a named rule), that what cannot be read is refused before anything is yielded, and
that memory does not grow with the file. docs/algorithms/column_mapping.md tells how a mapping is written.
"""

from marketplace.engines.tables.bidders import Bidder, bidder_key
from marketplace.engines.tables.freight import Allocation, FreightRow, FreightSummary, allocate_freight
from marketplace.engines.tables.loading import load_mapping, mapping_from, parse_mapping, shipped_mappings
from marketplace.engines.tables.mapping import Kind, Mapping
from marketplace.engines.tables.reading import read_records
from marketplace.engines.tables.results import (
    BadFile,
    BadMapping,
    Item,
    Place,
    Record,
    RowError,
    Skipped,
    Tally,
    error_at,
)
from marketplace.engines.tables.schedules import (
    Bid,
    BidTally,
    Judgement,
    Price,
    Schedule,
    ScheduleLine,
    StatedTotal,
    tally_of,
)
from marketplace.engines.tables.tabulation import read_schedules

__all__ = [
    "Allocation",
    "BadFile",
    "BadMapping",
    "Bid",
    "BidTally",
    "Bidder",
    "FreightRow",
    "FreightSummary",
    "Item",
    "Judgement",
    "Kind",
    "Mapping",
    "Place",
    "Price",
    "Record",
    "RowError",
    "Schedule",
    "ScheduleLine",
    "Skipped",
    "StatedTotal",
    "Tally",
    "allocate_freight",
    "bidder_key",
    "error_at",
    "load_mapping",
    "mapping_from",
    "parse_mapping",
    "read_records",
    "read_schedules",
    "shipped_mappings",
    "tally_of",
]
