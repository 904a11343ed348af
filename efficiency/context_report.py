"""Long context for the command line: what is asked, the answer as data, and as text for a terminal."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from efficiency.catalogue import chip_labels, labels
from efficiency.context import Setting, central, central_assumed, cost, held
from efficiency.context_charges import per_unit, with_penalty
from efficiency.context_crossover import Crossover, crossover
from efficiency.context_shapes import HEADS, KINDS, KV_BITS, WINDOWS, Attention
from efficiency.report import facts_data
from efficiency.say import counted, power_of_ten, quantity
from efficiency.scenario import Scenario
from efficiency.topics import TopicError, check_range

TOKENS: Final = (1e3, 1e4, 1e5, 1e6, 1e7)
UNITS: Final[Mapping[str, str]] = {"token": "a token written", "request": "a request"}
_SAME: Final = 0.005


class Row(NamedTuple):
    """A kind of model at a context: chips, conversations at once [1], a token written and a whole request [J]."""

    tokens: float
    kind: str
    chips: float
    conversations: float
    token_j: float
    request_j: float


class Answer(NamedTuple):
    """What was asked, rows by context and kind, and crossovers by unit and kind."""

    setting: Setting
    penalty: float
    rows: tuple[Row, ...]
    crossovers: Mapping[str, Mapping[str, Crossover]]


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
    >>> parser.parse_args(["--tokens", "1000", "8000"]).tokens
    [1000.0, 8000.0]
    """
    default = Scenario()
    parser.add_argument("--tokens", type=float, nargs="+", default=list(TOKENS), metavar="N", help="contexts to show")
    parser.add_argument("--penalty", type=float, default=1.0, metavar="P", help="training worse by this, 1 to 10")
    parser.add_argument("--paid", choices=("training", "size"), default="training", help="how the penalty is paid")
    parser.add_argument("--served-tokens", type=float, default=1e14, metavar="T", help="tokens that share a training")
    parser.add_argument("--heads", choices=tuple(HEADS), default="as_built", help="keys and values that are kept")
    parser.add_argument("--kv-bits", type=float, default=16.0, metavar="B", help="width of the cache: 16, 8 or 4")
    parser.add_argument("--window", choices=tuple(WINDOWS), default="as_built", help="layers that look back a window")
    parser.add_argument("--chips", type=float, default=8.0, metavar="K", help="chips that serve together at least")
    parser.add_argument("--batch", type=float, default=default.batch, metavar="B", help="conversations wanted at once")
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
        Energies [J], contexts [1].

    Raises
    ------
    TopicError
        If an argument is outside what is allowed.

    Notes
    -----
    Energies at central values; ranges of the crossovers from seeded draws.

    References
    ----------
    MODEL.md, Long context.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> len(answer(parser.parse_args(["--tokens", "8000"])).rows)
    3
    """
    for tokens in given.tokens:
        check_range("--tokens", tokens, 1.0, 1e7, "tokens")
    check_range("--penalty", given.penalty, 1.0, 10.0)
    check_range("--served-tokens", given.served_tokens, 1e9, 1e18, "tokens")
    check_range("--chips", given.chips, 1.0, 1e5, "chips")
    check_range("--batch", given.batch, 1.0, 4096.0)
    if given.kv_bits not in KV_BITS:
        raise TopicError(f"--kv-bits is {given.kv_bits!r}; allowed: {', '.join(f'{bits:g}' for bits in KV_BITS)}")
    setting = Setting(
        Scenario(system="own", model=given.model, chip=given.chip, batch=given.batch),
        Attention(given.heads, given.window, given.kv_bits),
        float(given.chips),
        given.paid,
        given.served_tokens,
    )
    rows = tuple(_row(setting, kind, given.penalty, tokens) for tokens in given.tokens for kind in KINDS)
    others = [kind for kind in KINDS if kind != "transformer"]
    found = {unit: {kind: crossover(setting, given.penalty, unit, kind) for kind in others} for unit in UNITS}
    return Answer(setting, given.penalty, rows, found)


def _row(setting: Setting, kind: str, penalty: float, tokens: float) -> Row:
    inputs, assumed = central(setting.scenario), central_assumed()
    fits = held(kind, setting, inputs, assumed, tokens)
    # The transformer is what the penalty is measured against.
    found = with_penalty(
        cost(kind, setting, inputs, assumed, tokens), setting, 1.0 if kind == "transformer" else penalty
    )
    token_j, request_j = (float(per_unit(found, unit, tokens)) for unit in UNITS)
    return Row(tokens, kind, float(fits.chips), float(fits.conversations), token_j, request_j)


def as_data(found: Answer) -> dict[str, Any]:
    """Turn an answer into plain data.

    Parameters
    ----------
    found : Answer
        From `answer`.

    Returns
    -------
    dict
        Inputs, results [J, tokens] and records, ready for JSON.

    Notes
    -----
    A crossover that does not come up to 10 million tokens is null; 0 stands for any context.

    References
    ----------
    The README documents this form.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> sorted(as_data(answer(parser.parse_args(["--tokens", "8000"]))))
    ['facts', 'inputs', 'results']
    """
    setting, scenario = found.setting, found.setting.scenario
    return {
        "inputs": {
            "model": scenario.model,
            "chip": scenario.chip,
            "bits": scenario.bits,
            "batch": scenario.batch,
            "machine_scope": scenario.machine_scope,
            "chips": setting.chips,
            "heads": setting.attention.heads,
            "window": setting.attention.window,
            "kv_bits": setting.attention.kv_bits,
            "penalty": found.penalty,
            "paid": setting.paid,
            "served_tokens": setting.served_tokens,
        },
        "results": {
            "energies": [row._asdict() for row in found.rows],
            "crossover_tokens": {
                unit: {kind: _finite(crossing) for kind, crossing in kinds.items()}
                for unit, kinds in found.crossovers.items()
            },
        },
        "facts": facts_data("context."),
    }


def _finite(crossing: Crossover) -> dict[str, float | None]:
    return {name: None if value == float("inf") else value for name, value in crossing._asdict().items()}


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
    >>> "State-space model" in as_text(answer(parser.parse_args([])))
    True
    """
    setting, scenario = found.setting, found.setting.scenario
    bits = f"{setting.attention.kv_bits:g}-bit cache"
    lines = [
        f"{labels('model')[scenario.model]} on at least {setting.chips:g} x {chip_labels()[scenario.chip]}, "
        f"at most {counted(f'{scenario.batch:g}', 'conversation')} at once, {bits}, "
        f"{scenario.machine_scope}",
        f"{'context':>12}  {'kind':<18}{'chips':>7}{'at once':>9}{'a token written':>17}{'a request':>13}",
    ]
    for row in found.rows:
        lines.append(
            f"{quantity(row.tokens, '1', 2):>12}  {KINDS[row.kind]:<18}{row.chips:>7.0f}{row.conversations:>9.1f}"
            f"{quantity(row.token_j, 'J'):>17}{quantity(row.request_j, 'J'):>13}"
        )
    for unit, kinds in found.crossovers.items():
        for kind, crossing in kinds.items():
            lines.append(f"{KINDS[kind]} takes less for {UNITS[unit]} {crossover_words(crossing)}")
    paid = f"{found.penalty:g} times the compute of training, paid in {setting.paid}"
    served = power_of_ten(setting.served_tokens)
    lines.append(
        f"The same loss takes {paid if found.penalty > 1 else 'the same compute'}; {served} tokens share a training. "
        "Ranges: 5 to 95 %."
    )
    return "\n".join(lines)


