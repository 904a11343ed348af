"""What a number in a table of cases may be: beyond these limits it is a slip of the pen, not a measurement."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LIMITS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        # From a toy to a thousand times the largest model; a weight has one bit at least and at most a double's 64.
        "params_total": (1e3, 1e15),
        "params_active": (1e3, 1e15),
        "weight_bits": (1.0, 64.0),
        # The largest clusters hold a few hundred thousand accelerators.
        "n_gpus": (1.0, 1e7),
        "tensor_parallel": (1.0, 1e5),
        "batch": (1.0, 1e8),
        # The longest contexts hold ten million tokens.
        "input_tokens": (0.0, 1e8),
        "output_tokens": (0.0, 1e8),
        "steps": (1.0, 1e5),
        "height": (1.0, 1e6),
        "width": (1.0, 1e6),
        "frames": (0.0, 1e7),
        "tokens_per_s": (1e-4, 1e10),
        "avg_power_w": (1e-2, 1e11),
        "latency_s": (1e-6, 1e9),
        "hours": (1e-6, 1e7),
        "chip_hours": (1e-6, 1e13),
        "train_tokens": (1.0, 1e18),
        "train_flop": (1.0, 1e32),
        "pue": (1.0, 10.0),
    }
)
"""Least and most that a column may say; what is measured has no limits but those of a number."""

WHOLE: Final = frozenset({"n_gpus", "tensor_parallel", "steps", "frames"})
"""Columns that count what has no halves; a batch may be the mean over a run."""
ZERO_OR_ONE_ON: Final = frozenset({"output_tokens"})
"""Columns of which less than one is none."""


def limit_fault(name: str, number: float) -> str:
    """Say what a number in a column should have been.

    Parameters
    ----------
    name : str
        The column.
    number : float
        What stands there [unit of the column].

    Returns
    -------
    str
        What is allowed, in words; empty where the number is [text].

    Notes
    -----
    The limits lie far outside of what was ever measured: they catch slips, not surprises.

    References
    ----------
    None; our choice.

    Examples
    --------
    >>> limit_fault("batch", 1e39), limit_fault("batch", 7.6), limit_fault("n_gpus", 1.5)
    ('between 1 and 1e+08', '', 'a whole number')
    """
    low, high = LIMITS.get(name, (0.0, float("inf")))
    if not low <= number <= high:
        return f"between {low:g} and {high:g}"
    if name in WHOLE and number != round(number):
        return "a whole number"
    if name in ZERO_OR_ONE_ON and 0 < number < 1:
        return f"0, or between 1 and {high:g}"
    return ""
