"""Insights: what the platform did for whom, with its evidence.

Owns the savings proved per member of a pool. Reads every app below and is read by none. Promises that each saving names
its baseline and where that stands, and that a loss is shown as one. Never changes what it measures.
"""
