"""Verbs of the command line that answer one question each; a topic's module is read only when its verb is asked for.

A module of a topic has ``add_arguments(parser)``, ``answer(given)``, ``as_data(answer)`` and ``as_text(answer)``; what
is the same of them all stands here: the argument ``--json``, the versions before the data, the refusal of a number.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Any, Final

from efficiency import __version__
from efficiency.facts import DATA_VERSION

TOPICS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "budget": ("budget_report", "print what a budget buys, what binds first, and the best split of it"),
        "cluster": ("cluster_report", "print the power of a cluster beside brains, homes, reactors and a grid"),
        "context": ("context_report", "print from which context a state-space model takes less than attention"),
        "distillation": (
            "distillation_report",
            "print what teaching a small model by a large one takes, and when it pays",
        ),
        "generation": (
            "generation_report",
            "print what pictures, video and text take, denoised or token by token",
        ),
        "goodput": ("goodput_report", "print what failures cost a run by its size"),
        "learning": ("learning_report", "print a person's learning beside training runs, per run and per user"),
        "scaling": (
            "scaling_report",
            "print the best size and tokens for a training budget, by which law, with joules",
        ),
        "utilisation": ("utilisation_report", "print how well published runs used their machines, and 6 N D checked"),
    }
)
"""Verb to the module that answers it, and what the verb does."""


class TopicError(ValueError):
    """An argument outside what is allowed; the message names the argument, the value and the allowed values."""


def add_topics(commands: Any, asked: str) -> None:
    """Add the topics' verbs to a command line.

    Parameters
    ----------
    commands : argparse subparsers
        Where to add them.
    asked : str
        The verb that is asked for; only its module is read.

    Returns
    -------
    None
        The parser is changed.

    Notes
    -----
    Reading all of them would cost every verb the others' start-up time.

    References
    ----------
    The README lists the verbs.

    Examples
    --------
    >>> add_topics(argparse.ArgumentParser().add_subparsers(), "gap")
    """
    for verb, (module, words) in TOPICS.items():
        parser = commands.add_parser(verb, help=words)
        if verb == asked:
            _module(module).add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="print JSON")


def answer_topic(given: argparse.Namespace) -> str:
    """Answer a topic's verb.

    Parameters
    ----------
    given : Namespace
        Parsed arguments, with the verb as ``command``.

    Returns
    -------
    str
        Text, or JSON where that is asked for.

    Raises
    ------
    TopicError
        If an argument is outside what is allowed.

    Notes
    -----
    JSON holds no NaN: other programs could not read it.

    References
    ----------
    The README lists the verbs.

    Examples
    --------
    >>> "gap" in TOPICS
    False
    """
    module = _module(TOPICS[given.command][0])
    found = module.answer(given)
    if given.json:
        versions = {"model_version": __version__, "data_version": DATA_VERSION}
        return json.dumps(versions | module.as_data(found), indent=2, allow_nan=False)
    text: str = module.as_text(found)
    return text


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"efficiency.{name}")


def check_range(argument: str, value: float, low: float, high: float, unit: str = "") -> None:
    """Refuse an argument outside its range.

    Parameters
    ----------
    argument : str
        As the user spells it, for example ``"--flop"``.
    value : float
        What was given [any unit].
    low, high : float
        Ends of what is allowed [the same unit].
    unit : str
        Named in the message.

    Returns
    -------
    None
        Nothing where it is allowed.

    Raises
    ------
    TopicError
        Where it is not.

    Notes
    -----
    A comparison with NaN is false, so this refuses NaN too.

    References
    ----------
    The README lists the verbs.

    Examples
    --------
    >>> check_range("--flop", 1e30, 1e15, 1e29, "FLOP")
    Traceback (most recent call last):
    efficiency.topics.TopicError: --flop is 1e+30; allowed: 1e+15 to 1e+29 FLOP
    """
    if not low <= value <= high:
        raise TopicError(f"{argument} is {value!r}; allowed: {low:g} to {high:g} {unit}".rstrip())


def draw_bar(share: float, words: str = "") -> None:
    """Draw a bar on standard error, over itself on a terminal and as lines elsewhere.

    Parameters
    ----------
    share : float
        What is done [fraction].
    words : str
        What is being done.

    Returns
    -------
    None
        It is drawn.

    Notes
    -----
    Standard output holds the answer alone.

    References
    ----------
    The README lists the verbs.

    Examples
    --------
    >>> draw_bar(0.5, "fitting")
    """
    on_terminal = sys.stderr.isatty()
    bar = ("#" * round(30 * share)).ljust(30, ".")
    end = "\n" if share >= 1 or not on_terminal else ""
    print(f"{chr(13) * on_terminal}[{bar}] {share:4.0%} {words:<40}".rstrip(), end=end, file=sys.stderr, flush=True)
