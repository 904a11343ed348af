r"""Laws that say which loss a language model of N parameters reaches on D tokens, and how a budget is best split.

Kaplan's losses and Hoffmann's are per token of two tokenisers on two texts: compare sizes and tokens, not losses.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from efficiency.arrays import Floats, larger
from efficiency.facts import fact

FLOP_PER_PARAMETER_TOKEN: Final = fact("training.flop_per_parameter_token").si
_NEWTON_STEPS, _LARGEST_LOG = 12, 700.0


class AdditiveLaw(NamedTuple):
    """Loss = irreducible + a / parameters^alpha + b / tokens^beta [nats]; fields may be samples."""

    irreducible: Floats
    a: Floats
    b: Floats
    alpha: Floats
    beta: Floats


class CurveLaw(NamedTuple):
    """Kaplan's learning curve: loss = (n_c / N)^alpha_n + (s_c / steps)^alpha_s, at the critical batch."""

    n_c: Floats
    alpha_n: Floats
    s_c: Floats
    alpha_s: Floats
    batch: Floats
    alpha_b: Floats


Law = AdditiveLaw | CurveLaw


class Optimum(NamedTuple):
    """Size, tokens and loss [parameters, tokens, nats per token]."""

    parameters: Floats
    tokens: Floats
    loss: Floats

    @property
    def tokens_per_parameter(self) -> Floats:
        """Tokens over parameters [tokens/parameter]."""
        return self.tokens / self.parameters

    @property
    def flop(self) -> Floats:
        """Training arithmetic, 6 N D [FLOP]."""
        return FLOP_PER_PARAMETER_TOKEN * self.parameters * self.tokens


LAWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "kaplan": "Kaplan 2020",
        "chinchilla": "Chinchilla, as printed",
        "chinchilla_unrounded": "Chinchilla, unrounded",
        "refit": "Chinchilla, refitted",
    }
)
"""Key to name; "inference-aware" is a choice of size under one of them."""


@functools.cache
def law(key: str) -> Law:
    """Look up a law's coefficients.

    Parameters
    ----------
    key : str
        One of `LAWS`.

    Returns
    -------
    AdditiveLaw or CurveLaw
        Central coefficients [nats, parameters, tokens].

    Raises
    ------
    ValueError
        For an unknown key.

    Notes
    -----
    "Chinchilla" is the paper's third approach as printed; unrounded are the digits of its TeX source.

    References
    ----------
    `efficiency/data/scaling.csv`.

    Examples
    --------
    >>> law("chinchilla")
    AdditiveLaw(irreducible=1.69, a=406.4, b=410.7, alpha=0.34, beta=0.28)
    """
    if key not in LAWS:
        raise ValueError(f"law is {key!r}; allowed: {', '.join(LAWS)}")
    if key == "kaplan":
        return CurveLaw(*(fact(f"scaling.kaplan.{name}").si for name in CurveLaw._fields))
    return AdditiveLaw(*(fact(f"scaling.{key}.{name}").si for name in AdditiveLaw._fields))


def coefficients_of(which: str | Law) -> Law:
    """Give the coefficients of a law that may be named or given.

    Parameters
    ----------
    which : str or Law
        One of `LAWS`, or coefficients.

    Returns
    -------
    AdditiveLaw or CurveLaw
        Coefficients [nats, parameters, tokens].

    Notes
    -----
    Samples are a law whose fields are arrays.

    References
    ----------
    `law`.

    Examples
    --------
    >>> coefficients_of("refit") == law("refit")
    True
    """
    return law(which) if isinstance(which, str) else which


