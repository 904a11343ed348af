"""Which records a result leans on, found by watching it being computed."""

from __future__ import annotations

import functools
from typing import Any, cast

from efficiency import arithmetic, catalogue
from efficiency.facts import fact, facts
from efficiency.inputs import FACT_OF, Inputs, central_inputs, fact_for
from efficiency.own import find
from efficiency.scenario import START_OF, Scenario
from efficiency.yardsticks import YARDSTICKS, Shared


class _Watched:
    """Inputs that remember which of their attributes were read."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.read: dict[str, None] = {}

    def __getattr__(self, name: str) -> Any:
        self.read[name] = None
        return getattr(self.inputs, name)


def attributes_behind(key: str, scenario: Scenario, inputs: Inputs) -> tuple[str, ...]:
    """List the inputs that a yardstick reads.

    Parameters
    ----------
    key : str
        Yardstick, or ``"ledger"`` for the ledger of the scenario's workload.
    scenario : Scenario
        Scalar fields; its choices decide what is read.
    inputs : Inputs
        Central values.

    Returns
    -------
    tuple of str
        Attributes of `Inputs`, in the order of `FACT_OF`.

    Notes
    -----
    The yardstick is run once on inputs that remember what was asked of them, so the list cannot fall behind the code.

    References
    ----------
    MODEL.md, The facts.

    Examples
    --------
    >>> from efficiency.gap import inputs_for
    >>> attributes_behind("nameplate", Scenario(), inputs_for(Scenario()))
    ('brain_power_w', 'site_power_w')
    """
    watched = _Watched(inputs)
    pretended = cast(Inputs, watched)
    if key == "ledger":
        _ = Shared(scenario, pretended).energies
    else:
        YARDSTICKS[key](scenario, pretended, Shared(scenario, pretended))
    return tuple(name for name in FACT_OF if name in watched.read)


@functools.lru_cache(maxsize=512)
def facts_behind(key: str, scenario: Scenario) -> tuple[str, ...]:
    """List the records that a yardstick, or the ledger, leans on.

    Parameters
    ----------
    key : str
        Yardstick, or ``"ledger"`` for the ledger of the scenario's workload.
    scenario : Scenario
        Scalar fields.

    Returns
    -------
    tuple of str
        Fact keys, without repeats.

    Notes
    -----
    The inputs it reads, and where it computes with a chip or a model, the operation energies and the architecture.

    References
    ----------
    `attributes_behind`.

    Examples
    --------
    >>> "brain.flops" in facts_behind("compute", Scenario()), "brain.flops" in facts_behind("ledger", Scenario())
    (True, False)
    """
    bits = float(scenario.bits)
    chosen = (scenario.system, scenario.chip, scenario.run, bits)
    read = attributes_behind(key, scenario, central_inputs(*chosen, scenario.engine))
    keys = [fact_for(name, *chosen, scenario.engine).key for name in read]
    if "chip.idle_share" in keys:
        keys.append(f"chip.{scenario.chip}.tdp")
    if "best_matrix_fraction" in read:
        keys += _chip_facts(scenario, bits)
    if "bandwidth_bytes_per_s" in read and scenario.movement == "on_chip":
        keys.append("on_chip.bandwidth")
    if "memory_path_j_per_bit" in read:
        keys.append("memory.hbm2_device")
    if "wire_j_per_bit_m" in read:
        keys.append("wire.above_die" if scenario.movement == "stacked" else "wire.across_die")
    if "memory_bytes" in read:
        keys.append("serving.memory_fill")
    if "tokens_per_chip_step" in read or "layer_launch_s" in read:
        keys += _model_facts(scenario.model)
        keys.append("serving.cache_bits")
    if "layer_launch_s" in read:
        keys += ["serving.activation_bytes", "serving.host_overlap", "serving.tile_rows"]
    if "expert_launch_s" in read:
        keys.append("serving.independent_choice")
    if key == "stream":
        keys.append("stream.tokens_rate")
    keys += [fact_key for field, fact_key in START_OF.items() if _uses(field, read, scenario)]
    return tuple(dict.fromkeys(keys))


def _model_facts(model: str) -> tuple[str, ...]:
    """List the records of a model's shape."""
    thing = find(f"model.{model}")
    return tuple(thing.facts) if thing else _shipped_facts(f"model.{model}.")


@functools.lru_cache(maxsize=256)
def _shipped_facts(start: str) -> tuple[str, ...]:
    return tuple(name for name in facts() if name.startswith(start))


def _uses(field: str, read: tuple[str, ...], scenario: Scenario) -> bool:
    """Tell whether a setting matters that still stands where a record put it."""
    if getattr(scenario, field) != fact(START_OF[field]).si:
        return False
    if field == "pue":
        return scenario.machine_scope == "facility" and bool({"tdp_w", "memory_path_j_per_bit"} & set(read))
    reader = {
        "utilisation": "work_ratio",
        "batch": "layer_launch_s",
        "context_tokens": "layer_launch_s",
        "brain_flop_per_s": "brain_flop_per_s",
    }[field]
    return reader in read


def _chip_facts(scenario: Scenario, bits: float) -> list[str]:
    """List the records behind the energy of a FLOP that do not come through `Inputs`."""
    chip = catalogue.chip(scenario.chip)
    native = chip.native_bits[bits]
    # Operand delivery is what the measured total of matrix instructions leaves over, so their overhead counts
    # whatever instructions are chosen.
    keys = [
        *arithmetic.facts_behind(native, scenario.execution),
        *arithmetic.facts_behind(native, "matrix"),
        "chip.node_unknown" if chip.node_m is None else f"chip.{chip.key}.node",
    ]
    if scenario.execution in ("scalar", "packed") and chip.native_bits[32.0] == 32.0:
        keys.append(chip.peak_fact[32.0])
    return keys
