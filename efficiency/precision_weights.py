"""Where narrower weights cost more: weights of 4 bits that are computed in 16, against 8 bits throughout."""

from __future__ import annotations

import functools
import itertools
import math
from typing import Final, NamedTuple

from efficiency.cases import cases_from_rows
from efficiency.predict import predict

BATCHES: Final = tuple(2**step for step in range(11))
"""Conversations at once."""
_JOB: Final = {
    "kind": "inference",
    "model": "meta-llama/Llama-3.1-70B-Instruct",
    "params_total": "70.6e9",
    "params_active": "70.6e9",
    "gpu": "NVIDIA H100 80GB SXM",
    "n_gpus": "4",
    "engine": "vllm-2025",
    "input_tokens": "512",
    "output_tokens": "512",
    "metric": "energy_per_output_token",
    "unit": "J/token",
    "value": "1",
}
_EIGHT: Final = {"weight_bits": "8", "weights_format": "fp8"}
_FOUR: Final = {"weight_bits": "4", "weights_format": "awq int4"}


class WeightsOnly(NamedTuple):
    """Energy of a token with 4-bit weights alone over that with 8-bit weights and activations, by batch [1]."""

    batch: float
    ratio: float


@functools.cache
def weights_only() -> tuple[WeightsOnly, ...]:
    """Predict 4-bit weights alone against 8 bits throughout, batch by batch.

    Returns
    -------
    tuple of WeightsOnly
        One for each of `BATCHES`, for Llama 3.1 70B on four H100s [1].

    Raises
    ------
    ValueError
        If the calibrated model cannot predict the job.

    Notes
    -----
    By the calibrated model of serving, which has seen few 4-bit cases: a calculation, not a measurement. Weights that
    are narrower than the arithmetic are widened before each product, so their FLOP cost as much as at 16 bits.

    References
    ----------
    MODEL.md, Serving.

    Examples
    --------
    >>> weights_only()[0].ratio < 1 < weights_only()[-1].ratio
    True
    """
    rows = [{**_JOB, **width, "batch": str(batch)} for width in (_FOUR, _EIGHT) for batch in BATCHES]
    made = predict(cases_from_rows(rows, strict=False))
    if any(made.why_not):
        raise ValueError(f"the job is {_JOB['model']} on {_JOB['gpu']}; not predicted: {made.why_not[0]}")
    four, eight = made.predicted[: len(BATCHES)], made.predicted[len(BATCHES) :]
    return tuple(
        WeightsOnly(float(batch), float(one / other)) for batch, one, other in zip(BATCHES, four, eight, strict=True)
    )


def break_even_batch() -> float | None:
    """Batch above which 4-bit weights alone cost more than 8 bits throughout.

    Returns
    -------
    float or None
        Conversations at once, interpolated on logarithms; None where they never do [1].

    Notes
    -----
    For the job of `weights_only`.

    References
    ----------
    `weights_only`.

    Examples
    --------
    >>> 8 < break_even_batch() < 512
    True
    """
    found = weights_only()
    for before, after in itertools.pairwise(found):
        if before.ratio <= 1.0 < after.ratio:
            share = math.log(1.0 / before.ratio) / math.log(after.ratio / before.ratio)
            return float(before.batch * (after.batch / before.batch) ** share)
    return None
