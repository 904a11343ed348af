"""What a visitor takes away: links, a code for phones, numbers as CSV and JSON, a file of one figure, a citation."""

from __future__ import annotations

import csv
import io
import json
import re
from base64 import b64encode
from dataclasses import asdict, fields
from functools import cache
from html import escape
from typing import Any, Final
from urllib.parse import urlsplit

import segno

from efficiency import __version__
from efficiency.facts import DATA_VERSION
from efficiency.link import State, encode, encode_short
from efficiency.report import source_data
from ui import light_page
from ui.first_page import TITLE
from ui.markup import attribute, plain_text, without_leading, without_links
from ui.own_words import link_words, own_words
from ui.precompress import ROOT
from ui.public_address import is_own_machine
from ui.theme import Mode, palette
from ui.views import HOME, View

CITED_TITLE: Final = "Twenty Watts: how many orders of magnitude lie between the brain and the machine"
CITED_AUTHOR: Final = "Twenty Watts contributors"
CSV_COLUMNS: Final = ("figure", "name", "low", "central", "high", "unit", "sources", "data", "model", "link")
EMBED_HEIGHT_PX: Final = 900
LONGEST_IN_PICTURE: Final = 140
"""Characters of an address that fit into one line of a slide; nobody types a longer one."""
_SOURCE: Final = re.compile(r'<script src="([^"]+)" defer></script>')
_PRELOAD: Final = re.compile(r'\s*<link rel="(?:preload|icon)"[^>]*>')
_WITHIN: Final = re.compile(r'href="/(?!/)')


def dashboard_link(page: str, state: State, base: str) -> str:
    """Give the canonical address of a page in a state: every setting spelled out."""
    return f"{base}/{'' if page == HOME else page}?{encode(state)}"


def short_link(page: str, state: State, base: str) -> str:
    """Give the short address of a page in a state, which means the same."""
    return f"{base}/{'' if page == HOME else page}?{encode_short(state)}"


def phone_link(view: View, state: State, base: str, embed: bool = False) -> str:
    """Give the short address of a figure's light page."""
    inside = "embed=true&" if embed else ""
    return f"{base}{light_page.PATH}?{inside}page={view.page}&fig={view.key}&{encode_short(state)}"


def code(address: str) -> str:
    """Draw a QR code of an address as SVG: dark on white in any theme, because not every phone reads the reverse."""
    drawn = io.BytesIO()
    made = segno.make(address, error="m", micro=False)
    made.save(drawn, kind="svg", scale=10, border=4, dark="#000000", light="#ffffff", xmldecl=False)
    return drawn.getvalue().decode()


def code_warning(page: str, state: State, base: str, network: str | None) -> str:
    """Say in Markdown why phones could not open a code's address, and where they could; empty where they can."""
    if not is_own_machine(base):
        return ""
    host = urlsplit(base).netloc
    where = ""
    if network:
        there = f"http://{network}:{urlsplit(base).port or 80}"
        where = f" Open [this page at {there}]({short_link(page, state, there)}) first."
    return f"{host} means this machine alone, so no phone can follow this code.{where}"


def embed_snippet(view: View, state: State, base: str) -> str:
    """Write the HTML that shows a figure inside another page."""
    title = attribute(f"{view.title} · {TITLE}")
    source = attribute(phone_link(view, state, base, embed=True))
    style = attribute(f"border:0;width:100%;height:{EMBED_HEIGHT_PX}px")
    return f"<iframe src={source} title={title} style={style} loading={attribute('lazy')}></iframe>"


def file_name(view: View, ending: str) -> str:
    """Name a file after the figure that it holds."""
    return f"twenty-watts-{view.page}-{view.key}.{ending}"