def loss(which: str | Law, parameters: Floats, tokens: Floats) -> Floats:
    r"""Loss of a model after one pass over its data.

    Parameters
    ----------
    which : str or Law
        One of `LAWS`, or coefficients.
    parameters : float or ndarray
        Size; without embeddings for Kaplan [parameters].
    tokens : float or ndarray
        Seen once [tokens].

    Returns
    -------
    float or ndarray
        Cross-entropy [nats per token].

    Notes
    -----
    Kaplan's steps depend on the loss itself, through the critical batch :math:`B_c = B_* L^{-1/\alpha_B}`: at that
    batch D tokens are :math:`D / B_c` steps, worth half as many of infinite batch. Newton's method from below: the
    function is concave, so it climbs to the root without overshooting.

    References
    ----------
    Hoffmann et al., arXiv:2203.15556, equation 10; Kaplan et al., arXiv:2001.08361, equations 1.4, 1.6 and 5.5.

    Examples
    --------
    >>> round(loss("chinchilla", 70e9, 1.4e12), 2)
    1.94
    """
    found = coefficients_of(which)
    if isinstance(found, AdditiveLaw):
        return found.irreducible + found.a * parameters**-found.alpha + found.b * tokens**-found.beta
    size = (found.n_c / parameters) ** found.alpha_n
    power = found.alpha_s / found.alpha_b
    curve = (2.0 * found.s_c * found.batch / tokens) ** found.alpha_s
    value = larger(size, curve ** (1.0 / (1.0 + power)))
    for _ in range(_NEWTON_STEPS):
        step = curve * value**-power
        value = value - (value - size - step) / (1.0 + power * step / value)
    return value


def floor(which: str | Law, parameters: Floats) -> Floats:
    """Loss that a size reaches on endless data.

    Parameters
    ----------
    which : str or Law
        One of `LAWS`, or coefficients.
    parameters : float or ndarray
        Size [parameters].

    Returns
    -------
    float or ndarray
        Cross-entropy [nats per token].

    Notes
    -----
    A smaller model never makes up for it with tokens.

    References
    ----------
    As `loss`.

    Examples
    --------
    >>> round(floor("refit", 1e9), 2)
    2.17
    """
    found = coefficients_of(which)
    if isinstance(found, AdditiveLaw):
        return found.irreducible + found.a * parameters**-found.alpha
    return (found.n_c / parameters) ** found.alpha_n


def tokens_for_loss(which: str | Law, parameters: Floats, target: Floats) -> Floats:
    """Training tokens with which a size reaches a loss.

    Parameters
    ----------
    which : str or Law
        One of `LAWS`, or coefficients.
    parameters : float or ndarray
        Size [parameters].
    target : float or ndarray
        Cross-entropy to reach [nats per token].

    Returns
    -------
    float or ndarray
        Training tokens, infinite where the size cannot reach it [tokens].

    Notes
    -----
    The inverse of `loss` in the tokens.

    References
    ----------
    As `loss`.

    Examples
    --------
    >>> f"{tokens_for_loss('refit', 70e9, loss('refit', 70e9, 1.4e12)):.3g}"
    '1.4e+12'
    >>> tokens_for_loss("refit", 1e9, 2.0)
    inf
    """
    found = coefficients_of(which)
    left = target - floor(found, parameters)
    reachable = np.maximum(left, 1e-300)
    if isinstance(found, AdditiveLaw):
        log_tokens = (np.log(found.b) - np.log(reachable)) / found.beta
    else:
        curve = 2.0 * found.s_c * found.batch * target ** (-1.0 / found.alpha_b)
        log_tokens = np.log(curve) - np.log(reachable) / found.alpha_s
    kept = np.where(np.asarray(left) > 0, np.exp(np.minimum(log_tokens, _LARGEST_LOG)), np.inf)
    return kept if kept.ndim else float(kept)


