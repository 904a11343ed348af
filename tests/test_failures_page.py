"""The page on failures: its figures say the model's numbers, its slider needs no server, its simulation is kept."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency.choices import PAGE_CHOICES
from efficiency.failure_costs import SIZES, goodput_range, shares_at
from efficiency.link import State, encode, parameters
from efficiency.scenario import Scenario
from tests.odd_words import odd_words
from tests.scenarios import examples, scenarios
from tests.test_pages import ROOT, address, extreme, run, texts
from ui import failures
from ui.figures.failures import failures_alt, failures_dict
from ui.figures.failures_interval import interval_alt, interval_dict
from ui.figures.rail import MAXIMUM_FRAMES
from ui.theme import PALETTES

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

PAGE = str(ROOT / "pages" / "failures.py")
CHECKPOINTS = tuple(PAGE_CHOICES["fl_checkpoint"].options)
RESTARTS = tuple(PAGE_CHOICES["fl_restart"].options)
DEFAULT = ("16384", "assumed", "assumed")


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


@pytest.mark.parametrize(
    "state",
    [
        State(),
        extreme(low=True),
        extreme(low=False),
        State(choices={"fl_at": "1000000", "fl_checkpoint": "1", "fl_restart": "10", "fl_played": "3000000"}),
    ],
    ids=["default", "low", "high", "linked"],
)
def test_page_runs_and_keeps_its_address(state: State) -> None:
    app = open_page(state)
    assert not app.exception
    assert not app.warning
    assert address(app) == parameters(state)


def test_the_first_numbers_are_the_model_s() -> None:
    said = texts(open_page())
    assert "One of 16,384 chips stops the job every 3.1 h" in said
    assert (
        f'<span class="tw-machine">{100 * shares_at(16384.0, failures.pauses(*DEFAULT[1:])).useful:.0f} %</span>'
        in said
    )
    assert "419 unexpected interruptions in 54 days" in said


def test_the_band_holds_what_runs_report() -> None:
    low, central, high = goodput_range(16384.0, failures.pauses("assumed", "assumed"))
    assert low < 0.9 < central < high


@pytest.mark.parametrize("mode", PALETTES)
@pytest.mark.parametrize("at", ["1", "16384", "1000000"])
def test_figures_are_valid(at: str, mode: str) -> None:
    active = failures.step_names().index(at)
    sizes = failures.sizes_of("assumed", "assumed")
    for figure in (
        failures_dict(sizes, failures.reported(), active, mode),
        interval_dict(*failures.sweep_of(at, "assumed", "assumed"), failures.played_of(at, *DEFAULT[1:], 1000), mode),
    ):
        go.Figure(figure)
        assert all(math.isfinite(x) for x in numbers(figure["data"]))
        assert len(figure["data"]) <= 16


def test_the_slider_has_frames_of_changed_data_only() -> None:
    figure = failures_dict(failures.sizes_of("assumed", "assumed"), failures.reported(), 0, "light")
    assert len(figure["frames"]) == len(SIZES) <= MAXIMUM_FRAMES
    assert [frame["name"] for frame in figure["frames"]] == list(PAGE_CHOICES["fl_at"].options)
    for frame in figure["frames"]:
        assert len(frame["data"]) == len(frame["traces"])
        assert all(set(part) <= {"x", "y", "text"} for part in frame["data"])
    assert failures.figure_of("16384", "assumed", "assumed", "dark").layout.sliders[0].active == SIZES.index(16384.0)


@pytest.mark.parametrize("checkpoint", CHECKPOINTS)
@pytest.mark.parametrize("restart", RESTARTS)
def test_every_setting_says_shares_that_add_up(checkpoint: str, restart: str) -> None:
    sizes = failures.sizes_of(checkpoint, restart)
    for size in sizes:
        assert sum(size.shares) == pytest.approx(1.0)
        assert 0 <= size.low <= size.shares[0] <= size.high <= 1
    said = failures.headline_html(checkpoint, restart) + failures_alt(sizes, failures.reported(), 3)
    assert not re.search(r"\b(nan|inf|None)\b", said)


def test_a_simulation_is_kept_and_reports_its_progress() -> None:
    said: list[float] = []
    first = failures.played_of("16384", "60", "60", 90_000, said.append)
    assert said[-1] == pytest.approx(1.0)
    assert said == sorted(said)
    said.clear()
    assert failures.played_of("16384", "60", "60", 90_000, said.append) == first
    assert not said
    sweep, rules = failures.sweep_of("16384", "60", "60")
    assert rules[1].lost == pytest.approx(min(sweep.lost), rel=1e-3)
    assert first[len(first) // 2].lost == pytest.approx(rules[1].lost, rel=0.05)
    assert "Young 1974" in interval_alt(sweep, rules, first)


def test_the_agreement_that_is_said_is_within_two_per_cent() -> None:
    """At every stop of the slider and every setting of the pauses, with the fewest failures that the page offers."""
    for at in failures.step_names():
        for checkpoint in CHECKPOINTS:
            for restart in RESTARTS:
                apart, count = failures.compared(at, checkpoint, restart, 100_000)
                assert apart < 0.02, (at, checkpoint, restart)
                said = failures.interval_headline(at, checkpoint, restart, 100_000)
                found = re.search(r"([\d,]+) failures played out there agree with the formula within ([\d.]+) %", said)
                assert found, said
                assert int(found[1].replace(",", "")) == count >= 50_000
                assert 100 * apart <= float(found[2]) <= 2


def test_no_end_of_a_slider_reads_oddly() -> None:
    for at in ("1", "2", "1024", "741455", "1000000"):
        for checkpoint in CHECKPOINTS:
            for restart in RESTARTS:
                state = State(choices={"fl_at": at, "fl_checkpoint": checkpoint, "fl_restart": restart})
                sizes = failures.sizes_of(checkpoint, restart)
                for said in (
                    failures.headline_html(checkpoint, restart),
                    failures.interval_headline(at, checkpoint, restart, 100_000),
                    failures.interval_footer(state),
                    failures.ledger_headline(Scenario(), at, checkpoint, restart),
                    failures.ledger_footer(state),
                    failures_alt(sizes, failures.reported(), failures.step_names().index(at)),
                ):
                    assert not odd_words(said), said


@given(scenarios(), st.sampled_from(failures.step_names()), st.sampled_from(CHECKPOINTS), st.sampled_from(RESTARTS))
@examples(40)
def test_every_scenario_has_a_ledger_with_its_lost_work(
    scenario: Scenario, at: str, checkpoint: str, restart: str
) -> None:
    ledger = failures.ledger_of(scenario, at, checkpoint, restart)
    assert all(math.isfinite(part.energy_j) and part.energy_j >= 0 for part in ledger.parts)
    assert sum(part.energy_j for part in ledger.parts) == pytest.approx(ledger.total_j)
    state = State(scenario, choices={"fl_at": at, "fl_checkpoint": checkpoint, "fl_restart": restart})
    said = failures.ledger_headline(scenario, at, checkpoint, restart) + failures.ledger_footer(state)
    assert not re.search(r"\b(nan|inf|None)\b", re.sub(r'href="[^"]*"', "", said))


def test_what_broke_adds_up() -> None:
    assert sum(count for _, count in failures.causes()) == 419
    table = failures.causes_html(State())
    assert "64 %" in failures.causes_headline()
    assert "5.0 h" in table
