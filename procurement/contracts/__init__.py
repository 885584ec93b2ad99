"""Contracts: one purchase order per supplier and award, which still knows every contributor.

Owns PurchaseOrder, its lines and each member's line below them. Promises that an award becomes orders exactly once and
that members' lines add up to the line they stand under. Never prices anything: prices come from the award.
"""
