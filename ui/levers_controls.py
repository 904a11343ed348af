"""The controls of the page on all levers: machines to start from, a list for each lever, and four switches."""

from __future__ import annotations

from typing import Final

import streamlit as st

from efficiency.choices import lever_parameter
from efficiency.lever_settings import LEVERS, PRESETS
from efficiency.link import State
from ui.address import session_key, set_choice
from ui.controls import choice
from ui.levers import preset_of

PRESET_KEY: Final = "lever_preset"
_SWITCHES: Final = (
    ("lv_task", "The task"),
    ("lv_batch", "Today’s machine serves"),
    ("lv_quality", "Quality"),
    ("lv_events", "Sparsity of events"),
)
_MACHINE: Final = (
    "system", "chip", "chip_count", "bits", "density", "movement", "execution", "utilisation", "pue",
)  # fmt: skip
"""What the first preset sets back: its machine is the one that the dashboard starts with."""


def presets(state: State) -> None:
    """Draw the machines to start from; the one that the levers make up is marked."""
    st.session_state[PRESET_KEY] = preset_of(state)
    st.segmented_control(
        "Start from",
        list(PRESETS),
        format_func=lambda key: PRESETS[key].words,
        key=PRESET_KEY,
        on_change=_start,
        wrap=True,
        help="Sets all nine levers. The first one also sets the machine of the sidebar back to an H100 cluster.",
    )


def _start() -> None:
    """Pull the levers as the chosen preset does."""
    chosen = st.session_state[PRESET_KEY]
    if chosen not in PRESETS:
        return
    for lever, position in PRESETS[chosen].settings.items():
        set_choice(lever_parameter(lever), position)
    if chosen == "today":
        for field in _MACHINE:
            st.session_state[session_key(field)] = getattr(State().scenario, field)


def draw() -> None:
    """Draw a control for each lever and the switches of the comparison."""
    for first in range(0, len(LEVERS), 2):
        # A row at a time, so that they stand in order on a phone too.
        for column, lever in zip(st.columns(2), LEVERS[first : first + 2], strict=False):
            with column:
                choice(lever_parameter(lever.key), lever.name, listed=True)
    with st.container(horizontal=True):
        for name, label in _SWITCHES:
            choice(name, label)
