"""The position of an in-figure slider as part of the address, and arrow keys for it. No page rerun.

The browser writes the address itself, at once. Streamlit 1.67 sends the server the query it
remembers, not the one in the address bar, so the component also tells the server; that reruns one
fragment, and the chart stays as it is. The next run of the page then finds the position in
``st.query_params``.

What says something else at another position must not wait for that run: a heading changes in the
browser, and other sections are drawn anew with the fragment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from efficiency.link import parameters
from ui.address import current_state, take_position
from ui.turns import LINE, wait_for_turn

_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
# Letters that browser and server spell alike in an address. Were they to differ, Streamlit would
# add to the history, and Back would need a second press.
_VALUE: Final = re.compile(r"[A-Za-z0-9._~-]+")

_WATCHER: Final = st.components.v2.component(
    "twenty_watts_slider", js=Path(__file__).with_name("slider.js").read_text(encoding="utf-8")
)


def watch_slider(
    chart_key: str,
    parameter: str,
    values: Sequence[str],
    label: str = "Slider",
    headings: Sequence[str] = (),
    follow: Callable[[], None] | None = None,
) -> None:
    """Keep a query parameter at the position of a chart's slider, and let arrow keys move it.

    Parameters
    ----------
    chart_key : str
        The key given to ``st.plotly_chart``: letters, digits, "_" and "-" only, because Streamlit
        puts it into a class name.
    parameter : str
        The query parameter that is rewritten when the slider is released, alike in the address bar
        and in ``st.query_params``.
    values : sequence of str
        What the parameter is at each step, in the order of the steps. Names rather than numbers,
        so that a link keeps its meaning when a step is added. Letters, digits and ".", "_", "~",
        "-" only.
    label : str
        What the slider chooses, for a screen reader.
    headings : sequence of str
        What `heading` shows at each step, as HTML, where that differs: the browser changes it while the slider moves.
    follow : callable, optional
        Draws, here, what else depends on the position, from `current_state`; it is called again after each move. It
        draws no controls, and writes outside of itself only into ``st.empty()``.

    Raises
    ------
    ValueError
        For a key that cannot be found in the page, for values that are missing or repeated, or for headings that do
        not go with them.
    """
    if not _KEY.fullmatch(chart_key):
        raise ValueError(f"chart_key is {chart_key!r}; allowed are letters, digits, '_' and '-'")
    steps = list(values)
    if not steps or len(set(steps)) != len(steps):
        raise ValueError(f"values has {len(steps)} entries; allowed are one or more, each once")
    odd = [word for word in (parameter, *steps) if not _VALUE.fullmatch(word)]
    if odd:
        raise ValueError(f"parameter or values holds {odd[0]!r}; allowed are letters, digits, '.', '_', '~', '-'")
    if headings and len(headings) != len(steps):
        raise ValueError(f"headings has {len(headings)} entries; allowed are none or {len(steps)}")
    _watch(chart_key, parameter, steps, label, list(headings), follow)


def heading(chart_key: str) -> DeltaGenerator:
    """Make the place of the heading that follows a chart's slider; it takes one ``html``."""
    return st.container(key=f"{chart_key}-heading")


@st.fragment
def _watch(
    chart_key: str,
    parameter: str,
    steps: list[str],
    label: str,
    headings: list[str],
    follow: Callable[[], None] | None,
) -> None:
    key, moved_key = f"watch-{chart_key}", f"moved-{chart_key}"

    def note_move() -> None:
        moved = st.session_state[key].moved
        if moved in steps:
            st.query_params[parameter] = moved
            take_position(parameter, moved)
            st.session_state[moved_key] = True

    _WATCHER(
        key=key,
        data={
            "chart_key": chart_key,
            "parameter": parameter,
            "values": steps,
            "label": label,
            "headings": headings,
            "alone": follow is None,
            # The answer to a move: the browser holds the next one back until it comes.
            "known": st.query_params.get(parameter),
        },
        on_moved_change=note_move,
    )
    moved = st.session_state.pop(moved_key, False)
    if follow is not None:
        if moved:
            wait_for_turn((chart_key, *parameters(current_state()).values()))
            # Who had to wait stands in front of the page runs now, and no run of a page lets them pass.
            LINE.let_pass()
        follow()
