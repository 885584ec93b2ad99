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
        self.held = {member: self._deposit(member, quantity) for member, quantity in allocated.items()}
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

    def _deposit(self, member: models.Commitment, allocated: Decimal) -> rules.Deposit:
        return rules.deposit_of(
            allocated,
            self.pool.deposit_percent,
            self.pool.currency,
            ceiling=member.ceiling,
            indicative=self.indicative,
            stated=member.stated_price,
        )

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
