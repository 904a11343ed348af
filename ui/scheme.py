"""Draw the page anew when the visitor's screen turns dark or light while it is open.

Streamlit recolours its own parts in the browser, but figures and words keep the colours of the run that drew them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

_WATCHER: Final = st.components.v2.component(
    "twenty_watts_scheme", js=Path(__file__).with_name("scheme.js").read_text(encoding="utf-8")
)


def follow_scheme() -> None:
    """Place what asks for a run when the scheme changes; it shows nothing."""
    _WATCHER(key="scheme", on_turned_change=_run)


def _run() -> None:
    """Need nothing more: to be asked is to run."""
