"""Published gains of instructions, fixed function and dataflow, each with how it was found and where it holds."""

from __future__ import annotations

from typing import Final, NamedTuple

from efficiency import catalogue
from efficiency.arithmetic import instruction_overhead
from efficiency.facts import fact
from efficiency.parallel import instruction_gain, matrix_operations

HOW: Final = {
    "theory": "theory: published ratios of one instruction",
    "peak": "peak rates over power limits",
    "design": "design study, or told in a talk",
    "measured": "measured, by its makers or by others",
}
"""How a gain was found; never two kinds in one mark."""


class Point(NamedTuple):
    """A gain in energy [1] with its range; ``narrow`` says what it is of and where it holds, ``facts`` its records."""

    key: str
    name: str
    gain: float
    low: float
    high: float
    how: str
    narrow: str
    facts: tuple[str, ...]


def points() -> tuple[Point, ...]:
    """List the published gains.

    Returns
    -------
    tuple of Point
        Gains in energy [1], instructions first, then fixed function, then dataflow.

    Notes
    -----
    Each compares two things that differ in more than one way unless it says otherwise; the words say in which.

    References
    ----------
    `efficiency/data/operations.csv`, `efficiency/data/parallel.csv`.

    Examples
    --------
    >>> [point.key for point in points()][:2]
    ['scalar_matrix', 'p100_v100']
    """
    packed, matrix = (1.0 + instruction_overhead(8.0, kind) for kind in ("packed", "matrix"))
    return (
        _exact(
            "scalar_matrix",
            "Scalar to matrix instruction, FP16",
            instruction_gain(1.0, matrix_operations()),
            "theory",
            "same format; operands and waiting not counted",
            ("instruction.scalar_fp16_overhead", "instruction.matrix_fp16_overhead"),
        ),
        _exact(
            "p100_v100",
            "P100 to V100, FP16",
            peak_per_joule("v100", 16.0) / peak_per_joule("p100", 16.0),
            "peak",
            "packed to matrix instructions, 16 to 12 nm",
            ("chip.p100.peak_fp16", "chip.p100.tdp", "chip.v100.peak_fp16", "chip.v100.tdp"),
        ),
        _exact(
            "int8",
            "Packed to matrix instruction, INT8",
            packed / matrix,
            "theory",
            "another format; operands and waiting not counted",
            ("instruction.packed_int8_overhead", "instruction.matrix_int8_overhead"),
        ),
        _published("h264_simd", "Wide instructions for video", "parallel.h264_simd_gain", "design", "one codec"),
        _published("h264", "Fixed function for video", "parallel.h264_fixed_gain", "design", "one codec, H.264"),
        _published("alignment", "Fixed function for aligning genes", "specialised.smith_waterman", "design",
                   "one algorithm on small integers"),
        _published("tpu_v1", "TPU v1 over processors and GPUs of 2015", "parallel.tpu_v1_gain", "measured",
                   "inference in 8 bits against floats"),
        _published("tpu_v4", "TPU v4 over A100", "asic.tpu4_power_gain", "measured",
                   "power at the same work, both at 7 nm"),
        _published("northpole_fast", "NorthPole over GPUs, dataflow", "nearmem.northpole_gain", "measured",
                   "only at the GPUs’ lowest latency, without batching"),
        _exact(
            "northpole_best",
            "NorthPole over B200, dataflow",
            dataflow_at_best_batch(),
            "measured",
            "a quotient of two studies: best batches, per parameter; 4 bits against 16",
            ("parallel.gpu_8b_best", "nearmem.northpole_power", "nearmem.northpole_tokens"),
        ),
    )  # fmt: skip


def _exact(key: str, name: str, gain: float, how: str, narrow: str, facts: tuple[str, ...]) -> Point:
    return Point(key, name, gain, gain, gain, how, narrow, facts)


def _published(key: str, name: str, record: str, how: str, narrow: str) -> Point:
    found = fact(record)
    return Point(key, name, found.si, found.si_low, found.si_high, how, narrow, (record,))


def peak_per_joule(chip: str, bits: float) -> float:
    """Peak operations per joule at the power limit.

    Parameters
    ----------
    chip : str
        Short key of the chip.
    bits : float
        Width of the operands [bit].

    Returns
    -------
    float
        Peak rate over power limit [FLOP/J].

    Notes
    -----
    A nameplate figure: no workload reaches it.

    References
    ----------
    `efficiency/data/chips.csv`.

    Examples
    --------
    >>> round(peak_per_joule("h100", 16.0) / 1e12, 2)
    1.41
    """
    return catalogue.chip(chip).peak_per_s[bits] / fact(f"chip.{chip}.tdp").si


NORTHPOLE_PARAMETERS: Final = 3e9
"""Of the model that was measured, as its name rounds it [1]."""
GPU_PARAMETERS: Final = 8e9
"""Of the model measured on the GPU, as its name rounds it [1]."""


def dataflow_at_best_batch() -> float:
    """How many times less energy NorthPole takes per token and parameter than a B200 that batches freely.

    Returns
    -------
    float
        Energy of the B200 over that of NorthPole [1]; below 1, NorthPole takes more.

    Notes
    -----
    Two measurements of different people, models (3B and 8B, hence per parameter), formats and process nodes; boards
    alone in both. The GPU is at its most economical batch, where each conversation waits far longer for a token.

    References
    ----------
    .. [1] Appuswamy, R. et al., IEEE HPEC 2024: 28,356 tokens/s at 672 W.
    .. [2] Chung, J.-W. et al., "The ML.ENERGY benchmark", 2025: 0.0467 J/token.

    Examples
    --------
    >>> 0.5 < dataflow_at_best_batch() < 1.0
    True
    """
    dataflow_j = fact("nearmem.northpole_power").si / fact("nearmem.northpole_tokens").si
    return (fact("parallel.gpu_8b_best").si / GPU_PARAMETERS) / (dataflow_j / NORTHPOLE_PARAMETERS)


def dataflow_rack_energy_j() -> float:
    """Energy of a token on a rack of NorthPole cards that serves an 8B model.

    Returns
    -------
    float
        Rack power over tokens per second [J].

    Notes
    -----
    Users over the time between their tokens gives the rate. The power may be that of the nameplate, and holds hosts
    and cooling of the rack too.

    References
    ----------
    .. [1] DeBole, M. V. et al., arXiv 2511.15950 (2025).

    Examples
    --------
    >>> round(dataflow_rack_energy_j(), 2)
    1.0
    """
    rate = fact("parallel.northpole_rack_users").si / fact("parallel.northpole_rack_step").si
    return fact("system.northpole_rack.power").si / rate
