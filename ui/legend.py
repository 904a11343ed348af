"""Legends in words below a figure, as HTML: a coloured glyph and what it stands for."""

from __future__ import annotations

from html import escape


def mark(colour: str, glyph: str, words: str) -> str:
    """Set a glyph in its colour beside its words; both stay on one line where the screen is wide enough."""
    return f'<span style="display:inline-block"><span style="color:{colour}">{glyph}</span> {escape(words)}</span>'


def legend(*marks: str) -> str:
    """Join marks, and remarks in plain words, into one line that wraps between them."""
    return f'<p class="tw-footer" style="opacity:1">{" · ".join(marks)}</p>'
