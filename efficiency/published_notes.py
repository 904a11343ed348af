"""Times and sizes that published cases state only in their notes.

Tables of published measurements have no column for the time of a batch or a run, nor for the size of a training run;
their notes tell them. A time that a note states counts as given: a blind prediction does not see it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from efficiency.cases import Cases

_NUMBER: Final = r"(\d[\d.]*(?:e[+-]?\d+)?)"
# Column, pattern, factor to the column's unit; the first that matches counts.
PATTERNS: Final = (
    ("latency_s", rf"batch latency {_NUMBER} s", 1.0),
    ("latency_s", rf"runs\), {_NUMBER} s", 1.0),
    ("hours", rf"{_NUMBER} days", 24.0),
    ("hours", rf"^{_NUMBER} h\b", 1.0),
    ("hours", rf"\({_NUMBER} s median\)", 1 / 3600.0),
    ("chip_hours", rf"{_NUMBER} chip-hours", 1.0),
    ("train_tokens", rf"tokens {_NUMBER}", 1.0),
    ("train_flop", rf"{_NUMBER} FLOP\b", 1.0),
    ("pue", rf"PUE {_NUMBER}", 1.0),
)
DIRECT_CURRENT: Final = "DC-side"
"""Words of a note that say that power was read behind the power supplies."""
SEQUENCES: Final = r"sequences trained (\d+) at (\d+) tokens"


def stated(note: str) -> Mapping[str, float]:
    """Read what a note states of its case's time and size.

    Parameters
    ----------
    note : str
        Note of a published case.

    Returns
    -------
    Mapping of str to float
        Column to number, in the column's unit [s, h, token, FLOP or 1].

    Notes
    -----
    Powers and energies are not read: they are what is to be predicted.

    References
    ----------
    The notes of the published cases.

    Examples
    --------
    >>> dict(stated("1024x1024; steps=20; batch latency 0.64459 s; throughput 1.5514/s"))
    {'latency_s': 0.64459}
    """
    found: dict[str, float] = {}
    for column, pattern, factor in PATTERNS:
        hit = re.search(pattern, note)
        if hit and column not in found:
            found[column] = float(hit.group(1).rstrip(".")) * factor
    sequences = re.search(SEQUENCES, note)
    if sequences:
        found["train_tokens"] = float(sequences.group(1)) * float(sequences.group(2))
    return MappingProxyType(found)


def with_notes(cases: Cases) -> Cases:
    """Fill blank cells with what the notes of published cases state.

    Parameters
    ----------
    cases : Cases
        Published cases.

    Returns
    -------
    Cases
        The same, with latency_s, hours, chip_hours, train_tokens, train_flop and pue where a note states them
        [units of the columns].

    Notes
    -----
    A cell that is filled already stays.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> row = {"model": "m", "gpu": "NVIDIA H100", "metric": "energy_per_training_run", "note": "6 h; GPU only"}
    >>> float(with_notes(cases_from_rows([row])).hours[0])
    6.0
    """
    notes = [stated(note) for note in cases.note]
    filled: dict[str, Any] = {}
    for column in dict.fromkeys(name for name, _, _ in PATTERNS):
        said = np.array([note.get(column, np.nan) for note in notes], dtype=float)
        now = getattr(cases, column)
        filled[column] = np.where(np.isfinite(now), now, said)
    return dataclasses.replace(cases, **filled)
