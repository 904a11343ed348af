"""Figures carry the numbers they were given, in our own manner, and cost little."""

from __future__ import annotations

import itertools
import math
import re
import subprocess
import sys
from dataclasses import dataclass
from types import SimpleNamespace

import plotly.graph_objects as go
import pytest

from efficiency.link import State
from efficiency.say import factor
from ui.figures.gap import NARROWEST_PX, gap_alt, gap_dict, gap_figure, short_work
from ui.figures.ladder import ladder_alt, ladder_dict, ladder_figure
from ui.figures.ledger import ledger_alt, ledger_dict, ledger_figure, share_text
from ui.figures.rail import MAXIMUM_FRAMES
from ui.figures.rungs import Rung, brains, watts
from ui.theme import CONFIG, PALETTES, SMALL_PX, palette, template
from ui.views import views

MODES = ("light", "dark")


@dataclass(frozen=True)
class System:
    key: str
    label: str
    year: int
    power_w: float
    low_w: float
    high_w: float
    kind: str = "reported"


def yardstick(key, low, central, high, hollow=False, share=0.84):
    return SimpleNamespace(
        key=key,
        name=key.capitalize(),
        low=low,
        central=central,
        high=high,
        unit_of_work="one bit sent, 31 pJ",
        driver="brain FLOP/s",
        driver_share=share,
        hollow=hollow,
    )


GAP = SimpleNamespace(
    yardsticks=(
        yardstick("nameplate", 1.2e6, 7.5e6, 3.8e7, hollow=True),
        yardstick("memory", 2.6e3, 2.6e4, 2.6e5),
        yardstick("learning", 70, 4137, 4.6e4),
        yardstick("compute", 1.8, 183, 1.8e4),
        yardstick("synapse", 2, 16, 140),
        yardstick("communication", 0.3, 0.5, 1.2),
        yardstick("stream", 0.17, 0.5, 1.6),
        yardstick("token", 0.03, 0.12, 0.6, share=0.29),
    )
)
RUNGS = [
    Rung("brain", "One brain", 20, 17, 23, "brain"),
    Rung("laptop", "Laptop", 60, 30, 100, "machine"),
    Rung("gpu", "GPU", 700, 600, 1000, "machine"),
    Rung("server", "Server of 8 GPUs", 10_200, 8_000, 14_000, "machine"),
    Rung("rack", "Rack of 72 GPUs", 132e3, 120e3, 140e3, "machine"),
    Rung("cluster", "Large cluster", 20e6, 15e6, 30e6, "machine"),
    Rung("site", "Gigawatt site", 1e9, 0.8e9, 1.2e9, "machine"),
    Rung("centres", "World’s data centres", 47e9, 40e9, 60e9, "machine"),
    Rung("humans", "All human brains", 1.64e11, 1.4e11, 1.9e11, "brain"),
]
SYSTEMS = [
    System(
        f"s{index}",
        f"System {index}",
        1985 + index,
        60 * 1.5**index,
        50 * 1.5**index,
        80 * 1.5**index,
    )
    for index in range(MAXIMUM_FRAMES)
]
LEDGER = SimpleNamespace(
    parts=tuple(
        SimpleNamespace(key=key, name=key.capitalize(), energy_j=energy, inferred=inferred)
        for key, energy, inferred in (
            ("arithmetic", 0.12, False),
            ("instruction", 0.031, True),
            ("on_chip", 0.2, True),
            ("off_chip", 0.62, False),
            ("interconnect", 0.0016, False),
            ("static", 0.33, False),
            ("host", 0.2, False),
            ("cooling", 0.09, False),
            ("lost", 0.0074, False),
        )
    ),
    total_j=1.6,
    per="output token",
)
DICTS = {
    "gap": lambda mode: gap_dict(GAP, mode),
    "ladder": lambda mode: ladder_dict(RUNGS, SYSTEMS, 7, mode),
    "ledger": lambda mode: ledger_dict(LEDGER, mode),
}
FIGURES = {
    "gap": lambda mode: gap_figure(GAP, mode),
    "ladder": lambda mode: ladder_figure(RUNGS, SYSTEMS, 7, mode),
    "ledger": lambda mode: ledger_figure(LEDGER, mode),
}
EVERY = [(name, mode) for name in DICTS for mode in MODES]


