"""Energy of a decode step, part by part, and the batch that a throughput implies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from efficiency.cases import Column
from efficiency.serving_jobs import Jobs
from efficiency.serving_work import Step, constants, decode_step, smooth_maximum

PARTS: Final = (*("arithmetic", "padding", "weights", "cache", "activations", "link", "idle", "active", "cap"),)
DYNAMIC: Final = ("arithmetic", "padding", "weights", "cache", "activations", "link")
"""Parts that switch; the others are paid by time."""

MOST_SEQUENCES: Final = 1024.0
"""Most sequences at a time that an engine is taken to hold where the batch is inferred [1]."""
_CAP_SHARPNESS: Final = 8.0
_ROUNDS: Final = 40


@dataclass(frozen=True, slots=True, eq=False)
class Serving:
    """What a decode step costs; shape (n,) each.

    `j_per_token` and the parts of `ledger` in [J/token], `step_s` and the blind `predicted_step_s` [s], `power_w` of
    all chips together [W].
    """

    j_per_token: Column
    step_s: Column
    predicted_step_s: Column
    power_w: Column
    ledger: Mapping[str, Column]


def joule_per_flop(values: Mapping[str, float], some: Jobs, peak: Column) -> Column:
    r"""Energy of one executed FLOP.

    Parameters
    ----------
    values : mapping of str to float
        Coefficients of the family.
    some : Jobs
        Serving jobs, for their boards.
    peak : ndarray, shape (n,)
        Rate of the executed format [FLOP/s].

    Returns
    -------
    ndarray, shape (n,)
        Energy [J/FLOP].

    Notes
    -----
    Not fitted: at its best measured matrix product a board draws its power limit, of which the active floor and
    its memory take their shares, so :math:`e = (1 - \phi - m) P_{TDP} / (b\,R)`.

    References
    ----------
    `efficiency/data/chips.csv`, records of best matrix products.

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.serving_jobs import jobs
    >>> job = jobs(cases_from_rows([{"model": "Llama-3.1-8B", "gpu": "H100", "metric": "energy_per_request"}]))
    >>> (joule_per_flop({"active_floor": 0.16}, job, job.peak_16) * 1e12).round(2).tolist()
    [0.7]
    """
    free = 1.0 - floor_share(values, some) - constants(values).matrix_memory_share
    return free * some.tdp_w / (some.best_fraction * peak)


def floor_share(values: Mapping[str, float], some: Jobs) -> Column:
    """Power of a board that serves but does not switch, over its limit.

    Parameters
    ----------
    values : mapping of str to float
        Coefficients of the family.
    some : Jobs
        Serving jobs, for their boards.

    Returns
    -------
    ndarray, shape (n,)
        Share of the power limit [fraction].

    Notes
    -----
    At least the idle power: clocks and memory interfaces run besides.

    References
    ----------
    MODEL.md, "Serving".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.serving_jobs import jobs
    >>> job = jobs(cases_from_rows([{"model": "Llama-3.1-8B", "gpu": "H100", "metric": "energy_per_request"}]))
    >>> floor_share({"active_floor": 0.01}, job).round(3).tolist()
    [0.103]
    """
    return np.maximum(values["active_floor"], some.idle_w / some.tdp_w)


def serve(values: Mapping[str, float], some: Jobs, given_s: Column | None = None) -> Serving:
    """Energy of a decode step, part by part.

    Parameters
    ----------
    values : mapping of str to float
        Coefficients of the family.
    some : Jobs
        Serving jobs with a batch.
    given_s : ndarray, shape (n,), optional
        Time of a step where it is known [s]; NaN and None are predicted.

    Returns
    -------
    Serving
        Per output token, prefill included [J/token].

    Notes
    -----
    E = floor x time + energy per FLOP x executed FLOP + energy per bit x bits moved + link. Power stays below the
    board's cap: with the time given, the part ``cap`` takes off what lies above; blind, the step takes longer.

    References
    ----------
    MODEL.md, "Serving".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.coefficients import coefficients
    >>> from efficiency.serving_jobs import jobs
    >>> row = {"model": "Llama-3.1-8B", "gpu": "H100", "n_gpus": 1, "batch": 64, "input_tokens": 500,
    ...        "output_tokens": 500, "metric": "energy_per_output_token"}
    >>> made = serve(coefficients("serving").by_name, jobs(cases_from_rows([row])))
    >>> bool(abs(sum(part[0] for part in made.ledger.values()) / made.j_per_token[0] - 1) < 1e-12)
    True
    """
    step = decode_step(values, some)
    parts = _dynamic(values, some, step)
    dynamic = np.sum(list(parts.values()), axis=0)
    limit = some.chips * some.tdp_w
    floor = floor_share(values, some) * limit
    cap = constants(values).power_cap * limit
    throttled_s = smooth_maximum(step.step_s, dynamic / (cap - floor), _CAP_SHARPNESS)
    known = np.zeros(len(some), dtype=bool) if given_s is None else np.isfinite(given_s)
    step_s = throttled_s if given_s is None else np.where(known, given_s, throttled_s)
    power = floor + dynamic / step_s
    capped = np.where(known, power * (1.0 + (power / cap) ** _CAP_SHARPNESS) ** (-1.0 / _CAP_SHARPNESS), power)
    parts["idle"] = some.idle_w * some.chips * step_s
    parts["active"] = floor * step_s - parts["idle"]
    parts["cap"] = (capped - power) * step_s
    return Serving(
        j_per_token=capped * step_s / some.batch,
        step_s=step_s,
        predicted_step_s=throttled_s,
        power_w=capped,
        ledger=MappingProxyType({name: parts[name] / some.batch for name in PARTS}),
    )


def _dynamic(values: Mapping[str, float], some: Jobs, step: Step) -> dict[str, Column]:
    """Give the energies of a step that do not depend on its time [J]."""
    per_flop = joule_per_flop(values, some, step.executed_peak)
    per_byte = 8.0 * values["memory_energy"]
    return {
        "arithmetic": per_flop * step.useful_flop,
        "padding": per_flop * step.padding_flop,
        "weights": per_byte * step.weight_byte,
        "cache": per_byte * step.cache_byte,
        "activations": per_byte * step.activation_byte,
        "link": constants(values).link_j_per_byte * step.link_byte,
    }


def with_batch(values: Mapping[str, float], some: Jobs, tokens_per_s: Column) -> Jobs:
    """Infer the batch of jobs that state a throughput and no batch.

    Parameters
    ----------
    values : mapping of str to float
        Coefficients of the family.
    some : Jobs
        Serving jobs.
    tokens_per_s : ndarray, shape (n,)
        Throughput where known [token/s].

    Returns
    -------
    Jobs
        Batches filled in as far as possible [1].

    Notes
    -----
    Little's law: sequences at a time = tokens per second x time of a step, solved by iteration.

    References
    ----------
    .. [1] Little, J. D. C., "A proof for the queuing formula L = λW", Operations Research 9, 383 (1961).

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.coefficients import coefficients
    >>> from efficiency.serving_jobs import jobs
    >>> row = {"model": "Llama-3.1-8B", "gpu": "H100", "n_gpus": 1, "output_tokens": 500, "metric": ""}
    >>> job = jobs(cases_from_rows([row]))
    >>> bool(1 < with_batch(coefficients("serving").by_name, job, np.array([1000.0])).batch[0] < 50)
    True
    """
    unknown = ~np.isfinite(some.batch)
    inferred = unknown & np.isfinite(tokens_per_s)
    if not inferred.any():
        return some
    part, rate = some.take(inferred), tokens_per_s[inferred]
    batch = np.full(len(part), 8.0)
    for _ in range(_ROUNDS):
        step_s = serve(values, replace(part, batch=batch)).step_s
        batch = np.clip(0.5 * batch + 0.5 * rate * step_s, 1.0, MOST_SEQUENCES)
    filled = some.batch.copy()
    filled[inferred] = batch
    return replace(some, batch=filled)
