"""Legends in words below a figure, as HTML: a coloured glyph and what it stands for."""

from __future__ import annotations

from html import escape


def mark(colour: str, glyph: str, words: str) -> str:
    """Set a glyph in its colour beside its words."""
    return f'<span style="color:{colour}">{glyph}</span> {escape(words)}'


def dotted(*marks: str) -> str:
    """Join marks, and remarks in plain words, by dots.

    Each stays on one line with its dot where the screen is wide enough; no line begins with a dot.
    """
    *before, last = marks
    return " ".join(f'<span style="display:inline-block">{one}</span>' for one in (*(f"{m} ·" for m in before), last))


def legend(*marks: str) -> str:
    """Set marks and remarks as a line of their own below a figure."""
    return f'<p class="tw-footer" style="opacity:1">{dotted(*marks)}</p>'
