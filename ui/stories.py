"""Stories for the stage: small TOML files, read and checked without a session; every mistake names line and field.

A step is a sentence over one figure in one state. Braces in a sentence are filled from that figure, so that a story
holds words and the model holds numbers.
"""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from efficiency.link import State, decode
from efficiency.say import factor, quantity, significant
from ui.light_page import BASIC_TRACES
from ui.markup import complaint, plain_text, shown, without_links
from ui.views import Row, View, hero, views

FOLDER: Final = Path(__file__).parent.parent / "assets" / "stories"
MOST_BYTES: Final = 32_000
MOST_STEPS: Final = 40
MOST_PROBLEMS: Final = 10
LONGEST_REASON: Final = 160
"""Characters of what the parser says: it repeats what stands in the file."""
LONGEST: Final = MappingProxyType({"title": 60, "sentence": 200, "page": 60, "state": 4000, "note": 2000})
"""Characters of each field; of a sentence as it is read, numbers filled in."""
_REQUIRED: Final = ("sentence", "page")
_OPTIONAL: Final = ("state", "note")
_HOLE: Final = re.compile(r"\{([^{}]*)\}")
_NUMBER: Final = re.compile(r'<span class="tw-machine">.*?</span>', re.DOTALL)
_WHICH: Final = re.compile(r"number(?: ([1-9]))?")
_FIELD: Final = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([A-Za-z0-9_-]+))\s*=\s*(.*)""")
_TABLE: Final = re.compile(r"\s*\[{1,2}\s*([A-Za-z0-9_-]+)")
_AT_LINE: Final = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True, slots=True)
class Step:
    """One figure in one state under one sentence.

    Attributes
    ----------
    words : str
        The sentence as it was written, holes and all.
    sentence : str
        The sentence with its numbers, as HTML.
    sentences : tuple of str
        The same at each step of the figure's slider, where it is another one; else empty.
    view : View
        The figure.
    state : State
        What it shows.
    note : str
        What the speaker wants to remember, with its numbers; plain text.
    """

    words: str
    sentence: str
    sentences: tuple[str, ...]
    view: View
    state: State
    note: str


@dataclass(frozen=True, slots=True)
class Story:
    """A title and steps."""

    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where: a line of the file, and a field such as ``page``, or "" for the file itself.

    >>> str(Problem(3, "page", "is missing")), str(Problem(1, "", "The file is empty."))
    ('Line 3, page: is missing', 'Line 1: The file is empty.')
    """

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}{', ' if self.field else ''}{self.field}: {self.message}"


class StoryError(ValueError):
    """A story that cannot be told, with all that is wrong in the order of its lines."""

    def __init__(self, problems: list[Problem]) -> None:
        problems.sort(key=lambda problem: problem.line)
        self.problems = tuple(problems[:MOST_PROBLEMS])
        super().__init__("\n".join(map(str, self.problems)))


@functools.cache
def shipped() -> Mapping[str, str]:
    """The stories that come with the dashboard: name to text, the longest first."""
    found = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.toml")}
    return MappingProxyType(dict(sorted(found.items(), key=lambda item: -len(item[1]))))


