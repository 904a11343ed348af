"""Predict a table of cases: each goes to the model of its kind, or says why it goes to none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from efficiency.cases import Cases, Column, table_text
from efficiency.prediction import Prediction, assemble, nothing
from efficiency.published_notes import with_notes
from efficiency.units import UNITS

Model = Callable[[Cases, bool], Prediction]

MODEL_OF_METRIC: Final[Mapping[str, str]] = MappingProxyType(
    {
        "energy_per_output_token": "serving",
        "energy_per_request": "serving",
        "energy_per_image": "diffusion",
        "energy_per_video": "diffusion",
        "energy_per_training_run": "training_runs",
    }
)
"""Module of this package that predicts a quantity."""

STANDARD_UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "energy_per_output_token": "J/token",
        "energy_per_request": "J/request",
        "energy_per_image": "J/image",
        "energy_per_video": "J/video",
        "energy_per_training_run": "MWh",
    }
)
"""Unit in which the models count; a row may ask for another one of energy."""

ADDED_COLUMNS: Final = ("predicted", "low", "high", "why_not")
MEASURED_BESIDE: Final = ("tokens_per_s", "avg_power_w", "latency_s")
"""Columns that only a prediction with something given may see."""

SPANNED: Final = ("n_gpus", "batch")
"""Counts whose span, as in ``8-32``, widens an interval: its ends are read as 5 and 95 % points."""

SAME_THING: Final[Mapping[str, str]] = MappingProxyType({"query": "request", "response": "request", "run": ""})
_NOT_PREDICTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "avg_power": "average power alone is not predicted; ask for the energy of the run",
        "gflops_per_watt": "benchmarks of numerical computing are not predicted, only serving and training",
    }
)


def predict(cases: Cases, given: bool = False) -> Prediction:
    """Predict the energy of each case, with its 90 % interval.

    Parameters
    ----------
    cases : Cases
        A table of cases. `value` is never looked at.
    given : bool, optional
        Use the throughput, latency and power that a row gives; otherwise model, chip, count, batch, precision and
        engine alone are known.

    Returns
    -------
    Prediction
        Per row, a value with its interval or the reason why there is none [unit of the row].

    Notes
    -----
    What must not be used is not handed on: a model cannot look at the answer, nor at a measured speed when it predicts
    blind. Where no column states the time or the size of a published case, its note may. A count told as a span, as in
    8-32, is its geometric mean; the distances to what is predicted at its ends widen the interval, in squares.

    References
    ----------
    MODEL.md, "Predicting measurements".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> cases = cases_from_rows([{"model": "HPL", "gpu": "NVIDIA H100", "metric": "gflops_per_watt"}])
    >>> predict(cases).why_not
    ('benchmarks of numerical computing are not predicted, only serving and training',)
    """
    reasons, scales = _reasons(cases)
    shown = _hidden(cases, given)
    parts = [(np.array([i]), nothing(1, reason)) for i, reason in enumerate(reasons) if reason]
    for name in dict.fromkeys(MODEL_OF_METRIC.values()):
        rows = np.array(
            [i for i, why in enumerate(reasons) if not why and MODEL_OF_METRIC[cases.metric[i]] == name], dtype=int
        )
        if rows.size:
            # A number beyond all measure overflows to none, and the case gets its reason.
            with np.errstate(all="ignore"):
                made = _over_spans(_model(name), shown.take(rows), given)
                parts.append((rows, _scaled(made, scales[rows])))
    return assemble(len(cases), parts, "nothing here predicts it")


def blind_step_s(cases: Cases) -> Column:
    """Predict how long a step of serving takes, with nothing measured known.

    Parameters
    ----------
    cases : Cases
        A table of cases.

    Returns
    -------
    ndarray, shape (n,)
        Time in which every sequence gains a token [s]; NaN for all but energies per output token that can be predicted.

    Notes
    -----
    Errors of time and of power can cancel in an energy, so both are looked at.

    References
    ----------
    MODEL.md, "Predicting measurements".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> blind_step_s(cases_from_rows([{"model": "HPL", "gpu": "H100", "metric": "gflops_per_watt"}])).tolist()
    [nan]
    """
    reasons, _ = _reasons(cases)
    per_token = [metric == "energy_per_output_token" for metric in cases.metric]
    rows = np.array([i for i, why in enumerate(reasons) if per_token[i] and not why], dtype=int)
    found = np.full(len(cases), np.nan)
    if rows.size:
        from efficiency.serving import step_s

        found[rows] = step_s(_hidden(cases, given=False).take(rows))
    return found


def predicted_table(cases: Cases, prediction: Prediction) -> str:
    r"""Write cases with their prediction as CSV text.

    Parameters
    ----------
    cases : Cases
        A table of cases.
    prediction : Prediction
        What is predicted for them.

    Returns
    -------
    str
        The table as given, with the columns predicted, low, high and why_not behind it [unit of the row].

    Notes
    -----
    Columns of these names that the table already had are replaced, so that a table can be predicted again. A number
    that does not exist is an empty cell.

    References
    ----------
    RFC 4180.

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.prediction import nothing
    >>> cases = cases_from_rows([{"model": "a", "gpu": "b", "metric": "c", "mine": "d"}])
    >>> predicted_table(cases, nothing(1, "no such thing"))
    'model,gpu,metric,mine,predicted,low,high,why_not\na,b,c,d,,,,no such thing\n'
    """
    kept = [i for i, name in enumerate(cases.columns) if name not in ADDED_COLUMNS]
    columns = [[f"{x:.6g}" if np.isfinite(x) else "" for x in getattr(prediction, name)] for name in ADDED_COLUMNS[:3]]
    rows = (
        [*(line[i] for i in kept), *numbers, why]
        for line, *numbers, why in zip(cases.cells, *columns, prediction.why_not, strict=True)
    )
    return table_text([*(cases.columns[i] for i in kept), *ADDED_COLUMNS], rows)


def unit_scale(metric: str, unit: str) -> float:
    """Give the factor from the models' unit of a quantity to another one.

    Parameters
    ----------
    metric : str
        The quantity, as in a table of cases.
    unit : str
        An energy, per the thing counted where the quantity is per something; blank is the models' own.

    Returns
    -------
    float
        Number of `unit` in one of the models' [1]; NaN if `unit` does not measure the quantity.

    Notes
    -----
    A request, a query and a response are the same thing here.

    References
    ----------
    `efficiency.units`.

    Examples
    --------
    >>> unit_scale("energy_per_training_run", "kWh")
    1000.0
    """
    energy, _, per = STANDARD_UNITS[metric].partition("/")
    own_energy, _, own_per = (unit or STANDARD_UNITS[metric]).partition("/")
    own_factor, own_kind = UNITS.get(own_energy, (1.0, ""))
    if own_kind != "J" or SAME_THING.get(own_per, own_per) != per:
        return float("nan")
    return UNITS[energy][0] / own_factor


def _hidden(cases: Cases, given: bool) -> Cases:
    """Take away what must not be seen, and ask for the models' own units; published cases keep times in their notes."""
    changes: dict[str, Any] = {}
    changes |= dict.fromkeys(("value",) if given else ("value", *MEASURED_BESIDE), np.full(len(cases), np.nan))
    changes["unit"] = tuple(STANDARD_UNITS.get(metric, "") for metric in cases.metric)
    return replace(with_notes(cases), **changes)


