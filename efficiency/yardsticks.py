"""Eight ways to measure the distance, because the answer depends on the yardstick.

Each returns what the machine needs and what the brain needs for the same unit of work; their ratio is the gap.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from efficiency import brain, catalogue
from efficiency.arrays import Floats, larger, smaller
from efficiency.decode_step import TILE_ROWS, launch_s
from efficiency.facts import fact
from efficiency.inputs import Inputs
from efficiency.ledger import Energies, host_share
from efficiency.movement import BITS_PER_BYTE, memory_bit_energy
from efficiency.scenario import Scenario
from efficiency.workloads import decode_energies, decode_step_s, prefill_energies, training_energies

LEAST_TOKENS_PER_S: Final = fact("stream.tokens_rate").si
"""A conversation slower than this does not count as one."""

_MEMORY_FILL: Final = fact("serving.memory_fill").si


class Sides(NamedTuple):
    """Machine and brain at the same unit of work, both in the yardstick's unit."""

    machine: Floats
    brain: Floats

    def ratio(self) -> Floats:
        """Return how many times the brain's need the machine's is.

        Returns
        -------
        float or ndarray
            Machine over brain [1].

        Notes
        -----
        Below 1 the machine wins.

        References
        ----------
        MODEL.md, The yardsticks.

        Examples
        --------
        >>> Sides(40.0, 20.0).ratio()
        2.0
        """
        return self.machine / self.brain


class Shared:
    """What several yardsticks need of one scenario, each part computed when it is first asked for.

    Parameters
    ----------
    scenario : Scenario
        All of it.
    inputs : Inputs
        Facts, central or sampled.

    Notes
    -----
    A delivered FLOP is a useful one of training at the scenario's utilisation.

    References
    ----------
    `efficiency.workloads`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> Shared(Scenario(), central_inputs("own", "h100", "gpt3", 16.0)).brain_power_w
    20.0
    """

    def __init__(self, scenario: Scenario, inputs: Inputs) -> None:
        self._scenario = scenario
        self._inputs = inputs

    @functools.cached_property
    def training(self) -> tuple[Energies, Floats]:
        """Ledger of a token trained on [J] and its useful FLOP [FLOP]."""
        return training_energies(self._scenario, self._inputs)

    @functools.cached_property
    def flop_j(self) -> Floats:
        """Energy per delivered FLOP [J]."""
        parts, flop = self.training
        return parts.total_j() / flop

    @functools.cached_property
    def prefill(self) -> Energies:
        """Ledger of a token read [J]."""
        return prefill_energies(self._scenario, self._inputs)[0]

    @functools.cached_property
    def decode(self) -> tuple[Energies, Floats]:
        """Ledger of a token written [J] and the time of a step [s]."""
        return decode_energies(self._scenario, self._inputs)

    @property
    def energies(self) -> Energies:
        """Ledger of the scenario's own workload [J per unit of work]."""
        if self._scenario.workload == "decode":
            return self.decode[0]
        return self.prefill if self._scenario.workload == "prefill" else self.training[0]

    @functools.cached_property
    def brain_power_w(self) -> Floats:
        """Power of the brain in the scenario's scope [W]."""
        return brain.brain_power_w(self._scenario.brain_scope, self._inputs)


def nameplate(scenario: Scenario, inputs: Inputs, common: Shared) -> Sides:
    """Compare a site's power with the brain's.

    Parameters
    ----------
    scenario : Scenario
        System (or chip and count), scopes and PUE.
    inputs : Inputs
        Facts, central or sampled.
    common : Shared
        One for all yardsticks.

    Returns
    -------
    Sides
        Power [W].

    Notes
    -----
    Not the same work: one site serves or trains for millions. A named system's published power covers a chip, a
    server or a facility (see `catalogue.system_scope`); in another scope it is scaled by what the scopes add. Your own
    system is its chips' power limit times what the scope adds.

    References
    ----------
    `efficiency/data/systems.csv`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("colossus_1", "h100", "gpt3", 16.0)
    >>> nameplate(Scenario(), inputs, Shared(Scenario(), inputs)).ratio()
    7500000.0
    """
    if scenario.system == "own":
        published = scenario.chip_count * inputs.tdp_w
        covers = catalogue.chip(scenario.chip).power_scope
    else:
        published = inputs.site_power_w
        covers = catalogue.system_scope(scenario.system)
    if covers != scenario.machine_scope:
        published = published * (
            _over_chips(scenario.machine_scope, scenario, inputs) / _over_chips(covers, scenario, inputs)
        )
    return Sides(published, common.brain_power_w)