def trace(figure, name):
    return next(each for each in figure.data if each.name == name)


def texts(figure):
    return " | ".join(note.text for note in figure.layout.annotations)


def walk(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, path)
    else:
        yield path, value


@pytest.mark.parametrize(("name", "mode"), EVERY)
def test_validates_in_full(name, mode):
    validated = go.Figure(DICTS[name](mode))
    assert len(validated.data) == len(FIGURES[name](mode).data)


@pytest.mark.parametrize(("name", "mode"), EVERY)
def test_sets_its_own_template(name, mode):
    figure = FIGURES[name](mode)
    assert figure.layout.template.layout.paper_bgcolor == PALETTES[mode].ground
    assert figure.layout.template.layout.font.color == PALETTES[mode].ink
    assert figure.layout.template.layout.font.family.startswith("Inter")


@pytest.mark.parametrize(("name", "mode"), EVERY)
def test_no_text_is_smaller_than_allowed(name, mode):
    layout = DICTS[name](mode)
    # The hidden labels of a slider's steps are the one exception: they are transparent.
    sizes = [
        value
        for path, value in walk(layout)
        if path[-1] == "size" and path[-2] in {"font", "textfont", "tickfont"} and path[-3:-1] != ("sliders", "font")
    ]
    said = [str(text) for path, text in walk(layout) if path[-1] == "text"]
    inline = [int(size) for text in said for size in re.findall(r"font-size:(\d+)", text)]
    assert min(sizes + inline) >= SMALL_PX == 14
    for slider in layout["layout"].get("sliders", []):
        assert slider["font"]["color"] == "rgba(0,0,0,0)"
        assert slider["currentvalue"]["font"]["size"] >= 16


@pytest.mark.parametrize(("name", "mode"), EVERY)
def test_no_margin_depends_on_a_width(name, mode):
    layout = FIGURES[name](mode).layout
    assert layout.width is None
    assert layout.height > 300
    assert (layout.margin.l, layout.margin.r) == (0, 0)


@pytest.mark.parametrize("mode", MODES)
def test_template_is_complete_and_validates(mode):
    built = template(mode)
    assert built.layout.xaxis.fixedrange and built.layout.yaxis.fixedrange
    assert built.layout.hoverlabel.font.color == palette(mode).ink
    assert len(built.layout.colorway) == 4


def contrast(first, second):
    def luminance(colour):
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", MODES)
def test_words_are_readable_and_intervals_visible(mode):
    colours = PALETTES[mode]
    for ink in (colours.ink, colours.muted, colours.brain_ink, colours.machine):
        assert contrast(ink, colours.ground) >= 4.5
    for ink in (colours.ink, colours.muted):
        assert contrast(ink, colours.band) >= 4.5
    assert contrast(colours.machine_soft, colours.ground) >= 1.7
    assert contrast(colours.machine, colours.machine_soft) >= 2


def test_unknown_mode_is_refused():
    with pytest.raises(ValueError, match=r"sepia.*light, dark"):
        palette("sepia")


def test_config_hides_what_is_not_ours():
    assert CONFIG["displayModeBar"] is False
    assert CONFIG["displaylogo"] is False
    assert CONFIG["showSendToCloud"] is False
    assert CONFIG["responsive"] is True


