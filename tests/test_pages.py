"""Every page as Streamlit runs it: default, extreme, from a link, and always a second time."""

from __future__ import annotations

import runpy
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from efficiency.catalogue import labels, system_chip
from efficiency.derived import records
from efficiency.gap import evaluate
from efficiency.link import State, decode, encode, parameters
from efficiency.say import times
from efficiency.scenario import Choice, Scenario, field_rules
from ui import menu
from ui.address import session_key
from ui.controls import LABELS, MAIN
from ui.menu import MENU

ROOT = Path(__file__).parent.parent
PAGES = {
    name: None if name == "gap" else ROOT / "pages" / f"{name}.py"
    for name in (
        *("context", "generation"),
        *("failures", "utilisation"),
        *("gap", "sources", "cluster", "learning", "movement", "parallel", "precision"),
        *("sparsity", "scaling", "distillation", "budget", "levers", "stage"),
    )
}
LINKED = State(
    Scenario(system="own", chip="b200", chip_count=7.0, bits=4.0, pue=1.1, brain_flop_per_s=3.3e14),
    ladder="frontier",
)


def run(link: str = "", page: str = "gap") -> AppTest:
    """Open a page as a visitor with this address does, and run it twice."""
    app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=30)
    for name, value in parse_qsl(link, keep_blank_values=True):
        app.query_params[name] = value
    app.run()
    if PAGES[page]:
        app.switch_page(str(PAGES[page])).run()
    return app.run()


def texts(app: AppTest) -> str:
    """Join the page's HTML, with ordinary spaces where numbers and units are kept on one line."""
    return " ".join(element.proto.body for element in app.get("html")).replace("\u00a0", " ")


def address(app: AppTest) -> dict[str, str]:
    """Read the address bar."""
    return {name: v if isinstance(v, str) else v[0] for name, v in app.query_params.items()}


def extreme(low: bool) -> State:
    """Set every number to one end and every choice to its first or last setting."""
    chosen = {
        name: (list(rule.options)[0 if low else -1] if isinstance(rule, Choice) else rule.low if low else rule.high)
        for name, rule in field_rules().items()
    }
    return State(Scenario(**chosen))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "state", [State(), extreme(low=True), extreme(low=False), LINKED], ids=["default", "low", "high", "linked"]
)
def test_page_runs_and_keeps_its_address(page: str, state: State) -> None:
    app = run(encode(state), page)
    assert not app.exception
    assert not app.info
    assert not app.warning
    assert address(app) == parameters(state)


def places(block: Block, above: tuple[int, ...] = ()) -> dict[str, tuple[int, ...]]:
    """Find where groups and figures stand; those without a name are told apart by their number."""
    found: dict[str, tuple[int, ...]] = {}
    for number, child in block.children.items():
        here = (*above, number)
        if child.type in {"expander", "expandable", "plotly_chart"}:
            found[f"{child.type} {getattr(child, 'label', '')} {len(found)}"] = here
        if isinstance(child, Block):
            found |= {f"{name} in {number}": place for name, place in places(child, here).items()}
    return found


@pytest.mark.parametrize("page", PAGES)
def test_groups_and_figures_stay_in_their_places(page: str) -> None:
    """A browser takes what it finds at another place for something new: a group closes, a figure is laid out anew."""
    usual = run("", page)
    # A notice comes, the chip lacks the format, the power is that of the chips.
    other = run("bits=4&sys=own&pue=nine", page)
    assert other.info
    for block in ("main", "sidebar"):
        before, after = places(getattr(usual, block)), places(getattr(other, block))
        assert before.keys() == after.keys()
        assert before == after


def test_home_says_the_model_s_number_first() -> None:
    app = run()
    compute = evaluate(Scenario()).yardstick("compute").central
    first = next(e.proto.body for e in app.get("html") if "<h1" in e.proto.body)
    assert f'<span class="tw-machine">{times(compute, "html")}</span>' in first
    assert "H100s" in first


def test_sources_page_lists_what_is_searched_for() -> None:
    app = run(encode(State(find="brain.power")), "sources")
    assert "brain.power" in set(app.dataframe[0].value["Key"])
    assert all("brain.power" in key or key for key in app.dataframe[0].value["Key"])
    assert "with “brain.power”" in texts(app)
    empty = run(encode(State(find="no such thing anywhere")), "sources")
    assert "No record holds" in texts(empty)


def test_a_row_s_records_are_shown_and_lead_back_to_all() -> None:
    app = run(encode(State(find="used:compute")), "sources")
    wanted = set(evaluate(Scenario()).yardstick("compute").facts)
    assert set(app.dataframe[0].value["Key"]) == wanted
    assert f"{len(wanted)} records used by Compute" in texts(app)
    assert app.text_input[0].value == "used:compute"
    app.button(key="other_records").click().run()
    assert len(app.dataframe[0].value) == len(records())
    assert address(app)["find"] == ""
    app.button(key="other_records").click().run()
    assert address(app)["find"] == "used:any"
    assert len(wanted) < len(app.dataframe[0].value) < len(records())


