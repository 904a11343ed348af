"""The light page: one figure of one page as plain HTML for a phone, made by a pure function of the address.

Sentence and numbers come first and need no script. The figure is drawn by a partial plotly.js, and its slider is an
ordinary range input: the in-figure one is too small for a thumb, and has no keyboard.
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote_plus

import plotly.graph_objects as go
from plotly.io.json import to_json_plotly

from efficiency.facts import source
from efficiency.link import State, decode, encode, encode_short
from efficiency.link_bases import data_notice
from efficiency.say import factor, quantity
from ui.bands import bands_html
from ui.documents import Document
from ui.figures.frames import PlainFigure
from ui.first_page import TITLE
from ui.markup import attribute, in_script, plain_text, shown, unbroken, without_leading, without_links
from ui.preview import summary, tags
from ui.theme import CONFIG, Mode, Palette, palette
from ui.views import HOME, Row, View, hero, pages, views

PATH: Final = "/view"
PAGE_PARAMETER: Final = "page"
FIGURE_PARAMETER: Final = "fig"
MOST_ROWS: Final = 60
"""Rows of the table of numbers; a figure of hundreds of dots would make a long page, and the dashboard has them."""
BASIC_TRACES: Final = frozenset({"scatter", "bar", "pie"})
"""What the partial plotly.js draws."""
_BANDS: Final = "sankey"
_FOLDER: Final = Path(__file__).parent
SCRIPT: Final = (_FOLDER / "light_page.js").read_text(encoding="utf-8")
_RECORDS: Final = "The records behind this figure"
_SLIDER_GAP_PX: Final = 8
_EMBED: Final = "embed"
_MODES: Final[tuple[Mode, ...]] = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: a figure, a state, whether inside another page, and what was wrong with it."""

    view: View
    state: State
    embedded: bool
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assets:
    """Paths of the files that the page needs."""

    plotly: str
    script: str
    font: str
    picture: str


def asked(query: str) -> Asked:
    """Read an address. Anything at all gives a figure and a state; what cannot be used is said in notices."""
    own: dict[str, str] = {}
    rest, notices = [], []
    for piece in query.split("&"):
        name, _, value = piece.partition("=")
        if name in (PAGE_PARAMETER, FIGURE_PARAMETER, _EMBED):
            if name in own:
                notices.append(f"The link repeats {name}; its first value is used.")
            own.setdefault(name, unquote_plus(value))
        else:
            rest.append(piece)
    view = _view(own.get(PAGE_PARAMETER, HOME), own.get(FIGURE_PARAMETER), notices)
    link = "&".join(rest)
    state, more = decode(link)
    since = data_notice(link)
    return Asked(view, state, own.get(_EMBED, "").lower() == "true", (*notices, *more, *filter(None, [since])))


def _view(page: str, figure: str | None, notices: list[str]) -> View:
    first = hero(page)
    if first is None:
        notices.append(f"The link says page={shown(page)}; allowed is {', '.join(pages())}, so {HOME} is used.")
        first = next(iter(views().values()))
    if figure is None:
        return first
    found = views().get(f"{first.page}/{figure}")
    if found is None:
        allowed = ", ".join(view.key for view in views().values() if view.page == first.page)
        notices.append(f"The link says fig={shown(figure)}; allowed is {allowed}, so {first.key} is used.")
    return found or first


def address(view: View, state: State) -> str:
    """Give the address of a figure in a state on this page."""
    return _address(view, _spelled(state))


@functools.lru_cache(maxsize=64)
def _spelled(state: State) -> str:
    return encode(state)


def _address(view: View, spelled: str) -> str:
    return f"{PATH}?{PAGE_PARAMETER}={view.page}&{FIGURE_PARAMETER}={view.key}&{spelled}"


def dashboard_address(view: View, state: State) -> str:
    """Give the address of a figure's page in the full dashboard, in the same state."""
    return f"/{'' if view.page == HOME else view.page}?{_spelled(state)}"


