"""Numbers that follow from the records: computed here, never retyped, and shown with the sources they join."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from efficiency import brain
from efficiency.arithmetic import landauer_energy_j
from efficiency.arrays import Floats
from efficiency.facts import Fact, fact, facts
from efficiency.inputs import Inputs, central_inputs
from efficiency.precision_history import cmos_headroom
from efficiency.units import JOULES_PER_MWH, SECONDS_PER_YEAR


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a derived record is computed: from which records, by which words and which function.

    ``carries`` names the parent that it is proportional to and whose range it therefore has; none for no range.
    """

    key: str
    label: str
    unit: str
    parents: tuple[str, ...]
    place: str
    value: Callable[[Inputs], Floats]
    carries: str = ""


_BRAIN: Final = ("brain.power",)
_SPOKEN: Final = ("brain.power", "human.speaking_rate", "human.tokens_per_word")
_SENT: Final = ("cortex.power_communication", "cortex.neurons", "cortex.bits_per_neuron_per_s")

_RULES: Final = (
    _Rule(
        "brain.energy_30_years", "Energy of a brain over 30 years", "MWh", _BRAIN,
        "power times 30 Julian years",
        lambda i: brain.lifetime_energy_j("glucose", 30 * SECONDS_PER_YEAR, i) / JOULES_PER_MWH,
    ),
    _Rule(
        "brain.energy_per_synaptic_event", "Energy of one synaptic event, all of the brain charged to it", "pJ",
        (*_BRAIN, "brain.synapses", "brain.firing_rate"), "power over synapses times rate",
        lambda i: brain.synaptic_event_energy_j("glucose", i) * 1e12,
    ),
    _Rule(
        "cortex.energy_per_bit_sent", "Energy of one bit sent by a cortical neuron, as ATP", "pJ/bit", _SENT,
        "communication power over neurons times bits per second",
        lambda i: brain.sent_bit_energy_j("atp", i) * 1e12,
    ),
    _Rule(
        "cortex.energy_per_bit_delivered", "Energy of one bit delivered to one receiver, as ATP", "fJ/bit",
        (*_SENT, "cortex.receivers_per_neuron"), "energy per bit sent over receivers",
        lambda i: brain.delivered_bit_energy_j("atp", i) * 1e15,
    ),
    _Rule(
        "human.energy_per_token_spoken", "Energy of one token spoken", "J/token", _SPOKEN,
        "power over words per second times tokens per word",
        lambda i: brain.token_energy_j("speaking", "glucose", i),
    ),
    _Rule(
        "brain.atp_signalling_power", "Power of the brain's signalling, as ATP", "W",
        (*_BRAIN, "brain.atp_yield", "brain.housekeeping_share"),
        "power times ATP yield times one less housekeeping",
        lambda i: brain.brain_power_w("atp", i),
    ),
    _Rule(
        "brain.storage", "Bytes that the synapses could hold", "TB",
        ("brain.synapses", "brain.bits_per_synapse"), "synapses times bits over 8",
        lambda i: brain.stored_bytes(i) / 1e12,
    ),
    _Rule(
        "physics.landauer_310k", "Least energy to erase a bit at body temperature", "J/bit",
        ("physics.boltzmann", "brain.temperature"), "k T ln 2",
        lambda i: landauer_energy_j(fact("brain.temperature").si),
    ),
    _Rule(
        "grid.all_human_brains", "Power of all human brains", "GW",
        (*_BRAIN, "human.population"), "people times the brain's power",
        lambda i: fact("human.population").si * i.brain_power_w / 1e9,
        carries="brain.power",
    ),
    _Rule(
        "grid.datacentre_power_2024", "Mean power of the world's data centres, 2024", "GW",
        ("grid.datacentres_energy_2024",), "energy over one Julian year",
        lambda i: fact("grid.datacentres_energy_2024").si / SECONDS_PER_YEAR / 1e9,
        carries="grid.datacentres_energy_2024",
    ),
    _Rule(
        "limit.cmos_over_b200", "Energy of a B200's 4-bit operation over the limit of CMOS", "x",
        ("chip.b200.tdp", "chip.b200.peak_fp4", "limit.cmos_fp4_per_joule"), "power over peak rate, times the limit",
        lambda i: cmos_headroom("b200"),
    ),
)  # fmt: skip


@functools.cache
def derived() -> Mapping[str, Fact]:
    """Compute the derived records.

    Returns
    -------
    Mapping of str to Fact
        Kind "derived"; each joins the sources of the records it follows from, and is no better trusted than the
        least of them.

    Notes
    -----
    Central values. A record that is proportional to one uncertain parent has its range; the ranges of others are
    carried by the yardsticks, which draw their parents together.

    References
    ----------
    Each record's place says how it is computed.

    Examples
    --------
    >>> round(derived()["brain.energy_30_years"].value, 2)
    5.26
    """
    inputs = central_inputs("own", "h100", "llama31_405b", 16.0)
    return MappingProxyType({rule.key: _record(rule, inputs) for rule in _RULES})


def _record(rule: _Rule, inputs: Inputs) -> Fact:
    parents = [fact(key) for key in rule.parents]
    order = ("own", "primary", "secondary", "unconfirmed")
    value = float(rule.value(inputs))
    low = high = None
    if rule.carries:
        carried = fact(rule.carries)
        low, high = (value * end / carried.si for end in (carried.si_low, carried.si_high))
    return Fact(
        key=rule.key,
        label=rule.label,
        value=value,
        low=low,
        high=high,
        unit=rule.unit,
        kind="derived",
        sources=tuple(dict.fromkeys(s for p in parents for s in p.sources)),
        place=rule.place,
        year=None,
        trust=max((p.trust for p in parents), key=order.index),
        note="From " + ", ".join(rule.parents),
        origin="derived.py",
    )


@functools.cache
def records() -> Mapping[str, Fact]:
    """List every record the app can show, stored and derived.

    Returns
    -------
    Mapping of str to Fact
        Stored records in the order of their tables, then the derived ones.

    Notes
    -----
    The Sources page and the command line read this.

    References
    ----------
    `efficiency.facts.facts`, `derived`.

    Examples
    --------
    >>> records()["brain.energy_30_years"].kind
    'derived'
    """
    return MappingProxyType({**facts(), **derived()})
