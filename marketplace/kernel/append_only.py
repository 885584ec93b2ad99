"""The SQL that makes a table append-only, on both databases: whoever tries, UPDATE and DELETE raise."""

from __future__ import annotations


def append_only(vendor: str, table: str) -> list[str]:
    """Return the statements that lay the triggers on `table`.

    On PostgreSQL TRUNCATE is refused too; on SQLite an INSERT OR REPLACE over a standing id (one over another unique
    key is refused by the DELETE trigger where `recursive_triggers` is on, as our settings turn it). The owner of a
    database can still drop a trigger; that is what the audit trail's seals are for.

    :raises ValueError: neither sqlite nor postgresql.
    """
    if vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        replaced = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"
        return [
            f"CREATE TRIGGER append_only_{table}_UPDATE BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER append_only_{table}_DELETE BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER append_only_{table}_INSERT BEFORE INSERT ON {table} {replaced} {refuse}",
        ]
    if vendor == "postgresql":
        return [
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = '23001'; END $$",
            f"CREATE TRIGGER append_only_{table}_row BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER append_only_{table}_all BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        ]
    raise ValueError(f"no append-only triggers for {vendor}")


def no_longer(vendor: str, table: str) -> list[str]:
    """Return the statements that take the triggers of `append_only` away again (migrations backwards)."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER append_only_{table}_{verb}" for verb in ("UPDATE", "DELETE", "INSERT")]
    return [f"DROP TRIGGER append_only_{table}_{kind} ON {table}" for kind in ("row", "all")]