class LightPages:
    """The light pages."""

    def __init__(self, assets: Assets) -> None:
        """Take the paths of what the pages load."""
        self.assets = assets
        self.style = style_of(assets.font)
        # A page's declaration that cannot be read stops the start, not the first visitor.
        views()

    def make(self, query: str, base: str) -> Document:
        """Make the page of an address."""
        return Document(render(asked(query), self.assets, self.style, base), headers={"cache-control": "no-cache"})


def style_of(font: str) -> str:
    """Write the page's style with the palettes' colours."""
    style = (_FOLDER / "light_page.css").read_text(encoding="utf-8").replace("FONT", font)
    for prefix, mode in (("DARK_", "dark"), ("", "light")):
        colours = palette(mode)  # type: ignore[arg-type]
        for name in ("ground", "ink", "muted", "machine", "grid", "band"):
            style = re.sub(rf"\b{prefix}{name.upper()}\b", getattr(colours, name), style)
    return style


def render(wanted: Asked, assets: Assets, style: str, base: str) -> str:
    """Write the page."""
    view, state = wanted.view, wanted.state
    headline, spread = view.finding(state)
    title, description = summary(view, (headline, spread))
    alt = view.alt(state)
    here = address(view, state)
    preview = tags(title, description, base and base + here, base and base + assets.picture)
    frame = ' target="_blank" rel="noopener"' if wanted.embedded else ""
    dashboard = (
        f'<a class="button" data-state href={attribute(dashboard_address(view, state))}{frame}>'
        "Open the full dashboard</a>"
    )
    # Links stand in a list of their own, where a thumb can hit them.
    footer = view.footer(state)
    _, links = without_links(footer)
    caption, _ = without_links(without_leading(footer))
    drawing, scripts = _figure(view, state, alt, assets)
    theme = "" if state.theme == "auto" else f' data-theme="{state.theme}"'
    more = "" if wanted.embedded else _more(view, state, alt, links, opened=not scripts)
    return f"""<!DOCTYPE html>
<html lang="en"{theme}>
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>{escape(title)}</title>
    <meta name="description" content={attribute(description)} />
    {preview}
    <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
    <link rel="preload" href="{assets.font}" as="font" type="font/woff2" crossorigin />
    <style>{_in_theme(style, state.theme)}</style>
  </head>
  <body{' class="embedded"' if wanted.embedded else ""}>
    <main>
      <p class="brand">{escape(view.title)} · {TITLE}</p>
      <h1>{headline}</h1>
      <p class="range">{spread}</p>
      {_notices(wanted.notices)}
      {_legend(view, state)}
      {drawing}
      <p class="foot">{unbroken(caption)}</p>
      {dashboard}
      {more}
    </main>
    {scripts}
  </body>
</html>
"""


def _in_theme(style: str, theme: str) -> str:
    """Show the page light or dark, whatever the screen prefers, where the link says so."""
    if theme == "auto":
        return style
    for name in _MODES:
        style = style.replace(f"(prefers-color-scheme: {name})", "all" if name == theme else "not all")
    return style.replace("color-scheme: light dark", f"color-scheme: {theme}")


def _notices(notices: Iterable[str]) -> str:
    lines = "".join(f"<p>{escape(notice)}</p>" for notice in notices)
    return f'<div class="notice" role="status">{lines}</div>' if lines else ""


def _legend(view: View, state: State) -> str:
    legends = {mode: view.legend(state, mode) for mode in _MODES}
    if legends["light"] == legends["dark"]:
        return f'<div class="legend">{legends["light"]}</div>' if legends["light"] else ""
    return "".join(f'<div class="legend {mode}">{legend}</div>' for mode, legend in legends.items())


def _figure(view: View, state: State, alt: str, assets: Assets) -> tuple[str, str]:
    """Write the figure's place with its slider, and the scripts that fill it."""
    light = _drawing(view.figure(state, "light"))
    if light.traces == {_BANDS}:
        return _bands(view, state, alt), ""
    if not light.traces <= BASIC_TRACES:
        return '<p class="said">This figure is drawn in the full dashboard only; its numbers stand below.</p>', ""
    slider = _slider(view, state, light)
    label, style = attribute(alt), attribute(f"min-height:{light.height_px}px")
    place = f'<figure><div id="chart" role="img" aria-label={label} style={style}></div>{slider[0]}</figure>'
    dark = {"figure-dark": _drawing(view.figure(state, "dark")).json} if view.own_dark else {"dark-of": _DARK_OF}
    blocks = {"figure-light": light.json} | dark | slider[1]
    written = "".join(f'<script type="application/json" id="{name}">{text}</script>\n' for name, text in blocks.items())
    return place, (
        f'{written}<script src="{assets.plotly}" defer></script>\n    <script src="{assets.script}" defer></script>'
    )


