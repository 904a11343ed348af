"""Where the sliders of scaling laws and distillation stop: training budgets, served tokens, worths, students."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_CHINCHILLA: Final = 23.76
"""Logarithm of Chinchilla's own budget, which stands where 23.75 would."""

FLOP_STEPS: Final[Mapping[str, float]] = MappingProxyType(
    {
        f"{exponent:g}": 10.0**exponent
        for exponent in (18 + 0.25 * step for step in range(41))
        for exponent in ((_CHINCHILLA,) if exponent == 23.75 else (exponent,))
    }
)
"""Name in the link (the logarithm) to training arithmetic [FLOP]."""

SERVED_STEPS: Final[Mapping[str, float]] = MappingProxyType(
    {f"{exponent}": 10.0**exponent for exponent in range(9, 18)}
)
"""Name in the link (the logarithm) to tokens written over a model's life [tokens]."""

WORTH_STEPS: Final = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0, 40.0)
"""Tokens of data that a token with a teacher's answers is worth [1]."""

STUDENT_STEPS: Final = (1.0, 3.0, 10.0, 30.0, 100.0, 1000.0)
"""Students that share a teacher [1]."""
