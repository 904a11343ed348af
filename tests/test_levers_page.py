"""The page of all levers: its finding, the waterfall and its slider, presets and switches, every machine."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import plotly.graph_objects as go
import pytest
from hypothesis import given
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from efficiency.choices import PAGE_CHOICES, lever_parameter
from efficiency.derived import records
from efficiency.lever_central import shares_at, standings
from efficiency.lever_evidence import check, evidence
from efficiency.lever_report import attribution_of
from efficiency.lever_settings import LEVERS, PRESETS
from efficiency.levers import attribute
from efficiency.link import State, decode, encode, parameters
from efficiency.say import factor
from efficiency.scenario import Scenario
from efficiency.stored_pairs import shipped_pairs
from tests.edges import HIDDEN_PX, cut_words, words_and_edges
from tests.quiet import eventually
from tests.reruns import assert_quick
from tests.scenarios import examples, states
from tests.test_pages import LINKED, ROOT, address, extreme, texts
from ui import levers, levers_controls, levers_tables
from ui.address import choice_key
from ui.figures.levers import evidence_colour, waterfall_alt, waterfall_dict
from ui.figures.levers_words import gain_words, over_brain
from ui.figures.tornado import ROWS, side_colour, tornado_alt, tornado_dict
from ui.theme import PALETTES, Mode, palette

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MODES: tuple[Mode, ...] = tuple(PALETTES)
PAGE = ROOT / "pages" / "levers.py"
SAMPLES = 64
BARE = re.compile(r"\b(nan|inf|None)\b")


def preset(name: str, **others: str) -> State:
    """Start at a preset."""
    chosen = {lever_parameter(lever): position for lever, position in PRESETS[name].settings.items()}
    return State(choices=chosen | others)


def run(link: str = "") -> AppTest:
    """Open the page as a visitor with this address does, and run it twice."""
    app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=60)
    for name, value in parse_qsl(link, keep_blank_values=True):
        app.query_params[name] = value
    app.run()
    app.switch_page(str(PAGE)).run()
    return app.run()


def plain(html: str) -> str:
    """Take what is read."""
    return re.sub(r"<[^>]+>", "", html).replace("\u00a0", " ")


def numbers(figure: go.Figure) -> list[float]:
    """Every number that a figure draws."""
    found: list[float] = []
    for part in (*figure.data, *(trace for frame in figure.frames for trace in frame.data)):
        for values in (part.x, part.y, getattr(part, "base", None)):
            found += [float(v) for v in (() if values is None else values) if v is not None]
    return found


@pytest.mark.parametrize("state", [State(), extreme(low=True), extreme(low=False), LINKED])
def test_page_runs_twice_and_keeps_its_address(state: State) -> None:
    app = run(encode(state))
    assert not app.exception
    assert not app.warning
    assert len(app.get("plotly_chart")) == 2
    assert all(chart.proto.alt for chart in app.get("plotly_chart"))
    assert address(app) == parameters(state)
    assert not BARE.search(plain(texts(app)))


def test_the_sentence_reads_the_result_out() -> None:
    first = next(e.proto.body for e in run().get("html") if "<h1" in e.proto.body)
    found = attribution_of(State())
    assert "every lever that research has shown" in first
    said = re.search(r'<span class="tw-machine">([\d.]+) of ([\d.]+)</span>', first)
    assert said
    assert float(said[1]) == pytest.approx(found.together.central, abs=0.05)
    assert float(said[2]) == pytest.approx(found.start.central, abs=0.05)
    assert "a factor of 14 is left" in plain(first)
    assert "2.8 to 190 times the brain" in plain(first), "the range stands beneath"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (preset("today"), "With no lever pulled, one synaptic event on H100s takes 105.8 times what the brain needs"),
        (preset("limit"), "physical limit closes all 5.8 powers of ten and needs 9.8 times less than the brain"),
        (preset("northpole", lv_task="token"), "NorthPole widens the gap by 0.1 powers of ten, to 14 times"),
        (
            preset("research", lv_task="token", lv_batch="best"),
            "takes the machine from 6.5 times less than the brain to 41 times less",
        ),
        (State(choices={"lv_precision": "products"}), "What is pulled here closes"),
    ],
)
def test_the_sentence_fits_every_outcome(state: State, said: str) -> None:
    assert said in plain(levers.headline_html(state))


def test_a_preset_sets_every_lever_and_the_first_one_the_machine_too() -> None:
    app = run(encode(LINKED))
    app.segmented_control(key=levers_controls.PRESET_KEY).set_value("neuromorphic").run()
    assert not app.exception
    for lever, position in PRESETS["neuromorphic"].settings.items():
        assert address(app)[lever_parameter(lever)] == position
    assert address(app)["chip"] == LINKED.scenario.chip
    assert "TrueNorth" in texts(app)
    app.segmented_control(key=levers_controls.PRESET_KEY).set_value("today").run()
    assert address(app)["chip"] == "h100"
    assert address(app)["sys"] == State().scenario.system
    assert "With no lever pulled" in texts(app)
    assert "TrueNorth, measured" not in texts(app)


def test_a_lever_by_itself_leaves_the_presets() -> None:
    app = run()
    assert app.segmented_control(key=levers_controls.PRESET_KEY).value == "research"
    app.selectbox(key=choice_key("lv_movement")).set_value("limit").run()
    assert not app.exception
    assert app.segmented_control(key=levers_controls.PRESET_KEY).value is None
    assert "What is pulled here closes" in texts(app)
    assert address(app)["lv_movement"] == "limit"


@pytest.mark.parametrize(
    ("name", "value"), [("lv_task", "token"), ("lv_batch", "best"), ("lv_quality", "lost"), ("lv_events", "rate")]
)
def test_every_switch_changes_the_result(name: str, value: str) -> None:
    app = run()
    before = texts(app)
    app.segmented_control(key=choice_key(name)).set_value(value).run()
    assert not app.exception
    assert address(app)[name] == value
    assert plain(texts(app)) != plain(before)


def test_options_of_a_list_can_be_told_apart() -> None:
    for lever in LEVERS:
        words = list(PAGE_CHOICES[lever_parameter(lever.key)].options.values())
        assert len(set(words)) == len(words)


@pytest.mark.parametrize("task", ["synapse", "token"])
def test_a_rerun_is_quick(task: str) -> None:
    """At most 80 ms for a state not asked before."""
    assert_quick(run(encode(State(choices={"lv_task": task}))))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", PRESETS)
def test_the_waterfall_ends_where_what_is_left_begins(name: str, mode: Mode) -> None:
    found = attribution_of(preset(name), SAMPLES)
    along = standings(found)
    figure = go.Figure(waterfall_dict(found, along, len(LEVERS), mode))
    assert [frame.name for frame in figure.frames] == [str(n) for n in range(10)]
    assert len({tuple(frame.traces) for frame in figure.frames}) == 1
    _, pulled, left, rim, interval, machine, card = figure.data
    shares = [bar.share.central for bar in found.bars]
    # Each bar begins where the one before it ends, from today to what is left.
    place = found.start.central
    for base, length, share in zip(pulled.base[1:], pulled.x[1:], shares, strict=True):
        assert base == pytest.approx(min(place, place - share), abs=1e-9)
        assert length == pytest.approx(abs(share), abs=1e-9)
        place -= share
    assert place == pytest.approx(found.remainder.central, abs=1e-9)
    assert machine.x[0] == pytest.approx(found.remainder.central, abs=1e-9)
    hatched, overshoot = left.x
    assert hatched == pytest.approx(max(found.remainder.central, 0.0), abs=1e-9)
    assert overshoot == pytest.approx(max(-found.remainder.central, 0.0), abs=1e-9)
    assert left.marker.pattern.shape == ("/", "")
    assert rim.x == interval.x
    assert interval.line.color == palette(mode).ink
    brain = figure.layout.shapes[-1]
    assert (brain.x0, brain.line.color) == (0, palette(mode).brain)
    assert math.isclose(interval.x[-3], found.remainder.low)
    assert over_brain(found.remainder.central, "html").partition(" times ")[0] in card.text[0]
    low, high = figure.layout.xaxis.range
    assert all(low <= x <= high for trace in (interval, machine) for x in trace.x if x is not None)


def test_the_slider_pulls_one_lever_after_another() -> None:
    found = attribution_of(State(), SAMPLES)
    along = standings(found)
    assert along[0] == found.start.central
    assert along[-1] == pytest.approx(found.remainder.central, abs=1e-9)
    figure = go.Figure(waterfall_dict(found, along, 3, "light"))
    assert figure.layout.sliders[0].active == 3
    assert figure.data[1].x == figure.frames[3].data[1].x
    for n, frame in enumerate(figure.frames):
        assert sum(length > 0 for length in frame.data[1].x[1:]) <= n
        assert frame.data[5].x == (along[n],)
    # The machine with the first levers is that of an attribution of these alone.
    first = {lever.key: "research" for lever in LEVERS[:3]}
    alone = attribute(found.task, first, 1.0, SAMPLES)
    assert along[3] == pytest.approx(alone.remainder.central, abs=1e-9)
    with pytest.raises(ValueError, match="active is 10 of 10 machines; allowed: one for each of 9 bars"):
        waterfall_dict(found, along, 10, "light")


def test_rows_do_not_touch_and_every_word_is_large_enough() -> None:
    for name in ("research", "northpole"):
        found = attribution_of(preset(name), SAMPLES)
        figure = go.Figure(waterfall_dict(found, standings(found), 9, "light"))
        notes = [note for note in figure.layout.annotations if note.xanchor == "left"]
        assert all(note.font.size >= 14 for note in figure.layout.annotations)
        heights = [note.y for note in notes]
        assert all(below - above >= 18 for above, below in pairwise(heights))
        bars = figure.data[1].y
        for bar, note in ((bar, note) for bar in bars for note in notes if "<b>" in note.text):
            assert abs(bar - note.y) >= 12
        words = " ".join(note.text for note in notes)
        for lever in LEVERS:
            assert lever.name in words
    assert words.count("as set") == 0
    assert sum(note.text == "as set" for note in figure.layout.annotations) == 7


def test_bars_are_coloured_by_what_they_rest_on() -> None:
    colours = palette("light")
    rests = ("in use", "measured", "modelled", "theory")
    assert len({evidence_colour(one, colours) for one in rests}) == 3
    assert evidence_colour("theory", colours) == colours.limit
    found = attribution_of(preset("northpole", lv_task="token"), SAMPLES)
    figure = waterfall_dict(found, standings(found), 9, "light")
    worse = [bar.share.central < 0 for bar in found.bars]
    assert sum(worse) == 1
    fills = figure["data"][1]["marker"]["color"][1:]
    assert fills[worse.index(True)] == colours.neutral, "a lever that costs is no gain's colour"
    assert gain_words(found.bars[worse.index(True)].share.central).startswith("×")


def test_the_text_alternative_says_the_numbers() -> None:
    found = attribution_of(State(), SAMPLES)
    alt = waterfall_alt(found, standings(found), 9)
    for bar in found.bars:
        assert bar.name in alt
    assert "14 times the brain" in alt
    alone = attribution_of(preset("today"), SAMPLES)
    assert "No lever is pulled" in waterfall_alt(alone, standings(alone), 0)


@pytest.mark.parametrize("mode", MODES)
def test_the_tornado_ranks_the_assumptions(mode: Mode) -> None:
    state = State()
    found = levers.answer_of(state).influences
    figure = go.Figure(tornado_dict(found, 1.15, mode))
    swings = figure.data[0].x
    assert len(swings) == ROWS
    assert list(swings) == sorted(swings, reverse=True)
    assert found[0].words in levers.tornado_headline(state)
    assert "1.5 powers of ten" in levers.tornado_headline(state)
    assert found[0].words in tornado_alt(found)
    colours = palette(mode)
    assert side_colour("synapses", colours) == colours.brain
    assert side_colour("host_share", colours) == colours.machine
    go.Figure(tornado_dict((), 0.0, mode))


def test_both_batches_are_on_the_page() -> None:
    state = State()
    found, other = levers.found_of(state), levers.other_of(state)
    assert found.batch == 1.0
    assert other.batch == found.best_batch > 1.0
    whole = attribute(found.task, {bar.key: bar.position for bar in found.bars}, other.batch, SAMPLES)
    assert other.shares == pytest.approx([bar.share.central for bar in whole.bars], abs=1e-9)
    assert other.overlap == pytest.approx(whole.overlap.central, abs=1e-9)
    assert (other.start, other.together, other.remainder) == pytest.approx(
        (whole.start.central, whole.together.central, whole.remainder.central), abs=1e-9
    )
    assert f"{found.best_batch:,.0f} brains" in levers.batches_sentence(state)
    best = State(choices={"lv_batch": "best"})
    assert levers.other_of(best).batch == 1.0
    assert shares_at(found, 1.0).shares == pytest.approx([bar.share.central for bar in found.bars], abs=1e-9)


def test_the_overlap_is_said_with_its_sign() -> None:
    over, under = (State(choices={"lv_batch": batch}) for batch in ("one", "best"))
    assert "remove the same energy: 1.3" in levers.overlap_headline(over)
    assert "1.3, is overlap, most with" in levers.overlap_sentence(over)
    assert "clear the way" in levers.overlap_headline(under)
    assert "an overlap of −0.4" in levers.overlap_sentence(under)
    assert levers.overlap_sentence(preset("today")) == ""


def test_the_table_says_what_each_position_rests_on_and_where_it_holds() -> None:
    table = levers_tables.levers_table(State())
    for bar in attribution_of(State(), SAMPLES).bars:
        assert f"<b>{bar.name}</b>" in table
        assert bar.setting.evidence in table
        assert bar.setting.narrow in table.replace("&#x27;", "'")
    assert "as no two brains do" in table
    assert "Overlap" in table


def test_what_was_measured_stands_apart() -> None:
    table = plain(levers_tables.evidence_table(State()))
    by_lever = {one.lever for one in evidence()}
    assert by_lever == {lever.key for lever in LEVERS}
    eight = evidence()[0]
    fp8 = [p for p in shipped_pairs() if p.lever == "precision" and (p.before, p.after) == ("16 bit", "8 bit")]
    gains = sorted(1 / p.measured for p in fp8)
    assert eight.count == len(gains)
    assert gains[0] <= eight.low <= eight.central <= eight.high <= gains[-1]
    assert f"measured, {len(gains)} pairs" in table
    assert "only at the lowest latency of the GPU" in table
    for one in evidence():
        assert 0 < one.low <= one.central <= one.high
        assert one.narrow
        assert all(key in records() for key in one.facts)
    assert "Nothing of this is part of a bar" in levers_tables.evidence_footer()
    assert "in theory, 2 each" in levers_tables.evidence_headline()


@pytest.mark.parametrize(("name", "chip"), [("neuromorphic", "TrueNorth"), ("analog", "HERMES")])
def test_a_built_chip_stands_beside_its_preset(name: str, chip: str) -> None:
    found = attribution_of(preset(name), SAMPLES)
    beside = check(found, name)
    assert beside is not None
    assert beside.name == chip
    assert beside.modelled_j < found.pulled_j, "chips alone are less than the facility"
    assert 0.1 < beside.modelled_j / beside.central_j < 10
    said = plain(levers.check_html(preset(name)))
    assert "No like-for-like test" in said
    assert records()[PRESETS[name].check].note[:10] in said
    assert check(attribution_of(preset(name, lv_task="token"), SAMPLES), name) is None
    assert levers.check_html(State()) == ""


@examples(40)
@given(states())
def test_every_machine_of_every_scenario_draws(state: State) -> None:
    found = levers.found_of(state)
    drawn = [levers.waterfall_figure_of(state, "dark"), levers.tornado_figure_of(state, "light")]
    for figure in drawn:
        assert all(map(math.isfinite, numbers(figure)))
    low, high = drawn[0].layout.xaxis.range
    assert low <= 0.0 < high
    assert min(found.today_j, found.pulled_j, found.brain_j) > 0
    for bar in drawn[0].data[:3]:
        assert all(length >= 0 for length in bar.x)
    said = plain(
        " ".join(
            (
                levers.headline_html(state),
                levers.overlap_headline(state),
                levers.overlap_sentence(state),
                levers.batches_sentence(state),
                levers.tornado_headline(state),
                levers.footer(state),
                levers.check_html(state),
                levers_tables.levers_table(state),
                levers_tables.evidence_table(state),
                levers.alt(state),
            )
        )
    )
    assert not BARE.search(said)


def test_a_machine_of_one_s_own_is_no_preset() -> None:
    own = State(Scenario(system="own", chip="b200"), choices=preset("today").choices)
    assert levers.preset_of(preset("today")) == "today"
    assert levers.preset_of(own) is None
    assert levers.preset_of(State(own.scenario)) == "research"


def test_the_slider_pulls_one_lever_after_the_other(server: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 1200})
    page.goto(f"{server}/levers?lv_pulled=0")
    label = page.locator(".st-key-levers .slider-label").first
    expect(label).to_have_text("Pulled: none")
    page.locator(".st-key-levers .js-plotly-plot[role=slider]").press("End")
    expect(label).to_have_text("Pulled: all 9")
    words = page.locator(".st-key-levers .textpoint text")
    assert eventually(page, lambda: "times the brain" in " ".join(words.all_text_contents()))
    expect(page).to_have_url(re.compile("lv_pulled=9"))
    page.close()


@pytest.mark.parametrize("width", [360, 390, 1280])
def test_no_word_is_cut_and_nothing_is_wider_than_the_screen(server: str, browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    page.goto(f"{server}/levers?{encode(preset('limit'))}")
    expect(page.locator(".st-key-tornado .main-svg").first).to_be_visible()
    page.evaluate("document.fonts.ready")
    assert eventually(page, lambda: page.locator(".stMain").evaluate("e => e.scrollWidth - e.clientWidth") <= 0)
    keys = ("levers", "tornado")
    assert len(words_and_edges(page, *keys)) > 50
    assert eventually(page, lambda: not cut_words(page, *keys, from_px=HIDDEN_PX)), cut_words(page, *keys)
    page.close()


def test_the_table_says_why_a_theory_holds() -> None:
    said = plain(levers_tables.levers_table(preset("limit")))
    for reason in ("a weight that is used where it lies is not read", "no work is lost", "no unit waits"):
        assert reason in said


@pytest.mark.parametrize(
    ("pulled", "said"), [("1", "Pulling precision alone closes"), ("3", "Pulling the first 3 levers")]
)
def test_the_headline_says_what_the_figure_shows(pulled: str, said: str) -> None:
    state = decode(f"lv_pulled={pulled}")[0]
    along = levers.answer_of(state).along
    assert said in levers.headline_html(state)
    assert f"a factor of {factor(10.0 ** along[int(pulled)], 'html')} is left" in levers.headline_html(state)
    assert "All levers gain" in levers.range_sentence(state)
    # Where the rest changes nothing, all are pulled.
    assert levers.headline(decode("lv_pulled=8")[0]) == levers.headline(decode("lv_pulled=9")[0])


def test_who_shares_the_weights_is_said() -> None:
    answer = levers.answer_of(State())
    assert answer.sharing == answer.found.best_batch
    assert answer.unshared > answer.found.remainder.central
    assert f"{answer.sharing:,.0f} brains share the same weights" in levers.range_sentence(State())
    assert "share the same weights" not in levers.range_sentence(decode("lv_use=today")[0])
    assert "share the same weights" not in levers.range_sentence(decode("lv_task=token")[0])
