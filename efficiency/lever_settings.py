"""The levers and how far each can be pulled: today, in products, in research, at the limit.

A lever is a named transformation of a Scenario. A setting says which fields it changes, which facts stand in for which
inputs, on what it rests, and where its gain holds only in a narrow setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal

Evidence = Literal["as built", "in use", "reported", "measured", "modelled", "theory"]

COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {"today": "Today", "products": "In products", "research": "In research", "limit": "Physical limit"}
)
"""How far a lever is pulled, to its words."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a position does in one task: its words, what it rests on, and the records or the reason behind it."""

    words: str
    evidence: Evidence
    facts: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """One position of a lever.

    ``scenario`` are fields of the Scenario that it sets exactly; ``values`` fields or attributes of `Inputs` that take
    a record's value with its range, or an exact one; ``best_batch`` shares weights among as many as pays;
    ``parameter_share`` is the record by which the model shrinks. ``evidence`` says what the position rests on and
    ``facts`` which records, or ``reason`` why there is none; ``narrow`` where it does not hold everywhere. ``by_task``
    stands in for words, evidence, records and reason in a task in which only a part of the position does anything.
    """

    words: str
    scenario: Mapping[str, str | float] = field(default_factory=dict)
    values: Mapping[str, str | float] = field(default_factory=dict)
    best_batch: bool = False
    parameter_share: str = ""
    evidence: Evidence = "as built"
    facts: tuple[str, ...] = ()
    narrow: str = ""
    reason: str = ""
    by_task: Mapping[str, Part] = field(default_factory=dict)

    def for_task(self, task: str) -> Setting:
        """Say only what the position does in one task.

        Parameters
        ----------
        task : {"synapse", "token"}
            The unit of work.

        Returns
        -------
        Setting
            The same position with what it rests on in that task; its values stay [SI].

        Notes
        -----
        Utilisation does not enter the writing of tokens, and no weight is dropped where events alone are evaluated.

        References
        ----------
        MODEL.md, The levers.

        Examples
        --------
        >>> setting("use", "limit").for_task("token").words
        'best batch'
        """
        part = self.by_task.get(task)
        if part is None:
            return self
        return replace(self, words=part.words, evidence=part.evidence, facts=part.facts, reason=part.reason)


@dataclass(frozen=True, slots=True)
class Lever:
    """A lever with its positions: those of `COLUMNS`, and further ones for machines that somebody built."""

    key: str
    name: str
    settings: Mapping[str, Setting]


_AS_BUILT: Final = Setting("as set")
_SHARED: Final = "where many share the same weights, as no two brains do"
_NORTHPOLE: Final = "shown for 3 and 8 billion parameters; a card holds 0.2 GB, so that a model takes many"
_ONE_FAMILY: Final = "one family, by its makers’ tables; tokens, not events"
_BATCHED: Final = MappingProxyType({"token": Part("best batch", "modelled", reason="the batch that takes least")})


def _sparse(density: float, words: str, evidence: Evidence, facts: tuple[str, ...], reason: str = "") -> Setting:
    events = Part("events only", "modelled", ("neuro.truenorth_event",))
    return Setting(
        f"events only, {words} of weights", {"density": density, "events": "events"}, evidence=evidence, facts=facts,
        narrow="chips of today do not skip single weights", reason=reason,
        by_task=MappingProxyType(
            {"synapse": events, "token": Part(f"{words} of weights", evidence, ("sparse_law.text.b",), reason)}
        ),
    )  # fmt: skip


_FIXED: Final = Setting(
    "fixed function", {"execution": "fixed"}, evidence="theory", narrow="only for work that never changes",
    reason="no instruction is fetched and decoded or reads operands; arithmetic and the rest of the delivery stay",
)  # fmt: skip
_STACKED: Final = Setting(
    "memory stacked on the chip", {"movement": "stacked"}, evidence="modelled",
    facts=("memory.hbm_stacked_modelled", "stacked.bandwidth_gain"), narrow="a design study, no whole chip",
)  # fmt: skip

