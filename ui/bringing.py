"""The page on things of one's own: reading a file once, using what it holds, forgetting it everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from efficiency.facts import facts
from efficiency.own_table import FIELDS, NEEDED, read_own
from efficiency.scenario import Scenario
from ui import owned
from ui.address import OTHER_KEY, session_key
from ui.own_words import KINDS

WORDS: Final = {"chip": "Chip", "system": "System", "model": "Language model"}
_ROUND_KEY: Final = "own_round"
_SAID_KEY: Final = "own_said"


def upload_key() -> str:
    """Name the control that takes a file; a new one after each forgetting, because the old one keeps its file."""
    return f"own_upload_{st.session_state.get(_ROUND_KEY, 0)}"


def take() -> None:
    """Read the file that was brought, once, and hold what it says."""
    file = st.session_state[upload_key()]
    st.session_state[_SAID_KEY] = ()
    if file is None:
        return
    before = owned.things()
    found, messages = read_own(file.getvalue())
    messages = messages or owned.keep(found)
    if messages:
        kept = " What you brought before is still there." if before else ""
        messages = (*messages, f"Nothing of this table is used.{kept}")
    st.session_state[_SAID_KEY] = messages
    now = {(thing.kind, thing.entity.label): thing.key for thing in owned.things()}
    _move({thing.key: now[thing.kind, thing.entity.label] for thing in before})


def said() -> tuple[str, ...]:
    """Give what was wrong with the file that stands in the control."""
    return tuple(st.session_state.get(_SAID_KEY, ())) if st.session_state.get(upload_key()) else ()


def use(kind: str, key: str) -> None:
    """Choose a thing, as the sidebar would."""
    st.session_state[session_key(kind)] = key
    if kind == "chip":
        st.session_state[session_key("system")] = "own"
    count = facts().get(f"{kind}.{key}.chips")
    if count:
        st.session_state[session_key("chip_count")] = count.si


def in_use(kind: str, key: str) -> bool:
    """Tell whether a thing is chosen."""
    return bool(st.session_state.get(session_key(kind)) == key)


def forget() -> None:
    """Forget all that was brought, wherever it is chosen, and the file in the control."""
    gone = owned.keys()
    owned.forget()
    _move(dict.fromkeys(gone))
    st.session_state[_SAID_KEY] = ()
    st.session_state[_ROUND_KEY] = st.session_state.get(_ROUND_KEY, 0) + 1


def _move(keys: Mapping[str, str | None]) -> None:
    """Choose other things in the place of some, or the standard ones; also in the state to compare with."""
    standard = Scenario()

    def instead(chosen: Mapping[str, Any]) -> dict[str, str]:
        return {kind: keys[key] or getattr(standard, kind) for kind, key in chosen.items() if key in keys}

    for kind, key in instead({kind: st.session_state.get(session_key(kind)) for kind in KINDS}).items():
        st.session_state[session_key(kind)] = key
    other = st.session_state.get(OTHER_KEY)
    if other:
        st.session_state[OTHER_KEY] = replace(other, **instead({kind: getattr(other, kind) for kind in KINDS}))


def fields_html() -> str:
    """List what a table may hold, as HTML."""
    rows = "".join(
        f"<tr><td>{kind}</td><td>{name}{' *' if name in NEEDED[kind] else ''}</td><td>{field.words}</td>"
        f"<td>{', '.join(field.units)}</td><td>{field.span}</td></tr>"
        for kind, known in FIELDS.items()
        for name, field in known.items()
    )
    return (
        '<div class="tw-scroll"><table class="tw-table"><thead><tr><th>Kind</th><th>Field</th><th>What</th>'
        f"<th>Units</th><th>Allowed</th></tr></thead><tbody>{rows}</tbody></table></div>"
        '<p class="tw-footer">* needed; a chip also needs one peak rate. Low and high are the 5 and 95 % ends, and may '
        "be empty. Messages count rows as a spreadsheet does: the names of the columns are row 1. In JSON, a list of "
        "objects with these names, the first object is row 1.</p>"
    )
