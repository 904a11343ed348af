"""What attention keeps of a context, and reads again for every token."""

from __future__ import annotations

from efficiency.arrays import Floats, larger, smaller
from efficiency.catalogue import Model
from efficiency.movement import BITS_PER_BYTE, CACHE_BITS_AT_LEAST


def cache_bytes(model: Model, bits: Floats, context_tokens: Floats) -> Floats:
    r"""Bytes that one conversation keeps, and reads for every token it writes.

    Parameters
    ----------
    model : Model
        Layers with attention, KV heads and head size, or the latent; window.
    bits : float or ndarray
        Width of a number [bit]; the cache keeps at least 8.
    context_tokens : float or ndarray
        Tokens attended to [1].

    Returns
    -------
    float or ndarray
        Size [B].

    Notes
    -----
    :math:`2\,L\,h_{kv}\,d\,b/8` a token; a compressed cache (multi-head latent attention) keeps its latent instead.
    Layers with a window keep no more tokens than that.

    References
    ----------
    .. [1] Pope, R. et al., "Efficiently Scaling Transformer Inference", MLSys 2023, section 2.
    .. [2] DeepSeek-AI, "DeepSeek-V2", arXiv:2405.04434, section 2.1.

    Examples
    --------
    >>> from efficiency.catalogue import model
    >>> cache_bytes(model("llama31_70b"), 16.0, 1.0)
    327680.0
    """
    entry = model.latent if model.latent else 2.0 * model.kv_heads * model.head_size
    per_token = model.attention_layers * entry * larger(bits, CACHE_BITS_AT_LEAST) / BITS_PER_BYTE
    return per_token * attended_tokens(model, context_tokens)


def attended_tokens(model: Model, context_tokens: Floats) -> Floats:
    """Tokens that a layer attends to, in the mean over the layers with attention.

    Parameters
    ----------
    model : Model
        Its window and the share of layers that have it.
    context_tokens : float or ndarray
        Tokens before the one that is written [1].

    Returns
    -------
    float or ndarray
        At most the context [1].

    Notes
    -----
    A layer with a window looks back so many tokens and no more.

    References
    ----------
    .. [1] Beltagy, I. et al., "Longformer", arXiv:2004.05150, section 3.1.

    Examples
    --------
    >>> from efficiency.catalogue import model
    >>> attended_tokens(model("llama31_70b"), 2048.0), attended_tokens(model("gpt_oss_120b"), 2048.0)
    (2048.0, 1088.0)
    """
    if not model.windowed_share:
        return context_tokens
    seen = smaller(context_tokens, model.window)
    return context_tokens * (1.0 - model.windowed_share) + seen * model.windowed_share
