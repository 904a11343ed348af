"""The page on learning: figures are valid, say the model's numbers, and stand where the link says."""

from __future__ import annotations

import math

import plotly.graph_objects as go
import pytest
from hypothesis import given
from streamlit.testing.v1 import AppTest

from efficiency.choices import PAGE_CHOICES
from efficiency.learning import training_runs
from efficiency.link import State, encode, parameters
from efficiency.scenario import Scenario
from efficiency.training_check import checked, scores
from tests.odd_words import odd_words
from tests.scenarios import examples, states
from tests.test_pages import address, extreme, run, texts
from tests.test_sparsity_page import numbers
from ui import learning
from ui.figures.learning import legend_html, runs_alt, runs_dict
from ui.figures.learning_check import check_alt, check_dict
from ui.figures.rail import MAXIMUM_FRAMES
from ui.theme import PALETTES

MODES = pytest.mark.parametrize("mode", PALETTES)


def open_page(state: State | None = None) -> AppTest:
    return run(encode(state or State()), "learning")


def drawn(state: State, mode: str = "light") -> dict:
    at = learning.step_names().index(state.choices["le_users"])
    chosen = learning.chosen_run(state).key
    return runs_dict(learning.shown_runs(state), learning.shares_of(state), at, chosen, mode)


@pytest.mark.parametrize(
    "state",
    [
        State(),
        extreme(low=True),
        extreme(low=False),
        State(Scenario(run="gpt3"), choices={"le_users": "800000000", "le_person": "body", "le_years": "life"}),
        State(Scenario(run="chinchilla")),
    ],
    ids=["default", "low", "high", "linked", "arithmetic"],
)
def test_page_runs_and_keeps_its_address(state: State) -> None:
    app = open_page(state)
    assert not app.exception
    assert not app.warning
    assert address(app) == parameters(state)


def test_the_first_number_is_the_model_s() -> None:
    said = texts(open_page())
    assert '<span class="tw-machine">9,800 brains</span> that learn for 20 years' in said
    assert "800 million), it is 2.1 hours of learning for each" in said
    assert "<script" not in said


@MODES
def test_figures_are_valid(mode: str) -> None:
    for figure in (drawn(State(), mode), check_dict(checked(), mode)):
        go.Figure(figure)
        assert all(math.isfinite(x) for x in numbers(figure["data"]))
        assert len(figure["data"]) <= 16


def test_the_slider_has_frames_of_changed_data_only() -> None:
    figure = drawn(State())
    steps = list(PAGE_CHOICES["le_users"].options)
    assert [frame["name"] for frame in figure["frames"]] == steps == learning.step_names()
    assert len(steps) <= MAXIMUM_FRAMES
    moved = figure["frames"][0]["traces"]
    for frame in figure["frames"]:
        assert len(frame["data"]) == len(moved)
        assert all(set(part) <= {"x", "text"} for part in frame["data"])
    last = drawn(State(choices={"le_users": steps[-1]}))
    assert last["layout"]["sliders"][0]["active"] == len(steps) - 1


@given(states())
@examples(20)
def test_every_choice_is_drawn(state: State) -> None:
    figure = drawn(state, "dark")
    for frame in figure["frames"]:
        assert all(math.isfinite(x) and x >= 0 for x in numbers(frame["data"]))
    said = learning.headline_html(state) + learning.table_html(state) + learning.runs_footer(state)
    assert "nan" not in said
    assert "{" not in said


def test_the_chosen_run_is_among_those_shown() -> None:
    for run_ in training_runs():
        state = State(Scenario(run=run_.key)) if run_.key in {"gemma2_9b", "mtnlg", "gpt4"} else State()
        assert learning.chosen_run(state) in learning.shown_runs(state)


def test_bookkeeping_is_told_apart() -> None:
    assert "power limit × hours, bookkeeping without a meter" in legend_html(training_runs(), "light")
    table = learning.table_html(State())
    assert table.count("bookkeeping: power limit of the chips times their hours, no meter") == 13
    assert "not a measurement" in learning.table_headline()


def test_the_table_of_errors_says_the_scores() -> None:
    table = learning.check_html()
    for score in scores():
        assert f"<td>{score.runs}</td><td>{100 * (score.median - 1):.0f} %</td>" in table
    said = learning.check_headline()
    assert "half of the runs are met within 14 % at the board, 4 % at the node, 16 % at the facility" in said
    # Medians bound nothing, so those beyond are counted and named.
    assert "10 of 41 are more than 20 % off" in said
    for name in (
        "3 of 29",
        "MLPerf llama2_70b_lora 1.38 times",
        "Evolved Transformer (Medium) 0.77 times",
        "BERT base",
    ):
        assert name in learning.check_footer()


def test_no_end_of_a_slider_reads_oddly() -> None:
    for key in ("gpt3", "llama31_405b", "gemma2_2b"):
        for person in PAGE_CHOICES["le_person"].options:
            for years in PAGE_CHOICES["le_years"].options:
                state = State(Scenario(run=key), choices={"le_person": person, "le_years": years})
                said = [learning.headline_html(state), learning.runs_footer(state), learning.table_html(state)]
                for share in learning.shares_of(state):
                    said += [share.words, *share.said, *share.card]
                for sentence in said:
                    assert not odd_words(sentence), sentence


def test_alternatives_say_the_numbers() -> None:
    said = runs_alt(learning.shown_runs(State()), learning.shares_of(State()), 0)
    assert "Llama 3.1 405B 2024: 34 GWh (20 GWh to 58 GWh), each 9,800 lifetimes" in said
    assert "GPT-3 1.3 GWh measured" in check_alt(checked())
