"""What was measured or published of each lever, apart from what is modelled of it; and whole chips beside a machine."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from efficiency.derived import records
from efficiency.gap import inputs_for
from efficiency.lever_machines import machine, machine_energies
from efficiency.lever_pairs import Pair
from efficiency.lever_settings import PRESETS
from efficiency.lever_task import FLOP_PER_MULTIPLY_ADD, multiply_adds_per_event
from efficiency.levers import Attribution
from efficiency.like_quality import base_name
from efficiency.parallel import instruction_gain, matrix_operations
from efficiency.parallel_points import dataflow_at_best_batch, peak_per_joule
from efficiency.precision_history import NEWEST, split
from efficiency.stored_pairs import shipped_pairs

_NAMED: Final = 3
"""So many models of measured pairs are named, more are counted [1]."""
_PACKED: Final = 2.0
"""Multiply-adds of 16 bits that a packed instruction of 32 bits starts [1]."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A gain that somebody measured or published, beside what theory promised and what is predicted of it [1].

    ``low``, ``central`` and ``high`` are how many times less energy (or what ``of`` says); ``theory`` and ``predicted``
    are none where there is no such number. ``kind`` says how the gain is known, ``narrow`` where it holds, ``count``
    how many measured pairs stand behind it, ``facts`` its records.
    """

    lever: str
    what: str
    of: str
    theory: float | None
    predicted: float | None
    low: float
    central: float
    high: float
    kind: str
    narrow: str
    count: int = 0
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A whole chip that somebody measured beside the modelled machine, chips alone [J per synaptic event]."""

    name: str
    modelled_j: float
    low_j: float
    central_j: float
    high_j: float
    caveat: str
    fact: str


@functools.cache
def evidence() -> tuple[Evidence, ...]:
    """List what was measured or published of the levers.

    Returns
    -------
    tuple of Evidence
        Gains, in the order of the levers [1].

    Notes
    -----
    Of pairs, the median and the 5 and 95 % points. They hold for what was measured, not for the machine of a link, and
    are no part of any share.

    References
    ----------
    `stored_pairs.shipped_pairs`, `efficiency/data/operations.csv`.

    Examples
    --------
    >>> eight_bits = evidence()[0]
    >>> eight_bits.theory, eight_bits.central < 1.3, eight_bits.count > 10
    (2.0, True, True)
    """
    saved = records()["goodput.gemini"]
    return (
        _of_pairs("precision", "8 bits for 16", 2.0, lambda p: p.after == "8 bit" and p.before == "16 bit", _gain),
        _of_record("sparsity", "2:4 weights", "speed", 2.0, "sparsity.two_four_speedup", "one model, end to end"),
        _of_pairs("sparsity", "experts for a dense model of like quality", None, lambda _: True, _gain, "experts"),
        _of_record("movement", "NorthPole for a GPU", "energy", None, "nearmem.northpole_gain",
                   "only at the lowest latency of the GPU, which then cannot batch"),
        _exact("movement", "NorthPole for a GPU at its best batch", "energy per parameter", None,
               dataflow_at_best_batch(), "measured", "a quotient of two studies: 4 bits against 16, "
               "3 against 8 billion parameters",
               ("nearmem.northpole_power", "parallel.gpu_8b_best")),
        _of_record("parallel", "TPU v4 for an A100", "power at the same work", None, "asic.tpu4_power_gain",
                   "the same work, both chips at 7 nm"),
        _exact("parallel", "matrix for packed instructions", "peak operations per joule",
               instruction_gain(_PACKED, matrix_operations()),
               peak_per_joule("v100", 16.0) / peak_per_joule("p100", 16.0),
               "peak rates", "P100 to V100 at FP16, with one process step",
               ("chip.p100.peak_fp16", "chip.v100.peak_fp16")),
        _of_pairs("use", "doubling the batch", 2.0, lambda _: True, _per_doubling, "batch"),
        _process(),
        _of_record("facility", "Google’s sites for the industry’s average", "energy", None, "pue.google_fleet",
                   "cooling and power supply alone", over="pue.industry_average"),
        _exact("goodput", "states kept in memory", "work that is not lost", 1.0 / saved.si_low,
               saved.si / saved.si_low, "reported", "one training run", ("goodput.gemini",)),
        _of_record("algorithm", "a later model of equal quality", "parameters", None, "algorithm.qwen3_over_qwen25",
                   "one family, by its makers’ tables", inverse=True),
    )  # fmt: skip


def _gain(pair: Pair, ratio: float) -> float:
    return 1.0 / ratio


def _per_doubling(pair: Pair, ratio: float) -> float:
    return float((1.0 / ratio) ** (1.0 / np.log2(float(pair.after) / float(pair.before))))


