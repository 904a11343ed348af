"""What no machine can do: models that do not fit, caches beyond any memory, tokens faster than the roofline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from efficiency.boards import board_of
from efficiency.cases import Column
from efficiency.serving_jobs import Jobs
from efficiency.serving_work import Step

WEIGHTS_REFUSED: Final = 1.5
"""Weights over memory from which on a case is refused; below, a nominal count or another memory may be meant."""
CACHE_REFUSED: Final = 20.0
"""Weights and caches over memory from which on a case is refused: below, the batch is the most requests admitted, of
which many wait; the largest of the published cases is 7.5."""
FASTER_REFUSED: Final = 3.0
"""Times the speed of memory and arithmetic at their peaks from which on a case is refused; the fastest published case
reaches 0.82, and a draft model or a longer prompt cache may pass 1."""
SLOWER_DOUBTED: Final = 30.0
"""Times slower than predicted from which on a speed is remarked upon."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """How jobs fill their machines; shape (n,) each.

    Attributes
    ----------
    weights, held : ndarray
        Weights, and weights with all caches, over the memory of the chips [1].
    speed : ndarray
        Speed given over that of memory and arithmetic at their peaks [1]; NaN where none is given.
    """

    weights: Column
    held: Column
    speed: Column


def fit_of(some: Jobs, step: Step, given_s: Column) -> Fit:
    """Compare jobs with what their machines hold and do at most.

    Parameters
    ----------
    some : Jobs
        Serving jobs with a batch.
    step : Step
        Their work.
    given_s : ndarray, shape (n,)
        Time of a step where it is known [s].

    Returns
    -------
    Fit
        Shares of memory and of the roofline [1].

    Notes
    -----
    The least time is the longer of (weights + caches) / bandwidth and FLOP / peak, on all chips.

    References
    ----------
    Williams, S.; Waterman, A.; Patterson, D.: Roofline. Communications of the ACM 52 (2009), 65-76.

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.coefficients import coefficients
    >>> from efficiency.serving_jobs import jobs
    >>> from efficiency.serving_work import decode_step
    >>> row = {"model": "Llama-3.1-405B", "gpu": "H100", "n_gpus": 1, "batch": 1, "output_tokens": 500, "metric": ""}
    >>> some = jobs(cases_from_rows([row]))
    >>> step = decode_step(coefficients("serving").by_name, some)
    >>> bool(fit_of(some, step, np.array([np.nan])).weights[0] > 10)
    True
    """
    memory_byte = some.chips * some.memory_byte
    weight_byte = some.parameters * some.bits / 8.0
    read_s = (step.weight_byte + step.cache_byte) / (some.chips * some.bandwidth_byte_per_s)
    least_s = np.maximum(read_s, step.useful_flop / (some.chips * step.executed_peak))
    return Fit(weight_byte / memory_byte, (weight_byte + step.cache_byte) / memory_byte, least_s / given_s)


def impossible(some: Jobs, step: Step, given_s: Column) -> npt.NDArray[np.str_]:
    """Say which jobs no machine can do.

    Parameters
    ----------
    some : Jobs
        Serving jobs with a batch.
    step : Step
        Their work.
    given_s : ndarray, shape (n,)
        Time of a step where it is known [s].

    Returns
    -------
    ndarray of str, shape (n,)
        A reason per job; empty where there is none [text].

    Notes
    -----
    Only what is out of the question is refused; what is merely odd is remarked upon by `doubts`.

    References
    ----------
    MODEL.md, "What is refused".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.serving import predict
    >>> row = {"model": "Llama-3.1-405B", "gpu": "H100", "n_gpus": 1, "batch": 1, "output_tokens": 500,
    ...        "metric": "energy_per_output_token"}
    >>> predict(cases_from_rows([row]), given=False).why_not[0]
    'weights of 810 GB do not fit on 1 x NVIDIA H100 SXM5 80GB'
    """
    fit = fit_of(some, step, given_s)
    found = np.full(len(some), "", dtype=object)
    for i in np.flatnonzero(fit.speed > FASTER_REFUSED).tolist():
        found[i] = f"the speed given is {fit.speed[i]:.2g} times the most that {_machine(some, i)} can do"
    for i in np.flatnonzero(fit.held > CACHE_REFUSED).tolist():
        found[i] = (
            f"caches of {some.batch[i]:g} sequences fill the memory of {_machine(some, i)} {fit.held[i]:.2g} times"
        )
    for i in np.flatnonzero(fit.weights > WEIGHTS_REFUSED).tolist():
        found[i] = f"weights of {_gigabytes(some, i)} GB do not fit on {_machine(some, i)}"
    return found.astype(str)


def doubts(some: Jobs, step: Step, given_s: Column, predicted_s: Column) -> list[list[str]]:
    """Say what is odd about jobs that are predicted all the same.

    Parameters
    ----------
    some : Jobs
        Serving jobs with a batch.
    step : Step
        Their work.
    given_s, predicted_s : ndarray, shape (n,)
        Time of a step where it is known, and as predicted [s].

    Returns
    -------
    list of list of str
        Remarks per job [text].

    Notes
    -----
    A batch that does not fit is served in turns, so its energy per token is that of a smaller one.

    References
    ----------
    MODEL.md, "What is refused".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.serving_predict import odd_about
    >>> row = {"model": "Llama-3.1-70B", "gpu": "H200", "n_gpus": 1, "batch": 1, "output_tokens": 500,
    ...        "engine": "vllm-2025", "metric": "energy_per_output_token"}
    >>> odd_about(cases_from_rows([row]), given=False)[0]
    ['weights of 141 GB fill the memory of 1 x NVIDIA H200 SXM 1 times']
    """
    fit = fit_of(some, step, given_s)
    found: list[list[str]] = [[] for _ in range(len(some))]
    for i in range(len(some)):
        if fit.weights[i] > 1:
            found[i].append(
                f"weights of {_gigabytes(some, i)} GB fill the memory of {_machine(some, i)} {fit.weights[i]:.2g} times"
            )
        elif fit.held[i] > 1:
            found[i].append(
                f"weights and caches fill the memory {fit.held[i]:.2g} times: requests would wait their turn"
            )
        if fit.speed[i] > 1:
            found[i].append(f"the speed given is {fit.speed[i]:.2g} times what memory and arithmetic allow at most")
        if given_s[i] > SLOWER_DOUBTED * predicted_s[i]:
            found[i].append(f"the speed given is 1/{given_s[i] / predicted_s[i]:.2g} of the one predicted")
    return found


def _gigabytes(some: Jobs, i: int) -> str:
    return f"{some.parameters[i] * some.bits[i] / 8e9:.3g}"


def _machine(some: Jobs, i: int) -> str:
    return f"{some.chips[i]:.3g} x {board_of(str(some.chip[i])).label}"
