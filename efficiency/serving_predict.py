"""Energy and time of serving language models: a ledger per token, predictions with intervals.

In the mode *given*, the throughput or the latency of a job is known and its power is predicted; *blind*, its time too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from efficiency.cases import Cases, Column
from efficiency.coefficients import Fit, coefficients
from efficiency.facts import fact
from efficiency.model_names import model_key
from efficiency.prediction import Prediction, prediction
from efficiency.scopes import scope_factor, scope_names
from efficiency.serving_checks import doubts, impossible
from efficiency.serving_energy import Serving, serve, with_batch
from efficiency.serving_interval import NORMAL_95, interval
from efficiency.serving_jobs import METRICS, Jobs, jobs
from efficiency.serving_work import Step, decode_step

FAMILY: Final = "serving"


def throughput(cases: Cases) -> Column:
    """Output tokens per second of each case, as far as they are known.

    Parameters
    ----------
    cases : Cases
        A table of cases.

    Returns
    -------
    ndarray, shape (n,)
        Of all chips together [token/s]; NaN where neither throughput nor latency is stated.

    Notes
    -----
    The latency of a batch is that of all its answers: B S_o / latency.

    References
    ----------
    MODEL.md, "Serving".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> row = {"model": "m", "gpu": "g", "metric": "energy_per_request", "batch": 2, "output_tokens": 50}
    >>> throughput(cases_from_rows([row | {"latency_s": 4}])).tolist()
    [25.0]
    """
    from_latency = cases.batch * cases.output_tokens / cases.latency_s
    return np.where(np.isfinite(cases.tokens_per_s), cases.tokens_per_s, from_latency)


def ledger(cases: Cases, given: bool = False, fitted: Fit | None = None) -> Mapping[str, Column]:
    """Energy of an output token on the boards, by where it goes.

    Parameters
    ----------
    cases : Cases
        A table of cases.
    given : bool, optional
        Use the throughput or latency that a case states.
    fitted : Fit, optional
        Coefficients other than the shipped ones.

    Returns
    -------
    Mapping of str to ndarray
        Parts by name, each shape (n,) [J/token]; NaN where a case cannot be predicted.

    Notes
    -----
    useful arithmetic; padding to whole tiles; reading weights, cache and activations; the
    link; idle power; what an active board draws above it; and what the power cap takes off. They sum to the prediction.

    References
    ----------
    MODEL.md, "Serving".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> row = {"model": "Llama-3.1-70B", "gpu": "H100", "n_gpus": 4, "batch": 8, "input_tokens": 500,
    ...        "output_tokens": 500, "metric": "energy_per_output_token"}
    >>> parts = ledger(cases_from_rows([row]))
    >>> max(parts, key=lambda name: parts[name][0])
    'weights'
    """
    ready = _ready(cases, given, fitted)
    return MappingProxyType(
        {name: np.where(ready.why_not == "", part, np.nan) for name, part in ready.served.ledger.items()}
    )


def step_s(cases: Cases, fitted: Fit | None = None) -> Column:
    """Time in which every sequence gains a token, predicted blind.

    Parameters
    ----------
    cases : Cases
        A table of cases.
    fitted : Fit, optional
        Coefficients other than the shipped ones.

    Returns
    -------
    ndarray, shape (n,)
        Time of a step [s]; NaN where a case cannot be predicted.

    Notes
    -----
    The mean over a run: steps that carry prompts take longer.

    References
    ----------
    MODEL.md, "Serving".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> row = {"model": "Llama-3.1-8B", "gpu": "H100", "n_gpus": 1, "batch": 1, "output_tokens": 500,
    ...        "metric": "energy_per_output_token"}
    >>> bool(0.004 < step_s(cases_from_rows([row]))[0] < 0.02)
    True
    """
    ready = _ready(cases, False, fitted)
    return np.where(ready.why_not == "", ready.served.predicted_step_s, np.nan)


def predict(cases: Cases, given: bool, fitted: Fit | None = None) -> Prediction:
    """Predict the energy per output token or per request.

    Parameters
    ----------
    cases : Cases
        A table of cases of these metrics.
    given : bool
        Use the throughput or latency that a case states.
    fitted : Fit, optional
        Coefficients other than the shipped ones.

    Returns
    -------
    Prediction
        With 90 % intervals [J/token or J/request].

    Notes
    -----
    A measured power is never used: with the throughput beside it, it would be the answer. A case without a batch
    and without a throughput is not predicted, because the energy of a token falls tenfold and more with the batch.
    Scopes other than the board's take the host and the building on top. A request's interval is wider: its lengths are
    means.

    References
    ----------
    MODEL.md, "Serving".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> row = {"model": "Llama-3.1-8B", "gpu": "H100", "n_gpus": 1, "batch": 64, "output_tokens": 500,
    ...        "engine": "vllm-2025", "metric": "energy_per_output_token"}
    >>> made = predict(cases_from_rows([row]), given=False)
    >>> bool(0.05 < made.low[0] < made.predicted[0] < made.high[0] < 0.3)
    True
    """
    used = coefficients(FAMILY) if fitted is None else fitted
    ready = _ready(cases, given, used)
    scope = scope_factor(cases.scope, cases.pue)
    made = ready.served
    host = scope.host_share * ready.jobs.chips * ready.jobs.tdp_w * made.step_s / ready.jobs.batch
    per_request = np.array([metric == "energy_per_request" for metric in cases.metric], dtype=bool)
    central = (made.j_per_token + host) * scope.pue * np.where(per_request, cases.output_tokens, 1.0)
    below, above = interval(used, ready.jobs, ready.given_s)
    of_means = np.where(per_request, NORMAL_95 * fact("serving.request_spread").si, 0.0)
    spread = np.hypot(scope.spread, of_means)
    below, above = np.hypot(below, spread), np.hypot(above, spread)
    return prediction(central, central * 10.0**-below, central * 10.0**above, ready.why_not.tolist())


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    jobs: Jobs
    given_s: Column
    served: Serving
    step: Step
    why_not: npt.NDArray[np.str_]


def _ready(cases: Cases, given: bool, fitted: Fit | None) -> _Ready:
    """Complete the cases, infer what can be inferred, serve them, and say which cannot be predicted and why."""
    values = (coefficients(FAMILY) if fitted is None else fitted).by_name
    rate = throughput(cases) if given else np.full(len(cases), np.nan)
    some = jobs(cases)
    # A sensible length stands in where none is stated, so that one bad case does not spoil the arithmetic of others.
    usable = some.why_not == ""
    if not usable.all():
        some = replace(some, output_tokens=np.where(usable, some.output_tokens, 100.0))
    some = with_batch(values, some, rate)
    without = ~np.isfinite(some.batch)
    some = replace(some, batch=np.where(without, 1.0, some.batch))
    given_s = np.where(without, np.nan, some.batch / rate)
    scopes = np.array([bool(name) for name in scope_names(cases.scope)], dtype=bool)
    metrics = np.array([metric in METRICS for metric in cases.metric], dtype=bool)
    step = decode_step(values, some)
    refused = impossible(some, step, given_s)
    reasons = np.select(
        [~metrics, some.why_not != "", without, ~scopes, refused != ""],
        [
            np.full(len(cases), f"metric must be {' or '.join(METRICS)}"),
            some.why_not,
            np.full(len(cases), "batch is not stated, and without a throughput it cannot be inferred"),
            np.full(len(cases), "scope must be gpu, node or facility, or blank"),
            refused,
        ],
        "",
    )
    return _Ready(some, given_s, serve(values, some, given_s), step, reasons)


def odd_about(cases: Cases, given: bool) -> list[list[str]]:
    """Say what is odd about serving cases that are predicted.

    Parameters
    ----------
    cases : Cases
        A table of cases of these metrics.
    given : bool
        Use the throughput or latency that a case states.

    Returns
    -------
    list of list of str
        Remarks per case; none where it is not predicted [text].

    Notes
    -----
    A model that is named but has another size than the published one is taken as one of unknown shape.

    References
    ----------
    MODEL.md, "What is refused".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> row = {"model": "Qwen3-8B", "gpu": "H100", "n_gpus": 4, "batch": 8, "output_tokens": 500, "params_total": 7e10,
    ...        "metric": "energy_per_output_token"}
    >>> odd_about(cases_from_rows([row]), given=False)[0]
    ['the parameters are not those of Qwen3-8B: its shape is taken as unknown']
    """
    ready = _ready(cases, given, None)
    found = doubts(ready.jobs, ready.step, ready.given_s, ready.served.predicted_step_s)
    for i, name in enumerate(cases.model):
        if not ready.jobs.shape_known[i] and model_key(name) is not None:
            found[i].insert(0, f"the parameters are not those of {name[:60]}: its shape is taken as unknown")
    return [words if not why else [] for words, why in zip(found, ready.why_not, strict=True)]
