"""Tenders: pooled demand is put to suppliers, who bid sealed; the cheapest valid mix wins, proved.

Owns tenders, their lots, invitations, sealed bids and their receipts, and, after opening, the offers and the award with
every round that led to it. Promises that no price and no count of bids can be read before opening, that a bid after
closing never enters, that an award stands only when an independent checker agrees, and that four eyes publish, open and
cancel. Never decides what is needed (pools do) and never orders (contracts do).
"""
