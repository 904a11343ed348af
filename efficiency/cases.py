"""Measured or to-be-predicted cases: a table of jobs, read and checked cell by cell.

A case is one job on one machine: model, chip, count, batch, lengths, and the quantity asked for. A table may hold
columns of its own; they are kept and not read.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from efficiency.case_limits import limit_fault
from efficiency.facts import DATA_FOLDER

Column = npt.NDArray[np.float64]

MEASURED_FILE: Final = DATA_FOLDER / "measured" / "cases.csv"
"""The measured cases that come with the program."""

TEXT_COLUMNS: Final = (
    *("id", "family", "kind", "model", "architecture", "weights_format", "gpu", "engine"),
    *("metric", "unit", "scope", "quality", "source", "source_url", "note"),
)
NUMBER_COLUMNS: Final = (
    *("params_total", "params_active", "weight_bits", "n_gpus", "tensor_parallel", "batch", "input_tokens"),
    *("output_tokens", "steps", "height", "width", "frames", "tokens_per_s", "avg_power_w", "value"),
    *("latency_s", "hours", "chip_hours", "train_tokens", "train_flop", "pue"),
)
REQUIRED_COLUMNS: Final = ("model", "gpu", "metric")
MAY_BE_ZERO: Final = frozenset({"input_tokens", "output_tokens", "frames"})
BLANKS: Final = frozenset({"", "nan", "na", "n/a", "none", "null", "-"})
MAY_BE_BLANK: Final = ("kind", "model", "architecture", "weights_format", "gpu", "engine", "metric", "unit", "scope")
"""Columns of text in which such a word means that nothing is stated."""
COUNTS: Final = frozenset({"n_gpus", "tensor_parallel", "batch"})
"""Columns in which a span such as ``8-32`` is understood: how many machines took part is often told as one."""
MOST_CASES: Final = 100_000
# Far above any count, energy or FLOP there is; a larger number is a slip that would overflow later.
LARGEST_NUMBER: Final = 1e40


class CaseError(ValueError):
    """A table of cases that cannot be read; the message names row and column."""


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """A table of cases, by column.

    Attributes
    ----------
    id, family, kind, model, architecture, weights_format, gpu, engine : tuple of str
        Text as given, without surrounding blanks; empty where blank.
    metric, unit, scope, quality, source, source_url, note : tuple of str
        Likewise.
    params_total, params_active : ndarray, shape (n,) [1]
        Parameters, all and per token. NaN stands for blank here and below.
    weight_bits : ndarray, shape (n,) [bit]
        Bits per weight.
    n_gpus, tensor_parallel, batch : ndarray, shape (n,) [1]
        Accelerators, those that share one layer, and sequences at a time.
    input_tokens, output_tokens : ndarray, shape (n,) [token]
        Per request.
    steps, height, width, frames : ndarray, shape (n,) [1, pixel, pixel, 1]
        Of an image or a video.
    tokens_per_s, avg_power_w : ndarray, shape (n,) [token/s, W]
        Measured beside the energy; used only when they are said to be given.
    value : ndarray, shape (n,) [unit]
        What was measured, in the row's unit.
    latency_s, hours, chip_hours : ndarray, shape (n,) [s, h, h]
        Columns a table may have: time per batch, time per run, chips times hours.
    train_tokens, train_flop, pue : ndarray, shape (n,) [token, FLOP, 1]
        Columns a table may have: tokens and operations of a training run, power usage effectiveness.
    spans : mapping of str to ndarray
        Per column of `COUNTS`, the high over the low end of what a row tells as a span; 1 where it tells a number [1].
    extra : mapping of str to tuple of str
        Columns nobody here knows.
    faults : tuple of str
        Per row, what is wrong with it; empty where nothing is.
    remarks : tuple of str
        Per row, how a cell was read that allows more than one reading.
    columns, cells : tuple of str, tuple of tuple of str
        The header and the rows as they were given, to be written out again.
    """

    id: tuple[str, ...]
    family: tuple[str, ...]
    kind: tuple[str, ...]
    model: tuple[str, ...]
    architecture: tuple[str, ...]
    weights_format: tuple[str, ...]
    gpu: tuple[str, ...]
    engine: tuple[str, ...]
    metric: tuple[str, ...]
    unit: tuple[str, ...]
    scope: tuple[str, ...]
    quality: tuple[str, ...]
    source: tuple[str, ...]
    source_url: tuple[str, ...]
    note: tuple[str, ...]
    params_total: Column
    params_active: Column
    weight_bits: Column
    n_gpus: Column
    tensor_parallel: Column
    batch: Column
    input_tokens: Column
    output_tokens: Column
    steps: Column
    height: Column
    width: Column
    frames: Column
    tokens_per_s: Column
    avg_power_w: Column
    value: Column
    latency_s: Column
    hours: Column
    chip_hours: Column
    train_tokens: Column
    train_flop: Column
    pue: Column
    spans: Mapping[str, Column]
    extra: Mapping[str, tuple[str, ...]]
    faults: tuple[str, ...]
    remarks: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.id)

    def take(self, index: Sequence[int] | np.ndarray) -> Cases:
        """Give some of the rows.

        Parameters
        ----------
        index : sequence of int, or ndarray
            Row numbers from 0, in the order wanted; or one truth value per row.

        Returns
        -------
        Cases
            Those rows [same units].

        Notes
        -----
        Rows keep their identity, their faults and their own columns, so a part of a table can be predicted and put
        back in its place.

        References
        ----------
        None; selection.

        Examples
        --------
        >>> job = {"gpu": "NVIDIA H100", "metric": "energy_per_request"}
        >>> cases_from_rows([{"model": "a", **job}, {"model": "b", **job}]).take([1]).model
        ('b',)
        """
        wanted = np.asarray(index)
        rows = np.flatnonzero(wanted) if wanted.dtype == bool else wanted.astype(int)
        some: dict[str, Any] = {}
        for name in (field.name for field in fields(self)):
            column = getattr(self, name)
            if isinstance(column, np.ndarray):
                some[name] = column[rows]
            elif name == "spans":
                some[name] = MappingProxyType({key: spans[rows] for key, spans in column.items()})
            elif name == "extra":
                some[name] = MappingProxyType({key: tuple(cells[i] for i in rows) for key, cells in column.items()})
            else:
                some[name] = column if name == "columns" else tuple(column[i] for i in rows)
        return Cases(**some)


def read_cases(source: str | Path, strict: bool = True) -> Cases:
    r"""Read a table of cases.

    Parameters
    ----------
    source : str or Path
        A path of a CSV file, or the text of one: a string with a line break is text.
    strict : bool, optional
        Refuse the table for one cell that cannot be read; otherwise that row bears the fault and the others are read.

    Returns
    -------
    Cases
        One entry per row [units of the columns].

    Raises
    ------
    CaseError
        If there is no such file, it is no CSV text in UTF-8, a column is missing or doubled, or (strictly) a cell
        cannot be read.

    Notes
    -----
    Columns may stand in any order; all but model, gpu and metric may be missing. Rows are counted as a spreadsheet
    counts them: the header is row 1.

    References
    ----------
    MODEL.md, "Predicting measurements".

    Examples
    --------
    >>> cases = read_cases("model,gpu,metric,batch,colour\nLlama,NVIDIA H100,energy_per_output_token,8,red\n")
    >>> float(cases.batch[0]), cases.extra["colour"]
    (8.0, ('red',))
    """
    text = _text(source)
    try:
        lines = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise CaseError(f"this is not a CSV table: {error}") from None
    numbered = [(number, line) for number, line in enumerate(lines, 1) if any(cell.strip() for cell in line)]
    if not numbered:
        raise CaseError("the table is empty; its first row must name the columns")
    header = tuple(name.strip() for name in numbered[0][1])
    for number, line in numbered[1:]:
        if len(line) != len(header):
            raise CaseError(f"row {number}: {len(line)} cells; must be {len(header)}, as many as the header has")
    return _cases(header, numbered[1:], strict)


def cases_from_rows(rows: Iterable[Mapping[str, Any]], strict: bool = True) -> Cases:
    """Make cases from mappings, one per row.

    Parameters
    ----------
    rows : iterable of mapping
        Column to cell; None, NaN and "" are blank. Columns are those of any row.
    strict : bool, optional
        As in `read_cases`.

    Returns
    -------
    Cases
        One entry per row [units of the columns].

    Raises
    ------
    CaseError
        As in `read_cases`.

    Notes
    -----
    Cells pass the same checks as those of a file.

    References
    ----------
    MODEL.md, "Predicting measurements".

    Examples
    --------
    >>> len(cases_from_rows([{"model": "Llama", "gpu": "NVIDIA H100", "metric": "energy_per_output_token"}]))
    1
    """
    given = list(rows)
    header = tuple(dict.fromkeys([*REQUIRED_COLUMNS, *(name for row in given for name in row)]))
    lines = [["" if row.get(name) is None else str(row[name]) for name in header] for row in given]
    return _cases(header, list(enumerate(lines, 2)), strict)


def table_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Write a table as CSV text.

    Parameters
    ----------
    columns : sequence of str
        The header.
    rows : iterable of sequence of str
        Cells, as many per row as there are columns.

    Returns
    -------
    str
        Text with a line per row.

    Notes
    -----
    Cells are quoted only where they must be, and lines end as on Unix, so that a table read and written is unchanged.

    References
    ----------
    RFC 4180, but for the line ends.

    Examples
    --------
    >>> table_text(["a", "b"], [["1", "x,y"]])
    'a,b\n1,"x,y"\n'
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return stream.getvalue()


def _text(source: str | Path) -> str:
    if isinstance(source, str) and ("\n" in source or "\r" in source):
        return source.removeprefix("\ufeff")
    path = Path(source)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CaseError(f"{path.name} is not text in UTF-8") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "no such path"
        raise CaseError(f"cannot read {str(source)[:200]!r}: {reason}") from None


def _cases(header: tuple[str, ...], numbered: list[tuple[int, list[str]]], strict: bool) -> Cases:
    doubled = next((name for i, name in enumerate(header) if name and name in header[:i]), None)
    if doubled is not None:
        raise CaseError(f"row 1: column {doubled[:80]!r} stands there twice")
    missing = [name for name in REQUIRED_COLUMNS if name not in header]
    if missing:
        raise CaseError(f"row 1: no column {', '.join(missing)}; needed are {', '.join(REQUIRED_COLUMNS)}")
    if len(numbered) > MOST_CASES:
        raise CaseError(f"{len(numbered)} rows; at most {MOST_CASES} can be read")
    lines = tuple(tuple(cells) for _, cells in numbered)
    faults, remarks = [""] * len(lines), [""] * len(lines)
    by_name = {name: tuple(line[i].strip() for line in lines) for i, name in enumerate(header)}
    columns: dict[str, Any] = {name: by_name.get(name, ("",) * len(lines)) for name in TEXT_COLUMNS}
    columns |= {name: tuple("" if x.lower() in BLANKS else x for x in columns[name]) for name in MAY_BE_BLANK}
    columns["id"] = tuple(cell or f"row {row}" for cell, (row, _) in zip(columns["id"], numbered, strict=True))
    spans = {name: np.ones(len(lines)) for name in sorted(COUNTS)}
    for name in NUMBER_COLUMNS:
        column = np.full(len(lines), np.nan)
        for i, cell in enumerate(by_name.get(name, ())):
            if cell:
                column[i], span, fault, remark = _number(name, cell)
                if name in spans:
                    spans[name][i] = span
                faults[i] = faults[i] or fault
                remarks[i] = "; ".join(filter(None, (remarks[i], remark)))
        columns[name] = column
    if strict:
        for fault, (row, _) in zip(faults, numbered, strict=True):
            if fault:
                raise CaseError(f"row {row}: {fault}")
    known = {*TEXT_COLUMNS, *NUMBER_COLUMNS}
    return Cases(
        **columns,
        spans=MappingProxyType(spans),
        extra=MappingProxyType({name: cells for name, cells in by_name.items() if name not in known}),
        faults=tuple(faults),
        remarks=tuple(remarks),
        columns=header,
        cells=lines,
    )


def _number(name: str, cell: str) -> tuple[float, float, str, str]:
    """Give a cell's number, high over low where it is a span, what is wrong with it, and how it was read."""
    if cell.lower() in BLANKS:
        return math.nan, 1.0, "", ""
    number = _plain(cell)
    if math.isnan(number) and name in COUNTS:
        ends = [_plain(end) for end in cell.replace("\u2013", "-").split("-")]
        if len(ends) == 2 and 0 < ends[0] <= ends[1] and not any(limit_fault(name, end) for end in ends):
            middle = math.sqrt(ends[0] * ends[1])
            read = f"{name} {cell} is read as {middle:.3g}, their geometric mean"
            return middle, ends[1] / ends[0], "", read
    smallest_allowed = number >= 0 if name in MAY_BE_ZERO else number > 0
    allowed = "0 or a positive number" if name in MAY_BE_ZERO else "a positive number"
    if smallest_allowed and number <= LARGEST_NUMBER:
        allowed = limit_fault(name, number)
        if not allowed:
            return number, 1.0, "", ""
    return math.nan, 1.0, f"{name} is {cell[:40]!r}; must be {allowed}, or blank", ""


def _plain(cell: str) -> float:
    # float() also takes digits of other scripts and underscores, which nobody means in a table.
    try:
        return float(cell) if cell.isascii() and "_" not in cell else math.nan
    except ValueError:
        return math.nan
