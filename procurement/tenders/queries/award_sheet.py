"""The report of an award: what was asked, who bid, what each would have cost, who won, why, and what proves it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from marketplace.foundation.pdf import Sheet, Table
from marketplace.foundation.templatetags.reader import plain
from marketplace.foundation.wording import instant_words, unit_words
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound
from procurement.tenders import models
from procurement.tenders.queries.comparison import ComparedOffer, comparison
from procurement.tenders.queries.reading import awards_for
from procurement.tenders.rules.words import FAULTS, LOST_WORDS, PROCEDURES


@dataclass(frozen=True)
class _Report:
    """What the tables are made from. `own` is the bidder that reads, '' for staff and buyers, who read everything."""

    award: models.Award
    own: str
    lots: Sequence[models.Lot]
    bids: Sequence[models.OpenedBid]
    lines: Sequence[models.AwardLine]

    def name(self, supplier_ref: str) -> str:
        """Return a bidder's name; a loser's is hidden from other bidders behind its place in the list."""
        place, bid = next(((n, one) for n, one in enumerate(self.bids, start=1) if one.supplier_ref == supplier_ref))
        if not self.own or supplier_ref in {self.own, *(line.supplier_ref for line in self.lines)}:
            return bid.supplier_name
        return _("Bidder %(number)d") % {"number": place}

    def reads(self, supplier_ref: str) -> bool:
        """Return whether the reader may know what this bidder asked."""
        return not self.own or supplier_ref == self.own

    def lot(self, ref: str) -> str:
        return next((f"{lot.position}. {lot.description}" for lot in self.lots if lot.ref == ref), ref)

    def money(self, minor: int) -> str:
        money = Money.from_minor(minor, self.award.currency)
        return f"{money.currency} {money.amount:,}"

    def worth(self, amount: Decimal) -> str:
        return self.money(Money.rounded(amount, self.award.currency).minor)


def award_sheet(actor: Actor, award_ref: str) -> Sheet:
    """Return the report of an award for buyers of its pools, those who bid in it, and staff, in the reader's language.

    A bidder reads its own offers and what won; other losers stand without name and price.

    :raises NotFound: there is none that the actor may see.
    """
    row = awards_for(actor).select_related("tender", "override").filter(ref=award_ref).first()
    if row is None:
        raise NotFound(what="award", ref=award_ref)
    bids = list(models.OpenedBid.objects.filter(tender=row.tender).order_by("received_at", "id"))
    bidder = not actor.staff and actor.organisation in {one.supplier_ref for one in bids}
    report = _Report(
        award=row,
        own=actor.organisation if bidder else "",
        lots=list(models.Lot.objects.filter(tender=row.tender).order_by("position")),
        bids=bids,
        lines=list(models.AwardLine.objects.filter(award=row).select_related("lot").order_by("id")),
    )
    tables = [_lots(report), _bidders(report), _offers(report), _won(report), _lost(report), _decisions(report)]
    return Sheet(
        title=_("Award report"),
        ref=row.ref,
        made_at=row.awarded_at,
        facts=_facts(report),
        tables=[table for table in tables if table.rows],
        totals=[(_("Awarded, goods and freight before VAT"), report.money(row.total_minor))],
        notes=_notes(report),
        language=get_language() or "en",
    )


def _facts(report: _Report) -> list[tuple[str, str]]:
    row, tender = report.award, report.award.tender
    days = (
        (_("Published"), tender.published_at),
        (_("Bids until"), tender.bids_until),
        (_("Opened"), tender.opened_at),
        (_("Decided"), row.awarded_at),
        (_("Stands still until"), tender.standstill_until),
    )
    counts = row.total_minor if row.score_minor is None else row.score_minor
    gap = counts - row.bound_minor
    share = Decimal(100) * gap / counts if counts else Decimal(0)
    return [
        (_("Tender"), f"{tender.title} ({tender.ref})"),
        (_("Procedure"), _(PROCEDURES.get(tender.procedure, tender.procedure))),
        *((name, instant_words(at)) for name, at in days if at is not None),
        (_("Bids opened"), str(len(report.bids))),
        (_("Bids that could not stand"), str(sum(1 for one in report.bids if one.rejected))),
        (_("Rounds"), str(row.rounds)),
        *([] if row.score_minor is None else [(_("Counts as, with merit"), report.money(row.score_minor))]),
        *_override(report),
        (_("Lower bound"), report.money(row.bound_minor)),
        (_("Gap to the bound"), f"{report.money(gap)} ({share:.3f} %)"),
        (_("Proved the cheapest"), _("yes") if row.proved else _("no")),
        (_("Independent checker"), _("agrees with every round") if row.checked else _("does not agree")),
    ]


def _override(report: _Report) -> list[tuple[str, str]]:
    """Return that an award was made against the engine, at what cost; the reason may name bidders, who are not told."""
    wish = report.award.override
    if wish is None:
        return []
    told = [(_("Awarded against the cheapest mix, at a cost of"), report.money(wish.cost_minor))]
    return told if report.own else [*told, (_("Why so"), wish.why)]


def _lots(report: _Report) -> Table:
    winners: dict[int, dict[str, None]] = defaultdict(dict)
    for line in report.lines:
        winners[line.lot_id][report.name(line.supplier_ref)] = None
    rows = [
        [
            f"{lot.position}. {lot.description}",
            f"{plain(lot.quantity)} {unit_words(lot.unit)}",
            ", ".join(winners[lot.pk]) or _("nobody"),
        ]
        for lot in report.lots
    ]
    return Table([_("Lot"), _("Quantity"), _("Awarded to")], rows, [40, 18, 40], [1], title=_("Lots"))


def _bidders(report: _Report) -> Table:
    rows = [
        [
            report.name(one.supplier_ref),
            instant_words(one.received_at) if report.reads(one.supplier_ref) else "",
            _(FAULTS.get(one.rejected, one.rejected)) if one.rejected else _("stands"),
        ]
        for one in report.bids
    ]
    return Table([_("Bidder"), _("Received"), _("Verdict")], rows, [30, 25, 45], title=_("Bidders"))


def _offers(report: _Report) -> Table:
    """Return the standing offers lot by lot, the best first, each at what it won, else at what is wanted."""
    rows = []
    for compared in comparison(report.award.tender).lots:
        for one in compared.offers:
            if report.reads(one.supplier_ref):
                rows.append([report.lot(compared.lot.ref), report.name(one.supplier_ref), *_priced(report, one)])
    head = [_("Lot"), _("Bidder"), _("For"), _("Landed a unit"), _("Counts as"), _("Amount")]
    return Table(head, rows, [30, 28, 12, 14, 14, 20], [2, 3, 4, 5], title=_("Comparison of offers"))


def _priced(report: _Report, one: ComparedOffer) -> list[str]:
    """Return an offer's quantity, landed price, what that counts as where merit counts, and its whole amount."""
    price = one.price
    if price is None:
        return ["", "", "", "" if one.total is None else report.money(one.total.minor)]
    counts = "" if price.weighted is None else plain(price.weighted)
    return [plain(price.quantity), plain(price.landed), counts, report.worth(price.quantity * price.landed)]


