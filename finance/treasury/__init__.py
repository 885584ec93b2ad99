"""Treasury: money that leaves for the bank or comes from it.

Owns payment orders, our own account numbers and the bank's lines. Promises that a payment order is paid once,
that one whose fate is unknown is asked after and never sent again on a guess, and that what is in transit on the ledger
is exactly what the bank has not answered for. Never decides what is owed.
"""
