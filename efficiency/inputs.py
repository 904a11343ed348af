"""The facts a scenario leans on, at their central values or as seeded samples.

One attribute is one fact, so one draw of it is shared by every yardstick that uses it. `FACT_OF` is the only place
where the model's names meet the tables' keys.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from efficiency import catalogue
from efficiency.arrays import Floats, larger
from efficiency.facts import Fact, facts
from efficiency.sampling import sample

ENGINE: Final = "graphs_2025"
"""Serving software where nothing else is said."""

FACT_OF: Final = MappingProxyType(
    {
        # The brain
        "brain_power_w": "brain.power",
        "body_power_w": "brain.power_whole_body",
        "atp_yield": "brain.atp_yield",
        "housekeeping_share": "brain.housekeeping_share",
        "brain_flop_per_s": "brain.flops",
        "synapses": "brain.synapses",
        "firing_rate_hz": "brain.firing_rate",
        "step_rate_hz": "brain.step_rate",
        "bits_per_synapse": "brain.bits_per_synapse",
        "cortex_neurons": "cortex.neurons",
        "communication_power_w": "cortex.power_communication",
        "bits_per_neuron_per_s": "cortex.bits_per_neuron_per_s",
        "receivers_per_neuron": "cortex.receivers_per_neuron",
        "learning_s": "brain.learning_years",
        "speaking_words_per_s": "human.speaking_rate",
        "writing_words_per_s": "human.writing_rate",
        "reading_words_per_s": "human.reading_rate",
        "tokens_per_word": "human.tokens_per_word",
        # Movement
        "memory_device_j_per_bit": "{memory}",
        "memory_path_j_per_bit": "fitted.serving.memory_energy",
        "stacked_device_j_per_bit": "memory.hbm_stacked_modelled",
        "sram_j_per_bit": "memory.sram7_1mb",
        "cache_j_per_bit": "wire.word_llc",
        "wire_j_per_bit_m": "wire.on_chip",
        "chip_link_j_per_bit": "link.nvlink",
        "rack_link_j_per_bit": "link.optical_pluggable",
        # Running a machine
        "stacked_bandwidth_gain": "stacked.bandwidth_gain",
        "bandwidth_efficiency": "serving.bandwidth_efficiency",
        "layer_launch_s": "{launch}",
        "expert_launch_s": "fitted.serving.expert_launch",
        "sequence_host_s": "{host}",
        "all_reduce_s": "serving.all_reduce",
        "rank_host_s": "fitted.serving.rank_host_plain",
        "activation_passes": "fitted.serving.activation_passes",
        "software_factor": "serving.software_spread",
        "active_floor": "fitted.serving.active_floor",
        "work_ratio": "training.hardware_work_ratio",
        "goodput": "training.goodput",
        "tokens_per_chip_step": "training.tokens_per_chip_step",
        "host_share": "facility.host_share",
        "host_idle_share": "facility.host_idle_share",
        "network_share": "facility.network_share",
        "idle_share": "facility.idle_share",
        # The chosen things
        "site_power_w": "system.{system}.power",
        "tdp_w": "chip.{chip}.tdp",
        "idle_power_w": "chip.{chip}.idle_power",
        "memory_bytes": "chip.{chip}.memory",
        "bandwidth_bytes_per_s": "chip.{chip}.memory_bandwidth",
        "link_bytes_per_s": "chip.{chip}.link_bandwidth",
        "best_matrix_fraction": "chip.{chip}.best_matrix_fraction",
        "peak_factor": "{peak}",
        "run_flop": "run.{run}.flop",
    }
)
"""Attribute of `Inputs` to fact key; braces are filled with the scenario's choices."""

_DEVICE_OF: Final = MappingProxyType({"hbm": "memory.hbm2_device", "gddr": "memory.gddr6", "ddr": "memory.ddr4"})

