"""Events: what happened, kept in the transaction in which it happened, and handed on after it.

Owns the outbox (facts waiting to be handed on), the inbox (which handler has had which fact), the trail of state
changes, idempotency keys and the counters behind refs. Promises that a fact is recorded exactly when its deed commits,
that each handler takes each fact once, and that losing the broker delays and never loses. Never decides anything.
"""
