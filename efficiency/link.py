"""The link: the whole state as a versioned, fully spelled set of short parameters, and back.

Every field is written, defaults too, so that a link keeps its meaning when a default changes. Reading never fails:
whatever cannot be used becomes a notice in plain words, and the default stands in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from efficiency import catalogue, link_bases
from efficiency.choices import PAGE_CHOICES
from efficiency.facts import DATA_VERSION
from efficiency.link_bases import DATA_PARAMETER, DATA_VERSIONS
from efficiency.own import is_own
from efficiency.scenario import BITS, Choice, Number, Scenario, field_rules
from efficiency.state import (
    FIND_PARAMETER,
    LADDER_PARAMETER,
    LONGEST_FIND,
    OTHER_PARAMETER,
    PARAMETER_OF,
    THEME_PARAMETER,
    THEMES,
    State,
    shown,
)

__all__ = [
    "BASE_PARAMETER",
    "FIND_PARAMETER",
    "LADDER_PARAMETER",
    "LINK_VERSION",
    "LONGEST_FIND",
    "LONGEST_LINK",
    "MIGRATIONS",
    "MOST_NOTICES",
    "OTHER_PARAMETER",
    "PARAMETER_OF",
    "THEMES",
    "THEME_PARAMETER",
    "State",
    "decode",
    "encode",
    "encode_short",
    "parameters",
]

LINK_VERSION: Final = 1
LONGEST_LINK: Final = 8000
"""Characters read of a link; a full one has about 1,700, with a second state to compare at most 4,500."""

BASE_PARAMETER: Final = "d"
MOST_NOTICES: Final = 10
"""Sentences about one link; a link of nonsense would otherwise fill the page with them."""
# Parameters that belong to Streamlit itself, not to the state.
_FOREIGN: Final = frozenset({"embed", "embed_options"})
# What a short link leaves out although no base holds it.
_SILENT: Final = MappingProxyType({FIND_PARAMETER: "", THEME_PARAMETER: "auto", OTHER_PARAMETER: ""})
# Version n to the function that turns its parameters into those of version n + 1.
MIGRATIONS: Final[Mapping[int, Callable[[dict[str, str]], dict[str, str]]]] = MappingProxyType({})


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
    return _query(parameters(state))


def encode_short(state: State) -> str:
    """Spell a state in few characters, for a code that a phone reads from across a hall.

    Parameters
    ----------
    state : State
        With a scalar scenario.

    Returns
    -------
    str
        ``v=1&d=1`` and what differs from base 1, the settings of one day that are kept for good.

    Raises
    ------
    ValueError
        If the scenario holds arrays.

    Notes
    -----
    Means what `encode` means, for as long: a base never changes, and what it does not hold is spelled out.

    References
    ----------
    MODEL.md, The link; `efficiency/data/link/bases.csv`.

    Examples
    --------
    >>> encode_short(State(Scenario(chip="b200")))
    'v=1&d=1&chip=b200&dv=2026-11'
    """
    told = parameters(state)
    if state.other:
        told[OTHER_PARAMETER] = _query(_from_base(_scenario_parameters(state.other)))
    version = told.pop("v")
    return _query({"v": version} | _from_base(told))


def _from_base(told: Mapping[str, str]) -> dict[str, str]:
    base = link_bases.bases()[link_bases.NEWEST]
    rest = {name: text for name, text in told.items() if text != base.get(name, _SILENT.get(name))}
    return {BASE_PARAMETER: link_bases.NEWEST} | rest


def _query(told: Mapping[str, str]) -> str:
    return "&".join(f"{name}={quote(text, safe='')}" for name, text in told.items())


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
    found = {"v": str(LINK_VERSION)} | _scenario_parameters(state.scenario)
    found |= {LADDER_PARAMETER: state.ladder} | dict(state.choices) | {FIND_PARAMETER: state.find}
    other = _query(_scenario_parameters(state.other)) if state.other else ""
    return found | {THEME_PARAMETER: state.theme, OTHER_PARAMETER: other, DATA_PARAMETER: DATA_VERSION}


def _scenario_parameters(scenario: Scenario) -> dict[str, str]:
    values = {parameter: getattr(scenario, name) for name, parameter in PARAMETER_OF.items()}
    return {name: value if isinstance(value, str) else _number_text(value) for name, value in values.items()}


def _number_text(value: float) -> str:
    if 0 < value < 1e6:
        return repr(value).removesuffix(".0")
    return f"{Decimal(repr(value)).normalize():e}".replace("e+", "e").removesuffix("e0")


def decode(query: str | bytes, own: Collection[str] = ()) -> tuple[State, tuple[str, ...]]:
    """Read a query string, whatever it holds.

    Parameters
    ----------
    query : str or bytes
        With or without a leading question mark.
    own : collection of str
        Keys of things that this very visitor brought; those of others are not used, even where they are known.

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
    given = _given(text, notices)
    based = _add_base(given, notices)
    given = _migrated(given, notices)
    state = _state_from(given, notices, based, own)
    if len(notices) > MOST_NOTICES:
        more = len(notices) - MOST_NOTICES + 1
        notices[MOST_NOTICES - 1 :] = [f"The link has {more:,} more parts that cannot be used."]
    return state, tuple(notices)


