"""The pages on scaling laws and distillation: figures are valid, say the model's numbers, stand where the link says."""

from __future__ import annotations

import argparse
import itertools
import math
import re
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency import distillation_report
from efficiency.choices import PAGE_CHOICES
from efficiency.distillation import CASES, token_worth
from efficiency.distillation_report import least_worth
from efficiency.link import State, encode, parameters
from efficiency.scaling_draws import ratio_range
from efficiency.scaling_laws import LAWS, optimal
from efficiency.scaling_steps import FLOP_STEPS, SERVED_STEPS, STUDENT_STEPS, WORTH_STEPS
from efficiency.scenario import Scenario
from tests.scenarios import examples, scenarios
from tests.test_pages import address, extreme, run, texts
from ui import distillation, scaling
from ui.figures.distillation import (
    Way,
    ratio_words,
    reach_alt,
    reach_dict,
    thresholds_alt,
    thresholds_dict,
    verdict,
    ways_alt,
    ways_dict,
)
from ui.figures.rail import MAXIMUM_FRAMES
from ui.figures.scaling import isoflop_alt, isoflop_dict
from ui.figures.scaling_runs import lives_alt, lives_dict, runs_alt, runs_dict, wall_alt, wall_dict
from ui.theme import PALETTES

if TYPE_CHECKING:
    pass

MODES = pytest.mark.parametrize("mode", PALETTES)
AT = "23.76"
LINKED = {
    "scaling": {"sc_at": "26", "sc_served": "16"},
    "distillation": {"di_at": "8", "di_case": "llama3_8b", "di_students": "100"},
}


def numbers(value: Any) -> list[float]:
    """List every number in a figure's data."""
    if isinstance(value, dict):
        return [x for item in value.values() for x in numbers(item)]
    if isinstance(value, (list, tuple)):
        return [x for item in value for x in numbers(item)]
    return [float(value)] if isinstance(value, (int, float)) else []


def scaling_figures(scenario: Scenario, mode: str, at: str = AT, served: float = 1e13) -> list[dict[str, Any]]:
    return [
        isoflop_dict(scaling.stops_of(scenario), at, mode),
        runs_dict(scaling.dots(), scaling.run_lines(), mode),
        lives_dict(scaling.lives_of(scenario, FLOP_STEPS[at], served), mode),
        wall_dict(scaling.dots(), scaling.wall_lines(), tuple(scaling.text_stock()), mode),
    ]


def distillation_figures(
    scenario: Scenario, mode: str, case: str = "gemma2_9b", students: float = 10.0, worth: float = 2.0
) -> list[dict[str, Any]]:
    return [
        ways_dict(distillation.ways_of(scenario, case, students), worth, mode),
        thresholds_dict(distillation.thresholds_of(scenario, case), tuple(token_worth()), (students, worth), mode),
        reach_dict(distillation.reached_of(scenario, case, students, worth), mode),
    ]


@pytest.mark.parametrize("page", LINKED)
@pytest.mark.parametrize("end", ["linked", "low", "high"])
def test_page_runs_and_keeps_its_address(page: str, end: str) -> None:
    state = State(choices=LINKED[page]) if end == "linked" else extreme(low=end == "low")
    app = run(encode(state), page)
    assert not app.exception
    assert not app.warning
    assert address(app) == parameters(state)


def test_the_first_numbers_are_the_model_s() -> None:
    said = texts(run("", "scaling"))
    assert ">18 tokens</span>" in said
    assert "the same law says 93" in said
    low, _, high = ratio_range(FLOP_STEPS[AT])
    assert f"between {low:.1f} and {high:.0f}" in said
    said = texts(run("", "distillation"))
    central = least_worth("gemma2_9b", Scenario()).central
    assert f">{central:.1f} tokens</span> of data" in said
    assert "<script" not in said


@MODES
def test_figures_are_valid(mode: str) -> None:
    for figure in (*scaling_figures(Scenario(), mode), *distillation_figures(Scenario(), mode)):
        go.Figure(figure)
        assert all(math.isfinite(x) for x in numbers(figure["data"]))
        assert len(figure["data"]) <= 16


