"""The measured cases that come with the program: enough, of every family, each with its source."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from efficiency.cases import MEASURED_FILE, read_cases
from efficiency.lever_pairs import matches

WHOLE_UP_TO = 50
EVERY = 6


def test_every_row_is_measured_and_has_its_source() -> None:
    cases = read_cases(MEASURED_FILE)
    assert len(cases) >= 200
    assert not cases.extra
    assert len(set(cases.id)) == len(cases)
    assert np.isfinite(cases.value).all()
    assert all(cases.source)
    assert all(url.startswith("https://") for url in cases.source_url)
    assert set(cases.quality) == {"A", "B", "C"}
    assert len(set(cases.family)) >= 20


def test_rows_are_chosen_by_the_rule_and_not_by_their_value(shared_folder: Path) -> None:
    everything = read_cases(shared_folder / "measured" / "cases.csv")
    sizes, seen, kept = Counter(everything.family), Counter(), []
    paired = {row for match in matches(everything) if match.lever != "batch" for row in (match.before, match.after)}
    for i, family in enumerate(everything.family):
        if sizes[family] <= WHOLE_UP_TO or seen[family] % EVERY == 0 or i in paired:
            kept.append(i)
        seen[family] += 1
    assert read_cases(MEASURED_FILE).cells == everything.take(kept).cells
