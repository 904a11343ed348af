"""Where published models lie against the laws, and when the laws ask for more text than there is."""

from __future__ import annotations

import functools
import math
from typing import Final, NamedTuple

from efficiency.facts import entities, fact, facts
from efficiency.sampling import Range
from efficiency.scaling_laws import FLOP_PER_PARAMETER_TOKEN, optimal

_LARGEST_LOG: Final = math.log(1e40)
_HALVINGS: Final = 100


class TrainedModel(NamedTuple):
    """A published model: size that works for a token, tokens, and the records they come from."""

    key: str
    label: str
    year: int | None
    parameters: float
    tokens: float
    estimated: bool
    facts: tuple[str, ...]

    @property
    def tokens_per_parameter(self) -> float:
        """Tokens over active parameters [tokens/parameter]."""
        return self.tokens / self.parameters

    @property
    def flop(self) -> float:
        """Training arithmetic, 6 N D [FLOP]."""
        return FLOP_PER_PARAMETER_TOKEN * self.parameters * self.tokens


@functools.cache
def trained_models() -> tuple[TrainedModel, ...]:
    """List the published runs whose size and tokens are known.

    Returns
    -------
    tuple of TrainedModel
        By year, then label [parameters, tokens].

    Notes
    -----
    Of a mixture of experts the active parameters count. Arithmetic is 6 N D for all of them, so that the place of a
    model never depends on how its publisher counted.

    References
    ----------
    `efficiency/data/training.csv`.

    Examples
    --------
    >>> next(round(run.tokens_per_parameter) for run in trained_models() if run.key == "llama3_8b")
    1875
    """
    known, found = facts(), []
    for name, entity in entities().items():
        if entity.kind != "run" or f"{name}.tokens" not in known:
            continue
        size = next((f"{name}.{one}" for one in ("active_parameters", "parameters") if f"{name}.{one}" in known), None)
        if size is None:
            continue
        keys = (size, f"{name}.tokens")
        estimated = any(known[key].kind == "estimated" for key in keys)
        short = name.removeprefix("run.")
        found.append(TrainedModel(short, entity.label, entity.year, known[size].si, known[keys[1]].si, estimated, keys))
    return tuple(sorted(found, key=lambda run: (run.year or 0, run.label)))


def text_stock() -> Range:
    """Give how much public text there is to train on.

    Returns
    -------
    Range
        5 %, central and 95 % [tokens].

    Notes
    -----
    Public text written by people, weighed by quality and by how often it can be read with profit.

    References
    ----------
    Villalobos et al., arXiv:2211.04325.

    Examples
    --------
    >>> text_stock().central
    300000000000000.0
    """
    stock = fact("scaling.text_stock")
    return Range(stock.si_low, stock.si, stock.si_high)


@functools.lru_cache(maxsize=64)
def flop_for_tokens(which: str, tokens: float) -> float:
    """Training budget whose best split needs so many tokens.

    Parameters
    ----------
    which : str
        One of `scaling_laws.LAWS`.
    tokens : float
        Training tokens [tokens].

    Returns
    -------
    float
        Training arithmetic [FLOP].

    Notes
    -----
    The best number of tokens rises with the budget, so halving the interval of its logarithm finds it.

    References
    ----------
    `scaling_laws.optimal`.

    Examples
    --------
    >>> f"{flop_for_tokens('refit', optimal('refit', 1e24).tokens):.3g}"
    '1e+24'
    """
    low, high = 0.0, _LARGEST_LOG
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if optimal(which, math.exp(middle)).tokens < tokens:
            low = middle
        else:
            high = middle
    return math.exp(0.5 * (low + high))


def wall_flop(which: str) -> Range:
    """Training budget at which a law's best split needs all the text there is.

    Parameters
    ----------
    which : str
        One of `scaling_laws.LAWS`.

    Returns
    -------
    Range
        From the low, central and high stock [FLOP].

    Notes
    -----
    The range is that of the stock alone.

    References
    ----------
    `text_stock`, `flop_for_tokens`.

    Examples
    --------
    >>> low, central, high = wall_flop("refit")
    >>> 1e27 < low < central < high < 1e30
    True
    """
    return Range(*(flop_for_tokens(which, tokens) for tokens in text_stock()))