def _bands(view: View, state: State, alt: str) -> str:
    """Draw flows, which the partial plotly.js does not, as HTML from the same figures."""
    drawn = "".join(
        f'<div class="{mode}">{bands_html(view.figure(state, mode).to_plotly_json()["data"][0])}</div>'
        for mode in _MODES
    )
    return f'<figure role="img" aria-label={attribute(alt)}>{drawn}</figure>'


def dark_of() -> dict[str, str]:
    """Give the dark palette's colour for each of the light one's: the script paints most figures dark by it.

    A figure drawn twice would make every page a third larger and take half as long again to make.
    """
    found: dict[str, str] = {}
    light, dark = palette("light"), palette("dark")
    for one in fields(Palette):
        pair = getattr(light, one.name), getattr(dark, one.name)
        found |= dict(zip(*pair, strict=True)) if isinstance(pair[0], tuple) else dict([pair])
    return found


_DARK_OF: Final = json.dumps(dark_of())


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A figure as the script takes it: without its own slider, whose steps stand beside."""

    figure: go.Figure
    json: str
    traces: frozenset[str]
    steps: tuple[dict[str, Any], ...]
    height_px: int


_DRAWINGS: Final[OrderedDict[int, _Drawing]] = OrderedDict()
"""By the figure's identity, which is kept with it: figures are cached and never changed, and many fit every state."""
_MOST_DRAWINGS: Final = 256


def _drawing(figure: go.Figure) -> _Drawing:
    found = _DRAWINGS.get(id(figure))
    if found is not None:
        return found
    # A figure with frames is taken as it was made: copying them is most of the time it costs.
    plain = figure.plain if isinstance(figure, PlainFigure) else figure.to_dict()
    traces = frozenset(trace.get("type", "scatter") for trace in plain["data"])
    layout, sliders = without_slider(plain["layout"]), plain["layout"].get("sliders", ())
    text = figure_json({"frames": [], **plain, "layout": layout, "config": dict(CONFIG)})
    steps = tuple(sliders[0]["steps"]) if sliders else ()
    found = _DRAWINGS[id(figure)] = _Drawing(figure, text, traces, steps, int(layout["height"]))
    while len(_DRAWINGS) > _MOST_DRAWINGS:
        # Another thread may be here too; whoever comes second finds one entry fewer.
        with contextlib.suppress(KeyError):
            _DRAWINGS.popitem(last=False)
    return found


def without_slider(layout: Mapping[str, Any]) -> dict[str, Any]:
    """Give a layout without its slider and without the room the slider took, below the plot or above it."""
    rest = {name: part for name, part in layout.items() if name != "sliders"}
    for slider in layout.get("sliders", ()):
        side, between = ("t", "b") if slider.get("y", 0) >= 1 else ("b", "t")
        spare = layout["margin"][side] - slider["pad"][between] - _SLIDER_GAP_PX
        rest["margin"] = {**layout["margin"], side: layout["margin"][side] - spare}
        rest["height"] = layout["height"] - spare
    return rest


def figure_json(figure: Mapping[str, Any]) -> str:
    """Write a figure as JSON that may stand in a script element."""
    return in_script(to_json_plotly(figure))


