"""What the arithmetic of a scaling law costs on the chosen machine: a FLOP trained, a token read, a token written."""

from __future__ import annotations

import functools
from typing import NamedTuple

from efficiency import catalogue
from efficiency.arrays import Floats
from efficiency.draws import mixed
from efficiency.inference_aware import Served, inference_aware
from efficiency.inputs import FACT_OF, Inputs, central_inputs, inputs_at
from efficiency.sampling import Range, range_around
from efficiency.scaling_draws import REFIT, refit_draws
from efficiency.scaling_laws import AdditiveLaw, Law, optimal
from efficiency.scaling_wall import text_stock
from efficiency.scenario import Scenario
from efficiency.stratified import stratified_normals
from efficiency.workloads import decode_energies, prefill_energies, training_energies

SAMPLES = 1024


class Prices(NamedTuple):
    """Energies for each parameter that works: a training FLOP, a FLOP of reading [J/FLOP], a written token [J]."""

    training_j_per_flop: Floats
    reading_j_per_flop: Floats
    serving_j_per_parameter_token: Floats


@functools.lru_cache(maxsize=256)
def prices(scenario: Scenario, samples: int = 0) -> Prices:
    """Give the energies that turn a law's parameters and tokens into joules.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields.
    samples : int
        Draws, a power of two; 0 for the central values [1].

    Returns
    -------
    Prices
        [J/FLOP, J/FLOP, J].

    Notes
    -----
    Training and reading: the ledgers of a token over their useful FLOP. Writing: the ledger of a token over the active
    parameters of the scenario's language model, so that a model g times as large is g times as deep on g times as many
    chips, as everywhere in this project. Of a mixture the active parameters count; the laws are for dense models.

    References
    ----------
    `workloads.training_energies`, `workloads.prefill_energies`, `workloads.decode_energies`.

    Examples
    --------
    >>> found = prices(Scenario())
    >>> 1e-13 < found.reading_j_per_flop < found.training_j_per_flop < found.serving_j_per_parameter_token < 1e-9
    True
    """
    inputs = _inputs(scenario, samples)
    active = catalogue.model(scenario.model).active_parameters
    trained, trained_flop = training_energies(scenario, inputs)
    read, read_flop = prefill_energies(scenario, inputs)
    written, _ = decode_energies(scenario, inputs)
    found = (trained.total_j() / trained_flop, read.total_j() / read_flop, written.total_j() / active)
    return Prices(*found) if samples else Prices(*map(float, found))


def _inputs(scenario: Scenario, samples: int) -> Inputs:
    given = (scenario.system, scenario.chip, scenario.run, float(scenario.bits))
    if samples:
        # The Sobol points of `sampled_inputs` take half a second to import, which the verbs do not have.
        normals = stratified_normals(samples, len(FACT_OF) + len(AdditiveLaw._fields))
        return inputs_at(mixed(normals, scenario.engine), *given, scenario.engine)
    return central_inputs(*given, scenario.engine)


def training_j(scenario: Scenario, flop: float, samples: int = SAMPLES) -> Range:
    """Energy of a training run on the scenario's machine.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields.
    flop : float
        Useful training arithmetic [FLOP].
    samples : int
        Draws, a power of two [1].

    Returns
    -------
    Range
        5 %, central and 95 % [J].

    Notes
    -----
    The same for every law: they split a budget differently, and a FLOP costs what it costs.

    References
    ----------
    `prices`.

    Examples
    --------
    >>> low, central, high = training_j(Scenario(), 1e24)
    >>> 1e12 < low < central < high < 1e13
    True
    """
    price = range_around(float(prices(scenario).training_j_per_flop), prices(scenario, samples).training_j_per_flop)
    return Range(*(j_per_flop * flop for j_per_flop in price))


class ServedRange(NamedTuple):
    """A size chosen with its serving in view, with the ranges of the size [parameters] and of the saving [fraction]."""

    central: Served
    size: Range
    saved: Range


@functools.lru_cache(maxsize=512)
def served(scenario: Scenario, which: str, flop: float, served_tokens: float) -> Served:
    """Size and tokens of least training and serving energy, at the loss of the best model of a training budget.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields.
    which : str
        One of `scaling_laws.LAWS`.
    flop : float
        Training arithmetic that sets the loss: that of the compute-optimal model [FLOP].
    served_tokens : float
        Tokens written over the model's life [tokens].

    Returns
    -------
    Served
        [parameters, tokens, J].

    Notes
    -----
    What is served is written, not read; reading costs far less on these machines. No size reads more than the stock of
    public text, unless the compute-optimal one does.

    References
    ----------
    `inference_aware.inference_aware`.

    Examples
    --------
    >>> found = served(Scenario(), "refit", 1e24, 1e13)
    >>> bool(found.chosen.parameters < found.optimum.parameters)
    True
    """
    found = prices(scenario)
    target = optimal(which, flop).loss
    return inference_aware(which, target, served_tokens, *_apart(found), text_stock().central)


def _apart(paid: Prices) -> tuple[Floats, Floats]:
    return paid.training_j_per_flop, paid.serving_j_per_parameter_token


@functools.lru_cache(maxsize=128)
def served_range(scenario: Scenario, flop: float, served_tokens: float, samples: int = SAMPLES) -> ServedRange:
    """Range of `served` under the refitted law, from its coefficients and the machine's.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields.
    flop : float
        Training arithmetic that sets the loss [FLOP].
    served_tokens : float
        Tokens written over the model's life [tokens].
    samples : int
        Draws, a power of two [1].

    Returns
    -------
    ServedRange
        [parameters, fraction].

    Notes
    -----
    Law and machine are drawn independently of each other; the stock of text is its central value.

    References
    ----------
    `refit_draws`, `prices`.

    Examples
    --------
    >>> found = served_range(Scenario(), 1e24, 1e13)
    >>> found.size.low < found.size.central < found.size.high
    True
    """
    drawn: Law = refit_draws(samples)
    paid = prices(scenario, samples)
    target = optimal(drawn, flop).loss
    every = inference_aware(drawn, target, served_tokens, *_apart(paid), text_stock().central)
    central = served(scenario, REFIT, flop, served_tokens)
    return ServedRange(
        central,
        range_around(float(central.chosen.parameters), every.chosen.parameters),
        range_around(float(central.saved_share), every.saved_share),
    )
