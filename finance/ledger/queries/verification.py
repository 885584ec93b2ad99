"""Recompute everything from the entries. One SQL aggregate a promise; nothing is read row by row."""

from __future__ import annotations

from django.db import connection

CHECKS: list[tuple[str, str]] = [
    (
        "journal {0}: {1} is out by {2}",
        """
        SELECT e.journal_id, a.currency, SUM(CASE e.side WHEN 'debit' THEN e.amount ELSE -e.amount END)
        FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
        GROUP BY e.journal_id, a.currency
        HAVING SUM(CASE e.side WHEN 'debit' THEN e.amount ELSE -e.amount END) <> 0
        """,
    ),
    (
        "journal {0}: {1} lines declared, {2} found",
        """
        SELECT j.ref, j.lines, COALESCE(e.found, 0)
        FROM ledger_journal j
        LEFT JOIN (SELECT journal_id, COUNT(*) AS found FROM ledger_entry GROUP BY journal_id) e ON e.journal_id = j.id
        WHERE j.lines <> COALESCE(e.found, 0) OR j.lines < 2
        """,
    ),
    (
        "entry {0}: its journal or account is missing, or stands in another book",
        """
        SELECT e.id FROM ledger_entry e
        LEFT JOIN ledger_journal j ON j.id = e.journal_id
        LEFT JOIN ledger_account a ON a.id = e.account_id
        WHERE j.id IS NULL OR a.id IS NULL OR a.book <> j.book
        """,
    ),
    (
        "account {0}: posted {1}/{2}, entries say {3}/{4}",
        """
        SELECT a.book || '/' || a.kind || '/' || a.owner || '/' || a.currency,
            a.debits_posted, a.credits_posted, COALESCE(e.debits, 0), COALESCE(e.credits, 0)
        FROM ledger_account a
        LEFT JOIN (
            SELECT account_id, SUM(CASE side WHEN 'debit' THEN amount ELSE 0 END) AS debits,
                SUM(CASE side WHEN 'credit' THEN amount ELSE 0 END) AS credits
            FROM ledger_entry GROUP BY account_id
        ) e ON e.account_id = a.id
        WHERE a.debits_posted <> COALESCE(e.debits, 0) OR a.credits_posted <> COALESCE(e.credits, 0)
        """,
    ),
    (
        "account {0}: version {1}, but {2} entries numbered {3} to {4}",
        """
        SELECT a.book || '/' || a.kind || '/' || a.owner || '/' || a.currency,
            a.version, COALESCE(e.found, 0), COALESCE(e.first, 1), COALESCE(e.last, 0)
        FROM ledger_account a
        LEFT JOIN (
            SELECT account_id, COUNT(*) AS found, MIN(version) AS first, MAX(version) AS last
            FROM ledger_entry GROUP BY account_id
        ) e ON e.account_id = a.id
        WHERE a.version <> COALESCE(e.found, 0) OR a.version <> COALESCE(e.last, 0) OR COALESCE(e.first, 1) <> 1
        """,
    ),
    (
        "book {0}: debits and credits differ by {2} {1}",
        """
        SELECT book, currency, SUM(debits_posted) - SUM(credits_posted)
        FROM ledger_account GROUP BY book, currency HAVING SUM(debits_posted) <> SUM(credits_posted)
        """,
    ),
    (
        "account {0}: below its floor by {1}",
        """
        SELECT book || '/' || kind || '/' || owner || '/' || currency,
            CASE normal WHEN 'credit' THEN debits_posted + debits_pending - credits_posted
            ELSE credits_posted + credits_pending - debits_posted END
        FROM ledger_account
        WHERE floored AND ((normal = 'credit' AND debits_posted + debits_pending > credits_posted)
            OR (normal = 'debit' AND credits_posted + credits_pending > debits_posted))
        """,
    ),
    (
        "account {0}: pending {1}/{2}, holds say {3}/{4}",
        """
        SELECT a.book || '/' || a.kind || '/' || a.owner || '/' || a.currency,
            a.debits_pending, a.credits_pending, COALESCE(d.held, 0), COALESCE(c.held, 0)
        FROM ledger_account a
        LEFT JOIN (
            SELECT debit_account_id AS account_id, SUM(amount) AS held
            FROM ledger_hold WHERE state = 'pending' GROUP BY debit_account_id
        ) d ON d.account_id = a.id
        LEFT JOIN (
            SELECT credit_account_id AS account_id, SUM(amount) AS held
            FROM ledger_hold WHERE state = 'pending' GROUP BY credit_account_id
        ) c ON c.account_id = a.id
        WHERE a.debits_pending <> COALESCE(d.held, 0) OR a.credits_pending <> COALESCE(c.held, 0)
        """,
    ),
    (
        "hold {0}: posted {1}, its journal moved {2}",
        """
        SELECT h.ref, h.posted_amount, COALESCE(SUM(e.amount), 0)
        FROM ledger_hold h LEFT JOIN ledger_entry e
            ON e.journal_id = h.journal_id AND e.account_id = h.debit_account_id AND e.side = 'debit'
        WHERE h.state = 'posted' GROUP BY h.ref, h.posted_amount HAVING h.posted_amount <> COALESCE(SUM(e.amount), 0)
        """,
    ),
    (
        "journal {0}: does not mirror the one it reverses on account {1}",
        """
        SELECT ref, account_id FROM (
            SELECT r.ref, e.account_id, e.side, e.amount
            FROM ledger_journal r JOIN ledger_entry e ON e.journal_id = r.id WHERE r.reverses_id IS NOT NULL
            UNION ALL
            SELECT r.ref, e.account_id, e.side, e.amount
            FROM ledger_journal r JOIN ledger_entry e ON e.journal_id = r.reverses_id
        ) both_sides
        GROUP BY ref, account_id HAVING SUM(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0
        """,
    ),
    (
        "book {0}: escrow holds {2} {1} and owes {3}",
        """
        SELECT book, currency,
            SUM(CASE kind WHEN 'cash_escrow' THEN debits_posted - credits_posted ELSE 0 END) AS cash,
            SUM(CASE kind WHEN 'cash_escrow' THEN 0 ELSE credits_posted - debits_posted END) AS owed
        FROM ledger_account WHERE kind IN ('cash_escrow', 'buyer_deposits', 'customer_advances', 'bid_bonds')
        GROUP BY book, currency
        HAVING SUM(CASE kind WHEN 'cash_escrow' THEN debits_posted - credits_posted ELSE 0 END)
            <> SUM(CASE kind WHEN 'cash_escrow' THEN 0 ELSE credits_posted - debits_posted END)
        """,
    ),
]
MOST_NAMED = 20


def verify() -> list[str]:
    """Return what is wrong with the books, at most twenty findings a check; nothing when they are sound."""
    findings: list[str] = []
    with connection.cursor() as cursor:
        for words, sql in CHECKS:
            cursor.execute(sql)
            findings += [words.format(*row) for row in cursor.fetchmany(MOST_NAMED)]
    return findings