def test_every_record_can_be_found_on_the_sources_page() -> None:
    app = run("", "sources")
    assert set(app.dataframe[0].value["Key"]) == set(records())


def test_a_control_changes_the_headline_and_the_address() -> None:
    app = run()
    before = texts(app)
    app.selectbox(key=session_key("chip")).set_value("b200").run()
    assert not app.exception
    assert "B200s" in texts(app)
    assert texts(app) != before
    assert address(app)["chip"] == "b200"
    assert address(app)["sys"] == "own", "another chip than the system's makes the system one's own"


def test_a_system_brings_its_chip_and_count() -> None:
    app = run()
    app.selectbox(key=session_key("system")).set_value("summit").run()
    assert address(app)["chip"] == "v100"
    assert float(address(app)["n"]) == 27648


def test_going_to_another_page_and_back_keeps_every_setting() -> None:
    app = run(encode(LINKED))
    app.switch_page(str(PAGES["sources"])).run()
    assert address(app) == parameters(LINKED)
    app.switch_page(str(ROOT / "pages" / "gap.py")).run()
    assert address(app) == parameters(LINKED)


def test_bad_parameters_give_notices_and_a_whole_page() -> None:
    app = run("v=1&bits=7&pue=nan&chip=<script>alert(1)</script>&what=1")
    assert not app.exception
    assert len(app.info) == 1, "several notices share a box"
    said = app.info[0].value
    assert all(name in said for name in ("bits", "pue", "chip", "what"))
    assert "<script>" not in said
    assert address(app) == parameters(State())
    app.select_slider(key=session_key("pue")).set_value(1.5).run()
    assert not app.info, "a notice goes when a setting changes"


def test_a_slider_in_a_figure_moves_the_address_without_undoing_a_control() -> None:
    app = run()
    app.query_params["ladder"] = "summit"
    app.select_slider(key=session_key("pue")).set_value(1.5).run()
    assert address(app)["ladder"] == "summit"
    assert address(app)["pue"] == "1.5"


def test_the_menu_holds_every_page_once() -> None:
    named = [name for pages in MENU.values() for name in pages]
    assert named[0] == "gap", "the default page opens the menu"
    assert sorted(named) == sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


def test_the_menu_outlives_a_run_without_a_visitor() -> None:
    menu._pages.cache_clear()
    runpy.run_path(str(ROOT / "ui" / "main.py"))
    assert not run().exception


def test_every_field_has_a_label_and_a_control() -> None:
    assert set(LABELS) == set(field_rules())
    app = run()
    drawn = {w.key for w in [*app.selectbox, *app.select_slider]}
    assert drawn >= {session_key(name) for name in field_rules()}
    assert drawn >= {session_key(name) for name in MAIN}


def test_a_value_between_two_stops_of_a_slider_is_kept() -> None:
    state = State(Scenario(utilisation=0.4123456, brain_flop_per_s=1.0001e15))
    app = run(encode(state))
    assert address(app) == parameters(state)
    assert decode(encode(state))[0] == state


def captions(app: AppTest) -> str:
    """Join the sidebar's small print."""
    return " ".join(element.value for element in app.caption)


def test_a_system_without_a_known_chip_says_which_is_used() -> None:
    assert "not modelled" not in captions(run())
    system = next(key for key in labels("system") if system_chip(key) is None)
    app = run(encode(State(Scenario(system=system, chip="mi300x"))))
    assert "Its chip is not modelled; yardsticks use MI300Xs" in captions(app)


def test_a_format_that_the_chip_lacks_is_said() -> None:
    assert "only memory shrinks" not in captions(run())
    app = run(encode(State(Scenario(bits=4.0))))
    assert "Arithmetic runs at 8 bit on the H100; only memory shrinks" in captions(app)


def test_what_two_controls_assume_stands_under_them() -> None:
    def captions(link: str) -> str:
        return " ".join(one.value for one in run(link).sidebar.caption)

    assert "power limit" not in captions("util=0.4")
    assert "H100s are at their power limit" in captions("util=0.9")
    assert "2:4" not in captions("")
    assert "2:4" in captions("dens=0.1")


def test_the_spread_of_the_brain_s_flops_stands_under_them() -> None:
    app = run()
    keys = [w.key for w in app.sidebar if getattr(w, "key", None)]
    place = keys.index(session_key("brain_flop_per_s"))
    assert keys[place + 1] == session_key("brain_flops_range")
    widget = app.selectbox(key=session_key("brain_flops_range"))
    assert set(widget.options) == {"÷100 to ×100, published", "Exact"}
    assert len(widget.options) == len(field_rules()["brain_flops_range"].options)


@pytest.mark.parametrize(("agent", "wraps"), [("Mozilla/5.0 (iPhone) Mobile/15", True), ("Mozilla/5.0 (X11)", False)])
def test_a_phone_s_records_wrap_their_names(monkeypatch: pytest.MonkeyPatch, agent: str, wraps: bool) -> None:
    monkeypatch.setattr(type(st.context), "headers", {"User-Agent": agent})
    records_shown = run("", "sources").dataframe[0]
    # Streamlit wraps text in rows of more than 64 px.
    assert (records_shown.proto.row_height > 64) == wraps
