"""The sentences and caches of the page on clusters: what sites draw, what one's own would, and what that is beside."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from html import escape
from typing import Final

import plotly.graph_objects as go

from efficiency import __version__, catalogue
from efficiency.choices import CHIP_STEPS
from efficiency.cluster import Cluster, cluster_parts_w, cluster_range_w, peak_flop_s
from efficiency.cluster_systems import BASES, NamedSystem, largest, named_systems
from efficiency.cluster_words import count, share, share_of
from efficiency.facts import DATA_VERSION, fact, sources
from efficiency.grids import GRID_NAMES, beside
from efficiency.link import State
from efficiency.say import quantity, significant
from ui.figures.cluster import GLYPHS, Brain, Step, map_figure
from ui.figures.cluster_parts import parts_figure, percent
from ui.names import chip_name, plural
from ui.record_links import records_link
from ui.theme import Mode

FIRST, LAST = 2012, 2025
PUBLISHED: Final = "published"
_WHOSE: Final = {
    "us": "the US",
    "china": "China’s",
    "germany": "Germany’s",
    "ireland": "Ireland’s",
    "world": "the world’s",
}


def step_names() -> list[str]:
    """Spell the slider's stops as the link does."""
    return [str(step) for step in CHIP_STEPS]


def built(state: State, chips: float) -> Cluster:
    """The cluster that a state's choices build of so many chips."""
    chosen = state.choices
    shares = [None if chosen[name] == PUBLISHED else float(chosen[name]) for name in ("cl_host", "cl_network")]
    at_work = float(chosen["cl_work"]) / 100.0
    return Cluster(state.scenario.chip, chips, at_work, shares[0], shares[1], float(state.scenario.pue))


@functools.lru_cache(maxsize=64)
def _steps(unit: Cluster, grid: str, home: str) -> tuple[Step, ...]:
    """Every position of the slider; a cluster's power grows with its chips, so one is drawn for all."""
    one = cluster_range_w(unit)
    flop_s = float(peak_flop_s(unit.chip, 1.0))
    name, found = chip_name(unit.chip), []
    for chips in CHIP_STEPS:
        against = beside(one.central * chips, grid, home)
        found.append(
            Step(
                str(chips),
                f"{chips:,} {name if chips == 1 else plural(name)}",
                flop_s * chips,
                *(end * chips for end in one),
                (
                    f"{count(against.brains)} brains · {count(against.households)} homes",
                    f"{count(against.reactors)} reactors · {share_of(against.grid_share, f'{_WHOSE[grid]} grid')}",
                ),
            )
        )
    return tuple(found)


def steps_of(state: State) -> tuple[Step, ...]:
    """Every position of the slider for a state's choices."""
    return _steps(built(state, 1.0), state.choices["cl_grid"], state.choices["cl_home"])


@functools.cache
def brain() -> Brain:
    """The brain, as the map shows it."""
    power, flops = fact("brain.power"), fact("brain.flops")
    return Brain(power.si, flops.si_low, flops.si, flops.si_high)


@functools.lru_cache(maxsize=128)
def _map(unit: Cluster, grid: str, home: str, at: str, chosen: str, mode: Mode) -> go.Figure:
    return map_figure(named_systems(), brain(), _steps(unit, grid, home), step_names().index(at), chosen, mode)


def map_figure_of(state: State, mode: Mode) -> go.Figure:
    """Draw the map, the slider standing where the state says."""
    chosen = state.choices
    unit = built(state, 1.0)
    return _map(unit, chosen["cl_grid"], chosen["cl_home"], chosen["cl_count"], state.scenario.system, mode)


def headline_html() -> str:
    """Say how sites grew, what the estimate rests on, and what is announced."""
    first, last = largest(FIRST), largest(LAST)
    most = max(named_systems(), key=lambda one: one.power_w)
    gain = last.flop_per_j / first.flop_per_j
    return (
        f'<h1 class="tw-headline">In {LAST} the largest AI site {_has(last)} <span class="tw-machine">'
        f"{quantity(last.power_w, 'W')}</span>, as much as {count(beside(last.power_w).brains)} brains</h1>"
        f'<p class="tw-range">In {FIRST} {escape(first.label)}, the fastest of its year, drew '
        f"{quantity(first.power_w, 'W')}. Largest of those published: {escape(last.label)}, {last.standing} for the "
        f"whole facility, peak arithmetic {BASES[last.basis]}. "
        f"{quantity(most.power_w, 'W')} is announced for {most.year}. Peak arithmetic per joule rose "
        f"{significant(gain, 2)} times, from 32 bits to 16; power rose {significant(last.power_w / first.power_w, 2)} "
        "times.</p>"
    )


def _has(one: NamedSystem) -> str:
    """Say whether a power was drawn or is somebody's estimate."""
    return {"measured": "drew", "reported": "has, by its owner,", "estimated": "is estimated at"}[one.standing]


def map_footer(state: State) -> str:
    """Say what is drawn and where it is from, as HTML."""
    cluster = built(state, 1.0)
    host = "published 0.25 to 0.82" if cluster.host is None else f"{cluster.host:g}"
    network = "published 0.02 to 0.1" if cluster.network is None else f"{cluster.network:g}"
    return (
        "Sites: capacity or power at the facility as published, mostly by Epoch AI; measured ones ran a benchmark. "
        "Compute: peak, dense, 16 bits (32 in 2012), from chips, or halved from counts by 8-bit peaks. Your cluster: "
        f"chips at work draw 0.9 of their limit, hosts {host} and network {network} of it, "
        f"PUE {significant(cluster.pue)} as chosen; its draw lies below the capacity that a site is built for. "
        "5 to 95 % · "
        f"{records_link(state, 'system.', 'sites')} · {records_link(state, 'grid.', 'homes, reactors, grids')} · "
        f"data {DATA_VERSION} · model {__version__}"
    )


