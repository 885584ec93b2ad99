"""How a need becomes delivered goods."""