LAUNCH_OF: Final = MappingProxyType(
    {
        "graphs_2025": "fitted.serving.layer_launch",
        "graphs_2024": "fitted.serving.layer_launch",
        "eager": "fitted.serving.layer_launch_eager",
    }
)
HOST_OF: Final = MappingProxyType(
    {
        "graphs_2025": "fitted.serving.sequence_host",
        "graphs_2024": "fitted.serving.sequence_host_plain",
        "eager": "fitted.serving.sequence_host_plain",
    }
)

ON_CHIP: Final = MappingProxyType(
    {
        "layer_launch_s": "on_chip.layer_time",
        "expert_launch_s": "on_chip.expert_time",
        "rank_host_s": "on_chip.rank_time",
        "sequence_host_s": "on_chip.sequence_time",
    }
)
"""Software times of a chip that holds the model in memory on its die, in place of those fitted to servers of GPUs."""

_FALL_BACK: Final = MappingProxyType(
    {
        "best_matrix_fraction": "chip.best_matrix_fraction",
        "link_bytes_per_s": "link.bandwidth_unknown",
        "idle_power_w": "chip.idle_share",
        "site_power_w": "chip.{chip}.tdp",
    }
)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Facts in SI units, each a float or one sample per row; see `FACT_OF` for where each comes from.

    ``brain_flop_per_s`` is the published central value; a scenario's own choice scales it. ``peak_factor`` is the
    published peak over itself at central, so 1 with its range. ``switching_gain`` is 1 unless a lever changes the
    process. Energies per bit in [J/bit], wires in [J/bit/m].
    """

    brain_power_w: Floats
    body_power_w: Floats
    atp_yield: Floats
    housekeeping_share: Floats
    brain_flop_per_s: Floats
    synapses: Floats
    firing_rate_hz: Floats
    step_rate_hz: Floats
    bits_per_synapse: Floats
    cortex_neurons: Floats
    communication_power_w: Floats
    bits_per_neuron_per_s: Floats
    receivers_per_neuron: Floats
    learning_s: Floats
    speaking_words_per_s: Floats
    writing_words_per_s: Floats
    reading_words_per_s: Floats
    tokens_per_word: Floats
    memory_device_j_per_bit: Floats
    memory_path_j_per_bit: Floats
    stacked_device_j_per_bit: Floats
    sram_j_per_bit: Floats
    cache_j_per_bit: Floats
    wire_j_per_bit_m: Floats
    chip_link_j_per_bit: Floats
    rack_link_j_per_bit: Floats
    stacked_bandwidth_gain: Floats
    bandwidth_efficiency: Floats
    layer_launch_s: Floats
    expert_launch_s: Floats
    sequence_host_s: Floats
    all_reduce_s: Floats
    rank_host_s: Floats
    activation_passes: Floats
    software_factor: Floats
    active_floor: Floats
    work_ratio: Floats
    goodput: Floats
    tokens_per_chip_step: Floats
    host_share: Floats
    host_idle_share: Floats
    network_share: Floats
    idle_share: Floats
    site_power_w: Floats
    tdp_w: Floats
    idle_power_w: Floats
    memory_bytes: Floats
    bandwidth_bytes_per_s: Floats
    link_bytes_per_s: Floats
    best_matrix_fraction: Floats
    peak_factor: Floats
    run_flop: Floats
    switching_gain: Floats = 1.0


def fact_for(attribute: str, system: str, chip: str, run: str, bits: float, engine: str = ENGINE) -> Fact:
    """Find the record behind an attribute of `Inputs` for the chosen things.

    Parameters
    ----------
    attribute : str
        Name of a field of `Inputs`.
    system, chip, run : str
        Short keys, as in a `Scenario`.
    bits : float
        Width of a number [bit]; it decides which peak rate is meant.
    engine : {"graphs_2025", "graphs_2024", "eager"}
        Generation of the serving software.

    Returns
    -------
    Fact
        The thing's own record, or the generic one where nobody has published it.

    Raises
    ------
    FactError
        If neither exists.

    Notes
    -----
    Generic records exist for idle power (a share of TDP), best matrix throughput and links; a system of your own
    has no published power, so its chip's TDP stands in and is multiplied by the count. The software times are fitted to
    GPUs whose host launches kernels; a chip with its memory on the die has others.

    References
    ----------
    `efficiency/data`.

    Examples
    --------
    >>> fact_for("tdp_w", "own", "h100", "gpt3", 16.0).key
    'chip.h100.tdp'
    """
    found = catalogue.chip(chip)
    keys = ON_CHIP if found.memory_on_chip and attribute in ON_CHIP else FACT_OF
    key = keys[attribute].format(
        system=system,
        chip=chip,
        run=run,
        peak=found.peak_fact[bits],
        memory=_DEVICE_OF[found.memory_kind],
        launch=LAUNCH_OF[engine],
        host=HOST_OF[engine],
    )
    if key not in facts() and attribute in _FALL_BACK:
        key = _FALL_BACK[attribute].format(chip=chip)
    return facts()[key]


@functools.lru_cache(maxsize=256)
def central_inputs(system: str, chip: str, run: str, bits: float, engine: str = ENGINE) -> Inputs:
    """Take every fact at its central value.

    Parameters
    ----------
    system, chip, run : str
        Short keys, as in a `Scenario`.
    bits : float
        Width of a number [bit].
    engine : {"graphs_2025", "graphs_2024", "eager"}
        Generation of the serving software.

    Returns
    -------
    Inputs
        Floats, in SI units.

    Notes
    -----
    A chip without a published idle power gets the generic share of its TDP. Cached: a slider asks for it again and
    again.

    References
    ----------
    `efficiency/data`.

    Examples
    --------
    >>> central_inputs("own", "h100", "gpt3", 16.0).tdp_w
    700.0
    """
    values = {name: fact_for(name, system, chip, run, bits, engine).si for name in FACT_OF}
    return _finish(values, system, chip, run, bits)


def inputs_at(
    columns: Mapping[str, npt.NDArray[np.float64]], system: str, chip: str, run: str, bits: float, engine: str = ENGINE
) -> Inputs:
    """Place every fact that has a range where a column of normal draws says.

    Parameters
    ----------
    columns : Mapping of str to ndarray
        Attribute to standard normal draws, fitted coefficients mixed already [1].
    system, chip, run : str
        Short keys, as in a `Scenario`.
    bits : float
        Width of a number [bit].
    engine : {"graphs_2025", "graphs_2024", "eager"}
        Generation of the serving software.

    Returns
    -------
    Inputs
        Arrays along the draws where the fact has a range, else floats; SI units.

    Notes
    -----
    A draw of 0 is the central value.

    References
    ----------
    `efficiency.sampling`.

    Examples
    --------
    >>> at_centre = {name: np.zeros(1) for name in FACT_OF}
    >>> bool(np.isclose(inputs_at(at_centre, "own", "h100", "gpt3", 16.0).synapses[0], 1.5e14))
    True
    """
    values: dict[str, Floats] = {}
    for name, column in columns.items():
        record = fact_for(name, system, chip, run, bits, engine)
        values[name] = sample(record, column) if record.has_range else record.si
    return _finish(values, system, chip, run, bits)


def _finish(values: Mapping[str, Floats], system: str, chip: str, run: str, bits: float) -> Inputs:
    done = dict(values)
    if fact_for("idle_power_w", system, chip, run, bits).key == _FALL_BACK["idle_power_w"]:
        done["idle_power_w"] = done["idle_power_w"] * done["tdp_w"]
    peak = fact_for("peak_factor", system, chip, run, bits)
    done["peak_factor"] = done["peak_factor"] / peak.si
    # The hardware never does less work than is useful, which a draw below its low end would say.
    done["work_ratio"] = larger(done["work_ratio"], 1.0)
    return Inputs(**done)
