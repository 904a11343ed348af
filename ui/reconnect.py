"""Bring a viewer's page back to life when the connection comes back to another server.

After a reconnection Streamlit's browser side asks for a page run only where one was cut off, or where the page has a
part that repeats by itself. Without a run, a new server knows nothing of the viewer, and the first thing touched after
that would be answered from empty settings. A part that shows nothing and repeats once a day makes it ask, and the
router then reads everything from the address.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import streamlit as st

PERIOD: Final = timedelta(days=1)
"""Long enough never to matter, short enough for a browser's timer, which counts milliseconds in 32 bits."""


@st.fragment(run_every=PERIOD)
def ask_again_when_reconnected() -> None:
    """Place the part that repeats."""
