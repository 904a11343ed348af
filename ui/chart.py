"""One way to put a figure on a page: our template, no toolbar, a text alternative."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from ui.theme import CONFIG


def show(figure: go.Figure, key: str, alt: str) -> None:
    """Draw a figure across the page's width.

    The theme is ours: Streamlit's would repaint the colours that carry meaning.
    """
    st.plotly_chart(figure, theme=None, config=dict(CONFIG), key=key, alt=alt)
