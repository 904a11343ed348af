"""The sentences and tables of "How wrong are we?", and what becomes of a table that a visitor drops."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from efficiency import __version__
from efficiency.cases import MEASURED_FILE, CaseError, Cases, read_cases
from efficiency.coefficients import coefficients
from efficiency.facts import DATA_VERSION
from efficiency.held_out import held_out
from efficiency.predict import predicted_table
from efficiency.prediction import Prediction
from efficiency.remarks import remarks
from efficiency.say import quantity, significant
from efficiency.validate import GIVEN, Score, Validation, log10_error, score, validate
from ui.families import QUANTITIES, clouds, family_errors, where
from ui.figures.error import BAND, STYLES, Cloud, FamilyError, factor_text, families_figure, points_figure
from ui.legend import legend, mark
from ui.reasons import reason, unpredicted
from ui.theme import Mode, palette

WORST: Final = 10
LARGEST_FILE: Final = 2_000_000
"""Most bytes of a dropped table."""
MOST_ROWS: Final = 5_000
"""Most rows of one: more would keep other visitors waiting."""
MOST_LINES: Final = 4 * MOST_ROWS
"""Most lines, counted before the table is read; a row may hold line breaks in quotes."""
MOST_COLUMNS: Final = 200
TABLE_KEY: Final = "error_table"

MOST_NAMED: Final = 4
"""Families that a headline names."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a dropped table gets.

    Attributes
    ----------
    message : str
        Why it cannot be read, in one line; empty where it can.
    sentence : str
        What was found, as plain text.
    table : DataFrame
        The rows as they are shown.
    csv : str
        The table as it was dropped, with predictions, to be saved.
    """

    message: str = ""
    sentence: str = ""
    table: pd.DataFrame | None = None
    csv: str = ""


@functools.cache
def shipped() -> Validation:
    """Compare the measured cases that come with the program with what is predicted for them."""
    return validate(read_cases(MEASURED_FILE))


@functools.lru_cache(maxsize=64)
def points_figure_of(way: str, metric: str, mode: Mode) -> go.Figure:
    """Draw predicted against measured for one quantity of the measured cases that come with the program."""
    unit, _, per = QUANTITIES[metric]
    return points_figure(clouds(shipped(), way, metric), unit, per, mode)


@functools.lru_cache(maxsize=8)
def families_figure_of(way: str, mode: Mode) -> go.Figure:
    """Draw the error by family of the measured cases that come with the program."""
    return families_figure(family_errors(shipped(), way), mode)


def pooled(validation: Validation, way: str) -> Score:
    """Give the score over everything."""
    return next(line.score for line in validation.lines if (line.grouping, line.way) == ("pooled", way))


def headline_html(validation: Validation, way: str) -> str:
    """Say the finding, the numbers in the machine's colour, and what it rests on."""
    found, errors = pooled(validation, way), _errors(validation, way)
    most = factor_words(float(10 ** np.quantile(np.abs(errors), 0.95)))
    return (
        '<h1 class="tw-headline">Half of all predictions are within '
        f'<span class="tw-machine">{near_words(10**found.median_error)}</span> of the measurement; '
        f'95\u00a0% within <span class="tw-machine">{most}</span></h1>'
        f'<p class="tw-range">{found.count} of {found.count + found.unpredicted} measurements made by others, '
        f"{_seen(validation, way)}; {_knowing(way)}.</p>"
    )


def _seen(validation: Validation, way: str) -> str:
    predicted = np.array([not why for why in validation.ways[way].why_not], dtype=bool)
    others = int((predicted & ~validation.held_out).sum())
    if others == predicted.sum():
        return "none of which the fit had seen"
    if not others:
        return "each predicted by a fit that had not seen its model"
    held = predicted.sum() - others
    return f"{held} of them predicted by fits that had not seen their model, {others} used by no fit"


def _knowing(way: str) -> str:
    return (
        "the speed of the machine was known"
        if way == GIVEN
        else "nothing measured was known: no speed, no power, only model, chip, count, batch, precision and software"
    )


def interval_sentence(validation: Validation, way: str) -> str:
    """Say whether the stated intervals hold."""
    found = pooled(validation, way)
    return (
        f"The 90 % intervals hold {percent(found.coverage)} of the measurements; half of them span less than a "
        f"factor of {significant(found.width, 2)}. The form of the model was chosen with these measurements in view, "
        f"so new ones will do worse. {unpredicted(validation.ways[way])}"
    )


