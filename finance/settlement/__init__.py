"""Settlement: what is due is paid and collected, once, whatever happens on the way.

Owns obligations, settlement runs and their steps. Promises that a run from any prefix, run twice at once, or woken by
lost, doubled and shuffled messages ends with the same books, and that each payment is made once. Never talks to a bank
itself: treasury does, under keys that are stored beforehand.
"""