def _of_pairs(
    lever: str,
    what: str,
    theory: float | None,
    wanted: Callable[[Pair], bool],
    gain: Callable[[Pair, float], float],
    of_pairs: str = "precision",
) -> Evidence:
    tokens = "energy_per_output_token"
    found = [p for p in shipped_pairs() if p.lever == of_pairs and p.metric == tokens and wanted(p)]
    low, central, high = np.percentile([gain(p, p.measured) for p in found], [5, 50, 95])
    predicted = float(np.median([gain(p, p.predicted) for p in found]))
    chips, models = ", ".join(_chips(found)), sorted({base_name(p.model) for p in found})
    which = " and ".join(models) if len(models) <= _NAMED else f"{len(models)} models"
    return Evidence(
        lever, what, "energy per token", theory, predicted, float(low), float(central), float(high), "measured",
        f"{which}, on {chips}, boards alone", len(found),
    )  # fmt: skip


def _chips(found: Sequence[Pair]) -> list[str]:
    names = (p.chip.removeprefix("NVIDIA ").split(" ")[0].split("-")[0] for p in found)
    return list(dict.fromkeys(sorted(names)))


def _of_record(
    lever: str,
    what: str,
    of: str,
    theory: float | None,
    key: str,
    narrow: str,
    over: str = "",
    inverse: bool = False,
) -> Evidence:
    known = records()[key]
    ends = [known.si_low, known.si, known.si_high]
    if over:
        ends = [records()[over].si / end for end in reversed(ends)]
    if inverse:
        ends = [1.0 / end for end in reversed(ends)]
    low, central, high = ends
    return Evidence(
        lever, what, of, theory, None, low, central, high, known.kind, narrow, facts=(key, over) if over else (key,)
    )


def _exact(
    lever: str, what: str, of: str, theory: float | None, gain: float, kind: str, narrow: str, facts: tuple[str, ...]
) -> Evidence:
    return Evidence(lever, what, of, theory, None, gain, gain, gain, kind, narrow, facts=facts)


def _process() -> Evidence:
    gains = [split(chip).same_format for chip in NEWEST]
    return Evidence(
        "process", "K20X to the newest chips, 32 bits throughout", "energy per operation", None, None,
        min(gain.central for gain in gains), float(np.median([gain.central for gain in gains])),
        max(gain.central for gain in gains), "peak rates", "28 to 4 nm; no workload reaches a peak",
        facts=("chip.k20x.peak_fp32",),
    )  # fmt: skip


def check(found: Attribution, preset: str) -> Check | None:
    """Hold the machine that a preset models against a whole chip that was built.

    Parameters
    ----------
    found : Attribution
        With the preset's positions.
    preset : str
        Key of a preset.

    Returns
    -------
    Check or None
        Per synaptic event [J]; none where no chip was published, or tokens are counted.

    Notes
    -----
    Only the chips are counted, because the publications do. Operations of an analog chip are taken as two for a
    multiply-add, and as many multiply-adds for an event as the machine does.

    References
    ----------
    .. [1] Merolla, P. A. et al., Science 345, 668 (2014), doi:10.1126/science.1254642.
    .. [2] Le Gallo, M. et al., Nature Electronics 6, 680 (2023), doi:10.1038/s41928-023-01010-1.

    Examples
    --------
    >>> from efficiency.levers import attribute
    >>> from efficiency.lever_machines import Task
    >>> from efficiency.scenario import Scenario
    >>> task = Task("synapse", Scenario(events="every_step"))
    >>> beside = check(attribute(task, PRESETS["neuromorphic"].settings, 1.0, 64), "neuromorphic")
    >>> f"{beside.central_j:.2g}", 0.3 < beside.modelled_j / beside.central_j < 3
    ('2.6e-11', True)
    """
    key = PRESETS[preset].check
    if not key or found.task.name != "synapse":
        return None
    task = replace(found.task, today=replace(found.task.today, machine_scope="chip"))
    pulled = [bar.setting for bar in found.bars]
    modelled_j = float(machine_energies(task, pulled, found.best_batch).total_j())
    known = records()[key]
    if known.unit != "TOP/J":
        return Check("TrueNorth", modelled_j, known.si_low, known.si, known.si_high, known.note, key)
    built = machine(task, pulled, found.best_batch)[0]
    operations = FLOP_PER_MULTIPLY_ADD * float(multiply_adds_per_event(built, inputs_for(built)))
    low, central, high = (operations / rate for rate in (known.si_high, known.si, known.si_low))
    return Check("HERMES", modelled_j, low, central, high, known.note, key)
