"""What a visitor brought into the session: told to the process before each run, gone with the session."""

from __future__ import annotations

from html import escape
from typing import Final

import streamlit as st

from efficiency.link import State
from efficiency.own import Own, register
from efficiency.own_table import FIELDS
from ui.views import own_words

KEY: Final = "own_things"
COUNTED: Final = ("1", "fraction", "chips", "parameters", "layers", "heads", "experts")


def things() -> tuple[Own, ...]:
    """List what this session holds."""
    return tuple(st.session_state.get(KEY, ()))


def keep(found: tuple[Own, ...]) -> None:
    """Hold these, beside those held before; equal ones once."""
    st.session_state[KEY] = tuple({thing.entity.key: thing for thing in (*things(), *found)}.values())
    tell()


def forget() -> None:
    """Hold nothing any more."""
    st.session_state[KEY] = ()


def tell() -> None:
    """Tell the process what this session holds: others' things may have displaced it."""
    for thing in things():
        register(thing)


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
        said.append(f"{field.words} {record.value:,.10g}{unit}")
    return ", ".join(said)


def banner(state: State) -> None:
    """Say on every page that its figures are of what the visitor brought."""
    said = own_words(state.scenario)
    if said:
        told = f"On this page: {escape(said)}. In this session only; no link carries it."
        # Streamlit's head would lie over the first line.
        st.html(f'<p class="tw-footer" style="padding-top:0.8rem;opacity:1">{told}</p>')
