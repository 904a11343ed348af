"""Calibration: it finds coefficients that made the data, is fast, and its errors on unseen models are as claimed."""

import functools
import itertools
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from efficiency import serving
from efficiency.calibrate import calibrate
from efficiency.cases import Cases, cases_from_rows, read_cases
from efficiency.coefficients import bounds, coefficients
from efficiency.held_out import held_out
from efficiency.prediction import Prediction
from efficiency.serving import CrossValidation
from efficiency.serving_energy import serve
from efficiency.serving_fit import measured
from efficiency.serving_jobs import jobs

MODELS = (
    *("Qwen/Qwen3-0.6B", "Qwen/Qwen3-8B", "Qwen/Qwen3-32B", "Qwen/Qwen3-30B-A3B", "Qwen/Qwen3-235B-A22B"),
    *("meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-70B", "mistralai/Mixtral-8x7B-v0.1", "google/gemma-2-9b"),
)


def synthetic(noise: float, **changed: float) -> tuple[Cases, dict[str, float]]:
    """Make a small table from known coefficients."""
    truth = {name: record.si for name, record in bounds("serving").items()} | changed
    rows: list[dict[str, Any]] = []
    designs = itertools.product(MODELS, ("H100", "B200"), ("vllm-2025", "vllm-2024", "eager"), (1, 16, 128), (1, 4))
    for i, (model, gpu, engine, batch, few) in enumerate(designs):
        # A large model does not fit on one chip.
        chips = 8 if few == 1 and ("235B" in model or "70B" in model) else few
        rows.append(
            {
                "id": f"made-{i}",
                "family": engine,
                "model": model,
                "gpu": gpu,
                "n_gpus": chips,
                "batch": batch,
                "engine": engine,
                "input_tokens": "" if i % 3 else 300,
                "output_tokens": (100, 400, 1600)[i % 3 - (i // 3) % 2],
                "weight_bits": 16,
                "metric": "energy_per_output_token",
                "unit": "J/token",
                "scope": "gpu",
            }
        )
    made = serve(truth, jobs(cases_from_rows(rows)))
    random = np.random.default_rng(1)
    for row, j_per_token, step_s in zip(rows, made.j_per_token, made.step_s, strict=True):
        row["value"] = j_per_token * 10 ** random.normal(0, noise)
        row["tokens_per_s"] = row["batch"] / step_s * 10 ** random.normal(0, noise)
    return cases_from_rows(rows), truth


CHANGED = {"active_floor": 0.22, "memory_energy": 12e-12, "activation_passes": 3.0, "prompt_tokens": 900.0}


def test_known_coefficients_are_recovered_from_exact_data() -> None:
    cases, truth = synthetic(0.0, **CHANGED)
    found = serving.fit(cases).by_name
    for name, value in truth.items():
        # Activations cost little, so the solver stops before it has their coefficient to the last percent.
        assert found[name] == pytest.approx(value, rel=0.1 if name == "activation_passes" else 0.05), name


def test_known_coefficients_are_recovered_from_noisy_data_within_their_errors() -> None:
    cases, truth = synthetic(0.03, **CHANGED)
    found = serving.cross_validate(cases)
    off = [
        abs(found.fitted.by_name[name] - value) / error
        for (name, value), error in zip(truth.items(), found.fitted.standard_errors, strict=True)
        if error > 0
    ]
    assert len(off) >= 9 and np.median(off) < 2 and max(off) < 6
    inside = (cases.value >= found.given.low) & (cases.value <= found.given.high)
    assert 0.85 <= inside.mean() <= 0.99


def test_a_family_without_cases_keeps_what_it_has(tmp_path: Path) -> None:
    cases, _ = synthetic(0.01)
    told: list[tuple[float, str]] = []
    text = calibrate(cases, tmp_path, lambda share, words: told.append((share, words)))
    assert text.startswith("serving: 324 cases\n")
    assert "images" not in text
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    assert {words for _, words in told} >= {"fitting serving", "done"}
    assert coefficients("serving", tmp_path).cases == 324
    again, stored = held_out(cases, True, tmp_path / "fitted")
    assert stored.all()
    assert np.median(np.abs(np.log10(again.predicted / cases.value))) < 0.02


def test_nothing_is_left_in_both_parts_of_a_fold() -> None:
    """Two names of one model: what was learned on one must not be used on the other."""
    cases, _ = synthetic(0.0)
    renamed = cases_from_rows(
        [
            dict(zip(cases.columns, line, strict=True)) | {"model": model.replace("Llama-3.1-8B", name)}
            for line, model, name in zip(
                cases.cells, cases.model, itertools.cycle(["Llama-3.1-8B", "Llama-3.1-8B-Instruct"]), strict=False
            )
        ]
    )
    found = serving.cross_validate(renamed)
    assert np.isfinite(found.given.predicted).all()
    assert len(found.rows) == len(cases)


def test_cases_that_are_not_of_serving_are_passed_over() -> None:
    cases, _ = synthetic(0.0)
    rows = [dict(zip(cases.columns, line, strict=True)) for line in cases.cells[:6]]
    for row, change in zip(
        rows,
        (
            {},
            {"scope": "node"},
            {"value": ""},
            {"tokens_per_s": ""},
            {"metric": "energy_per_image"},
            {"unit": "Wh/token"},
        ),
        strict=True,
    ):
        row |= change
    assert measured(cases_from_rows(rows)).tolist() == [0]


@functools.cache
def validated(path: Path) -> tuple[CrossValidation, float]:
    begun = time.perf_counter()
    found = serving.cross_validate(read_cases(path, strict=False))
    return found, time.perf_counter() - begun


@pytest.fixture
def shared(shared_folder: Path) -> CrossValidation:
    return validated(shared_folder / "measured" / "cases.csv")[0]


def per_token(found: CrossValidation) -> np.ndarray:
    return np.array(found.cases.metric) == "energy_per_output_token"


def errors(found: CrossValidation, made: Prediction, rows: np.ndarray) -> np.ndarray:
    size = np.abs(np.log10(made.predicted / found.cases.value))[rows]
    return size[np.isfinite(size)]


def test_energy_per_token_of_unseen_models_is_as_near_as_claimed(shared: CrossValidation) -> None:
    given, blind = (errors(shared, made, per_token(shared)) for made in (shared.given, shared.blind))
    assert len(given) == len(blind) >= 980
    assert np.median(given) <= 0.042 and np.mean(given <= np.log10(1.5)) >= 0.95
    assert np.median(blind) <= 0.055 and np.mean(blind <= np.log10(2)) >= 0.95


def test_the_time_of_a_step_and_the_energy_of_a_request_are_as_near_as_claimed(shared: CrossValidation) -> None:
    rows = per_token(shared)
    step = np.abs(np.log10(shared.step_s * shared.cases.tokens_per_s / shared.cases.batch))[rows]
    assert np.nanmedian(step) <= 0.085
    assert np.median(errors(shared, shared.given, ~rows)) <= 0.060


@pytest.mark.parametrize(("mode", "widest"), [("given", 2.5), ("blind", 4.0)])
def test_intervals_hold_what_they_promise(shared: CrossValidation, mode: str, widest: float) -> None:
    made: Prediction = getattr(shared, mode)
    known = np.isfinite(made.predicted)
    inside = (shared.cases.value >= made.low) & (shared.cases.value <= made.high)
    tokens = per_token(shared)
    for rows in (tokens, ~tokens):
        assert 0.85 <= inside[known & rows].mean() <= 0.95
    assert np.median((made.high / made.low)[known]) <= widest


def test_the_shipped_coefficients_are_those_of_the_shared_cases(shared: CrossValidation) -> None:
    shipped = coefficients("serving")
    assert shared.fitted.names == shipped.names and shared.fitted.cases == shipped.cases
    assert shared.fitted.values == pytest.approx(shipped.values, rel=1e-3)


def test_serving_is_calibrated_in_well_under_a_minute(shared_folder: Path) -> None:
    assert validated(shared_folder / "measured" / "cases.csv")[1] < 45


def few(count: int, models: int) -> Cases:
    """Take some rows of the table that is made, of so many models."""
    cases, _ = synthetic(0.01)
    chosen = [i for i in range(len(cases)) if cases.model[i] in MODELS[:models]][:count]
    return cases.take(chosen)


@pytest.mark.parametrize(
    ("count", "models", "words"),
    [
        (1, 1, "serving kept as it was: 1 usable case of 1 model, needed are 100 of 6"),
        (99, 9, "serving kept as it was: 99 usable cases of 3 models, needed are 100 of 6"),
        (150, 5, "serving kept as it was: 150 usable cases of 5 models, needed are 100 of 6"),
    ],
)
def test_too_few_cases_replace_nothing(count: int, models: int, words: str, tmp_path: Path) -> None:
    """One row would overwrite a good fit, and call its own error that of models left out."""
    told: list[float] = []
    with pytest.raises(ValueError, match=f"^nothing is fitted: {words}$"):
        calibrate(few(count, models), tmp_path, lambda share, _: told.append(share))
    assert not list(tmp_path.iterdir()) and not told


def test_a_family_with_too_few_cases_keeps_what_it_has_beside_one_with_enough(tmp_path: Path) -> None:
    cases, _ = synthetic(0.01)
    rows = [dict(zip(cases.columns, line, strict=True)) for line in cases.cells]
    picture = {"id": "p", "model": "FLUX.1-dev", "gpu": "H100", "n_gpus": 1, "batch": 1, "steps": 28, "height": 512}
    picture |= {
        "width": 512,
        "metric": "energy_per_image",
        "unit": "J/image",
        "value": 900,
        "latency_s": 2,
        "scope": "gpu",
    }
    text = calibrate(cases_from_rows([*rows, picture]), tmp_path)
    assert text.splitlines()[0] == "serving: 324 cases"
    assert text.splitlines()[-1].startswith("images and videos kept as it was: 1 usable case of 1 model")
    assert {path.name for path in tmp_path.iterdir()} == {"fitted", "fitted.csv"}
    assert "fitted.diffusion" not in (tmp_path / "fitted.csv").read_text()