LEVERS: Final[tuple[Lever, ...]] = (
    Lever(
        "precision",
        "Precision",
        MappingProxyType(
            {
                "today": _AS_BUILT,
                "products": Setting("8 bits", {"bits": 8.0}, evidence="in use", facts=("chip.h100.peak_fp8",)),
                "research": Setting("4 bits", {"bits": 4.0}, evidence="in use", facts=("chip.b200.peak_fp4",),
                                    narrow="chips without a 4-bit format gain in bytes alone"),
                "limit": Setting("1.58 bits", {"bits": 1.58}, evidence="modelled",
                                 facts=("precision.tasks.bitnet_3b", "precision.energy.bitnet_cpp"),
                                 narrow="computed in the narrowest format the chip has"),
            }
        ),
    ),
    Lever(
        "sparsity",
        "Sparsity",
        MappingProxyType(
            {
                "today": _AS_BUILT,
                "products": Setting("2:4 weights", {"density": 0.5}, evidence="in use",
                                    facts=("sparsity.two_four_speedup",), narrow="measured, 1.27 times as fast, not 2"),
                "research": _sparse(0.25, "a quarter", "modelled", ("neuro.truenorth_event",)),
                "limit": _sparse(0.1, "a tenth", "theory", (), "beyond the eighth to which published losses reach"),
            }
        ),
    ),
    Lever(
        "movement",
        "Data movement",
        MappingProxyType(
            {
                "today": _AS_BUILT,
                "products": Setting("weights in on-chip memory", {"movement": "on_chip"}, evidence="modelled",
                                    facts=("memory.sram7_1mb", "wire.on_chip", "on_chip.bandwidth"),
                                    narrow="the chips to hold them are not counted"),
                "research": _STACKED,
                "limit": Setting("weights never move", {"movement": "in_memory"}, evidence="theory",
                                 reason="a weight that is used where it lies is not read",
                                 narrow="whole analog chips gain far less than their arrays"),
            }
        ),
    ),
    Lever(
        "parallel",
        "Parallel fit",
        MappingProxyType(
            {
                "today": _AS_BUILT,
                "products": Setting("matrix instructions", {"execution": "matrix"}, evidence="reported",
                                    facts=("instruction.matrix_fp16_overhead",)),
                "research": _FIXED,
                "limit": _FIXED,
            }
        ),
    ),
    Lever(
        "use",
        "Batching and utilisation",
        MappingProxyType(
            {
                "today": _AS_BUILT,
                "products": Setting("best published run", values={"utilisation": "run.palm.mfu"}, best_batch=True,
                                    evidence="reported", facts=("run.palm.mfu",), narrow=_SHARED, by_task=_BATCHED),
                "research": Setting("kernels at their best", values={"utilisation": "utilisation.research"},
                                    best_batch=True, evidence="modelled", facts=("utilisation.research",),
                                    narrow=_SHARED, by_task=_BATCHED),
                "limit": Setting("never waiting", {"utilisation": 1.0}, best_batch=True, evidence="theory",
                                 narrow=_SHARED, reason="no unit waits", by_task=_BATCHED),
            }
        ),
    ),
    Lever(
        "process",
        "Chip and process",
        MappingProxyType(
            {
                "today": _AS_BUILT,
                "products": Setting("B200", {"chip": "b200"}, evidence="in use", facts=("chip.b200.tdp",)),
                "research": Setting("B200 in 2 nm", {"chip": "b200"}, {"switching_gain": "process.n2_gain"},
                                    evidence="modelled", facts=("process.n2_gain",),
                                    narrow="logic, not memory or wires"),
                "limit": Setting("B200 at the CMOS limit", {"chip": "b200"}, {"switching_gain": "limit.cmos_over_b200"},
                                 evidence="theory", facts=("limit.cmos_fp4_per_joule",)),
                "northpole": Setting("NorthPole, 12 nm", {"chip": "northpole"}, evidence="reported",
                                     facts=("chip.northpole.tdp",), narrow=_NORTHPOLE),
            }
        ),
    ),
    Lever(
        "facility",
        "Facility",
        MappingProxyType(
            {
                "today": _AS_BUILT,
                "products": Setting("Google’s cooling", values={"pue": "pue.google_fleet"}, evidence="reported",
                                    facts=("pue.google_fleet",), narrow="one company’s sites"),
                "research": Setting("Google’s cooling", values={"pue": "pue.google_fleet"}, evidence="reported",
                                    facts=("pue.google_fleet",), narrow="one company’s sites"),
                "limit": Setting("no host, no cooling", {"pue": 1.0}, {"host_share": 0.0, "network_share": 0.0},
                                 evidence="theory", reason="the chips alone are counted"),
            }
        ),
    ),
    Lever(
        "goodput",
        "Goodput",
        MappingProxyType(
            {
                "today": _AS_BUILT,
                "products": Setting("states kept in memory", values={"goodput": "goodput.gemini"}, evidence="reported",
                                    facts=("goodput.gemini",), narrow="one training run"),
                "research": Setting("states kept in memory", values={"goodput": "goodput.gemini"}, evidence="reported",
                                    facts=("goodput.gemini",), narrow="one training run"),
                "limit": Setting("nothing fails", values={"goodput": 1.0}, evidence="theory", reason="no work is lost"),
            }
        ),
    ),
    Lever(
        "algorithm",
        "Algorithm",
        MappingProxyType(
            {
                "today": _AS_BUILT,
                "products": Setting("a later model of equal quality", parameter_share="algorithm.qwen3_over_qwen25",
                                    evidence="reported", facts=("algorithm.qwen3_over_qwen25",),
                                    narrow=_ONE_FAMILY),
                "research": Setting("a later model of equal quality", parameter_share="algorithm.qwen3_over_qwen25",
                                    evidence="reported", facts=("algorithm.qwen3_over_qwen25",),
                                    narrow=_ONE_FAMILY),
                "limit": Setting("not known; as in products", parameter_share="algorithm.qwen3_over_qwen25",
                                 evidence="reported", facts=("algorithm.qwen3_over_qwen25",),
                                 narrow="nobody knows a limit"),
            }
        ),
    ),
)  # fmt: skip
"""In the order in which they are listed; the attribution does not depend on it."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A machine to start from: which position each lever has; ``check`` is a published energy to hold it against."""

    words: str
    settings: Mapping[str, str]
    check: str = ""


