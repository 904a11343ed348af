"""Measured pairs that differ in one lever: which rows pair, what their ratio is, and how well it is predicted."""

from __future__ import annotations

import functools
import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from efficiency.__main__ import main
from efficiency.case_sources import beginnings, case_source
from efficiency.cases import MEASURED_FILE, Cases, cases_from_rows, read_cases
from efficiency.facts import fact, facts
from efficiency.lever_pairs import ENOUGH_PAIRS, LEVERS, Match, Pair, matches, pairs
from efficiency.lever_scores import (
    OF_A_NULL,
    LeverScore,
    LeverValidation,
    lever_score,
    levers_text,
    validate_levers,
    validate_shipped,
    wrong_sign,
)
from efficiency.like_quality import base_name, like_quality, like_quality_names, slug
from efficiency.prediction import Prediction, prediction
from efficiency.stored_pairs import shipped_pairs

JOB: dict[str, Any] = {
    "family": "f", "kind": "inference", "model": "Qwen/Qwen3-235B-A22B-Instruct-2507", "gpu": "NVIDIA H100",
    "n_gpus": 8, "tensor_parallel": 1, "batch": 64, "engine": "vllm-2025", "output_tokens": 800, "weight_bits": 16,
    "weights_format": "bf16", "metric": "energy_per_output_token", "unit": "J/token", "scope": "gpu", "value": 2.0,
    "source": "s", "note": "task=chat; EP=8; DP=1",
}  # fmt: skip
FP8 = {"model": "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8", "weight_bits": 8, "weights_format": "fp8"}
DENSE = {"model": "Qwen/Qwen3-14B", "note": "task=chat; EP=1; DP=1"}
EXPERTS = {"model": "Qwen/Qwen3-30B-A3B-Instruct-2507", "note": "task=chat; EP=2; DP=1"}


def table(*changes: dict[str, Any]) -> Cases:
    return cases_from_rows([JOB | change for change in changes])


def same(values: np.ndarray, spread: float = 1.1) -> Prediction:
    return prediction(values, values / spread, values * spread, "")


def test_fewer_bits_of_the_same_model_make_a_pair() -> None:
    cases = table({}, FP8 | {"value": 1.0})
    assert matches(cases) == (Match("precision", 0, 1),)
    (pair,) = pairs(cases, same(np.array([3.0, 2.4])))
    assert (pair.before, pair.after, pair.batch, pair.chips) == ("16 bit", "8 bit", 64, 8)
    assert pair.measured == 0.5 and pair.predicted == pytest.approx(0.8)
    assert pair.error == pytest.approx(math.log10(1.6))
    assert (pair.model, pair.other_model) == (JOB["model"], FP8["model"])


def test_experts_pair_with_a_dense_model_of_like_quality_only() -> None:
    cases = table(EXPERTS | {"value": 1.0, "output_tokens": 900}, DENSE, DENSE | {"model": "Qwen/Qwen3-8B"})
    assert matches(cases) == (Match("experts", 1, 0),), "the dense model comes before; 8B is not as good"
    (pair,) = pairs(cases, same(np.array([1.0, 4.0, 1.0])))
    assert (pair.before, pair.after) == ("Qwen3-14B", "Qwen3-30B-A3B-Instruct-2507")
    assert (pair.measured, pair.predicted) == (0.5, 0.25)


def test_each_batch_pairs_with_the_next_larger_one() -> None:
    cases = table(*({"batch": batch, "value": 64 / batch} for batch in (64, 8, 9, 300, 320)))
    assert matches(cases) == (Match("batch", 1, 0), Match("batch", 0, 3)), "9 and 320 are hardly other batches"
    first, second = pairs(cases, same(cases.value))
    assert (first.before, first.after, second.after) == ("8", "64", "300")
    assert first.measured == pytest.approx(8 / 64)


