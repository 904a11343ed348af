"""The figures of the page on the model's own error."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Final

from efficiency.case_sources import case_source
from efficiency.link import State
from ui import error
from ui.families import QUANTITIES, clouds, family_errors, family_name, shown_metric
from ui.figures.error import Cloud, families_alt, points_alt
from ui.views import Row, View


def _way(state: State) -> str:
    return state.choices["er_way"]


def _metric(state: State) -> str:
    return shown_metric(error.shipped(), _way(state), state.choices["er_metric"])[0]


@functools.lru_cache(maxsize=16)
def _clouds(way: str, metric: str) -> list[Cloud]:
    return clouds(error.shipped(), way, metric)


def _shown(state: State) -> list[Cloud]:
    return _clouds(_way(state), _metric(state))


def _points_heading(state: State) -> str:
    range_sentence = error.points_sentence(_shown(state), QUANTITIES[_metric(state)][2])
    return f"{error.headline_html(error.shipped(), _way(state)).partition('<p')[0]}<p>{range_sentence}</p>"


def _cases(state: State) -> Iterator[Row]:
    unit, _, per = QUANTITIES[_metric(state)]
    for cloud in _shown(state):
        both = zip(cloud.measured, cloud.predicted, cloud.sources, strict=True)
        for i, (measured, predicted, source) in enumerate(both, start=1):
            yield Row(f"{cloud.name} {i}: measured, {per}", None, measured, None, unit, (source,))
            yield Row(f"{cloud.name} {i}: predicted, {per}", None, predicted, None, unit, ("own_fit",))


def _families(state: State) -> Iterator[Row]:
    cases, measured = error.shipped().cases, dict[str, dict[str, None]]()
    for name, source in zip(cases.family, cases.source, strict=True):
        measured.setdefault(family_name(name), {})[case_source(source)] = None
    for family in family_errors(error.shipped(), _way(state)):
        name = f"{family.name}: half of {family.count} are within this factor"
        yield Row(name, None, family.median, None, "1", ("own_fit", *measured[family.name]))


VIEWS: Final = (
    View(
        "error",
        "points",
        "Predicted and measured",
        heading=_points_heading,
        figure=lambda state, mode: error.points_figure_of(_way(state), _metric(state), mode),
        alt=lambda state: points_alt(_shown(state), QUANTITIES[_metric(state)][2]),
        caption=lambda state: f"{error.interval_sentence(error.shipped(), _way(state))} {error.footer()}",
        numbers=_cases,
        legend=lambda state, mode: error.legend_html(_shown(state), mode),
    ),
    View(
        "error",
        "families",
        "Error by family",
        heading=lambda state: error.families_headline(family_errors(error.shipped(), _way(state))),
        figure=lambda state, mode: error.families_figure_of(_way(state), mode),
        alt=lambda state: families_alt(family_errors(error.shipped(), _way(state))),
        caption=lambda _state: error.footer(),
        numbers=_families,
        legend=lambda _state, mode: error.shares_legend_html(mode),
    ),
)
