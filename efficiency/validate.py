"""How wrong the predictions are: scores against measurements, by group, beside simpler ways to predict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from efficiency.cases import Cases, Column
from efficiency.held_out import held_out, held_out_step_s
from efficiency.predict import STANDARD_UNITS, unit_scale
from efficiency.prediction import Prediction, prediction

BANDS: Final = (1.25, 1.5, 2.0)
# An error of just 1.5 times belongs inside 1.5x, whatever the last binary digit says.
ROUNDING: Final = 1e-9

GROUPINGS: Final[Mapping[str, Callable[[Cases, int], str]]] = MappingProxyType(
    {
        "pooled": lambda cases, i: "all",
        "quantity": lambda cases, i: f"{cases.unit[i] or STANDARD_UNITS.get(cases.metric[i], '')}, {cases.scope[i]}",
        "family": lambda cases, i: cases.family[i],
        "kind": lambda cases, i: cases.kind[i],
        "chip": lambda cases, i: cases.gpu[i],
        "precision": lambda cases, i: f"{cases.weight_bits[i]:g} bit" if np.isfinite(cases.weight_bits[i]) else "",
    }
)
"""Ways to group cases, and the group of a case; an empty name stands for not stated."""

STEP_TIME: Final = "time of a step, s"
GIVEN: Final = "given"
BLIND: Final = "blind"
LIMIT_TIMES_TIME: Final = "TDP x time"
ECOLOGITS: Final = "EcoLogits"


@dataclass(frozen=True, slots=True)
class Score:
    """How far predictions lie from measurements.

    Attributes
    ----------
    count : int
        Cases measured and predicted.
    unpredicted : int
        Cases measured for which there is no prediction.
    median_error : float
        Median of abs(log10(predicted / measured)) [1]. NaN here and below where there is no case.
    within : tuple of float
        Shares of cases predicted within the factors `BANDS` [fraction].
    coverage : float
        Share of measurements inside their 90 % interval [fraction].
    width : float
        Median of high over low [1].
    bias : float
        Median of log10(predicted / measured) [1].
    """

    count: int
    unpredicted: int
    median_error: float
    within: tuple[float, ...]
    coverage: float
    width: float
    bias: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the answer: a group of cases, a way to predict, its score."""

    grouping: str
    group: str
    way: str
    score: Score


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """How wrong the predictions of a table are.

    Attributes
    ----------
    cases : Cases
        Those rows of the table that carry a measurement.
    ways : mapping of str to Prediction
        By way of predicting: given, blind and the simpler ones.
    held_out : ndarray of bool, shape (n,)
        Whether the predictions of a row come from fits that had not seen it.
    in_standard_units : ndarray, shape (n,)
        The row's unit in the models' unit of its quantity [1]; NaN where it measures something else.
    lines : tuple of Line
        Scores by group.
    """

    cases: Cases
    ways: Mapping[str, Prediction]
    held_out: np.ndarray
    in_standard_units: Column
    lines: tuple[Line, ...]