def _over_chips(scope: str, scenario: Scenario, inputs: Inputs) -> Floats:
    """Power in a scope over that of its chips alone, all at their limits."""
    if scope == "chip":
        return 1.0
    server = 1.0 + inputs.host_share
    return server if scope == "server" else (server + inputs.network_share) * scenario.pue


def memory(scenario: Scenario, inputs: Inputs, common: Shared) -> Sides:
    """Compare holding and sweeping a brain's worth of memory.

    Parameters
    ----------
    scenario : Scenario
        Chip, movement, scopes and PUE.
    inputs : Inputs
        Facts, central or sampled.
    common : Shared
        One for all yardsticks.

    Returns
    -------
    Sides
        Power [W].

    Notes
    -----
    Enough idle chips to hold B bytes, each with its share of an idle host, of network and of cooling, plus 8 times the
    energy per bit times B for each of f sweeps a second; B is what the synapses could hold and f their mean rate.
    Weights that never move are swept in place.

    References
    ----------
    MODEL.md, The yardsticks.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("colossus_1", "h100", "gpt3", 16.0)
    >>> memory(Scenario(), inputs, Shared(Scenario(), inputs)).ratio() > 1e3
    True
    """
    size = brain.stored_bytes(inputs)
    bit = memory_bit_energy(scenario.movement, catalogue.chip(scenario.chip).memory_on_chip, inputs)
    idle_w = inputs.idle_power_w
    overhead: Floats = 1.0
    if scenario.machine_scope != "chip":
        idle_w = idle_w + host_share(scenario, inputs) * inputs.host_idle_share * inputs.tdp_w
    if scenario.machine_scope == "facility":
        idle_w = idle_w + inputs.network_share * inputs.tdp_w
        overhead = scenario.pue
    sweep_w = BITS_PER_BYTE * size * inputs.firing_rate_hz * (bit.device + bit.on_chip)
    if scenario.movement == "in_memory":
        sweep_w = 0.0 * sweep_w
    machine = overhead * (idle_w * size / (_MEMORY_FILL * inputs.memory_bytes) + sweep_w)
    return Sides(machine, common.brain_power_w)


def learning(scenario: Scenario, inputs: Inputs, common: Shared) -> Sides:
    """Compare a training run with growing up.

    Parameters
    ----------
    scenario : Scenario
        Run, copies, chip, utilisation and scopes.
    inputs : Inputs
        Facts, central or sampled.
    common : Shared
        One for all yardsticks.

    Returns
    -------
    Sides
        Energy [J].

    Notes
    -----
    The run's published FLOP at the scenario's energy per delivered FLOP, shared by those who use what it learned.

    References
    ----------
    `efficiency/data/training.csv`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("colossus_1", "h100", "llama31_405b", 16.0)
    >>> learning(Scenario(), inputs, Shared(Scenario(), inputs)).ratio() > 1e3
    True
    """
    machine = inputs.run_flop * common.flop_j / scenario.copies
    return Sides(machine, brain.lifetime_energy_j(scenario.brain_scope, inputs.learning_s, inputs))


def compute(scenario: Scenario, inputs: Inputs, common: Shared) -> Sides:
    """Compare the power of computing what the brain computes.

    Parameters
    ----------
    scenario : Scenario
        Brain FLOP/s, chip, utilisation and scopes.
    inputs : Inputs
        Facts, central or sampled.
    common : Shared
        One for all yardsticks.

    Returns
    -------
    Sides
        Power [W].

    Notes
    -----
    Conditional on functional equivalence: nobody knows the FLOP/s that match a brain, and the published spread is no
    90 % interval. The spread scales the scenario's own choice.

    References
    ----------
    .. [1] Carlsmith, J., "How Much Computational Power Does It Take to Match the Human Brain?" (2020).

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("colossus_1", "h100", "gpt3", 16.0)
    >>> peak = Scenario(machine_scope="chip", utilisation=1.0)
    >>> round(compute(peak, inputs, Shared(peak, inputs)).ratio(), 1)
    35.4
    """
    return Sides(common.flop_j * brain_flop_per_s(scenario, inputs), common.brain_power_w)


