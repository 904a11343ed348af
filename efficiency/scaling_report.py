"""``python -m efficiency scaling``: the best size, tokens, loss and joules for a training budget by a law."""

from __future__ import annotations

import argparse
from typing import Any, Final, NamedTuple

import numpy as np

from efficiency.facts import fact, facts
from efficiency.inference_aware import Served, kaplan_published
from efficiency.sampling import Range
from efficiency.say import power_of_ten, quantity
from efficiency.scaling_draws import REFIT, loss_range, ratio_range, size_range
from efficiency.scaling_energy import prices, served_range, training_j
from efficiency.scaling_laws import LAWS, Optimum, optimal
from efficiency.scaling_wall import text_stock, wall_flop
from efficiency.scenario import Scenario
from efficiency.topics import TopicError, check_range

_INFERENCE_AWARE: Final = "inference-aware"
_CHOICES: Final = ("kaplan", "chinchilla", "refit", _INFERENCE_AWARE)
_FLOP_ENDS: Final = (1e15, 1e30)
_SERVED_ENDS: Final = (0.0, 1e20)
_SERVED: Final = 1e13


class Answer(NamedTuple):
    """What was asked for, and what the law says."""

    flop: float
    law: str
    served_tokens: float
    found: Optimum
    size: Range | None
    ratio: Range | None
    loss: Range | None
    training_j: Range
    served: Served | None
    saved: Range | None
    facts: tuple[str, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments.

    Parameters
    ----------
    parser : ArgumentParser
        Of the verb.

    Returns
    -------
    None
        The parser is changed.

    Notes
    -----
    Without arguments the verb answers for Chinchilla's own budget.

    References
    ----------
    The README lists the verbs.

    Examples
    --------
    >>> add_arguments(argparse.ArgumentParser())
    """
    parser.add_argument("--flop", type=float, default=5.76e23, metavar="F", help="training arithmetic, 6 N D")
    parser.add_argument("--law", choices=_CHOICES, default=REFIT, help="which law")
    parser.add_argument(
        "--served-tokens",
        type=float,
        metavar="T",
        help=f"tokens written over the model's life, only with --law {_INFERENCE_AWARE} (1e13 there)",
    )


def answer(given: argparse.Namespace) -> Answer:
    """Answer the verb.

    Parameters
    ----------
    given : Namespace
        Parsed arguments.

    Returns
    -------
    Answer
        [parameters, tokens, nats per token, J].

    Raises
    ------
    TopicError
        If a number is outside what is allowed.

    Notes
    -----
    Joules are those of the default scenario. Inference-aware is the refitted law with serving counted, and the only one
    that takes served tokens.

    References
    ----------
    `scaling_laws.optimal`, `scaling_energy.served`.

    Examples
    --------
    >>> found = answer(argparse.Namespace(flop=5.76e23, law="refit", served_tokens=None))
    >>> round(found.found.tokens_per_parameter)
    18
    """
    check_range("--flop", given.flop, *_FLOP_ENDS, "FLOP")
    written = _SERVED if given.served_tokens is None else given.served_tokens
    check_range("--served-tokens", written, *_SERVED_ENDS, "tokens")
    if given.served_tokens is not None and given.law != _INFERENCE_AWARE:
        raise TopicError(f"--served-tokens is {written:g}, but --law is {given.law}; allowed: --law {_INFERENCE_AWARE}")
    scenario = Scenario()
    keys = tuple(key for key in facts() if key.startswith(f"scaling.{_fitted(given.law)}."))
    energy = training_j(scenario, given.flop)
    if given.law in ("kaplan", "chinchilla"):
        best = optimal(given.law, given.flop)
        return Answer(given.flop, given.law, 0.0, best, None, None, None, energy, None, None, keys)
    ranges = size_range(given.flop), ratio_range(given.flop), loss_range(given.flop)
    if given.law == REFIT:
        return Answer(given.flop, given.law, 0.0, optimal(REFIT, given.flop), *ranges, energy, None, None, keys)
    both = served_range(scenario, given.flop, written)
    chosen = both.central.chosen
    paid = Range(*(value * chosen.flop / given.flop for value in energy))
    return Answer(
        given.flop, given.law, written, chosen, both.size, None, ranges[2], paid, both.central, both.saved,
        keys,
    )  # fmt: skip


def _fitted(law: str) -> str:
    return REFIT if law == _INFERENCE_AWARE else law


def as_data(found: Answer) -> dict[str, Any]:
    """Turn an answer into plain data.

    Parameters
    ----------
    found : Answer
        From `answer`.

    Returns
    -------
    dict
        Ready for JSON [parameters, tokens, nats per token, J].

    Notes
    -----
    Numbers are unrounded; a range that is not known is null.

    References
    ----------
    The README documents this form.

    Examples
    --------
    >>> given = argparse.Namespace(flop=1e24, law="chinchilla", served_tokens=None)
    >>> as_data(answer(given))["results"]["loss_low_high"] is None
    True
    """
    results: dict[str, Any] = {
        **_size(found.found),
        "parameters_low_high": _ends(found.size),
        "tokens_per_parameter_low_high": _ends(found.ratio),
        "loss_low_high": _ends(found.loss),
        "training_j": found.training_j.central,
        "training_j_low_high": _ends(found.training_j),
    }
    if found.law == "kaplan":
        results["published_rule"] = _size(kaplan_published(found.flop))
    if found.law == "chinchilla":
        results["unrounded"] = _size(optimal("chinchilla_unrounded", found.flop))
    if found.served is not None:
        results |= {
            "serving_j": float(found.served.serving_j),
            "compute_optimal": _size(found.served.optimum),
            "compute_optimal_j": float(found.served.optimum_training_j + found.served.optimum_serving_j),
            "saved_share": float(found.served.saved_share),
            "saved_share_low_high": _ends(found.saved),
            "text_binds": found.served.text_binds,
            "beyond_tested_ratios": is_untested(found.served),
        }
    known = facts()
    return {
        "inputs": {
            "flop": found.flop,
            "law": found.law,
            "served_tokens": found.served_tokens,
            **{name: float(value) for name, value in prices(Scenario())._asdict().items()},
        },
        "results": results,
        "facts": list(found.facts),
        "sources": list(dict.fromkeys(source for key in found.facts for source in known[key].sources)),
    }


def _size(found: Optimum) -> dict[str, float]:
    return {
        "parameters": float(found.parameters),
        "tokens": float(found.tokens),
        "tokens_per_parameter": float(found.tokens_per_parameter),
        "loss_nats": float(found.loss),
    }


def _ends(found: Range | None) -> list[float] | None:
    return None if found is None else [float(found.low), float(found.high)]


def as_text(found: Answer) -> str:
    """Say an answer in lines for a terminal.

    Parameters
    ----------
    found : Answer
        From `answer`.

    Returns
    -------
    str
        The budget, the split, the energy, and how far the law may be trusted.

    Notes
    -----
    Ranges are 5 to 95 %.

    References
    ----------
    `efficiency.say`.

    Examples
    --------
    >>> given = argparse.Namespace(flop=5.76e23, law="refit", served_tokens=None)
    >>> as_text(answer(given)).splitlines()[1]
    '  size               72 billion parameters (52 billion to 99 billion)'
    """
    best = found.found
    name = LAWS[_fitted(found.law)] + (", with serving counted" if found.served is not None else "")
    lines = [
        f"{name}: {power_of_ten(found.flop)} FLOP of training",
        f"  size               {_count(best.parameters)} parameters{_spread(found.size, _count)}",
        f"  tokens             {_count(best.tokens)}, {_count(best.tokens_per_parameter)} for each "
        f"parameter{_spread(found.ratio, _count)}",
        f"  loss               {float(best.loss):.3f} nats per token{_spread(found.loss, lambda x: f'{x:.3f}')}",
        f"  training           {_joules(found.training_j.central)}{_spread(found.training_j, _joules)}, "
        "whole facility of the default scenario",
    ]
    if found.served is not None:
        lines += _serving(found, found.served)
    if found.law == "kaplan":
        lines.append(f"  its own rule       {_said(kaplan_published(found.flop))}")
        lines.append("  Its losses are of another text and tokeniser than Chinchilla's, its sizes without embeddings.")
    if found.law == "chinchilla":
        lines.append(f"  unrounded          {_said(optimal('chinchilla_unrounded', found.flop))}")
    wall = wall_flop(_fitted(found.law))
    lines.append(
        f"  text runs out at   {power_of_ten(wall.central)} FLOP ({power_of_ten(wall.low)} to "
        f"{power_of_ten(wall.high)}), with {_count(text_stock().central)} tokens in stock"
    )
    return "\n".join(lines)


def is_untested(served: Served) -> bool:
    """Whether a size was chosen at more tokens for each parameter than anybody tested.

    Parameters
    ----------
    served : Served
        One choice.

    Returns
    -------
    bool
        True where the law is extrapolated in the ratio of tokens to parameters.

    Notes
    -----
    Laws fitted at usual ratios overestimate what more tokens add at extreme ones.

    References
    ----------
    Sardana et al., arXiv:2401.00448: up to 10,000 tokens for each parameter.

    Examples
    --------
    >>> from efficiency.scaling_energy import served
    >>> is_untested(served(Scenario(), REFIT, 1e24, 1e13)), is_untested(served(Scenario(), REFIT, 1e18, 1e17))
    (False, True)
    """
    return float(served.chosen.tokens_per_parameter) > fact("scaling.sardana_tested").si


def _serving(found: Answer, served: Served) -> list[str]:
    optimum = served.optimum
    limits = []
    if served.text_binds and optimum.tokens > np.asarray(served.text):
        limits.append("  beyond             even the compute-optimal size reads more public text than there is")
    elif served.text_binds:
        limits.append(
            "  held               by the stock of public text: a smaller model would have to read more than it"
        )
    if is_untested(served):
        tested = fact("scaling.sardana_tested").si
        limits.append(f"  untested           nobody has tried more than {tested:,.0f} tokens for each parameter")
    return [
        *limits,
        f"  serving            {_joules(float(served.serving_j))} for {_count(found.served_tokens)} tokens written",
        f"  compute-optimal    {_said(optimum)}, "
        f"{_joules(float(served.optimum_training_j + served.optimum_serving_j))} with serving",
        f"  saved              {_share(float(served.saved_share))}{_spread(found.saved, _share)}",
    ]


def _share(value: float) -> str:
    return f"{max(value, 0.0):.0%}"  # or rounding makes a minus of nothing


def _said(found: Optimum) -> str:
    return (
        f"{_count(found.parameters)} parameters, {_count(found.tokens)} tokens, "
        f"{_count(found.tokens_per_parameter)} for each"
    )


def _count(value: Any) -> str:
    return quantity(float(value), "1", 2)


def _joules(value: float) -> str:
    return quantity(value, "J", 2)


def _spread(found: Range | None, words: Any) -> str:
    return "" if found is None else f" ({words(found.low)} to {words(found.high)})"
