"""Long context: a transformer against the same model with a state of constant size, per token and per request."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from efficiency.arrays import Floats, larger, smaller
from efficiency.catalogue import Model
from efficiency.context_shapes import (
    KINDS,
    Attention,
    StateShape,
    attention_model,
    attention_token_flop,
    kv_bytes,
    mean_attention_flop,
    state_bytes,
    state_shape,
    state_values,
)
from efficiency.decode_step import attention_flop, decode_step
from efficiency.facts import fact
from efficiency.inputs import Inputs, central_inputs
from efficiency.movement import weight_bytes
from efficiency.scenario import Scenario
from efficiency.workloads import decode_energies, prefill_energies, training_energies

CONTEXTS: Final = tuple(float(f"{x:.3g}") for x in np.logspace(3, 7, 33))
"""Contexts along which a figure is drawn: 1,000 to 10 million tokens [1]."""
PENALTIES: Final = (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2.0, 2.2, 2.5, 2.8, 3.0, 3.5, 4.0, 4.5,
                    5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0, 8.5, 9.0, 9.5, 10.0)  # fmt: skip
"""Penalties at which a figure's slider stops [1]."""
SERVED: Final = (1e12, 1e13, 1e14, 1e15, 1e16)
"""Tokens that share one training run [1]."""
MACHINES: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 72.0)
"""Chips that serve together [1]."""
_MEMORY_FILL: Final = fact("serving.memory_fill").si


@dataclass(frozen=True, slots=True)
class Setting:
    """What is compared: the scenario, its attention, the machine, and how a training penalty is paid.

    Attributes
    ----------
    scenario : Scenario
        Model, chip, precision, batch wanted and scope; its own context is not used.
    attention : Attention
        Of the transformer.
    chips : float
        Chips that serve together at least; twice, four times, ... as many where that takes less [1].
    paid : {"training", "size"}
        A penalty p takes p times the tokens, or a model sqrt(p) times as large on sqrt(p) times the tokens.
    served_tokens : float
        Tokens, read and written, that share the training [1].
    """

    scenario: Scenario
    attention: Attention = field(default_factory=Attention)
    chips: float = 8.0
    paid: str = "training"
    served_tokens: float = 1e14

    def __post_init__(self) -> None:
        if self.paid not in ("training", "size"):
            raise ValueError(f"paid is {self.paid!r}; allowed: training, size")
        for name in ("chips", "served_tokens"):
            if not 1.0 <= getattr(self, name) <= 1e20:
                raise ValueError(f"{name} is {getattr(self, name)!r}; allowed: 1 to 1e+20")


class Assumed(NamedTuple):
    """What is not in `Inputs`: the state, the hybrid's share of layers with attention, tokens per parameter [1]."""

    state: StateShape
    hybrid_attention: Floats
    training_tokens: Floats


class Held(NamedTuple):
    """What a machine holds: its chips, conversations at once [1], and what one of them keeps [B]."""

    chips: Floats
    conversations: Floats
    kept_bytes: Floats


class Cost(NamedTuple):
    """Energy at a context [J]: a token written, a token read (mean), without training; and training per token."""

    written: Floats
    read: Floats
    training: Floats


def central_assumed() -> Assumed:
    """Give what is assumed beside `Inputs`, at its central values.

    Returns
    -------
    Assumed
        State, share of attention, tokens per parameter [1].

    Notes
    -----
    From the records of this topic.

    References
    ----------
    `efficiency/data/context.csv`.

    Examples
    --------
    >>> central_assumed().training_tokens
    200.0
    """
    return Assumed(state_shape(), fact("context.hybrid_attention").si, fact("context.training_tokens").si)


