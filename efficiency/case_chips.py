"""What the chips named in a table of cases are rated at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from efficiency.boards import board
from efficiency.cases import Column
from efficiency.facts import entities, fact, facts


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """Ratings of a chip per case; NaN where the chip is unknown or its maker names none.

    Attributes
    ----------
    keys : tuple of str or None
        Short name of each chip.
    limit_w, peak_flop_s, link_byte_s, lane_rate_s : ndarray
        Power limit [W], matrix peak at 16 bits [FLOP/s], link, both directions [B/s], lane operations [1/s].
    year : ndarray
        Year of introduction [1].
    tpu : ndarray of bool
        Whether it is a tensor processing unit.
    """

    keys: tuple[str | None, ...]
    limit_w: Column
    peak_flop_s: Column
    link_byte_s: Column
    lane_rate_s: Column
    year: Column
    tpu: np.ndarray


def ratings(names: Sequence[str]) -> Ratings:
    """Look up the chips of cases.

    Parameters
    ----------
    names : sequence of str
        Chips as the cases name them.

    Returns
    -------
    Ratings
        Per case [SI units].

    Notes
    -----
    Lanes are multiprocessors x 32 x clock. Where they are not recorded, they follow the line through three
    generations: the H100's times (matrix peak over its own)^0.3. A link that is not recorded is PCI Express.

    References
    ----------
    `efficiency/data/chips.csv`, `efficiency/data/diffusion.csv`.

    Examples
    --------
    >>> ratings(["NVIDIA H100 80GB HBM3 (SXM)", "abacus"]).limit_w.tolist()
    [700.0, nan]
    """
    keys = tuple(board(name) for name in names)
    found = {key: _rated(key) for key in set(keys)}
    columns = np.array([found[key] for key in keys], dtype=float).reshape(-1, 5)
    tpu = np.array([key is not None and key.startswith("tpu") for key in keys], dtype=bool)
    limit, peak, link, lanes, year = columns.T
    return Ratings(keys, limit, peak, link, lanes, year, tpu)


def _rated(key: str | None) -> tuple[float, float, float, float, float]:
    if key is None:
        return (np.nan,) * 5
    known = facts()

    def rated(name: str, otherwise: float = np.nan) -> float:
        record = known.get(f"chip.{key}.{name}")
        return otherwise if record is None else record.si

    peak = rated("peak_fp16", rated("peak_fp32"))
    lanes = rated("multiprocessors") * rated("boost_clock") * fact("diffusion.lanes").si
    if not np.isfinite(lanes):
        h100 = fact("chip.h100.multiprocessors").si * fact("chip.h100.boost_clock").si * fact("diffusion.lanes").si
        lanes = h100 * (peak / fact("chip.h100.peak_fp16").si) ** fact("diffusion.lane_rate_exponent").si
    entity = entities().get(f"chip.{key}")
    year = float(entity.year) if entity and entity.year else np.nan
    return rated("tdp"), peak, rated("link_bandwidth", fact("link.bandwidth_unknown").si), lanes, year
