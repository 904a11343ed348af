"""How far a serving case may lie from its prediction: 90 % intervals."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from efficiency.cases import Column
from efficiency.coefficients import Fit
from efficiency.engines import EAGER, GRAPH, PLAIN, UNKNOWN
from efficiency.facts import fact
from efficiency.serving_energy import serve
from efficiency.serving_jobs import Jobs
from efficiency.serving_work import with_engine

POOLED: Final = "all"
"""The class that stands in where one has too few cases."""
ENOUGH_ROWS: Final = 20
"""Rows in the fit from which on a chip is not new, and a class of cases stands for itself."""
NORMAL_95: Final = 1.6449
_STEP: Final = 1e-3
UNSURE: Final = (
    *("tile_rows", "independent_choice", "image_tokens", "activation_bytes", "host_overlap", "bandwidth_efficiency"),
)
"""Numbers that are not fitted and move some cases by more than 2 % between the ends of their ranges."""


def spread_classes(some: Jobs) -> tuple[str, ...]:
    """Name the class of a job within which cases scatter alike.

    Parameters
    ----------
    some : Jobs
        Serving jobs.

    Returns
    -------
    tuple of str
        Kind of engine, and experts.

    Notes
    -----
    Experts are told apart on engines of today only: there are few such cases on others.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.serving_jobs import jobs
    >>> spread_classes(jobs(cases_from_rows([{"model": "Llama-3.1-8B", "gpu": "H100", "metric": ""}])))
    ('graph',)
    """
    names = np.select([some.engine == EAGER, some.engine == PLAIN], ["eager", "plain"], "graph")
    experts = np.where((some.experts > 0) & (names == "graph"), " experts", "")
    return tuple("".join(parts) for parts in zip(names, experts, strict=True))


def sensitivity(fitted: Fit, some: Jobs, given_s: Column) -> Column:
    """Give how the energy answers to each coefficient.

    Parameters
    ----------
    fitted : Fit
        Coefficients of the family "serving".
    some : Jobs
        Serving jobs with a batch.
    given_s : ndarray, shape (n,)
        Time of a step where it is known [s].

    Returns
    -------
    ndarray, shape (n, k)
        Derivative of log10 energy by the coefficient [1 over the coefficient's unit].

    Notes
    -----
    Central differences of a thousandth of the value. A coefficient at zero is not varied.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.coefficients import coefficients
    >>> from efficiency.serving_jobs import jobs
    >>> row = {"model": "Llama-3.1-8B", "gpu": "H100", "n_gpus": 1, "batch": 1, "output_tokens": 500,
    ...        "metric": "energy_per_output_token"}
    >>> slopes = sensitivity(coefficients("serving"), jobs(cases_from_rows([row])), np.array([0.01]))
    >>> bool(slopes[0, coefficients("serving").names.index("memory_energy")] > 0)
    True
    """
    values = dict(fitted.by_name)
    slopes = np.zeros((len(some), len(values)))
    for i, (name, value) in enumerate(values.items()):
        if value > 0:
            above, below = (
                np.log10(serve(values | {name: value * factor}, some, given_s).j_per_token)
                for factor in (1.0 + _STEP, 1.0 - _STEP)
            )
            slopes[:, i] = (above - below) / (2.0 * _STEP * value)
    return slopes


def interval(fitted: Fit, some: Jobs, given_s: Column) -> tuple[Column, Column]:
    """Give the 90 % interval around predictions.

    Parameters
    ----------
    fitted : Fit
        Coefficients of the family "serving", with covariance and spreads.
    some : Jobs
        Serving jobs with a batch.
    given_s : ndarray, shape (n,)
        Time of a step where it is known [s].

    Returns
    -------
    below, above : ndarray, shape (n,)
        Distances from the prediction to the ends, as decimal logarithms [1].

    Notes
    -----
    Squares add: the scatter of the class of cases the fit had not seen, the uncertainty of the coefficients, and more
    for a chip, a shape or an engine that the fit does not know, and for a prompt whose length is not stated. Where the
    engine is not stated, half the distance between an engine with graphs and a plain script is added.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.coefficients import coefficients
    >>> from efficiency.serving_jobs import jobs
    >>> row = {"model": "Llama-3.1-8B", "gpu": "H100", "n_gpus": 1, "batch": 1, "output_tokens": 500,
    ...        "metric": "energy_per_output_token"}
    >>> cases = cases_from_rows([row | {"engine": "vllm-2025"}, row])
    >>> known, unknown = interval(coefficients("serving"), jobs(cases), np.full(2, np.nan))[1]
    >>> bool(known < unknown)
    True
    """
    given = np.isfinite(given_s)
    slopes = sensitivity(fitted, some, given_s)
    variance = np.einsum("ij,jk,ik->i", slopes, fitted.covariance, slopes)
    new_chip = np.array([fitted.spreads.get(f"rows {chip}", 0.0) < ENOUGH_ROWS for chip in some.chip], dtype=bool)
    for new, name in ((new_chip, "chip"), (~some.shape_known, "shape"), (some.engine == UNKNOWN, "engine")):
        extra = np.where(given, fact(f"serving.new_{name}_given").si, fact(f"serving.new_{name}_blind").si)
        variance = variance + np.where(new, extra**2, 0.0)
    prompt = list(fitted.names).index("prompt_tokens")
    answer = slopes[:, prompt] * fitted.values[prompt] * np.log(10.0) * fact("serving.prompt_spread").si
    answer = np.maximum(np.abs(answer), fact("serving.prompt_spread_least").si)
    variance = variance + np.where(np.isfinite(some.input_tokens), 0.0, answer**2)
    if np.any(some.engine == UNKNOWN):
        ends = [serve(fitted.by_name, with_engine(some, kind), given_s).j_per_token for kind in (GRAPH, EAGER)]
        variance = variance + (np.log10(ends[1] / ends[0]) / 2.0 / NORMAL_95) ** 2
    variance = variance + _of_constants(fitted, some, given_s)
    below, above = _scatter(fitted, some, given)
    coefficient_part = NORMAL_95**2 * variance
    return np.sqrt(below**2 + coefficient_part), np.sqrt(above**2 + coefficient_part)


def _of_constants(fitted: Fit, some: Jobs, given_s: Column) -> Column:
    """Give the variance of the decimal logarithm of energy from numbers that are not fitted."""
    variance = np.zeros(len(some))
    for name in UNSURE:
        record = fact(f"serving.{name}")
        low, high = (
            serve({**fitted.by_name, name: end}, some, given_s).j_per_token for end in (record.si_low, record.si_high)
        )
        variance = variance + (np.log10(high / low) / 2.0 / NORMAL_95) ** 2
    return variance


def _scatter(fitted: Fit, some: Jobs, given: npt.NDArray[np.bool_]) -> tuple[Column, Column]:
    """Give how far cases of each job's class lie below and above their predictions [powers of ten]."""
    found = np.empty((len(some), 2))
    for i, (name, known) in enumerate(zip(spread_classes(some), given, strict=True)):
        mode = "given" if known else "blind"
        key = f"{mode} {name}" if f"{mode} {name} low" in fitted.spreads else f"{mode} {POOLED}"
        found[i] = fitted.spreads[f"{key} low"], fitted.spreads[f"{key} high"]
    return found[:, 0], found[:, 1]
