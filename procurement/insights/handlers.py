"""What insights do when others' facts arrive."""

from __future__ import annotations

from marketplace.events.registry import RELAY, Fact, handles
from marketplace.kernel import clock
from procurement.insights import use_cases
from procurement.insights.rules.open_data import STEPS


@handles("PoolBilled")
def prove_savings(fact: Fact) -> None:
    """A pool is billed: its members' savings are known."""
    use_cases.prove_savings(pool_ref=fact.payload["pool_ref"], by=RELAY, at=fact.at)


@handles("PoolBilled")
def share_saving(fact: Fact) -> None:
    """A pool is billed: it is known how what it saved together splits."""
    use_cases.share_saving(pool_ref=fact.payload["pool_ref"], by=RELAY, at=fact.at)


def publish_release(fact: Fact) -> None:
    """Something happened to a tender or its orders that anybody may know: it becomes open data."""
    use_cases.publish_release(
        fact=fact.id, name=fact.name, source_ref=fact.source_ref, payload=fact.payload, at=fact.at, now=clock.now()
    )


for name in STEPS:
    handles(name)(publish_release)