def _given(text: str, notices: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in parse_qsl(text.lstrip("?"), keep_blank_values=True, errors="replace"):
        if name in given:
            notices.append(f"The link repeats {shown(name)}; its first value is used.")
        else:
            given[name] = value
    return given


def _add_base(given: dict[str, str], notices: list[str]) -> Collection[str]:
    """Complete a short link by the settings of its day; give the names of what was added."""
    name = given.pop(BASE_PARAMETER, None)
    if name is None:
        return ()
    base = link_bases.bases().get(name)
    if base is None:
        notices.append(
            f"The link says {BASE_PARAMETER}={shown(name)}; allowed is {_some(link_bases.bases())}, so what it does "
            "not spell out is set as it is today."
        )
        return ()
    added = {parameter: text for parameter, text in base.items() if parameter not in given}
    given |= added
    return added


def _migrated(given: dict[str, str], notices: list[str]) -> dict[str, str]:
    """Bring a link of an older version up to today's parameters."""
    text = given.pop("v", str(LINK_VERSION))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LINK_VERSION):
        notices.append(
            f"The link says v={shown(text)}; this app reads version {LINK_VERSION} and older, "
            f"so it is read as version {LINK_VERSION}."
        )
        return given
    for version in range(int(text), LINK_VERSION):
        given = MIGRATIONS[version](given)
    return given


def _state_from(given: dict[str, str], notices: list[str], based: Collection[str], own: Collection[str]) -> State:
    scenario = _scenario_from(given, notices, own)
    ladder = given.pop(LADDER_PARAMETER, State().ladder)
    if ladder not in list(catalogue.labels("system")):
        notices.append(
            f"The link says {LADDER_PARAMETER}={shown(ladder)}; no system has that name, so {State().ladder} is used."
        )
        ladder = State().ladder
    choices = _choices_from(given, notices)
    find = given.pop(FIND_PARAMETER, "")
    if len(find) > LONGEST_FIND or not find.isprintable():
        notices.append(
            f"The link says {FIND_PARAMETER}={shown(find)}; allowed are up to {LONGEST_FIND} printable "
            "characters, so nothing is searched for."
        )
        find = ""
    theme = given.pop(THEME_PARAMETER, "auto")
    if theme not in THEMES:
        notices.append(f"The link says {THEME_PARAMETER}={shown(theme)}; allowed is {_some(THEMES)}, so auto is used.")
        theme = "auto"
    other = _other_from(given.pop(OTHER_PARAMETER, ""), notices, own)
    data = given.pop(DATA_PARAMETER, DATA_VERSION)
    if not DATA_VERSIONS.fullmatch(data):
        notices.append(f"The link says {DATA_PARAMETER}={shown(data)}, which is no version of data and is ignored.")
    for name in given:
        if name not in _FOREIGN and name not in based:
            notices.append(_unknown(name))
    return State(scenario, ladder, find, choices, theme, other)


def _unknown(name: str) -> str:
    return f"The link has {shown(name)}, which is not known here and is ignored."


def _scenario_from(given: dict[str, str], notices: list[str], own: Collection[str]) -> Scenario:
    """Take the scenario's fields out of the parameters."""
    defaults = Scenario()
    chosen: dict[str, Any] = {}
    for name, rule in field_rules().items():
        parameter = PARAMETER_OF[name]
        text = given.pop(parameter, None)
        if text is None:
            continue
        if is_own(text) and not (text in own and isinstance(rule, Choice) and text in rule.options):
            notices.append(
                f"The link says {parameter}={shown(text)}, which somebody brought into a session of their own and "
                f"which is in no link, so {getattr(defaults, name)} is used."
            )
            continue
        value, allowed = _read(name, rule, text)
        if value is None:
            default = getattr(defaults, name)
            used = default if isinstance(default, str) else _number_text(default)
            notices.append(f"The link says {parameter}={shown(text)}; allowed is {allowed}, so {used} is used.")
        else:
            chosen[name] = value
    return Scenario(**chosen)


def _other_from(text: str, notices: list[str], own: Collection[str]) -> Scenario | None:
    """Read the scenario to compare with, which is a link inside the link."""
    if not text:
        return None
    inner: list[str] = []
    given = _given(text, inner)
    based = _add_base(given, inner)
    found = _scenario_from(given, inner, own)
    inner += [_unknown(name) for name in given if name not in based]
    notices += [f"The link compared with: {notice[0].lower()}{notice[1:]}" for notice in inner]
    return found


def _choices_from(given: dict[str, str], notices: list[str]) -> dict[str, str]:
    """Take the pages' own choices out of the parameters."""
    found: dict[str, str] = {}
    for name, rule in PAGE_CHOICES.items():
        text = given.pop(name, rule.default)
        if text not in rule.options:
            notices.append(
                f"The link says {name}={shown(text)}; allowed is {_some(rule.options)}, so {rule.default} is used."
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


def _some(options: Collection[str]) -> str:
    """List settings, or the first of many."""
    return ", ".join(list(options)[:8]) + (" and others" if len(options) > 8 else "")
