"""Text by block diffusion: many tokens of a block in each pass over the weights, against one token at a time."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from efficiency.arrays import Floats, smaller
from efficiency.context_crossover import SAMPLES
from efficiency.decode_step import decode_step
from efficiency.draws import mixed
from efficiency.facts import fact
from efficiency.inputs import FACT_OF, Inputs, central_inputs, inputs_at
from efficiency.sampling import SEED, Range, range_of_draws, sample
from efficiency.scenario import Scenario
from efficiency.workloads import decode_energies

BATCHES: Final = tuple(float(2**power) for power in range(13))
"""Conversations at once, along which a figure is drawn [1]."""
BLOCKS: Final = (4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)
"""Tokens in a block [1]."""
SETTLED: Final = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 8.0, 9.0, 10.0, 12.0,
                  14.0, 16.0, 20.0, 24.0, 32.0)  # fmt: skip
"""Tokens that a pass settles, at which a figure's slider stops [1]."""
TOKENS: Final = 1000.0
"""Tokens of text whose energy is told [1]."""


def passes_per_token(block: Floats, settled: Floats, cache_passes: Floats) -> Floats:
    r"""Count the passes over the weights for each token written.

    Parameters
    ----------
    block : float or ndarray
        Tokens in a block [1].
    settled : float or ndarray
        Tokens that a pass settles in the mean; no more than the block [1].
    cache_passes : float or ndarray
        Passes that write a finished block into the cache [1].

    Returns
    -------
    float or ndarray
        Passes [1].

    Notes
    -----
    :math:`1/\tau + c/L`. A block of one token needs no pass of its own for the cache.

    References
    ----------
    Arriola, M. et al., "Block Diffusion", arXiv:2503.09573.

    Examples
    --------
    >>> passes_per_token(32.0, 4.0, 1.0), passes_per_token(1.0, 1.0, 1.0)
    (0.28125, 1.0)
    """
    extra = np.where(np.asarray(block) > 1.0, cache_passes / block, 0.0)
    found = 1.0 / smaller(settled, block) + extra
    return float(found) if np.ndim(found) == 0 else found


def block_energy_j(scenario: Scenario, inputs: Inputs, block: Floats, settled: Floats, cache_passes: Floats) -> Floats:
    """Energy of a token written by block diffusion.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields; its batch are the conversations at once.
    inputs : Inputs
        Facts, central or sampled.
    block : float or ndarray
        Tokens in a block [1].
    settled : float or ndarray
        Tokens that a pass settles in the mean [1].
    cache_passes : float or ndarray
        Passes that write a finished block into the cache [1].

    Returns
    -------
    float or ndarray
        Per token written [J].

    Notes
    -----
    A pass computes every token of the block of every conversation, so a pass of B blocks of L multiplies like a step of
    B L conversations; weights are read once for all of them, and each conversation's cache once for its block. The
    cache of earlier blocks is exact, as blocks are causal. A block of one token is `workloads.decode_energies`.

    References
    ----------
    MODEL.md, Generation; Arriola, M. et al., "Block Diffusion", arXiv:2503.09573.

    Examples
    --------
    >>> scenario = Scenario(batch=1.0)
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> one = decode_energies(scenario, inputs)[0].total_j()
    >>> bool(block_energy_j(scenario, inputs, 1.0, 1.0, 1.0) == one)
    True
    >>> bool(block_energy_j(scenario, inputs, 32.0, 4.0, 1.0) < 0.5 * one)
    True
    """
    batch = scenario.batch
    alone = decode_step(scenario, inputs, batch)
    rows = decode_step(scenario, inputs, batch * block, alone.chips)
    step = rows._replace(cache_bytes=alone.cache_bytes)
    per_pass = decode_energies(scenario, inputs, batch, step)[0].total_j()
    return per_pass * passes_per_token(block, settled, cache_passes)


def whole_text_energy_j(scenario: Scenario, inputs: Inputs, prompt: Floats, answer: Floats, settled: Floats) -> Floats:
    """Energy of a token written by diffusion of a whole answer, without a cache.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields and its context; its batch are the conversations at once.
    inputs : Inputs
        Facts, central or sampled.
    prompt, answer : float or ndarray
        Tokens of prompt and answer, all of which every pass computes [1].
    settled : float or ndarray
        Tokens that a pass settles in the mean [1].

    Returns
    -------
    float or ndarray
        Per token written [J].

    Notes
    -----
    As LLaDA does: attention looks both ways, so that nothing of an earlier pass can be kept.

    References
    ----------
    Nie, S. et al., "Large Language Diffusion Models", arXiv:2502.09992.

    Examples
    --------
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> scenario = Scenario(batch=1.0)
    >>> bool(whole_text_energy_j(scenario, inputs, 500.0, 500.0, 1.0) > decode_energies(scenario, inputs)[0].total_j())
    True
    """
    length = prompt + answer
    short = replace(scenario, context_tokens=length)
    step = decode_step(short, inputs, short.batch * length)._replace(cache_bytes=0.0 * length)
    return decode_energies(short, inputs, short.batch, step)[0].total_j() / settled


class Curve(NamedTuple):
    """Energy of a token along `BATCHES` [J]: central, shape (n,), and sampled, shape (samples, n)."""

    central: npt.NDArray[np.float64]
    sampled: npt.NDArray[np.float64]