def _all(column: str, **others: str) -> Mapping[str, str]:
    return MappingProxyType({lever.key: others.get(lever.key, column) for lever in LEVERS})


PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {
        "today": Preset("H100 cluster 2024", _all("today")),
        "products": Preset("Best of today", _all("products")),
        "northpole": Preset("NorthPole", _all("today", process="northpole", precision="research")),
        "neuromorphic": Preset(
            "Neuromorphic", _all("today", sparsity="research", movement="products", precision="products"),
            "neuro.truenorth_event",
        ),
        "analog": Preset(
            "Analog in memory", _all("today", movement="limit", precision="products", parallel="limit"),
            "analog.hermes",
        ),
        "research": Preset("Everything research has shown", _all("research")),
        "limit": Preset("Physical limits", _all("limit", precision="research", sparsity="research")),
    }
)  # fmt: skip
"""At the limits, precision and sparsity stay where they pay at equal quality; narrower and sparser costs more."""


def setting(lever: str, position: str) -> Setting:
    """Find a position of a lever.

    Parameters
    ----------
    lever : str
        Key of the lever.
    position : str
        One of its settings.

    Returns
    -------
    Setting
        What it changes; the values it sets are in SI units [SI].

    Raises
    ------
    ValueError
        If the lever or the position does not exist; the message says what does.

    Notes
    -----
    "today" changes nothing.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> setting("precision", "products").words
    '8 bits'
    """
    by_key = {one.key: one for one in LEVERS}
    if lever not in by_key:
        raise ValueError(f"lever is {lever!r}; allowed: {', '.join(by_key)}")
    if position not in by_key[lever].settings:
        raise ValueError(f"{lever} is {position!r}; allowed: {', '.join(by_key[lever].settings)}")
    return by_key[lever].settings[position]
