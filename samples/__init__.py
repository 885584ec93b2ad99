"""The sample market, written for this project."""
