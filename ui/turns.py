"""A page run waits for its turn where its address has asked for too much that is new; see `ui.limits`."""

from __future__ import annotations

import time
from collections.abc import Hashable
from typing import Final

import streamlit as st

from ui.limits import BUCKETS, Admission
from ui.metrics import METRICS

PATIENCE_S: Final = 3.0
"""Longest wait of a page run; who is kept longer is told."""
PAGES: Final = Admission(BUCKETS)
NOTICE: Final = (
    "More new settings are being asked for from your network than this server works out at once. "
    "Yours are kept in the address: change one in a few seconds, or reload the page."
)


def wait_for_turn(work: Hashable, cost: float = 1.0) -> None:
    """Return when the work may be done; after `PATIENCE_S` say what is the matter and end the run."""
    found = st.context.ip_address
    # Without a browser, as in Streamlit's own tests, it is anything.
    address = found if isinstance(found, str) else None
    deadline = time.monotonic() + PATIENCE_S
    while wait := PAGES.wait_s(work, address, cost):
        if time.monotonic() + wait > deadline:
            METRICS.refuse("rerun_rate")
            st.warning(NOTICE)
            st.stop()
        time.sleep(wait)
