"""What leaving out costs in quality, and how much a sparse model must grow to be as good as a dense one."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from efficiency.facts import fact

KINDS: Final = ("two_four", "unstructured", "activation", "experts")
"""Kinds of sparsity with published quality. Spikes have none at the size of a language model."""

PRUNED_MODELS: Final = ("llama2_7b", "llama2_13b", "llama2_70b")
_PATTERN_OF: Final = {"two_four": "2of4_wanda", "unstructured": "unstr50_wanda"}
_HALF: Final = 0.5


class Growth(NamedTuple):
    """Weights of a sparse model over those of a dense one of equal quality, before any are left out [1]."""

    low: float
    central: float
    high: float


class Law(NamedTuple):
    """Constants of a law of sparse training, loss = (a d^b + c) N^-n + ... with N weights kept [1]."""

    a: float
    b: float
    c: float
    n: float


def sparse_law(task: str) -> Law:
    """Read a law of sparse training from its records.

    Parameters
    ----------
    task : {"text", "image"}
        What the models were trained on.

    Returns
    -------
    Law
        Its four constants [1].

    Notes
    -----
    The law for text is fitted here to the losses that the authors published with their code; the constants of the one
    for images are those they printed.

    References
    ----------
    .. [1] Frantar, E. et al., "Scaling laws for sparsely-connected foundation models", arXiv:2309.08520, equation 1.

    Examples
    --------
    >>> round(sparse_law("image").b, 3)
    0.821
    """
    a, b, c, n = (fact(f"sparse_law.{task}.{name}").si for name in Law._fields)
    return Law(a, b, c, n)


def kept_of_dense(law: Law, density: float) -> float:
    r"""Weights that a sparsely trained model keeps, over all weights of a dense model with the same loss.

    Parameters
    ----------
    law : Law
        Of the task.
    density : float
        Share of its own weights that the sparse model keeps [1].

    Returns
    -------
    float
        Kept weights over dense weights [1].

    Notes
    -----
    :math:`((a\,d^b + c)/(a + c))^{1/n}`, from the law at equal data. It falls towards a floor: however sparse, a model
    must keep about a third of the weights of its dense equal.

    References
    ----------
    .. [1] Frantar, E. et al., arXiv:2309.08520, equations 1 and 2 and section 3.3.

    Examples
    --------
    >>> round(1 / kept_of_dense(sparse_law("image"), 0.5), 2), kept_of_dense(sparse_law("text"), 1.0)
    (1.6, 1.0)
    """
    return float(((law.a * density**law.b + law.c) / (law.a + law.c)) ** (1.0 / law.n))


def pruned_once_growth(kind: str) -> float:
    """Growth that makes up for dropping half of the weights of a finished model, without training it again.

    Parameters
    ----------
    kind : {"two_four", "unstructured"}
        Pattern of the half that is kept.

    Returns
    -------
    float
        Weights, before dropping, of the pruned Llama 2 that is as good as the dense one of 7B, over its weights [1].

    Raises
    ------
    ValueError
        For a kind without a table of pruned models.

    Notes
    -----
    Perplexity of the pruned models, interpolated on logarithms between their sizes. No pruned 2:4 model of the table is
    as good as the dense one of 7B; the largest, ten times its size, comes within 1 % and stands in, so the growth is
    at least that.

    References
    ----------
    .. [1] Sun, M. et al., "A simple and effective pruning approach for large language models", arXiv:2306.11695.

    Examples
    --------
    >>> round(pruned_once_growth("unstructured"), 1), round(pruned_once_growth("two_four"), 1)
    (2.9, 10.2)
    """
    if kind not in _PATTERN_OF:
        raise ValueError(f"kind is {kind!r}; allowed: {', '.join(_PATTERN_OF)}")
    sizes = [fact(f"pruned.{model}.parameters").si for model in PRUNED_MODELS]
    pruned = [fact(f"pruned.{model}.{_PATTERN_OF[kind]}").si for model in PRUNED_MODELS]
    target = fact(f"pruned.{PRUNED_MODELS[0]}.dense").si
    # Perplexity falls with size; numpy interpolates over rising values only, and holds its ends.
    log_size = np.interp(-math.log(target), -np.log(pruned), np.log(sizes))
    return float(np.exp(log_size)) / sizes[0]


def experts_growth_exponent() -> Growth:
    r"""Exponent with which a mixture of experts grows beyond a dense model of like quality.

    Returns
    -------
    Growth
        k in :math:`g = d^{-k}` [1], from three published pairs.

    Notes
    -----
    Qwen3-30B-A3B beside Qwen3-14B is the central one: same data, same report. Llama 4 Scout beside Llama 3.1 70B is the
    lowest, but its data differ; DeepSeekMoE 16B beside DeepSeek 7B is the highest. One half would be the rule of thumb
    that a mixture is worth the geometric mean of its total and active weights.

    References
    ----------
    `efficiency/data/like_quality.csv`; `efficiency/data/sparsity.csv`: experts.

    Examples
    --------
    >>> [round(k, 2) for k in experts_growth_exponent()]
    [0.23, 0.33, 0.49]
    """
    qwen = _pair_exponent("model.qwen3_30b_a3b.parameters", "model.qwen3_30b_a3b.active_parameters",
                          "model.qwen3_14b.parameters")  # fmt: skip
    scout = _pair_exponent("experts.scout.parameters", "experts.scout.active", "model.llama31_70b.parameters")
    deepseek = _pair_exponent(
        "experts.deepseekmoe.parameters", "experts.deepseekmoe.active", "experts.deepseekmoe.dense"
    )
    return Growth(scout, qwen, deepseek)


def _pair_exponent(total: str, active: str, dense: str) -> float:
    weights, used, equal = fact(total).si, fact(active).si, fact(dense).si
    return math.log(weights / equal) / math.log(weights / used)


def least_density(kind: str) -> float:
    """Lowest density at which the quality of a kind has been published.

    Parameters
    ----------
    kind : {"two_four", "unstructured", "activation", "experts"}
        Kind of sparsity.

    Returns
    -------
    float
        Share of the multiply-adds done [1].

    Raises
    ------
    ValueError
        For a kind without published quality.

    Notes
    -----
    2:4 keeps one half by construction. The losses for text reach one weight in eight, TurboSparse uses about a third
    of its weights for a token, and gpt-oss-120b 4 %.

    References
    ----------
    `efficiency/data/sparsity.csv`, `efficiency/data/models.csv`.

    Examples
    --------
    >>> least_density("two_four"), round(least_density("experts"), 3)
    (0.5, 0.044)
    """
    if kind == "two_four":
        return _HALF
    if kind == "unstructured":
        return 0.125
    if kind == "activation":
        return fact("activation.turbosparse_kept").si
    if kind == "experts":
        return fact("model.gpt_oss_120b.active_parameters").si / fact("model.gpt_oss_120b.parameters").si
    raise ValueError(f"kind is {kind!r}; allowed: {', '.join(KINDS)}")


def equal_quality_growth(kind: str, density: float) -> Growth:
    r"""Growth that brings a sparse model back to the quality of a dense one.

    Parameters
    ----------
    kind : {"two_four", "unstructured", "activation", "experts"}
        Kind of sparsity.
    density : float
        Share of the multiply-adds done, above 0 and at most 1 [1].

    Returns
    -------
    Growth
        All weights of the sparse model over those of the dense one of equal quality [1]; what is used of them is this
        times the density.

    Raises
    ------
    ValueError
        For an unknown kind, or a density outside (0, 1].

    Notes
    -----
    Weights, 2:4 or unstructured: trained sparse from the start, by the more favourable (low) and the less favourable
    (central) of two published laws; high is a finished model pruned once, which does not pay at all: its exponent comes
    from one half of the weights. The patterns differ little when trained and much when pruned. Experts: published pairs
    of like quality. Activations: the growth at one half is our reading of "minimal degradation". Below `least_density`
    all of this is extrapolated. There is no table for spikes at this size.

    References
    ----------
    `sparse_law`, `pruned_once_growth`, `experts_growth_exponent`.

    Examples
    --------
    >>> [round(g, 2) for g in equal_quality_growth("unstructured", 0.5)]
    [1.13, 1.25, 2.91]
    >>> [round(g, 1) for g in equal_quality_growth("experts", 0.1)]
    [1.7, 2.1, 3.1]
    """
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; allowed: {', '.join(KINDS)}")
    if not 0.0 < density <= 1.0:
        raise ValueError(f"density is {density!r}; allowed: above 0, at most 1")
    if kind in _PATTERN_OF:
        # Between its points the law for text dips below 1 by a hundredth, which no model did.
        trained = sorted(max(kept_of_dense(sparse_law(task), density) / density, 1.0) for task in ("text", "image"))
        pruned = density ** (math.log(pruned_once_growth(kind)) / math.log(_HALF))
        return Growth(trained[0], trained[1], max(trained[1], pruned))
    if kind == "experts":
        exponents = experts_growth_exponent()
    else:
        at_half = fact("activation.growth_at_half")
        values = (at_half.si_low, at_half.si, at_half.si_high)
        exponents = Growth(*(math.log(value) / -math.log(_HALF) for value in values))
    return Growth(*(density**-k for k in exponents))
