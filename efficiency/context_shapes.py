"""What a model keeps of a context: keys and values by kind of attention, or a state of constant size."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from efficiency import catalogue
from efficiency.architectures import architecture
from efficiency.arrays import Floats, smaller
from efficiency.caches import attended_tokens, cache_bytes
from efficiency.catalogue import Model
from efficiency.facts import fact
from efficiency.movement import BITS_PER_BYTE

HEADS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "as_built": "As the model has them",
        "many": "One for each head (MHA)",
        "grouped": "Eight groups (GQA)",
        "one": "One for all (MQA)",
        "latent": "A latent (MLA)",
    }
)
"""Keys and values that attention keeps: setting to words."""
WINDOWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "as_built": "As the model has them",
        "none": "None",
        "half": "Every other layer, 4,096",
        "most": "5 of 6 layers, 1,024",
    }
)
"""Layers that look back a window only: setting to words; as in Gemma 2 and Gemma 3."""
KV_BITS: Final = (16.0, 8.0, 4.0)
"""Widths of a number in the cache."""
KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {"transformer": "Transformer", "state_space": "State-space model", "hybrid": "Hybrid"}
)
"""Kinds of model compared: the chosen one, and the same with other layers in place of attention."""

_GROUPS: Final = 8.0
_LATENT_OF: Final = "deepseek_v3"
_WINDOW_OF: Final = MappingProxyType({"half": "gemma2_9b", "most": "gemma3_27b"})
_ALL_HEADS_BITS: Final = 16.0


@dataclass(frozen=True, slots=True)
class Attention:
    """How a transformer attends: a key of `HEADS`, one of `WINDOWS`, and the width of the cache's numbers [bit]."""

    heads: str = "as_built"
    window: str = "as_built"
    kv_bits: float = 16.0

    def __post_init__(self) -> None:
        for name, allowed in (("heads", HEADS), ("window", WINDOWS)):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is {getattr(self, name)!r}; allowed: {', '.join(allowed)}")
        if self.kv_bits not in KV_BITS:
            raise ValueError(f"kv_bits is {self.kv_bits!r}; allowed: {', '.join(f'{b:g}' for b in KV_BITS)}")


class StateShape(NamedTuple):
    """A state-space layer: numbers per channel, channels over width, bits of a number, FLOP on each for a token."""

    size: Floats
    expansion: Floats
    bits: Floats
    flop: Floats


def state_shape() -> StateShape:
    """Give the state-space layer that is compared, at its central values.

    Returns
    -------
    StateShape
        Numbers per channel, channels over width [1], width [bit], work [FLOP].

    Notes
    -----
    That of Mamba-2, kept in 32 bits.

    References
    ----------
    `efficiency/data/context.csv`; Dao, T. and Gu, A., "Transformers are SSMs", arXiv:2405.21060.

    Examples
    --------
    >>> state_shape().size
    128.0
    """
    return StateShape(*(fact(f"context.state_{name}").si for name in StateShape._fields))


def attention_model(key: str, attention: Attention) -> Model:
    """Give a model another kind of attention.

    Parameters
    ----------
    key : str
        Short key of a model.
    attention : Attention
        Heads of keys and values, and windows.

    Returns
    -------
    Model
        The model with these; weights and layers stay [1].

    Notes
    -----
    The latent is that of DeepSeek-V3, 576 numbers; windows are those of Gemma 2 and Gemma 3. Quality changes with them,
    which this leaves out.

    References
    ----------
    `efficiency/data/models.csv`; Ainslie, J. et al., "GQA", arXiv:2305.13245.

    Examples
    --------
    >>> attention_model("llama31_70b", Attention("one")).kv_heads
    1.0
    """
    model = catalogue.model(key)
    if attention.heads == "latent":
        model = dataclasses.replace(model, kv_heads=1.0, latent=catalogue.model(_LATENT_OF).latent)
    elif attention.heads != "as_built":
        kept = {"many": model.heads, "grouped": min(_GROUPS, model.heads), "one": 1.0}[attention.heads]
        model = dataclasses.replace(model, kv_heads=kept, latent=0.0)
    if attention.window == "none":
        return dataclasses.replace(model, window=0.0, windowed_share=0.0)
    if attention.window != "as_built":
        shape = architecture(_WINDOW_OF[attention.window])
        return dataclasses.replace(model, window=shape.window, windowed_share=shape.windowed_share)
    return model