@pytest.mark.parametrize("mode", MODES)
def test_gap_carries_its_numbers(mode):
    figure = gap_figure(GAP, mode)
    assert list(trace(figure, "central").x) == [row.central for row in GAP.yardsticks]
    solid = [row for row in GAP.yardsticks if not row.hollow]
    drawn = [value for value in trace(figure, "interval").x if value is not None]
    assert drawn == [value for row in solid for value in (row.low, row.high)]
    outline = trace(figure, "outline")
    assert (min(outline.x), max(outline.x)) == (GAP.yardsticks[0].low, GAP.yardsticks[0].high)
    said = [text.strip() for text in trace(figure, "value").text]
    assert said == [f"{factor(row.central, 'html')}×" for row in GAP.yardsticks]
    assert "brain = 1" in texts(figure)
    assert "the claim" in texts(figure)
    ticks = trace(figure, "central").marker.line.color
    assert ticks[0] == PALETTES[mode].neutral
    assert set(ticks[1:]) == {PALETTES[mode].machine}


def test_gap_s_brain_is_marked_in_all_rows_and_crosses_no_words():
    figure = gap_figure(GAP, "light")
    line = trace(figure, "brain")
    marks = list(zip(line.y[::3], line.y[1::3], strict=True))
    assert set(line.x) == {1, None}
    assert [low + 0.5 for low, _ in marks] == list(range(len(GAP.yardsticks)))
    row_px = (figure.layout.height - figure.layout.margin.t - figure.layout.margin.b) / len(GAP.yardsticks)
    labels = [note for note in figure.layout.annotations if note.yref == "y"]
    for note, (_, high) in zip(reversed(labels), marks, strict=True):
        # Two lines of the small letters, as Plotly sets them, 2 px below the row's top.
        assert (note.y - high) * row_px >= 2 + 2 * 1.3 * note.font.size
    thread = figure.layout.shapes[1]
    assert (thread.x0, thread.x1, thread.y0, thread.y1, thread.line.width) == (1, 1, 0, 1, 1)


def test_gap_s_centre_hides_no_interval_on_a_phone():
    figure = gap_figure(GAP, "light")
    marker = trace(figure, "central").marker
    start, end = figure.layout.xaxis.range
    for row, tick_px in zip(GAP.yardsticks, marker.line.width, strict=True):
        interval_px = math.log10(row.high / row.low) / (end - start) * NARROWEST_PX
        assert tick_px < interval_px - 4
    assert marker.symbol == "line-ns"


def test_gap_names_a_range_s_source_only_where_there_is_one():
    said = texts(gap_figure(GAP, "light"))
    assert said.count("<br>range: brain FLOP/s") == len(GAP.yardsticks) - 1
    assert said.count("<br>range: many, brain FLOP/s first") == 1
    hovers = trace(gap_figure(GAP, "light"), "central").hovertext
    assert "range: many, brain FLOP/s first" in hovers[-1]
    assert "many" not in hovers[0]


@pytest.mark.parametrize(
    ("low", "central", "high"),
    [
        (1e-9, 1e-8, 1e-7),
        (1e-3, 1, 1e9),
        (1e11, 1e12, 1e13),
        (0.9, 1, 1.1),
        (1e-5, 1e-1, 0.99),
        (1e-4, 1e-3, 10**-1.76),
        (1e-2, 1e3, 1e8),
        (4000, 4444, 5000),
    ],
)
def test_gap_values_stay_on_the_axis(low, central, high):
    rows = (*GAP.yardsticks, yardstick("extreme", low, central, high))
    figure = gap_figure(SimpleNamespace(yardsticks=rows), "light")
    start, end = figure.layout.xaxis.range
    assert start < math.log10(low) and math.log10(high) < end
    values = trace(figure, "value")
    assert values.textposition == "middle right"
    decades_per_px = (end - start) / NARROWEST_PX
    for row, place, text in zip(rows, values.x, values.text, strict=True):
        # Widths as a browser measures them: digits of 9.9 px, a space of 8 px, raised digits of 7 px.
        plain, _, raised = text.strip("\u2002×").removesuffix("</sup>").partition("<sup>")
        widths = {",": 5.2, ".": 5.2}
        px = 8 + sum(widths.get(c, 9.9) for c in plain) + sum(0.7 * widths.get(c, 9.9) for c in raised) + 10.8
        reach = math.log10(place) + px * decades_per_px
        assert math.log10(row.high) <= math.log10(place) + 1e-9
        assert reach <= end * 1.0001
        assert math.log10(place) >= 0.1 or reach < -0.1 or math.log10(row.high) > 0, "across the brain's line"


