"""Measurements anybody can repeat: `python -m bench <name> [options]`; the last line is one JSON object."""
