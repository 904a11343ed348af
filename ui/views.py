"""Every figure of every page in one table: its sentence, range, picture, words and numbers, without a session.

`/view`, exports, embeds and stories take figures from here. A page declares its own in ``ui/page_views/<page>.py``.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from types import MappingProxyType
from typing import Final

import plotly.graph_objects as go

from efficiency import __version__
from efficiency.derived import records
from efficiency.facts import DATA_VERSION, facts, sources
from efficiency.link import LADDER_PARAMETER, State
from efficiency.provenance import facts_behind
from ui import page_views
from ui.markup import unbroken
from ui.own_words import own_words
from ui.theme import Mode

HOME: Final = "gap"
COMPARE: Final = "compare"
_HEADING: Final = re.compile(r"<h1[^>]*>(?P<headline>.*?)</h1>\s*(?:<p[^>]*>(?P<range>.*?)</p>)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """One number of a figure, for CSV and JSON.

    Attributes
    ----------
    name : str
        What it is, in words.
    low, central, high : float or None
        The number and the ends of its range [unit]; ends are None where none is known.
    unit : str
        SI symbol, or "1" for a ratio.
    sources : tuple of str
        Keys of `efficiency/data/sources.csv`.
    """

    name: str
    low: float | None
    central: float
    high: float | None
    unit: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slider:
    """An in-figure slider.

    Attributes
    ----------
    parameter : str
        Its parameter in the link.
    values : tuple of str
        That parameter's value at each step.
    label : str
        What it chooses.
    tells : bool
        Whether the heading is another one at each step.
    """

    parameter: str
    values: tuple[str, ...]
    label: str
    tells: bool = False


def no_records(_state: State) -> tuple[str, ...]:
    """Name no records: each number of the figure has sources of its own."""
    return ()


def no_legend(_state: State, _mode: Mode) -> str:
    """Give the legend of a figure that names its marks itself."""
    return ""


@dataclass(frozen=True, slots=True)
class View:
    """One figure of one page. All functions are pure; HTML they return is trusted: foreign text in it is escaped.

    Attributes
    ----------
    page, key : str
        The page's address and the figure's key there, as in ``chart.show(..., key)``.
    title : str
        Two or three words for menus, titles and file names.
    heading : callable
        State to HTML: ``<h1>headline</h1><p>range</p>``, or a sentence alone.
    figure : callable
        State and mode to the cached figure, its slider standing where the state says; never to be changed.
    alt : callable
        State to the text alternative with the figure's numbers.
    caption : callable
        State to the line under the figure, as HTML.
    numbers : callable
        State to rows.
    behind : callable
        State to the keys of the records that those numbers lean on which name no sources of their own.
    slider : Slider, optional
        The in-figure slider.
    legend : callable
        State and mode to HTML, where the page sets a legend beside the figure.
    own_dark : bool
        Whether the dark figure differs from the light one by more than the palettes' colours, for example by inks
        chosen for contrast. The light page then carries both.
    staged : callable, optional
        State and mode to the figure as slides show it, where that is another one: lower, so that its letters are large
        on a wide screen. It has the same slider.
    """

    page: str
    key: str
    title: str
    heading: Callable[[State], str]
    figure: Callable[[State, Mode], go.Figure]
    alt: Callable[[State], str]
    caption: Callable[[State], str]
    numbers: Callable[[State], Iterable[Row]]
    behind: Callable[[State], Iterable[str]] = no_records
    slider: Slider | None = None
    legend: Callable[[State, Mode], str] = no_legend
    own_dark: bool = False
    staged: Callable[[State, Mode], go.Figure] | None = None

    def on_stage(self, state: State, mode: Mode) -> go.Figure:
        """The figure as slides show it."""
        return (self.staged or self.figure)(state, mode)

    @property
    def name(self) -> str:
        """The figure's name in the table."""
        return f"{self.page}/{self.key}"

    def finding(self, state: State) -> tuple[str, str]:
        """The headline and the range, worked out once."""
        return _split(self.heading(state))

    def at_steps(self, state: State) -> tuple[State, ...]:
        """The states that the slider leads to, step by step; none without one."""
        if self.slider is None:
            return ()
        name = self.slider.parameter
        if name == LADDER_PARAMETER:
            return tuple(replace(state, ladder=value) for value in self.slider.values)
        return tuple(replace(state, choices={**state.choices, name: value}) for value in self.slider.values)

    def headings(self, state: State) -> tuple[str, ...]:
        """The heading at each step of the slider, where it is another one; else none."""
        tells = self.slider is not None and self.slider.tells
        return tuple(unbroken(self.heading(one)) for one in self.at_steps(state)) if tells else ()

    def findings(self, state: State) -> tuple[tuple[str, str], ...]:
        """The headline and the range at each step of the slider, where they are others; else none."""
        return tuple(_split(heading) for heading in self.headings(state))

    def headline(self, state: State) -> str:
        """The finding as a sentence in HTML."""
        return self.finding(state)[0]

    def range(self, state: State) -> str:
        """The range and the caveat as HTML; empty where the sentence says all."""
        return self.finding(state)[1]

    def footer(self, state: State) -> str:
        """The line under the figure as HTML, with the versions of data and model."""
        line = self.caption(state).strip()
        if brought := own_words(state.scenario, state.other if self.page == COMPARE else None):
            line = f"{line} · {escape(brought)}"
        versions = f"data {DATA_VERSION} · model {__version__}"
        if versions in line:
            return line
        return f"{line} {versions.capitalize()}" if line.endswith(".") else f"{line} · {versions}"

    def rows(self, state: State) -> tuple[Row, ...]:
        """The figure's numbers; of several with one name, as of repeated measurements, the later ones are counted."""
        seen: Counter[str] = Counter()
        found, behind = [], sources_of(self.behind(state))
        for row in self.numbers(state):
            seen[row.name] += 1
            count = seen[row.name]
            name = row.name if count == 1 else f"{row.name} ({count})"
            found.append(replace(row, name=name, sources=row.sources or behind))
        return tuple(found)

    def position(self, state: State) -> int:
        """Where the slider stands; 0 without one."""
        if self.slider is None:
            return 0
        given = state.ladder if self.slider.parameter == LADDER_PARAMETER else state.choices[self.slider.parameter]
        return self.slider.values.index(given)


