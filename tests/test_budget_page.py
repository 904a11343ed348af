"""The page on budgets: figures are valid, say the model's numbers, and stand where the link says."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace

import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from efficiency.budget import binding, outcome
from efficiency.budget_assumptions import ASSUMPTIONS, assumed
from efficiency.budget_plan import DOLLAR_STEPS, USES, Plan
from efficiency.budget_report import Answer, as_text, bought, dollars_words
from efficiency.budget_split import first_limit
from efficiency.budget_words import dollars_span
from efficiency.choices import PAGE_CHOICES
from efficiency.link import State, encode, parameters
from efficiency.sampling import Range
from efficiency.scaling_laws import LAWS
from efficiency.scenario import Scenario
from tests.test_pages import ROOT, address, extreme, run, texts
from ui import budget
from ui.figures.budget import ROW_NAMES, budget_alt, budget_dict, row_text
from ui.figures.budget_split import PARTS, split_alt, split_dict
from ui.figures.rail import MAXIMUM_FRAMES
from ui.theme import PALETTES

PAGE = str(ROOT / "pages" / "budget.py")
MODES = pytest.mark.parametrize("mode", PALETTES)
OWN = [name for name in PAGE_CHOICES if name.startswith("bu_")]


def open_page(state: State | None = None) -> AppTest:
    app = run(encode(state or State()))
    app.switch_page(PAGE).run()
    return app.run()


def numbers(value: object) -> list[float]:
    """List every number in a figure's data."""
    if isinstance(value, dict):
        return [x for item in value.values() for x in numbers(item)]
    if isinstance(value, (list, tuple)):
        return [x for item in value for x in numbers(item)]
    return [float(value)] if isinstance(value, (int, float)) else []


def last_settings(which: int) -> dict[str, str]:
    """Take the first or last step of every slider of the page."""
    return {name: list(PAGE_CHOICES[name].options)[which] for name in OWN}


@pytest.mark.parametrize(
    "state",
    [
        State(),
        replace(extreme(low=True), choices=last_settings(0)),
        replace(extreme(low=False), choices=last_settings(-1)),
        State(Scenario(chip="b200", pue=1.1), choices={"bu_at": "1e9", "bu_law": "kaplan", "bu_where": "us"}),
    ],
    ids=["default", "low", "high", "linked"],
)
def test_page_runs_and_keeps_its_address(state: State) -> None:
    app = open_page(state)
    assert not app.exception
    assert not app.warning
    assert address(app) == parameters(state)


def test_the_headline_is_the_model_s() -> None:
    said = texts(open_page())
    assert f'<span class="tw-machine">{dollars_words(first_limit(Plan())[1])}</span>' in said
    assert "people to have ideas" in said
    assert "nothing of intelligence" in said
    assert "<script" not in said


def test_the_headline_names_the_split_and_what_is_cut_off() -> None:
    assert "a budget with&nbsp;20&nbsp;%&nbsp;for&nbsp;people runs out of people" in budget.headline_html(Plan(), ())
    fewer = Plan(run=28, experiments=47, people=0.81, serving=25)
    assert "for&nbsp;the&nbsp;run runs out of text" in budget.headline_html(fewer, ())
    assert dollars_span(Range(1e9, 1e10, 1e13)).endswith("more than $10 trillion")


def test_no_sentence_is_worded_for_another_number() -> None:
    """Every end of every slider and odd budgets: no "1 years", no powers as e-05, no runs of zeros."""
    wrong = re.compile(r"\b1 (years|tokens|times|parts)\b|\de[+-]\d|0\.0000|\+\d{4,}|10⁻|\b(nan|inf)\b")
    for which, years, chip in itertools.product((0, -1), ("1", "5"), ("h100", "k20x")):
        state = State(Scenario(chip=chip), choices=last_settings(which) | {"bu_years": years})
        plan, chosen = budget.plan_of(state), budget.chosen_of(state)
        said = [budget.headline_html(plan, chosen), budget.chosen_sentence(plan), budget.split_headline(plan, chosen)]
        for at in ("1e6", "1e13"):
            said += [budget.marginal_html(plan, chosen, at), budget.marginal_headline(plan, chosen, at)]
        assert not [one for one in said if wrong.search(one)]
    for dollars, years, people in itertools.product((1e6, 1e9, 1e13), (1.0, 20.0), (0.0, 20.0, 1e6)):
        found = as_text(Answer((bought(Plan(dollars=dollars, years=years, people=people), {}),), {}))
        assert not [line for line in found.splitlines() if wrong.search(line) or len(line) > 180]


def test_every_choice_of_the_page_has_a_slider() -> None:
    app = open_page()
    drawn = {w.key for w in [*app.select_slider, *app.selectbox, *app.segmented_control]}
    assert {f"choice_{name}" for name in OWN if name != "bu_at"} <= drawn
    assert all(" · " in budget.assumption_label(name) for name in ASSUMPTIONS), "each says what kind of number it is"


def test_a_slider_moves_the_numbers_and_the_address() -> None:
    app = open_page()
    before = texts(app)
    app.select_slider(key="choice_bu_reach").set_value("1").run()
    assert not app.exception
    assert address(app)["bu_reach"] == "1"
    assert texts(app) != before