def parts_of(state: State) -> tuple[float, ...]:
    """What one chip's share of the cluster draws, by part [W]."""
    one = built(state, 1.0)
    parts = cluster_parts_w(one.chip, 1.0, one.utilisation, one.host, one.network, one.pue)
    return tuple(float(part) for part in parts)


@functools.lru_cache(maxsize=64)
def _parts(parts: tuple[float, ...], mode: Mode) -> go.Figure:
    return parts_figure(parts, mode)


def parts_figure_of(state: State, mode: Mode) -> go.Figure:
    """Draw what a watt at the meter goes to."""
    return _parts(parts_of(state), mode)


def parts_headline(state: State) -> str:
    """Say how much of a watt the chips take."""
    parts = parts_of(state)
    total = sum(parts)
    name = plural(chip_name(state.scenario.chip))
    return (
        f"Of each watt at the meter {percent(parts[0] / total)} reaches the {name}; "
        f"one takes {quantity(total, 'W', 2)} with all that it needs"
    )


def parts_footer(state: State) -> str:
    """Say what is published and what is assumed."""
    one = built(state, 1.0)
    waiting, working = (
        cluster_parts_w(one.chip, 1.0, at_work, one.host, one.network, one.pue).total_w() for at_work in (0.0, 1.0)
    )
    hosts = "" if one.host == 0.0 else ", hosts at half their power"
    network = "" if one.network == 0.0 else ", the network on"
    return (
        f"A cluster that waits still draws {percent(float(waiting / working))} of what it draws at work: chips idle"
        f"{hosts}{network}; inside a job, chips that wait for others draw more (Failures). The share of hosts is "
        "estimated from measured nodes, that of the "
        f"network assumed · {records_link(state, 'facility.', 'sources')}"
    )


def systems_headline() -> str:
    """Say how the powers of the sites are known."""
    found = [one.standing for one in named_systems()]
    said = {standing: found.count(standing) for standing in GLYPHS}
    return (
        f"Of {len(found)} sites the power of {said['measured']} was measured; {said['reported']} are reported, "
        f"{said['estimated']} estimated, {said['announced']} announced"
    )


def systems_html(state: State) -> str:
    """Set all sites as a table in HTML, each with what it is beside and where it is from."""
    grid, home = state.choices["cl_grid"], state.choices["cl_home"]
    heads = (
        *("Site", "Power", "Known as", "Peak, 16 bits", "Brains", "Homes", "Reactors"),
        *(f"{escape(GRID_NAMES[grid])}", "Sources"),
    )
    body = "".join(_row(one, grid, home) for one in named_systems())
    return (
        '<div class="tw-scroll"><table class="tw-table"><thead><tr>'
        + "".join(f"<th>{head}</th>" for head in heads)
        + f"</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(one: NamedSystem, grid: str, home: str) -> str:
    against = beside(one.power_w, grid, home)
    span = f"<br>{quantity(one.low_w, 'W', 2)} to {quantity(one.high_w, 'W', 2)}" if one.high_w > one.low_w else ""
    later = f"<br>{quantity(one.later_w, 'W')} {one.later}, not seen at its source" if one.later else ""
    unconfirmed = "<br>not seen at its source" if one.trust == "unconfirmed" else ""
    cells = (
        f"{quantity(one.power_w, 'W')}{span}",
        f"{GLYPHS[one.standing]} {one.standing}{unconfirmed}{later}",
        quantity(one.flop_s, "FLOP/s", 2) + _width(one),
        count(against.brains),
        count(against.households),
        count(against.reactors),
        share(against.grid_share),
        source_links(one.sources),
    )
    return (
        f"<tr><td><b>{escape(one.label)}</b>, {one.year}</td>"
        + "".join(f'<td style="white-space:nowrap">{cell}</td>' for cell in cells)
        + "</tr>"
    )


def _width(one: NamedSystem) -> str:
    """Say where a site's peak is not one of its chips at 16 bits."""
    if one.basis == "h100":
        return "<br>counted by 8-bit peaks, halved"
    chip = catalogue.system_chip(one.key)
    native = 16.0 if chip is None or one.basis != "chips" else catalogue.chip(chip).native_bits[16.0]
    return "" if native == 16.0 else f"<br>at {native:g} bits"


def source_links(keys: Sequence[str]) -> str:
    """Link to sources by their first author, one a line."""
    found = [sources()[key] for key in keys]
    return "<br>".join(
        f'<a href="{escape(one.url)}">{escape(one.authors.partition(";")[0])} {one.year or ""}</a>' for one in found
    )


def systems_footer() -> str:
    """Say what the comparisons count."""
    reactors, capacity = fact("grid.reactors"), fact("grid.reactors_capacity")
    return (
        "Brains: 20 W of glucose. Homes: mean electricity of a household. Reactors: the mean of the world’s "
        f"{reactors.value:,.0f}, {quantity(capacity.si / reactors.si, 'W', 2)} at full power, of which it gives "
        f"{100.0 * fact('grid.reactors_capacity_factor').value:.0f} % over a year. "
        "Grid: a year’s electricity over the year. A range runs from one published figure to another."
    )
