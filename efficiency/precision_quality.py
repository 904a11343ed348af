"""What fewer bits cost in quality: how much larger a model must be to be as good as it is at 16 bits."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from efficiency.facts import fact, facts

REFERENCE_BITS: Final = 16.0
"""Width whose quality is to be kept; wider ones have shown no gain."""
WIDE_ACTIVATIONS: Final = 8.0
"""At this width activations cost next to nothing in quality, so that narrower weights are what counts."""

_PUBLISHED: Final = (1.0, 2.0, 3.0, 4.0, 8.0)
_BEST_LAWS: Final = ("quest", "frantar")
_ANY_LAW: Final = ("quest", "frantar", "lsq")
# The most favourable published result needs no growth at all: NVFP4 against FP8 at 12 billion parameters, ternary
# weights against 16 bits at 3 billion. Nobody claims that of a single bit.
_NARROWEST_WITHOUT_GROWTH: Final = 1.58
_FAMILIES: Final = (
    ("llama1_7b", "llama1_13b", "llama1_30b", "llama1_65b"),
    ("llama2_7b", "llama2_13b", "llama2_70b"),
)


class Factor(NamedTuple):
    """A factor with its range [1]."""

    low: float
    central: float
    high: float


class SameQuality(NamedTuple):
    """A model quantised after training: width of its weights [bit], size over that of its equal at 16 bits [1]."""

    model: str
    bits: float
    growth: float


def effective_share(bits: float, part: str, offset: bool) -> float:
    r"""Share of its parameters that a model trained with few bits is worth, by the law of Kumar et al.

    Parameters
    ----------
    bits : float
        Width of the part [bit].
    part : {"weights", "activations"}
        What is narrowed; the other stays at 16 bits.
    offset : bool
        Whether the offset of the fit, which the printed formula leaves out, is used.

    Returns
    -------
    float
        Over the same at 16 bits, at least 0 [1].

    Notes
    -----
    :math:`N_{eff}/N = 1 - e^{-b/\gamma + n}` (equation 3, with the offset n of appendix K or without).

    References
    ----------
    .. [1] Kumar, T. et al., "Scaling Laws for Precision", arXiv:2411.04330, equations 3 and 4, appendix K.

    Examples
    --------
    >>> round(effective_share(4.0, "weights", offset=False), 2)
    0.78
    """
    gamma = fact(f"precision.kumar.{part}_sensitivity").si
    shift = fact(f"precision.kumar.{part}_offset").si if offset else 0.0

    def worth(width: float) -> float:
        return max(1.0 - math.exp(shift - width / gamma), 0.0)

    return worth(bits) / worth(REFERENCE_BITS)


def equal_quality_growth(bits: float, activation_bits: float | None = None) -> Factor:
    """Factor by which a model's parameters must grow at few bits to be as good as at 16.

    Parameters
    ----------
    bits : float
        Width of the weights [bit].
    activation_bits : float, optional
        Width of the activations, at least that of the weights; the same if not given [bit].

    Returns
    -------
    Factor
        Each at least 1; 1 from 16 bits on [1].

    Raises
    ------
    ValueError
        If a width is not positive.

    Notes
    -----
    Weights and activations alike: in the middle the geometric mean of the laws of QuEST and Frantar et al., which were
    fitted to models trained at that width; high is the least favourable published law (Kumar et al. down to 4 bits,
    LSQ, QuEST); low is 1 down to 1.58 bits, because a published model is said to lose nothing (NVFP4 at 12 billion
    parameters, BitNet at 3 billion), and at 1 bit that of the weights alone. Widths between are interpolated on
    logarithms. Narrower weights than activations: the growth at the activations' width times what weights alone add
    below it (Kumar et al., without the offset in the middle, with it at the high end). All laws come from models of at
    most a few billion parameters, trained at that width; below 4 bits they differ by factors.

    References
    ----------
    .. [1] Panferov, A. et al., "QuEST", arXiv:2502.05003, table 2.
    .. [2] Frantar, E. et al., "Compression Scaling Laws", arXiv:2502.16440.
    .. [3] Kumar, T. et al., "Scaling Laws for Precision", arXiv:2411.04330.
    .. [4] NVIDIA, arXiv:2509.25149; Ma, S. et al., arXiv:2402.17764.

    Examples
    --------
    >>> [round(factor, 2) for factor in equal_quality_growth(4.0)]
    [1.0, 1.38, 4.31]
    >>> [round(factor, 2) for factor in equal_quality_growth(4.0, 8.0)]
    [1.0, 1.22, 1.6]
    """
    wide = bits if activation_bits is None else max(bits, activation_bits)
    if not bits > 0.0 or not wide > 0.0:
        raise ValueError(f"bits is {bits!r} and activation_bits {activation_bits!r}; allowed: above 0")
    both = _whole(bits)
    if wide <= bits:
        return both
    base, narrow, broad = _whole(wide), _weights(bits), _weights(wide)
    low, central, high = (min(b * n / w, limit) for b, n, w, limit in zip(base, narrow, broad, both, strict=True))
    return Factor(min(low, central), central, max(high, central))


@functools.lru_cache(maxsize=256)
def _weights(bits: float) -> Factor:
    """Growth that narrow weights ask for by themselves."""
    narrow = min(bits, REFERENCE_BITS)
    central = 1.0 / effective_share(narrow, "weights", offset=False)
    low = 1.0 if bits >= _NARROWEST_WITHOUT_GROWTH else central
    # At a bit and less nothing is left by the law with the offset; what all laws say of both together bounds it.
    share = effective_share(narrow, "weights", offset=True)
    return Factor(low, central, max(1.0 / share if share > 0.0 else math.inf, central))


@functools.lru_cache(maxsize=256)
def _whole(bits: float) -> Factor:
    """Growth with weights and activations of one width."""
    if bits >= REFERENCE_BITS:
        return Factor(1.0, 1.0, 1.0)
    low = 1.0 if bits >= _NARROWEST_WITHOUT_GROWTH else _weights(bits).central
    central = max(_between(_middles(), bits), low)
    return Factor(low, central, max(_between(_worst(), bits), central))


@functools.cache
def _middles() -> Mapping[float, float]:
    """Growth in the middle by width."""
    found = {bits: _published(bits, _BEST_LAWS) for bits in _PUBLISHED}
    return MappingProxyType(
        {bits: math.exp(float(np.mean(np.log(laws)))) for bits, laws in found.items()} | {REFERENCE_BITS: 1.0}
    )


@functools.cache
def _worst() -> Mapping[float, float]:
    """Growth by the least favourable law by width, never less than at a greater width."""
    narrowest = fact("precision.kumar.narrowest_activations").si
    found: dict[float, float] = {REFERENCE_BITS: 1.0}
    highest = 1.0
    for bits in sorted({*_PUBLISHED, 6.0}, reverse=True):
        laws = _published(bits, _ANY_LAW)
        if bits >= narrowest:
            both = effective_share(bits, "weights", offset=True) * effective_share(bits, "activations", offset=True)
            laws = (*laws, 1.0 / both)
        highest = found[bits] = max(highest, *laws)
    return MappingProxyType(dict(sorted(found.items())))


def _published(bits: float, laws: tuple[str, ...]) -> tuple[float, ...]:
    """Growth by each law that has been fitted at a width; an efficiency above 1 is noise and counts as 1."""
    keys = (f"precision.efficiency.{law}_{bits:g}" for law in laws)
    return tuple(max(1.0 / fact(key).si, 1.0) for key in keys if key in facts())


def _between(table: Mapping[float, float], bits: float) -> float:
    """Interpolate on logarithms; below the narrowest width the last slope goes on."""
    widths, factors = np.log(list(table)), np.log(list(table.values()))
    at = math.log(bits)
    if at < widths[0]:
        slope = (factors[1] - factors[0]) / (widths[1] - widths[0])
        return math.exp(float(factors[0] + slope * (at - widths[0])))
    return math.exp(float(np.interp(at, widths, factors)))


def has_law(bits: float) -> bool:
    """Say whether a law was fitted to models trained at a width.

    Parameters
    ----------
    bits : float
        Width [bit].

    Returns
    -------
    bool
        False where `equal_quality_growth` interpolates.

    Notes
    -----
    16 bits and more are the measure, not a law.

    References
    ----------
    `efficiency/data/precision.csv`.

    Examples
    --------
    >>> has_law(4.0), has_law(1.58)
    (True, False)
    """
    return bits in _PUBLISHED or bits >= REFERENCE_BITS


@functools.cache
def same_quality() -> tuple[SameQuality, ...]:
    r"""Compare quantised models with smaller ones of their family that were left at 16 bits.

    Returns
    -------
    tuple of SameQuality
        By family, width and size, as far as the family has a smaller model that does as badly [1].

    Notes
    -----
    The perplexities of a family at 16 bits, interpolated on logarithms over its sizes, say which size N' has the
    perplexity of the model of size N at few bits; the growth is N/N'. A check of `equal_quality_growth` by other
    people's measurements: weights alone, narrowed after training, on one text.

    References
    ----------
    .. [1] Frantar, E. et al., "GPTQ", arXiv:2210.17323 (repository).
    .. [2] Frantar, E. and Alistarh, D., "MARLIN" (repository).
    .. [3] Egiazarian, V. et al., arXiv:2401.06118; Malinovskii, V. et al., arXiv:2405.14852 (repository).

    Examples
    --------
    >>> max(found.growth for found in same_quality() if found.bits == 4.0) < 1.6
    True
    """
    found = []
    for family in _FAMILIES:
        sizes = np.log([fact(f"precision.size.{name}").si for name in family])
        # Perplexity falls with size; interpolation wants it rising.
        at_16 = np.log([fact(f"precision.perplexity.{name}.16").si for name in family])[::-1]
        for bits in (4.0, 3.0, 2.0):
            for name, size in zip(family, sizes, strict=True):
                record = facts().get(f"precision.perplexity.{name}.{bits:g}")
                if record is not None and math.log(record.si) <= at_16[-1]:
                    equal = float(np.interp(math.log(record.si), at_16, sizes[::-1]))
                    found.append(SameQuality(name, bits, math.exp(float(size) - equal)))
    return tuple(found)