def attention_share(kind: str, assumed: Assumed) -> Floats:
    """Share of the layers that mix tokens by attention; the others keep a state.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    assumed : Assumed
        Share of a hybrid.

    Returns
    -------
    float or ndarray
        Between 0 and 1 [1].

    Raises
    ------
    ValueError
        For an unknown kind.

    Notes
    -----
    Of the layers that have attention in the model as built.

    References
    ----------
    Waleffe, R. et al., "An Empirical Study of Mamba-based Language Models", arXiv:2406.07887.

    Examples
    --------
    >>> attention_share("hybrid", central_assumed())
    0.14
    """
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; allowed: {', '.join(KINDS)}")
    return {"transformer": 1.0, "state_space": 0.0, "hybrid": assumed.hybrid_attention}[kind]


def held(kind: str, setting: Setting, inputs: Inputs, assumed: Assumed, tokens: Floats) -> Held:
    """Say what a machine is and holds: how many conversations of a length it serves at once.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    setting : Setting
        Machine, model and attention.
    inputs : Inputs
        Memory of a chip.
    assumed : Assumed
        The state.
    tokens : float or ndarray
        Length of a conversation [1].

    Returns
    -------
    Held
        Chips, conversations [1], bytes kept by one [B].

    Notes
    -----
    Every kind gets the machine on which it takes the least energy for a token written, by the central values: the chips
    that are set, or twice, four times, ... as many. So no context is dearer only because its machine was chosen badly,
    and a longer one is never cheaper. Weights first, conversations in what is left, at least one. No more than the
    scenario's batch are served. Not rounded to whole conversations: they come and go, and their mean counts.

    References
    ----------
    MODEL.md, Long context; `efficiency/data/serving.csv`: serving.memory_fill.

    Examples
    --------
    >>> setting = Setting(Scenario(batch=4096.0))
    >>> found = held("transformer", setting, central(setting.scenario), central_assumed(), 1e5)
    >>> found.chips, round(found.conversations)
    (32.0, 66)
    """
    return _held(kind, setting, inputs, assumed, tokens, _machine(kind, setting, tokens))


