"""Staff all at once: merges that cross, versions on one base, definitions against reviews.

SQLite runs on its file and PostgreSQL on its server, whichever DATABASE_URL names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any

import pytest

from marketplace.catalogue import models, queries, rules, use_cases
from marketplace.catalogue.queries import definitions_of
from marketplace.kernel.refusals import Refusal
from tests.marketplace.catalogue.scene import BEI, LENGTH, NOTE, WEI, category, draft, product
from tests.marketplace.together import run_together

pytestmark = pytest.mark.django_db(transaction=True)
SAME: dict[str, Any] = {"why": "the same", **WEI}


def at_once(deeds: Sequence[Callable[[], Any]], workers: int) -> list[str]:
    """Run the deeds on threads that start together; return what each came to: `done` or a refusal's code."""
    outcomes, turn = [""] * len(deeds), count()

    def work() -> None:
        while (mine := next(turn)) < len(deeds):
            try:
                deeds[mine]()
                outcomes[mine] = "done"
            except Refusal as refusal:
                outcomes[mine] = refusal.code

    run_together(work, workers)
    return outcomes


def refused_rightly(outcomes: list[str]) -> set[str]:
    return set(outcomes) - {"done"}


def test_merges_that_cross_leave_no_circle() -> None:
    category()
    refs = [product(f"S-{n}") for n in range(6)]
    pairs = [(one, other) for one in refs for other in refs if one != other]

    outcomes = at_once([partial(use_cases.merge_products, keep_ref=k, merge_ref=m, **SAME) for k, m in pairs], 12)

    expected = {"stale_write", "merge_circle", "product_not_in_use", "illegal_move"}
    assert refused_rightly(outcomes) <= expected, Counter(outcomes)
    rows = dict(models.Product.objects.values_list("id", "merged_into_id"))
    assert all(rows[into] is None for into in rows.values() if into is not None)
    assert sum(into is not None for into in rows.values()) == outcomes.count("done")
    assert models.MergeStep.objects.count() == outcomes.count("done")


def test_merges_and_splits_interleaved_leave_every_product_under_one_that_stands() -> None:
    category()
    refs = [product(f"S-{n}") for n in range(6)]
    deeds: list[Callable[[], Any]] = []
    for n in range(30):
        one, other = refs[n % 6], refs[(n * 5 + 1 + n // 6) % 6]
        if one != other:
            deeds.append(partial(use_cases.merge_products, keep_ref=one, merge_ref=other, **SAME))
        deeds.append(partial(use_cases.split_product, product_ref=other, **SAME))

    outcomes = at_once(deeds, 12)

    expected = {"stale_write", "merge_circle", "product_not_in_use", "illegal_move"}
    assert refused_rightly(outcomes) <= expected, Counter(outcomes)
    for row in models.Product.objects.select_related("merged_into"):
        assert (row.merged_into is None) == (row.state == "reviewed")
        assert row.merged_into is None or row.merged_into.state == "reviewed"


def test_of_many_versions_on_one_base_one_is_published() -> None:
    category()
    ref = product("S-1")
    waiting = [
        use_cases.propose_version(product_ref=ref, changes={"name_en": f"Screw {n}"}, why="x", **WEI) for n in range(12)
    ]

    outcomes = at_once([partial(use_cases.publish_proposal, proposal_ref=p, **BEI) for p in waiting], 12)

    assert outcomes.count("done") == 1
    assert refused_rightly(outcomes) <= {"stale_version", "stale_write"}, Counter(outcomes)
    assert [v.number for v in queries.versions_of_product(ref)] == [1, 2]
    assert models.Proposal.objects.filter(state="published").count() == 1


def test_no_draft_slips_in_beside_new_definitions() -> None:
    category("screws", LENGTH, NOTE)
    grade = {"name": "grade", "type": "text", "required": True, "must_match": True}
    proposal = use_cases.propose_definitions(
        category_code="screws", attributes=[LENGTH, NOTE, grade], fill={"grade": "8.8"}, why="x", **WEI
    )
    drafts = [draft(f"S-{n}", {"length": n}) for n in range(12)]
    deeds: list[Callable[[], Any]] = [partial(use_cases.review_product, product_ref=ref, **BEI) for ref in drafts]
    deeds.insert(6, partial(use_cases.publish_proposal, proposal_ref=proposal, **BEI))

    outcomes = at_once(deeds, 13)

    assert outcomes[6] == "done"
    assert refused_rightly(outcomes) <= {"wrong_attributes", "stale_write"}, Counter(outcomes)
    for row in models.Product.objects.all():
        holding = definitions_of([row.category_id])[row.category_id]
        assert row.state == "draft" or not rules.faults(holding, row.attributes)
        assert row.match_key == rules.match_key(row.category_id, row.unit, holding, row.attributes)
