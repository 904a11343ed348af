"""Accelerators by the names that tables of measurements use, and what of them decides power and time."""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from efficiency.facts import FactError, entities, facts

# First match wins, so variants stand before the family they belong to. A family's bare name means its usual board.
_NAMES: Final = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (r"\bgb300", "gb300"),
        (r"\bb300", "b300"),
        (r"\bgb200|\bnvl72", "gb200"),
        (r"\bb200", "b200"),
        (r"\bb100", "b100"),
        (r"\bgb10\b|dgx spark", "gb10"),
        (r"\brubin|\bvr200", "rubin"),
        (r"\bgh200", "gh200"),
        (r"\bh200.*nvl", "h200_nvl"),
        (r"\bh200", "h200"),
        (r"\bh[18]00.*(pcie|pci-e)", "h100_pcie"),
        (r"\bh100.*(nvl|94 ?gb)", "h100_nvl"),
        (r"\bh[18]00", "h100"),
        (r"\bh20\b", "h20"),
        (r"\ba800.*(pcie|pci-e)", "a800_pcie"),
        (r"\ba800", "a100"),
        (r"\ba100.*(pcie|pci-e).*40|\ba100.*40 ?gb.*(pcie|pci-e)", "a100_pcie_40"),
        (r"\ba100.*(pcie|pci-e)", "a100_pcie"),
        (r"\ba100.*80", "a100"),
        # The A100 of most public clusters and benchmarks is the first one.
        (r"\ba100", "a100_40"),
        (r"\bv100s", "v100s"),
        (r"\bv100.*(pcie|pci-e)", "v100_pcie"),
        (r"\bv100|gv100", "v100"),
        (r"\bp100", "p100"),
        (r"\bk20", "k20x"),
        (r"\bm40\b", "m40"),
        (r"\bp40\b", "p40"),
        (r"pro 6000", "rtx_pro_6000"),
        (r"6000 ada|ada 6000", "rtx_6000_ada"),
        (r"(rtx|quadro|nvidia) ?a6000", "rtx_a6000"),
        (r"a6000", "rtx_a6000"),
        (r"a5000", "rtx_a5000"),
        (r"a4000", "rtx_a4000"),
        (r"5090", "rtx_5090"),
        (r"5080", "rtx_5080"),
        (r"4090", "rtx_4090"),
        (r"4080", "rtx_4080"),
        (r"3090 ?ti", "rtx_3090ti"),
        (r"3090", "rtx_3090"),
        (r"3080", "rtx_3080"),
        (r"3060", "rtx_3060"),
        (r"2080 ?ti", "rtx_2080ti"),
        (r"titan ?rtx", "titan_rtx"),
        (r"titan ?x", "titan_x"),
        (r"\bl40s", "l40s"),
        (r"\bl40\b", "l40"),
        (r"\bl4\b", "l4"),
        (r"\ba10g", "a10g"),
        (r"\ba10\b", "a10"),
        (r"\ba30\b", "a30"),
        (r"\ba40\b", "a40"),
        (r"\bt4\b", "t4"),
        (r"mi355x?", "mi355x"),
        (r"mi325x?", "mi325x"),
        (r"mi300a", "mi300a"),
        (r"mi300x?", "mi300x"),
        (r"mi250x", "mi250x"),
        (r"mi250", "mi250"),
        (r"mi210", "mi210"),
        (r"mi100", "mi100"),
        (r"mi50", "mi50"),
        (r"gaudi ?-?2|hpu2", "gaudi2"),
        (r"gaudi ?-?3", "gaudi3"),
        (r"tpu ?-?v?7|ironwood", "tpu_v7"),
        (r"tpu ?-?v?6e?|trillium", "tpu_v6e"),
        (r"tpu ?-?v?5p", "tpu_v5p"),
        (r"tpu ?-?v?5(e|lite)?", "tpu_v5e"),
        (r"tpu ?-?v?4i", "tpu_v4i"),
        (r"tpu ?-?v?4", "tpu_v4"),
        (r"tpu ?-?v?3", "tpu_v3"),
        (r"tpu ?-?v?2", "tpu_v2"),
        (r"trainium ?-?2|\btrn2", "trainium2"),
        (r"trainium ?-?3|\btrn3", "trainium3"),
        (r"wse-?3|\bcs-?3\b", "wse3"),
        (r"groq", "groq"),
        (r"north ?pole", "northpole"),
    )
)


# Boards that carry the chip of another one, on which more was measured.
_SAME_CHIP: Final = MappingProxyType(
    dict.fromkeys(("a100_40", "a100_pcie", "a100_pcie_40", "a800_pcie"), "a100")
    | dict.fromkeys(("h100_pcie", "h100_nvl", "h200", "h200_nvl", "h20", "gh200"), "h100")
    | dict.fromkeys(("b100", "b300"), "b200")
    | {"mi250": "mi250x", "mi325x": "mi300x", "gb300": "gb200"}
)


