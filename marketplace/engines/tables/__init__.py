"""Tables of foreign layout: CSV, packed CSV and XLSX read by a declared mapping, one row at a time.

Owns no table and knows no Django. It promises that every row of a file is answered for (a typed record, an error with
its place and reason, or a skip by a named rule), that what cannot be read is refused before anything is yielded, and
that memory does not grow with the file. docs/algorithms/column_mapping.md tells how a mapping is written.
"""

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
)

__all__ = [
    "Allocation",
    "BadFile",
    "BadMapping",
    "FreightRow",
    "FreightSummary",
    "Item",
    "Kind",
    "Mapping",
    "Place",
    "Record",
    "RowError",
    "Skipped",
    "Tally",
    "allocate_freight",
    "load_mapping",
    "mapping_from",
    "parse_mapping",
    "read_records",
    "shipped_mappings",
]
