"""What a reader should know of a case that is predicted: how it was read, and what is odd or contradicts itself."""

from __future__ import annotations

from typing import Final

import numpy as np

from efficiency.cases import Cases
from efficiency.engines import UNKNOWN, engine_kind
from efficiency.predict import MODEL_OF_METRIC
from efficiency.prediction import Prediction
from efficiency.published_notes import with_notes
from efficiency.serving_jobs import bits_of_format

KINDS: Final = frozenset({"", "inference", "training", "hpc", "kernel"})
USUAL_BITS: Final = frozenset({1.0, 1.58, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 16.0, 32.0, 64.0})
SAME: Final = 1.2
"""Factor within which two ways to say the same thing agree."""


def remarks(cases: Cases, given: bool, made: Prediction) -> tuple[str, ...]:
    """Say what a reader of predictions should know of their cases.

    Parameters
    ----------
    cases : Cases
        A table of cases.
    given : bool
        Whether throughput, latency and power were to be used.
    made : Prediction
        What is predicted for them.

    Returns
    -------
    tuple of str
        Per case; empty where there is nothing to say [text].

    Notes
    -----
    What is impossible is no remark: such a case has a reason instead of a prediction, and nothing more is said of it
    than how its cells were read.

    References
    ----------
    MODEL.md, "What is refused".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.predict import predict
    >>> row = {"model": "Llama-3.1-8B", "gpu": "H100", "n_gpus": 1, "batch": 8, "output_tokens": 500,
    ...        "engine": "mine", "metric": "energy_per_output_token"}
    >>> cases = cases_from_rows([row])
    >>> remarks(cases, True, predict(cases, given=True))[0]
    "engine 'mine' is none we know: taken as not stated; throughput and latency not stated: predicted blind"
    """
    found = [[remark] if remark else [] for remark in cases.remarks]
    noted = with_notes(cases)
    for i, metric in enumerate(cases.metric):
        model = MODEL_OF_METRIC.get(metric)
        if model is None or made.why_not[i]:
            continue
        if cases.kind[i] not in KINDS:
            found[i].append(f"kind {cases.kind[i][:40]!r} is none we know, and is not used")
        if cases.params_active[i] > cases.params_total[i]:
            found[i].append("params_active is above params_total")
        if model == "serving":
            found[i] += _serving_words(cases, i)
        elif metric == "energy_per_image" and cases.frames[i] > 1:
            found[i].append(f"an image has one frame: frames {cases.frames[i]:g} is not used")
        elif model == "training_runs":
            found[i] += _training_words(noted, i)
        if given:
            found[i] += _not_given(noted, i, model)
    _add_serving(found, cases, given, made)
    return tuple("; ".join(one) for one in found)


def _serving_words(cases: Cases, i: int) -> list[str]:
    found = []
    bits, width = cases.weight_bits[i], bits_of_format(cases.weights_format[i])
    if cases.engine[i] and engine_kind(cases.engine[i]) == UNKNOWN:
        found.append(f"engine {cases.engine[i][:40]!r} is none we know: taken as not stated")
    if np.isfinite(bits) and np.isfinite(width) and bits != width:
        found.append(
            f"weights_format {cases.weights_format[i][:40]!r} means {width:g} bits; weight_bits {bits:g} is used"
        )
    elif np.isfinite(bits) and bits not in USUAL_BITS:
        found.append(f"weight_bits {bits:g} is no usual width")
    if cases.tensor_parallel[i] > cases.n_gpus[i]:
        found.append(f"tensor_parallel {cases.tensor_parallel[i]:g} is above n_gpus {cases.n_gpus[i]:g}, which is used")
    if np.isfinite(cases.tokens_per_s[i] * cases.latency_s[i]):
        by_latency = cases.batch[i] * cases.output_tokens[i] / cases.latency_s[i]
        if not 1 / SAME < by_latency / cases.tokens_per_s[i] < SAME:
            found.append(f"latency_s means {by_latency:.3g} tokens/s; tokens_per_s {cases.tokens_per_s[i]:g} is used")
    return found


def _training_words(cases: Cases, i: int) -> list[str]:
    counted = cases.hours[i] * cases.n_gpus[i]
    if np.isfinite(counted) and not 1 / SAME < counted / cases.chip_hours[i] < SAME and cases.chip_hours[i] > 0:
        return [f"hours and n_gpus make {counted:.3g} chip-hours; chip_hours {cases.chip_hours[i]:g} is used"]
    return []


def _not_given(cases: Cases, i: int, model: str) -> list[str]:
    if model == "serving":
        wanted, has = "throughput and latency", np.isfinite([cases.tokens_per_s[i], cases.latency_s[i]]).any()
    elif model == "diffusion":
        wanted, has = "latency and power", np.isfinite([cases.latency_s[i], cases.avg_power_w[i]]).any()
    else:
        wanted = "chip-hours and hours"
        has = np.isfinite([cases.chip_hours[i], cases.hours[i] * cases.n_gpus[i]]).any()
    return [] if has else [f"{wanted} not stated: predicted blind"]


def _add_serving(found: list[list[str]], cases: Cases, given: bool, made: Prediction) -> None:
    """Add what is odd once the tables of models and boards are looked at."""
    served = [MODEL_OF_METRIC.get(metric) == "serving" for metric in cases.metric]
    rows = np.flatnonzero([yes and not why for yes, why in zip(served, made.why_not, strict=True)])
    if rows.size:
        from efficiency.serving_predict import odd_about

        for i, words in zip(rows, odd_about(cases.take(rows), given), strict=True):
            found[i] += words