@MODES
@pytest.mark.parametrize("law", LAWS)
def test_figures_are_valid(mode: str, law: str) -> None:
    sweep = budget.sweep_of(Plan(law=law), ())
    for figure in (budget_dict(sweep, 7, mode), split_dict(budget.split_bars(Plan(law=law), ()), mode)):
        go.Figure(figure)
        assert all(math.isfinite(x) for x in numbers(figure["data"]))
        assert len(figure["data"]) <= 16


def test_the_slider_has_frames_of_changed_data_only() -> None:
    sweep = budget.sweep_of(Plan(), ())
    figure = budget_dict(sweep, 0, "light")
    assert len(figure["frames"]) == len(DOLLAR_STEPS) <= MAXIMUM_FRAMES
    assert [frame["name"] for frame in figure["frames"]] == budget.step_names() == list(PAGE_CHOICES["bu_at"].options)
    moved = figure["frames"][0]["traces"]
    for frame in figure["frames"]:
        assert len(frame["data"]) == len(moved)
        assert all(set(part) <= {"x", "y", "text"} for part in frame["data"])
    for active, usd in enumerate(DOLLAR_STEPS):
        shown = budget_dict(sweep, active, "light")
        assert shown["layout"]["sliders"][0]["active"] == active
        assert shown["data"][moved[0]]["x"] == [usd]


def test_the_sweep_says_what_the_model_says() -> None:
    sweep = budget.sweep_of(Plan(years=3.0), (("reach", 0.5),))
    for step in sweep.steps[::7]:
        found = outcome(Plan(dollars=step.dollars, years=3.0), assumed({"reach": 0.5}))
        assert step.loss == pytest.approx(float(found.loss))
        assert step.chips == pytest.approx(float(found.chips))
        assert step.binding == binding(found)
        assert step.low <= step.above <= step.high


def test_what_is_not_to_be_had_is_said() -> None:
    last = budget.sweep_of(Plan(), ()).steps[-1]
    assert "asks for" in row_text(last, "ideas")
    assert "asks for" not in row_text(budget.sweep_of(Plan(), ()).steps[0], "ideas")
    for step in budget.sweep_of(Plan(), ()).steps:
        assert max(len(row_text(step, key)) for key in ROW_NAMES) <= 34, "or a phone cuts it"


@MODES
def test_bars_add_up_to_all_of_the_money(mode: str) -> None:
    bars = budget.split_bars(Plan(), (("newtext", 0.1),))
    for bar in bars:
        assert math.fsum(bar.shares) == pytest.approx(1.0)
        assert min(bar.shares) >= 0
        assert len(bar.shares) == len(PARTS)
    assert bars[-1].shares[-1] > 0.3, "ten trillion cannot be spent"
    assert bars[0].shares[-1] == pytest.approx(0.0, abs=1e-9)
    assert "ten trillion" not in split_alt(bars)
    assert split_dict(bars, mode)["layout"]["barmode"] == "stack"


@given(
    st.sampled_from([1.0, 5.0, 20.0]),
    st.sampled_from(list(LAWS)),
    st.sampled_from(["world", "us"]),
    st.fixed_dictionaries({name: st.sampled_from(list(PAGE_CHOICES[f"bu_{name}"].options)) for name in ASSUMPTIONS}),
    st.sampled_from(["h100", "tpu_v1", "b200", "wse3"]),
)
@settings(max_examples=25, deadline=None)
def test_every_setting_can_be_drawn(years: float, law: str, where: str, steps: dict[str, str], chip: str) -> None:
    choices = {f"bu_{name}": step for name, step in steps.items()} | {"bu_law": law, "bu_where": where}
    state = State(Scenario(chip=chip, system="own"), choices=choices)
    plan = replace(budget.plan_of(state), years=years)
    chosen = budget.chosen_of(state)
    sweep = budget.sweep_of(plan, chosen)
    figure = budget_dict(sweep, 3, "dark")
    assert all(math.isfinite(x) for x in numbers(figure["data"]))
    assert all(step.above > 0 for step in sweep.steps)
    assert budget.headline_html(plan, chosen)


def test_tables_are_plain_and_complete() -> None:
    state = State()
    html = budget.assumptions_html(state)
    assert html.count("<tr>") == len(ASSUMPTIONS) + 1
    assert html.count("assumed") >= 15
    assert "nan" not in (budget.costs_html() + budget.marginal_html(Plan(), (), "1e9")).lower()
    assert budget.marginal_html(Plan(), (), "1e9").count("<tr>") == len(USES) + 1
    assert "one large run" in budget.marginal_headline(Plan(), (), "1e9")
    assert re.search(r"to buy within 1\d %, but .* 40 to 51 % below", budget.costs_headline())
    assert all(f"−{error} %<br>−{before} %" in budget.costs_html() for error, before in ((46, 8), (40, 13), (51, 17)))


def test_text_alternatives_hold_the_numbers() -> None:
    sweep = budget.sweep_of(Plan(), ())
    said = budget_alt(sweep, 15)
    assert "$1 billion: money binds" in said
    assert "<b>" not in said
    assert "$10 trillion" in split_alt(budget.split_bars(Plan(), ()))
