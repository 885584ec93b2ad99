"""The market in which the tests of pools play."""

from __future__ import annotations

import pytest

from marketplace.catalogue import use_cases as catalogue
from tests.cast import Player
from tests.procurement.pools.scene import WHO, Market, product


@pytest.fixture
def market(lin: Player, bao: Player, teng: Player) -> Market:
    catalogue.register_category(code="pumps", name_en="Pumps", **WHO)
    return Market(lin=lin.org, bao=bao.org, teng=teng.org, product=product())
