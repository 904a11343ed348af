"""Reading what a visitor brings: CSV or JSON in, things or plain sentences that name row and column out."""

from __future__ import annotations

import codecs
import csv
import io
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from efficiency.own import LABEL, SOURCE, Own, key_of
from efficiency.records import Entity, Fact
from efficiency.say import quantity
from efficiency.units import UNITS

COLUMNS: Final = ("kind", "name", "field", "value", "low", "high", "unit")
LARGEST_FILE: Final = 200_000
MOST_ROWS: Final = 500
MOST_THINGS: Final = 20
MOST_MESSAGES: Final = 12
DELIMITERS: Final = ",;\t"
_Cells = tuple[int, Mapping[str, str]]
_NAME: Final = re.compile(r"[\w][\w .+/-]{0,39}")


@dataclass(frozen=True, slots=True)
class Field:
    """What a field holds: words for it, its SI unit, and the limits of what is believed [SI]."""

    words: str
    unit: str
    low: float
    high: float
    example: str = ""

    @property
    def span(self) -> str:
        """The limits in words."""
        unit = self.unit if self.unit in _WITH_PREFIX else "1"
        return f"{quantity(self.low, unit)} to {quantity(self.high, unit)}"

    @property
    def units(self) -> tuple[str, ...]:
        """The units that a table may say it in."""
        return tuple(name for name, (_, si) in UNITS.items() if si == self.unit)


_WITH_PREFIX: Final = ("W", "B", "B/s", "FLOP/s", "m")
_WHOLE: Final = ("1", "layers", "heads", "experts", "chips")
"""Units of what comes in whole numbers."""
_PEAK: Final = "FLOP/s"
FIELDS: Final[Mapping[str, Mapping[str, Field]]] = MappingProxyType(
    {
        "chip": {
            "tdp": Field("power limit", "W", 0.01, 1e6, "650,,,W"),
            "memory": Field("memory", "B", 1e6, 1e15, "128,,,GB"),
            "memory_bandwidth": Field("memory bandwidth", "B/s", 1e6, 1e18, "5,,,TB/s"),
            "peak_fp16": Field("16-bit float peak", _PEAK, 1e6, 1e19, "1200,,,TFLOP/s"),
            "peak_fp8": Field("8-bit float peak", _PEAK, 1e6, 1e19, "2400,,,TFLOP/s"),
            "peak_fp4": Field("4-bit float peak", _PEAK, 1e6, 1e19),
            "peak_fp32": Field("32-bit float peak", _PEAK, 1e6, 1e19),
            "peak_fp64": Field("64-bit float peak", _PEAK, 1e6, 1e19),
            "idle_power": Field("power when idle", "W", 0.001, 1e6, "70,60,90,W"),
            "link_bandwidth": Field("link bandwidth, both directions", "B/s", 1e6, 1e17),
            "node": Field("process node", "m", 1e-10, 1e-5, "4,,,nm"),
            "best_matrix_fraction": Field("best measured matrix product over the peak", "fraction", 0.01, 1.0),
        },
        "system": {
            "power": Field("power of the whole site", "W", 1.0, 1e13, "30,25,36,MW"),
            "chips": Field("accelerators", "chips", 1.0, 1e8, "24000,,,chips"),
        },
        "model": {
            "parameters": Field("parameters", "parameters", 1e6, 1e15, "4e10,,,parameters"),
            "active_parameters": Field("parameters active per token", "parameters", 1e6, 1e15),
            "layers": Field("layers", "layers", 1.0, 1e4, "48,,,layers"),
            "hidden": Field("width of the hidden state", "1", 16.0, 1e6, "8192,,,1"),
            "heads": Field("attention heads", "heads", 1.0, 1e4, "64,,,heads"),
            "kv_heads": Field("key and value heads", "heads", 1.0, 1e4, "8,,,heads"),
            "head_size": Field("size of an attention head", "1", 1.0, 1e4),
            "experts": Field("routed experts in a layer", "experts", 2.0, 1e5),
            "experts_active": Field("routed experts active per token", "experts", 1.0, 1e5),
            "moe_intermediate": Field("width of an expert", "1", 16.0, 1e6),
        },
    }
)
"""Kind to field to what it holds."""
NEEDED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "chip": ("tdp", "memory", "memory_bandwidth"),
        "system": ("power",),
        "model": ("parameters", "layers", "hidden", "heads"),
    }
)
_EXPERTS: Final = ("active_parameters", "experts", "experts_active", "moe_intermediate")
_NOT_ABOVE: Final = (
    ("idle_power", "tdp"), ("active_parameters", "parameters"), ("kv_heads", "heads"), ("experts_active", "experts"),
)  # fmt: skip


