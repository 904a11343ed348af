"""The sentences, tables and figures of the page on data movement, kept by scenario."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go

from efficiency import __version__
from efficiency.arrays import Floats
from efficiency.catalogue import labels
from efficiency.decode_step import TILE_ROWS
from efficiency.facts import DATA_VERSION, fact
from efficiency.gap import inputs_for
from efficiency.hierarchy import hbm2_multiplies, levels, multiplies_per_operand
from efficiency.inputs import Inputs
from efficiency.ledger import Energies
from efficiency.roofline import BATCHES, BOUNDS, Roof, Standing, matrix_point, roof, split, standings
from efficiency.sampling import interval
from efficiency.say import factor, quantity, significant, times
from efficiency.scenario import Scenario
from efficiency.traffic import Flow, token_flows
from efficiency.workloads import decode_energies, prefill_energies, training_energies
from ui.figures.movement import Mark, Roofs, Stop, roofline_figure
from ui.figures.movement_flow import Width, flow_figure
from ui.figures.movement_ladder import ladder_figure
from ui.names import chip_name, plural
from ui.text import scope_sentence
from ui.theme import Mode
from ui.units import as_much, counted, part_of, words_for

STOPS: Final = tuple(f"{batch:.0f}" for batch in BATCHES)
"""The slider's positions as they stand in the link."""
SAMPLES: Final = 256
"""Draws behind the headline's interval; the ends of so smooth a ratio need no more."""
_BOUND_SAID: Final = {
    "memory": "Bound by memory",
    "compute": "Bound by computing",
    "power": "Bound by the power limit",
    "software": "Waiting for software, links",
}
_DOING: Final = {"decode": "Writing a token", "prefill": "Reading a token", "training": "Training on a token"}


@dataclass(frozen=True, slots=True)
class View:
    """All that the hero figure and its sentences need of one scenario.

    ``ratio`` is energy of moving bytes over that of computing [1], ``low`` and ``high`` its 5 and 95 %; ``off_chip`` is
    what memory devices and links have of it, without the path on the chip, which is inferred.
    """

    scenario: Scenario
    roofs: Roof
    standing: Standing
    low: float
    ratio: float
    high: float
    off_chip: float
    marks: tuple[Mark, ...]


@functools.lru_cache(maxsize=128)
def view_of(scenario: Scenario) -> View:
    """Work out where a scenario's workloads stand."""
    inputs = inputs_for(scenario)
    marks = tuple(
        Mark(name, *(float(value) for value in matrix_point(scenario, inputs, workload)), scenario.workload == workload)
        for workload, name in (("prefill", "reading"), ("training", "training"))
    )
    low, high = interval(_ratio(scenario, inputs_for(scenario, SAMPLES)))
    return View(
        scenario,
        roof(scenario, inputs),
        standings(scenario, inputs),
        low,
        float(_ratio(scenario, inputs)),
        high,
        float(_ratio(scenario, inputs, on_chip=False)),
        marks,
    )


def _ratio(scenario: Scenario, inputs: Inputs, on_chip: bool = True) -> Floats:
    """Energy of moving bytes over that of computing, for the scenario's own workload; on the chip too, or not."""
    work = {"decode": decode_energies, "prefill": prefill_energies, "training": training_energies}
    energies: Energies = work[scenario.workload](scenario, inputs)[0]
    parts = split(energies)
    return (parts.moving - (0.0 if on_chip else energies.on_chip)) / parts.computing


def headline_html(view: View) -> str:
    """Say the finding, the number in the machine's colour, and what it rests on."""
    chips = plural(chip_name(view.scenario.chip))
    ratio, low, high, more, less = view.ratio, view.low, view.high, "moving bytes", "computing"
    published = f"; {times(view.off_chip, 'html')} without the path on the chip, which is inferred"
    if ratio < 1.0:
        ratio, low, high, more, less = 1.0 / ratio, 1.0 / high, 1.0 / low, less, more
        published = ""
    return (
        f'<h1 class="tw-headline">{_DOING[view.scenario.workload]}, {escape(chips)} spend '
        f'<span class="tw-machine">{as_much(ratio, "html")}</span> on {more} as on {less}</h1>'
        f'<p class="tw-range">{factor(low, "html")} to {factor(high, "html")} times'
        f"{_setting(view.scenario)}{published}. {reach_sentence(view)}</p>"
    )


