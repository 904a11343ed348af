"""Events instead of dense products: what a spike costs, how rare spikes must be to pay, and what the brain does."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from efficiency.arrays import Floats
from efficiency.brain import synaptic_event_energy_j
from efficiency.compute import flop_energy
from efficiency.facts import Fact, fact
from efficiency.inputs import Inputs
from efficiency.scenario import Scenario

EVENT_FACTS: Final = ("neuro.truenorth_event", "neuro.loihi_event", "neuro.event_near_memory")
"""Published energies of a synaptic event in silicon; each note says how it is known."""


class Threshold(NamedTuple):
    """Published activity below which spikes save energy: spikes per synapse and inference [1]."""

    name: str
    low: float
    central: float
    high: float
    facts: tuple[Fact, ...]


def dense_multiply_add_j(scenario: Scenario, inputs: Inputs) -> Floats:
    """Energy of one dense multiply-add on the scenario's chip, without the memory it may need.

    Parameters
    ----------
    scenario : Scenario
        Its chip, bits and execution are used.
    inputs : Inputs
        Facts, central or sampled.

    Returns
    -------
    float or ndarray
        Energy per multiply-add [J].

    Notes
    -----
    Two FLOP at the chip's best matrix throughput: arithmetic, instructions and operands.

    References
    ----------
    `compute.flop_energy`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> 0.5e-12 < dense_multiply_add_j(Scenario(), central_inputs("own", "h100", "gpt3", 16.0)) < 3e-12
    True
    """
    return 2.0 * sum(flop_energy(scenario, inputs))


def break_even_activity(dense_j: Floats, event_j: Floats) -> Floats:
    r"""Activity at which events cost as much as evaluating every synapse once.

    Parameters
    ----------
    dense_j : float or ndarray
        Energy of a dense multiply-add [J].
    event_j : float or ndarray
        Energy of a synaptic event [J].

    Returns
    -------
    float or ndarray
        Events per synapse and inference [1]; fewer of them save energy.

    Notes
    -----
    :math:`E_{dense}/E_{event}`. An inference of T steps at a rate r per step has T r events per synapse.

    References
    ----------
    .. [1] Davidson, S. and Furber, S. B., "Comparison of artificial and spiking neural networks on digital hardware",
       Front. Neurosci. 15 (2021), doi:10.3389/fnins.2021.651141.

    Examples
    --------
    >>> round(break_even_activity(1.3e-12, 26e-12), 3)
    0.05
    """
    return dense_j / event_j


def published_thresholds() -> tuple[Threshold, ...]:
    """List the published activities below which spikes save energy.

    Returns
    -------
    tuple of Threshold
        Each in spikes per synapse and inference [1].

    Notes
    -----
    Yan states a rate per step; times the steps of that comparison it becomes comparable with the others.

    References
    ----------
    `efficiency/data/operations.csv`: neuro.breakeven; `efficiency/data/sparsity.csv`: spikes.

    Examples
    --------
    >>> [round(threshold.central, 2) for threshold in published_thresholds()]
    [1.72, 0.7, 0.29]
    """
    davidson, dampfhoffer = fact("neuro.breakeven_davidson"), fact("neuro.breakeven_dampfhoffer")
    best, plain = fact("spikes.breakeven_dampfhoffer_low"), fact("spikes.breakeven_dampfhoffer_high")
    rate, steps = fact("spikes.rate_yan"), fact("spikes.steps_yan")
    yan = rate.si * steps.si
    return (
        Threshold("Davidson and Furber 2021", davidson.si, davidson.si, davidson.si, (davidson,)),
        Threshold("Dampfhoffer 2022", best.si, dampfhoffer.si, plain.si, (best, dampfhoffer, plain)),
        Threshold("Yan 2024", yan, yan, yan, (rate, steps)),
    )


def active_share() -> tuple[float, float, float]:
    """Share of the cortex's neurons that may be active at a time.

    Returns
    -------
    tuple of float
        Low, central, high [1].

    Notes
    -----
    What the energy supply allows, not a count.

    References
    ----------
    .. [1] Lennie, P., "The cost of cortical computation", Current Biology 13 (2003).

    Examples
    --------
    >>> active_share()
    (0.005, 0.01, 0.02)
    """
    record = fact("cortex.fraction_active")
    return record.si_low, record.si, record.si_high


def best_failure_share(activity: float) -> float:
    r"""Share of spikes that should fail at a synapse, so that energy buys the most information.

    Parameters
    ----------
    activity : float
        Probability that a neuron fires in a step, above 0 and below 1 [1].

    Returns
    -------
    float
        Failures over arriving spikes [1].

    Notes
    -----
    :math:`f = 4^{-H(p)}` with the entropy H in bits: the rarer the spikes, the more of them may fail.

    References
    ----------
    .. [1] Levy, W. B. and Baxter, R. A., "Energy-efficient neuronal computation via quantal synaptic failures",
       J. Neurosci. 22 (2002), abstract.

    Examples
    --------
    >>> round(best_failure_share(0.01), 2), best_failure_share(0.5)
    (0.89, 0.25)
    """
    entropy = -activity * np.log2(activity) - (1.0 - activity) * np.log2(1.0 - activity)
    return float(fact("synapse.failure_base").si ** -entropy)


def brain_event_j(scenario: Scenario, inputs: Inputs) -> Floats:
    """Energy of the brain's synaptic event, all of the brain charged to it.

    Parameters
    ----------
    scenario : Scenario
        Its brain scope is used.
    inputs : Inputs
        Facts, central or sampled.

    Returns
    -------
    float or ndarray
        Energy per event [J].

    Notes
    -----
    A spike that arrives counts as an event whether or not a vesicle is released.

    References
    ----------
    `brain.synaptic_event_energy_j`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> 1e-13 < brain_event_j(Scenario(), central_inputs("own", "h100", "gpt3", 16.0)) < 1e-12
    True
    """
    return synaptic_event_energy_j(scenario.brain_scope, inputs)


def halapoint_brain_power_w() -> tuple[float, float]:
    """Power of Hala Point scaled to a brain, by neurons and by synapses.

    Returns
    -------
    tuple of float
        Scaled by neurons, scaled by synapses [W].

    Notes
    -----
    They differ sixteen-fold, because its neurons have fewer synapses than those of the brain; both are shown.

    References
    ----------
    `efficiency/data/systems.csv`: system.hala_point; `efficiency/data/operations.csv`: neuro.halapoint.

    Examples
    --------
    >>> [f"{power / 1e3:.0f} kW" for power in halapoint_brain_power_w()]
    ['194 kW', '3047 kW']
    """
    power_w = fact("system.hala_point.power").si
    by_neurons = fact("brain.neurons").si / fact("neuro.halapoint_neurons").si
    by_synapses = fact("brain.synapses").si / fact("neuro.halapoint_synapses").si
    return power_w * by_neurons, power_w * by_synapses
