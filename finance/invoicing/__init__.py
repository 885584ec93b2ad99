"""Invoicing: what suppliers claim from us and what we charge buyers, to the cent.

Owns goods received, suppliers' invoices with their three-way match, and our output invoices with their numbers.
Promises that no supplier is paid twice for the same goods, that every invoice ties (lines, tax, total), that numbers
have no gaps, and that the ledger holds each of them. Never decides a price: it is handed prices and says whether a
claim keeps to them.
"""