def _reasons(cases: Cases) -> tuple[list[str], Column]:
    """Say what keeps each row from any model, and how its unit relates to the models'."""
    reasons, scales = list(cases.faults), np.ones(len(cases))
    for i, (kind, metric, unit) in enumerate(zip(cases.kind, cases.metric, cases.unit, strict=True)):
        if metric in MODEL_OF_METRIC:
            scales[i] = unit_scale(metric, unit)
            training = metric == "energy_per_training_run"
            if kind == "hpc":
                reason = _NOT_PREDICTED["gflops_per_watt"]
            elif kind and (kind == "training") != training:
                reason = f"kind is {kind[:40]!r}, which does not go with the metric {metric}"
            elif np.isnan(scales[i]):
                reason = f"unit is {unit[:40]!r}; must be an energy like {STANDARD_UNITS[metric]}, or blank"
            else:
                reason = ""
        else:
            reason = _NOT_PREDICTED.get(metric) or (
                f"metric is {metric[:40]!r}; predicted are {', '.join(MODEL_OF_METRIC)}"
            )
        reasons[i] = reasons[i] or reason
    return reasons, scales


def _over_spans(model: Model, cases: Cases, given: bool) -> Prediction:
    """Predict, and widen the interval of a row that tells a count as a span by what its ends do."""
    made = model(cases, given)
    below, above = (np.abs(np.log10(end / made.predicted)) for end in (made.low, made.high))
    for name in SPANNED:
        span = cases.spans[name]
        rows = np.flatnonzero((span > 1) & np.isfinite(made.predicted))
        if rows.size:
            some = cases.take(rows)
            for power in (-0.5, 0.5):
                end = replace(some, **{name: getattr(some, name) * span[rows] ** power})
                # At one end the job may be impossible; then that end tells nothing that could widen.
                shift = np.nan_to_num(np.log10(model(end, given).predicted / made.predicted[rows]))
                below[rows] = np.hypot(below[rows], np.maximum(-shift, 0.0))
                above[rows] = np.hypot(above[rows], np.maximum(shift, 0.0))
    if not any((cases.spans[name] > 1).any() for name in SPANNED):
        return made
    return replace(made, low=made.predicted * 10.0**-below, high=made.predicted * 10.0**above)


def _scaled(prediction: Prediction, scale: Column) -> Prediction:
    return Prediction(prediction.predicted * scale, prediction.low * scale, prediction.high * scale, prediction.why_not)


def _model(name: str) -> Model:
    """Load a model when it is first needed: a table of requests does not wait for the model of images."""
    model: Model = import_module(f"efficiency.{name}").predict
    return model