@functools.lru_cache(maxsize=32)
def drawn(chip: str, run: str, bits: float, engine: str) -> tuple[Inputs, npt.NDArray[np.float64]]:
    """Draw the inputs, and the passes for the cache, together.

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
    ndarray
        Passes for a finished block, between 0 and 1 [1].

    Notes
    -----
    Plain seeded normals, as `context_crossover.drawn`.

    References
    ----------
    `draws.mixed`, `sampling.sample`.

    Examples
    --------
    >>> drawn("h100", "gpt3", 16.0, "graphs_2025")[1].shape
    (256,)
    """
    normals = np.random.default_rng(SEED).standard_normal((SAMPLES, len(FACT_OF) + 1))
    cache = np.minimum(sample(fact("generation.cache_passes"), normals[:, -1]), 1.0)
    return inputs_at(mixed(normals, engine), "own", chip, run, bits, engine), cache


@functools.lru_cache(maxsize=64)
def _passes(scenario: Scenario, block: float) -> Curve:
    """Work out the energy of a pass for each conversation, along `BATCHES`."""
    choices = scenario.chip, scenario.run, float(scenario.bits), scenario.engine
    middle, (sampled, _) = central_inputs("own", *choices), drawn(*choices)
    every = replace(scenario, batch=np.array(BATCHES)[:, None])
    shape = (len(BATCHES), SAMPLES)
    return Curve(
        np.broadcast_to(block_energy_j(every, middle, block, block, 0.0), (shape[0], 1))[:, 0] * block,
        np.broadcast_to(block_energy_j(every, sampled, block, block, 0.0), shape).T * block,
    )


def curve(scenario: Scenario, block: float, settled: float) -> Curve:
    """Energy of a token by conversations at once.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields and its batch.
    block : float
        Tokens in a block; 1 is one token at a time [1].
    settled : float
        Tokens that a pass settles in the mean [1].

    Returns
    -------
    Curve
        Along `BATCHES` [J].

    Notes
    -----
    The machine is as many chips as hold weights and caches at each batch.

    References
    ----------
    `block_energy_j`.

    Examples
    --------
    >>> found = curve(Scenario(), 32.0, 4.0)
    >>> found.central.shape, found.sampled.shape
    ((13,), (256, 13))
    """
    found = _passes(scenario, block)
    extra = drawn(scenario.chip, scenario.run, float(scenario.bits), scenario.engine)[1]
    middle = passes_per_token(block, settled, fact("generation.cache_passes").si)
    return Curve(found.central * middle, found.sampled * np.asarray(passes_per_token(block, settled, extra))[:, None])


class Advantage(NamedTuple):
    """One token at a time over block diffusion, alone [1], and conversations from which it takes less: 5, 50, 95 %."""

    gain: Range
    crossover: Range


@functools.lru_cache(maxsize=1024)
def advantage(scenario: Scenario, block: float, settled: float) -> Advantage:
    """Compare block diffusion with one token at a time.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields and its batch.
    block : float
        Tokens in a block [1].
    settled : float
        Tokens that a pass settles in the mean [1].

    Returns
    -------
    Advantage
        The gain for one conversation [1], and conversations at once from which one token at a time takes less; 1 where
        it always does, infinity where it does not up to 4,096 [1].

    Raises
    ------
    ValueError
        If a block or what a pass settles is below 1 or not a number.

    Notes
    -----
    One draw of the facts serves both. What a pass settles is set, and has no range here.

    References
    ----------
    MODEL.md, Generation.

    Examples
    --------
    >>> found = advantage(Scenario(), 32.0, 4.0)
    >>> 2 < found.gain[1] < 4 and 4 < found.crossover[1] < 100
    True
    """
    for name, value in (("block", block), ("settled", settled)):
        if not value >= 1.0:
            raise ValueError(f"{name} is {value!r}; allowed: 1 or more")
    one, many = curve(scenario, 1.0, 1.0), curve(scenario, block, settled)
    gains = one.sampled[:, 0] / many.sampled[:, 0]
    batches = np.array(BATCHES)
    # One at a time over blocks falls below 1 where one at a time begins to pay.
    ratios = np.vstack([one.central / many.central, one.sampled / many.sampled])
    turn, *turns = _turns(batches, ratios)
    middle = float(one.central[0] / many.central[0])
    return Advantage(range_of_draws(middle, gains), range_of_draws(float(turn), turns))


def _turns(batches: npt.NDArray[np.float64], ratio: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Find in each row the first batch at which a ratio falls to 1, between two of them on logarithms."""
    below = ratio <= 1.0
    first = np.argmax(below, axis=1)
    before = np.maximum(first - 1, 0)
    rows = np.arange(len(ratio))
    here, there = np.log(ratio[rows, before]), np.log(ratio[rows, first])
    low, high = np.log(batches[before]), np.log(batches[first])
    with np.errstate(divide="ignore", invalid="ignore"):
        between = np.exp(low + (high - low) * np.clip(here / (here - there), 0.0, 1.0))
    found = np.where(first == 0, batches[0], between)
    return np.where(below.any(axis=1), found, np.inf)
