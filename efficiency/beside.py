"""A measurement of nearly the scenario's configuration, to stand beside what the model says of it."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from efficiency.architectures import resolve
from efficiency.boards import board
from efficiency.cases import Cases, read_cases
from efficiency.facts import DATA_FOLDER
from efficiency.scenario import Scenario

_FARTHEST = np.log(1.6)


@dataclass(frozen=True, slots=True)
class Beside:
    """One published measurement: energy per token written, boards alone [J], at a batch [1]."""

    energy_j: float
    batch: float
    engine: str
    source: str
    address: str


@functools.cache
def _measured() -> tuple[Cases, tuple[tuple[str, str], ...]]:
    cases = read_cases(DATA_FOLDER / "measured" / "cases.csv")
    keys = []
    for row in range(len(cases)):
        if cases.metric[row] != "energy_per_output_token" or cases.scope[row] != "gpu":
            keys.append(("", ""))
            continue
        shape = resolve(cases.model[row], cases.params_total[row], cases.params_active[row])
        keys.append((shape.key, board(cases.gpu[row]) or ""))
    return cases, tuple(keys)


def measured_beside(scenario: Scenario) -> Beside | None:
    """Find the shipped measurement whose configuration is nearest to the scenario's.

    Parameters
    ----------
    scenario : Scenario
        Its model, chip, bits and batch must match, and its machine be as it is built; scalar fields.

    Returns
    -------
    Beside or None
        The one of the nearest batch, at most 1.6 times away [J per token]; None where nobody measured it.

    Notes
    -----
    Context and software may differ; the words beside the number say which software it was.

    References
    ----------
    `efficiency/data/measured/cases.csv`.

    Examples
    --------
    >>> measured_beside(Scenario(chip="tpu_v1")) is None
    True
    """
    if not scenario.is_as_built():
        return None
    cases, keys = _measured()
    wanted = (scenario.model, scenario.chip)
    rows = [row for row, key in enumerate(keys) if key == wanted and cases.weight_bits[row] == scenario.bits]
    if not rows:
        return None
    away = np.abs(np.log(cases.batch[rows] / float(scenario.batch)))
    if np.isnan(away).all() or np.nanmin(away) > _FARTHEST:
        return None
    row = rows[int(np.nanargmin(away))]
    return Beside(
        float(cases.value[row]), float(cases.batch[row]), cases.engine[row], cases.source[row], cases.source_url[row]
    )
