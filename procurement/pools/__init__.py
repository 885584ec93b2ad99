"""Pools: scattered needs for one product, region and window are gathered, frozen, and carried to delivery together.

Owns pools and the commitments of their members. Promises that a pool never takes more than its capacity, that a need
stands in one live commitment at most, that after freezing a member is bound with its deposit held, and that every
quantity allocated is explained. Never sets a price: awards come from above, indicative steps are labelled as such.
"""
