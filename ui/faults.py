"""What a viewer sees where a page breaks, and what is noted of it. The reason stays in the log."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.metrics import METRICS

SENTENCE: Final = (
    "Something went wrong here, and it has been noted. "
    "Your settings are safe in the address: change one of them, or reload the page."
)


def on_error(error: Exception) -> bool:
    """Count the error and say a plain sentence in place of Streamlit's; its log line is Streamlit's own."""
    METRICS.error(type(error).__name__)
    st.error(SENTENCE)
    return True
