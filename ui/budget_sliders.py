"""The sliders of the page on budgets, one for each part of the money and for each assumption."""

from __future__ import annotations

import streamlit as st

from efficiency.choices import PAGE_CHOICES
from ui.address import after_choice, before_choice


def slide(name: str, label: str) -> str:
    """Draw a page's choice as a slider over its named steps and return what is chosen."""
    rule = PAGE_CHOICES[name]
    # A pair of dollar signs would be read as a formula.
    st.select_slider(
        label,
        options=list(rule.options),
        format_func=rule.options.__getitem__,
        key=before_choice(name),
        help=rule.help.replace("$", "\\$") or None,
    )
    return after_choice(name)