def _setting(scenario: Scenario) -> str:
    if scenario.workload != "decode":
        return ""
    said = f" with {words_for('batch', float(scenario.batch))} at once"
    # Matrix units work through their empty rows too.
    empty = float(scenario.batch) < TILE_ROWS
    return f"{said} (idle rows of matrix units count as computing)" if empty else said


def reach_sentence(view: View) -> str:
    """Say how far batch carries the work along the roof."""
    corner, reached = float(view.roofs.corner), view.standing.intensity
    alone, many = plain(reached[0]), plain(reached[-1])
    said = f"The chip has time for {plain(corner)} operations per byte fetched; writing asks for {alone}"
    said += " whatever the batch" if alone == many else f" in one conversation, {many} in {BATCHES[-1]:,.0f}"
    if reached.max() < corner:
        return f"{said}." if alone == many else f"{said}, because each brings a cache of its own."
    first = BATCHES[int(np.argmax(reached >= corner))]
    return f"{said}." if first == 1 else f"{said}; {first:,.0f} are enough."


def plain(value: float) -> str:
    """Say a number with two digits, no zeros after the point.

    >>> plain(1.03), plain(32.4)
    ('1', '32')
    """
    said = significant(value, 2)
    return said.rstrip("0").rstrip(".") if "." in said else said


def stops_of(view: View) -> tuple[Stop, ...]:
    """Put every batch into the words of the figure."""
    found = view.standing
    parts = split(found.energies)
    stops = []
    for i, batch in enumerate(BATCHES):
        spent = (float(parts.moving[i]), float(parts.computing[i]), float(parts.other[i]))
        whole = sum(spent)
        shares = [f"{100 * part / whole:.0f} %" if part >= 0.005 * whole else "below 1 %" for part in spent]
        stops.append(
            Stop(
                key=STOPS[i],
                label=counted(batch, "conversation") + (" at once" if batch > 1 else ""),
                intensity=float(found.intensity[i]),
                flop_per_s=float(found.flop_per_s[i]),
                headline=_BOUND_SAID[BOUNDS[found.bound[i]]],
                detail=f"{quantity(whole, 'J', 2)} a token · {per_s(found.step_s[i])}/s each",
                parts=spent,
                parts_said=(
                    f"Moving bytes<br><b>{shares[0]}</b>",
                    f"Computing<br><b>{shares[1]}</b>",
                    f"Idle, cooling<br><b>{shares[2]}</b>",
                ),
            )
        )
    return tuple(stops)


def per_s(step_s: float) -> str:
    """Say how many tokens come in a second.

    >>> per_s(0.5), per_s(1.0)
    ('2 tokens', '1 token')
    """
    said = plain(1.0 / float(step_s))
    return f"{said} token" if said == "1" else f"{said} tokens"


def roofs_of(view: View) -> Roofs:
    """Put the roofs into the words of the figure."""
    roofs = view.roofs
    return Roofs(
        float(roofs.flop_per_s),
        float(roofs.bytes_per_s),
        f"arithmetic: {quantity(float(roofs.flop_per_s), 'FLOP/s', 2)}",
        f"memory: {quantity(float(roofs.bytes_per_s), 'B/s', 2)}",
    )


@functools.lru_cache(maxsize=128)
def roofline_figure_of(scenario: Scenario, at: str, mode: Mode) -> go.Figure:
    """Draw the roofline of one scenario with the slider at a batch."""
    view = view_of(scenario)
    return roofline_figure(roofs_of(view), stops_of(view), view.marks, STOPS.index(at), mode)