def log10_error(measured: Column, predicted: Column) -> Column:
    """Give the error of predictions in powers of ten.

    Parameters
    ----------
    measured : ndarray
        What was measured [unit].
    predicted : ndarray
        What was predicted [unit].

    Returns
    -------
    ndarray
        log10(predicted / measured) [1]: positive where too much was predicted, NaN where either is missing.

    Notes
    -----
    Twice too much and half too little are equally wrong.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> import numpy as np
    >>> log10_error(np.array([1.0]), np.array([10.0])).tolist()
    [1.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        error: Column = np.log10(predicted / measured)
    return np.where(np.isfinite(error), error, np.nan)


def score(measured: Column, made: Prediction) -> Score:
    """Score predictions against measurements.

    Parameters
    ----------
    measured : ndarray, shape (n,)
        What was measured, NaN where nothing was [unit].
    made : Prediction
        What was predicted.

    Returns
    -------
    Score
        Over the cases that have both [1].

    Notes
    -----
    Shares count both directions: within 2x means between half and twice the measurement. Cases without a prediction are
    counted beside, because a model that declines the hard ones would look better.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> import numpy as np
    >>> ones = np.ones(2)
    >>> score(np.array([1.1, 3.0]), prediction(ones, ones / 2, ones * 2, "")).coverage
    0.5
    """
    error = log10_error(measured, made.predicted)
    scored = np.isfinite(error)
    count, size = int(scored.sum()), np.abs(error[scored])
    missing = int(np.isfinite(measured).sum()) - count
    if not count:
        return Score(0, missing, np.nan, (np.nan,) * len(BANDS), np.nan, np.nan, np.nan)
    inside = (made.low <= measured) & (measured <= made.high)
    return Score(
        count=count,
        unpredicted=missing,
        median_error=float(np.median(size)),
        within=tuple(float(np.mean(size <= np.log10(band) + ROUNDING)) for band in BANDS),
        coverage=float(np.mean(inside[scored])),
        width=float(np.median(made.high[scored] / made.low[scored])),
        bias=float(np.median(error[scored])),
    )


def validate(cases: Cases) -> Validation:
    """Compare predictions with the measurements of a table.

    Parameters
    ----------
    cases : Cases
        A table; rows without a measurement are left out.

    Returns
    -------
    Validation
        Scores by family, kind, chip, precision, quantity and pooled [1].

    Raises
    ------
    ValueError
        If no row carries a measurement.

    Notes
    -----
    Cases of the fit are scored by the predictions of fits that had not seen their model. The simpler ways are scored
    where they apply: energy per output token, at the boards.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> cases = cases_from_rows([{"model": "HPL", "gpu": "NVIDIA H100", "metric": "gflops_per_watt", "value": 60}])
    >>> validate(cases).lines[0].score.unpredicted
    1
    """
    measured = cases.take(np.isfinite(cases.value))
    if not len(measured):
        raise ValueError("no row has a value, so there is nothing to compare with")
    given, given_held = held_out(measured, True)
    blind, blind_held = held_out(measured, False)
    ways = {GIVEN: given, BLIND: blind, **_simpler(measured)}
    lines = []
    for grouping, name_of in GROUPINGS.items():
        names = np.array([name_of(measured, i) or "not stated" for i in range(len(measured))], dtype=object)
        for name in dict.fromkeys(names):
            rows = np.flatnonzero(names == name)
            for way, made in ways.items():
                found = score(measured.value[rows], _part(made, rows))
                if way in (GIVEN, BLIND):
                    lines.append(Line(grouping, name, way, found))
                elif found.count:
                    lines.append(Line(grouping, name, way, _without_interval(found)))
        if grouping == "quantity":
            lines.append(Line(grouping, STEP_TIME, BLIND, _step_score(measured)))
    scales = np.array(
        [
            unit_scale(metric, unit) if metric in STANDARD_UNITS else np.nan
            for metric, unit in zip(measured.metric, measured.unit, strict=True)
        ]
    )
    # A row that only one of the two ways predicts is held out if that one is.
    held = given_held | blind_held
    for made, own in ((given, given_held), (blind, blind_held)):
        held &= own | np.array([bool(why) for why in made.why_not], dtype=bool)
    return Validation(measured, MappingProxyType(ways), held, 1 / scales, tuple(lines))


def validation_text(validation: Validation) -> str:
    """Print a validation as a table for people.

    Parameters
    ----------
    validation : Validation
        What was compared.

    Returns
    -------
    str
        A line per group and way of predicting.

    Notes
    -----
    Groups of one case are printed too: they are cases somebody measured.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> cases = cases_from_rows([{"model": "HPL", "gpu": "NVIDIA H100", "metric": "gflops_per_watt", "value": 60}])
    >>> print(validation_text(validate(cases)).splitlines()[0])
    1 measured case; 0 of them predicted.
    """
    count = len(validation.cases)
    noun = "case" if count == 1 else "cases"
    longest = max(len(line.group) for line in validation.lines)
    heads = ("n", "none", "median", *(f"{band:g}x" for band in BANDS), "covered", "width", "bias")
    text = [
        f"{count} measured {noun}; {seen_words(validation)}.",
        "median and bias: log10 of predicted over measured; 1.25x, 1.5x, 2x: share within; covered: share inside the",
        "90 % interval; width: high over low, median; none: measured, but without a prediction.",
    ]
    grouping = ""
    for line in validation.lines:
        if line.grouping != grouping:
            grouping = line.grouping
            text += ["", f"{grouping:<{longest}}  {'way':<10}" + "".join(f"{head:>9}" for head in heads)]
        s = line.score
        shares = [_share(share) for share in (*s.within, s.coverage)]
        cells = [str(s.count), str(s.unpredicted), _number(s.median_error), *shares, _number(s.width, 2)]
        cells.append(_number(s.bias, sign="+"))
        text.append(f"{line.group:<{longest}}  {line.way:<10}" + "".join(f"{cell:>9}" for cell in cells))
    return "\n".join(text)


def seen_words(validation: Validation, way: str = "") -> str:
    """Say how many cases are predicted, and how many of them by fits that had not seen their model.

    Parameters
    ----------
    validation : Validation
        What was compared.
    way : str, optional
        `GIVEN` or `BLIND`; otherwise a case counts that either of them predicts.

    Returns
    -------
    str
        Part of a sentence.

    Notes
    -----
    A case that is none of the fit is predicted by the fit as it is; its model may be one that the fit has seen on
    another machine.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> cases = cases_from_rows([{"model": "HPL", "gpu": "NVIDIA H100", "metric": "gflops_per_watt", "value": 60}])
    >>> seen_words(validate(cases))
    '0 of them predicted'
    """
    made = [[not why for why in validation.ways[one].why_not] for one in ((way,) if way else (GIVEN, BLIND))]
    predicted = np.any(made, axis=0)
    count, held = int(predicted.sum()), int((predicted & validation.held_out).sum())
    if not count:
        return "0 of them predicted"
    others = count - held
    if not held:
        return f"{count} of them predicted, none of which is a case of the fit"
    rest = f", {others} used by no fit" if others else ""
    return f"{count} of them predicted, {held} of these by fits that had not seen the model{rest}"


def _number(x: float, digits: int = 3, sign: str = "") -> str:
    return f"{x:{sign}.{digits}f}" if np.isfinite(x) else "-"


def _share(x: float) -> str:
    return f"{x:.1%}" if np.isfinite(x) else "-"


def _part(made: Prediction, rows: np.ndarray) -> Prediction:
    why = tuple(made.why_not[row] for row in rows)
    return Prediction(made.predicted[rows], made.low[rows], made.high[rows], why)


def _step_score(cases: Cases) -> Score:
    """Score the predicted time of a step, which no interval is stated for."""
    per_token = np.array([metric == "energy_per_output_token" for metric in cases.metric])
    measured_s = np.where(per_token, cases.batch / cases.tokens_per_s, np.nan)
    step_s = held_out_step_s(cases)
    return _without_interval(score(measured_s, prediction(step_s, step_s, step_s, "")))


def _without_interval(found: Score) -> Score:
    return replace(found, coverage=np.nan, width=np.nan)


def _simpler(cases: Cases) -> dict[str, Prediction]:
    """Predict energy per token at the boards by two simpler ways; they state no interval."""
    applies = np.array(
        [
            metric == "energy_per_output_token" and scope in ("", "gpu")
            for metric, scope in zip(cases.metric, cases.scope, strict=True)
        ]
    )
    rows = np.flatnonzero(applies)
    if not rows.size:
        return {}
    from efficiency.baselines import ecologits_j_per_token, limit_times_time_j_per_token

    ways = {}
    for name, way in ((LIMIT_TIMES_TIME, limit_times_time_j_per_token), (ECOLOGITS, ecologits_j_per_token)):
        value = np.full(len(cases), np.nan)
        # These ways count in J/token; a row may be measured in another unit.
        value[rows] = way(cases.take(rows)) * [unit_scale(cases.metric[i], cases.unit[i]) for i in rows]
        ways[name] = prediction(value, value, value, "", "not what this way predicts")
    return ways