def _won(report: _Report) -> Table:
    rows = [
        [
            report.lot(line.lot.ref),
            report.name(line.supplier_ref),
            line.region,
            f"{plain(line.quantity)} {unit_words(line.lot.unit)}",
            plain(line.unit_price),
            plain(line.freight),
            report.worth(line.quantity * (line.unit_price + line.freight)),
        ]
        for line in report.lines
    ]
    head = [_("Lot"), _("Supplier"), _("Region"), _("Quantity"), _("Unit price"), _("Freight"), _("Amount")]
    return Table(head, rows, [22, 22, 13, 13, 12, 11, 19], [3, 4, 5, 6], title=_("Awarded"))


def _lost(report: _Report) -> Table:
    rows = [
        [
            report.lot(one["lot"]),
            report.name(one["supplier"]),
            _(LOST_WORDS.get(one["code"], one["code"])),
            _cheaper(one.get("how", ""), one.get("at_least")),
        ]
        for one in report.award.rejected
        if report.reads(one["supplier"])
    ]
    head = [_("Lot"), _("Bidder"), _("Why it lost"), _("Would have tied")]
    return Table(head, rows, [26, 22, 32, 20], title=_("Offers that lost"))


def _cheaper(how: str, cut: str | None) -> str:
    if how == "never":
        return _("at no price")
    if cut is None:
        return _("not known")
    text = _("%(cut)s a unit cheaper") if how == "exact" else _("at least %(cut)s a unit cheaper")
    return text % {"cut": plain(Decimal(cut))}


def _decisions(report: _Report) -> Table:
    """Return each decision with the digest of its problem, by which anybody who has it checks it again."""
    rows = [
        [f"{one.part}.{one.round}", _out(len(one.dropped), len(one.cut)), one.problem_sha256]
        for one in models.AwardRound.objects.filter(award=report.award).defer("problem").order_by("part", "round")
    ]
    head = [_("Round"), _("Members out or cut"), _("SHA-256 of the problem")]
    return Table(head, rows, [10, 24, 66], title=_("Decisions"))


def _out(dropped: int, cut: int) -> str:
    out = ngettext("%(count)d dropped out", "%(count)d dropped out", dropped) % {"count": dropped}
    less = ngettext("%(count)d cut to less", "%(count)d cut to less", cut) % {"count": cut}
    return f"{out}, {less}"


def _notes(report: _Report) -> list[str]:
    notes = [
        _("No award of the same demand to the same bids costs, or counts as, less than the lower bound."),
        _("Members whose ceiling lies below the landed price drop out free of charge; what remains is decided anew."),
    ]
    if report.own:
        notes.append(_("Bidders that lost stand here without name and price."))
    if report.award.tender.receipts_root:
        notes.append(_("Root over all sealed bids: %(root)s") % {"root": report.award.tender.receipts_root})
    return notes
