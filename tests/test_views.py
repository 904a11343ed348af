"""The table of figures: complete, pure, and of every valid state."""

from __future__ import annotations

import ast
import math
import re
import subprocess
import sys
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from hypothesis import given

from efficiency import __version__
from efficiency.choices import PAGE_CHOICES
from efficiency.facts import DATA_VERSION, sources
from efficiency.link import LADDER_PARAMETER, State
from tests.scenarios import examples, states
from ui.markup import plain_text
from ui.views import hero, pages, views

ROOT = Path(__file__).resolve().parent.parent
NAMES = tuple(views())


def chart_keys(page: str) -> list[str]:
    """Read from a page's script the keys of its charts, in its order."""
    return keys_in(ast.parse((ROOT / "pages" / f"{page}.py").read_text(encoding="utf-8")))


def keys_in(tree: ast.AST) -> list[str]:
    """Find the keys of the charts that some code draws."""
    return [
        call.args[1].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "chart.show"
        and isinstance(call.args[1], ast.Constant)
    ]


MENU = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


@pytest.mark.parametrize("page", MENU)
def test_every_page_s_figures_are_in_the_table(page: str) -> None:
    keys = chart_keys(page)
    found = hero(page)
    if not keys:
        assert found is None
        return
    assert found is not None, f"ui/page_views/{page}.py is missing; it declares the page's figures for /view"
    assert found.key == keys[0]
    assert {view.key for view in views().values() if view.page == page} == set(keys)


def test_every_view_belongs_to_a_page() -> None:
    assert set(pages()) <= set(MENU)
    assert pages()[0] == "gap"


def test_no_session_is_needed() -> None:
    program = (
        "import sys\nfrom efficiency.link import State\nfrom ui.views import views\n"
        "for view in views().values():\n"
        "    view.heading(State()), view.figure(State(), 'dark'), view.alt(State()), view.footer(State())\n"
        "    view.rows(State()), view.legend(State(), 'light'), view.position(State())\n"
        "print('streamlit' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert shown.stdout.strip() == "False"


@pytest.mark.parametrize("name", NAMES)
def test_a_view_says_all(name: str) -> None:
    view, state = views()[name], State()
    assert name == view.name
    assert view.title
    plain = re.sub(r"<[^>]+>", "", view.headline(state))
    assert 20 < len(plain) < 260
    assert re.search(r"\d", view.alt(state))
    assert f"ata {DATA_VERSION} · model {__version__}" in view.footer(state)
    rows = view.rows(state)
    assert rows
    assert len({row.name for row in rows}) == len(rows)
    for row in rows:
        assert math.isfinite(row.central)
        assert row.unit
        assert row.sources, row.name
        assert set(row.sources) <= set(sources())


@pytest.mark.parametrize("name", NAMES)
def test_a_slider_goes_where_the_link_says(name: str) -> None:
    view = views()[name]
    figures = [step for step in (view.figure(State(), "light").layout.sliders or ()) if step.steps]
    assert bool(figures) == (view.slider is not None)
    if view.slider is None:
        return
    assert len(figures[0].steps) == len(view.slider.values)
    last = view.slider.values[-1]
    if view.slider.parameter == LADDER_PARAMETER:
        state = State(ladder=last)
    else:
        assert set(view.slider.values) <= set(PAGE_CHOICES[view.slider.parameter].options)
        state = State(choices={view.slider.parameter: last})
    assert view.position(state) == len(view.slider.values) - 1
    assert view.figure(state, "light").layout.sliders[0].active == len(view.slider.values) - 1


@pytest.mark.parametrize("name", [name for name, view in views().items() if view.slider])
def test_what_a_slider_changes_follows_it(name: str) -> None:
    """The heading where it is said to; other figures of the page where the page draws them again."""
    view = views()[name]
    assert view.slider
    steps = view.at_steps(State())
    few = steps[:: max(1, len(steps) // 4)]
    assert (len({view.finding(step) for step in few}) > 1) == view.slider.tells
    assert len(view.headings(State())) == (len(steps) if view.slider.tells else 0)
    page = ast.parse((ROOT / "pages" / f"{view.page}.py").read_text(encoding="utf-8"))
    drawn_again = {key for one in page.body if isinstance(one, ast.FunctionDef) for key in keys_in(one)}
    others = (one for one in views().values() if one.page == view.page and one is not view)
    assert drawn_again == {one.key for one in others if len({(one.finding(s), one.rows(s)) for s in few}) > 1}


@given(state=states())
@examples(8)
def test_any_state_has_its_sentences_and_numbers(state: State) -> None:
    for view in views().values():
        assert view.headline(state)
        assert view.alt(state)
        assert view.footer(state)
        assert all(math.isfinite(row.central) for row in view.rows(state)), view.name
        assert view.position(state) >= 0


STAGED = tuple(name for name, view in views().items() if view.staged)


@pytest.mark.parametrize("choices", [{}, {"lv_pulled": "3", "lv_precision": "today", "sp_at": "1"}])
@pytest.mark.parametrize("name", STAGED)
def test_a_figure_for_slides_is_the_same_only_lower(name: str, choices: dict[str, str]) -> None:
    """It says the same, in letters that a slide has room for, and its slider has the same steps."""
    view, state = views()[name], State(choices=choices)
    page, slide = view.figure(state, "dark").to_plotly_json(), view.on_stage(state, "dark").to_plotly_json()
    go.Figure({part: slide[part] for part in ("data", "layout")})
    assert slide["layout"]["height"] < 0.8 * page["layout"]["height"]
    assert slide["layout"]["sliders"][0] == page["layout"]["sliders"][0]
    assert slide["layout"]["sliders"][0]["active"] == view.position(state)
    assert words(slide) == words(page)
    for one, same in zip(traces_of(slide), traces_of(page), strict=True):
        if "text" not in one:
            assert one.get("x") == same.get("x")


def traces_of(figure: dict[str, Any]) -> list[dict[str, Any]]:
    return [*figure["data"], *chain(*(frame["data"] for frame in figure["frames"]))]


def words(figure: dict[str, Any]) -> Counter[str]:
    """All the words in a figure and its frames, wherever they stand."""
    texts = [note["text"] for note in figure["layout"]["annotations"]]
    texts += [text for trace in traces_of(figure) for text in trace.get("text", ())]
    return Counter(word for text in texts for word in plain_text(text.replace("\u2002", " ")).split())
