"""Demand: what buyers need, by when, and how it came to us.

Owns purchase requests with their lines, the history of their quantities, the column mappings of each organisation and
the files that were imported. Promises that a file is imported once and wholly (or its good rows alone, when asked),
that every bad row is named by place, value and reason, and that a line is pooled once. Never decides who pools with
whom.
"""
