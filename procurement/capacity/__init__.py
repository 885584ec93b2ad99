"""Capacity: cloud factories, what they can do, the hours they have, and the dated work that takes those hours.

Owns factories, capabilities, hours by day and work orders. Promises that no hour is taken twice and that every plan was
checked by a program that shares nothing with the planner. Never moves an order: contracts do.
"""