def test_sliders_have_frames_of_changed_data_only() -> None:
    stops, ways = scaling.stops_of(Scenario()), distillation.ways_of(Scenario(), "gemma2_9b", 10.0)
    shown = {
        "sc_at": (isoflop_dict(stops, AT, "light"), {"x", "y", "text", "hovertext"}),
        "di_at": (ways_dict(ways, 2.0, "light"), {"x", "text", "hovertext", "marker"}),
    }
    for name, (figure, allowed) in shown.items():
        names = [frame["name"] for frame in figure["frames"]]
        assert names == list(PAGE_CHOICES[name].options)
        assert len(names) <= MAXIMUM_FRAMES
        for frame in figure["frames"]:
            assert len(frame["data"]) == len(frame["traces"])
            assert all(set(part) <= allowed for part in frame["data"])
            assert all(math.isfinite(x) for x in numbers(frame["data"]))
    for index, name in enumerate(stops):
        assert isoflop_dict(stops, name, "light")["layout"]["sliders"][0]["active"] == index
    for index, worth in enumerate(WORTH_STEPS):
        assert ways_dict(ways, worth, "dark")["layout"]["sliders"][0]["active"] == index


def test_curves_have_their_least_at_the_law_s_optimum() -> None:
    for name, stop in scaling.stops_of(Scenario()).items():
        for key, curve in zip(LAWS, stop.curves, strict=True):
            assert curve.parameters == pytest.approx(optimal(key, FLOP_STEPS[name]).parameters)
            assert min(curve.above_best) == pytest.approx(0.0, abs=1e-9)
            assert all(above > -1e-9 for above in curve.above_best)
        assert stop.low_size < stop.curves[-1].parameters < stop.high_size


@given(scenarios(), st.sampled_from(list(FLOP_STEPS)), st.sampled_from(list(SERVED_STEPS.values())))
@examples(8)
def test_every_scenario_has_its_scaling_figures(scenario: Scenario, at: str, served: float) -> None:
    for figure in scaling_figures(scenario, "dark", at, served):
        assert all(math.isfinite(x) for x in numbers([figure["data"], figure.get("frames", [])]))
    choices = {"sc_at": at, "sc_served": f"{round(math.log10(served))}"}
    said = scaling.lives_headline(State(scenario, choices=choices)) + scaling.headline_html(at)
    assert "nan" not in said
    assert "inf" not in said


@given(scenarios(), st.sampled_from(list(CASES)), st.sampled_from(STUDENT_STEPS), st.sampled_from(WORTH_STEPS))
@examples(12)
def test_every_scenario_has_its_distillation_figures(
    scenario: Scenario, case: str, students: float, worth: float
) -> None:
    for figure in distillation_figures(scenario, "dark", case, students, worth):
        assert all(math.isfinite(x) for x in numbers([figure["data"], figure.get("frames", [])]))
    choices = {"di_case": case, "di_students": f"{students:g}", "di_at": f"{worth:g}"}
    state = State(scenario, choices=choices)
    for say in (distillation.headline_html, distillation.thresholds_headline, distillation.reach_headline):
        assert not re.search(r"\b(nan|inf)\b", say(state))


def test_what_the_sentences_say() -> None:
    assert "11 times too few" in scaling.runs_headline()
    assert "save 5" in scaling.lives_headline(State())
    assert "hardly counts" in scaling.lives_headline(State(choices={"sc_served": "9"}))
    assert "13 %" in scaling.wall_headline()
    assert "disputed" in scaling.why_headline()
    assert all(name in scaling.why_html(State()) for name in ("Hoffmann 2022", "Pearce", "Porian 2024"))
    llama = State(choices={"di_case": "llama3_8b"})
    assert "no number of students" in distillation.thresholds_headline(llama)
    assert "never with all" in distillation.headline_html(llama)
    assert "assumed 2, 1 to 5" in distillation.headline_html(State())
    assert "constants were not seen" in distillation.thresholds_footer(State())
    assert "Nobody has published joules" in distillation.reach_footer(State())


