"""Kinds of sparsity on the chosen machine: the bytes and multiply-adds that each saves for a written token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from efficiency import catalogue
from efficiency.arrays import Floats, larger, smaller
from efficiency.decode_step import FLOP_PER_PARAMETER_FORWARD, TILE_ROWS, attention_flop, decode_step, replica_chips
from efficiency.draws import sampled_inputs
from efficiency.experts import expert_weights
from efficiency.facts import fact
from efficiency.inputs import Inputs, central_inputs
from efficiency.ledger import Energies
from efficiency.movement import metadata_bits, weight_bytes
from efficiency.scenario import Scenario
from efficiency.sparsity_quality import equal_quality_growth, least_density
from efficiency.workloads import decode_energies


class Kind(NamedTuple):
    """A kind of sparsity: its name, and whose quality it has."""

    name: str
    quality: str


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "two_four": Kind("2:4 weights", "two_four"),
        "unstructured": Kind("Weights, as built", "unstructured"),
        "skipped": Kind("Weights, zeros skipped", "unstructured"),
        "activation": Kind("Activations", "activation"),
        "experts": Kind("Experts", "experts"),
    }
)
"""Key to kind. "As built" multiplies zeros too; what skips them all is no product yet."""

STEPS: Final = (
    *(1.0, 0.9, 0.8, 0.75, 0.7, 0.6, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.125),
    *(0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02, 0.015, 0.01, 0.007, 0.005, 0.003, 0.002, 0.001),
)
"""Shares of the multiply-adds at which a figure's slider stops."""
_DROPPED: Final = frozenset({"two_four", "unstructured", "skipped"})
"""Kinds that leave weights out of the memory too."""
_SPARSEST: Final = "gpt_oss_120b"
_INDEPENDENT_CHOICE: Final = fact("serving.independent_choice").si


class WeightWork(NamedTuple):
    """What a step does with the weights, over what it does with all of them: bytes read, rows multiplied [1]."""

    read: Floats
    multiplied: Floats


def always_used_share() -> float:
    """Share of a mixture's weights that every token uses: attention, embeddings, routers.

    Returns
    -------
    float
        Of all weights [1].

    Notes
    -----
    Of gpt-oss-120b, the sparsest mixture of the table: 1.3 %. No mixture works more sparsely than that.

    References
    ----------
    `efficiency/data/models.csv`.

    Examples
    --------
    >>> round(always_used_share(), 3)
    0.013
    """
    model = catalogue.model(_SPARSEST)
    return 1.0 - expert_weights(model) / model.parameters


def weight_work(kind: str, density: Floats, batch: Floats, bits: Floats) -> WeightWork:
    r"""Bytes and multiply-adds of the weights that a kind of sparsity leaves.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    density : float or ndarray
        Share of the weights, or of a token's multiply-adds, that is left, above 0 and at most 1 [1].
    batch : float or ndarray
        Sequences decoded together [1].
    bits : float or ndarray
        Width of a weight [bit].

    Returns
    -------
    WeightWork
        Over the dense model's [1].

    Raises
    ------
    ValueError
        For an unknown kind.

    Notes
    -----
    Weights: :math:`d (b + H(d)/d)/b` of the bytes, with the pattern; never more than all, because dense storage is
    always possible. 2:4 units and an ideal one multiply d of them; matrix units as built multiply the zeros too.
    Activations: a column of weights is needed if any sequence of the batch needs it, :math:`1 - (1 - d)^B`. Experts: as
    `experts.touched_share`, beside what every token uses; each touched expert computes tiles of its own, and the sums
    stop at the dense model's.

    References
    ----------
    `movement.metadata_bits`; MODEL.md, Sparsity.

    Examples
    --------
    >>> [float(share) for share in weight_work("two_four", 0.5, 64.0, 16.0)]
    [0.5625, 0.5]
    >>> round(weight_work("activation", 0.1, 64.0, 16.0).read, 3)
    0.999
    """
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; allowed: {', '.join(KINDS)}")
    if kind == "activation":
        needed = 1.0 - (1.0 - density) ** batch
        return WeightWork(needed, needed)
    if kind == "experts":
        return _experts_work(density, batch)
    read = smaller(density * (bits + metadata_bits(density)) / bits, 1.0)
    return WeightWork(read, density if kind != "unstructured" else density**0.0)


def _experts_work(density: Floats, batch: Floats) -> WeightWork:
    always = always_used_share()
    chosen = larger((density - always) / (1.0 - always), 0.0)
    touched = 1.0 - (1.0 - chosen) ** (1.0 + _INDEPENDENT_CHOICE * (batch - 1.0))
    rows = larger(batch, TILE_ROWS)
    # Each expert's own sequences, and a tile begun for each that is touched; all experts chosen are one dense layer.
    own = smaller(batch * chosen + touched * TILE_ROWS, rows)
    used = smaller(density, always)
    return WeightWork(used + (1.0 - always) * touched, used + (1.0 - always) * own / rows)


