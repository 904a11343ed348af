"""The few rules of style that Streamlit's own settings cannot express, and notices in plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import streamlit as st

from ui.theme import Mode, palette

_CSS: Final = """
<style>
.stMainBlockContainer { padding: 3.4rem 2rem 2rem; max-width: 92rem; }
.tw-headline { font-size: clamp(1.55rem, 0.9rem + 2vw, 3.2rem); line-height: 1.12; font-weight: 700;
  letter-spacing: -0.02em; margin: 0; padding: 0; text-wrap: balance; }
.tw-headline sup, .tw-range sup, .tw-finding sup { font-size: 0.62em; line-height: 0; vertical-align: 0.5em; }
.tw-machine { color: MACHINE; white-space: nowrap; }
.tw-range { font-size: clamp(1rem, 0.7rem + 0.53vw, 1.4rem); color: MUTED; margin: 0.4rem 0 0; }
.tw-finding { font-size: clamp(1.3rem, 1rem + 1vw, 2rem); line-height: 1.2; font-weight: 700;
  letter-spacing: -0.01em; margin: 1.6rem 0 0; padding: 0; text-wrap: balance; }
.tw-footer { font-size: 1rem; margin: 0; }
/* Quieter by its colour, since opacity would pale the links in it too; legends ask for full strength. */
.tw-footer:not([style*="opacity:1"]) { color: MUTED; }
.tw-footer a, .tw-table a { color: MACHINE; }
.tw-scroll { overflow-x: auto; }
.tw-scroll:focus-visible, .stCode pre:focus-visible, [data-testid="stNavSectionHeader"] :focus-visible,
a[data-testid="stTopNavLink"]:focus-visible {
  outline: 3px solid MACHINE; outline-offset: -3px; }
.tw-table { border-collapse: collapse; font-size: 1rem; width: 100%; min-width: 52rem; }
.tw-table td:last-child { white-space: nowrap; }
.tw-table th, .tw-table td { text-align: left; padding: 0.35rem 0.8rem 0.35rem 0; vertical-align: top;
  border-bottom: 1px solid rgba(138, 143, 152, 0.35); }
/* Plotly's text has a fixed size; in a hall nothing may be smaller than 16 px. Plotly measures it in its tester. */
@media (min-width: 1600px) {
  :is(.js-plotly-plot, #js-plotly-tester) :is(text, tspan)[style*="font-size: 16px"] { font-size: 18px !important; }
  :is(.js-plotly-plot, #js-plotly-tester) :is(text, tspan)[style*="font-size: 14px"] { font-size: 16px !important; }
  .st-key-gap .scatterlayer .points path[style*="stroke-width: 4px"] { stroke-width: 6px !important; }
}
/* The name of a control that is switched off is still to be read. */
[data-testid="stWidgetLabel"][disabled] p { color: MUTED; }
/* The Share button stands in Streamlit's own head, where it is on every page, and takes no room on it. */
.st-key-share { position: fixed; top: 0.35rem; right: 4.2rem; width: auto; z-index: 999991; }
.st-key-share button { min-height: 44px; }
/* A code is as large as the screen lets it be whole. */
.st-key-share_code { max-width: min(100%, max(20rem, 100vh - 24rem)); margin: 0 auto; }
/* Whoever asks for less motion sees each thing in its place at once. */
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { animation-duration: 0.01ms !important; animation-iteration-count: 1 !important;
    transition-duration: 0.01ms !important; scroll-behavior: auto !important; }
}
@media (max-width: 640px) {
  .stMainBlockContainer { padding: 4.2rem 1rem 1.5rem; }
  /* There it would stand on the button that closes the sidebar. */
  .stApp:has(.stSidebar[data-collapsed="false"]) .st-key-share { visibility: hidden; }
}
</style>
"""
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:$&])")


def apply() -> None:
    """Add the rules to the page, with the colours of the visitor's theme."""
    colours = palette(mode())
    st.html(_CSS.replace("MACHINE", colours.machine).replace("MUTED", colours.muted))


def notices(texts: Sequence[str]) -> None:
    """Show plain sentences that may hold foreign text, in one box; nothing in them is taken as markup."""
    plain = [_MARKDOWN.sub(r"\\\1", text) for text in texts]
    if plain:
        st.info(plain[0] if len(plain) == 1 else "\n".join(f"- {text}" for text in plain))


def mode() -> Mode:
    """Tell whether the visitor's theme is light or dark."""
    return "dark" if st.context.theme.type == "dark" else "light"