@pytest.mark.parametrize(
    ("name", "work", "said"),
    [
        ("Learning", "Llama 3.1 405B, 20 years", "Llama 3.1 405B, 20 years"),
        ("Learning", "Llama 3.1 405B shared by 10 billion people, 20 years", "Llama 3.1 405B for 10 bn, 20 years"),
        ("Learning", "Llama 4 Maverick shared by 10 billion people, 20 years", "Llama 4 Maverick for 10 bn, 20 years"),
        ("Communication", "one bit delivered, 0.025 pJ", "one bit delivered, 0.025 pJ"),
        ("Synaptic event", "one multiply-add each step, 0.27 pJ", "multiply-add a step, 0.27 pJ"),
        ("Learning", "a run that nobody can name in one breath, 20 years", "a run that nobody can na…, 20 years"),
    ],
)
def test_a_long_unit_of_work_is_said_shortly(name, work, said):
    row = yardstick(name.lower(), 1, 2, 3)
    row.name, row.unit_of_work = name, work
    assert short_work(row) == said
    assert work in gap_alt(SimpleNamespace(yardsticks=(row,)))


def test_gap_alt_says_every_number():
    alt = gap_alt(GAP)
    for row in GAP.yardsticks:
        assert f"{row.name} ({row.unit_of_work}): {factor(row.central)} times" in alt
        assert f"{factor(row.low)} to {factor(row.high)}" in alt
    assert alt.count("; range: ") == len(GAP.yardsticks)


@pytest.mark.parametrize("active", [0, 7, MAXIMUM_FRAMES - 1])
def test_ladder_starts_at_its_active_system(active):
    figure = ladder_figure(RUNGS, SYSTEMS, active, "dark")
    system = SYSTEMS[active]
    assert figure.layout.sliders[0].active == active
    assert figure.layout.sliders[0].steps[active].label == f"{system.label}, {system.year}"
    assert list(trace(figure, "chosen").y) == [20, system.power_w]
    assert list(trace(figure, "interval").y) == [system.low_w, system.high_w]
    assert trace(figure, "card").text[0] == f"<b>{brains(system.power_w)}</b>"
    assert watts(system.power_w) in trace(figure, "card").text[1]


def test_ladder_frames_carry_changed_data_only():
    built = ladder_dict(RUNGS, SYSTEMS, 3, "light")
    assert [frame["name"] for frame in built["frames"]] == [system.key for system in SYSTEMS]
    for frame, system in zip(built["frames"], SYSTEMS, strict=True):
        assert "layout" not in frame
        assert len(frame["traces"]) == len(frame["data"])
        assert all(set(data) <= {"x", "y", "text", "textposition"} for data in frame["data"])
        names = [built["data"][index]["name"] for index in frame["traces"]]
        chosen = frame["data"][names.index("chosen")]
        assert chosen["y"] == [20, system.power_w]
    step = built["layout"]["sliders"][0]["steps"][5]
    assert step["args"][0] == [SYSTEMS[5].key]
    assert step["args"][1]["frame"] == {"duration": 0, "redraw": False}


def test_ladder_draws_a_system_without_a_range():
    system = System("s", "Somewhere", 2026, 1e9, None, None)
    figure = ladder_figure(RUNGS, [system], 0, "light")
    assert list(trace(figure, "interval").y) == [1e9, 1e9]
    assert trace(figure, "card").text[1] == "1 GW"
    assert "range" not in ladder_alt([], [system], 0)


def test_ladder_rungs_say_power_and_brains():
    figure = ladder_figure(RUNGS, SYSTEMS, 0, "light")
    assert list(trace(figure, "rungs").y) == [rung.power_w for rung in RUNGS]
    assert "700 W · 35 brains" in texts(figure)
    assert "160 GW · 8.2 billion brains" in texts(figure)
    assert "20 W · 1 brain" in texts(figure)


