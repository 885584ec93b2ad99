"""What insights do when others' facts arrive."""

from __future__ import annotations

from marketplace.events.registry import RELAY, Fact, handles
from procurement.insights import use_cases


@handles("PoolBilled")
def prove_savings(fact: Fact) -> None:
    """A pool is billed: its members' savings are known."""
    use_cases.prove_savings(pool_ref=fact.payload["pool_ref"], by=RELAY, at=fact.at)


@handles("PoolBilled")
def share_saving(fact: Fact) -> None:
    """A pool is billed: it is known how what it saved together splits."""
    use_cases.share_saving(pool_ref=fact.payload["pool_ref"], by=RELAY, at=fact.at)
