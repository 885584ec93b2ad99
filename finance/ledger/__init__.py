"""Ledger: every cent, twice, for good.

Owns accounts with their four counters, journals and their entries, holds, and the months that may be closed. Promises
that every journal balances in every currency, that the same key has one effect, that what is written is never changed
(a mistake is reversed, once), and that an account with a floor never falls through it, pending money included. Never
decides what an event means in debits and credits: callers do, and name their source.
"""
