"""Scores by group, the simpler ways beside, and predictions of cases that the fit had not seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from efficiency import held_out as held_out_module
from efficiency import validate as validate_module
from efficiency.cases import Cases, cases_from_rows
from efficiency.held_out import COLUMNS, held_out, held_out_step_s, write_held_out
from efficiency.prediction import Prediction, nothing, prediction
from efficiency.validate import (
    BLIND,
    GIVEN,
    GROUPINGS,
    STEP_TIME,
    Line,
    Validation,
    log10_error,
    score,
    seen_words,
    validate,
    validation_text,
)
from tests.models_in_place import put_in_place, steady

TOKEN = {"model": "Llama", "gpu": "NVIDIA H100", "metric": "energy_per_output_token", "unit": "J/token", "scope": "gpu"}


@pytest.fixture(autouse=True)
def known_models(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch)
    monkeypatch.setattr(validate_module, "_simpler", lambda cases: {"simpler": nothing(len(cases), "no")})


def table(*values: float, **row: object) -> Cases:
    return cases_from_rows([TOKEN | {"id": f"case {i}", "value": value} | row for i, value in enumerate(values)])


def line(validation: Validation, grouping: str, group: str, way: str = BLIND) -> Line:
    found = [x for x in validation.lines if (x.grouping, x.group, x.way) == (grouping, group, way)]
    assert len(found) == 1
    return found[0]


def test_a_score_is_what_it_says() -> None:
    measured = np.array([1.0, 2.0, 2.5, 3.0, 8.0, np.nan, 1.0])
    twos = np.full(7, 2.0)
    made = prediction(twos, twos / 2, twos * 2, ["", "", "", "", "", "", "no"])
    found = score(measured, made)
    errors = np.log10(2 / measured[:5])
    assert found.count == 5
    assert found.unpredicted == 1
    assert found.median_error == pytest.approx(np.median(np.abs(errors)))
    assert found.bias == pytest.approx(np.median(errors))
    assert found.within == pytest.approx((2 / 5, 3 / 5, 4 / 5)), "the ends of a band belong to it"
    assert found.coverage == pytest.approx(4 / 5)
    assert found.width == pytest.approx(4)


def test_twice_too_much_and_half_too_little_are_equally_wrong() -> None:
    error = log10_error(np.array([1.0, 1.0, np.nan, 1.0]), np.array([2.0, 0.5, 1.0, np.nan]))
    assert error[0] == -error[1]
    assert np.isnan(error[2:]).all()


def test_nothing_predicted_scores_nothing() -> None:
    found = score(np.ones(3), nothing(3, "no"))
    assert (found.count, found.unpredicted) == (0, 3)
    assert np.isnan([found.median_error, *found.within, found.coverage, found.width, found.bias]).all()


def test_groups_hold_each_measured_case_once() -> None:
    cases = cases_from_rows(
        [
            TOKEN | {"family": "a", "kind": "inference", "weight_bits": 8, "value": 1},
            TOKEN | {"family": "b", "kind": "", "gpu": "unknown", "weight_bits": "", "value": 2},
            TOKEN | {"family": "b", "value": ""},
        ]
    )
    answer = validate(cases)
    assert len(answer.cases) == 2, "a row without a measurement has nothing to compare"
    for grouping in GROUPINGS:
        for way in (GIVEN, BLIND):
            lines = [x for x in answer.lines if (x.grouping, x.way) == (grouping, way) and x.group != STEP_TIME]
            assert sum(x.score.count for x in lines) == 1
            assert sum(x.score.unpredicted for x in lines) == 1
    assert line(answer, "precision", "8 bit").score.count == 1
    assert line(answer, "precision", "not stated").score.unpredicted == 1
    assert line(answer, "kind", "not stated").score.unpredicted == 1
    assert line(answer, "quantity", "J/token, gpu").score.median_error == pytest.approx(np.log10(2))
    assert not [x for x in answer.lines if x.way == "simpler"], "a way that predicts none of a group is not listed"


def test_the_time_of_a_step_is_scored_beside_its_energy(tmp_path: Path) -> None:
    cases = table(1.0, 1.0, tokens_per_s=400, batch=8)
    found = line(validate(cases), "quantity", STEP_TIME).score
    assert found.count == 2
    assert found.bias == pytest.approx(np.log10(0.04 / (8 / 400)))
    assert np.isnan([found.coverage, found.width]).all(), "no interval is stated for it"
    write_held_out(cases, nothing(2, ""), nothing(2, ""), tmp_path, np.array([0.02, np.nan]))
    np.testing.assert_allclose(held_out_step_s(cases, tmp_path), [0.02, 0.04])
    write_held_out(cases, nothing(2, ""), nothing(2, ""), tmp_path)
    np.testing.assert_allclose(held_out_step_s(cases, tmp_path), 0.04)


def test_simpler_ways_are_scored_beside_and_state_no_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    ones = np.ones(2)
    monkeypatch.setattr(validate_module, "_simpler", lambda cases: {"simpler": prediction(ones, ones, ones, "")})
    found = line(validate(table(1.0, 2.0)), "pooled", "all", "simpler").score
    assert found.median_error == pytest.approx(np.log10(2) / 2)
    assert np.isnan([found.coverage, found.width]).all()


def test_a_table_without_measurements_is_refused() -> None:
    with pytest.raises(ValueError, match="no row has a value"):
        validate(table(np.nan))


def test_the_text_holds_every_line_and_no_nan() -> None:
    answer = validate(table(1.0, 2.0, 8.0))
    text = validation_text(answer)
    assert text.startswith("3 measured cases; 3 of them predicted, none of which is a case of the fit.\n")
    assert "nan" not in text
    assert len([x for x in text.splitlines() if " given " in x or " blind " in x]) == len(answer.lines)
    assert "66.7%" in text


def stored(cases: Cases, folder: Path, centre: float, ends: bool = True) -> None:
    values = np.full(len(cases), centre)
    given = prediction(values, values / 1.1, values * 1.1, "")
    blind = prediction(values * 3, values * 3 / 1.2, values * 3 * 1.2, "")
    path = write_held_out(cases, given, blind, folder)
    if not ends:
        kept = [column for column, name in enumerate(COLUMNS) if not name.endswith(("_low", "_high"))]
        lines = [",".join(text.split(",")[i] for i in kept) for text in path.read_text().splitlines()]
        path.write_text("\n".join(lines) + "\n")
    held_out_module._table.cache_clear()


@pytest.mark.parametrize("ends", [True, False])
def test_cases_of_the_fit_are_predicted_by_fits_that_had_not_seen_them(tmp_path: Path, ends: bool) -> None:
    cases = table(1.0, 1.25)
    stored(cases, tmp_path, 10.0, ends)
    given, known = held_out(cases, True, tmp_path)
    assert known.all()
    np.testing.assert_allclose(given.predicted, 10)
    # Without stored ends, the interval keeps the shape of today's prediction: half to twice.
    np.testing.assert_allclose(given.high, 11 if ends else 20)
    blind, _ = held_out(cases, False, tmp_path)
    np.testing.assert_allclose(blind.predicted, 30)
    np.testing.assert_allclose(blind.low, 25 if ends else 15)


def test_a_case_of_the_same_name_with_another_value_is_not_of_the_fit(tmp_path: Path) -> None:
    stored(table(1.0, 1.25), tmp_path, 10.0)
    made, known = held_out(table(1.0, 1.26), True, tmp_path)
    assert known.tolist() == [True, False]
    np.testing.assert_allclose(made.predicted, [10, 2])


@pytest.mark.parametrize(
    ("column", "now"),
    [
        *(("batch", 1), ("gpu", "NVIDIA V100"), ("model", "Llama-405B"), ("n_gpus", 8), ("tensor_parallel", 2)),
        *(("weight_bits", 8), ("weights_format", "fp8"), ("engine", "eager"), ("input_tokens", 5)),
        *(
            ("output_tokens", 9),
            ("metric", "energy_per_request"),
            ("unit", "kJ/token"),
            ("scope", "node"),
            ("params_total", 7e9),
        ),
        ("note", "PUE 1.1"),
    ],
)
def test_another_configuration_is_not_of_the_fit(tmp_path: Path, column: str, now: object) -> None:
    """Whoever changes the batch or the chip of one of our rows asks about another job, and gets its own answer."""
    job = {"batch": 8, "n_gpus": 1, "unit": "J/token", "gpu": "NVIDIA B200"}
    stored(table(1.0, **job), tmp_path, 10.0)
    changed = job | {column: now} | ({"unit": "J/request"} if column == "metric" else {})
    for given in (True, False):
        assert held_out(table(1.0, **job), given, tmp_path)[1].all()
        made, known = held_out(table(1.0, **changed), given, tmp_path)
        assert not known.any()
        assert made.predicted[0] == pytest.approx(0.002 if column == "unit" else 2)
    assert held_out_step_s(table(1.0, **changed), tmp_path)[0] != 0.02


def test_another_speed_is_another_question_only_where_speeds_are_given(tmp_path: Path) -> None:
    stored(table(1.0, tokens_per_s=100), tmp_path, 10.0)
    other = table(1.0, tokens_per_s=300)
    assert not held_out(other, True, tmp_path)[1].any()
    assert held_out(other, False, tmp_path)[1].all()


def test_families_that_are_not_fitted_anew_stay_as_they_were_stored(tmp_path: Path) -> None:
    tokens, images = table(1.0), table(1.0, id="picture", metric="energy_per_image", unit="J/image")
    stored(tokens, tmp_path, 10.0)
    stored(images, tmp_path, 20.0)
    assert held_out(tokens, True, tmp_path)[0].predicted.tolist() == [10.0]
    assert held_out(images, True, tmp_path)[0].predicted.tolist() == [20.0]
    fewer = table(1.0, id="other")
    stored(fewer, tmp_path, 30.0)
    assert not held_out(tokens, True, tmp_path)[1].any(), "a family that is fitted anew is replaced as a whole"
    assert held_out(images, True, tmp_path)[1].all()


def test_it_is_said_how_many_were_predicted_without_having_been_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(table(1.0, 1.25), tmp_path, 10.0)
    real = held_out_module._table(tmp_path)
    monkeypatch.setattr(held_out_module, "_table", lambda folder: real)
    answer = validate(table(1.0, 1.25, 3.0))
    assert seen_words(answer) == (
        "3 of them predicted, 2 of these by fits that had not seen the model, 1 used by no fit"
    )
    assert seen_words(validate(table(1.0))) == "1 of them predicted, 1 of these by fits that had not seen the model"


def test_a_case_that_only_one_way_predicts_is_held_out_if_that_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = table(1.0)
    values = np.array([10.0])
    write_held_out(cases, prediction(values, values, values, ""), nothing(1, "no"), tmp_path)
    real = held_out_module._table(tmp_path)
    monkeypatch.setattr(held_out_module, "_table", lambda folder: real)
    put_in_place(
        monkeypatch,
        lambda cases, given: steady(2.0)(cases, given) if given else nothing(len(cases), "a speed is needed"),
    )
    answer = validate(cases)
    assert answer.held_out.tolist() == [True]
    assert seen_words(answer, BLIND) == "0 of them predicted"


def test_what_is_not_predicted_today_is_not_answered_from_store(tmp_path: Path) -> None:
    cases = table(1.0, gpu="unknown")
    stored(cases, tmp_path, 10.0)
    made, known = held_out(cases, True, tmp_path)
    assert made.why_not == ("no such chip",)
    assert not known.any()


def test_nothing_stored_is_nothing_known(tmp_path: Path) -> None:
    cases = table(1.0)
    write_held_out(cases, nothing(1, "no"), nothing(1, "no"), tmp_path)
    made, known = held_out(cases, True, tmp_path)
    assert isinstance(made, Prediction)
    assert not known.any()
    assert not held_out(cases, True, tmp_path / "none")[1].any()
