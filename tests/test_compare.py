"""Two states side by side: the ratio, its range, the sentences, and what the page does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import plotly.graph_objects as go
import pytest
from hypothesis import given
from streamlit.testing.v1 import AppTest

from efficiency.compare import compare
from efficiency.gap import evaluate
from efficiency.link import State, encode
from efficiency.scenario import Scenario
from tests.scenarios import examples, scenarios, states
from ui import compare as page
from ui.address import session_key
from ui.figures.compare import compare_dict
from ui.markup import plain_text
from ui.views import views

ROOT = Path(__file__).resolve().parent.parent
OTHER = Scenario(chip="b200", bits=8.0)


def test_the_centres_are_those_of_the_two_answers() -> None:
    first, second = evaluate(Scenario()), evaluate(OTHER)
    for one, a, b in zip(compare(Scenario(), OTHER), first.yardsticks, second.yardsticks, strict=True):
        assert (one.key, one.name, one.first, one.second) == (a.key, a.name, a.central, b.central)
        assert one.central == pytest.approx(b.central / a.central)


@given(scenario=scenarios())
@examples(20)
def test_a_scenario_is_the_same_as_itself(scenario: Scenario) -> None:
    for one in compare(scenario, scenario, 64):
        assert (one.low, one.central, one.high) == (1.0, 1.0, 1.0)
        assert one.is_same


@given(first=scenarios(), second=scenarios())
@examples(20)
def test_the_other_way_round_is_the_inverse(first: Scenario, second: Scenario) -> None:
    there, back = compare(first, second, 64), compare(second, first, 64)
    for one, other in zip(there, back, strict=True):
        assert 0 < one.low <= one.central <= one.high
        assert one.central * other.central == pytest.approx(1.0)


def test_what_both_hang_on_cancels() -> None:
    """The brain's FLOP/s make the compute yardstick uncertain by 10^4, and the ratio of two machines not at all."""
    found = {one.key: one for one in compare(Scenario(), OTHER)}["compute"]
    alone = evaluate(OTHER).yardstick("compute")
    assert alone.high / alone.low > 1000
    assert found.high / found.low < 3


def test_what_only_one_hangs_on_does_not() -> None:
    """Two sites whose powers were estimated apart are drawn apart."""
    found = {one.key: one for one in compare(Scenario(system="colossus_1"), Scenario(system="frontier"))}["nameplate"]
    assert found.central != 1.0
    same_brain = evaluate(Scenario(system="colossus_1")).yardstick("nameplate")
    assert found.high / found.low < (same_brain.high / same_brain.low) ** 2


@given(state=states())
@examples(15)
def test_any_two_states_are_said_and_drawn(state: State) -> None:
    go.Figure(compare_dict(page.gaps_of(state), "dark"))
    assert "A" in page.heading(state)
    assert page.sentences(state).count("<li>") == 8
    assert len(page.settings_of(state)) == sum(
        getattr(state.scenario, name) != getattr(page.pair_of(state)[1], name) for name in Scenario.__dataclass_fields__
    )
    for row in views()["compare/compare"].rows(state):
        assert row.central > 0


def test_the_sentences() -> None:
    state = State(Scenario(), other=Scenario(brain_flop_per_s=1e16))
    assert plain_text(page.heading(state)) == (
        "Compute: B takes 10 times what A doesWith no range of its own: what is uncertain is the same for both. "
        "B differs in Brain FLOP/s (10¹⁶ FLOP/s for 10¹⁵ FLOP/s)."
    )
    assert "Memory: the same" in plain_text(page.sentences(state))
    assert "the same on all" in page.heading(State())
    far = plain_text(page.heading(State(Scenario(brain_flop_per_s=1e21), other=Scenario())))
    assert far.startswith("Compute: B takes 10⁶ times less than A")
    ranged = plain_text(page.heading(State(Scenario(chip="k20x", system="own"))))
    assert "times less than A" in ranged
    assert "times less; what both hang on" in ranged


def opened(link: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=30)
    for name, value in parse_qsl(link, keep_blank_values=True):
        app.query_params[name] = value
    app.run()
    return app.switch_page(str(ROOT / "pages" / "compare.py")).run()


def texts(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def test_the_page_keeps_swaps_and_takes_a_link() -> None:
    app = opened("v=1&d=1&chip=b200")
    assert not app.exception
    assert "the standard settings" in texts(app)
    app.button(key="compare_keep").click().run()
    assert app.session_state["state_other"] == Scenario(chip="b200")
    assert "the same on all" in texts(app)
    app.selectbox(key=session_key("chip")).set_value("a100").run()
    assert "Chip (B200 for A100)" in plain_text(texts(app))
    app.button(key="compare_swap").click().run()
    assert not app.exception
    assert app.session_state["state_other"].chip == "a100"
    assert app.selectbox(key=session_key("chip")).value == "b200"
    app.text_input(key="compare_link").set_value("https://x.example/?" + encode(State(Scenario(chip="v100")))).run()
    assert app.session_state["state_other"] == Scenario(chip="v100")
    assert "V100" in texts(app)
    app.text_input(key="compare_link").set_value("http://x/?chip=nonsense").run()
    assert "nonsense" in app.info[0].value and "B stays" in app.info[0].value
    assert "is used" not in app.info[0].value
    assert app.session_state["state_other"] == Scenario(chip="v100")
    assert app.text_input(key="compare_link").value == "http://x/?chip=nonsense"
    app.text_input(key="compare_link").set_value("hello").run()
    assert app.session_state["state_other"] == Scenario(chip="v100")
    app.text_input(key="compare_link").set_value(f"http://x/?{encode(State())}&utm_source=mail").run()
    assert app.session_state["state_other"] == Scenario()
    assert "utm" in app.info[0].value and "B stays" not in app.info[0].value
    app.text_input(key="compare_link").set_value("bits=8&foo=3").run()
    assert app.session_state["state_other"] == Scenario(bits=8.0)
    assert "foo" in app.info[0].value
    assert app.text_input(key="compare_link").value == ""
    assert not app.exception


def test_the_other_state_is_in_the_link() -> None:
    state = State(Scenario(chip="a100"), other=replace(Scenario(), chip="b200"))
    app = opened(encode(state))
    assert app.session_state["state_other"] == state.other
    assert "Chip (B200 for A100)" in plain_text(texts(app))
