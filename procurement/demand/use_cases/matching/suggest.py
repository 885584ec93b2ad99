"""Open lines in words are compared with the catalogue: named, put before a person, or left as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F

from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.queries import ProductView
from marketplace.events.use_cases import next_refs
from marketplace.kernel.refusals import StaleWrite
from procurement.demand import models, queries
from procurement.demand.states import SuggestionState
from procurement.demand.use_cases.matching.knowledge import Knowledge, key_now, knowledge_of
from procurement.demand.use_cases.matching.memory import remembered
from procurement.demand.use_cases.matching.naming import fits, name_line

A_SWEEP = 500  # lines looked at in one go
MEMORY, MODEL = "memory", "model"
IN_USE = "reviewed"  # what the catalogue calls a product that may be asked for


@dataclass(frozen=True)
class Suggested:
    """What came of a look: lines named by memory, by the model, waiting for a person, and with nothing near."""

    remembered: int = 0
    named: int = 0
    waiting: int = 0
    nothing: int = 0

    @property
    def lines(self) -> int:
        return self.remembered + self.named + self.waiting + self.nothing


@dataclass
class _Thought:
    """What is thought of one line: candidates as (product id, confidence, reasons), likeliest first."""

    line: models.RequestLine
    origin: str = MODEL
    certain: bool = False
    candidates: list[tuple[int, float, list[dict[str, object]]]] = field(default_factory=list)


def suggest_products(*, by: str, at: datetime, limit: int = A_SWEEP) -> Suggested:
    """Look for the products that open lines in words mean, and name those that are certain.

    First each buyer's memory (confidence 1), then the model: above its automatic threshold, with nothing contradicting
    and an exact unit, the product is named by itself; between its thresholds the candidates wait for a person.
    A line is looked at once for each state of the catalogue, oldest first, at most `limit` in one call. Twins think the
    same of a line, and only one of them writes it.
    """
    key = key_now()
    lines = queries.lines_to_match(key, limit)
    if not lines:
        return Suggested()
    thoughts = _from_memory(lines)
    others = [line for line in lines if line.pk not in thoughts]
    if others:
        thoughts |= _from_model(others, knowledge_of(key))
    _leave_out_rejected(thoughts)
    products = catalogue.products_by_id({c[0] for thought in thoughts.values() for c in thought.candidates})
    return _keep(list(thoughts.values()), products, key, by=by, at=at)


def _from_memory(lines: Sequence[models.RequestLine]) -> dict[int, _Thought]:
    from marketplace.engines.product_match.reading import term

    known = remembered({line.request.buyer_id for line in lines}, {line.text for line in lines})
    usable = catalogue.products_by_id(set(known.values()))
    found = {}
    for line in lines:
        product = known.get((line.request.buyer_id, term(line.text)))
        if product is not None and usable[product].state == IN_USE:
            reason: dict[str, object] = {"code": "remembered", "side": "for", "words": line.text}
            found[line.pk] = _Thought(line, MEMORY, certain=True, candidates=[(product, 1.0, [reason])])
    return found


def _from_model(lines: Sequence[models.RequestLine], known: Knowledge) -> dict[int, _Thought]:
    from marketplace.engines.product_match.records import Record

    texts = list(dict.fromkeys(line.text for line in lines))
    found = dict(zip(texts, known.finder.find([Record("", text) for text in texts]), strict=True))
    thoughts = {}
    for line in lines:
        suggestion = found[line.text]
        candidates = [
            (known.product_ids[c.row], c.confidence, [reason.to_json() for reason in c.reasons])
            for c in suggestion.candidates
        ]
        thoughts[line.pk] = _Thought(line, certain=suggestion.band == "automatic", candidates=candidates)
    return thoughts


def _leave_out_rejected(thoughts: Mapping[int, _Thought]) -> None:
    """Take out of the candidates what somebody has rejected for the line; what follows it is not certain."""
    rejected = models.MatchSuggestion.objects.filter(line_id__in=list(thoughts), state=SuggestionState.REJECTED.value)
    gone = set(rejected.values_list("line_id", "product_id"))
    for line_id, thought in thoughts.items():
        left = [one for one in thought.candidates if (line_id, one[0]) not in gone]
        if left != thought.candidates:
            thought.certain, thought.candidates = False, left


@transaction.atomic
def _keep(
    thoughts: Sequence[_Thought], products: Mapping[int, ProductView], key: str, *, by: str, at: datetime
) -> Suggested:
    """Name what is certain, keep what was thought, and note that the lines have been looked at."""
    count = {MEMORY: 0, MODEL: 0, "waiting": 0, "nothing": 0}
    kept: list[models.MatchSuggestion] = []
    looks = []
    for thought in thoughts:
        outcome = _outcome(thought, products, by=by, at=at)
        if outcome is None:
            continue
        count[thought.origin if outcome == "named" else outcome] += 1
        looks.append(models.MatchLook(line=thought.line, knowledge=key, outcome=outcome, looked_at=at))
        kept += _rows(thought, named=outcome == "named", by=by, at=at)
    changed = {look.line.request_id for look in looks if look.outcome == "named"}
    models.PurchaseRequest.objects.filter(pk__in=changed).update(revision=F("revision") + 1)
    for row, ref in zip(kept, next_refs("MS", len(kept), at=at) if kept else [], strict=True):
        row.ref = ref
    models.MatchSuggestion.objects.bulk_create(kept, ignore_conflicts=True)
    models.MatchLook.objects.bulk_create(
        looks,
        update_conflicts=True,
        unique_fields=["line"],
        update_fields=["knowledge", "outcome", "looked_at"],
    )
    return Suggested(count[MEMORY], count[MODEL], count["waiting"], count["nothing"])


def _outcome(thought: _Thought, products: Mapping[int, ProductView], *, by: str, at: datetime) -> str | None:
    """Name the line where that is certain; return what came of it, None when somebody was faster."""
    if not thought.candidates:
        return "nothing"
    product = products[thought.candidates[0][0]]
    if not fits(thought.line, product.unit):
        wrong: dict[str, object] = {"code": "unit", "side": "against", "left": thought.line.unit, "right": product.unit}
        thought.candidates[0][2].append(wrong)
        return "waiting"
    if not thought.certain:
        return "waiting"
    try:
        name_line(thought.line, product, by=by, at=at)
    except StaleWrite:
        return None
    return "named"


def _rows(thought: _Thought, *, named: bool, by: str, at: datetime) -> list[models.MatchSuggestion]:
    """Return the suggestions to keep: the one that was named, or all that wait for somebody."""
    state = SuggestionState.CONFIRMED if named else SuggestionState.WAITING
    return [
        models.MatchSuggestion(
            state=state.value,
            line=thought.line,
            product_id=product_id,
            rank=rank,
            confidence=confidence,
            reasons=reasons,
            origin=thought.origin,
            suggested_at=at,
            decided_by=by if named else "",
            decided_at=at if named else None,
        )
        for rank, (product_id, confidence, reasons) in enumerate(thought.candidates[: 1 if named else None], start=1)
    ]