def template() -> str:
    """Write a table that can be filled in and brought.

    Returns
    -------
    str
        CSV with one chip, one system and one model [as text].

    Notes
    -----
    It reads without a message.

    References
    ----------
    README, Bring your own.

    Examples
    --------
    >>> things, messages = read_own(template())
    >>> [thing.kind for thing in things], messages
    (['chip', 'system', 'model'], ())
    """
    names = {"chip": "X1", "system": "Site One", "model": "Mine 40B"}
    rows = [
        f"{kind},{names[kind]},{name},{field.example}"
        for kind, known in FIELDS.items()
        for name, field in known.items()
        if field.example
    ]
    return "\n".join([",".join(COLUMNS), *rows]) + "\n"


def read_own(data: str | bytes) -> tuple[tuple[Own, ...], tuple[str, ...]]:
    r"""Read a table of things.

    Parameters
    ----------
    data : str or bytes
        CSV with the columns of `COLUMNS`, between commas, semicolons or tabs; or JSON: a list of objects with these
        keys.

    Returns
    -------
    tuple of Own
        What could be read; nothing if there is a message [in the units given].
    tuple of str
        Plain sentences that name row and column; rows count as a spreadsheet does, so the heads are row 1. In JSON the
        first object is row 1.

    Notes
    -----
    Never fails, whatever the bytes. One bad cell refuses all: a chip without its idle power would be another chip.

    References
    ----------
    README, Bring your own.

    Examples
    --------
    >>> read_own("kind,name,field,value,low,high,unit\nchip,X,tdp,much,,,W\n")[1][0]
    "Row 2, column value: 'much' is not a number."
    """
    messages: list[str] = []
    rows = _rows(data, messages)
    cells: dict[tuple[str, str], dict[str, tuple[int, _Number]]] = {}
    for number, row in rows:
        found = _Row(number, row, messages).read()
        if found is not None:
            kind, name, field, value = found
            thing = cells.setdefault((kind, name), {})
            if field in thing:
                messages.append(
                    f"Row {number}, column field: {field} of {name} stands in row {thing[field][0]} already."
                )
            thing[field] = (number, value)
    if not messages:
        # What a thing lacks may stand in a row that could not be read.
        messages += [said for (kind, name), fields in cells.items() for said in _lacking(kind, name, fields)]
    if not messages and not cells:
        messages.append("The table has no rows.")
    if len(cells) > MOST_THINGS:
        messages.append(f"The table has {len(cells)} things; at most {MOST_THINGS} are read.")
    if messages:
        left = len(messages) - MOST_MESSAGES
        return (), (*messages[:MOST_MESSAGES], *([f"And {left} more."] if left > 0 else []))
    return tuple(_thing(kind, name, fields) for (kind, name), fields in cells.items()), ()


@dataclass(frozen=True, slots=True)
class _Number:
    value: float
    low: float | None
    high: float | None
    unit: str


def _rows(data: str | bytes, messages: list[str]) -> list[_Cells]:
    if len(data) > LARGEST_FILE:
        messages.append(f"The file has {len(data):,} bytes; at most {LARGEST_FILE:,} are read.")
        return []
    try:
        text = _text(data) if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        messages.append("The file is not text in UTF-8.")
        return []
    rows = _json_rows(text, messages) if text.lstrip().startswith(("[", "{")) else _csv_rows(text, messages)
    if len(rows) > MOST_ROWS:
        messages.append(f"The table has {len(rows):,} rows; at most {MOST_ROWS} are read.")
        return []
    return rows


def _text(data: bytes) -> str:
    """Read the bytes of a file; spreadsheets also write UTF-16, and say so in the first two."""
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if marked else "utf-8-sig")


def _csv_rows(text: str, messages: list[str]) -> list[_Cells]:
    # Old spreadsheets end a line by a carriage return alone.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first = text.lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        lines = list(enumerate(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), 1))
    except csv.Error as error:
        messages.append(f"The file is no CSV: {error}.")
        return []
    told = [(number, line) for number, line in lines if any(cell.strip() for cell in line)]
    head = [cell.strip().casefold() for cell in told[0][1]] if told else []
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        messages.append(f"The first row must hold the columns {', '.join(COLUMNS)}; missing: {', '.join(missing)}.")
        return []
    if doubled := [name for name in COLUMNS if head.count(name) > 1]:
        messages.append(f"Row {told[0][0]}: the column {doubled[0]} stands there twice.")
        return []
    found: list[_Cells] = []
    for number, line in told[1:]:
        if len(line) != len(head):
            messages.append(f"Row {number} has {len(line)} cells; the heads are {len(head)}.")
        else:
            found.append((number, dict(zip(head, map(str.strip, line), strict=True))))
    return found


def _json_rows(text: str, messages: list[str]) -> list[_Cells]:
    try:
        told: Any = json.loads(text)
    except (ValueError, RecursionError):
        messages.append("The file is no JSON.")
        return []
    if not isinstance(told, list) or not all(isinstance(row, dict) for row in told):
        messages.append(f"The JSON must be a list of objects with the keys {', '.join(COLUMNS)}.")
        return []
    return [(number, {name: _json_cell(row.get(name)) for name in COLUMNS}) for number, row in enumerate(told, 1)]


