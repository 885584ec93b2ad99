"""Bid bonds: lodged before anybody bids, held on the ledger, released or forfeited by rule.

A bond says that a firm may bid, never that it did: it is lodged by a deed of its own, sealing only looks for it, no
fact and no notice tells of it, and its ref is drawn by lot.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction

from finance.ledger import use_cases as ledger_
from finance.ledger.use_cases import Acct
from marketplace.events import use_cases as events_
from marketplace.kernel.clock import business_date
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.tenders import events, models
from procurement.tenders.rules.texts import checked_text
from procurement.tenders.rules.words import BOND_FORFEITED, BOND_RELEASED
from procurement.tenders.states import BidState, BondState, TenderState
from procurement.tenders.use_cases.interest import note_interest, tell
from procurement.tenders.use_cases.loading import bidder, hold_still, published_to

BIDDER = "bidder"


class NoBond(Refusal):
    """The tender asks for a bid bond, and this supplier has lodged none."""

    code = "no_bond"
    words = gettext_noop("{tender} asks for a bid bond of {amount}. Lodge it first.")


class NoBondAsked(Refusal):
    """This tender asks for none."""

    code = "no_bond_asked"
    words = gettext_noop("{tender} asks for no bid bond.")


class BondLodged(Refusal):
    """One bond a tender is enough."""

    code = "bond_lodged"
    words = gettext_noop("Your bid bond for {tender} is lodged already.")


class BondNeeded(Refusal):
    """A bid in the box needs its bond."""

    code = "bond_needed"
    words = gettext_noop("Your bid in {tender} stands on this bond. Withdraw the bid first.")


class BoxShut(Refusal):
    """Once the box is shut, bonds stay until the tender is decided."""

    code = "box_shut"
    words = gettext_noop("{tender} does not take bids any more; bonds are released when it is decided.")


@transaction.atomic
def lodge_bond(*, tender_ref: str, supplier_ref: str, by: str, at: datetime) -> str:
    """Hold the tender's bid bond out of what the supplier paid in for bonds, and return the bond's ref.

    :raises NotFound: no such tender, or none that this supplier may know of.
    :raises NotAllowed: the organisation is no verified supplier or factory.
    :raises NoBondAsked: the tender asks for none.
    :raises BoxShut: it takes no bids any more.
    :raises BondLodged: it is lodged already.
    :raises LimitReached: the supplier has not paid in that much.
    """
    supplier = bidder(supplier_ref)
    is_open = hold_still(tender_ref, state=TenderState.PUBLISHED.value, bids_until__gt=at, published_at__lte=at)
    tender = published_to(tender_ref, supplier)
    if not tender.bond_minor:
        raise NoBondAsked(tender=tender_ref)
    if not is_open:
        raise BoxShut(tender=tender_ref)
    amount = Money.from_minor(tender.bond_minor, tender.currency)
    bond = models.BidBond(
        ref=f"BB-{at.year:04d}-{secrets.randbelow(9 * 10**11) + 10**11}",
        tender=tender,
        supplier_id=supplier.id,
        supplier_ref=supplier_ref,
        currency=amount.currency,
        amount_minor=amount.minor,
        lodged_by=by,
        lodged_at=at,
    )
    try:
        with transaction.atomic():
            bond.save(force_insert=True)
    except IntegrityError:
        raise BondLodged(tender=tender_ref) from None
    ledger_.hold(
        key=_key(bond),
        debit=Acct("bid_bonds", supplier_ref, amount.currency),
        credit=Acct("other_income", currency=amount.currency),
        amount=amount,
        source_ref=bond.ref,
        by=BIDDER,
        at=at,
    )
    note_interest(tender, supplier, at=at)
    return bond.ref


def must_be_secured(tender: models.Tender, supplier_id: int) -> None:
    """Pass when the supplier's bond is lodged, or none is asked for; the caller holds the tender still.

    :raises NoBond: there is none.
    """
    if not tender.bond_minor:
        return
    lodged = models.BidBond.objects.filter(tender=tender, supplier_id=supplier_id, state=BondState.LODGED.value)
    if not lodged.exists():
        raise NoBond(tender=tender.ref, amount=str(Money.from_minor(tender.bond_minor, tender.currency)))


@transaction.atomic
def take_back_bond(*, tender_ref: str, supplier_ref: str, by: str, at: datetime) -> None:
    """Let the supplier's bond go before the box is shut, while no bid of its stands on it.

    :raises NotFound: no such tender, or the supplier lodged no bond for it.
    :raises BoxShut: the box is shut.
    :raises BondNeeded: its bid is in the box.
    """
    supplier = parties.organisation(supplier_ref)
    is_open = hold_still(tender_ref, state=TenderState.PUBLISHED.value, bids_until__gt=at)
    bond = _lodged(tender_ref, supplier.id)
    if not is_open:
        raise BoxShut(tender=tender_ref)
    stands = models.SealedBid.objects.filter(tender=bond.tender, supplier_id=supplier.id, state=BidState.SEALED.value)
    if stands.exists():
        raise BondNeeded(tender=tender_ref)
    _release(bond, why="taken back", by=BIDDER, at=at)


def release_bonds(tender: models.Tender, *, keep: Collection[str] = (), why: str, by: str, at: datetime) -> None:
    """Let the bonds of the tender go but those of the suppliers in `keep`; in the caller's transaction."""
    bonds = models.BidBond.objects.select_related("tender").filter(tender=tender, state=BondState.LODGED.value)
    for bond in bonds.exclude(supplier_ref__in=keep).order_by("pk"):
        _release(bond, why=why, by=by, at=at)


