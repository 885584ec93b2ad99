"""The market of the tests of tenders, for those of what is published about them."""

from tests.procurement.tenders.conftest import market, shen

__all__ = ["market", "shen"]
