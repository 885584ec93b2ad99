"""Judgements on plain values: how a bid is sealed, what an offer must say, how lots become a problem to award."""
