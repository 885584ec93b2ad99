"""How money moves."""
