"""Hold money for a purpose; later post it, wholly or in part, or let it go."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction

from finance.ledger import models
from finance.ledger.rules import (
    Acct,
    BadJournal,
    Movement,
    NewJournal,
    canonical_sha256,
    credit,
    debit,
    must_be_bookable,
)
from finance.ledger.states import HoldState
from finance.ledger.use_cases.counters import accounts_of, move_counters, pass_turnstile
from finance.ledger.use_cases.post import Wish, write_journals
from marketplace.events.use_cases import KeyReused, next_ref
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop


class HoldResolved(Refusal):
    """The hold has been posted, voided or has expired; it cannot be resolved again."""

    code = "hold_resolved"
    words = gettext_noop("The hold {key} is {state} already.")


class HoldExceeded(Refusal):
    """More was to be posted than is held."""

    code = "hold_exceeded"
    words = gettext_noop("{held} is held under {key}; {wanted} cannot be posted.")


def hold(
    *,
    key: str,
    debit: Acct,
    credit: Acct,
    amount: Money,
    source_ref: str,
    expires_at: datetime | None = None,
    by: str,
    at: datetime,
) -> str:
    """Set `amount` aside to go from `debit` to `credit`; return the hold's ref. The same request returns the first.

    :raises BadJournal: two books, two currencies, the same account twice, or an amount that is not positive.
    :raises LimitReached: an account has not that much left.
    :raises KeyReused: the key stands for another hold.
    """
    for acct in (debit, credit):
        must_be_bookable(acct, amount)
    if debit == credit or debit.book != credit.book:
        raise BadJournal(why=f"{amount} cannot be held from {debit} to {credit}")
    sha256 = canonical_sha256("hold", str(debit), str(credit), amount.minor, source_ref, expires_at)
    known = _held_before(key, sha256)
    if known:
        return known
    wish = models.Hold(
        key=key,
        request_sha256=sha256,
        amount=amount.minor,
        source_ref=source_ref,
        expires_at=expires_at,
        held_by=by,
        held_at=at,
    )
    try:
        with transaction.atomic():
            return _write_hold(wish, debit, credit)
    except IntegrityError:
        known = _held_before(key, sha256)
        if known:
            return known
        raise


def _held_before(key: str, sha256: str) -> str | None:
    known = models.Hold.objects.filter(key=key).values_list("ref", "request_sha256").first()
    if known is None:
        return None
    if known[1] != sha256:
        raise KeyReused(key=key)
    return known[0]


def _write_hold(wish: models.Hold, debit: Acct, credit: Acct) -> str:
    pass_turnstile()
    accounts = accounts_of([debit, credit], at=wish.held_at)
    for acct, account in accounts.items():
        move_counters(account, _pending(acct == debit, wish.amount))
    wish.debit_account, wish.credit_account = accounts[debit], accounts[credit]
    wish.ref = next_ref("HD", at=wish.held_at)
    wish.save(force_insert=True)
    return wish.ref


def post_hold(*, key: str, booked_on: date, amount: Money | None = None, by: str, at: datetime) -> str:
    """Post what is held under `key`, or the `amount` of it, and let the rest go; return the journal's ref.

    Posting the same again returns the same journal.

    :raises NotFound: nothing was ever held under the key.
    :raises HoldExceeded: `amount` is more than is held.
    :raises HoldResolved: posted otherwise, voided, or expired.
    :raises PeriodClosed: the month of `booked_on` is closed.
    """
    with transaction.atomic():
        pass_turnstile()
        held = _the_hold(key)
        currency = held.debit_account.currency
        wanted = amount or Money.from_minor(held.amount, currency)
        if held.state == HoldState.POSTED and held.posted_amount == wanted.minor and wanted.currency == currency:
            return _ref_of(held.journal)
        _must_be_pending(held, at)
        if wanted.minor > held.amount:
            raise HoldExceeded(key=key, held=str(Money.from_minor(held.amount, currency)), wanted=str(wanted))
        journal = _post_held(held, wanted, booked_on, by, at)
        held.move("post", by=by, at=at, posted_amount=wanted.minor, journal=journal)
        return journal.ref


def _post_held(held: models.Hold, wanted: Money, booked_on: date, by: str, at: datetime) -> models.Journal:
    from_, to = held.debit_account.acct, held.credit_account.acct
    lines = [debit(from_, wanted), credit(to, wanted)]
    wish = Wish(
        NewJournal(f"{held.key}:posted", lines, booked_on, held.source_ref, f"hold {held.ref}"),
        canonical_sha256("post_hold", held.ref, wanted.minor, booked_on),
        released={from_: (held.amount, 0), to: (0, held.amount)},
    )
    [journal] = write_journals([wish], by=by, at=at)
    return journal


def void_hold(*, key: str, by: str, at: datetime, why: str = "") -> None:
    """Let what is held under `key` go. Voiding a voided hold changes nothing.

    :raises NotFound: nothing was ever held under the key.
    :raises HoldResolved: it has been posted or has expired.
    """
    with transaction.atomic():
        pass_turnstile()
        held = _the_hold(key)
        if held.state == HoldState.VOIDED:
            return
        if held.state != HoldState.PENDING:
            raise HoldResolved(key=key, state=held.state)
        _let_go(held, "void", by, at, why)


def expire_holds(*, by: str, at: datetime, limit: int = 500) -> int:
    """Let go what has been held past its time, oldest first; return how many holds that were."""
    due = models.Hold.objects.filter(state=HoldState.PENDING.value, expires_at__lte=at)
    count = 0
    for key in list(due.order_by("expires_at", "pk").values_list("key", flat=True)[:limit]):
        with transaction.atomic():
            pass_turnstile()
            held = _the_hold(key)
            if held.state == HoldState.PENDING:
                _let_go(held, "expire", by, at, "its time has passed")
                count += 1
    return count


def _let_go(held: models.Hold, verb: str, by: str, at: datetime, why: str) -> None:
    for account in sorted((held.debit_account, held.credit_account), key=lambda account: account.pk):
        move_counters(account, _pending(account.pk == held.debit_account_id, -held.amount))
    held.move(verb, by=by, at=at, why=why)


def _pending(of_debit: bool, amount: int) -> Movement:
    return Movement(debits_pending=amount) if of_debit else Movement(credits_pending=amount)


def _the_hold(key: str) -> models.Hold:
    held = models.Hold.objects.select_related("debit_account", "credit_account", "journal").filter(key=key).first()
    if held is None:
        raise NotFound(what="hold", ref=key)
    return held


def _must_be_pending(held: models.Hold, at: datetime) -> None:
    expired = held.expires_at is not None and held.expires_at <= at
    if held.state != HoldState.PENDING or expired:
        raise HoldResolved(key=held.key, state=HoldState.EXPIRED.value if expired else held.state)


def _ref_of(journal: models.Journal | None) -> str:
    if journal is None:
        raise RuntimeError("a posted hold has its journal")
    return journal.ref