def _held(kind: str, setting: Setting, inputs: Inputs, assumed: Assumed, tokens: Floats, chips: Floats) -> Held:
    """Fill a machine, which grows where one conversation does not fit."""
    weights, kept = _sizes_bytes(kind, setting, assumed, tokens)
    memory = _MEMORY_FILL * inputs.memory_bytes
    chips = larger(chips, -(-(weights + kept) // memory))
    room = (memory * chips - weights) / kept
    return Held(chips, smaller(larger(room, 1.0), setting.scenario.batch), kept)


def _sizes_bytes(kind: str, setting: Setting, assumed: Assumed, tokens: Floats) -> tuple[Floats, Floats]:
    """Size the weights, and what one conversation keeps [B]."""
    model = attention_model(setting.scenario.model, setting.attention)
    share = attention_share(kind, assumed)
    kept = share * kv_bytes(model, setting.attention.kv_bits, tokens)
    kept = kept + (1.0 - share) * state_bytes(model, assumed.state)
    return weight_bytes(model.parameters, setting.scenario.bits, setting.scenario.density), kept


def _machine(kind: str, setting: Setting, tokens: Floats) -> Floats:
    """Choose the chips, of the set number and its doublings, that take least for a token written."""
    contexts = np.atleast_1d(np.asarray(tokens, dtype=float)).ravel()
    chosen = _chosen_chips(kind, setting, tuple(contexts.tolist())).reshape(np.shape(tokens))
    return chosen if chosen.ndim else float(chosen)


@functools.lru_cache(maxsize=256)
def _chosen_chips(kind: str, setting: Setting, contexts: tuple[float, ...]) -> npt.NDArray[np.float64]:
    inputs, assumed = central(setting.scenario), central_assumed()
    along = np.array(contexts)
    weights, kept = _sizes_bytes(kind, setting, assumed, along)
    room = _MEMORY_FILL * inputs.memory_bytes
    largest = float(np.max(weights + setting.scenario.batch * kept)) / room
    doublings = max(0, math.ceil(math.log2(max(largest, 1.0) / setting.chips)))
    sizes = setting.chips * np.exp2(np.arange(doublings + 1, dtype=np.float64))[:, None]
    found = _written_j(kind, setting, inputs, assumed, along, _held(kind, setting, inputs, assumed, along, sizes))
    fits = sizes * room >= weights + kept
    return sizes[np.argmin(np.where(fits, found, np.inf), axis=0), 0]


def cost(kind: str, setting: Setting, inputs: Inputs, assumed: Assumed, tokens: Floats) -> Cost:
    """Energy of a token at a context, written and read, and the share of training that each token carries.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    setting : Setting
        What is compared.
    inputs : Inputs
        Facts, central or sampled.
    assumed : Assumed
        The state, and tokens of training.
    tokens : float or ndarray
        Length of the context [1].

    Returns
    -------
    Cost
        Per token [J].

    Notes
    -----
    Written: `workloads.decode_energies` with what this kind keeps. A state crosses the memory twice for a token, keys
    and values once. Read: the energy of a FLOP of reading times the FLOP; a token of a text attends to half of it.

    References
    ----------
    MODEL.md, Long context.

    Examples
    --------
    >>> setting = Setting(Scenario())
    >>> inputs, assumed = central(setting.scenario), central_assumed()
    >>> near, far = (cost("transformer", setting, inputs, assumed, n).written for n in (1e3, 1e6))
    >>> same, also = (cost("state_space", setting, inputs, assumed, n).written for n in (1e3, 1e6))
    >>> bool(far > 10 * near), bool(same == also)
    (True, True)
    """
    empty = replace(setting.scenario, context_tokens=1.0)
    model = attention_model(setting.scenario.model, setting.attention)
    written = _written_j(kind, setting, inputs, assumed, tokens, held(kind, setting, inputs, assumed, tokens))
    reading, flop = prefill_energies(empty, inputs)
    counted = flop * empty.density + 0.5 * attention_flop(empty)
    share = attention_share(kind, assumed)
    state_flop = (1.0 - share) * assumed.state.flop * state_values(model, assumed.state)
    done = flop * empty.density + share * mean_attention_flop(model, tokens) + state_flop
    training = training_energies(empty, inputs)[0].total_j() * _trained_on(model, assumed) / setting.served_tokens
    return Cost(written, reading.total_j() * done / counted, training)


def _written_j(kind: str, setting: Setting, inputs: Inputs, assumed: Assumed, tokens: Floats, fits: Held) -> Floats:
    """Energy of a token written by a filled machine [J]."""
    empty = replace(setting.scenario, context_tokens=1.0)
    model = attention_model(setting.scenario.model, setting.attention)
    share = attention_share(kind, assumed)
    moved = share * kv_bytes(model, setting.attention.kv_bits, tokens)
    moved = moved + (1.0 - share) * fact("context.state_passes").si * state_bytes(model, assumed.state)
    own_flop = share * attention_token_flop(model, tokens)
    own_flop = own_flop + (1.0 - share) * assumed.state.flop * state_values(model, assumed.state)
    batch = fits.conversations
    step = decode_step(empty, inputs, batch, fits.chips)
    step = step._replace(cache_bytes=batch * moved, flop=step.flop + batch * (own_flop - attention_flop(empty)))
    return decode_energies(empty, inputs, batch, step)[0].total_j()


def _trained_on(model: Model, assumed: Assumed) -> Floats:
    return assumed.training_tokens * model.active_parameters


def central(scenario: Scenario) -> Inputs:
    """Take the central inputs of a scenario's chip.

    Parameters
    ----------
    scenario : Scenario
        Chip, run, bits and engine.

    Returns
    -------
    Inputs
        Floats, in SI units [SI].

    Notes
    -----
    No yardstick of a site is computed, so any system will do.

    References
    ----------
    `inputs.central_inputs`.

    Examples
    --------
    >>> central(Scenario()).tdp_w
    700.0
    """
    return central_inputs("own", scenario.chip, scenario.run, float(scenario.bits), scenario.engine)
