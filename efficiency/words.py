"""The plain words for what the model computes: names, units of work, and where a range comes from."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from efficiency import catalogue
from efficiency.arrays import Floats
from efficiency.brain import stored_bytes
from efficiency.inputs import Inputs
from efficiency.say import power_of_ten, quantity
from efficiency.scenario import Scenario
from efficiency.units import SECONDS_PER_YEAR
from efficiency.yardsticks import Shared, is_too_slow

NAMES: Final = MappingProxyType(
    {
        "nameplate": "Nameplate",
        "memory": "Memory",
        "learning": "Learning",
        "compute": "Compute",
        "synapse": "Synaptic event",
        "communication": "Communication",
        "stream": "Stream",
        "token": "Token",
    }
)
"""Yardstick to its name, in the order of `efficiency.yardsticks.YARDSTICKS`."""

UNITS_OF_YARDSTICKS: Final = MappingProxyType(
    {
        "nameplate": "W",
        "memory": "W",
        "learning": "J",
        "compute": "W",
        "synapse": "J",
        "communication": "J/bit",
        "stream": "W",
        "token": "J",
    }
)
"""Yardstick to the SI unit of its two sides."""

DRIVER_WORDS: Final = MappingProxyType(
    {
        "brain_power_w": "the brain’s power",
        "body_power_w": "the body’s power",
        "atp_yield": "ATP per glucose",
        "housekeeping_share": "the brain’s housekeeping",
        "brain_flop_per_s": "the brain’s FLOP/s",
        "synapses": "the number of synapses",
        "firing_rate_hz": "the firing rate",
        "step_rate_hz": "the simulation step",
        "bits_per_synapse": "bits per synapse",
        "cortex_neurons": "neurons of the cortex",
        "communication_power_w": "the cortex’s signalling power",
        "bits_per_neuron_per_s": "bits per neuron",
        "receivers_per_neuron": "receivers per neuron",
        "learning_s": "the years of learning",
        "speaking_words_per_s": "how fast people speak",
        "writing_words_per_s": "how fast people write",
        "reading_words_per_s": "how fast people read",
        "tokens_per_word": "tokens per word",
        "memory_device_j_per_bit": "energy of the memory device",
        "memory_path_j_per_bit": "energy of the memory path",
        "stacked_device_j_per_bit": "energy of stacked memory",
        "sram_j_per_bit": "energy of on-chip memory",
        "cache_j_per_bit": "energy of the cache",
        "wire_j_per_bit_m": "energy of a wire",
        "chip_link_j_per_bit": "energy of the chip link",
        "rack_link_j_per_bit": "energy of the optical link",
        "stacked_bandwidth_gain": "bandwidth of stacked memory",
        "bandwidth_efficiency": "achieved bandwidth",
        "layer_launch_s": "the time of a launch",
        "expert_launch_s": "the time of launching experts",
        "sequence_host_s": "the host of the serving software",
        "all_reduce_s": "the time in which chips agree on a sum",
        "rank_host_s": "the host's time for each further chip",
        "activation_passes": "traffic of activations",
        "software_factor": "the serving software",
        "active_floor": "static power",
        "work_ratio": "extra work in training",
        "goodput": "lost work",
        "tokens_per_chip_step": "tokens per step",
        "host_share": "host power",
        "host_idle_share": "power of idle hosts",
        "network_share": "network power",
        "idle_share": "idle machines",
        "site_power_w": "the site’s published power",
        "tdp_w": "the chip’s power limit",
        "idle_power_w": "the chip’s idle power",
        "memory_bytes": "the chip’s memory",
        "bandwidth_bytes_per_s": "the chip’s bandwidth",
        "link_bytes_per_s": "the chip’s links",
        "best_matrix_fraction": "achieved peak",
        "peak_factor": "the chip’s peak rate",
        "run_flop": "the run’s FLOP",
    }
)
"""Attribute of `efficiency.inputs.Inputs` to the words for "the range comes mostly from"."""

_TASK_WORDS: Final = {"speaking": "spoken", "writing": "written", "reading": "read"}


def unit_of_work(key: str, scenario: Scenario, brain_side: Floats, inputs: Inputs, common: Shared) -> str:
    """Say in a few words what a yardstick compares, with the brain's figure.

    Parameters
    ----------
    key : str
        Yardstick.
    scenario : Scenario
        Scalar fields.
    brain_side : float
        What the brain needs, in the yardstick's SI unit.
    inputs : Inputs
        Central values.
    common : Shared
        What the yardsticks share, at central values.

    Returns
    -------
    str
        At most about 40 characters, so that it fits above a bar on a phone.

    Raises
    ------
    KeyError
        If there is no such yardstick.

    Notes
    -----
    The scope of the brain's figure is the scenario's, and stands in the page's caption.

    References
    ----------
    MODEL.md, The yardsticks.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "llama31_405b", 16.0)
    >>> unit_of_work("token", Scenario(), 6.015, inputs, Shared(Scenario(), inputs))
    'one token spoken, 6 J'
    """
    figure = quantity(float(brain_side), UNITS_OF_YARDSTICKS[key].removesuffix("/bit"), 2)
    if key == "nameplate":
        whole = "your chips" if scenario.system == "own" else "a whole site"
        return f"{whole}, not the same work"
    if key == "memory":
        return f"hold and sweep {quantity(float(stored_bytes(inputs)), 'B', 2)}"
    if key == "learning":
        run = catalogue.labels("run")[scenario.run]
        shared = "" if scenario.copies == 1 else f" shared by {quantity(float(scenario.copies), '1', 2)}"
        return f"{run}{shared}, {inputs.learning_s / SECONDS_PER_YEAR:.0f} years"
    if key == "compute":
        return f"brain at {power_of_ten(float(scenario.brain_flop_per_s))} FLOP/s"
    if key == "synapse":
        steps = " each step" if scenario.events == "every_step" else ""
        return f"one multiply-add{steps}, {figure}"
    if key == "communication":
        return f"one bit {scenario.brain_bit}, {figure}"
    if key == "stream":
        slow = ", under 10 tokens/s" if is_too_slow(scenario, inputs, common) else ""
        return f"one conversation{slow}, {figure}"
    if key == "token":
        return f"one token {_TASK_WORDS[scenario.language_task]}, {figure}"
    raise KeyError(key)