def brain_flop_per_s(scenario: Scenario, inputs: Inputs) -> Floats:
    """Compute that would match the brain, as the scenario sees it.

    Parameters
    ----------
    scenario : Scenario
        Its value, and whether it carries the published spread.
    inputs : Inputs
        The published central value or its samples.

    Returns
    -------
    float or ndarray
        Rate [FLOP/s].

    Notes
    -----
    Samples of the published value over its centre, times the scenario's value.

    References
    ----------
    As `compute`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> brain_flop_per_s(Scenario(), central_inputs("own", "h100", "gpt3", 16.0))
    1000000000000000.0
    """
    if scenario.brain_flops_range == "exact" or isinstance(inputs.brain_flop_per_s, float):
        return scenario.brain_flop_per_s
    return scenario.brain_flop_per_s * (inputs.brain_flop_per_s / fact("brain.flops").si)


def synapse(scenario: Scenario, inputs: Inputs, common: Shared) -> Sides:
    """Compare one multiply-add with one synaptic event.

    Parameters
    ----------
    scenario : Scenario
        Whether only events are evaluated, chip, utilisation and scopes.
    inputs : Inputs
        Facts, central or sampled.
    common : Shared
        One for all yardsticks.

    Returns
    -------
    Sides
        Energy per synaptic event [J].

    Notes
    -----
    Two FLOP a multiply-add that is done. A clocked machine that evaluates every synapse at each step does
    :math:`f_{step}/f` of them for one event, less what sparsity drops, but never fewer than one. The sparsity of events
    is thus counted once: in the rate, or in the steps.

    References
    ----------
    MODEL.md, The yardsticks.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("colossus_1", "h100", "gpt3", 16.0)
    >>> 1 < synapse(Scenario(), inputs, Shared(Scenario(), inputs)).ratio() < 100
    True
    """
    machine = 2.0 * common.flop_j / scenario.density
    if scenario.events == "every_step":
        machine = machine * larger(scenario.density * inputs.step_rate_hz / inputs.firing_rate_hz, 1.0)
    return Sides(machine, brain.synaptic_event_energy_j(scenario.brain_scope, inputs))


def communication(scenario: Scenario, inputs: Inputs, common: Shared) -> Sides:
    """Compare moving one bit.

    Parameters
    ----------
    scenario : Scenario
        Channel, which of the brain's bits, movement, scopes and PUE.
    inputs : Inputs
        Facts, central or sampled.
    common : Shared
        One for all yardsticks; unused, kept so that all yardsticks are called alike.

    Returns
    -------
    Sides
        Energy per bit [J].

    Notes
    -----
    From memory to the arithmetic, between chips, or between racks; a facility also cools it.

    References
    ----------
    `efficiency/data/movement.csv`; `brain.sent_bit_energy_j`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("colossus_1", "h100", "gpt3", 16.0)
    >>> communication(Scenario(), inputs, Shared(Scenario(), inputs)).ratio() < 1
    True
    """
    if scenario.channel == "memory":
        on_chip = catalogue.chip(scenario.chip).memory_on_chip
        machine = sum(memory_bit_energy(scenario.movement, on_chip, inputs))
    elif scenario.channel == "chips":
        machine = inputs.chip_link_j_per_bit
    else:
        machine = inputs.rack_link_j_per_bit
    if scenario.machine_scope == "facility":
        machine = machine * scenario.pue
    energy = brain.sent_bit_energy_j if scenario.brain_bit == "sent" else brain.delivered_bit_energy_j
    return Sides(machine, energy(scenario.brain_scope, inputs))


def stream(scenario: Scenario, inputs: Inputs, common: Shared) -> Sides:
    """Compare holding one conversation.

    Parameters
    ----------
    scenario : Scenario
        Model, chip, batch, context and scopes.
    inputs : Inputs
        Facts, central or sampled.
    common : Shared
        One for all yardsticks.

    Returns
    -------
    Sides
        Power per concurrent conversation [W].

    Notes
    -----
    Each conversation must get at least 10 tokens a second. Where the scenario's batch is too large for that, the same
    chips admit only as many conversations as are fast enough, at least one; see `stream_batch`.

    References
    ----------
    MODEL.md, The yardsticks.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("colossus_1", "h100", "gpt3", 16.0)
    >>> bool(stream(Scenario(), inputs, Shared(Scenario(), inputs)).ratio() > 0.1)
    True
    """
    parts, step_s = _fast_enough(scenario, inputs, common)
    return Sides(inputs.software_factor * parts.total_j() / step_s, common.brain_power_w)


def _fast_enough(scenario: Scenario, inputs: Inputs, common: Shared) -> tuple[Energies, Floats]:
    parts, step_s = common.decode
    too_slow = step_s * LEAST_TOKENS_PER_S > 1.0
    if not np.any(too_slow):
        return parts, step_s
    batch = stream_batch(scenario, inputs)
    if isinstance(step_s, np.ndarray):
        batch = np.where(too_slow, batch, scenario.batch)
    return decode_energies(scenario, inputs, batch)


