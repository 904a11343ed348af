"""Colours, type and the Plotly template: one manner for every figure, light and dark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal

import plotly.graph_objects as go

Mode = Literal["light", "dark"]

FONT: Final = 'Inter, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
TEXT_PX: Final = 16
SMALL_PX: Final = 14
"""Only for muted second lines, which repeat what the hover text and the text alternative say."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by meaning, never by series number.

    Attributes
    ----------
    brain, machine, limit, neutral : str
        The four colours that carry meaning: brain, machine, physical limit, everything else.
    brain_ink : str
        The brain's orange, deep enough for small text on the ground.
    machine_soft, neutral_soft : str
        Opaque fills for intervals: visible on the ground, quieter than the dot on top.
    ink, muted : str
        Text; both reach a contrast of 4.5 on `ground` and on `band`.
    ground, grid, band : str
        Page, lines, and the shaded band of the claim under test.
    shades : tuple of str
        Machine blue from deep to pale, for parts of one machine total.
    greys : tuple of str
        Neutral from deep to pale, for parts that do no work.
    """

    brain: str
    brain_ink: str
    machine: str
    machine_soft: str
    limit: str
    neutral: str
    neutral_soft: str
    ink: str
    muted: str
    ground: str
    grid: str
    band: str
    shades: tuple[str, ...]
    greys: tuple[str, ...]


PALETTES: Final[Mapping[str, Palette]] = MappingProxyType(
    {
        "light": Palette(
            brain="#E8743B",
            brain_ink="#B44A12",
            machine="#2F6DB5",
            machine_soft="#A9C4E4",
            limit="#7A5BA6",
            neutral="#8A8F98",
            neutral_soft="#D3D6DB",
            ink="#1A1D23",
            muted="#565C67",
            ground="#FFFFFF",
            grid="#E3E5E9",
            band="#EFF0F2",
            shades=("#1B4A82", "#2F6DB5", "#5A92D2", "#8FB7E4", "#BFD7F1"),
            greys=("#5F656F", "#8A8F98", "#AEB2B9", "#CFD2D7"),
        ),
        "dark": Palette(
            brain="#E8743B",
            brain_ink="#F2905E",
            machine="#6FA8E8",
            machine_soft="#2C5A92",
            limit="#B097DB",
            neutral="#8A8F98",
            neutral_soft="#474C56",
            ink="#ECEEF2",
            muted="#A6ACB8",
            ground="#0F1218",
            grid="#2A2F39",
            band="#20242C",
            shades=("#A9CDF6", "#6FA8E8", "#4A85C9", "#33659F", "#254B78"),
            greys=("#B4B9C2", "#8A8F98", "#666B75", "#4A4F59"),
        ),
    }
)

CONFIG: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "displayModeBar": False,
        "displaylogo": False,
        "showSendToCloud": False,
        "responsive": True,
        "scrollZoom": False,
        "doubleClick": False,
        "showTips": False,
        "showAxisDragHandles": False,
        "showAxisRangeEntryBoxes": False,
    }
)
"""For ``st.plotly_chart(..., config=dict(CONFIG))`` and for exported HTML.

Nothing zooms, so a thumb scrolls the page.
"""


def palette(mode: Mode) -> Palette:
    """Colours of a mode; raises ValueError for any other word."""
    if mode not in PALETTES:
        raise ValueError(f"mode is {mode!r}; allowed are {', '.join(PALETTES)}")
    return PALETTES[mode]


def ink_on(fill: str) -> str:
    """Black or white, whichever stands out more on a fill.

    >>> ink_on("#2F6DB5"), ink_on("#5A92D2")
    ('#FFFFFF', '#101318')
    """
    red, green, blue = (_linear(int(fill[at : at + 2], 16) / 255) for at in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#FFFFFF" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#101318"


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


@cache
def template_dict(mode: Mode) -> dict[str, Any]:
    """The template as plain data, shared by all figures: read it, never change it."""
    colours = palette(mode)
    text = {"family": FONT, "size": TEXT_PX, "color": colours.ink}
    axis = {
        "gridcolor": colours.grid,
        "linecolor": colours.grid,
        "tickcolor": colours.grid,
        "zerolinecolor": colours.grid,
        "tickfont": text,
        "tickangle": 0,
        "title": {"font": text, "standoff": 8},
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "automargin": False,
        "fixedrange": True,
    }
    return {
        "layout": {
            "font": text,
            "title": {"font": {**text, "size": 20}, "x": 0, "xanchor": "left"},
            "paper_bgcolor": colours.ground,
            # Subplots may lie on top of each other, so only the paper is painted.
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [colours.machine, colours.brain, colours.limit, colours.neutral],
            "xaxis": axis,
            "yaxis": axis,
            "showlegend": False,
            "legend": {"font": text, "bgcolor": "rgba(0,0,0,0)"},
            "dragmode": False,
            "hovermode": "closest",
            "hoverdistance": 30,
            "hoverlabel": {
                "bgcolor": colours.ground,
                "bordercolor": colours.neutral,
                "font": text,
                "align": "left",
                "namelength": -1,
            },
            "annotationdefaults": {"font": text, "showarrow": False, "borderpad": 0},
            "separators": ".,",
            "uniformtext": {"mode": False},
            "margin": {"l": 0, "r": 0, "t": 8, "b": 40, "pad": 0, "autoexpand": False},
        },
        "data": {
            "scatter": [{"type": "scatter", "cliponaxis": False, "textfont": text}],
            "bar": [{"type": "bar", "marker": {"line": {"color": colours.ground, "width": 1}}}],
        },
    }


@cache
def template(mode: Mode) -> go.layout.Template:
    """Our own Plotly template, complete: nothing falls through to a library's default."""
    return go.layout.Template(template_dict(mode))