def text_of(data: bytes) -> str:
    """Read a file's bytes as a story's text; raises StoryError where they are none."""
    if len(data) > MOST_BYTES:
        raise StoryError([Problem(1, "", f"The file has {len(data):,} bytes; allowed are {MOST_BYTES:,}.")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise StoryError([Problem(line, "", "This is no UTF-8 text; save the file as UTF-8.")]) from None


@functools.lru_cache(maxsize=32)
def read(text: str) -> Story:
    """Read a story.

    Raises
    ------
    StoryError
        With up to ten problems, each with its line and field.
    """
    places = _Places(text)
    if len(text.encode()) > MOST_BYTES:
        raise StoryError([Problem(1, "", f"The story is too long; allowed are {MOST_BYTES:,} bytes.")])
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StoryError([places.syntax(str(error))]) from None
    except (RecursionError, ValueError) as error:
        # Thousands of brackets within brackets, or of digits in one number: the parser itself gives up.
        raise StoryError([places.endless(nested=isinstance(error, RecursionError))]) from None
    problems: list[Problem] = []
    for name in told:
        if name not in ("title", "steps"):
            problems.append(Problem(places.line(None, name), shown(name), _unknown(name, ("title", "steps"))))
    title = _text(told, "title", places, None, problems, required=True)
    steps = told.get("steps", [])
    if not isinstance(steps, list) or not all(isinstance(one, dict) for one in steps):
        message = "has to be a list of tables: each step begins with a line [[steps]]."
        raise StoryError([*problems, Problem(places.line(None, "steps"), "steps", message)])
    if not 1 <= len(steps) <= MOST_STEPS:
        line = places.line(MOST_STEPS if steps else None, "steps")
        message = f"There are {len(steps)} steps; allowed are 1 to {MOST_STEPS}, each under a line [[steps]]."
        raise StoryError([*problems, Problem(line, "steps", message)])
    read_steps = [_step(one, number, places, problems) for number, one in enumerate(steps)]
    if problems:
        raise StoryError(problems)
    return Story(title, tuple(step for step in read_steps if step))


def _step(told: dict[str, Any], number: int, places: _Places, problems: list[Problem]) -> Step | None:
    before = len(problems)
    for name in told:
        if name not in (*_REQUIRED, *_OPTIONAL):
            known = (*_REQUIRED, *_OPTIONAL)
            problems.append(Problem(places.line(number, name), shown(name), _unknown(name, known)))
    words, page = (_text(told, name, places, number, problems, required=True) for name in _REQUIRED)
    query, note = (_text(told, name, places, number, problems, required=False) for name in _OPTIONAL)

    def wrong(name: str, message: str) -> None:
        problems.append(Problem(places.line(number, name), name, message))

    state, notices = decode(query.partition("?")[2] or query)
    for notice in notices:
        wrong("state", complaint(notice))
    view = views().get(page) or hero(page)
    if page and view is None:
        wrong("page", f"is {shown(page)!r}; {_nearest(page, views())}")
    if len(problems) > before or view is None:
        return None
    if not {trace.type for trace in view.figure(state, "light").data} <= BASIC_TRACES:
        wrong("page", f"{view.name} is drawn in the full dashboard only; choose another figure.")
        return None
    read_fields: dict[str, str] = {}
    for name, text in (("sentence", words), ("note", note)):
        try:
            read_fields[name] = filled(text, view, state)
        except ValueError as error:
            wrong(name, str(error))
    if len(read_fields) < 2:
        return None
    sentence, sentences = read_fields["sentence"], _at_each_step(words, view, state)
    letters = max(len(plain_text(one)) for one in (sentence, *sentences))
    if letters > LONGEST["sentence"]:
        wrong("sentence", f"reads as {letters} characters; allowed are {LONGEST['sentence']}.")
        return None
    # A note keeps its lines.
    note = "\n".join(map(plain_text, read_fields["note"].strip().splitlines()))
    return Step(words, sentence, sentences, view, state, note)


def _text(
    told: Mapping[str, Any], name: str, places: _Places, number: int | None, problems: list[Problem], required: bool
) -> str:
    """Take a field that is a text; empty where there is none or a wrong one."""
    if name not in told:
        if required:
            problems.append(Problem(places.line(number, name), name, "is missing."))
        return ""
    value, message = told[name], ""
    if not isinstance(value, str):
        message = f"is {_told(value)}; a text in quotes is wanted."
    elif required and not value.strip():
        message = "is empty."
    elif len(value) > 2 * LONGEST[name]:
        message = f"has {len(value):,} characters; allowed are {LONGEST[name]:,}."
    elif any(not letter.isprintable() for letter in value if letter not in "\n\t"):
        message = "holds characters that cannot be shown."
    if message:
        problems.append(Problem(places.line(number, name), name, message))
        return ""
    return str(value) if name == "note" else " ".join(value.split())


def _told(value: object) -> str:
    """Repeat a value of a file, if it can be: not all that can be read can be written."""
    try:
        return shown(repr(value))
    except (ValueError, RecursionError):
        return "no text"


def _unknown(name: str, allowed: tuple[str, ...]) -> str:
    return f"{shown(name)!r} is not known here; allowed are {', '.join(allowed)}."


def _nearest(wanted: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.3) or list(known)[:3]
    return f"the nearest of {len(known)} are {', '.join(near)}."


def filled(words: str, view: View, state: State, table: State | None = None) -> str:
    """Write a sentence with its numbers as HTML.

    Parameters
    ----------
    words : str
        Text with holes: ``{headline}``, ``{range}``, ``{number}`` and ``{number 2}`` (the coloured numbers of the
        headline), or the name of a row of the figure's table, ``{One brain}``, with ``| low``, ``| high`` or
        ``| percent`` after it.
    view, state : View, State
        Where the numbers come from.
    table : State, optional
        Where those of the figure's table come from, if not from the same state.

    Raises
    ------
    ValueError
        For a hole that nothing fills.

    >>> plain_text(filled("One brain takes {One brain}, not {Laptop}", views()["gap/ladder"], State()))
    'One brain takes 20 W, not 45 W'
    """
    pieces = _HOLE.split(words)
    plain = "".join(pieces[::2])
    if "{" in plain or "}" in plain:
        raise ValueError("has a brace without its partner; braces stand around what is filled in.")
    filling = (_value(hole.strip(), view, state, table or state) for hole in pieces[1::2])
    return "".join(escape(piece, quote=False) if at % 2 == 0 else next(filling) for at, piece in enumerate(pieces))


def _at_each_step(words: str, view: View, state: State) -> tuple[str, ...]:
    """Write a sentence for each step of a slider that changes the headline; empty where the words stay the same.

    Numbers of the figure's table stay those of the story's own state: a table for each step would take long.
    """
    said = []
    for one in view.at_steps(state) if view.slider and view.slider.tells else ():
        try:
            said.append(filled(words, view, one, state))
        except ValueError:
            # A number that the headline has at one step only: the headline says what there is instead.
            said.append(filled("{headline}", view, one))
    return tuple(said) if len(set(said)) > 1 else ()


def _value(hole: str, view: View, state: State, table: State) -> str:
    if hole == "headline":
        return without_links(view.headline(state))[0]
    if hole == "range":
        return without_links(view.range(state))[0]
    if found := _WHICH.fullmatch(hole):
        numbers = _NUMBER.findall(view.headline(state))
        at = int(found[1] or 1)
        if at > len(numbers):
            raise ValueError(f"asks for {{{hole}}}; the headline of {view.name} has {len(numbers)} coloured numbers.")
        return str(numbers[at - 1])
    return f'<span class="tw-number">{_row(hole, view, table)}</span>'


@functools.lru_cache(maxsize=64)
def _rows(view: View, state: State) -> Mapping[str, Row]:
    return {row.name: row for row in view.rows(state)}


def _row(hole: str, view: View, state: State) -> str:
    """Say a number of the figure's table as HTML."""
    name, _, form = (piece.strip() for piece in hole.partition("|"))
    rows = _rows(view, state)
    if name not in rows:
        raise ValueError(f"asks for {{{shown(name)}}}, which {view.name} has not; {_nearest(name, rows)}")
    row = rows[name]
    if form not in ("", "low", "high", "percent"):
        raise ValueError(f"says | {shown(form)}; allowed are low, high and percent.")
    value = {"low": row.low, "high": row.high}.get(form, row.central)
    if value is None:
        raise ValueError(f"asks for {{{shown(hole)}}}; that number has no range.")
    if form == "percent":
        return f"{significant(100 * value)} %"
    if row.unit != "1":
        return escape(quantity(value, row.unit, 2))
    return factor(value, "html") if value > 0 else f"{value:.2g}"


class _Places:
    """At which line of a text each field begins; the parser itself forgets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: dict[tuple[int | None, str], int] = {}
        self.last = max(1, len(text.splitlines()))
        for step, name, line in _fields(text):
            self.lines.setdefault((step, name), line)

    def line(self, step: int | None, name: str) -> int:
        """Give the line of a field; without one, where its step begins; else the first."""
        return self.lines.get((step, name)) or self.lines.get((step, "")) or 1

    def syntax(self, message: str) -> Problem:
        """Say where and at which field the text is no TOML."""
        found = _AT_LINE.search(message)
        line = int(found[1]) if found and found[1] else self.last
        what = _AT_LINE.sub("", message).rstrip(".")
        what = "".join(c if c.isprintable() else "?" for c in what)
        what = what if len(what) <= LONGEST_REASON else f"{what[: LONGEST_REASON - 1]}…"
        return Problem(line, self.field(line), f"This is no TOML: {what[:1].lower()}{what[1:]}.")

    def endless(self, nested: bool) -> Problem:
        """Say where what cannot be read to its end must stand: where most of a bracket, or of digits, is."""
        sizes = [sum(map(line.count, "[{")) if nested else len(line) for line in self.text.splitlines()]
        line = sizes.index(max(sizes)) + 1
        what = "brackets stand within brackets too deeply" if nested else "a number has too many digits"
        return Problem(line, self.field(line), f"This is no TOML: {what}.")

    def field(self, line: int) -> str:
        """Name the field that a line belongs to; empty before the first."""
        fields = [(at, name) for (_, name), at in self.lines.items() if at <= line and name]
        return shown(max(fields)[1]) if fields else ""


def _fields(text: str) -> Iterator[tuple[int | None, str, int]]:
    """Give each step's number, field and line; "" stands for the step itself."""
    step: int | None = None
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if inside:
            inside = "" if inside in line else inside
        elif found := _TABLE.match(line):
            step = (-1 if step is None else step) + 1
            yield None, found[1], number
            yield step, "", number
        elif found := _FIELD.match(line):
            yield step, found[1] or found[2] or found[3], number
            mark = found[4][:3]
            if mark in ('"""', "'''") and mark not in found[4][3:]:
                inside = mark
