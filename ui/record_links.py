"""Links to the Sources page that show the records behind a number, in the state that one is in."""

from __future__ import annotations

import functools
from dataclasses import replace
from html import escape
from urllib.parse import quote

from efficiency.link import FIND_PARAMETER, State, encode
from ui.own_words import target


def records_link(state: State, find: str, words: str) -> str:
    """Link to the records that hold some words, as HTML."""
    blank = f"&{FIND_PARAMETER}="
    query = _without_find(state).replace(blank, blank + quote(find, safe=""))
    return f'<a href="/sources?{escape(query)}" target="{target(state)}">{escape(words)}</a>'


@functools.lru_cache(maxsize=64)
def _without_find(state: State) -> str:
    """Spell the state once for all links of a page."""
    return encode(replace(state, find=""))
