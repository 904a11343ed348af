"""Eight ways to measure the distance, because the answer depends on the yardstick.

Each returns what the machine needs and what the brain needs for the same unit of work; their ratio is the gap.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from efficiency import brain, catalogue
from efficiency.arrays import Floats, larger, smaller
from efficiency.facts import fact
from efficiency.inputs import Inputs
from efficiency.ledger import Energies
from efficiency.movement import BITS_PER_BYTE, memory_bit_energy
from efficiency.scenario import Scenario
from efficiency.workloads import decode_energies, prefill_energies, training_energies

LEAST_TOKENS_PER_S: Final = 10.0
"""A conversation slower than this does not count as one: it is about twice as fast as people read aloud."""


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
        Design, section 5.

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
    def flop_j(self) -> Floats:
        """Energy per delivered FLOP [J]."""
        parts, flop = training_energies(self._scenario, self._inputs)
        return parts.total_j() / flop

    @functools.cached_property
    def decode(self) -> tuple[Energies, Floats]:
        """Ledger of a token written [J] and the time of a step [s]."""
        return decode_energies(self._scenario, self._inputs)

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
    Not the same work: one site serves or trains for millions. A named site's published power is its facility's; in
    the scope of servers or chips it is divided by what the facility adds. Your own system is its chips' power limit
    times what the scope adds.

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
    server = 1.0 + inputs.host_share
    facility = (server + inputs.network_share) * scenario.pue
    added = {"chip": 1.0, "server": server, "facility": facility}[scenario.machine_scope]
    if scenario.system == "own":
        return Sides(scenario.chip_count * inputs.tdp_w * added, common.brain_power_w)
    published = inputs.site_power_w
    if scenario.machine_scope != "facility":
        published = published * (added / facility)
    return Sides(published, common.brain_power_w)


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
    Enough idle chips to hold B bytes, each with its share of host, network and cooling, plus 8 times the energy per
    bit times B for each of f sweeps a second; B is what the synapses could hold and f their mean rate.

    References
    ----------
    Design, section 5.

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
        # A host does not go idle with its chips: it keeps most of its fans, CPUs and memory on.
        idle_w = idle_w + inputs.host_share * inputs.tdp_w
    if scenario.machine_scope == "facility":
        idle_w = idle_w + inputs.network_share * inputs.tdp_w
        overhead = scenario.pue
    sweep_w = BITS_PER_BYTE * size * inputs.firing_rate_hz * (bit.device + bit.on_chip)
    machine = overhead * (idle_w * size / inputs.memory_bytes + sweep_w)
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
    Two FLOP a multiply-add. A clocked machine that evaluates every synapse at each step does :math:`f_{step}/f`
    multiply-adds for one event.

    References
    ----------
    Design, section 5.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("colossus_1", "h100", "gpt3", 16.0)
    >>> 1 < synapse(Scenario(), inputs, Shared(Scenario(), inputs)).ratio() < 100
    True
    """
    machine = 2.0 * common.flop_j
    if scenario.events == "every_step":
        machine = machine * (inputs.step_rate_hz / inputs.firing_rate_hz)
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
    Each conversation must get at least 10 tokens a second. Where the scenario's batch is too large for that, the
    largest batch that is fast enough is taken (at least one conversation).

    References
    ----------
    Design, section 5.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("colossus_1", "h100", "gpt3", 16.0)
    >>> stream(Scenario(), inputs, Shared(Scenario(), inputs)).ratio() > 0.1
    True
    """
    parts, step_s = common.decode
    too_slow = step_s * LEAST_TOKENS_PER_S > 1.0
    if too_slow if isinstance(too_slow, bool) else too_slow.any():
        model = catalogue.model(scenario.model)
        fixed_s = smaller(model.layers * inputs.step_overhead_per_layer_s, 0.9 / LEAST_TOKENS_PER_S)
        # Beyond its fixed part a step grows at most in proportion to its batch.
        fitting = (1.0 / LEAST_TOKENS_PER_S - fixed_s) / larger(step_s - fixed_s, 1e-12)
        batch = larger(scenario.batch * smaller(fitting, 1.0), 1.0)
        parts, step_s = decode_energies(scenario, inputs, batch)
    return Sides(parts.total_j() / step_s, common.brain_power_w)


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
    Design, section 5.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("colossus_1", "h100", "gpt3", 16.0)
    >>> token(Scenario(), inputs, Shared(Scenario(), inputs)).ratio() < 10
    True
    """
    if scenario.language_task == "reading":
        machine = prefill_energies(scenario, inputs)[0].total_j()
    else:
        machine = common.decode[0].total_j() * (1.0 + scenario.hidden_tokens)
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