def numbers_csv(view: View, state: State, base: str) -> str:
    """Write a figure's numbers as a table; each row says where it comes from and what shows it again."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(CSV_COLUMNS)
    link = link_words(state) or short_link(view.page, state, base)
    for row in view.rows(state):
        ends = ["" if end is None else repr(float(end)) for end in (row.low, row.central, row.high)]
        table.writerow([view.title, row.name, *ends, row.unit, " ".join(row.sources), DATA_VERSION, __version__, link])
    return written.getvalue()


def numbers_json(view: View, state: State, base: str) -> str:
    """Write a figure's numbers with its sentence, the settings, the sources and the versions."""
    rows = view.rows(state)
    scenario = state.scenario
    told: dict[str, Any] = {
        "title": view.title,
        "headline": plain_text(view.headline(state)),
        "range": plain_text(view.range(state)),
        "caption": plain_text(view.footer(state)),
        # No link shows what a visitor brought.
        "link": None if link_words(state) else dashboard_link(view.page, state, base),
        **({"no_link": link_words(state)} if link_words(state) else {}),
        "data_version": DATA_VERSION,
        "model_version": __version__,
        "scenario": {one.name: getattr(scenario, one.name) for one in fields(scenario)},
        "numbers": [asdict(row) for row in rows],
        "sources": [source_data(key) for key in dict.fromkeys(key for row in rows for key in row.sources)],
    }
    return json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def figure_file(view: View, state: State, base: str) -> str:
    """Write a figure as one HTML file that needs no network: the light page with all that it loads inside."""
    assets = light_page.Assets("PLOTLY", "SCRIPT", _font(), "")
    wanted = light_page.Asked(view, state, embedded=False, notices=tuple(filter(None, [link_words(state)])))
    page = light_page.render(wanted, assets, light_page.style_of(assets.font), "")
    page = _PRELOAD.sub("", page)
    scripts = {"PLOTLY": _plotly(), "SCRIPT": light_page.SCRIPT}
    # Links first: the scripts hold text that looks like some.
    page = _WITHIN.sub(f'href="{base}/', page)
    return _SOURCE.sub(lambda found: f"<script>{_in_script(scripts[found[1]])}</script>", page)


def _in_script(text: str) -> str:
    """Keep a script from ending its element; inside strings both spellings mean the same."""
    return re.sub(r"</(script)", r"<\\/\1", text, flags=re.IGNORECASE)


@cache
def _plotly() -> str:
    return asset("plotly", "plotly-basic-*.js").read_text(encoding="utf-8")


@cache
def _font() -> str:
    data = asset("fonts", "inter.*.woff2").read_bytes()
    return f"data:font/woff2;base64,{b64encode(data).decode()}"


@cache
def asset(folder: str, pattern: str) -> Any:
    """Find the one file of a kind: its name holds its hash."""
    (found,) = (ROOT / "assets" / folder).glob(pattern)
    return found


def picture(view: View, state: State, mode: Mode, base: str) -> dict[str, Any]:
    """Give what the browser draws a slide from: the figure as it stands, its sentences, colours and address."""
    plain = view.on_stage(state, mode).to_plotly_json()
    layout = light_page.without_slider(plain["layout"])
    colours = palette(mode)
    caption, _ = without_links(without_leading(view.footer(state)))
    caption = caption if TITLE in caption else f"{caption} · {TITLE}"
    link = short_link(view.page, state, base).partition("://")[2]
    if base and not is_own_machine(base) and not link_words(state) and len(link) <= LONGEST_IN_PICTURE:
        caption = f"{caption} · {escape(link)}"
    return {
        "figure": light_page.figure_json({"data": plain["data"], "layout": layout}),
        "drawn": {trace["type"] for trace in plain["data"]} <= light_page.BASIC_TRACES,
        "key": view.key,
        "headline": view.headline(state),
        "range": view.range(state),
        "legend": view.legend(state, mode),
        "position": _position(plain["layout"]),
        "caption": caption,
        "alt": view.alt(state),
        "file": file_name(view, ""),
        "colours": {name: getattr(colours, name) for name in ("ground", "ink", "muted", "machine")},
    }


def _position(layout: dict[str, Any]) -> str:
    """Say where a figure's slider stands, as the slider itself does; empty without one."""
    said = [
        slider.get("currentvalue", {}).get("prefix", "") + slider["steps"][slider["active"]]["label"]
        for slider in layout.get("sliders", ())
    ]
    return "".join(said)


def citation(view: View | None, page: str, state: State, base: str) -> str:
    """Write how to cite a figure, as text."""
    figure = f"Figure “{view.title}”. " if view else ""
    link = short_link(page, state, base)
    missing = f"{words} " if (words := link_words(state)) else ""
    return f"{CITED_AUTHOR}. {CITED_TITLE}. Version {__version__}, data {DATA_VERSION}. {figure}{missing}{link}"


def bibtex(view: View | None, page: str, state: State, base: str) -> str:
    """Write how to cite a figure, for BibTeX."""
    figure = f", figure ``{view.title}''" if view else ""
    if missing := own_words(state.scenario, state.other):
        figure += f"; {missing}, in no link"
    return (
        "@software{twenty_watts,\n"
        f"  title   = {{{{{CITED_TITLE}}}}},\n"
        f"  author  = {{{{{CITED_AUTHOR}}}}},\n"
        f"  year    = {{{DATA_VERSION[:4]}}},\n"
        f"  version = {{{__version__}}},\n"
        f"  note    = {{Data {DATA_VERSION}{figure}}},\n"
        f"  url     = {{{short_link(page, state, base)}}},\n"
        "}"
    )