def _slider(view: View, state: State, drawing: _Drawing) -> tuple[str, dict[str, str]]:
    """Write the range input for a figure's slider, and its steps for the script."""
    if view.slider is None:
        return "", {}
    labels = [plain_text(step["label"]) for step in drawing.steps]
    at = view.position(state)
    label, now = attribute(view.slider.label), attribute(labels[at])
    control = (
        f'<div class="slider"><output id="position" for="slider">{escape(labels[at])}</output>'
        '<button type="button" data-by="-1" aria-label="One step back">‹</button>'
        f'<input type="range" id="slider" min="0" max="{len(labels) - 1}" step="1" value="{at}" disabled '
        f'autocomplete="off" aria-label={label} aria-valuetext={now} />'
        '<button type="button" data-by="1" aria-label="One step on">›</button></div>'
    )
    told = {
        "parameter": view.slider.parameter,
        "values": list(view.slider.values),
        "labels": labels,
        "moves": [_move(step["args"], drawing.traces) for step in drawing.steps],
        "findings": view.findings(state),
    }
    return control, {"steps": in_script(json.dumps(told, ensure_ascii=False))}


def _move(arguments: list[Any], traces: frozenset[str]) -> list[Any]:
    """Give what a step animates. Without a redraw plotly.js takes away the bars that a frame does not move."""
    frame, options = arguments
    return [frame, {**options, "frame": {**options["frame"], "redraw": "bar" in traces}}]


def _more(view: View, state: State, alt: str, links: Iterable[tuple[str, str]], opened: bool) -> str:
    rows = view.rows(state)
    return f"""<details{" open" if opened else ""}><summary>The numbers</summary>{_table(rows)}</details>
      <details><summary>In words</summary><p class="said">{escape(alt)}</p></details>
      <details><summary>Sources</summary>{_sources(rows, links)}</details>
      <nav aria-label="Other figures"><h2>Other figures</h2>{_menu(view, state)}</nav>"""


def _table(rows: tuple[Row, ...]) -> str:
    cells = "".join(f"<tr><td>{escape(row.name)}</td><td>{_said(row)}</td></tr>" for row in rows[:MOST_ROWS])
    left = len(rows) - MOST_ROWS
    more = f'<p class="said">{left:,} more are in the full dashboard.</p>' if left > 0 else ""
    return f"<table><thead><tr><th>What</th><th>Number (range)</th></tr></thead><tbody>{cells}</tbody></table>{more}"


def _said(row: Row) -> str:
    central = value_words(row.central, row.unit)
    if row.low is None or row.high is None or row.low == row.high:
        return central
    return f"{central} ({value_words(row.low, row.unit)} to {value_words(row.high, row.unit)})"


def value_words(value: float, unit: str) -> str:
    """Say a number of a figure as HTML.

    >>> value_words(183.2, "1"), value_words(7.5e6, "1"), value_words(3.16e6, "W"), value_words(0.0, "1")
    ('180', '10<sup>6.9</sup>', '3.2\u202fMW', '0')
    """
    if unit == "1":
        return factor(value, "html") if value > 0 else f"{value:.2g}"
    return escape(quantity(value, unit, 2)).replace(" ", "\u202f")


def _sources(rows: Iterable[Row], links: Iterable[tuple[str, str]]) -> str:
    """List where the numbers come from: the records in the dashboard first, then the publications."""
    found = dict.fromkeys(name for row in rows for name in row.sources)
    written = [f"<li>{_link(url, _RECORDS if words == 'sources' else words)}</li>" for url, words in links]
    for name in found:
        one = source(name)
        words = f"{one.authors}, {one.title}, {one.year}" if one.year else f"{one.authors}, {one.title}"
        written.append(f"<li>{_link(one.url, words) if one.url.startswith('http') else escape(words)}</li>")
    return f'<ul class="links">{"".join(written)}</ul>'


def _link(url: str, words: str) -> str:
    foreign = "" if url.startswith("/") else ' rel="noopener noreferrer"'
    return f"<a href={attribute(url)}{foreign}>{escape(words)}</a>"


def _menu(view: View, state: State) -> str:
    """List this page's figures and the other pages' first ones, in the same state."""
    listed = [one for one in views().values() if one.page == view.page or one is hero(one.page)]
    # The short form: the full one twenty times would be most of the page.
    spelled, items = encode_short(state), ""
    for one in listed:
        current = ' aria-current="page"' if one is view else ""
        items += f"<li><a data-state href={attribute(_address(one, spelled))}{current}>{escape(one.title)}</a></li>"
    return f"<ul>{items}</ul>"
