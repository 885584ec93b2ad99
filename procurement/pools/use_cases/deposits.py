"""Deposits of a freezing pool: how much of whom, held on the ledger, all or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from finance.ledger import use_cases as ledger_
from finance.ledger.use_cases import Acct, LimitReached
from marketplace.parties import queries as parties
from procurement.engines.reasons import Reason
from procurement.pools import models, queries, rules


class _Short(Exception):
    """Somebody has no cover: undo the round."""


class Deposits:
    """The deposits of one pool's members at the moment it freezes."""

    def __init__(self, pool: models.Pool, members: Sequence[models.Commitment], *, by: str, at: datetime) -> None:
        self.pool, self.by, self.at = pool, by, at
        self.buyers = parties.refs_by_id({member.buyer_id for member in members}) if pool.deposit_percent else {}
        step = queries.indicative_of(pool).at(pool.joined) if pool.deposit_percent else None
        self.indicative = None if step is None else step.unit_price.amount
        self.held: dict[models.Commitment, rules.Deposit] = {}

    def hold(self, allocated: Mapping[models.Commitment, Decimal]) -> dict[models.Commitment, Reason]:
        """Hold the deposit of everybody, oldest first; return who has no cover, and then nothing is held of anybody."""
        self.held = self._deposits(allocated)
        short: dict[models.Commitment, Reason] = {}
        try:
            with transaction.atomic():
                for member, deposit in self.held.items():
                    if deposit.amount and (reason := self._hold(member, deposit)):
                        short[member] = reason
                if short:
                    raise _Short
        except _Short:
            self.held = {}
        return short

    def _deposits(self, allocated: Mapping[models.Commitment, Decimal]) -> dict[models.Commitment, rules.Deposit]:
        """Return the deposit of every row, rounded once for each want, in the order of `allocated`."""
        wants: dict[tuple[int, int | None], list[models.Commitment]] = {}
        for member in allocated:
            wants.setdefault((member.buyer_id, member.line_id), []).append(member)
        found: dict[models.Commitment, rules.Deposit] = {}
        for rows in wants.values():
            asked = [rules.Secured(allocated[row], row.ceiling, row.stated_price) for row in rows]
            found |= zip(rows, self._each(asked), strict=True)
        return {member: found[member] for member in allocated}

    def _each(self, rows: Sequence[rules.Secured]) -> list[rules.Deposit]:
        return rules.deposits_of_want(rows, self.pool.deposit_percent, self.pool.currency, indicative=self.indicative)

    def _hold(self, member: models.Commitment, deposit: rules.Deposit) -> Reason | None:
        owner = self.buyers[member.buyer_id]
        try:
            ledger_.hold(
                key=rules.deposit_key(member.ref),
                debit=Acct("buyer_deposits", owner, self.pool.currency),
                credit=Acct("customer_advances", owner, self.pool.currency),
                amount=deposit.amount,
                source_ref=self.pool.ref,
                by=self.by,
                at=self.at,
            )
        except LimitReached as refused:
            return Reason("no_cover", {"deposit": str(deposit.amount), "available": refused.facts["available"]})
        return None