def _split(heading: str) -> tuple[str, str]:
    heading = unbroken(heading)
    found = _HEADING.search(heading)
    return (found["headline"].strip(), (found["range"] or "").strip()) if found else (heading.strip(), "")


@functools.cache
def views() -> Mapping[str, View]:
    """Every figure by its name, "page/key"; a page's first one is its hero, the home page comes first."""
    found = {view.name: view for view in _declared()}
    return MappingProxyType(dict(sorted(found.items(), key=lambda item: item[1].page != HOME)))


def _declared() -> Iterator[View]:
    for module in pkgutil.iter_modules(page_views.__path__):
        yield from importlib.import_module(f"{page_views.__name__}.{module.name}").VIEWS


def hero(page: str) -> View | None:
    """A page's first figure; None where the page has none."""
    return next((view for view in views().values() if view.page == page), None)


def pages() -> tuple[str, ...]:
    """The pages that have figures, the home page first."""
    return tuple(dict.fromkeys(view.page for view in views().values()))


def ledger_records(state: State) -> tuple[str, ...]:
    """Name the records behind the ledger of a state."""
    return facts_behind("ledger", state.scenario)


def training_records(state: State) -> tuple[str, ...]:
    """Name the records behind the energy of training with a state's machine."""
    return facts_behind("ledger", replace(state.scenario, workload="training"))


def topic(*beginnings: str) -> tuple[str, ...]:
    """Name the records whose keys begin so."""
    return tuple(key for key in facts() if key.startswith(beginnings))


def sources_of(keys: Iterable[str]) -> tuple[str, ...]:
    """Name the sources behind some records, each once; the key of a source names itself."""
    known, behind = records(), facts()
    found: dict[str, None] = {}
    for key in keys:
        record = known.get(key) or behind.get(key)
        found |= dict.fromkeys(record.sources if record else {key} & sources().keys())
    return tuple(found)
