"""The market in which the tests of tenders play."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.catalogue import use_cases as catalogue
from tests.cast import Player, enter
from tests.procurement.tenders.scene import NOON, Market, new_product


@pytest.fixture
def shen(db: Any) -> Player:
    """A rival of Teng's."""
    return enter("shen", "Shenyuan Foundry", roles=["supplier"], seat=["sales"])


@pytest.fixture
def market(lin: Player, bao: Player, teng: Player, shen: Player) -> Market:
    catalogue.register_category(code="pumps", name_en="Pumps", by="user:wei", at=NOON)
    return Market(lin=lin.org, bao=bao.org, teng=teng.org, shen=shen.org, product=new_product())
