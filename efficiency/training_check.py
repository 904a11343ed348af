"""How well the energy of a training run is predicted from its chip-hours, by what was metered."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from efficiency.case_sources import case_source
from efficiency.cases import MEASURED_FILE, Cases, read_cases
from efficiency.held_out import held_out
from efficiency.published_notes import with_notes
from efficiency.scopes import BOARD, FACILITY, NODE, scope_names

GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        BOARD: "Boards",
        NODE: "Nodes",
        FACILITY: "Facilities",
        "patterson": "of these, Patterson 2021",
        "mlperf": "of these, MLPerf",
        "flop": "From arithmetic alone",
    }
)
"""Group of runs to its name."""
FIFTH: Final = float(np.log10(1.2))
"""Error that is still within 20 % [powers of ten]."""


class Case(NamedTuple):
    """A measured run: name, scope, whether its time is known, energies with the prediction's interval [MWh], source."""

    name: str
    group: str
    scope: str
    timed: bool
    measured: float
    low: float
    predicted: float
    high: float
    source: str


class Score(NamedTuple):
    """Error of a group: runs, median factor [1], shares within 20 % and within 2 times, and inside the interval."""

    group: str
    runs: int
    median: float
    within_fifth: float
    within_two: float
    inside: float


@functools.cache
def checked() -> tuple[Case, ...]:
    """Predict the measured training runs by fits that had not seen their models.

    Returns
    -------
    tuple of Case
        In the order of the table [MWh].

    Notes
    -----
    Given chip-hours or time where a case states them. Runs that need what nobody published are left out.

    References
    ----------
    `efficiency/data/measured/cases.csv`, `efficiency/data/fitted/out_of_fold.csv`.

    Examples
    --------
    >>> len(checked())
    47
    """
    every = read_cases(MEASURED_FILE)
    cases = every.take(np.flatnonzero([metric == "energy_per_training_run" for metric in every.metric]))
    made, stored = held_out(cases, given=True)
    noted, scopes = with_notes(cases), scope_names(cases.scope)
    timed = np.isfinite(noted.chip_hours) | np.isfinite(noted.hours * noted.n_gpus)
    return tuple(
        Case(
            cases.model[i],
            _group(cases, int(i)),
            scopes[i],
            bool(timed[i]),
            float(cases.value[i]),
            float(made.low[i]),
            float(made.predicted[i]),
            float(made.high[i]),
            case_source(cases.source[i]),
        )
        for i in np.flatnonzero(stored & np.isfinite(made.predicted))
    )


def _group(cases: Cases, row: int) -> str:
    if cases.family[row] == "mlperf_training":
        return "mlperf"
    return "patterson" if cases.source[row].startswith("Patterson et al. 2021") else ""


def scores() -> tuple[Score, ...]:
    """Score the predictions by scope, and for the runs with measured power.

    Returns
    -------
    tuple of Score
        In the order of `GROUPS`; the median is a factor, 1.1 for 10 % [1].

    Notes
    -----
    Scopes hold the runs whose time is known; the others form the last group.

    References
    ----------
    MODEL.md, Training runs.

    Examples
    --------
    >>> [score.runs for score in scores()]
    [8, 23, 10, 7, 22, 6]
    """
    cases = checked()
    parts = {
        BOARD: [case for case in cases if case.timed and case.scope == BOARD],
        NODE: [case for case in cases if case.timed and case.scope == NODE],
        FACILITY: [case for case in cases if case.timed and case.scope == FACILITY],
        "patterson": [case for case in cases if case.timed and case.group == "patterson"],
        "mlperf": [case for case in cases if case.timed and case.group == "mlperf"],
        "flop": [case for case in cases if not case.timed],
    }
    return tuple(_score(group, found) for group, found in parts.items())


def missed() -> tuple[Case, ...]:
    """List the runs that are not met within 20 %, though their time is known.

    Returns
    -------
    tuple of Case
        Those with measured power first, then by how far they are off [MWh].

    Notes
    -----
    A median says nothing of these.

    References
    ----------
    MODEL.md, Training runs.

    Examples
    --------
    >>> len(missed()), missed()[0].name
    (10, 'MLPerf llama2_70b_lora')
    """
    off = [case for case in checked() if case.timed and abs(_error(case)) > FIFTH]
    return tuple(sorted(off, key=lambda case: (case.group == "", -abs(_error(case)))))


def _error(case: Case) -> float:
    return float(np.log10(case.predicted / case.measured))


def _score(group: str, cases: list[Case]) -> Score:
    errors = np.abs([_error(case) for case in cases])
    return Score(
        group,
        len(cases),
        float(10.0 ** np.median(errors)),
        float(np.mean(errors <= FIFTH)),
        float(np.mean(errors <= np.log10(2.0))),
        float(np.mean([case.low <= case.measured <= case.high for case in cases])),
    )
