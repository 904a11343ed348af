"""The link: the whole state as a versioned, fully spelled set of short parameters, and back.

Every field is written, defaults too, so that a link keeps its meaning when a default changes. Reading never fails:
whatever cannot be used becomes a notice in plain words, and the default stands in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from efficiency import catalogue
from efficiency.choices import PAGE_CHOICES, with_defaults
from efficiency.scenario import BITS, Choice, Number, Scenario, ScenarioError, field_rules

LINK_VERSION: Final = 1
LONGEST_LINK: Final = 4000
"""Characters read of a link; a full one has about 400."""

PARAMETER_OF: Final = MappingProxyType(
    {
        "system": "sys",
        "chip": "chip",
        "chip_count": "n",
        "model": "model",
        "workload": "work",
        "bits": "bits",
        "density": "dens",
        "movement": "move",
        "execution": "exec",
        "utilisation": "util",
        "pue": "pue",
        "engine": "eng",
        "batch": "batch",
        "context_tokens": "ctx",
        "brain_flop_per_s": "bf",
        "brain_flops_range": "bfr",
        "machine_scope": "mscope",
        "brain_scope": "bscope",
        "language_task": "task",
        "hidden_tokens": "hid",
        "events": "ev",
        "channel": "ch",
        "brain_bit": "bit",
        "run": "run",
        "copies": "copies",
    }
)
"""Field of `Scenario` to its parameter in the link."""

LADDER_PARAMETER: Final = "ladder"
FIND_PARAMETER: Final = "find"
MOST_NOTICES: Final = 10
"""Sentences about one link; a link of nonsense would otherwise fill the page with them."""
LONGEST_FIND: Final = 80
# Parameters that belong to Streamlit itself, not to the state.
_FOREIGN: Final = frozenset({"embed", "embed_options"})
# Version n to the function that turns its parameters into those of version n + 1.
MIGRATIONS: Final[Mapping[int, Callable[[dict[str, str]], dict[str, str]]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class State:
    """All that a link holds.

    The scenario; ``ladder``, the system that the power ladder's slider stands on; ``find``, what is searched for on the
    Sources page, at most 80 printable characters; ``choices``, what is chosen on single pages (see `choices`).
    """

    scenario: Scenario = field(default_factory=Scenario)
    ladder: str = "colossus_1"
    find: str = ""
    choices: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "choices", with_defaults(self.choices))
        except ValueError as error:
            raise ScenarioError(str(error)) from None
        if self.ladder not in catalogue.labels("system"):
            raise ScenarioError(f"ladder is {self.ladder!r}; allowed: {', '.join(catalogue.labels('system'))}")
        if len(self.find) > LONGEST_FIND or not self.find.isprintable():
            raise ScenarioError(f"find is {_shown(self.find)!r}; allowed: up to {LONGEST_FIND} printable characters")


def encode(state: State) -> str:
    """Spell a state as a query string.

    Parameters
    ----------
    state : State
        With a scalar scenario.

    Returns
    -------
    str
        ``v=1&sys=...``, every field, in a fixed order.

    Raises
    ------
    ValueError
        If the scenario holds arrays.

    Notes
    -----
    Numbers are written with the fewest digits that read back as the same number.

    References
    ----------
    MODEL.md, The link.

    Examples
    --------
    >>> encode(State())[:34]
    'v=1&sys=colossus_1&chip=h100&n=100'
    """
    return "&".join(f"{name}={quote(text, safe='')}" for name, text in parameters(state).items())


def parameters(state: State) -> dict[str, str]:
    """List a state's parameters with their texts.

    Parameters
    ----------
    state : State
        With a scalar scenario.

    Returns
    -------
    dict of str to str
        In the order of the link, the version first.

    Raises
    ------
    ValueError
        If the scenario holds arrays.

    Notes
    -----
    The router hands these to the address bar.

    References
    ----------
    MODEL.md, The link.

    Examples
    --------
    >>> parameters(State())["bf"]
    '1e15'
    """
    if not state.scenario.is_scalar():
        raise ValueError("a link holds one scenario; this one has array fields")
    found = {"v": str(LINK_VERSION)}
    for name, parameter in PARAMETER_OF.items():
        value = getattr(state.scenario, name)
        found[parameter] = value if isinstance(value, str) else _number_text(value)
    return found | {LADDER_PARAMETER: state.ladder} | dict(state.choices) | {FIND_PARAMETER: state.find}


def _number_text(value: float) -> str:
    if 0 < value < 1e6:
        return repr(value).removesuffix(".0")
    return f"{Decimal(repr(value)).normalize():e}".replace("e+", "e").removesuffix("e0")


def decode(query: str | bytes) -> tuple[State, tuple[str, ...]]:
    """Read a query string, whatever it holds.

    Parameters
    ----------
    query : str or bytes
        With or without a leading question mark.

    Returns
    -------
    State
        Always valid.
    tuple of str
        One plain sentence for each thing that was ignored and what is used instead.

    Notes
    -----
    Missing parameters take today's defaults without a notice: such a link was typed by hand. Of a repeated
    parameter the first counts.

    References
    ----------
    MODEL.md, The link.

    Examples
    --------
    >>> state, notices = decode("v=1&bits=8&pue=9")
    >>> state.scenario.bits, notices
    (8.0, ('The link says pue=9; allowed is 1 to 3, so 1.3 is used.',))
    """
    text = query.decode("utf-8", errors="replace") if isinstance(query, bytes) else query
    notices: list[str] = []
    if len(text) > LONGEST_LINK:
        notices.append(f"The link has {len(text):,} characters; only the first {LONGEST_LINK:,} are read.")
        text = text[:LONGEST_LINK]
    given: dict[str, str] = {}
    for name, value in parse_qsl(text.lstrip("?"), keep_blank_values=True, errors="replace"):
        if name in given:
            notices.append(f"The link repeats {_shown(name)}; its first value is used.")
        else:
            given[name] = value
    given = _migrated(given, notices)
    state = _state_from(given, notices)
    if len(notices) > MOST_NOTICES:
        more = len(notices) - MOST_NOTICES + 1
        notices[MOST_NOTICES - 1 :] = [f"The link has {more:,} more parts that cannot be used."]
    return state, tuple(notices)


def _migrated(given: dict[str, str], notices: list[str]) -> dict[str, str]:
    """Bring a link of an older version up to today's parameters."""
    text = given.pop("v", str(LINK_VERSION))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LINK_VERSION):
        notices.append(
            f"The link says v={_shown(text)}; this app reads version {LINK_VERSION} and older, "
            f"so it is read as version {LINK_VERSION}."
        )
        return given
    for version in range(int(text), LINK_VERSION):
        given = MIGRATIONS[version](given)
    return given


