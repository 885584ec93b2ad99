"""Pure judgements about what is traded: units, identifiers, tables of foreign layout."""
