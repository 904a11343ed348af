"""Accelerators by the names that tables of measurements use, and what of them decides power and time."""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from efficiency.facts import FactError, entities, facts

# What may follow a name without a gap; anything else that is joined to it makes another board (A1000, B2000, A100X).
_END: Final = r"(?=$|[^a-z0-9]|sxm|pci|nvl|hbm|oam)"
# Consumer boards come in sorts of their own.
_CARD_END: Final = r"(?! ?(ti|super|d|m)\b)" + _END

# First match wins, so variants stand before the family they belong to. A family's bare name means its usual board.
_NAMES: Final = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (r"\bgb300" + _END, "gb300"),
        (r"\bb300" + _END, "b300"),
        (r"\brubin\b|\bvr200" + _END, "rubin"),
        (r"\bgb200" + _END + r"|^nvl72$", "gb200"),
        (r"\bb200" + _END, "b200"),
        (r"\bb100" + _END, "b100"),
        (r"\bgb10\b|\bdgx spark\b", "gb10"),
        (r"\bgh200" + _END, "gh200"),
        (r"\bh200" + _END + r".*nvl", "h200_nvl"),
        (r"\bh200" + _END, "h200"),
        (r"\bh[18]00" + _END + r".*(pcie|pci-e)", "h100_pcie"),
        (r"\bh100" + _END + r".*(nvl|94 ?gb)", "h100_nvl"),
        (r"\bh[18]00" + _END, "h100"),
        (r"\bh20\b", "h20"),
        (r"\ba800" + _END + r".*(pcie|pci-e)", "a800_pcie"),
        (r"\ba800" + _END, "a100"),
        (r"\ba100" + _END + r".*((pcie|pci-e).*40|40 ?gb.*(pcie|pci-e))", "a100_pcie_40"),
        (r"\ba100" + _END + r".*(pcie|pci-e)", "a100_pcie"),
        (r"\ba100" + _END + r".*80", "a100"),
        # The A100 of most public clusters and benchmarks is the first one.
        (r"\ba100" + _END, "a100_40"),
        (r"\bv100s" + _END, "v100s"),
        (r"\bv100" + _END + r".*(pcie|pci-e)", "v100_pcie"),
        (r"\bv100" + _END, "v100"),
        (r"\bp100" + _END, "p100"),
        (r"\bk20xm?\b", "k20x"),
        (r"\bm40\b", "m40"),
        (r"\bp40\b", "p40"),
        (r"\bpro 6000\b", "rtx_pro_6000"),
        (r"\b6000 ada\b|\bada 6000\b", "rtx_6000_ada"),
        (r"(\b|rtx)a6000\b", "rtx_a6000"),
        (r"(\b|rtx)a5000\b", "rtx_a5000"),
        (r"(\b|rtx)a4000\b", "rtx_a4000"),
        (r"(\b|rtx)5090" + _CARD_END, "rtx_5090"),
        (r"(\b|rtx)5080" + _CARD_END, "rtx_5080"),
        (r"(\b|rtx)4090" + _CARD_END, "rtx_4090"),
        (r"(\b|rtx)4080" + _CARD_END, "rtx_4080"),
        (r"(\b|rtx)3090 ?ti\b", "rtx_3090ti"),
        (r"(\b|rtx)3090" + _CARD_END, "rtx_3090"),
        (r"(\b|rtx)3080" + _CARD_END, "rtx_3080"),
        (r"(\b|rtx)3060" + _CARD_END, "rtx_3060"),
        (r"(\b|rtx)2080 ?ti\b", "rtx_2080ti"),
        (r"\btitan ?rtx\b", "titan_rtx"),
        (r"\btitan ?x\b", "titan_x"),
        (r"\bl40s\b", "l40s"),
        (r"\bl40\b", "l40"),
        (r"\bl4\b", "l4"),
        (r"\ba10g\b", "a10g"),
        (r"\ba10\b", "a10"),
        (r"\ba30\b", "a30"),
        (r"\ba40\b", "a40"),
        (r"\bt4\b", "t4"),
        (r"\bmi355x?" + _END, "mi355x"),
        (r"\bmi325x?" + _END, "mi325x"),
        (r"\bmi300a" + _END, "mi300a"),
        (r"\bmi300x?" + _END, "mi300x"),
        (r"\bmi250x" + _END, "mi250x"),
        (r"\bmi250" + _END, "mi250"),
        (r"\bmi210" + _END, "mi210"),
        (r"\bmi100" + _END, "mi100"),
        (r"\bmi50" + _END, "mi50"),
        (r"\bgaudi ?-?2" + _END + r"|\bhpu2\b", "gaudi2"),
        (r"\bgaudi ?-?3" + _END, "gaudi3"),
        (r"\btpu ?-?v?7x?\b|\bironwood\b", "tpu_v7"),
        (r"\btpu ?-?v?6e?\b|\btrillium\b", "tpu_v6e"),
        (r"\btpu ?-?v?5p\b", "tpu_v5p"),
        (r"\btpu ?-?v?5(e|litepod|lite)?\b", "tpu_v5e"),
        (r"\btpu ?-?v?4i\b", "tpu_v4i"),
        (r"\btpu ?-?v?4\b", "tpu_v4"),
        (r"\btpu ?-?v?3\b", "tpu_v3"),
        (r"\btpu ?-?v?2\b", "tpu_v2"),
        (r"\btrainium ?-?2\b|\btrn2\b", "trainium2"),
        (r"\btrainium ?-?3\b|\btrn3\b", "trainium3"),
        (r"\bwse-?3\b|\bcs-?3\b", "wse3"),
        (r"\bgroq\b|\bgroqchip", "groq"),
        (r"\bnorth ?pole\b", "northpole"),
    )
)
# A part of a chip, or one held to other clocks and power, is not the board that the tables know.
_NOT_THE_BOARD: Final = re.compile(r"\b(laptop|mobile|max-?q|mig|vgpu|[1-7]g\.\d+gb)\b")
# Machines that hold several chips name them all.
_AND: Final = re.compile(r"[+,;&/]|\band\b")


