"""Everything a user can choose, in one frozen record that checks itself.

A setting is exact: the user said so. What nature and machines make of it carries a range, and lives in
`efficiency.inputs`. Numeric fields may be arrays that broadcast against each other, so a sweep or a sample is just a
Scenario; choices are always scalar.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from efficiency import catalogue
from efficiency.arrays import Floats
from efficiency.facts import fact
from efficiency.own import Labels
from efficiency.say import power_of_ten

BITS: Final = (1.0, 1.58, 2.0, 4.0, 6.0, 8.0, 16.0, 19.0, 32.0, 64.0)
"""Widths of a number that the model knows; 1.58 is a ternary weight, 19 the TF32 format."""


START_OF: Final = MappingProxyType(
    {
        "utilisation": "training.mfu",
        "pue": "pue.default",
        "batch": "serving.batch",
        "context_tokens": "serving.context",
        "brain_flop_per_s": "brain.flops",
    }
)
"""Numeric setting to the record that says where it starts."""


class ScenarioError(ValueError):
    """A setting outside what is allowed; the message names the field, the value and the allowed values."""


@dataclass(frozen=True, slots=True)
class Number:
    """What a numeric field may be: limits, unit, whether its control is logarithmic, one line of help."""

    low: float
    high: float
    unit: str
    log: bool
    help: str

    def allowed(self) -> str:
        """Say the limits in words.

        Returns
        -------
        str
            For example ``"1 to 64 bit"``.

        Notes
        -----
        Used by every message about this field.

        References
        ----------
        MODEL.md, The words.

        Examples
        --------
        >>> Number(1, 3, "1", False, "").allowed()
        '1 to 3'
        """
        low, high = (f"{x:,g}" if x == 0 or 1e-3 <= x < 1e6 else power_of_ten(x) for x in (self.low, self.high))
        return f"{low} to {high} {self.unit}".removesuffix(" 1")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a field with named settings may be: setting to its plain words, and one line of help."""

    options: Mapping[str, str]
    help: str


@functools.cache
def field_rules() -> Mapping[str, Number | Choice]:
    """List every field of `Scenario` with what it may hold.

    Returns
    -------
    Mapping of str to Number or Choice
        In the order of the fields; the controls, the link and the checks all read this one table.

    Notes
    -----
    Limits are wide enough for any machine built or announced and for what-if questions, and narrow enough that no
    product of them overflows.

    References
    ----------
    MODEL.md, The ledger and The yardsticks and The link.

    Examples
    --------
    >>> field_rules()["pue"].allowed()
    '1 to 3'
    """
    bits = {f"{b:g}": "1.58 bit (ternary)" if b == 1.58 else f"{b:g} bit" for b in BITS}
    return MappingProxyType(
        {
            "system": Choice(
                Labels("system", {"own": "My own"} | catalogue.labels("system")),
                "A named site or machine, or your own count of chips.",
            ),
            "chip": Choice(catalogue.chip_labels(), "The accelerator that does the work."),
            "chip_count": Number(1, 1e8, "chips", True, "How many chips your own system has."),
            "model": Choice(catalogue.labels("model"), "The language model that is served or trained."),
            "workload": Choice(
                {"decode": "Writing tokens", "prefill": "Reading tokens", "training": "Training"},
                "What the ledger counts the energy of.",
            ),
            "bits": Number(1, 64, "bit", False, "Width of a number: " + ", ".join(bits.values()) + "."),
            "density": Number(0.001, 1, "1", True, "Share of multiply-adds really done; 0.5 is 2:4 sparsity."),
            "movement": Choice(
                {
                    "off_chip": "Off-chip memory, as built",
                    "stacked": "Memory stacked on the chip",
                    "on_chip": "As if memory were on the chip",
                    "in_memory": "Weights never move",
                },
                "How far weights travel to the arithmetic; the size of the memory stays.",
            ),
            "execution": Choice(
                {
                    "scalar": "Scalar instructions",
                    "packed": "Packed instructions",
                    "matrix": "Matrix instructions",
                    "fixed": "Fixed function",
                },
                "How much arithmetic one instruction starts.",
            ),
            "utilisation": Number(0.01, 1, "1", True, "Share of peak FLOP/s delivered as useful work (MFU)."),
            "pue": Number(1, 3, "1", False, "Power usage effectiveness: facility over IT power."),
            "engine": Choice(
                {"graphs_2025": "Of 2025, graphs", "graphs_2024": "Of 2024, graphs", "eager": "Call by call"},
                "Generation of the serving software.",
            ),
            "batch": Number(1, 4096, "1", True, "Conversations that share one reading of the weights."),
            "context_tokens": Number(1, 1e7, "tokens", True, "Tokens that each new token attends to."),
            "brain_flop_per_s": Number(
                1e11, 1e21, "FLOP/s", True, "Compute that would match the brain; nobody knows it."
            ),
            "brain_flops_range": Choice(
                {"published": "Published spread, ÷100 to ×100", "exact": "Take it as exact"},
                "How sure the brain's FLOP/s are.",
            ),
            "machine_scope": Choice(
                {"chip": "Chip", "server": "Server", "facility": "Facility"},
                "Where the machine's energy is metered.",
            ),
            "brain_scope": Choice(
                {"atp": "Signalling, as ATP", "glucose": "Glucose", "body": "Whole body"},
                "Where the brain's energy is metered.",
            ),
            "language_task": Choice(
                {"speaking": "Speaking", "writing": "Writing", "reading": "Reading"},
                "What the person does, against tokens written or (for reading) read.",
            ),
            "hidden_tokens": Number(0, 1000, "1", False, "Reasoning tokens spent for each token of the answer."),
            "events": Choice(
                {"events": "Only events", "every_step": "Every synapse, each step"},
                "Which synapses the machine evaluates.",
            ),
            "channel": Choice(
                {"memory": "Memory to chip", "chips": "Chip to chip", "racks": "Rack to rack"},
                "Which bit of the machine is moved.",
            ),
            "brain_bit": Choice(
                {"sent": "Bit sent", "delivered": "Bit delivered to each receiver"},
                "Which bit of the brain it is compared with.",
            ),
            "run": Choice(catalogue.labels("run"), "The training run that is compared with growing up."),
            "copies": Number(1, 1e10, "people", True, "People who share what one training run learned."),
        }
    )