def families_headline(families: Sequence[FamilyError]) -> str:
    """Say which families are off by more than twice, as HTML."""
    far = [escape(family.name.partition(",")[0]) for family in families if family.median > BAND]
    if not far:
        return f"In all {len(families)} families, half are within {factor_words(BAND)}"
    named = " and ".join(filter(None, (", ".join(far[:-1]), far[-1])))
    return (
        f"Half are within {factor_words(BAND)} in {len(families) - len(far)} of {len(families)} families, "
        f"but not for {named if len(far) <= MOST_NAMED else f'the other {len(far)}'}"
    )


def points_sentence(shown: Sequence[Cloud], per: str) -> str:
    """Say how wrong the predictions of one quantity are."""
    pairs = [pair for cloud in shown for pair in zip(cloud.measured, cloud.predicted, strict=True)]
    errors = np.abs(np.log10([predicted / measured for measured, predicted in pairs]))
    half, most = (float(10**found) for found in np.quantile(errors, (0.5, 0.95)))
    return (
        f"Energy {escape(per)}: half of these {len(pairs)} predictions are within {near_words(half)}, "
        f"95\u00a0% within {near_words(most)}"
    )


def near_words(factor: float) -> str:
    """Say a small factor as per cent, a larger one as times.

    >>> [near_words(factor).replace("\u00a0", " ") for factor in (1.123, 1.9, 1.004)]
    ['12 %', '1.9 times', '0.4 %']
    """
    if factor >= 1.5:
        return factor_words(factor)
    share = 100 * (factor - 1)
    return f"{share:.0f}\u00a0%" if share >= 1 else f"{share:.1f}\u00a0%"


def percent(share: float) -> str:
    """Say a share in per cent.

    >>> percent(0.9012)
    '90 %'
    """
    return f"{100 * share:.0f} %"


def factor_words(factor: float) -> str:
    """Say a factor of error.

    >>> factor_words(1.62), factor_words(14.2)
    ('1.6 times', '14 times')
    """
    return f"{significant(factor, 2).removesuffix('.0')} times"


def legend_html(shown: list[Cloud], mode: Mode) -> str:
    """Name the families beside their marks, and what band and line are."""
    colours = palette(mode)
    marks = [
        mark(style.colour(colours), style.glyph, f"{cloud.name}, {len(cloud.measured)}")
        for cloud, style in zip(shown, (*STYLES, *[STYLES[-1]] * len(shown)), strict=False)
    ]
    return legend(*marks, "line: exact", "grey band: within 2 times")


def shares_legend_html(mode: Mode) -> str:
    """Say what the shades of the shares mean."""
    colours = palette(mode)
    fills = zip(
        ("within 1.25 times", "1.5 times", "2 times", "further off"),
        (colours.shades[0], colours.shades[2], colours.shades[4], colours.neutral_soft),
        strict=True,
    )
    marks = [mark(fill, "■", name) for name, fill in fills]
    return legend(*marks, "right: half are within this factor, of how many")


def worst_table(validation: Validation, way: str) -> str:
    """Set the worst predictions as a table in HTML, with what is known of the reason and the source."""
    cases, made = validation.cases, validation.ways[way]
    errors = log10_error(cases.value, made.predicted)
    order = [
        int(i) for i in np.argsort(-np.nan_to_num(np.abs(errors)), kind="stable")[:WORST] if np.isfinite(errors[i])
    ]
    # The page's rules keep a last column on one line; here it is the one that is long.
    cells = "".join(
        f"<tr><td><b>{escape(cases.model[i][:60])}</b><br>{escape(where(cases, i))}</td>"
        f'<td style="white-space:normal"><b>{_off(float(errors[i]))}</b>: '
        f"{value_words(cases, i, float(made.predicted[i]))} predicted, "
        f"{value_words(cases, i, float(cases.value[i]))} measured. {escape(reason(cases.note[i], cases.quality[i]))}. "
        f'<a href="{escape(cases.source_url[i])}" target="_blank" rel="noopener noreferrer">'
        f"{escape(cases.source[i][:70])}</a></td></tr>"
        for i in order
    )
    return (
        '<table class="tw-table" style="min-width:0"><thead><tr><th style="width:34%">Case</th>'
        f"<th>Error, and what is known of the reason</th></tr></thead><tbody>{cells}</tbody></table>"
    )