# Boards that carry the chip of another one, on which more was measured.
_SAME_CHIP: Final = MappingProxyType(
    dict.fromkeys(("a100_40", "a100_pcie", "a100_pcie_40", "a800_pcie"), "a100")
    | dict.fromkeys(("h100_pcie", "h100_nvl", "h200", "h200_nvl", "h20", "gh200"), "h100")
    | dict.fromkeys(("b100", "b300"), "b200")
    | {"mi250": "mi250x", "mi325x": "mi300x", "gb300": "gb200"}
)


# Boards of the same chip with more memory, which a name without a size may mean.
_LARGER: Final = MappingProxyType({"a100_40": "a100", "a100_pcie_40": "a100_pcie"})


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
    A name that goes on (A1000, A100X, 3060 Ti), a part of a chip, a laptop's chip and a mixture of chips are unknown.

    References
    ----------
    `efficiency/data/chips.csv`, `efficiency/data/boards.csv`.

    Examples
    --------
    >>> board("NVIDIA H100 80GB HBM3 (SXM)"), board("NVIDIA H100 PCIe"), board("abacus")
    ('h100', 'h100_pcie', None)
    """
    if f"chip.{name.strip()}" in entities():
        return name.strip()
    named = {_named(part) for part in _AND.split(name.lower())} - {None}
    return _named(name) if len(named) <= 1 and not _NOT_THE_BOARD.search(name.lower()) else None


def _named(name: str) -> str | None:
    text = re.sub(r"[\s_/]+", " ", name.strip().lower())
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


@functools.lru_cache(maxsize=4096)
def most_memory_byte(name: str) -> float:
    """Give the memory that a board of this name has at most.

    Parameters
    ----------
    name : str
        As in `board`.

    Returns
    -------
    float
        Memory [B]; NaN where the name is none we know.

    Notes
    -----
    A name without a size may mean the larger of two boards.

    References
    ----------
    `efficiency/data/chips.csv`.

    Examples
    --------
    >>> most_memory_byte("NVIDIA A100") == 2 * most_memory_byte("NVIDIA A100 40GB")
    True
    """
    key = board(name)
    if key is None:
        return math.nan
    larger = _LARGER.get(key) if name.strip() != key and not re.search(r"\d ?gb?\b", name.lower()) else None
    return max(_si(f"chip.{one}.memory") for one in filter(None, (key, larger)))


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
