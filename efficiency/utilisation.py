"""What utilisation costs in energy, power and money; `published_runs` lists how well published runs did."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from efficiency import catalogue
from efficiency.arrays import Floats
from efficiency.facts import fact
from efficiency.inputs import Inputs, central_inputs
from efficiency.parallel import usage_energy
from efficiency.run_table import BITS, FLOP_PER_PARAMETER_TOKEN, Run, published_run, published_runs
from efficiency.scenario import Scenario

__all__ = [
    "STEPS",
    "Run",
    "Worth",
    "central_of",
    "energy_per_flop",
    "published_run",
    "published_runs",
    "run_flop",
    "run_scenario",
    "working",
    "worth",
    "worth_runs",
]

STEPS: Final = tuple(round(0.02 * step, 2) for step in range(5, 36))
"""Shares of the peak at which a figure's slider stops: 10 to 70 % [1]."""


def run_scenario(run: Run, base: Scenario | None = None) -> Scenario:
    """Put a run's chip, utilisation and 16-bit arithmetic into a scenario.

    Parameters
    ----------
    run : Run
        Whose chip is used.
    base : Scenario, optional
        Gives scope and PUE; the default scenario unless given.

    Returns
    -------
    Scenario
        For training on that chip, with the run's utilisation [1].

    Notes
    -----
    The model stays the base's: energy per FLOP hardly knows it. A chip that is not in the table becomes the base's.

    References
    ----------
    `scenario.Scenario`.

    Examples
    --------
    >>> run_scenario(published_run("gpt3")).chip
    'v100'
    """
    base = base or Scenario()
    return replace(base, system="own", chip=run.chip or base.chip, bits=BITS, utilisation=run.mfu, workload="training",
                   execution="matrix", density=1.0)  # fmt: skip


def energy_per_flop(mfu: Floats, scenario: Scenario | None = None, inputs: Inputs | None = None) -> Floats:
    """Energy of a useful FLOP in training by how well the machine is used.

    Parameters
    ----------
    mfu : float or ndarray
        Model FLOP utilisation, above 0 and at most 1 [1].
    scenario : Scenario, optional
        Chip, model, scope and PUE; the default scenario unless given.
    inputs : Inputs, optional
        Facts, central or sampled; central unless given.

    Returns
    -------
    float or ndarray
        Work, and machines that are merely on; cooling and lost work included where the scope is the facility [J/FLOP].

    Notes
    -----
    The work of a FLOP does not depend on utilisation; active floor, hosts and network are paid by time.

    References
    ----------
    `parallel.usage_energy`, `compute.flop_energy`, `ledger.metered`.

    Examples
    --------
    >>> 1.05 < energy_per_flop(0.4) / energy_per_flop(0.5) < 1.25
    True
    """
    scenario = scenario or Scenario()
    found = usage_energy(scenario, inputs or central_of(scenario), mfu)
    total: Floats = found.work + found.waiting
    return total


def working(inputs: Inputs) -> Inputs:
    """Leave lost work out, for the power of machines that are at work.

    Parameters
    ----------
    inputs : Inputs
        Central or sampled.

    Returns
    -------
    Inputs
        The same with nothing lost [1].

    Notes
    -----
    Lost work takes time, hence energy; a machine does not draw more while it works because it will fail later.

    References
    ----------
    `failure_costs.chip_power`, which reckons power the same way.

    Examples
    --------
    >>> working(central_of(Scenario())).goodput
    1.0
    """
    return replace(inputs, goodput=1.0)


def central_of(scenario: Scenario) -> Inputs:
    """Look up the central values of the facts behind a scenario.

    Parameters
    ----------
    scenario : Scenario
        Names system, chip and run.

    Returns
    -------
    Inputs
        Floats, SI units.

    Notes
    -----
    Kept by `inputs.central_inputs`.

    References
    ----------
    `inputs.central_inputs`.

    Examples
    --------
    >>> central_of(Scenario()).tdp_w
    700.0
    """
    return central_inputs(scenario.system, scenario.chip, scenario.run, float(scenario.bits), scenario.engine)