def test_no_sentence_is_worded_for_another_number() -> None:
    """Every end of every slider, and odd scenarios: no "1 tokens", no parts of a student, no runs of zeros."""
    wrong = re.compile(
        r"\b1 (tokens|students|years|times|models)\b|(?<![\d.,])0\.\d+ students|\de[+-]\d|0\.000000|\b(nan|inf)\b|-0 ?%"
    )
    odd = (Scenario(), Scenario(chip="k20x", batch=1), Scenario(chip="wse3"), Scenario(chip="tpu_v1", pue=2.5))
    for scenario in odd:
        for at, served in itertools.product(("18", AT, "28"), ("9", "13", "17")):
            state = State(scenario, choices={"sc_at": at, "sc_served": served})
            said = [scaling.headline_html(at), scaling.lives_headline(state)]
            said += [scaling.reach_words(scaling.served_range_of(state))]
            assert not [one for one in said if wrong.search(one)]
        for case, worth, students in itertools.product(CASES, (1, 1.25, 2, 5, 40), (1, 10, 1000)):
            state = State(scenario, choices={"di_case": case, "di_at": f"{worth:g}", "di_students": f"{students}"})
            says = (distillation.headline_html, distillation.thresholds_headline, distillation.reach_headline)
            assert not [say(state) for say in says if wrong.search(say(state))]
    options = [words for name in ("di_at", "di_students", "sc_served") for words in PAGE_CHOICES[name].options.values()]
    assert not [one for one in options if wrong.search(one)]
    for case, worth, students in itertools.product(CASES, (1.0, 1.25, 2.0, 100.0), (1.0, 1e6)):
        said = distillation_report.as_text(
            distillation_report.answer(argparse.Namespace(case=case, worth=worth, students=students))
        )
        assert not wrong.search(said)


def test_the_assumption_is_named_where_it_matters() -> None:
    said = distillation.reach_headline(State())
    assert "alone (2 for each taught one)" in said
    assert re.search(r"takes 5\.3 times \([\d.]+ to [\d.]+\)", said)
    assert "320 trillion tokens of data alone" in distillation.reach_headline(State(choices={"di_at": "40"}))
    assert "more than all public text" in distillation.reach_headline(State(choices={"di_at": "40"}))
    assert "assumed" not in distillation.reach_headline(State(choices={"di_case": "llama3_8b"}))
    even = distillation.thresholds_headline(State(choices={"di_case": "gemma2_2b"}))
    assert "cost about what they save" in even
    assert "6,600" not in even


def test_verdicts() -> None:
    parts = (1.0, 0.0, 0.0)
    energies = {(3.0, 4.0, 5.0, 6.0): "does not", (1.0, 4.0, 5.0, 6.0): "free", (1.0, 1.5, 5.0, 6.0): "answers",
                (1.0, 1.5, 1.8, 6.0): "shared by 3", (1.0, 1.2, 1.3, 1.4): "even with all"}  # fmt: skip
    names = ("Teacher free", "Its answers charged", "Its training shared by 3", "All of it charged")
    for given_energies, said in energies.items():
        ways = [Way("On data alone", 2.0, parts)]
        ways += [Way(name, energy, parts) for name, energy in zip(names, given_energies, strict=True)]
        assert said in verdict(ways)
    assert ratio_words(0.5) == "÷2"


def test_alternatives_say_the_numbers() -> None:
    stops = scaling.stops_of(Scenario())
    assert "93 each" in isoflop_alt(stops, AT)
    assert "Llama 3 8B 1,900" in runs_alt(scaling.dots(), scaling.run_lines())
    assert "instead of" in lives_alt(scaling.lives_of(Scenario(), FLOP_STEPS[AT], 1e13))
    assert "300 trillion" in wall_alt(scaling.wall_lines(), tuple(scaling.text_stock()), scaling.walls())
    assert "Teacher free" in ways_alt(distillation.ways_of(Scenario(), "gemma2_9b", 10.0), 2.0)
    assert "never with one student" in thresholds_alt(
        distillation.thresholds_of(Scenario(), "gemma2_9b"), tuple(token_worth())
    )
    assert "nats per token" in reach_alt(distillation.reached(State()))
