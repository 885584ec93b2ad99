"""Delivery: what was sent, what came, who got how much of it, and what each member pays for it.

Owns shipments, receipts per member, and the bill of each pool. Promises that shares never exceed what came, that a
shortage is shared by the pool's rule, and that what members pay adds up to the suppliers' invoices to the cent.
"""
