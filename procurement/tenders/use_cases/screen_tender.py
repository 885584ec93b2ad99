"""Look at opened bids a second time, keep what is found, and hear the suppliers of abnormally low prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db import transaction

from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from marketplace.parties import use_cases as parties_
from procurement.engines.screens import PricedLine, abnormally_low, alike_groups, shared_traces, unbalanced
from procurement.tenders import models
from procurement.tenders.queries.comparison import ComparedLot, Comparison, comparison
from procurement.tenders.rules.flagging import COLLUSION, LOW, SHARED, UNBALANCED, Finding
from procurement.tenders.states import OPEN_TO_READ

LOOKED_BACK = 200  # opened tenders that the screens of collusion look back on
SHOWN = 20  # lines of an unbalanced bid that a flag repeats
FEWEST_LOTS = 4  # lots from which a bid's lots are looked at like the lines of a schedule


class AnsweredAlready(Refusal):
    """A low price is justified once."""

    code = "answered_already"
    words = gettext_noop("This price was justified already.")


def screen_tender(*, tender_ref: str, by: str, at: datetime) -> int:
    """Keep what the screens find about an opened tender and return how many findings are new; they block nothing.

    :raises NotFound: no such tender.
    :raises IllegalMove: it is not opened yet.
    """
    tender = models.Tender.objects.filter(ref=tender_ref).first()
    if tender is None:
        raise NotFound(what="tender", ref=tender_ref)
    if tender.state not in OPEN_TO_READ:
        raise IllegalMove(machine="tender", state=tender.state, verb="screen")
    side_by_side = comparison(tender)
    findings = [*_low(side_by_side), *_leaning(side_by_side), *_alike(tender), *_shared(tender)]
    with transaction.atomic():
        new = [_keep(tender, one, at) for one in findings]
    return sum(new)


def _keep(tender: models.Tender, one: Finding, at: datetime) -> bool:
    _, new = models.BidFlag.objects.get_or_create(
        tender=tender,
        kind=one.kind,
        about=one.about[:200],
        defaults={
            "lot_id": one.lot_id,
            "opened_bid_id": one.bid_id,
            "refs": list(one.refs),
            "figures": dict(one.figures),
            "found_at": at,
        },
    )
    return new


def _low(side_by_side: Comparison) -> Iterator[Finding]:
    for compared in side_by_side.lots:
        by_ref = {one.supplier_ref: one for one in compared.offers}
        prices = {ref: _asked(one) for ref, one in by_ref.items()}
        for low in abnormally_low({ref: price for ref, price in prices.items() if price}):
            figures = {
                "price": _text(low.price),
                "below_mean": _text(low.below_mean),
                "below_next": _text(low.below_next),
            }
            about = f"{compared.lot.ref} {low.bidder}"
            yield Finding(LOW, about, compared.lot.pk, by_ref[low.bidder].bid_id, (low.bidder,), figures)


def _asked(one: Any) -> Fraction | None:
    """Return what an offer asks: landed a unit, or its total where it priced every line; never what it counts as."""
    if one.price is not None:
        return Fraction(one.price.landed)
    return Fraction(one.total.amount) if one.total and one.complete else None


def _leaning(side_by_side: Comparison) -> Iterator[Finding]:
    bids = {one.pk: one.supplier_ref for one in side_by_side.bids}
    ids = {ref: pk for pk, ref in bids.items()}
    for compared in side_by_side.lots:
        if any(one.price is None for one in compared.offers):
            yield from _unbalanced(_lines_of(compared.lot, bids), ids, compared.lot.ref, compared.lot.pk)
    lots = [one for one in side_by_side.lots if one.wanted and any(offer.price for offer in one.offers)]
    if len(lots) >= FEWEST_LOTS:
        yield from _unbalanced([_as_line(one) for one in lots], ids, side_by_side.tender.ref, None)


def _as_line(one: ComparedLot) -> PricedLine:
    prices = {offer.supplier_ref: Fraction(offer.price.landed) for offer in one.offers if offer.price}
    return PricedLine(one.lot.ref, Fraction(one.wanted or 0), prices)


def _lines_of(lot: models.Lot, bids: Mapping[int, str]) -> list[PricedLine]:
    prices: dict[int, dict[str, Fraction]] = defaultdict(dict)
    rows = models.BidTier.objects.filter(lot_offer__lot=lot, lot_offer__opened_bid__rejected="")
    for line_id, bid_id, price in rows.values_list("line_id", "lot_offer__opened_bid_id", "unit_price"):
        prices[line_id][bids[bid_id]] = Fraction(price)
    return [
        PricedLine(
            f"{line.position} {line.description}"[:80],
            Fraction(line.quantity),
            prices[line.pk],
            None if line.estimate is None else Fraction(line.estimate),
        )
        for line in lot.lines.order_by("position")
        if line.quantity and line.pk in prices
    ]


def _unbalanced(lines: list[PricedLine], ids: Mapping[str, int], about: str, lot_id: int | None) -> Iterator[Finding]:
    for one in unbalanced(lines):
        leaning = sorted((*one.over, *one.under), key=lambda line: -line.moves)
        rows = [
            {"line": line.line, "price": _text(line.price), "level": _text(line.level), "factor": _text(line.factor)}
            for line in leaning[:SHOWN]
        ]
        figures = {"moved": _text(one.moved), "over": len(one.over), "under": len(one.under), "lines": rows}
        yield Finding(UNBALANCED, f"{about} {one.bidder}", lot_id, ids[one.bidder], (one.bidder,), figures)


def _alike(tender: models.Tender) -> Iterator[Finding]:
    """Yield groups of this tender's bidders whose prices lay too close over the tenders they met in."""
    here = set(tender.opened_bids.filter(rejected="").values_list("supplier_ref", flat=True))
    past = models.Tender.objects.filter(state__in=OPEN_TO_READ, opened_bids__supplier_ref__in=here).distinct()
    met = [prices for one in past.order_by("-id")[:LOOKED_BACK] if len(prices := _prices_of(one, here)) > 2]
    for group in alike_groups(met):
        figures = {"tenders": group.tenders, "variation": f"{group.variation:.4f}", "apart": f"{group.apart:.2f}"}
        yield Finding(COLLUSION, " ".join(group.bidders), None, None, group.bidders, figures)


