"""The slider across a figure: its rail, and the frames that it moves through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ui.theme import Palette

RAIL_PX: Final = 84
"""Room under a figure for its slider."""
MAXIMUM_FRAMES: Final = 41
"""More frames make the figure slow to send and to open."""


def sliding(
    still: Sequence[dict[str, Any]],
    looks: Sequence[dict[str, Any]],
    stops: Mapping[str, Sequence[dict[str, Any]]],
    active: int,
) -> dict[str, Any]:
    """Data and frames of a figure: traces that stay, then those that move, which stand as at ``active``.

    ``stops`` has by the name of its frame only what changes there of each moving trace, in the order of ``looks``.
    """
    moved = list(range(len(still), len(still) + len(looks)))
    here = list(stops.values())[active]
    return {
        "data": [*still, *(look | data for look, data in zip(looks, here, strict=True))],
        "frames": [{"name": name, "data": list(data), "traces": moved} for name, data in stops.items()],
    }


def rail(
    names: Sequence[str], labels: Sequence[str], active: int, colours: Palette, above_px: int = 24
) -> dict[str, Any]:
    """A slider across the figure whose steps show frames of the same names."""
    animate = {
        "mode": "immediate",
        "frame": {"duration": 0, "redraw": False},
        "transition": {"duration": 0},
    }
    return {
        "active": active,
        "steps": [
            {"label": label, "method": "animate", "args": [[name], animate]}
            for name, label in zip(names, labels, strict=True)
        ],
        "x": 0,
        "len": 1,
        "y": 0,
        "yanchor": "top",
        "pad": {"t": above_px, "b": 0, "l": 0, "r": 0},
        "currentvalue": {"font": {"size": 18, "color": colours.ink, "weight": 700}, "offset": 6},
        # The labels of all steps cannot be read; the current one stands above the rail.
        "font": {"size": 1, "color": "rgba(0,0,0,0)"},
        "bgcolor": colours.machine,
        "activebgcolor": colours.machine,
        "bordercolor": colours.ground,
        "borderwidth": 2,
        "ticklen": 5,
        "minorticklen": 5,
        "tickcolor": colours.neutral,
        "transition": {"duration": 0},
    }