def roofline_caption(scenario: Scenario) -> str:
    """Name what the figure is about, as HTML."""
    model = labels("model")[scenario.model]
    return (
        f"{escape(model)} on {escape(plural(chip_name(scenario.chip)))} at {words_for('bits', float(scenario.bits))}, "
        f"{words_for('context_tokens', float(scenario.context_tokens))} of context; the machine grows with the batch · "
        "roofs: best measured matrix product and achieved bandwidth · moving bytes: memory, ways across the chip (in "
        "part inferred), links · computing: arithmetic and the instructions that start it · "
        "grey: idle power, host, network, cooling · "
        f"{escape(scope_sentence(scenario))} · data {DATA_VERSION} · model {__version__}"
    )


def ladder_headline() -> str:
    """Say how far apart fetching and multiplying are."""
    return (
        f"Fetching a 16-bit number from HBM2 costs as much as about {hbm2_multiplies():.0f} multiplications of it, "
        "and the way only gets longer"
    )


def _multiply_j_per_bit() -> float:
    return fact("op7.fp16_mul").si / 16.0


@functools.lru_cache(maxsize=2)
def ladder_figure_of(mode: Mode) -> go.Figure:
    """Draw the hierarchy."""
    return ladder_figure(levels(), _multiply_j_per_bit(), mode)


def ladder_caption() -> str:
    """Say what must be known to read the ladder, as HTML."""
    access, multiply = fact("memory.hbm2_jouppi"), fact("op7.fp16_mul").si
    least, most = (multiplies_per_operand(end, multiply, 16.0) for end in (access.si_low, access.si_high))
    return (
        f"{hbm2_multiplies():.0f} multiplications, {least:.0f} to {most:.0f}: an access to HBM2 as published with its "
        "range, at the node of the multiplication; the rows are of other scopes. "
        "Scopes differ from row to row: arrays and links alone, devices, fitted boards, or the "
        "whole power of a drive over its rate. Static memories at 7 nm; distances are our rounding; the brain as ATP. "
        "Sources: Jouppi 2021, O’Connor 2017, Dally 2019, Chen 2016, makers’ figures, Levy and Calvert 2021."
    )


@functools.lru_cache(maxsize=128)
def flows_of(scenario: Scenario) -> tuple[Flow, ...]:
    """Account for one token of a scenario."""
    return token_flows(scenario, inputs_for(scenario))


@functools.lru_cache(maxsize=128)
def flow_figure_of(scenario: Scenario, width: Width, mode: Mode) -> go.Figure:
    """Draw what one token moves."""
    return flow_figure(flows_of(scenario), width, mode)


def flow_headline(scenario: Scenario) -> str:
    """Say how much one token moves and what most of it is."""
    flows = flows_of(scenario)
    moved = sum(flow.bytes for flow in flows)
    most = max(flows[:4], key=lambda flow: flow.bytes)
    names = {"weights": "weights", "caches": "caches", "activations": "activations", "links": "what chips tell others"}
    spent = {flow.key: flow.energy_j for flow in flows}
    once = sum(spent.values())
    starting = spent["instructions"] / once
    others = f", {percent(starting)} the instructions that start it" if starting > spent["arithmetic"] / once else ""
    return (
        f"One token moves {quantity(moved, 'B', 2)}, {part_of(most.bytes / moved)} it {names[most.key]}; "
        f"{part_of(spent['arithmetic'] / once)} what that costs the chips is arithmetic{others}"
    )


def percent(share: float) -> str:
    """Say a share in per cent.

    >>> percent(0.002), percent(0.75)
    ('less than 1 %', '75 %')
    """
    return "less than 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def flow_caption(scenario: Scenario) -> str:
    """Name the batch and what the widths leave out, as HTML."""
    said = counted(float(scenario.batch), "conversation")
    serving = "1 conversation alone" if said.startswith("1 ") else f"{said} at once, weights shared among them"
    return (
        f"Writing, {serving}; idle power, host and cooling left out. Operands: the rest of the delivery on the chip, "
        "beyond the reading of operands that instructions hold, inferred by difference. Activations stay on the chip "
        "for the most part; their bytes are those of one pass."
    )
