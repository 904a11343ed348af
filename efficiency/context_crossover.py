"""The context from which a state of constant size takes less energy than attention, with its range."""

from __future__ import annotations

import functools
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from efficiency.context import Assumed, Cost, Setting, central, central_assumed, cost
from efficiency.context_charges import per_unit, with_penalty
from efficiency.context_shapes import StateShape
from efficiency.draws import mixed
from efficiency.facts import fact
from efficiency.inputs import FACT_OF, Inputs, inputs_at
from efficiency.sampling import SEED, range_of_draws, sample

SEARCHED: Final = tuple(float(x) for x in np.logspace(0, 7, 57))
"""Contexts between which a crossover is looked for [1]."""
SAMPLES: Final = 256
_DRAWN: Final = (
    *("context.state_size", "context.state_bits", "context.state_flop"),
    *("context.hybrid_attention", "context.training_tokens"),
)


@functools.lru_cache(maxsize=32)
def drawn(chip: str, run: str, bits: float, engine: str) -> tuple[Inputs, Assumed]:
    """Draw the inputs and what is assumed beside them, together.

    Parameters
    ----------
    chip, run : str
        Short keys.
    bits : float
        Width of a number [bit].
    engine : str
        Generation of the serving software.

    Returns
    -------
    Inputs
        One sample per row [SI].
    Assumed
        Likewise [1].

    Notes
    -----
    Plain seeded normals instead of Sobol points, whose library takes longer to load than all of the answer.

    References
    ----------
    `draws.mixed`, `sampling.sample`.

    Examples
    --------
    >>> drawn("h100", "gpt3", 16.0, "graphs_2025")[1].training_tokens.shape
    (256,)
    """
    normals = np.random.default_rng(SEED).standard_normal((SAMPLES, len(FACT_OF) + len(_DRAWN)))
    inputs = inputs_at(mixed(normals, engine), "own", chip, run, bits, engine)
    size, width, flop, hybrid, tokens = (
        sample(fact(key), normals[:, len(FACT_OF) + place]) for place, key in enumerate(_DRAWN)
    )
    return inputs, Assumed(StateShape(size, fact("context.state_expansion").si, width, flop), hybrid, tokens)


class Crossover(NamedTuple):
    """Context from which a kind takes less than the transformer [1]: 5 %, central, 95 %.

    0 stands for any context, infinity for none up to 10 million tokens.
    """

    low: float
    central: float
    high: float


def crossing(contexts: npt.NDArray[np.float64], ratio: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Context from which a ratio stays below 1.

    Parameters
    ----------
    contexts : ndarray, shape (n,)
        Ascending [1].
    ratio : ndarray, shape (n, m)
        Energy of the other model over the transformer's, a column for each draw [1].

    Returns
    -------
    ndarray, shape (m,)
        Between the last two contexts of different sign, on logarithms; 0 where all are below 1, infinity where the last
        is not [1].

    Notes
    -----
    The last crossing: a machine whose memory is full may cross more than once.

    References
    ----------
    MODEL.md, Long context.

    Examples
    --------
    >>> crossing(np.array([1.0, 100.0]), np.array([[10.0, 0.5], [0.1, 0.4]])).round(6).tolist()
    [10.0, 0.0]
    """
    above = ratio >= 1.0
    last = len(contexts) - 1 - np.argmax(above[::-1], axis=0)
    inner = np.minimum(last, len(contexts) - 2)
    columns = np.arange(ratio.shape[1])
    here, there = np.log(ratio[inner, columns]), np.log(ratio[inner + 1, columns])
    low, high = np.log(contexts[inner]), np.log(contexts[inner + 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        between = np.exp(low + (high - low) * np.clip(here / (here - there), 0.0, 1.0))
    found = np.where(last == len(contexts) - 1, np.inf, between)
    return np.where(above.any(axis=0), found, 0.0)


@functools.lru_cache(maxsize=64)
def _costs(setting: Setting, kind: str) -> Cost:
    """Work out costs along `SEARCHED`, a column for each draw; the first column is central."""
    scenario = setting.scenario
    contexts = np.array(SEARCHED)[:, None]
    middle = cost(kind, setting, central(scenario), central_assumed(), contexts)
    inputs, assumed = drawn(scenario.chip, scenario.run, float(scenario.bits), scenario.engine)
    sampled = cost(kind, setting, inputs, assumed, contexts)
    shape = (len(SEARCHED), SAMPLES)
    return Cost(
        *(
            np.hstack([np.broadcast_to(one, (shape[0], 1)), np.broadcast_to(many, shape)])
            for one, many in zip(middle, sampled, strict=True)
        )
    )


@functools.lru_cache(maxsize=1024)
def crossover(setting: Setting, penalty: float, unit: str, kind: str = "state_space") -> Crossover:
    """Context from which a model with a state takes less than the transformer, with its range.

    Parameters
    ----------
    setting : Setting
        What is compared.
    penalty : float
        Compute for the same loss over what a transformer needs [1].
    unit : {"token", "request"}
        What is compared.
    kind : {"state_space", "hybrid"}
        The model with a state.

    Returns
    -------
    Crossover
        5 %, central and 95 % [1].

    Raises
    ------
    ValueError
        If the penalty is below 1 or not a number.

    Notes
    -----
    One draw of the facts serves both models. The range holds what is not known of the machine, the state and training;
    not the penalty, which is set.

    References
    ----------
    MODEL.md, Long context.

    Examples
    --------
    >>> from efficiency.scenario import Scenario
    >>> low, middle, high = crossover(Setting(Scenario()), 1.0, "token")
    >>> 100 < low < middle < high < 30_000
    True
    """
    if not penalty >= 1.0:
        raise ValueError(f"penalty is {penalty!r}; allowed: 1 or more")
    own, other = _costs(setting, "transformer"), _costs(setting, kind)
    contexts = np.array(SEARCHED)
    plain = per_unit(own._replace(training=0.0 * own.training), unit, contexts[:, None])
    charged = per_unit(with_penalty(other, setting, penalty), unit, contexts[:, None])
    middle, *sampled = crossing(contexts, np.asarray(charged / plain))
    return Crossover(*range_of_draws(float(middle), sampled))
