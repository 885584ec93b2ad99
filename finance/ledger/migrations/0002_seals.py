"""The ledger's last word, on both databases, whoever writes.

- Journals and entries are append-only (UPDATE, DELETE, TRUNCATE and SQLite's INSERT OR REPLACE raise).
- Entries come first; the journal's row seals them. Its insert is refused unless exactly the declared lines are there,
  two or more, balanced in every currency, in one book, in an open month. Once it stands, no entry can be added. The
  entry's foreign key is deferred, so an entry without its journal cannot be committed either.
- On PostgreSQL a second look at commit closes the gap between two open transactions: an entry slipped in while another
  transaction sealed the journal has a position beyond the declared lines.
- Accounts keep their name, side and floor, and stay; a resolved hold stays as it is.
"""

from django.db import migrations

from marketplace.foundation.append_only import make_append_only

SQLITE = [
    """
    CREATE TRIGGER ledger_entry_admit BEFORE INSERT ON ledger_entry BEGIN
        SELECT RAISE(ABORT, 'the journal is sealed') WHERE EXISTS
            (SELECT 1 FROM ledger_journal WHERE id = NEW.journal_id);
        SELECT RAISE(ABORT, 'ledger_entry is append-only') WHERE
            EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.id)
            OR EXISTS (SELECT 1 FROM ledger_entry WHERE journal_id = NEW.journal_id AND position = NEW.position)
            OR EXISTS (SELECT 1 FROM ledger_entry WHERE account_id = NEW.account_id AND version = NEW.version);
    END
    """,
    """
    CREATE TRIGGER ledger_journal_seal BEFORE INSERT ON ledger_journal BEGIN
        SELECT RAISE(ABORT, 'ledger_journal is append-only') WHERE EXISTS (
            SELECT 1 FROM ledger_journal WHERE id = NEW.id OR ref = NEW.ref OR key = NEW.key
            OR (NEW.reverses_id IS NOT NULL AND reverses_id = NEW.reverses_id));
        SELECT RAISE(ABORT, 'the journal has not the lines it declares') WHERE NEW.lines < 2
            OR NEW.lines <> (SELECT COUNT(*) FROM ledger_entry WHERE journal_id = NEW.id)
            OR NEW.lines <> (SELECT MAX(position) FROM ledger_entry WHERE journal_id = NEW.id);
        SELECT RAISE(ABORT, 'the journal does not balance') WHERE EXISTS (
            SELECT 1 FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
            WHERE e.journal_id = NEW.id GROUP BY a.currency
            HAVING SUM(CASE e.side WHEN 'debit' THEN e.amount ELSE -e.amount END) <> 0);
        SELECT RAISE(ABORT, 'a journal stands in one book') WHERE EXISTS (
            SELECT 1 FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
            WHERE e.journal_id = NEW.id AND a.book <> NEW.book);
        SELECT RAISE(ABORT, 'the month is closed or another one') WHERE NOT EXISTS (
            SELECT 1 FROM ledger_period WHERE id = NEW.period_id AND book = NEW.book AND closed_at IS NULL
            AND strftime('%Y-%m-01', NEW.booked_on) = month);
    END
    """,
    """
    CREATE TRIGGER ledger_account_name_stays BEFORE UPDATE OF id, book, kind, owner, currency, normal, floored
    ON ledger_account BEGIN SELECT RAISE(ABORT, 'an account keeps its name'); END
    """,
    """
    CREATE TRIGGER append_only_ledger_account_stays BEFORE DELETE ON ledger_account
    BEGIN SELECT RAISE(ABORT, 'an account stays'); END
    """,
    """
    CREATE TRIGGER ledger_account_not_replaced BEFORE INSERT ON ledger_account
    WHEN EXISTS (SELECT 1 FROM ledger_account WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'an account stays'); END
    """,
    """
    CREATE TRIGGER ledger_hold_resolves_once BEFORE UPDATE ON ledger_hold WHEN OLD.state <> 'pending'
    BEGIN SELECT RAISE(ABORT, 'the hold is resolved'); END
    """,
    """
    CREATE TRIGGER append_only_ledger_hold_stays BEFORE DELETE ON ledger_hold
    BEGIN SELECT RAISE(ABORT, 'a hold stays'); END
    """,
    """
    CREATE TRIGGER ledger_hold_not_replaced BEFORE INSERT ON ledger_hold
    WHEN EXISTS (SELECT 1 FROM ledger_hold WHERE id = NEW.id OR ref = NEW.ref OR key = NEW.key)
    BEGIN SELECT RAISE(ABORT, 'a hold stays'); END
    """,
    """
    CREATE TRIGGER ledger_period_stays_closed BEFORE UPDATE ON ledger_period WHEN OLD.closed_at IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'the month is closed'); END
    """,
    """
    CREATE TRIGGER append_only_ledger_period_stays BEFORE DELETE ON ledger_period
    BEGIN SELECT RAISE(ABORT, 'a month stays'); END
    """,
    """
    CREATE TRIGGER ledger_period_not_replaced BEFORE INSERT ON ledger_period
    WHEN EXISTS (SELECT 1 FROM ledger_period WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'a month stays'); END
    """,
]
SQLITE_UNDO = [
    f"DROP TRIGGER {name}"
    for name in (
        "ledger_entry_admit",
        "ledger_journal_seal",
        "ledger_account_name_stays",
        "append_only_ledger_account_stays",
        "ledger_account_not_replaced",
        "ledger_hold_resolves_once",
        "append_only_ledger_hold_stays",
        "ledger_hold_not_replaced",
        "ledger_period_stays_closed",
        "append_only_ledger_period_stays",
        "ledger_period_not_replaced",
    )
]
POSTGRES = [
    """
    CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = '23001';
    END $$
    """,
    """
    CREATE FUNCTION ledger_entry_admit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT 1 FROM ledger_journal WHERE id = NEW.journal_id) THEN
            RAISE EXCEPTION 'the journal is sealed' USING ERRCODE = '23001';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION ledger_entry_declared() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.position > (SELECT lines FROM ledger_journal WHERE id = NEW.journal_id) THEN
            RAISE EXCEPTION 'the journal is sealed' USING ERRCODE = '23001';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION ledger_journal_seal() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE found_lines bigint; last_position bigint;
    BEGIN
        SELECT COUNT(*), MAX(position) INTO found_lines, last_position FROM ledger_entry WHERE journal_id = NEW.id;
        IF NEW.lines < 2 OR NEW.lines <> found_lines OR NEW.lines <> last_position THEN
            RAISE EXCEPTION 'the journal has not the lines it declares' USING ERRCODE = '23514';
        END IF;
        IF EXISTS (SELECT 1 FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
            WHERE e.journal_id = NEW.id GROUP BY a.currency
            HAVING SUM(CASE e.side WHEN 'debit' THEN e.amount ELSE -e.amount END) <> 0) THEN
            RAISE EXCEPTION 'the journal does not balance' USING ERRCODE = '23514';
        END IF;
        IF EXISTS (SELECT 1 FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
            WHERE e.journal_id = NEW.id AND a.book <> NEW.book) THEN
            RAISE EXCEPTION 'a journal stands in one book' USING ERRCODE = '23514';
        END IF;
        PERFORM 1 FROM ledger_period WHERE id = NEW.period_id AND book = NEW.book AND closed_at IS NULL
            AND month = date_trunc('month', NEW.booked_on)::date FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the month is closed or another one' USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_entry_admit BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_admit()
    """,
    """
    CREATE CONSTRAINT TRIGGER ledger_entry_declared AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_declared()
    """,
    """
    CREATE TRIGGER ledger_journal_seal BEFORE INSERT ON ledger_journal
    FOR EACH ROW EXECUTE FUNCTION ledger_journal_seal()
    """,
    """
    CREATE TRIGGER ledger_account_name_stays BEFORE UPDATE OF id, book, kind, owner, currency, normal, floored
    ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_refuse('an account keeps its name')
    """,
    """
    CREATE TRIGGER ledger_hold_resolves_once BEFORE UPDATE ON ledger_hold
    FOR EACH ROW WHEN (OLD.state <> 'pending') EXECUTE FUNCTION ledger_refuse('the hold is resolved')
    """,
    """
    CREATE TRIGGER ledger_period_stays_closed BEFORE UPDATE ON ledger_period
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION ledger_refuse('the month is closed')
    """,
    *(
        f"CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table} FOR EACH {each} "
        f"EXECUTE FUNCTION ledger_refuse('{table} keeps its rows')"
        for table in ("ledger_account", "ledger_hold", "ledger_period")
        for name, verb, each in (("stays", "DELETE", "ROW"), ("stays_all", "TRUNCATE", "STATEMENT"))
    ),
]
POSTGRES_UNDO = [
    "DROP TRIGGER ledger_entry_admit ON ledger_entry",
    "DROP TRIGGER ledger_entry_declared ON ledger_entry",
    "DROP TRIGGER ledger_journal_seal ON ledger_journal",
    "DROP TRIGGER ledger_account_name_stays ON ledger_account",
    "DROP TRIGGER ledger_hold_resolves_once ON ledger_hold",
    "DROP TRIGGER ledger_period_stays_closed ON ledger_period",
    *(
        f"DROP TRIGGER {table}_{name} ON {table}"
        for table in ("ledger_account", "ledger_hold", "ledger_period")
        for name in ("stays", "stays_all")
    ),
    "DROP FUNCTION ledger_refuse",
    "DROP FUNCTION ledger_entry_admit",
    "DROP FUNCTION ledger_entry_declared",
    "DROP FUNCTION ledger_journal_seal",
]


def lay(apps, editor):
    for statement in SQLITE if editor.connection.vendor == "sqlite" else POSTGRES:
        editor.execute(statement, params=None)


def lift(apps, editor):
    for statement in SQLITE_UNDO if editor.connection.vendor == "sqlite" else POSTGRES_UNDO:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunPython(lay, lift),
        make_append_only("ledger_journal"),
        make_append_only("ledger_entry"),
    ]
