"""Open data by the Open Contracting Data Standard 1.1: steps, releases, records, and how they are written. Pure."""

from procurement.insights.rules.open_data.build import build_release
from procurement.insights.rules.open_data.merge import compiled, merge
from procurement.insights.rules.open_data.packages import Publisher, record_package, release_package
from procurement.insights.rules.open_data.source import Known, Party, Source
from procurement.insights.rules.open_data.steps import STEPS, Step, is_withheld
from procurement.insights.rules.open_data.writing import read, write

__all__ = [
    "STEPS",
    "Known",
    "Party",
    "Publisher",
    "Source",
    "Step",
    "build_release",
    "compiled",
    "is_withheld",
    "merge",
    "read",
    "record_package",
    "release_package",
    "write",
]
