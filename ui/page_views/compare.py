"""The figure of the page that compares two states."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from efficiency.link import State
from ui import compare
from ui.figures.compare import LETTERS, compare_alt
from ui.views import Row, View, sources_of


def _rows(state: State) -> Iterator[Row]:
    gaps = compare.gaps_of(state)
    for letter, gap in zip(LETTERS, gaps, strict=True):
        for y in gap.yardsticks:
            yield Row(f"{letter}: {y.name}: machine over brain", y.low, y.central, y.high, "1", sources_of(y.facts))
    behind = {y.key: y.facts for gap in gaps for y in gap.yardsticks}
    for one in compare.differences_of(state):
        yield Row(f"{one.name}: B over A", one.low, one.central, one.high, "1", sources_of(behind[one.key]))


VIEWS: Final = (
    View(
        "compare",
        "compare",
        "Two states",
        heading=compare.heading,
        figure=compare.figure_of,
        alt=lambda state: compare_alt(compare.gaps_of(state)),
        caption=compare.footer,
        numbers=_rows,
        legend=compare.letters_legend_html,
    ),
)