def _prices_of(tender: models.Tender, bidders: set[str]) -> dict[str, float]:
    """Return what these bidders ask for the tender's lot that most of them bid for: one price a tender each."""
    lots = [
        {one.supplier_ref: float(price) for one in lot.offers if one.supplier_ref in bidders and (price := _asked(one))}
        for lot in comparison(tender).lots
    ]
    return max(lots, key=len, default={})


def _shared(tender: models.Tender) -> Iterator[Finding]:
    bids = list(tender.opened_bids.filter(rejected=""))
    traces = parties.traces_of(bid.supplier_ref for bid in bids)
    for bid in bids:
        said = (("file", bid.file.get("sha256", "")), ("changed_by", bid.file.get("changed_by", "")))
        traces[bid.supplier_ref].extend(said)
    for kind, value, found in shared_traces(traces):
        shown = value if kind != "account" else f"*{value[-4:]}"
        yield Finding(SHARED, f"{kind} {' '.join(found)}", None, None, found, {"trace": kind, "value": shown[:120]})


def _text(number: Fraction | None) -> str | None:
    return None if number is None else f"{float(number):.4f}"


@transaction.atomic
def ask_to_justify(*, flag_id: int, by: str, at: datetime) -> None:
    """Ask the supplier of an abnormally low price to say how it comes about; asking again changes nothing.

    :raises NotFound: there is no such flag on a low price.
    """
    flag = models.BidFlag.objects.filter(pk=flag_id, kind=LOW).select_related("opened_bid", "tender").first()
    if flag is None or flag.opened_bid is None:
        raise NotFound(what="flag", ref=str(flag_id))
    asked = models.BidFlag.objects.filter(pk=flag_id, asked_at__isnull=True).update(asked_by=by, asked_at=at)
    if asked:
        parties_.notify(
            organisation_ref=flag.opened_bid.supplier_ref,
            text=gettext_noop("{tender}: one of your prices is far below the others'. Please say how it comes about."),
            facts={"tender": flag.tender.ref},
            about_ref=flag.tender.ref,
            at=at,
        )


@transaction.atomic
def justify_price(*, flag_id: int, supplier_ref: str, answer: str, by: str, at: datetime) -> None:
    """Keep how a supplier explains its low price, once.

    :raises NotFound: no such flag of this supplier was asked about.
    :raises BadValue: the answer is empty or longer than 4,000 letters.
    :raises AnsweredAlready: it answered before.
    """
    mine = models.BidFlag.objects.filter(
        pk=flag_id, opened_bid__supplier_ref=supplier_ref, kind=LOW, asked_at__isnull=False
    )
    if not mine.exists():
        raise NotFound(what="flag", ref=str(flag_id))
    said = answer.strip()
    if not said or len(said) > 4_000:
        raise BadValue(place="answer", value=f"{len(said)} letters", reason="needs 1 to 4,000")
    if not models.BidFlag.objects.filter(pk=flag_id, answered_at__isnull=True).update(
        answer=said, answered_by=by, answered_at=at
    ):
        raise AnsweredAlready()
