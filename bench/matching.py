"""Product matching on labelled pairs: learns on --train, is measured on --test (else on --valid), no neural net.

python -m bench matching --train F --valid F [--test F] [--out FILE] [--seed 1]

Files: Magellan/Ditto text pairs (`COL name VAL ... <tab> COL name VAL ... <tab> label`, .txt) or pairs as csv
(.csv, .csv.gz: label, left_id, left_title, left_manufacturer, left_price, right_...). With --test the matcher learns
from train and valid together; the test's labels, where there are any, are read only to print the figures. The threshold
comes from cross-validation on what it learnt from. --out gets the scores in the order of the file, bent so that 0.5 is
the threshold.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import re
import resource
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marketplace.engines.product_match import CANDIDATES, Corpus, Matcher, Pair, Record, candidates

ANCHORS = {"ditto": 0.906, "csv": 0.745}  # F1 measured without a neural net: Abt-Buy, Amazon-Google
AT_WORK = 20  # candidates a record where the speed is measured
Labelled = tuple[list[Pair], list[int | None]]
_FIELD = re.compile(r"COL (\S+) VAL ?(.*?)(?= ?COL \S+ VAL|$)")
_KNOWN = {
    "title": "title",
    "name": "title",
    "description": "text",
    "manufacturer": "brand",
    "brand": "brand",
    "price": "price",
}


def read_pairs(path: Path) -> Labelled:
    """Return the pairs of a file and their labels (None where there is none), by its extension."""
    return _read_csv(path) if ".csv" in path.name else _read_ditto(path)


def _read_ditto(path: Path) -> Labelled:
    pairs: list[Pair] = []
    labels: list[int | None] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        left, right, *label = line.split("\t")
        pairs.append((_record(dict(_FIELD.findall(left))), _record(dict(_FIELD.findall(right)))))
        labels.append(int(label[0]) if label and label[0].strip() else None)
    return pairs, labels


def _read_csv(path: Path) -> Labelled:
    pairs: list[Pair] = []
    labels: list[int | None] = []
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    for row in csv.DictReader(io.StringIO(text, newline="")):
        left, right = (_side(row, side) for side in ("left_", "right_"))
        pairs.append((left, right))
        labels.append(int(row["label"]) if (row.get("label") or "").strip() else None)
    return pairs, labels


def _side(row: dict[str, str], side: str) -> Record:
    return _record({name.removeprefix(side): value for name, value in row.items() if name.startswith(side)}, key=side)


def _record(fields: dict[str, str], key: str = "") -> Record:
    kept: dict[str, Any] = {"title": "", "text": "", "brand": "", "price": None}
    more = []
    for name, value in fields.items():
        role = _KNOWN.get(name)
        if role == "price":
            kept["price"] = _price(value)
        elif role:
            kept[role] = value.strip()
        elif name != "id" and value and value.strip():
            more.append((name, value.strip()))
    return Record(key=key + (fields.get("id") or ""), attributes=tuple(more), **kept)


def _price(text: str) -> float | None:
    found = re.search(r"\d+(?:\.\d+)?", (text or "").replace(",", ""))
    return float(found.group()) if found else None


def run(argv: list[str]) -> dict[str, Any]:
    """Learn, score, and return the figures."""
    parser = argparse.ArgumentParser(prog="bench matching", description=__doc__)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--valid", type=Path, required=True)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(argv)
    start = time.perf_counter()
    train, valid = read_pairs(asked.train), read_pairs(asked.valid)
    test = read_pairs(asked.test) if asked.test else valid
    known = (train[0] + valid[0], train[1] + valid[1]) if asked.test else train
    matcher = Matcher.fit(known[0], _all_labelled(known[1]), seed=asked.seed, around=test[0])
    fitted = time.perf_counter() - start
    scores, file_speed = _timed(matcher, test[0])
    speed, compared = _at_work(matcher, test[0])
    out = {
        "name": "matching",
        "anchor": ANCHORS["csv" if ".csv" in asked.train.name else "ditto"],
        "measured_on": (asked.test or asked.valid).name,
        "size": len(test[0]),
        "train": len(known[0]),
        "seed": asked.seed,
        "threshold": round(matcher.threshold, 4),
        "pairs_per_second": round(speed["wall"], 1),
        "pairs_per_cpu_second": round(speed["cpu"], 1),
        "pairs_timed": compared,
        "file_pairs_per_second": round(file_speed["wall"], 1),
        "f1_cross_validated": round(matcher.cross_validated, 4),
        "fit_seconds": round(fitted, 1),
    }
    told = [label for label in test[1] if label is not None]
    if len(told) == len(test[0]):
        out |= _figures(matcher, scores, test[0], np.array(told))
    out |= _blocked(train, valid)
    if asked.out:
        asked.out.write_text(json.dumps([round(float(s), 6) for s in centred(scores, matcher.threshold)]))
    out["seconds"] = round(time.perf_counter() - start, 1)
    out["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    return out


def _all_labelled(labels: Sequence[int | None]) -> list[int]:
    assert None not in labels, "a training pair has no label"
    return [label for label in labels if label is not None]


def centred(scores: NDArray[Any], threshold: float) -> NDArray[Any]:
    """Return the scores bent, order kept, so that the threshold lies at 0.5."""
    below = 0.5 * scores / threshold
    above = 0.5 + 0.5 * (scores - threshold) / (1 - threshold)
    return np.where(scores < threshold, below, above)


def _timed(matcher: Matcher, pairs: Sequence[Pair]) -> tuple[NDArray[Any], dict[str, float]]:
    start, work = time.perf_counter(), time.process_time()
    scores = matcher.score(pairs)
    seconds, cpu = time.perf_counter() - start, time.process_time() - work
    return scores, {"wall": len(pairs) / seconds, "cpu": len(pairs) / cpu}


def _at_work(matcher: Matcher, pairs: Sequence[Pair]) -> tuple[dict[str, float], int]:
    """Return pairs a second, and how many, where every left record of the file meets its nearest 20: reading of both
    sides, features and boosters, as a catalogue is matched. Finding the nearest is not in it."""
    left, right = ([*dict.fromkeys(pair[side] for pair in pairs)] for side in (0, 1))
    near = [(left[i], right[j]) for i, j in candidates(left, right, matcher.corpus, k=AT_WORK)]
    return _timed(matcher, near)[1], len(near)


def f1_of(picked: NDArray[Any], labels: NDArray[Any]) -> tuple[float, float, float]:
    """Return F1, precision and recall of the pairs picked."""
    hits = int((picked & (labels == 1)).sum())
    precision = hits / max(1, int(picked.sum()))
    recall = hits / max(1, int(labels.sum()))
    return (2 * precision * recall / (precision + recall) if hits else 0.0), precision, recall


def _figures(matcher: Matcher, scores: NDArray[Any], pairs: Sequence[Pair], labels: NDArray[Any]) -> dict[str, Any]:
    f1, precision, recall = f1_of(scores >= matcher.threshold, labels)
    return {"f1": round(f1, 4), "precision": round(precision, 4), "recall": round(recall, 4)}


def _blocked(*files: Labelled) -> dict[str, Any]:
    """Return which share of the labelled matches survives blocking over the distinct records of the files."""
    pairs = [pair for each, _ in files for pair in each]
    labels = [label for _, each in files for label in each]
    left = {record: n for n, record in enumerate(dict.fromkeys(a for a, _ in pairs))}
    right = {record: n for n, record in enumerate(dict.fromkeys(b for _, b in pairs))}
    kept = candidates(list(left), list(right), Corpus.of([*left, *right]))
    found = set(kept)
    matches = {(left[a], right[b]) for (a, b), label in zip(pairs, labels, strict=True) if label == 1}
    return {
        "blocking_recall": round(len(matches & found) / max(1, len(matches)), 4),
        "candidates": round(len(kept) / max(1, len(left)), 2),
        "candidates_most": CANDIDATES,
    }
