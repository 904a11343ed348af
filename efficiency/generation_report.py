"""Generation for the command line: what is asked, the answer as data, and as text for a terminal."""

from __future__ import annotations

import argparse
import math
from typing import Any, Final, NamedTuple

from efficiency.block_diffusion import Advantage, advantage
from efficiency.cases import MEASURED_FILE, read_cases
from efficiency.catalogue import chip_labels, labels
from efficiency.generation import METRICS, PIECES, WAYS, Piece, Score, pieces, score
from efficiency.report import facts_data
from efficiency.say import counted, quantity, significant
from efficiency.scenario import Scenario
from efficiency.topics import check_range

_THINGS: Final = {"energy_per_image": "pictures", "energy_per_video": "videos"}


class Answer(NamedTuple):
    """What was asked, energies of the pieces [J], the comparison of the ways to write, and the predictions' scores."""

    scenario: Scenario
    block: float
    settled: float
    pieces: tuple[Piece, ...]
    advantage: Advantage
    scores: dict[str, Score]


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
    What is left out is as on the page.

    References
    ----------
    The README lists the verbs.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> parser.parse_args(["--block", "16"]).block
    16.0
    """
    default = Scenario()
    parser.add_argument("--block", type=float, default=32.0, metavar="L", help="tokens in a block, 2 to 1024")
    parser.add_argument("--settled", type=float, default=4.0, metavar="T", help="tokens that a pass settles")
    parser.add_argument("--batch", type=float, default=default.batch, metavar="B", help="conversations at once")
    parser.add_argument("--model", choices=tuple(labels("model")), default=default.model, metavar="MODEL")
    parser.add_argument("--chip", choices=tuple(chip_labels()), default=default.chip, metavar="CHIP")


def answer(given: argparse.Namespace) -> Answer:
    """Answer the verb.

    Parameters
    ----------
    given : Namespace
        Parsed arguments.

    Returns
    -------
    Answer
        Energies [J].

    Raises
    ------
    TopicError
        If an argument is outside what is allowed.

    Notes
    -----
    Scores are of the measured cases that we ship.

    References
    ----------
    MODEL.md, Generation.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> answer(parser.parse_args([])).scores["energy_per_video"].measured
    54
    """
    check_range("--block", given.block, 2.0, 1024.0, "tokens")
    check_range("--settled", given.settled, 1.0, given.block, "tokens")
    check_range("--batch", given.batch, 1.0, 4096.0)
    scenario = Scenario(system="own", model=given.model, chip=given.chip, batch=given.batch)
    cases = read_cases(MEASURED_FILE, strict=False)
    return Answer(
        scenario,
        given.block,
        given.settled,
        pieces(scenario, given.block, given.settled),
        advantage(scenario, given.block, given.settled),
        {metric: score(cases, metric) for metric in METRICS},
    )


def as_data(found: Answer) -> dict[str, Any]:
    """Turn an answer into plain data.

    Parameters
    ----------
    found : Answer
        From `answer`.

    Returns
    -------
    dict
        Inputs, results [J] and records, ready for JSON.

    Notes
    -----
    A crossover that does not come up to 4,096 conversations is null.

    References
    ----------
    The README documents this form.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> sorted(as_data(answer(parser.parse_args([]))))
    ['facts', 'inputs', 'results']
    """
    scenario = found.scenario
    return {
        "inputs": {
            "model": scenario.model,
            "chip": scenario.chip,
            "bits": scenario.bits,
            "batch": scenario.batch,
            "context_tokens": scenario.context_tokens,
            "machine_scope": scenario.machine_scope,
            "block": found.block,
            "settled": found.settled,
        },
        "results": {
            "pieces_j": [piece._asdict() for piece in found.pieces],
            "gain_alone": found.advantage.gain._asdict(),
            "crossover_conversations": {
                end: None if value == float("inf") else value
                for end, value in found.advantage.crossover._asdict().items()
            },
            "within_a_factor_of_2": {metric: each._asdict() for metric, each in found.scores.items()},
        },
        "facts": facts_data("generation."),
    }


def as_text(found: Answer) -> str:
    """Set an answer for a terminal.

    Parameters
    ----------
    found : Answer
        From `answer`.

    Returns
    -------
    str
        Lines of at most 180 letters.

    Notes
    -----
    Two significant digits.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> "a second of video" in as_text(answer(parser.parse_args([])))
    True
    """
    scenario = found.scenario
    lines = [
        f"{chip_labels()[scenario.chip]}, {scenario.machine_scope}, {scenario.batch:g} conversations at once; "
        "predicted, 5 to 95 %"
    ]
    for piece in found.pieces:
        span = f"{quantity(piece.low, 'J', 2)} to {quantity(piece.high, 'J', 2)}"
        lines.append(
            f"{PIECES[piece.piece]:<22} {WAYS[piece.way]:<24} {piece.name:<18} {piece.detail:<26} "
            f"{quantity(piece.central, 'J', 2):>8} ({span})"
        )
    low, middle, high = found.advantage.gain
    less = middle >= 1.0
    first, central, last = (low, middle, high) if less else (1.0 / high, 1.0 / middle, 1.0 / low)
    settled = counted(f"{found.settled:g}", "token")
    times = f"{significant(central)} ({significant(first)} to {significant(last)}) times {'less' if less else 'more'}"
    lines.append(
        f"Blocks of {found.block:g} with {settled} settled in a pass take {times} than one token at a time for one "
        "conversation;"
    )
    lines.append(f"    {crossover_words(found.advantage)}")
    for metric, each in found.scores.items():
        lines.append(
            f"Measured {_THINGS[metric]}: {each.within} of {each.predicted} predictions, nothing measured known, "
            f"within 2 times ({100 * each.within / each.predicted:.1f} %); {each.measured - each.predicted} without one"
        )
    return "\n".join(lines)


def crossover_words(found: Advantage) -> str:
    """Say from how many conversations on one token at a time takes less.

    Parameters
    ----------
    found : Advantage
        Its crossover [1].

    Returns
    -------
    str
        With its range.

    Notes
    -----
    Two significant digits.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> from efficiency.sampling import Range
    >>> crossover_words(Advantage(Range(2.0, 3.0, 4.0), Range(19.0, 21.0, 29.0)))
    'from 21 conversations at once on (19 to 29) they take more'
    >>> crossover_words(Advantage(Range(2.0, 3.0, 4.0), Range(900.0, float("inf"), float("inf"))))
    'they take less up to 4,096 conversations at once (900 to beyond 4,096)'
    """
    low, middle, high = (_count(value) for value in found.crossover)
    if found.crossover.central == float("inf"):
        return f"they take less up to 4,096 conversations at once ({low} to {high})"
    if found.crossover.central == 1.0:
        return "they take more at any number of conversations"
    return f"from {middle} conversations at once on ({low} to {high}) they take more"


def _count(value: float) -> str:
    # In whole conversations.
    return "beyond 4,096" if value == float("inf") else quantity(math.ceil(value - 1e-9), "1", 2)
