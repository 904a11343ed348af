"""One decode step: what it reads, computes and sends, and how long that takes."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from efficiency import catalogue
from efficiency.arrays import Floats, larger
from efficiency.caches import attended_tokens, cache_bytes
from efficiency.compute import peak_flop_per_s
from efficiency.experts import expert_weights, fullest_chip, touched_share
from efficiency.facts import fact
from efficiency.inputs import Inputs
from efficiency.movement import bandwidth_bytes_per_s, collective_bytes_per_token, weight_bytes
from efficiency.scenario import Scenario

FLOP_PER_PARAMETER_FORWARD: Final = 2.0
TILE_ROWS: Final = fact("serving.tile_rows").si
_MEMORY_FILL: Final = fact("serving.memory_fill").si
_HOST_OVERLAP: Final = fact("serving.host_overlap").si
_ACTIVATIONS_OVER_WIDTH: Final = fact("serving.activation_bytes").si
_ACTIVATION_BYTES: Final = 2.0
# After attention and after the feed-forward network.
_SUMS_PER_LAYER: Final = 2.0


def replica_chips(
    scenario: Scenario, inputs: Inputs, caches: bool = True, stored_bytes: Floats | None = None
) -> Floats:
    """Chips that hold one copy of the model.

    Parameters
    ----------
    scenario : Scenario
        Model, bits, density, batch and context.
    inputs : Inputs
        Memory of a chip.
    caches : bool
        Whether the conversations' caches are held too: when serving, not in training.
    stored_bytes : float or ndarray, optional
        Weights that are held, if other than the scenario's [B].

    Returns
    -------
    float or ndarray
        Whole number of chips, at least 1 [1].

    Notes
    -----
    Memory sets the number; a server may use more for speed. A part of each chip's memory stays free for activations.

    References
    ----------
    `efficiency/data/chips.csv` for the memory.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> replica_chips(Scenario(), central_inputs("own", "h100", "gpt3", 16.0))
    3.0
    """
    model = catalogue.model(scenario.model)
    held = weight_bytes(model.parameters, scenario.bits, scenario.density) if stored_bytes is None else stored_bytes
    if caches:
        held = held + _cache_bytes(scenario, scenario.batch)
    return _chips_holding(held, inputs)


def _chips_holding(size_bytes: Floats, inputs: Inputs) -> Floats:
    chips = size_bytes / (_MEMORY_FILL * inputs.memory_bytes)
    return float(-(-chips // 1.0)) if isinstance(chips, float) else np.ceil(chips)


def _cache_bytes(scenario: Scenario, batch: Floats) -> Floats:
    return batch * cache_bytes(catalogue.model(scenario.model), scenario.bits, scenario.context_tokens)


class DecodeStep(NamedTuple):
    """What a decode step of the whole batch reads, computes and sends, over all chips of the copy [B, FLOP].

    ``waiting_bytes`` take time but no energy: all chips wait for the one with the most experts. ``activation_bytes``
    are those of one pass.
    """

    chips: Floats
    weight_bytes: Floats
    waiting_bytes: Floats
    cache_bytes: Floats
    activation_bytes: Floats
    flop: Floats
    link_bytes: Floats


def decode_step(scenario: Scenario, inputs: Inputs, batch: Floats, chips: Floats | None = None) -> DecodeStep:
    """Count the work of one decode step.

    Parameters
    ----------
    scenario : Scenario
        Model, bits, density, movement, context; its own batch sizes the machine.
    inputs : Inputs
        Memory of a chip.
    batch : float or ndarray
        Conversations decoded together [1].
    chips : float or ndarray, optional
        Chips of a copy, if other than those that hold the scenario's weights and caches [1].

    Returns
    -------
    DecodeStep
        All chips of a copy together [B, FLOP].

    Notes
    -----
    Weights are read once for the batch, of experts those that are touched; caches once for each conversation. A matrix
    unit computes whole tiles, so a batch smaller than a tile is padded, and each touched expert has tiles of its own.

    References
    ----------
    MODEL.md, The ledger and Serving.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> decode_step(Scenario(), central_inputs("own", "h100", "gpt3", 16.0), 64.0).weight_bytes
    141200000000.0
    """
    model = catalogue.model(scenario.model)
    whole = weight_bytes(model.parameters, scenario.bits, scenario.density)
    # The machine is built for the scenario's own batch.
    if chips is None:
        chips = _chips_holding(whole + _cache_bytes(scenario, scenario.batch), inputs)
    rows = larger(batch, TILE_ROWS)
    experts = expert_weights(model)
    if experts:
        touched = touched_share(model, batch)
        met = experts * touched
        read = weight_bytes(model.parameters - experts + met, scenario.bits, scenario.density)
        waiting = weight_bytes(met * (fullest_chip(model, chips, touched) - 1.0), scenario.bits, scenario.density)
        per_expert = batch * model.experts_active / (model.experts * touched)
        multiplied = (model.parameters - experts) * rows + met * (per_expert + TILE_ROWS)
    else:
        read, waiting, multiplied = whole, 0.0, rows * model.parameters
    if scenario.movement == "in_memory":
        read, waiting = 0.0 * read, 0.0 * waiting
    return DecodeStep(
        chips=chips,
        weight_bytes=read,
        waiting_bytes=waiting,
        cache_bytes=_cache_bytes(scenario, batch),
        activation_bytes=batch * _activation_bytes(scenario, chips),
        flop=multiplied * FLOP_PER_PARAMETER_FORWARD * scenario.density + batch * attention_flop(scenario),
        link_bytes=batch * collective_bytes_per_token(model, scenario.bits, chips, 1.0),
    )


def launch_s(scenario: Scenario, inputs: Inputs) -> Floats:
    """Time of a step that does not depend on its work.

    Parameters
    ----------
    scenario : Scenario
        Its model.
    inputs : Inputs
        Launch of a layer, and of its experts.

    Returns
    -------
    float or ndarray
        All layers together [s].

    Notes
    -----
    A layer with experts launches more kernels.

    References
    ----------
    `efficiency/data/fitted.csv`: layer_launch, expert_launch.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> 0.001 < launch_s(Scenario(), central_inputs("own", "h100", "gpt3", 16.0)) < 0.01
    True
    """
    model = catalogue.model(scenario.model)
    if model.experts_active < model.experts:
        return model.layers * (inputs.layer_launch_s + inputs.expert_launch_s)
    return model.layers * inputs.layer_launch_s


def bounds_s(
    step: DecodeStep, scenario: Scenario, inputs: Inputs, switching_j: Floats
) -> tuple[Floats, Floats, Floats]:
    """Time of a step by what may bound it: memory, compute and power.

    Parameters
    ----------
    step : DecodeStep
        Its work [B, FLOP].
    scenario : Scenario
        Chip, bits, movement, execution and engine.
    inputs : Inputs
        Rates, floor and times.
    switching_j : float or ndarray
        What the work costs beside the active floor [J].

    Returns
    -------
    tuple of float or ndarray
        Bound by memory, by compute, and by the chips' power limit [s].

    Notes
    -----
    Collectives and launches come on top of memory and compute, because the next layer waits for them; without graphs
    the step takes at least its launches.

    References
    ----------
    MODEL.md, Serving.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> memory_s, compute_s, power_s = bounds_s(decode_step(Scenario(), inputs, 64.0), Scenario(), inputs, 10.0)
    >>> bool(compute_s < memory_s)
    True
    """
    bandwidth = bandwidth_bytes_per_s(scenario.movement, inputs) * inputs.bandwidth_efficiency
    rate = peak_flop_per_s(scenario, inputs) * inputs.best_matrix_fraction
    room_w = (1.0 - inputs.active_floor) * inputs.tdp_w
    share = 1.0 / step.chips
    fixed_s = launch_s(scenario, inputs)
    # A link's published rate counts both directions.
    link_s = step.link_bytes * share / (inputs.link_bytes_per_s / 2.0) + _agreement_s(step, scenario, inputs)
    moved = step.weight_bytes + step.waiting_bytes + step.cache_bytes + step.activation_bytes
    memory_s = moved * share / bandwidth + link_s
    compute_s = step.flop * share / rate + link_s
    if scenario.engine == "eager":
        # Launched one by one, the next kernel waits for its call, not for the one before.
        return larger(memory_s, fixed_s), larger(compute_s, fixed_s), switching_j * share / room_w
    return memory_s + fixed_s, compute_s + fixed_s, switching_j * share / room_w


def _agreement_s(step: DecodeStep, scenario: Scenario, inputs: Inputs) -> Floats:
    """Time in which the chips of a copy find each other, however little they say.

    Two sums a layer, doubling by doubling; hosts of 2024 also work through each layer once for each doubling.
    """
    if isinstance(step.chips, float) and step.chips == 1.0:
        return 0.0
    per_layer = _SUMS_PER_LAYER * inputs.all_reduce_s
    if scenario.engine == "graphs_2024":
        per_layer = per_layer + inputs.rank_host_s
    doublings = np.log2(step.chips)
    return catalogue.model(scenario.model).layers * per_layer * doublings


def with_host_s(device_s: Floats, host_s: Floats, engine: str) -> Floats:
    """Time of a step with the host's work for each conversation.

    Parameters
    ----------
    device_s, host_s : float or ndarray
        Times of the chips and of the host [s].
    engine : {"graphs_2025", "graphs_2024", "eager"}
        Generation of the serving software.

    Returns
    -------
    float or ndarray
        Together [s].

    Notes
    -----
    Software of 2025 overlaps them in part, older one works in turn.

    References
    ----------
    `efficiency/data/serving.csv`: serving.host_overlap.

    Examples
    --------
    >>> with_host_s(2.0, 1.0, "graphs_2024"), 2.0 < with_host_s(2.0, 1.0, "graphs_2025") < 3.0
    (3.0, True)
    """
    if engine != "graphs_2025":
        return device_s + host_s
    return (_overlapped(device_s) + _overlapped(host_s)) ** (1.0 / _HOST_OVERLAP)


def _overlapped(time_s: Floats) -> Floats:
    # A square root is several times faster than a general power on the long arrays of a sweep.
    return time_s * time_s**0.5 if _HOST_OVERLAP == 1.5 else time_s**_HOST_OVERLAP


def _activation_bytes(scenario: Scenario, chips: Floats) -> Floats:
    """Traffic of one unfused pass of a token's activations through all layers [B]."""
    model = catalogue.model(scenario.model)
    if model.experts_active < model.experts:
        # A layer with experts has no wide dense part; each chosen expert has a narrow one. Every chip keeps a slot for
        # all that a token chose; where layers are split inside their experts, as before 2025, only of their sums.
        slots = chips if scenario.engine == "graphs_2025" else 1.0
        chosen = 4.0 * model.hidden * chips + 5.0 * model.expert_width * slots
        values = 20.0 * model.hidden + model.experts_active * chosen
        return _ACTIVATION_BYTES * values * model.layers
    return _ACTIVATION_BYTES * _ACTIVATIONS_OVER_WIDTH * model.hidden * model.layers


def attention_flop(scenario: Scenario) -> Floats:
    """FLOP with which one token attends to the whole context.

    Parameters
    ----------
    scenario : Scenario
        Model and context.

    Returns
    -------
    float or ndarray
        Forward, all layers [FLOP].

    Notes
    -----
    Queries with keys and weights with values: 4 per head, head size, layer and token attended to; with a compressed
    cache its latent takes the place of the head.

    References
    ----------
    .. [1] Kaplan, J. et al., "Scaling Laws for Neural Language Models", arXiv:2001.08361, table 1.

    Examples
    --------
    >>> attention_flop(Scenario(context_tokens=1.0)) == 4 * 64 * 128 * 80
    True
    """
    model = catalogue.model(scenario.model)
    per_context = model.heads * (model.latent or model.head_size) * model.attention_layers
    return 4.0 * per_context * attended_tokens(model, scenario.context_tokens)