@pytest.mark.parametrize(
    "change",
    [
        {"gpu": "NVIDIA B200"}, {"n_gpus": 4}, {"engine": "vllm-2024"}, {"scope": "node"}, {"unit": "kJ/token"},
        {"source": "another"}, {"family": "another"}, {"note": "task=math; EP=8; DP=1"}, {"input_tokens": 100},
        {"metric": "energy_per_request"},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_a_second_difference_makes_no_pair(change: dict[str, Any]) -> None:
    assert not matches(table({}, FP8 | change))
    assert not matches(table({}, {"batch": 8} | change))
    assert not matches(table(DENSE, EXPERTS | change))


@pytest.mark.parametrize(
    "change", [{"note": "task=chat; EP=4; DP=1"}, {"tensor_parallel": 8}, {"output_tokens": 80}], ids=str
)
def test_what_is_spread_or_answered_otherwise_makes_no_pair_of_one_model(change: dict[str, Any]) -> None:
    assert not matches(table({}, FP8 | change))
    assert not matches(table({}, {"batch": 8} | change))


@pytest.mark.parametrize("lost", [{"value": ""}, {"batch": ""}, {"kind": "training"}], ids=str)
def test_rows_without_value_or_batch_and_training_are_passed_over(lost: dict[str, Any]) -> None:
    assert not matches(table({}, FP8 | lost))


def test_a_batch_that_memory_cut_short_is_the_same_batch() -> None:
    assert matches(table({"batch": 228}, FP8 | {"batch": 256}))[0] == Match("precision", 0, 1)
    assert "precision" not in {match.lever for match in matches(table({"batch": 200}, FP8 | {"batch": 256}))}


def test_the_narrower_run_nearest_in_batch_is_taken_once() -> None:
    cases = table({}, FP8 | {"batch": 62}, FP8 | {"batch": 64})
    assert [match for match in matches(cases) if match.lever == "precision"] == [Match("precision", 0, 2)]


def test_pictures_pair_at_equal_steps_and_size() -> None:
    image = {"metric": "energy_per_image", "unit": "J/image", "steps": 20, "height": 512, "width": 512}
    assert len(matches(table(image, image | {"batch": 8}))) == 1
    for name in ("steps", "height", "width"):
        assert not matches(table(image, image | {"batch": 8, name: 40}))


def test_a_pair_without_a_prediction_is_left_out_and_counted() -> None:
    cases = table({}, FP8 | {"value": 1.0}, {"batch": 8})
    empty = np.array([1.0, np.nan, 2.0])
    made = prediction(empty, empty, empty, ["", "no", ""])
    assert [pair.lever for pair in pairs(cases, made)] == ["batch"]
    found = validate_levers(table({}, FP8 | {"gpu": "an abacus"}, {"gpu": "an abacus"}))
    assert (found.scores[0].count, found.scores[0].unpredicted) == (0, 1)


def test_the_interval_comes_from_the_errors_of_other_models() -> None:
    """Ten pairs of other models, off by up to 1.5: the interval of one more is 1.5 either way."""
    models = [f"model {i}" for i in range(ENOUGH_PAIRS + 1)]
    rows = [{"model": model, "batch": batch, "value": 1.0} for model in models for batch in (8, 64)]
    cases = table(*rows)
    errors = np.linspace(1.05, 1.5, len(models))
    made = pairs(cases, same(np.array([x for error in errors for x in (1.0, error)])))
    assert made[0].high / made[0].predicted == pytest.approx(1.5)
    assert made[-1].predicted / made[-1].low == pytest.approx(errors[-2]), "its own error is not used"
    few = pairs(cases.take(np.arange(4)), same(np.ones(4), 2.0))
    assert few[0].high == pytest.approx(2.0 ** math.sqrt(2.0)), "both predictions' own intervals where others are few"


def made_pair(measured: float, predicted: float) -> Pair:
    words = ("precision", "m", "m", "c", "e")
    return Pair(*words, 1.0, "16 bit", "8 bit", measured, predicted, predicted / 2, predicted * 2, "s", 1.0, "", (0, 1))


def test_a_score_is_what_it_says() -> None:
    some = [made_pair(*each) for each in ((0.5, 0.25), (1.0, 1.0), (2.0, 1.0), (1.05, 0.9), (4.0, 8.0))]
    found = lever_score(some, "precision", "blind", 3)
    effects = np.log10([0.5, 1.0, 2.0, 1.05, 4.0])
    assert (found.count, found.unpredicted, found.marked, found.right) == (5, 3, 3, 2)
    assert found.mean_error == pytest.approx((3 * math.log10(2) + math.log10(1.05 / 0.9)) / 5)
    assert found.mean_none == pytest.approx(np.mean(np.abs(effects)))
    assert found.coverage == 1 and found.width == pytest.approx(4)
    assert [pair.measured for pair in wrong_sign(some)] == [2.0], "said to do nothing, where it doubles"


def test_no_constant_does_better_than_the_null_model() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        effects = random.normal(random.normal(), 1, int(random.integers(1, 40)))
        found = lever_score([made_pair(10.0**x, 1.0) for x in effects], "precision", "blind")
        for constant in np.linspace(effects.min(), effects.max(), 200):
            off = np.abs(effects - constant)
            assert found.mean_constant <= off.mean() + 1e-12
            assert found.median_constant <= np.median(off) + 0.5 * np.ptp(effects) / 199 + 1e-12
        assert found.mean_error == pytest.approx(found.mean_none)


def test_nothing_to_compare_is_said() -> None:
    with pytest.raises(ValueError, match="no two rows differ"):
        validate_levers(table({}))
    assert lever_score((), "all", "blind").count == 0


def test_every_record_of_like_quality_is_alike_on_one_test() -> None:
    names = like_quality_names()
    assert len(names) >= 5 and len(set(names)) == len(names)
    for experts, dense in names:
        both = [facts()[f"like_quality.{experts}.{dense}.{side}"] for side in ("experts", "dense")]
        assert both[0].label.rpartition(", ")[2] == both[1].label.rpartition(", ")[2], "the same test"
        assert abs(both[0].value - both[1].value) < 3, "like quality: less than three points apart"
        assert both[0].sources == both[1].sources
        assert [slug(record.label.rpartition(", ")[0]).startswith(name) for record, name in zip(
            both, (experts, dense), strict=True)] == [True, True]  # fmt: skip
    assert not like_quality("Qwen/Qwen3-30B-A3B", "Qwen/Qwen3-8B")
    assert base_name("a/B-FP8") == base_name("c/B") == "B"


@functools.cache
def validated(path: Path) -> LeverValidation:
    return validate_levers(read_cases(path, strict=False))


@pytest.fixture(params=["shared", "shipped"])
def validation(request: pytest.FixtureRequest) -> LeverValidation:
    if request.param == "shipped":
        return validated(MEASURED_FILE)
    return validated(request.getfixturevalue("shared_folder") / "measured" / "cases.csv")


def score_of(validation: LeverValidation, group: str, way: str) -> LeverScore:
    (found,) = (score for score in validation.scores if (score.group, score.way) == (group, way))
    return found


@pytest.mark.parametrize(("group", "way"), list(itertools.product((*LEVERS, "batch, text", "all"), ("blind", "given"))))
def test_effects_are_predicted_better_than_by_either_null_model(
    validation: LeverValidation, group: str, way: str
) -> None:
    found = score_of(validation, group, way)
    assert found.unpredicted == 0
    assert found.mean_error <= OF_A_NULL * min(found.mean_none, found.mean_constant)
    if group in ("precision", "experts", "batch, text"):
        # Half of the pictures' pairs have no effect beyond 1 %, and "no effect" is the better guess for them.
        assert found.median_error <= OF_A_NULL * min(found.median_none, found.median_constant)


@pytest.mark.parametrize("way", ["blind", "given"])
def test_signs_are_right_where_the_effect_exceeds_ten_per_cent(validation: LeverValidation, way: str) -> None:
    """All but six of the shared pairs blind, two given; MODEL.md names them and why."""
    assert len(wrong_sign(validation.pairs[way])) <= {"blind": 6, "given": 2}[way]
    right = [score_of(validation, lever, way) for lever in LEVERS]
    assert all(score.right >= 0.9 * score.marked for score in right)


@pytest.mark.parametrize("way", ["blind", "given"])
def test_where_no_picture_is_read_precision_has_every_sign_right(validation: LeverValidation, way: str) -> None:
    text = [pair for pair in validation.pairs[way] if not pair.reads_pictures]
    assert "precision" not in {pair.lever for pair in wrong_sign(text)}
    parts = [score_of(validation, f"reads {what}", way) for what in ("pictures", "none")]
    whole = score_of(validation, "all", way)
    assert min(part.count for part in parts) > 50
    for name in ("count", "marked", "right", "decided"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name)


@pytest.mark.parametrize(("key", "least", "most"), [("fp8_8", 8, 16), ("fp8_17", 17, 64), ("fp8_65", 65, 256)])
def test_who_measured_fp8_counts_the_same_effect_as_our_pairs(key: str, least: int, most: int) -> None:
    """Their median of all their runs lies in the range of ours, which are some of them, and the other way round."""
    published = fact(f"precision.energy.{key}")
    ours = [
        pair.measured
        for pair in shipped_pairs()
        if pair.lever == "precision" and not pair.reads_pictures and least - 0.5 <= pair.batch <= most + 0.5
    ]
    assert len(ours) >= 4
    assert min(ours) <= published.value <= max(ours)
    assert published.si_low <= np.median(ours) <= published.si_high


@pytest.mark.parametrize("way", ["blind", "given"])
def test_a_direction_that_the_interval_decides_is_right(validation: LeverValidation, way: str) -> None:
    """The wrong signs all lie in intervals that hold both directions, so no wrong one is ever promised."""
    found = score_of(validation, "all", way)
    assert found.decided_right == found.decided > 0.6 * found.marked


def test_intervals_of_effects_hold_what_they_promise(validation: LeverValidation) -> None:
    for way in ("blind", "given"):
        for group in (*LEVERS, "all"):
            found = score_of(validation, group, way)
            assert 0.8 <= found.coverage <= 0.96, (group, way)
            assert found.width <= 2.1


def test_all_pairs_are_predicted_by_fits_that_had_not_seen_the_model(validation: LeverValidation) -> None:
    assert validation.held_out == len(validation.pairs["blind"]) == len(validation.pairs["given"])


def test_the_shipped_pairs_show_every_lever() -> None:
    levers = [pair.lever for pair in shipped_pairs()]
    assert levers.count("precision") >= 20 and levers.count("experts") >= 40 and levers.count("batch") >= 150
    assert shipped_pairs() is shipped_pairs()
    assert [pair.measured for pair in shipped_pairs(given=True)] == [pair.measured for pair in shipped_pairs()]
    for pair in shipped_pairs():
        assert 0 < pair.low <= pair.predicted <= pair.high < math.inf
        assert pair.source and pair.before != pair.after


def test_the_shipped_pairs_are_those_of_the_whole_table(shared_folder: Path) -> None:
    """Not all of the cases come with the program, but all of their pairs do."""
    fresh, stored = validated(shared_folder / "measured" / "cases.csv"), validate_shipped()
    for way in ("blind", "given"):
        for one, other in zip(fresh.pairs[way], stored.pairs[way], strict=True):
            assert (one.lever, one.model, one.before, one.after, one.rows) == (
                *(other.lever, other.model, other.before, other.after),
                other.rows,
            )
            for name in ("measured", "predicted", "low", "high"):
                assert getattr(one, name) == pytest.approx(getattr(other, name), rel=2e-5), name
    for one, other in zip(fresh.scores, stored.scores, strict=True):
        assert (one.group, one.way, one.count, one.right, one.marked) == (
            *(other.group, other.way, other.count),
            *(other.right, other.marked),
        )


def test_eight_bits_cost_more_in_a_small_batch_and_less_in_a_larger_one_as_measured() -> None:
    eight = [pair for pair in shipped_pairs() if pair.lever == "precision"]
    small = [pair for pair in eight if pair.batch < 10]
    medium = [pair for pair in eight if 60 < pair.batch < 300 and "video" not in pair.job]
    assert len(small) >= 5 and len(medium) >= 8
    for some, way in ((small, 1.0), (medium, -1.0)):
        for name in ("measured", "predicted"):
            assert way * np.median([math.log10(getattr(pair, name)) for pair in some]) > 0.03, name


def test_the_command_line_prints_scores_and_pairs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--levers"]) == 0
    text = capsys.readouterr().out
    assert text.rstrip("\n") == levers_text(validate_shipped())
    assert text.count("\n  ") >= len(shipped_pairs()) and "nan" not in text
    lone = tmp_path / "lone.csv"
    lone.write_text("model,gpu,metric\nm,H100,energy_per_output_token\n", encoding="utf-8")
    assert main(["validate", "--levers", str(lone)]) == 2
    assert "no two rows differ" in capsys.readouterr().err


def test_every_measurement_says_in_which_publication_it_stands() -> None:
    named = {*read_cases(MEASURED_FILE).source, *(pair.source for pair in shipped_pairs())}
    assert {case_source(words) for words in named} == set(beginnings().values())
    assert case_source("measured in our kitchen") == ""