def _json_cell(value: Any) -> str:
    """Give a value as the cell of a table; what is neither text nor number fits nowhere."""
    if value is None:
        return ""
    return str(value).strip() if isinstance(value, str | int | float) else "…"


@dataclass(frozen=True, slots=True)
class _Row:
    """One row, able to say where it is wrong."""

    number: int
    cells: Mapping[str, str]
    messages: list[str]

    def refuse(self, column: str, why: str) -> None:
        shown = "".join(c if c.isprintable() else "?" for c in self.cells[column])[:40]
        self.messages.append(f"Row {self.number}, column {column}: {shown!r} {why}.")

    def read(self) -> tuple[str, str, str, _Number] | None:
        before = len(self.messages)
        name, kind, field = self.cells["name"], self.cells["kind"].casefold(), self.cells["field"].casefold()
        if kind not in FIELDS:
            self.refuse("kind", f"is not allowed; allowed: {', '.join(FIELDS)}")
            return None
        if not _NAME.fullmatch(name):
            self.refuse("name", "is not allowed; allowed: up to 40 letters, digits, spaces and . + / -")
        if field not in FIELDS[kind]:
            self.refuse("field", f"is not a field of a {kind}; allowed: {', '.join(FIELDS[kind])}")
            return None
        number = self._number(FIELDS[kind][field])
        return None if number is None or len(self.messages) > before else (kind, name, field, number)

    def _number(self, field: Field) -> _Number | None:
        unit = self.cells["unit"]
        if unit not in UNITS or UNITS[unit][1] != field.unit:
            self.refuse("unit", f"is not allowed; allowed: {', '.join(field.units)}")
            return None
        ends = {column: self._cell(column, field, UNITS[unit][0]) for column in ("value", "low", "high")}
        value, low, high = ends["value"], ends["low"], ends["high"]
        if value is None:
            if not self.cells["value"]:
                self.refuse("value", "must not be empty")
            return None
        if (low is None) != (high is None):
            self.refuse("low" if low is None else "high", "must be given where the other end is")
        if low is not None and low > value:
            self.refuse("low", f"must not exceed the value {value:g}")
        if high is not None and high < value:
            self.refuse("high", f"must not be below the value {value:g}")
        return _Number(value, low, high, unit)

    def _cell(self, column: str, field: Field, scale: float) -> float | None:
        text = self.cells[column]
        if not text:
            return None
        try:
            number = float(text) if text.isascii() and "_" not in text else math.nan
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.refuse(column, "is not a number" + ("; decimals stand after a point" if "," in text else ""))
            return None
        if not field.low <= number * scale <= field.high:
            self.refuse(column, f"is outside {field.span}")
            return None
        if field.unit in _WHOLE and not number.is_integer():
            self.refuse(column, "is not a whole number")
            return None
        return number


def _lacking(kind: str, name: str, fields: Mapping[str, tuple[int, _Number]]) -> Iterable[str]:
    """Say what a thing lacks, or what contradicts itself."""
    rows = f"Row {min(number for number, _ in fields.values())}, column field"
    for needed in NEEDED[kind]:
        if needed not in fields:
            yield f"{rows}: the {kind} {name} has no {needed}."
    if kind == "chip" and not any(field.startswith("peak_") for field in fields):
        yield f"{rows}: the chip {name} has no peak rate, for example peak_fp16."
    given = [field for field in _EXPERTS if field in fields]
    if given and len(given) < len(_EXPERTS):
        missing = ", ".join(field for field in _EXPERTS if field not in fields)
        yield f"{rows}: the model {name} has {given[0]} and so needs {missing}."
    for small, large in _NOT_ABOVE:
        if small in fields and large in fields:
            (row, one), (_, other) = fields[small], fields[large]
            if one.value * UNITS[one.unit][0] > other.value * UNITS[other.unit][0]:
                yield f"Row {row}, column value: {small} of {name} must not exceed {large}."


def _thing(kind: str, name: str, fields: Mapping[str, tuple[int, _Number]]) -> Own:
    key = key_of("\n".join([kind, name, *(f"{field}={told}" for field, told in fields.items())]))
    facts = {
        f"{kind}.{key}.{field}": Fact(
            key=f"{kind}.{key}.{field}",
            label=f"{LABEL}{name}: {FIELDS[kind][field].words}",
            value=number.value,
            low=number.low,
            high=number.high,
            unit=number.unit,
            kind="assumed",
            sources=(SOURCE.key,),
            place=f"row {row} of your table",
            year=None,
            trust="own",
            note="Yours; not checked by us.",
            origin=f"your table:{row}",
        )
        for field, (row, number) in fields.items()
    }
    entity = Entity(f"{kind}.{key}", f"{LABEL}{name}", kind, "you", None, "")
    return Own(kind, key, entity, MappingProxyType(facts))
