"""How large a model should be that is not only trained but served, and the first law's published rule of thumb."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from efficiency.arrays import Floats
from efficiency.facts import fact
from efficiency.scaling_laws import (
    FLOP_PER_PARAMETER_TOKEN,
    AdditiveLaw,
    Law,
    Optimum,
    coefficients_of,
    loss,
    optimal_for_loss,
    tokens_for_loss,
)

_PETAFLOP_DAY: Final = 1e15 * 86_400.0
_HALVINGS: Final = 60
_NEARLY: Final = 1e-6


class Served(NamedTuple):
    """Choice of a size that is trained and served, beside the compute-optimal one of the same loss."""

    chosen: Optimum
    optimum: Optimum
    training_j: Floats
    serving_j: Floats
    optimum_training_j: Floats
    optimum_serving_j: Floats
    text: Floats = np.inf

    @property
    def text_binds(self) -> bool:
        """Whether the chosen size, one number, would be smaller if there were more text."""
        return bool(np.all(np.asarray(self.chosen.tokens) > (1.0 - _NEARLY) * np.asarray(self.text)))

    @property
    def total_j(self) -> Floats:
        """Training and serving of the chosen size [J]."""
        return self.training_j + self.serving_j

    @property
    def saved_share(self) -> Floats:
        """Energy saved against the compute-optimal size [fraction]."""
        return 1.0 - self.total_j / (self.optimum_training_j + self.optimum_serving_j)


def inference_aware(
    which: str | Law,
    target: Floats,
    served_tokens: Floats,
    training_j_per_flop: Floats,
    serving_j_per_parameter_token: Floats,
    text: Floats = np.inf,
) -> Served:
    r"""Size and tokens that reach a loss with the least energy of training and serving together.

    Parameters
    ----------
    which : str or Law
        One of `LAWS`, or coefficients.
    target : float or ndarray
        Cross-entropy to reach, for example ``optimal(law, flop).loss`` [nats per token].
    served_tokens : float or ndarray
        Tokens written over the model's life [tokens].
    training_j_per_flop : float or ndarray
        Energy of a useful FLOP of training [J/FLOP].
    serving_j_per_parameter_token : float or ndarray
        Energy of a written token for each parameter [J].
    text : float or ndarray
        Most tokens that there are to train on [tokens].

    Returns
    -------
    Served
        Size, tokens and energies, beside those of the compute-optimal size [parameters, tokens, J].

    Notes
    -----
    Minimises :math:`6 N D(N)\,e_t + N T\,e_s` with D(N) of `tokens_for_loss`. Its derivative in log N,
    :math:`1 + d\log D/d\log N + T e_s/(6 D e_t)`, rises with N, so halving the interval finds its only root. Sardana et
    al. count both in FLOP (:math:`e_s = 2 e_t`) or in dollars; here each has its own energy. Where that would read more
    text than there is, the smallest size that makes do with it is best, as the sum only rises from there; where even
    the compute-optimal size reads more, that size stays.

    References
    ----------
    Sardana et al., "Beyond Chinchilla-optimal", arXiv:2401.00448, equation 3.

    Examples
    --------
    >>> from efficiency.scaling_laws import optimal
    >>> served = inference_aware("refit", optimal("refit", 1e24).loss, 1e14, 1e-12, 2e-11)
    >>> bool(served.chosen.parameters < served.optimum.parameters and served.saved_share > 0)
    True
    """
    found = coefficients_of(which)
    best = optimal_for_loss(found, target)
    serving = served_tokens * serving_j_per_parameter_token / (FLOP_PER_PARAMETER_TOKEN * training_j_per_flop)
    high = np.log(best.parameters) + 0.0 * np.log1p(serving)
    low = np.log(_smallest(found, target)) + 0.0 * high
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        tried = np.exp(middle)
        tokens = tokens_for_loss(found, tried, target)
        rising = (1.0 + _token_slope(found, tried, target) + serving / tokens > 0) & (tokens <= text)
        low, high = np.where(rising, low, middle), np.where(rising, middle, high)
    size = np.where(np.asarray(serving) > 0, np.exp(high), best.parameters)
    parameters: Floats = size if size.ndim else float(size)
    chosen = Optimum(parameters, tokens_for_loss(found, parameters, target), target)
    each = serving_j_per_parameter_token * served_tokens
    return Served(
        chosen,
        best,
        training_j_per_flop * chosen.flop,
        each * chosen.parameters,
        training_j_per_flop * best.flop,
        each * best.parameters,
        text,
    )


def _smallest(found: Law, target: Floats) -> Floats:
    """Size that reaches the loss on endless data only."""
    if isinstance(found, AdditiveLaw):
        return (found.a / (target - found.irreducible)) ** (1.0 / found.alpha)
    return found.n_c * target ** (-1.0 / found.alpha_n)


def _token_slope(found: Law, parameters: Floats, target: Floats) -> Floats:
    """Change of log tokens with log parameters at one loss."""
    if isinstance(found, AdditiveLaw):
        size = found.a * parameters**-found.alpha
        return -found.alpha * size / (found.beta * np.maximum(target - found.irreducible - size, 1e-300))
    size = (found.n_c / parameters) ** found.alpha_n
    return -found.alpha_n * size / (found.alpha_s * np.maximum(target - size, 1e-300))


def kaplan_published(flop: Floats) -> Optimum:
    """Size and tokens by the first law's published rule of thumb.

    Parameters
    ----------
    flop : float or ndarray
        Training arithmetic, 6 N D [FLOP].

    Returns
    -------
    Optimum
        [parameters, tokens, nats per token].

    Notes
    -----
    N = 1.3e9 C^0.73 with C in petaFLOP-days, fitted to the runs themselves; the learning curve of the same paper
    implies an exponent of 0.68. At the critical batch half of the compute counts.

    References
    ----------
    Kaplan et al., arXiv:2001.08361, section 6.1 and Table 6.

    Examples
    --------
    >>> f"{kaplan_published(1e21).parameters:.3g}"
    '4.68e+09'
    """
    days = flop / (2.0 * _PETAFLOP_DAY)
    parameters = fact("scaling.kaplan.rule_parameters").si * days ** fact("scaling.kaplan.rule_exponent").si
    tokens = flop / (FLOP_PER_PARAMETER_TOKEN * parameters)
    return Optimum(parameters, tokens, loss("kaplan", parameters, tokens))
