"""Freight that one row carries for a shipment is shared over the shipment's rows, to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.engines.tables import FreightRow, allocate_freight


def states(
    row: str, amount: str, *, weight: str | None = None, value: str = "0", shipment: str = "ASN-1"
) -> FreightRow:
    by = None if weight is None else Decimal(weight)
    return FreightRow(row, shipment, "numeric", Decimal(amount), None, by, Decimal(value))


def refers(row: str, to: str, *, weight: str | None = None, value: str = "0", shipment: str = "ASN-1") -> FreightRow:
    by = None if weight is None else Decimal(weight)
    return FreightRow(row, shipment, "reference", None, to, by, Decimal(value))


def other(row: str, status: str) -> FreightRow:
    return FreightRow(row, "ASN-1", status, None, None, None, Decimal(1))


def shares(*rows: FreightRow) -> dict[str, tuple[str, str]]:
    return {row: (str(part.share.amount), part.basis) for row, part in allocate_freight(rows).allocations.items()}


class TestAllocateFreight:
    def test_by_weight_where_every_row_states_its_own(self) -> None:
        found = shares(states("1", "100", weight="1"), refers("2", "1", weight="2", value="900"))

        assert found == {"1": ("33.33", "weight"), "2": ("66.67", "weight")}

    def test_by_value_where_one_weight_is_not_known(self) -> None:
        found = shares(states("1", "100", weight="7", value="30"), refers("2", "1", value="70"))

        assert found == {"1": ("30.00", "value"), "2": ("70.00", "value")}

    def test_the_example_worked_by_hand_in_the_docs(self) -> None:
        found = shares(
            states("1", "100", weight="5", value="30"), refers("2", "1", value="70"), refers("3", "1", value="20")
        )

        assert found == {"1": ("25.00", "value"), "2": ("58.33", "value"), "3": ("16.67", "value")}

    def test_equally_where_nothing_has_a_value(self) -> None:
        found = shares(states("1", "0.05"), refers("2", "1"), refers("3", "1"))

        assert found == {"1": ("0.02", "rows"), "2": ("0.02", "rows"), "3": ("0.01", "rows")}

    def test_a_reference_may_stand_before_its_target_and_run_over_another(self) -> None:
        found = allocate_freight(
            [refers("3", "2", value="1"), refers("2", "1", value="1"), states("1", "9", value="1")]
        )

        assert {row: str(part.share) for row, part in found.allocations.items()} == dict.fromkeys("321", "USD 3.00")
        assert (found.references, found.to_price) == (2, 2)

    def test_a_reference_to_a_separate_invoice_bears_nothing_here(self) -> None:
        found = allocate_freight(
            [other("1", "invoiced_separately"), refers("2", "1"), other("3", "included"), refers("4", "3")]
        )

        assert (found.references, found.to_price, found.to_invoiced, found.to_included) == (2, 0, 1, 1)
        assert found.allocations == {}
        assert str(found.numeric) == "USD 0.00"

    def test_references_that_lead_nowhere_are_named_with_the_reason(self) -> None:
        rows = [
            refers("1", "9"),
            refers("2", "3"),
            refers("3", "2"),
            refers("4", "4"),
            states("5", "1", shipment="ASN-5"),
        ]

        found = allocate_freight([*rows, refers("6", "5")])

        assert [(one.id, one.reason) for one in found.unresolved] == [
            ("1", "no row has that id"),
            ("2", "the references run in a circle"),
            ("3", "the references run in a circle"),
            ("4", "the references run in a circle"),
            ("6", "belongs to shipment ASN-5, not ASN-1"),
        ]
        assert list(found.allocations) == ["5"]

    def test_two_rows_of_one_id_are_refused(self) -> None:
        with pytest.raises(ValueError, match="two rows have the id '1'"):
            allocate_freight([states("1", "1"), states("1", "2")])

    def test_more_digits_than_the_currency_has_are_refused(self) -> None:
        with pytest.raises(ValueError, match="more digits than USD"):
            allocate_freight([states("1", "1.005")])

    @given(
        st.lists(st.tuples(st.integers(0, 5), st.integers(0, 10**9), st.integers(0, 10**6)), min_size=1, max_size=30)
    )
    def test_shares_always_add_up_to_what_was_stated(self, rows: list[tuple[int, int, int]]) -> None:
        table = []
        for n, (carrier, cents, value) in enumerate(rows):
            at = str(carrier) if carrier < n else None
            amount = str(Decimal(cents).scaleb(-2))
            row = states(str(n), amount, value=str(value)) if at is None else refers(str(n), at, value=str(value))
            table.append(row)

        found = allocate_freight(table)

        stated = sum((row.freight for row in table if row.freight is not None), Decimal(0))
        assert found.unresolved == ()
        assert found.numeric.amount == stated
        assert sum(part.share.amount for part in found.allocations.values()) == stated
        assert len(found.allocations) == len(table)
        assert all(part.share.amount >= 0 for part in found.allocations.values())
