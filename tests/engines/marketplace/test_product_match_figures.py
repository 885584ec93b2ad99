"""The figures of `python -m bench matching` hold, with a margin, on splits that were not learnt from."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.matching import run

pytestmark = pytest.mark.shared


@pytest.mark.parametrize(
    ("train", "valid", "f1"),
    [
        ("bench/matching/Abt-Buy/train.txt", "bench/matching/Abt-Buy/valid.txt", 0.92),
        ("data/matching/amz_goog_train.csv.gz", "data/matching/amz_goog_validation.csv.gz", 0.76),
    ],
)
def test_matches_are_found_and_survive_blocking(shared: Path, train: str, valid: str, f1: float) -> None:
    came = run(["--train", str(shared / train), "--valid", str(shared / valid)])

    assert came["f1"] >= f1
    assert came["f1"] > came["anchor"]
    assert (came["blocking_recall"] >= 0.995, came["candidates"] <= 50) == (True, True)