def crossover_words(crossing: Crossover) -> str:
    """Say a crossover with its range.

    Parameters
    ----------
    crossing : Crossover
        Contexts [1].

    Returns
    -------
    str
        For example ``"from 4,000 tokens on (1,500 to 7,900)"``.

    Notes
    -----
    Two significant digits.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> crossover_words(Crossover(1480.0, 3990.0, 7890.0))
    'from 4,000 tokens on (1,500 to 7,900)'
    >>> crossover_words(Crossover(2e6, float("inf"), float("inf")))
    'at no context up to 10 million (2 million to beyond 10 million)'
    """
    span = "" if _alike(crossing) else f" ({tokens_words(crossing.low)} to {tokens_words(crossing.high)})"
    if crossing.central == 0.0:
        return f"at any context{span}"
    if crossing.central == float("inf"):
        return f"at no context up to 10 million{span}"
    return f"from {tokens_words(crossing.central)} tokens on{span}"


def _alike(crossing: Crossover) -> bool:
    if crossing.low == crossing.high:
        return True
    return crossing.low > 0.0 and crossing.high / crossing.low - 1.0 < _SAME


def tokens_words(tokens: float) -> str:
    """Say a count of tokens.

    Parameters
    ----------
    tokens : float
        0 for any, infinity for none up to 10 million [1].

    Returns
    -------
    str
        With two significant digits.

    Notes
    -----
    As `say.quantity`.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> tokens_words(3990.0), tokens_words(0.0), tokens_words(float("inf"))
    ('4,000', 'any', 'beyond 10 million')
    """
    if tokens == 0.0:
        return "any"
    return "beyond 10 million" if tokens == float("inf") else quantity(tokens, "1", 2)