def kv_bytes(model: Model, kv_bits: Floats, tokens: Floats) -> Floats:
    """Bytes of keys and values that one conversation keeps, and reads for every token.

    Parameters
    ----------
    model : Model
        Its attention.
    kv_bits : float or ndarray
        Width of a number, also below 8 [bit].
    tokens : float or ndarray
        Length of the context [1].

    Returns
    -------
    float or ndarray
        Size [B].

    Notes
    -----
    `caches.cache_bytes` in 16 bits, scaled: that one keeps at least 8.

    References
    ----------
    `caches.cache_bytes`; Liu, Z. et al., "KIVI", arXiv:2402.02750, for fewer bits.

    Examples
    --------
    >>> kv_bytes(attention_model("llama31_70b", Attention()), 16.0, 1e6) / 1e9
    327.68
    """
    return cache_bytes(model, _ALL_HEADS_BITS, tokens) * kv_bits / _ALL_HEADS_BITS


def state_values(model: Model, state: StateShape) -> Floats:
    """Numbers in the state of a model whose layers with attention keep a state instead.

    Parameters
    ----------
    model : Model
        Layers with attention, and width.
    state : StateShape
        The layer that stands in.

    Returns
    -------
    float or ndarray
        Whatever the context [1].

    Notes
    -----
    Layers x expansion x width x size; one layer for each layer with attention.

    References
    ----------
    Dao, T. and Gu, A., "Transformers are SSMs", arXiv:2405.21060; `architectures.Architecture.state_values`.

    Examples
    --------
    >>> state_values(attention_model("llama31_70b", Attention()), state_shape()) / 1e6
    167.77216
    """
    return model.attention_layers * state.expansion * model.hidden * state.size


def state_bytes(model: Model, state: StateShape) -> Floats:
    """Bytes of a conversation's state.

    Parameters
    ----------
    model : Model
        Layers with attention, and width.
    state : StateShape
        The layer that stands in.

    Returns
    -------
    float or ndarray
        Size [B].

    Notes
    -----
    The short convolution before it keeps a thirtieth as much, which is left out.

    References
    ----------
    `state_values`.

    Examples
    --------
    >>> round(state_bytes(attention_model("llama31_70b", Attention()), state_shape()) / 1e6)
    671
    """
    return state_values(model, state) * state.bits / BITS_PER_BYTE


def attention_token_flop(model: Model, tokens: Floats) -> Floats:
    """FLOP with which one token attends to a context.

    Parameters
    ----------
    model : Model
        Its attention.
    tokens : float or ndarray
        Length of the context [1].

    Returns
    -------
    float or ndarray
        Forward, all layers [FLOP].

    Notes
    -----
    `decode_step.attention_flop`, for attention that no model of the catalogue has.

    References
    ----------
    .. [1] Kaplan, J. et al., "Scaling Laws for Neural Language Models", arXiv:2001.08361, table 1.

    Examples
    --------
    >>> attention_token_flop(attention_model("llama31_70b", Attention()), 1.0) == 4 * 64 * 128 * 80
    True
    """
    return (
        4.0 * model.heads * (model.latent or model.head_size) * model.attention_layers * attended_tokens(model, tokens)
    )


def _per_attended_flop(model: Model) -> float:
    return 4.0 * model.heads * (model.latent or model.head_size) * model.attention_layers


def mean_attention_flop(model: Model, tokens: Floats) -> Floats:
    r"""FLOP of attention for a token of a text that is read, in the mean over the text.

    Parameters
    ----------
    model : Model
        Its attention.
    tokens : float or ndarray
        Length of the text [1].

    Returns
    -------
    float or ndarray
        Forward, all layers [FLOP].

    Notes
    -----
    A token attends to half of the text in the mean; where a layer has a window w, to :math:`w (1 - w/2n)`.

    References
    ----------
    `attention_token_flop`.

    Examples
    --------
    >>> model = attention_model("llama31_70b", Attention())
    >>> mean_attention_flop(model, 100.0) == 0.5 * attention_token_flop(model, 100.0)
    True
    """
    one = _per_attended_flop(model)
    seen = smaller(tokens, model.window) if model.windowed_share else 0.0
    windowed = seen - 0.5 * seen * seen / tokens
    return one * ((1.0 - model.windowed_share) * 0.5 * tokens + model.windowed_share * windowed)
