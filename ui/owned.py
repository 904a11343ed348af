"""What a visitor brought into the session: told to the process before each run, gone with the session."""

from __future__ import annotations

from html import escape
from typing import Final

import streamlit as st

from efficiency.link import State
from efficiency.own import Own, register
from efficiency.own_table import FIELDS, MOST_THINGS
from efficiency.say import quantity
from ui.own_words import own_words
from ui.views import COMPARE

KEY: Final = "own_things"
LARGE: Final = 1e6
COUNTED: Final = ("1", "fraction", "chips", "parameters", "layers", "heads", "experts")


def things() -> tuple[Own, ...]:
    """List what this session holds."""
    return tuple(st.session_state.get(KEY, ()))


def keep(found: tuple[Own, ...]) -> tuple[str, ...]:
    """Hold these, each in place of what had its kind and name; say why not, where they are too many."""
    held = {(thing.kind, thing.entity.label): thing for thing in things()}
    held |= {(thing.kind, thing.entity.label): thing for thing in found}
    if len(held) > MOST_THINGS:
        return (f"With what you brought before these are {len(held)} things; at most {MOST_THINGS} are kept.",)
    st.session_state[KEY] = tuple(held.values())
    tell()
    return ()


def forget() -> None:
    """Hold nothing any more."""
    st.session_state[KEY] = ()


def tell() -> None:
    """Tell the process what this session holds; where another holds an equal thing, both hold the same one."""
    if things():
        st.session_state[KEY] = tuple(register(thing) for thing in things())


def keys(kind: str | None = None) -> list[str]:
    """List the keys of what this session holds, of one kind or all."""
    return [thing.key for thing in things() if kind in (None, thing.kind)]


def numbers(thing: Own) -> str:
    """Say what a thing holds."""
    known = FIELDS[thing.kind]
    said = []
    for key, record in thing.facts.items():
        field = known[key.rpartition(".")[2]]
        # A count is named by its words.
        unit = "" if field.unit in COUNTED else f" {record.unit}"
        ends = "" if record.low is None or record.high is None else f" ({_plain(record.low)} to {_plain(record.high)})"
        said.append(f"{field.words} {_plain(record.value)}{ends}{unit}")
    return ", ".join(said)


def _plain(number: float) -> str:
    """Say a number as it was given, or in words where that would be a power of ten."""
    return f"{number:,.10g}" if abs(number) < LARGE else quantity(number, "1", 4)


def banner(state: State, page: str) -> None:
    """Say on every page that its figures are of what the visitor brought."""
    said = own_words(state.scenario, state.other if page == COMPARE else None)
    if said:
        told = (
            f"On this page: {escape(said)}. In this session only; no link carries it, so links open beside this page."
        )
        # Streamlit's head would lie over the first line.
        st.html(f'<p class="tw-footer" style="padding-top:0.8rem;opacity:1">{told}</p>')