@pytest.mark.parametrize("rungs", [RUNGS, RUNGS[::-1], [*RUNGS, Rung("desk", "Desktop", 61, 50, 70, "machine")]])
def test_ladder_labels_keep_their_distance(rungs):
    layout = ladder_figure(rungs, SYSTEMS, 0, "light").layout
    low, high = layout.yaxis.range
    pixels = layout.yaxis.domain[1] * (layout.height - layout.margin.b)
    places = sorted((note.y - low) / (high - low) * pixels + note.yshift for note in layout.annotations)
    assert min(after - before for before, after in itertools.pairwise(places)) >= 40
    assert places[0] >= 0


@pytest.mark.parametrize("count", [0, MAXIMUM_FRAMES + 1])
def test_ladder_refuses_too_many_frames_or_none(count):
    systems = (SYSTEMS * 2)[:count]
    with pytest.raises(ValueError, match=f"systems has {count} entries"):
        ladder_figure(RUNGS, systems, 0, "light")


def test_ladder_refuses_a_position_off_its_end():
    with pytest.raises(ValueError, match="active is 41"):
        ladder_figure(RUNGS, SYSTEMS, 41, "light")


def test_ladder_alt_says_every_rung_and_the_chosen_system():
    alt = ladder_alt(RUNGS, SYSTEMS, 7)
    assert f"{SYSTEMS[7].label}, {SYSTEMS[7].year} draws {watts(SYSTEMS[7].power_w)}" in alt
    assert brains(SYSTEMS[7].power_w) in alt
    assert all(f"{rung.label} {watts(rung.power_w)}, {brains(rung.power_w)}" in alt for rung in RUNGS)


@pytest.mark.parametrize("mode", MODES)
def test_ledger_bars_add_up_to_the_total(mode):
    figure = ledger_figure(LEDGER, mode)
    for name in ("total", "parts"):
        bars = trace(figure, name)
        assert list(bars.x) == [part.energy_j for part in LEDGER.parts]
        ends = [base + width for base, width in zip(bars.base, bars.x, strict=True)]
        assert bars.base[0] == 0
        assert list(bars.base[1:]) == pytest.approx(ends[:-1], rel=1e-12)
        assert ends[-1] == pytest.approx(LEDGER.total_j, rel=1e-12)
        assert [shape == "/" for shape in bars.marker.pattern.shape] == [part.inferred for part in LEDGER.parts]
    assert figure.layout.xaxis.type in (None, "linear")
    assert "<b>total 1.6 J</b> per output token" in texts(figure)
    assert "inferred by difference" in texts(figure)


@pytest.mark.parametrize(
    ("joules", "said"),
    [(1.28, "80 %"), (0.12, "7.5 %"), (0.0064, "0.4 %"), (0.0001, "< 0.1 %"), (0, "0 %")],
)
def test_shares_are_said_shortly(joules, said):
    assert share_text(SimpleNamespace(energy_j=joules), LEDGER) == said


def test_ledger_alt_says_every_part():
    alt = ledger_alt(LEDGER)
    assert "total 1.6 J per output token" in alt
    assert "Off_chip 0.62 J, 39 %" in alt
    assert alt.count("by difference") == 2


def test_builders_never_touch_streamlit():
    code = (
        "import sys, ui.theme, ui.figures.gap, ui.figures.ladder, ui.figures.ledger;"
        "sys.exit('streamlit' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", [name for name, view in views().items() if view.slider])
def test_every_frame_names_every_bar(name: str) -> None:
    """Plotly clears bars that a frame does not name."""
    plain = views()[name].figure(State(), "light").to_dict()
    bars = {i for i, trace in enumerate(plain["data"]) if trace.get("type") == "bar"}
    assert all(bars <= set(frame.get("traces", range(len(frame["data"])))) for frame in plain["frames"])
