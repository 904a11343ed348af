"""The state between the address bar and the session: one codec, read and written by the router.

The address is read when it says something else than what was last written there (a deep link, Back, an in-figure
slider), and only those parameters that changed are taken. After the controls have run, it is written in full.
"""

from __future__ import annotations

from dataclasses import fields
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
_STREAMLITS_OWN: Final = ("embed", "embed_options")


def session_key(field: str) -> str:
    """Name the session entry, and the control's key, of a scenario field."""
    return f"scenario_{field}"


def choice_key(name: str) -> str:
    """Name the session entry, and the control's key, of a page's choice."""
    return f"choice_{name}"


def read_address() -> tuple[str, ...]:
    """Take into the session what the address says anew; return the notices about what it said wrong."""
    given = {name: st.query_params.get_all(name) for name in st.query_params}
    written = st.session_state.get(_WRITTEN_KEY)
    query = urlencode(given, doseq=True)
    state, notices = decode(query, owned.keys())
    if since := data_notice(query):
        notices = (*notices, since)
    if written is None:
        for name, value in _session_values(state).items():
            st.session_state[name] = value
        return notices
    for name, value in _session_values(state).items():
        # A run that broke off before it drew its controls has lost their values.
        if name not in st.session_state:
            st.session_state[name] = value
    changed = {name for name, values in given.items() if values != [written.get(name)]}
    if not changed - set(_STREAMLITS_OWN):
        return ()
    keys = {PARAMETER_OF[f.name]: session_key(f.name) for f in fields(Scenario)}
    keys |= {LADDER_PARAMETER: LADDER_KEY, FIND_PARAMETER: FIND_KEY} | {name: choice_key(name) for name in PAGE_CHOICES}
    keys |= {THEME_PARAMETER: THEME_KEY, OTHER_PARAMETER: OTHER_KEY}
    values = _session_values(state)
    # A short link says by its base what it does not spell.
    for name in set(keys) if BASE_PARAMETER in changed else changed & set(keys):
        st.session_state[keys[name]] = values[keys[name]]
    return notices


def _session_values(state: State) -> dict[str, Any]:
    found: dict[str, Any] = {session_key(f.name): getattr(state.scenario, f.name) for f in fields(Scenario)}
    found |= {choice_key(name): value for name, value in state.choices.items()}
    found |= {LADDER_KEY: state.ladder, FIND_KEY: state.find}
    return found | {THEME_KEY: state.theme, OTHER_KEY: state.other}


def take_scenario(scenario: Scenario) -> None:
    """Set the sidebar to another scenario; only before its controls are drawn, as in a callback."""
    for f in fields(Scenario):
        st.session_state[session_key(f.name)] = getattr(scenario, f.name)


def current_state() -> State:
    """Put the session's settings together; a setting that cannot be (a forged message) falls back to its default."""
    session = st.session_state
    defaults = Scenario()
    chosen = {f.name: session.get(session_key(f.name), getattr(defaults, f.name)) for f in fields(Scenario)}
    choices = {name: session.get(choice_key(name), rule.default) for name, rule in PAGE_CHOICES.items()}
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
