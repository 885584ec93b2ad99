"""Credit: who lends to whom, how much is left, what it costs by the day.

Owns facilities, the receivables that may be financed, drawdowns and their daily accruals. Promises that exposure with
reservations never passes a limit, that a receivable is financed once, and that a drawdown's income adds up to its
contract to the cent. Never moves money: settlement pays and collects, and calls back.
"""