class Worth(NamedTuple):
    """What a gain in utilisation is worth at the same useful work.

    Energy of the run, lost work included [J], power while it works at its useful rate [W], chips that rate needs
    [chips], and what the saved electricity costs [USD]; each before and after where there are two.
    """

    energy_before_j: Floats
    energy_after_j: Floats
    power_before_w: Floats
    power_after_w: Floats
    chips_before: float
    chips_after: float
    saved_usd: Floats


def worth(run: Run, before: float, after: float, scenario: Scenario | None = None, inputs: Inputs | None = None,
          price: Floats | None = None) -> Worth:  # fmt: skip
    """Say what a gain in kernels and parallelism is worth to a named run.

    Parameters
    ----------
    run : Run
        With published parameters, tokens or FLOP, and chips.
    before, after : float
        Model FLOP utilisation, above 0 and at most 1 [1].
    scenario : Scenario, optional
        Chip, scope and PUE; the run's chip in the default scenario unless given.
    inputs : Inputs, optional
        Facts, central or sampled; central unless given.
    price : float or ndarray, optional
        Of electricity; the record's unless given [USD/J].

    Returns
    -------
    Worth
        Energy [J], power [W], chips and money [USD].

    Raises
    ------
    ValueError
        If the run's FLOP or chips are not published.

    Notes
    -----
    The useful rate is the one that the run's own chips delivered at its own utilisation. At a better one fewer chips
    deliver it; a chip then draws more, but less than in proportion, because its floor is paid anyway. Power is that of
    machines at work, as where failures are reckoned; energy holds lost work by the reported goodput. Chips that are not
    bought are worth far more than the electricity, and are not counted here.

    References
    ----------
    `energy_per_flop`; MODEL.md, Utilisation.

    Examples
    --------
    >>> found = worth(published_run("llama31_405b"), 0.4, 0.5)
    >>> found.power_after_w < found.power_before_w, round(found.chips_after)
    (True, 13245)
    >>> round(worth(published_run("gpt3"), 0.4, 0.5).chips_before)
    4915
    """
    flop = run_flop(run)
    if flop is None or run.chips is None:
        raise ValueError(f"run {run.key!r} has no published FLOP or chips; allowed: {', '.join(worth_runs())}")
    scenario = scenario or run_scenario(run)
    per_flop = [energy_per_flop(share, scenario, inputs) for share in (before, after)]
    inputs = inputs or central_of(scenario)
    at_work = [energy_per_flop(share, scenario, working(inputs)) for share in (before, after)]
    own = run.chips * run.mfu
    rate = own * catalogue.chip(scenario.chip).peak_per_s[BITS]
    cost = fact("electricity.price_industrial").si if price is None else price
    return Worth(
        flop * per_flop[0], flop * per_flop[1], rate * at_work[0], rate * at_work[1], own / before, own / after,
        (per_flop[0] - per_flop[1]) * flop * cost,
    )  # fmt: skip


def run_flop(run: Run) -> float | None:
    """Return the useful arithmetic of a run.

    Parameters
    ----------
    run : Run
        With tokens, or with a FLOP estimate of others.

    Returns
    -------
    float or None
        6 N D where tokens are published, else what others estimate; None where there is neither [FLOP].

    Notes
    -----
    Counts of hardware FLOP hold recomputed work, so they are not used here.

    References
    ----------
    Kaplan, J. et al., "Scaling laws for neural language models", arXiv:2001.08361.

    Examples
    --------
    >>> round(run_flop(published_run("opt175b")) / 1e23, 2)
    3.15
    """
    if run.what == "estimate" or run.tokens is None:
        return run.flop if run.what == "estimate" else None
    return FLOP_PER_PARAMETER_TOKEN * run.active_parameters * run.tokens


def worth_runs() -> tuple[str, ...]:
    """List the runs that a gain can be reckoned for.

    Returns
    -------
    tuple of str
        Short keys of runs with published FLOP, chips and a chip of the table.

    Notes
    -----
    Benchmarks have no end, hence no energy.

    References
    ----------
    `worth`.

    Examples
    --------
    >>> "llama31_405b" in worth_runs(), "megascale" in worth_runs()
    (True, False)
    """
    return tuple(run.key for run in published_runs() if run.chips and run.chip and run_flop(run) is not None)