@dataclass(frozen=True, slots=True)
class Scenario:
    """All that a user can choose; see `field_rules` for what each field may hold.

    Raises
    ------
    ScenarioError
        If a field is outside its rule; the message names the field, the value and what is allowed.
    """

    system: str = "colossus_1"
    chip: str = "h100"
    chip_count: Floats = 100_000.0
    model: str = "llama31_70b"
    workload: str = "decode"
    bits: Floats = 16.0
    density: Floats = 1.0
    movement: str = "off_chip"
    execution: str = "matrix"
    utilisation: Floats = fact(START_OF["utilisation"]).si
    pue: Floats = fact(START_OF["pue"]).si
    engine: str = "graphs_2025"
    batch: Floats = fact(START_OF["batch"]).si
    context_tokens: Floats = fact(START_OF["context_tokens"]).si
    brain_flop_per_s: Floats = fact(START_OF["brain_flop_per_s"]).si
    brain_flops_range: str = "published"
    machine_scope: str = "facility"
    brain_scope: str = "glucose"
    language_task: str = "speaking"
    hidden_tokens: Floats = 0.0
    events: str = "events"
    channel: str = "memory"
    brain_bit: str = "sent"
    run: str = "llama31_405b"
    copies: Floats = 1.0

    def __post_init__(self) -> None:
        for name, rule in field_rules().items():
            value = getattr(self, name)
            if isinstance(rule, Choice):
                if not isinstance(value, str) or value not in rule.options:
                    raise ScenarioError(f"{name} is {value!r}; allowed: {', '.join(rule.options)}")
            elif type(value) is float:
                if not rule.low <= value <= rule.high:
                    raise ScenarioError(f"{name} is {value!r}; allowed: {rule.allowed()}")
            else:
                object.__setattr__(self, name, _checked_number(name, value, rule))
        _check_bits(self.bits)

    def is_scalar(self) -> bool:
        """Say whether no field is an array.

        Returns
        -------
        bool
            True when the scenario is one point; only then is it hashable.

        Notes
        -----
        Figures and links show one point; sweeps and samples hold arrays.

        References
        ----------
        MODEL.md, The ledger.

        Examples
        --------
        >>> Scenario().is_scalar()
        True
        """
        return not any(isinstance(getattr(self, f.name), np.ndarray) for f in fields(self))

    def is_as_built(self) -> bool:
        """Say whether the machine does its work as it is built to.

        Returns
        -------
        bool
            False where work is left out, weights travel less far, or instructions start more or less arithmetic.

        Notes
        -----
        Nothing else has been measured of a real chip.

        References
        ----------
        MODEL.md, The ledger.

        Examples
        --------
        >>> Scenario().is_as_built(), Scenario(density=0.5).is_as_built()
        (True, False)
        """
        usual = Scenario()
        return all(getattr(self, name) == getattr(usual, name) for name in ("density", "movement", "execution"))


def _checked_number(name: str, value: Any, rule: Number) -> Floats:
    if isinstance(value, (bool, str)):
        raise ScenarioError(f"{name} is {value!r}; allowed: a number, {rule.allowed()}")
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise ScenarioError(f"{name} is {value!r}; allowed: a number, {rule.allowed()}") from None
    if array.size == 0:
        raise ScenarioError(f"{name} is empty; allowed: {rule.allowed()}")
    # A comparison with NaN is false, so this refuses NaN too.
    if not (array.min() >= rule.low and array.max() <= rule.high):
        outside = array[~((array >= rule.low) & (array <= rule.high))].flat[0]
        raise ScenarioError(f"{name} is {float(outside)!r}; allowed: {rule.allowed()}")
    return float(array) if array.ndim == 0 else array


def _check_bits(bits: Floats) -> None:
    if isinstance(bits, float):
        if bits not in BITS:
            raise ScenarioError(f"bits is {bits!r}; allowed: {', '.join(f'{b:g}' for b in BITS)}")
    elif not np.isin(bits, BITS).all():
        outside = bits[~np.isin(bits, BITS)].flat[0]
        raise ScenarioError(f"bits is {float(outside)!r}; allowed: {', '.join(f'{b:g}' for b in BITS)}")