def _state_from(given: dict[str, str], notices: list[str]) -> State:
    defaults = Scenario()
    chosen: dict[str, Any] = {}
    for name, rule in field_rules().items():
        parameter = PARAMETER_OF[name]
        text = given.pop(parameter, None)
        if text is None:
            continue
        value, allowed = _read(name, rule, text)
        if value is None:
            default = getattr(defaults, name)
            used = default if isinstance(default, str) else _number_text(default)
            notices.append(f"The link says {parameter}={_shown(text)}; allowed is {allowed}, so {used} is used.")
        else:
            chosen[name] = value
    ladder = given.pop(LADDER_PARAMETER, State().ladder)
    if ladder not in catalogue.labels("system"):
        notices.append(
            f"The link says {LADDER_PARAMETER}={_shown(ladder)}; no system has that name, so {State().ladder} is used."
        )
        ladder = State().ladder
    choices = _choices_from(given, notices)
    find = given.pop(FIND_PARAMETER, "")
    if len(find) > LONGEST_FIND or not find.isprintable():
        notices.append(
            f"The link says {FIND_PARAMETER}={_shown(find)}; allowed are up to {LONGEST_FIND} printable "
            "characters, so nothing is searched for."
        )
        find = ""
    for name in given:
        if name not in _FOREIGN:
            notices.append(f"The link has {_shown(name)}, which is not known here and is ignored.")
    return State(Scenario(**chosen), ladder, find, choices)


def _choices_from(given: dict[str, str], notices: list[str]) -> dict[str, str]:
    """Take the pages' own choices out of the parameters."""
    found: dict[str, str] = {}
    for name, rule in PAGE_CHOICES.items():
        text = given.pop(name, rule.default)
        if text not in rule.options:
            notices.append(
                f"The link says {name}={_shown(text)}; allowed is {_some(rule.options)}, so {rule.default} is used."
            )
            text = rule.default
        found[name] = text
    return found


def _read(name: str, rule: Number | Choice, text: str) -> tuple[str | float | None, str]:
    """Read one value; None where it is not allowed, with what is."""
    if isinstance(rule, Choice):
        return (text if text in rule.options else None), _some(rule.options)
    allowed = ", ".join(f"{b:g}" for b in BITS) if name == "bits" else rule.allowed()
    try:
        value = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        value = math.nan
    fits = rule.low <= value <= rule.high and (name != "bits" or value in BITS)
    return (value if fits else None), allowed


def _some(options: Mapping[str, str]) -> str:
    """List settings, or the first of many."""
    return ", ".join(list(options)[:8]) + (" and others" if len(options) > 8 else "")


def _shown(text: str) -> str:
    """Make a foreign text short and harmless enough to repeat in a message."""
    printable = "".join(c if c.isprintable() else "?" for c in text)
    return printable if len(printable) <= 40 else printable[:39] + "…"