def optimal(which: str | Law, flop: Floats) -> Optimum:
    r"""Size and tokens of least loss for a training budget, in closed form.

    Parameters
    ----------
    which : str or Law
        One of `LAWS`, or coefficients.
    flop : float or ndarray
        Training arithmetic, 6 N D [FLOP].

    Returns
    -------
    Optimum
        [parameters, tokens, nats per token].

    Notes
    -----
    Additive: :math:`N = (\alpha A / \beta B)^{1/(\alpha+\beta)} (C/6)^{\beta/(\alpha+\beta)}`. Kaplan: at the optimum
    the curve's part is :math:`\alpha_N/\alpha_S` of the size's, which leaves one power law in C.

    References
    ----------
    Hoffmann et al., arXiv:2203.15556, equation 4; Kaplan et al., arXiv:2001.08361, appendix B.

    Examples
    --------
    >>> keys = "chinchilla", "chinchilla_unrounded", "refit"
    >>> [round(optimal(key, 5.76e23).tokens_per_parameter, 1) for key in keys]
    [92.6, 58.9, 18.4]
    """
    found = coefficients_of(which)
    product = flop / FLOP_PER_PARAMETER_TOKEN
    if isinstance(found, AdditiveLaw):
        both = found.alpha + found.beta
        ratio = (found.alpha * found.a / (found.beta * found.b)) ** (1.0 / both)
        parameters = ratio * product ** (found.beta / both)
        tokens = product / parameters
        return Optimum(parameters, tokens, loss(found, parameters, tokens))
    share = found.alpha_n / found.alpha_s
    power = 1.0 / found.alpha_s + 1.0 / found.alpha_n + 1.0 / found.alpha_b
    base = 2.0 * found.s_c * found.batch * found.n_c / product
    base = base / (share ** (1.0 / found.alpha_s) * (1.0 + share) ** (1.0 / found.alpha_b))
    size = base ** (1.0 / power)
    parameters = found.n_c * size ** (-1.0 / found.alpha_n)
    return Optimum(parameters, product / parameters, (1.0 + share) * size)


def optimal_numeric(which: str | Law, flop: float) -> Optimum:
    """Size and tokens of least loss for a training budget, by search.

    Parameters
    ----------
    which : str or Law
        One of `LAWS`, or coefficients.
    flop : float
        Training arithmetic, 6 N D [FLOP].

    Returns
    -------
    Optimum
        [parameters, tokens, nats per token].

    Notes
    -----
    Bounded search over the logarithm of the size; it knows nothing of the closed form.

    References
    ----------
    scipy.optimize.minimize_scalar.

    Examples
    --------
    >>> found = optimal_numeric("refit", 1e24)
    >>> abs(found.parameters / optimal("refit", 1e24).parameters - 1) < 1e-3
    True
    """
    from scipy.optimize import minimize_scalar  # a fifth of a second to import, and only a search needs it

    found = coefficients_of(which)
    product = flop / FLOP_PER_PARAMETER_TOKEN

    def at(log_parameters: float) -> float:
        return float(loss(found, math.exp(log_parameters), product / math.exp(log_parameters)))

    searched = minimize_scalar(at, bounds=(0.0, math.log(product)), method="bounded", options={"xatol": 1e-9})
    parameters = math.exp(float(searched.x))
    return Optimum(parameters, product / parameters, float(searched.fun))


def optimal_for_loss(which: str | Law, target: Floats) -> Optimum:
    """Size and tokens that reach a loss with the least training arithmetic.

    Parameters
    ----------
    which : str or Law
        One of `LAWS`, or coefficients.
    target : float or ndarray
        Cross-entropy, above the law's irreducible one [nats per token].

    Returns
    -------
    Optimum
        [parameters, tokens, nats per token].

    Raises
    ------
    ValueError
        If a loss is at or below what the law can reach.

    Notes
    -----
    At the optimum the size's part of the loss over the tokens' is beta / alpha, or alpha_S / alpha_N for Kaplan.

    References
    ----------
    As `optimal`.

    Examples
    --------
    >>> f"{optimal_for_loss('refit', optimal('refit', 1e24).loss).flop:.3g}"
    '1e+24'
    """
    found = coefficients_of(which)
    if isinstance(found, AdditiveLaw):
        left = target - found.irreducible
        if not np.all(left > 0):
            raise ValueError(f"target is {target!r}; allowed: above {np.max(found.irreducible):.4g} nats per token")
        parameters = (found.a * (found.alpha + found.beta) / (found.beta * left)) ** (1.0 / found.alpha)
    else:
        if not np.all(np.asarray(target) > 0):
            raise ValueError(f"target is {target!r}; allowed: above 0 nats per token")
        size = target / (1.0 + found.alpha_n / found.alpha_s)
        parameters = found.n_c * size ** (-1.0 / found.alpha_n)
    return Optimum(parameters, tokens_for_loss(found, parameters, target), target)
