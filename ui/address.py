"""The state between the address bar and the session: one codec, read and written by the router.

The address is read when it says something else than what was last written there (a deep link, Back, an in-figure
slider), and only those parameters that changed are taken. After the controls have run, it is written in full.

What is chosen on single pages is kept in one entry of the session, and only a control that is drawn has an entry of its
own: Streamlit goes through all entries for every list that it draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

import streamlit as st

from efficiency.choices import PAGE_CHOICES
from efficiency.link import (
    BASE_PARAMETER,
    FIND_PARAMETER,
    LADDER_PARAMETER,
    OTHER_PARAMETER,
    PARAMETER_OF,
    THEME_PARAMETER,
    State,
    decode,
    parameters,
)
from efficiency.link_bases import data_notice
from efficiency.scenario import Scenario, ScenarioError
from ui import owned

LADDER_KEY: Final = "state_ladder"
FIND_KEY: Final = "state_find"
THEME_KEY: Final = "state_theme"
OTHER_KEY: Final = "state_other"
_WRITTEN_KEY: Final = "address_written"
_NOTICES_KEY: Final = "address_notices"
_CHOICES_KEY: Final = "state_choices"
_DRAWN_KEY: Final = "choices_drawn"
_STREAMLITS_OWN: Final = ("embed", "embed_options")


def session_key(field: str) -> str:
    """Name the session entry, and the control's key, of a scenario field."""
    return f"scenario_{field}"


_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {PARAMETER_OF[f.name]: session_key(f.name) for f in fields(Scenario)}
    | {LADDER_PARAMETER: LADDER_KEY, FIND_PARAMETER: FIND_KEY, THEME_PARAMETER: THEME_KEY, OTHER_PARAMETER: OTHER_KEY}
)
"""Parameters of the address to their entries in the session."""


def choice_key(name: str) -> str:
    """Name the control of a page's choice; it has a value only while it is drawn."""
    return f"choice_{name}"


def before_choice(name: str) -> str:
    """Give a choice's control the value that was kept, before it is drawn; return its key."""
    key = choice_key(name)
    if key not in st.session_state:
        st.session_state[key] = st.session_state[_CHOICES_KEY][name]
    st.session_state[_DRAWN_KEY].add(name)
    return key


def after_choice(name: str) -> str:
    """Keep what a choice's control says, once it is drawn, and return it."""
    chosen = str(st.session_state[choice_key(name)])
    st.session_state[_CHOICES_KEY][name] = chosen
    return chosen


def set_choice(name: str, value: str) -> None:
    """Choose something; only before its control is drawn, as in a callback."""
    st.session_state[_CHOICES_KEY][name] = value
    if choice_key(name) in st.session_state:
        st.session_state[choice_key(name)] = value


def take_position(parameter: str, value: str) -> None:
    """Keep where a figure's slider stands: a change of page empties the address before anything has read it."""
    if parameter in _KEYS:
        st.session_state[_KEYS[parameter]] = value
    elif parameter in PAGE_CHOICES:
        set_choice(parameter, value)


def read_address() -> tuple[str, ...]:
    """Take into the session what the address says anew; return the notices about what it said wrong."""
    written = st.session_state.get(_WRITTEN_KEY)
    if written is not None:
        _keep_choices()
        given = st.query_params.to_dict()
        changed = {name for name, value in given.items() if value != written.get(name)} - set(_STREAMLITS_OWN)
        if not changed and all(key in st.session_state for key in _KEYS.values()):
            return ()
    query = urlencode({name: st.query_params.get_all(name) for name in st.query_params}, doseq=True)
    state, notices = decode(query, owned.keys())
    if since := data_notice(query):
        notices = (*notices, since)
    values = _session_values(state)
    if written is None:
        st.session_state[_CHOICES_KEY] = dict(state.choices)
        st.session_state[_DRAWN_KEY] = set()
        for key, value in values.items():
            st.session_state[key] = value
        return notices
    for key, value in values.items():
        # A run that broke off before it drew its controls has lost their values.
        if key not in st.session_state:
            st.session_state[key] = value
    # A short link says by its base what it does not spell.
    everything = BASE_PARAMETER in changed
    for name, key in _KEYS.items():
        if everything or name in changed:
            st.session_state[key] = values[key]
    for name in PAGE_CHOICES:
        if everything or name in changed:
            set_choice(name, state.choices[name])
    return notices if changed else ()


def _keep_choices() -> None:
    """Take what the controls of choices say now: a viewer may have moved one since the last run."""
    kept = st.session_state[_CHOICES_KEY]
    for name in st.session_state[_DRAWN_KEY]:
        said = st.session_state.get(choice_key(name))
        # A forged message may say anything.
        if said in PAGE_CHOICES[name].options:
            kept[name] = said


def _session_values(state: State) -> dict[str, Any]:
    found: dict[str, Any] = {session_key(f.name): getattr(state.scenario, f.name) for f in fields(Scenario)}
    return found | {LADDER_KEY: state.ladder, FIND_KEY: state.find, THEME_KEY: state.theme, OTHER_KEY: state.other}


def take_scenario(scenario: Scenario) -> None:
    """Set the sidebar to another scenario; only before its controls are drawn, as in a callback."""
    for f in fields(Scenario):
        st.session_state[session_key(f.name)] = getattr(scenario, f.name)


def current_state() -> State:
    """Put the session's settings together; a setting that cannot be (a forged message) falls back to its default."""
    session = st.session_state
    defaults = Scenario()
    chosen = {f.name: session.get(session_key(f.name), getattr(defaults, f.name)) for f in fields(Scenario)}
    _keep_choices()
    choices = dict(session[_CHOICES_KEY])
    try:
        return State(
            Scenario(**chosen),
            session.get(LADDER_KEY, State().ladder),
            session.get(FIND_KEY, ""),
            choices,
            session.get(THEME_KEY, "auto"),
            session.get(OTHER_KEY),
        )
    except ScenarioError as error:
        st.warning(f"{error}. The standard settings are shown instead.")
        return State()


def write_address(state: State) -> None:
    """Write the whole state into the address bar, if it does not stand there already."""
    target = parameters(state)
    own = {name: st.query_params[name] for name in _STREAMLITS_OWN if name in st.query_params}
    if st.query_params.to_dict() != target | own:
        st.query_params.from_dict(target | own)
    st.session_state[_WRITTEN_KEY] = target


def notices_to_show(fresh: tuple[str, ...], state: State) -> tuple[str, ...]:
    """Keep an address's notices on the page until a setting changes: Streamlit may rerun before they are read."""
    if fresh:
        st.session_state[_NOTICES_KEY] = (state, fresh)
    said_of, kept = st.session_state.get(_NOTICES_KEY, (None, ()))
    return kept if said_of == state else ()