@transaction.atomic
def release_bond(*, tender_ref: str, supplier_ref: str, why: str = "", by: str, at: datetime) -> bool:
    """Let a winner's bond go once it is bound by contract; return whether there was one to let go.

    :raises NotFound: no such supplier.
    """
    supplier = parties.organisation(supplier_ref)
    bond = _find(tender_ref, supplier.id)
    if bond is None:
        return False
    _release(bond, why=why, by=by, at=at)
    return True


@transaction.atomic
def forfeit_bond(*, tender_ref: str, supplier_ref: str, why: str, by: str, at: datetime) -> Money | None:
    """Keep the bond of a winner that refuses its contract; return how much that is, None where no bond was lodged.

    Postings, rows 3b and 6c: bid bonds payable to other income, and the money leaves escrow.

    :raises NotFound: no such supplier.
    :raises BadValue: no reason.
    """
    supplier = parties.organisation(supplier_ref)
    bond = _find(tender_ref, supplier.id)
    if bond is None:
        return None
    said = checked_text("why", why)
    amount = Money.from_minor(bond.amount_minor, bond.currency)
    ledger_.void_hold(key=_key(bond), by=by, at=at, why="forfeited")
    _book_forfeit(bond, amount, by=by, at=at)
    bond.move("forfeit", by=by, at=at, why=said, reason=said, ended_at=at)
    fact = events.BondForfeited(tender_ref, bond.ref, supplier_ref, amount.minor, amount.currency, said)
    events_.record(fact, source_ref=bond.ref, at=at)
    tell(bond.tender, [supplier_ref], BOND_FORFEITED, at=at, amount=str(amount), why=said)
    return amount


def _book_forfeit(bond: models.BidBond, amount: Money, *, by: str, at: datetime) -> None:
    currency = amount.currency
    ledger_.post(
        key=f"{_key(bond)}:forfeited",
        lines=[
            ledger_.debit(Acct("bid_bonds", bond.supplier_ref, currency), amount),
            ledger_.credit(Acct("other_income", currency=currency), amount),
            ledger_.debit(Acct("cash_bank", currency=currency), amount),
            ledger_.credit(Acct("cash_escrow", currency=currency), amount),
        ],
        booked_on=business_date(at),
        source_ref=bond.ref,
        memo=f"bid bond {bond.ref} forfeited",
        by=by,
        at=at,
    )


def _release(bond: models.BidBond, *, why: str, by: str, at: datetime) -> None:
    ledger_.void_hold(key=_key(bond), by=by, at=at, why=why)
    bond.move("release", by=by, at=at, why=why, reason=why, ended_at=at)
    if by != BIDDER:
        amount = Money.from_minor(bond.amount_minor, bond.currency)
        tell(bond.tender, [bond.supplier_ref], BOND_RELEASED, at=at, amount=str(amount))


def _lodged(tender_ref: str, supplier_id: int) -> models.BidBond:
    bond = _find(tender_ref, supplier_id)
    if bond is None:
        raise NotFound(what="bid bond", ref=tender_ref)
    return bond


def _find(tender_ref: str, supplier_id: int) -> models.BidBond | None:
    rows = models.BidBond.objects.select_related("tender")
    return rows.filter(tender__ref=tender_ref, supplier_id=supplier_id, state=BondState.LODGED.value).first()


def _key(bond: models.BidBond) -> str:
    return f"bid-bond:{bond.ref}"
