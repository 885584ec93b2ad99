"""What the matcher knows of the catalogue: learnt when first asked, kept while the catalogue stays as it is."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Min, Sum
from django.db.models.functions import Length

from marketplace.catalogue import queries as catalogue
from marketplace.kernel.actors import NOBODY
from procurement.demand import models
from procurement.demand.states import SuggestionState

if TYPE_CHECKING:
    from marketplace.engines.product_match.catalogue import Entry, Finder

MOST_PRODUCTS = 50_000  # products compared with; about 15 kB each in memory
MOST_LABELS = 2_000  # the latest decisions of people that are learnt from
RELEARN_AFTER = 50  # new decisions after which the same catalogue is learnt anew
SEED = 20_260_301


@dataclass(frozen=True)
class Knowledge:
    """A matcher of one state of the catalogue; `product_ids[row]` is the product of the finder's entry `row`."""

    key: str
    finder: Finder
    product_ids: list[int]


_KEPT: list[Knowledge] = []
_LEARNING = threading.Lock()


def key_now() -> str:
    """Return the name of what can be known now: it changes with the catalogue, and now and then with decisions."""
    facts = catalogue.products_for(NOBODY).aggregate(
        count=Count("id"),
        last=Max("id"),
        first_code=Min("code"),
        last_code=Max("code"),
        revisions=Sum("revision"),
        letters=Sum(Length("name_en") + Length("name_zh")),
    )
    decided = models.MatchSuggestion.objects.filter(decided_at__isnull=False, origin="model").count()
    told = json.dumps([*facts.values(), decided // RELEARN_AFTER])
    return hashlib.sha256(told.encode()).hexdigest()[:40]


def knowledge_of(key: str) -> Knowledge:
    """Return what is known under `key`, learning it first where this process has not."""
    with _LEARNING:
        if not _KEPT or _KEPT[0].key != key:
            _KEPT[:] = [_learn(key)]
        return _KEPT[0]


def forget() -> None:
    """Forget everything learnt in this process."""
    with _LEARNING:
        _KEPT.clear()


def _learn(key: str) -> Knowledge:
    from marketplace.engines.product_match.catalogue import Finder

    rows = list(catalogue.products_for(NOBODY).order_by("id")[:MOST_PRODUCTS])
    entries = [_entry(row) for row in rows]
    ids = [row.pk for row in rows]
    return Knowledge(key, Finder(entries, seed=SEED, labelled=_decisions(dict(zip(ids, entries, strict=True)))), ids)


def _entry(row: Any) -> Entry:
    from marketplace.engines.product_match.catalogue import Entry
    from marketplace.engines.product_match.records import Record

    values = dict(row.attributes)
    told = tuple((str(name), str(value)) for name, value in sorted(values.items()) if value not in (None, ""))
    title = " / ".join(name for name in (row.name_en, row.name_zh) if name)
    return Entry(Record(row.ref, title, text=row.code, attributes=told), values, row.category.attributes)


def _decisions(entries: dict[int, Entry]) -> list[Any]:
    """Return what people confirmed and rejected, as labelled pairs, the latest first."""
    from marketplace.engines.product_match.records import Record

    wanted = [SuggestionState.CONFIRMED.value, SuggestionState.REJECTED.value]
    rows = models.MatchSuggestion.objects.filter(state__in=wanted, origin="model").exclude(decided_by="system:sweep")
    told = rows.order_by("-decided_at", "-id").values_list("line__text", "line_id", "product_id", "state")[:MOST_LABELS]
    return [
        ((Record(f"line:{line}", text), entries[product].record), int(state == SuggestionState.CONFIRMED))
        for text, line, product, state in told
        if product in entries
    ]
