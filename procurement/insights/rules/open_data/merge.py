"""Merge the releases of one contracting process into what stands now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# Of these the newest release's list stands whole, ids or not (schema 1.1.5, wholeListMerge).
WHOLE = frozenset({"additionalIdentifiers", "additionalClassifications"})
# Of each release its own, never merged (omitWhenMerged).
OF_A_RELEASE = frozenset({"id", "date", "tag", "ocid"})


def compiled(releases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the compiled release of `releases`, which are of one process and in the order of their dates.

    Objects are merged field by field, lists of objects with ids by id, other values are replaced, null removes.

    Source: OCDS 1.1, Merging: merge routine (standard.open-contracting.org/1.1/en/schema/merging).
    """
    last = releases[-1]
    whole: dict[str, Any] = {}
    for release in releases:
        whole = merge(whole, {key: value for key, value in release.items() if key not in OF_A_RELEASE})
    head = {"ocid": last["ocid"], "id": f"{last['ocid']}-{last['date']}", "date": last["date"], "tag": ["compiled"]}
    return {**head, **whole}


def merge(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return `old` with what `new` says of it."""
    whole = dict(old)
    for key, value in new.items():
        if value is None:
            whole.pop(key, None)
        elif isinstance(value, Mapping):
            before = whole.get(key)
            whole[key] = merge(before if isinstance(before, Mapping) else {}, value)
        elif isinstance(value, list) and key not in WHOLE and _have_ids(value):
            before = whole.get(key)
            whole[key] = _merge_lists(before if isinstance(before, list) and _have_ids(before) else [], value)
        else:
            whole[key] = value
    return whole


def _have_ids(rows: Iterable[Any]) -> bool:
    found = list(rows)
    return bool(found) and all(isinstance(one, Mapping) and "id" in one for one in found)


def _merge_lists(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    by_id: dict[Any, dict[str, Any]] = {one["id"]: dict(one) for one in old}
    for one in new:
        by_id[one["id"]] = merge(by_id.get(one["id"], {}), one)
    return list(by_id.values())