def sparse_energies(scenario: Scenario, inputs: Inputs, kind: str, density: Floats, growth: Floats = 1.0) -> Energies:
    """Ledger of one token written by a model that leaves out part of its work.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields and its own density.
    inputs : Inputs
        Facts, central or sampled.
    kind : str
        One of `KINDS`.
    density : float or ndarray
        Share of the multiply-adds that is left [1].
    growth : float or ndarray
        Weights of the sparse model over the dense one's, before any are left out [1].

    Returns
    -------
    Energies
        Per token written [J].

    Notes
    -----
    Batch and caches stay. The machine has as many chips as hold the weights that are stored, with the caches: fewer
    where weights are dropped, all where a token only passes some by. The dense model uses all of its weights for every
    token, also where the scenario's own is a mixture of experts.

    References
    ----------
    `workloads.decode_energies`; MODEL.md, Sparsity.

    Examples
    --------
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> dense, tenth = (sparse_energies(Scenario(), inputs, "experts", share).total_j() for share in (1.0, 0.1))
    >>> bool(0.3 * dense < tenth < dense)
    True
    """
    dense = replace(scenario, density=1.0)
    batch = scenario.batch
    weights = catalogue.model(scenario.model).parameters
    work = weight_work(kind, density, batch, scenario.bits)
    whole = growth * weight_bytes(weights, scenario.bits, 1.0)
    read = work.read * whole
    products = work.multiplied * growth * larger(batch, TILE_ROWS) * FLOP_PER_PARAMETER_FORWARD * weights
    stored = read if kind in _DROPPED else whole
    step = decode_step(dense, inputs, batch, replica_chips(dense, inputs, stored_bytes=stored))._replace(
        weight_bytes=0.0 * read if scenario.movement == "in_memory" else read,
        waiting_bytes=0.0,
        flop=products + batch * attention_flop(scenario),
    )
    return decode_energies(dense, inputs, step=step)[0]


def saving(scenario: Scenario, kind: str, density: float, samples: int = 0) -> tuple[float, float, float]:
    """Energy of a written token without sparsity over that with it.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields and its own density.
    kind : str
        One of `KINDS`.
    density : float
        Share of the multiply-adds that is left [1].
    samples : int
        Draws for the range, a power of two; 0 for none [1].

    Returns
    -------
    tuple of float
        5 %, central and 95 % of the factor [1].

    Notes
    -----
    One draw of the facts is used for both.

    References
    ----------
    `sparse_energies`.

    Examples
    --------
    >>> low, central, high = saving(Scenario(), "skipped", 0.01, 64)
    >>> 1 < low < central < high < 100
    True
    """
    central = _factor(scenario, _central(scenario), kind, density)
    if not samples:
        return float(central), float(central), float(central)
    drawn = sampled_inputs(*_choices(scenario), samples, scenario.engine)
    low, high = np.quantile(_factor(scenario, drawn, kind, density), (0.05, 0.95))
    return min(float(low), float(central)), float(central), max(float(high), float(central))


def _factor(scenario: Scenario, inputs: Inputs, kind: str, density: float) -> Floats:
    dense = sparse_energies(scenario, inputs, kind, 1.0).total_j()
    return dense / sparse_energies(scenario, inputs, kind, density).total_j()


def _choices(scenario: Scenario) -> tuple[str, str, str, float]:
    return scenario.system, scenario.chip, scenario.run, float(scenario.bits)


def _central(scenario: Scenario) -> Inputs:
    return central_inputs(*_choices(scenario), scenario.engine)


def sweep(scenario: Scenario, kind: str, densities: tuple[float, ...], equal_quality: bool) -> Energies:
    """Ledgers along the density, one for each.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields and its own density.
    kind : str
        One of `KINDS`.
    densities : tuple of float
        Shares of the multiply-adds that are left [1].
    equal_quality : bool
        Whether the model grows until it is as good as the dense one, by the central growth.

    Returns
    -------
    Energies
        Per token written, arrays along the densities [J].

    Notes
    -----
    Below `lowest_density` a kind has no evidence; the growth is extrapolated.

    References
    ----------
    `sparse_energies`, `sparsity_quality.equal_quality_growth`.

    Examples
    --------
    >>> sweep(Scenario(), "skipped", (1.0, 0.1), False).total_j().shape
    (2,)
    """
    shares = np.array(densities)
    growth = np.array([equal_quality_growth(KINDS[kind].quality, d).central for d in densities])
    found = sparse_energies(scenario, _central(scenario), kind, shares, growth if equal_quality else 1.0)
    return Energies(*(np.broadcast_to(part, shares.shape) for part in found))


def lowest_density(kind: str) -> float:
    """Lowest density at which a kind has been shown to work at a known quality.

    Parameters
    ----------
    kind : str
        One of `KINDS`.

    Returns
    -------
    float
        Share of the multiply-adds that is left [1].

    Notes
    -----
    Shown in software or on paper; not that it is fast, nor that it saves energy.

    References
    ----------
    `sparsity_quality.least_density`.

    Examples
    --------
    >>> lowest_density("skipped")
    0.125
    """
    return least_density(KINDS[kind].quality)
