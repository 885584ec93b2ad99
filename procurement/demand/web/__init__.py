"""Demand as buyers see it: their requests, and the spreadsheets that bring them."""
