"""Where an organisation is paid, and why nobody can turn that aside alone or in haste."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from marketplace.events.use_cases import next_ref, record
from marketplace.kernel.refusals import BadValue, NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import events, models, rules
from marketplace.parties.states import BankAccountState
from marketplace.parties.use_cases.organisations import load


class ChangeUnderWay(Refusal):
    """A change waits for its second pair of eyes; it is confirmed or refused before the next begins."""

    code = "bank_change_under_way"
    words = gettext_noop("A change of bank account is waiting for {organisation}. Confirm or refuse it first.")


class SameEyes(Refusal):
    """Whoever asked for it cannot confirm it."""

    code = "four_eyes"
    status = 403
    words = gettext_noop("{by} asked for this; another person must confirm it.")


@transaction.atomic
def set_bank_account(*, organisation_ref: str, holder: str, bank_code: str, number: str, by: str, at: datetime) -> str:
    """Name the account to which an organisation is paid, and return its ref.

    The first is usable at once. A change waits for another person's confirmation, then for 48 hours; until then the old
    one stays in force.

    :raises ChangeUnderWay: an earlier change is still waiting.
    :raises BadValue: something is left out.
    """
    for place, value in (("holder", holder), ("bank_code", bank_code), ("number", number)):
        if not value.strip():
            raise BadValue(place=place, value=value, reason=gettext_noop("it is needed"))
    organisation = load(organisation_ref)
    first = (
        not models.BankAccount.objects.filter(organisation=organisation)
        .exclude(state__in=[BankAccountState.REQUESTED.value, BankAccountState.REFUSED.value])
        .exists()
    )
    state = BankAccountState.CONFIRMED if first else BankAccountState.REQUESTED
    account = models.BankAccount(
        ref=next_ref("BA", at=at),
        state=state.value,
        organisation=organisation,
        holder=holder.strip(),
        bank_code=bank_code.strip(),
        number="".join(number.split()),
        requested_by=by,
        requested_at=at,
        usable_from=at if first else None,
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise ChangeUnderWay(organisation=organisation_ref) from None
    if first:
        fact = events.BankAccountConfirmed(organisation_ref, account.ref, at)
        record(fact, source_ref=account.ref, at=at)
    else:
        record(events.BankAccountRequested(organisation_ref, account.ref), source_ref=account.ref, at=at)
    return account.ref


@transaction.atomic
def confirm_bank_account(*, bank_account_ref: str, by: str, at: datetime, why: str = "") -> datetime:
    """Confirm a change and return from when it is paid to; the present account ends at that instant.

    :raises SameEyes: by the one who asked for it.
    """
    account = _load(bank_account_ref)
    if account.requested_by == by:
        raise SameEyes(by=by)
    usable_from = at + rules.COOLING_OFF
    present = models.BankAccount.objects.filter(
        organisation=account.organisation, state=BankAccountState.CONFIRMED.value
    ).first()
    if present is not None and account.state == BankAccountState.REQUESTED:
        present.move("supersede", by=by, at=at, why=account.ref, superseded_at=usable_from)
    account.move("confirm", by=by, at=at, why=why, confirmed_by=by, usable_from=usable_from)
    fact = events.BankAccountConfirmed(account.organisation.ref, account.ref, usable_from)
    record(fact, source_ref=account.ref, at=at)
    return usable_from


@transaction.atomic
def refuse_bank_account(*, bank_account_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Turn a change down; who asked for it may take it back in this way too."""
    _load(bank_account_ref).move("refuse", by=by, at=at, why=why)


def _load(ref: str) -> models.BankAccount:
    found = models.BankAccount.objects.select_related("organisation").filter(ref=ref).first()
    if found is None:
        raise NotFound(what="bank account", ref=ref)
    return found