def value_words(cases: Cases, row: int, value: float) -> str:
    """Say a value of a row in its unit, or in SI where the quantity is one of ours."""
    unit, per = cases.unit[row], cases.metric[row]
    if unit.startswith("J") and per in QUANTITIES:
        return f"{quantity(value, 'J', 2)}{escape(unit.removeprefix('J'))}"
    if unit == "MWh":
        return quantity(value * 1e6, "Wh", 2)
    return f"{value:.2g} {escape(unit)}"


def _off(error: float) -> str:
    return f"{factor_text(10 ** abs(error))} too {'much' if error > 0 else 'little'}"


def pattern() -> str:
    """Give the measured cases that come with the program as CSV text."""
    return MEASURED_FILE.read_text(encoding="utf-8")


def footer() -> str:
    """Say which fit, which data and which model this is, as HTML."""
    fit = coefficients("serving")
    since = "" if fit.data_version == DATA_VERSION else f", shown with data {DATA_VERSION}"
    return (
        f"Fitted on {escape(fit.date)} to data {escape(fit.data_version)}{since} · model {__version__} · Twenty Watts"
    )


def answer(data: bytes, given: bool) -> Answer:
    """Predict a dropped table; whatever is wrong with it is said in one line."""
    try:
        if len(data) > LARGEST_FILE:
            raise CaseError(f"the file has {len(data):,} bytes; at most {LARGEST_FILE:,} are read")
        lines, columns = data.count(b"\n"), data.partition(b"\n")[0].count(b",") + 1
        if lines > MOST_LINES:
            raise CaseError(f"the table has {lines:,} lines; at most {MOST_ROWS:,} rows are predicted here")
        if columns > MOST_COLUMNS:
            raise CaseError(f"the table has {columns:,} columns; at most {MOST_COLUMNS} are read")
        # A line break makes sure that this is read as a table, never as the name of a file.
        cases = read_cases(data.decode("utf-8-sig") + "\n", strict=False)
        if len(cases) > MOST_ROWS:
            raise CaseError(f"the table has {len(cases):,} rows; at most {MOST_ROWS:,} are predicted here")
    except UnicodeDecodeError:
        return Answer(message="the file is not text in UTF-8")
    except CaseError as error:
        return Answer(message=str(error))
    # Cases of the fit do not look better here than above.
    made, _ = held_out(cases, given)
    said = remarks(cases, given, made)
    return Answer(sentence=_found(cases, made), table=_shown(cases, made, said), csv=predicted_table(cases, made))


def _found(cases: Cases, made: Prediction) -> str:
    predicted = sum(not why for why in made.why_not)
    said = f"{predicted} of {len(cases)} {'case is' if len(cases) == 1 else 'cases are'} predicted"
    found = score(cases.value, made)
    if not found.count:
        return f"{said}."
    one = found.count == 1
    return (
        f"{said}. {'Your measurement is' if one else f'Half of your {found.count} measurements are'} "
        f"within {near_words(10**found.median_error)} of the prediction; "
        f"{round(found.coverage * found.count)} of {found.count} lie in the 90 % interval."
    )


def _shown(cases: Cases, made: Prediction, said: Sequence[str]) -> pd.DataFrame:
    """Show the columns that matter; numbers that do not exist stay empty."""
    errors = log10_error(cases.value, made.predicted)
    columns: dict[str, object] = {
        "Model": cases.model,
        "Chip": cases.gpu,
        "Batch": cases.batch,
        "Measured": cases.value,
        "Predicted": made.predicted,
        "Low": made.low,
        "High": made.high,
        "Unit": cases.unit,
        "Error": [factor_text(10 ** abs(error)) if np.isfinite(error) else "" for error in errors],
        "Why not": made.why_not,
        "Remarks": said,
        "Case": cases.id,
    }
    return pd.DataFrame(columns)


def plain(text: str) -> str:
    r"""Let foreign text stand as it is where Streamlit would read it as markup.

    >>> print(plain("batch is '<b>*x*'"))
    batch is '\<b\>\*x\*'
    """
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~:$&])", r"\\\1", text)


def _errors(validation: Validation, way: str) -> np.ndarray:
    errors = log10_error(validation.cases.value, validation.ways[way].predicted)
    return errors[np.isfinite(errors)]
