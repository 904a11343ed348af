"""Which model a case goes to, in which unit the answer comes back, and what is said of the rest."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest

from efficiency import predict as predict_module
from efficiency.cases import Cases, cases_from_rows, read_cases
from efficiency.predict import (
    ADDED_COLUMNS,
    MODEL_OF_METRIC,
    STANDARD_UNITS,
    predict,
    predicted_table,
    unit_scale,
)
from efficiency.prediction import Prediction, nothing, prediction
from tests.models_in_place import put_in_place, steady

TOKEN = {"model": "Llama", "gpu": "NVIDIA H100", "metric": "energy_per_output_token"}


def reason(**row: Any) -> str:
    return predict(cases_from_rows([TOKEN | row], strict=False)).why_not[0]


def test_each_quantity_goes_to_its_model(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def model(name: str) -> predict_module.Model:
        def answer(cases: Cases, given: bool) -> Prediction:
            asked.extend((name, metric, given) for metric in cases.metric)
            return steady(1.0)(cases, given)

        return answer

    monkeypatch.setattr(predict_module, "_model", model)
    made = predict(cases_from_rows([TOKEN | {"metric": metric} for metric in MODEL_OF_METRIC]), given=True)
    assert {(name, metric) for name, metric, _ in asked} == {(name, metric) for metric, name in MODEL_OF_METRIC.items()}
    assert all(given for *_, given in asked)
    assert made.why_not == ("",) * len(MODEL_OF_METRIC)


def test_a_model_never_sees_the_answer_nor_blind_the_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = {"value": 3, "tokens_per_s": 5, "avg_power_w": 7, "latency_s": 9}
    seen = []

    def look(cases: Cases, given: bool) -> Prediction:
        seen.append({name: float(getattr(cases, name)[0]) for name in measured})
        return steady(1.0)(cases, given)

    put_in_place(monkeypatch, look)
    for given in (False, True):
        predict(cases_from_rows([TOKEN | measured]), given)
    assert np.isnan(list(seen[0].values())).all()
    assert np.isnan(seen[1].pop("value"))
    assert list(seen[1].values()) == [5, 7, 9]


def test_a_note_may_tell_the_time_only_where_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def look(cases: Cases, given: bool) -> Prediction:
        seen.append((float(cases.latency_s[0]), float(cases.train_tokens[0])))
        return steady(1.0)(cases, given)

    put_in_place(monkeypatch, look)
    noted = cases_from_rows([TOKEN | {"note": "batch latency 0.5 s; tokens 3e12"}])
    predict(noted, given=True)
    predict(noted, given=False)
    assert seen[0] == (0.5, 3e12)
    assert np.isnan(seen[1][0]), "a measured time is not seen blind"
    assert seen[1][1] == 3e12, "the size of a run is no measurement"


@pytest.mark.parametrize(
    ("metric", "unit", "expected"),
    [
        ("energy_per_output_token", "J/token", 1.0),
        ("energy_per_output_token", "mJ/token", 1e3),
        ("energy_per_output_token", "", 1.0),
        ("energy_per_request", "Wh/request", 1 / 3600),
        ("energy_per_request", "Wh/query", 1 / 3600),
        ("energy_per_image", "kJ/image", 1e-3),
        ("energy_per_training_run", "kWh", 1e3),
        ("energy_per_training_run", "GJ", 3.6),
        ("energy_per_output_token", "J/request", np.nan),
        ("energy_per_output_token", "W", np.nan),
        ("energy_per_output_token", "J", np.nan),
        ("energy_per_training_run", "W", np.nan),
    ],
)
def test_an_answer_comes_in_the_unit_of_the_row(
    metric: str, unit: str, expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert unit_scale(metric, unit) == pytest.approx(expected, nan_ok=True)
    put_in_place(monkeypatch)
    made = predict(cases_from_rows([TOKEN | {"metric": metric, "unit": unit}]))
    assert made.predicted[0] == pytest.approx(2 * expected, nan_ok=True)
    assert made.high[0] == pytest.approx(4 * expected, nan_ok=True)
    if np.isnan(expected):
        assert made.why_not[0].startswith(f"unit is {unit!r}; must be an energy like {STANDARD_UNITS[metric]}")


def test_what_cannot_be_predicted_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch)
    assert reason() == ""
    assert reason(gpu="unknown") == "no such chip"
    assert "numerical computing" in reason(metric="gflops_per_watt")
    assert "numerical computing" in reason(kind="hpc")
    assert "average power" in reason(metric="avg_power")
    assert reason(metric="love").startswith("metric is 'love'; predicted are energy_per_output_token, ")
    assert "does not go with" in reason(kind="training")
    assert reason(batch="x") == "batch is 'x'; must be a positive number, or blank"
    assert reason(kind="inference") == ""


def test_rows_stay_in_their_places(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch, lambda cases, given: prediction(cases.batch, cases.batch, cases.batch, ""))
    batches = [1.0, 2.0, 3.0, 4.0, 5.0]
    metrics = [*MODEL_OF_METRIC]
    rows = [TOKEN | {"metric": metric, "batch": batch} for metric, batch in zip(metrics, batches, strict=True)]
    np.testing.assert_array_equal(predict(cases_from_rows(rows)).predicted, batches)


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize(
    "row",
    [
        {"model": "Llama-3.1-8B", "output_tokens": 500, "engine": "vllm-2025", "metric": "energy_per_output_token"},
        {"model": "FLUX.1-dev", "steps": 28, "height": 1024, "width": 1024, "metric": "energy_per_image"},
    ],
)
def test_a_count_told_as_a_span_widens_the_interval(row: dict[str, Any], given: bool) -> None:
    """A machine of 8 to 32 chips is not as well known as one of 16."""
    table = [
        row | {"gpu": "NVIDIA H100", "n_gpus": n_gpus, "batch": batch}
        for n_gpus, batch in ((16, 64), ("8-32", 64), (16, "16-256"), ("8-32", "16-256"), ("16-16", 64))
    ]
    made = predict(cases_from_rows(table), given)
    assert made.why_not == ("",) * 5
    assert made.predicted == pytest.approx(made.predicted[0])
    widths = np.log10(made.high / made.low)
    assert widths[0] < min(widths[1], widths[2]) and max(widths[1], widths[2]) < widths[3]
    assert widths[4] == pytest.approx(widths[0])
    ends = predict(cases_from_rows([table[0] | {"batch": batch} for batch in (16, 256)]), given).predicted
    assert made.low[2] < ends.min() and made.high[2] > ends.max(), "the ends themselves lie inside"


def test_the_span_of_a_run_widens_it_in_proportion() -> None:
    run = {"model": "m", "gpu": "NVIDIA H100", "hours": 100, "params_active": 7e10, "metric": "energy_per_training_run"}
    exact, span = (predict(cases_from_rows([run | {"n_gpus": n}]), given=True) for n in (16, "8-32"))
    half = np.log10(exact.high / exact.predicted)
    assert np.log10(span.high / span.predicted) == pytest.approx(np.hypot(half, np.log10(2)))


def test_no_cases_are_no_predictions() -> None:
    assert len(predict(cases_from_rows([]))) == 0


def test_the_table_written_holds_what_came_in_and_what_is_new() -> None:
    text = 'model,gpu,metric,n_gpus,mine,low\n"Llama, the",H100,energy_per_request,8-32,=1+1,old\nB,C,hpc,1,,\n'
    cases = read_cases(text)
    made = Prediction(
        np.array([1 / 3, np.nan]), np.array([0.1, np.nan]), np.array([1e9, np.nan]), ("", "it is, sadly, unknown")
    )
    written = predicted_table(cases, made)
    rows = list(csv.reader(io.StringIO(written)))
    assert rows[0] == ["model", "gpu", "metric", "n_gpus", "mine", *ADDED_COLUMNS]
    assert rows[1] == ["Llama, the", "H100", "energy_per_request", "8-32", "=1+1", "0.333333", "0.1", "1e+09", ""]
    assert rows[2] == ["B", "C", "hpc", "1", "", "", "", "", "it is, sadly, unknown"]
    assert "nan" not in written.casefold()
    again = predicted_table(read_cases(written), nothing(2, "no"))
    assert again.splitlines()[0] == written.splitlines()[0], "a table can be predicted again"
