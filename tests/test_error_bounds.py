"""How wrong we are, at most: the whole table of published measurements, by fits that had not seen the models."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest

from efficiency.cases import MEASURED_FILE, read_cases
from efficiency.model_names import model_key
from efficiency.validate import (
    BLIND,
    ECOLOGITS,
    GIVEN,
    LIMIT_TIMES_TIME,
    STEP_TIME,
    Score,
    Validation,
    seen_words,
    validate,
)

README = Path(__file__).resolve().parent.parent / "README.md"


@functools.cache
def compared(path: Path) -> Validation:
    return validate(read_cases(path))


@pytest.fixture
def everything(shared_folder: Path) -> Validation:
    return compared(shared_folder / "measured" / "cases.csv")


def found(validation: Validation, grouping: str, group: str, way: str) -> Score:
    (line,) = [x.score for x in validation.lines if (x.grouping, x.group, x.way) == (grouping, group, way)]
    return line


@pytest.mark.parametrize(
    ("grouping", "group", "way", "median"),
    [
        ("quantity", "J/token, gpu", GIVEN, 0.042),
        ("quantity", "J/token, gpu", BLIND, 0.055),
        ("quantity", STEP_TIME, BLIND, 0.085),
        ("quantity", "J/request, gpu", GIVEN, 0.060),
        ("family", "mlenergy_v3_diffusion", GIVEN, 0.040),
        ("family", "mlenergy_v3_diffusion", BLIND, 0.085),
        ("family", "mlperf_training", GIVEN, 0.020),
    ],
)
def test_the_median_error_is_small(everything: Validation, grouping: str, group: str, way: str, median: float) -> None:
    assert found(everything, grouping, group, way).median_error <= median


def test_energy_per_token_is_seldom_far_off(everything: Validation) -> None:
    assert found(everything, "quantity", "J/token, gpu", GIVEN).within[1] >= 0.95
    assert found(everything, "quantity", "J/token, gpu", BLIND).within[2] >= 0.95


@pytest.mark.parametrize(("way", "widest"), [(GIVEN, 2.5), (BLIND, 4.0)])
def test_intervals_hold_what_they_say_and_are_no_wider(everything: Validation, way: str, widest: float) -> None:
    pooled = found(everything, "pooled", "all", way)
    assert 0.85 <= pooled.coverage <= 0.95
    assert pooled.width <= widest


def test_simpler_ways_are_worse(everything: Validation) -> None:
    ours = found(everything, "quantity", "J/token, gpu", BLIND)
    for way in (LIMIT_TIMES_TIME, ECOLOGITS):
        assert found(everything, "quantity", "J/token, gpu", way).median_error > 3 * ours.median_error


def test_the_cases_we_ship_are_scored_by_fits_that_had_not_seen_them() -> None:
    shipped = compared(MEASURED_FILE)
    predicted = [i for i, why in enumerate(shipped.ways[GIVEN].why_not) if not why]
    assert shipped.held_out.sum() > 0.8 * len(predicted)
    assert found(shipped, "pooled", "all", GIVEN).median_error < 0.06
    assert found(shipped, "pooled", "all", BLIND).median_error < 0.09


def test_the_readme_says_exactly_how_many_cases_were_not_seen() -> None:
    shipped = compared(MEASURED_FILE)
    text = " ".join(README.read_text(encoding="utf-8").split())
    assert f"{len(shipped.cases)} published cases: {seen_words(shipped)}" in text
    others = [i for i, why in enumerate(shipped.ways[GIVEN].why_not) if not why and not shipped.held_out[i]]
    seen = {model_key(shipped.cases.model[i]) or shipped.cases.model[i] for i in np.flatnonzero(shipped.held_out)}
    assert [name for name in (shipped.cases.model[i] for i in others) if (model_key(name) or name) in seen] == [
        "BLOOMz-7B"
    ]
    assert "(one of them, BLOOMz-7B, has the shape of a model that the fit has seen" in text


def test_the_families_whose_intervals_are_too_narrow_are_named() -> None:
    """Pooled, intervals hold; whoever looks at one family must be told where they do not."""
    shipped = compared(MEASURED_FILE)
    scores = [x for x in shipped.lines if x.grouping == "family" and x.way in (GIVEN, BLIND) and x.score.count]
    narrow = {x.group for x in scores if x.score.coverage < 0.85}
    text = " ".join((README.parent / "MODEL.md").read_text(encoding="utf-8").split())
    said = text.partition("Pooled is not by family.")[2].partition("it holds in all of")[0]
    assert narrow == {name for name in {x.group for x in scores} if name in said}
    words = {
        "ai_energy_score": "(82 %)",
        "ecocompute": "(0 of 3:",
        "luccioni2024": "(3 of 5:",
        "delavande_t2v": "(5 of 6)",
    }
    for group, how in words.items():
        score = min((x.score for x in scores if x.group == group), key=lambda one: one.coverage)
        assert f"{group} {how}" in said
        held = round(score.coverage * score.count)
        assert how in (
            f"({score.coverage:.0%})".replace("%", " %"),
            f"({held} of {score.count}:",
            f"({held} of {score.count})",
        )