@dataclass(frozen=True, slots=True)
class Board:
    """What of an accelerator decides the power and the time of a job.

    Peaks are dense and in [FLOP/s], NaN where the chip has no such format: ``peak_16`` falls back to its widest
    slower format, ``peak_8`` and ``peak_4`` are floating-point. ``best_fraction`` is the best measured matrix product
    over the 16-bit peak [1]; ``tdp_w`` and ``idle_w`` [W]; ``memory_byte`` [B]; ``bandwidth_byte_per_s`` [B/s].
    """

    key: str
    label: str
    tdp_w: float
    idle_w: float
    memory_byte: float
    bandwidth_byte_per_s: float
    peak_16: float
    peak_8: float
    peak_4: float
    best_fraction: float


@functools.lru_cache(maxsize=4096)
def board(name: str) -> str | None:
    """Find the chip that a name in a table means.

    Parameters
    ----------
    name : str
        As written by who measured, for example ``NVIDIA H100 80GB HBM3 (SXM)``; or a key of the table of chips.

    Returns
    -------
    str or None
        Short key of the chip, None where the name is none we know.

    Notes
    -----
    Where a form factor is not stated, the module (SXM) is meant; an A100 without its memory size is the one of 40 GB.

    References
    ----------
    `efficiency/data/chips.csv`, `efficiency/data/boards.csv`.

    Examples
    --------
    >>> board("NVIDIA H100 80GB HBM3 (SXM)"), board("NVIDIA H100 PCIe"), board("abacus")
    ('h100', 'h100_pcie', None)
    """
    text = re.sub(r"[\s_/]+", " ", name.strip().lower())
    if f"chip.{name.strip()}" in entities():
        return name.strip()
    # Names of boards are often joined by hyphens, as in A100-SXM4-40GB.
    loose = text.replace("-", " ")
    return next((key for pattern, key in _NAMES if pattern.search(text) or pattern.search(loose)), None)


@functools.cache
def board_of(key: str) -> Board:
    """Assemble a board from its facts.

    Parameters
    ----------
    key : str
        Short key of a chip, for example ``"h100"``.

    Returns
    -------
    Board
        Power in [W], rates in [FLOP/s] and [B/s].

    Raises
    ------
    FactError
        If the chip is unknown, or its power limit, bandwidth or rate is not published.

    Notes
    -----
    Without a measurement, a chip reaches the usual share of its peak and idles at the usual share of its limit. Boards
    of one chip share what was measured on it: the A100's best product and idle power hold for its variants, in
    proportion to their limits.

    References
    ----------
    `efficiency/data/chips.csv`, `efficiency/data/boards.csv`, `efficiency/data/operating.csv`.

    Examples
    --------
    >>> board_of("h100").tdp_w
    700.0
    """
    name, table = f"chip.{key}", facts()
    entity = entities().get(name)
    needed = [f"{name}.{field}" for field in ("tdp", "memory_bandwidth", "memory")]
    peak_16 = next((table[f"{name}.peak_{f}"].si for f in ("fp16", "fp32") if f"{name}.peak_{f}" in table), math.nan)
    missing = [one.rpartition(".")[2] for one in needed if one not in table]
    if entity is None or missing or math.isnan(peak_16):
        raise FactError(f"chip {key!r}: {', '.join(missing) or 'a 16-bit rate'} is not published")
    tdp_w = table[needed[0]].si
    return Board(
        key=key,
        label=entity.label,
        tdp_w=tdp_w,
        idle_w=_shared(key, "idle_power") * tdp_w,
        memory_byte=table[needed[2]].si,
        bandwidth_byte_per_s=table[needed[1]].si,
        peak_16=peak_16,
        peak_8=_si(f"{name}.peak_fp8"),
        peak_4=_si(f"{name}.peak_fp4"),
        best_fraction=_shared(key, "best_matrix_fraction"),
    )


def _si(key: str) -> float:
    record = facts().get(key)
    return record.si if record else math.nan


def _shared(key: str, field: str) -> float:
    """Give a measured share: of this board, of the board its chip is usually sold as, or the usual one."""
    table = facts()
    for chip in (key, _SAME_CHIP.get(key, key)):
        record = table.get(f"chip.{chip}.{field}")
        if record is not None:
            return record.si / table[f"chip.{chip}.tdp"].si if field == "idle_power" else record.si
    return table["chip.idle_share" if field == "idle_power" else "chip.best_matrix_fraction"].si
