"""The catalogue: what is traded, said once and the same way for everybody.

Owns the category tree with its typed attributes and standing rules for pools, products with units, packs, tax and
identifiers, agreed substitutes, and published price lists. Promises that two needs for one product name the same row,
in one base unit; that master data changes only by a version which another person reviewed, each of them kept; and that
a merged duplicate answers by every name it had. Never knows who wants how much.
"""
