"""Page runs take turns: one is worked on at a time, and an address that asks for too much that is new waits.

Python works on one run at a time however many there are. Runs that share the processor all end late; one after the
other, each ends as early as it can. What takes long lets the others pass. Who may ask for how much: see `ui.limits`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from typing import Final, Self

import streamlit as st

from ui.limits import BUCKETS, Admission
from ui.metrics import METRICS

PATIENCE_S: Final = 3.0
"""Longest wait of a page run for its address; who is kept longer is told."""
LINE_S: Final = 0.5
"""Longest wait of a page run for the one before it: nobody holds the others up for longer."""
PAGES: Final = Admission(BUCKETS)
NOTICE: Final = (
    "More new settings are being asked for from your network than this server works out at once. "
    "Yours are kept in the address: change one in a few seconds, or reload the page."
)


class Line:
    """Lets page runs pass one at a time, each on a thread of its own: ``with LINE: ...``.

    Parameters
    ----------
    longest_s : float
        After so long [s] a run goes on beside the one before it: with more work than that in front of it, a run is
        late by so much and shares the processor all the same.
    """

    def __init__(self, longest_s: float) -> None:
        self.longest_s = longest_s
        self._free = threading.Semaphore()
        self._run = threading.local()

    def __enter__(self) -> Self:
        """Stand in line."""
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the next run go."""
        self.let_pass()

    def wait(self) -> None:
        """Wait for the run before this one."""
        self._run.first = self._free.acquire(timeout=self.longest_s)

    def let_pass(self) -> None:
        """Let the others go while this run goes on or waits for something else; nothing where it is not first."""
        if getattr(self._run, "first", False):
            self._run.first = False
            self._free.release()


LINE: Final = Line(LINE_S)
"""Where the page runs of this process stand."""


def wait_for_turn(work: Hashable, cost: float = 1.0) -> None:
    """Return when the work may be done; after `PATIENCE_S` say what is the matter and end the run."""
    found = st.context.ip_address
    # Without a browser, as in Streamlit's own tests, it is anything.
    address = found if isinstance(found, str) else None
    deadline = time.monotonic() + PATIENCE_S
    while wait := PAGES.wait_s(work, address, cost):
        LINE.let_pass()
        if time.monotonic() + wait > deadline:
            METRICS.refuse("rerun_rate")
            st.warning(NOTICE)
            st.stop()
        time.sleep(wait)
        LINE.wait()
    if cost > 1:
        LINE.let_pass()