def is_too_slow(scenario: Scenario, inputs: Inputs, common: Shared) -> bool:
    """Tell whether even one conversation gets fewer than 10 tokens a second.

    Parameters
    ----------
    scenario : Scenario
        Scalar fields.
    inputs : Inputs
        Central values.
    common : Shared
        One for all yardsticks.

    Returns
    -------
    bool
        True where the stream yardstick shows a conversation that is too slow.

    Notes
    -----
    The words of the row say so.

    References
    ----------
    MODEL.md, The yardsticks.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> is_too_slow(Scenario(), inputs, Shared(Scenario(), inputs))
    False
    """
    return bool(_fast_enough(scenario, inputs, common)[1] * LEAST_TOKENS_PER_S > 1.0 + 1e-9)


def stream_batch(scenario: Scenario, inputs: Inputs) -> Floats:
    """Conversations that the scenario's chips can hold at 10 tokens a second each.

    Parameters
    ----------
    scenario : Scenario
        Model, chip, batch and context.
    inputs : Inputs
        Facts, central or sampled.

    Returns
    -------
    float or ndarray
        At most the scenario's batch, at least 1 [1].

    Notes
    -----
    Beyond its fixed part a step grows in proportion to its batch. The line through the scenario's batch and twice that
    is each bound itself for a dense model; for a mixture of experts it lies above it, so nobody waits longer. One
    conversation may still be slower than 10 tokens a second; the page then says so.

    References
    ----------
    MODEL.md, The yardsticks.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> float(stream_batch(Scenario(), central_inputs("own", "h100", "gpt3", 16.0)))
    64.0
    """
    here = decode_step_s(scenario, inputs, scenario.batch)
    there = decode_step_s(scenario, inputs, 2.0 * scenario.batch)
    # Host and device may overlap, so their sum is the longest it can take.
    host_s = scenario.batch * inputs.sequence_host_s
    fitting = scenario.batch
    for step_s, doubled_s, padded in zip(here, there, (False, True, True), strict=True):
        late_s = larger(step_s + host_s - 1.0 / LEAST_TOKENS_PER_S, 0.0)
        per_conversation_s = larger((doubled_s - step_s) / scenario.batch + inputs.sequence_host_s, 1e-15)
        enough = scenario.batch - late_s / per_conversation_s
        if padded:
            # Below a tile of the matrix unit fewer conversations are no less work.
            enough = np.where((late_s > 0.0) & (enough < TILE_ROWS), 1.0, enough)
        fitting = smaller(fitting, enough)
    if scenario.engine == "eager":
        # Launched call by call, a step takes at least its launches however few share it.
        room_s = 1.0 / LEAST_TOKENS_PER_S - launch_s(scenario, inputs)
        fitting = smaller(fitting, room_s / inputs.sequence_host_s)
    return larger(fitting, 1.0)


def token(scenario: Scenario, inputs: Inputs, common: Shared) -> Sides:
    """Compare one token of language.

    Parameters
    ----------
    scenario : Scenario
        Task, hidden reasoning tokens, model, chip, batch, context and scopes.
    inputs : Inputs
        Facts, central or sampled.
    common : Shared
        One for all yardsticks.

    Returns
    -------
    Sides
        Energy per token [J].

    Notes
    -----
    Speaking and writing are compared with decode, hidden reasoning tokens charged to the answer; reading is compared
    with prefill.

    References
    ----------
    MODEL.md, The yardsticks.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("colossus_1", "h100", "gpt3", 16.0)
    >>> bool(token(Scenario(), inputs, Shared(Scenario(), inputs)).ratio() < 10)
    True
    """
    if scenario.language_task == "reading":
        machine = common.prefill.total_j()
    else:
        machine = inputs.software_factor * common.decode[0].total_j() * (1.0 + scenario.hidden_tokens)
    return Sides(machine, brain.token_energy_j(scenario.language_task, scenario.brain_scope, inputs))


YARDSTICKS: Final[Mapping[str, Callable[[Scenario, Inputs, Shared], Sides]]] = MappingProxyType(
    {
        "nameplate": nameplate,
        "memory": memory,
        "learning": learning,
        "compute": compute,
        "synapse": synapse,
        "communication": communication,
        "stream": stream,
        "token": token,
    }
)
"""From the widest gap to the narrowest, as the home page shows them."""
