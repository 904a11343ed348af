"""The sentences and caches of the page on budgets: what dollars buy, what binds, and the best split."""

from __future__ import annotations

import functools
from dataclasses import replace
from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go

from efficiency import __version__
from efficiency.budget import LIMITS, Outcome, binding, outcome
from efficiency.budget_assumptions import ASSUMPTIONS, assumed, record_of, step_words
from efficiency.budget_plan import DOLLAR_STEPS, MOST_USD, USE_NAMES, USES, Plan, published_price
from efficiency.budget_report import dollars_words
from efficiency.budget_runs import COSTS, compared_costs
from efficiency.budget_split import beginnings, best_split, first_limit_span, marginals
from efficiency.budget_words import behind, change_words, dollars_span, percent_words, years_words
from efficiency.choices import PAGE_CHOICES
from efficiency.facts import DATA_VERSION, fact
from efficiency.grids import beside
from efficiency.link import State
from efficiency.say import power_of_ten, quantity
from efficiency.scaling_draws import loss_range
from efficiency.scaling_laws import LAWS, AdditiveLaw, law
from ui.figures.budget import Step, Sweep, budget_figure
from ui.figures.budget_split import PARTS, Bar, fills, percent, split_figure
from ui.legend import legend, mark
from ui.names import chip_name, plural, training_remark
from ui.record_links import records_link
from ui.theme import Mode, palette

SAMPLES: Final = 128
_DECADES: Final = tuple(10.0**power for power in range(6, 14))
_FIRST: Final = {
    "money": "Up to {usd}, money is all that binds a budget",
    "chips": "Beyond {usd}, a budget {behind} runs out of chips",
    "power": "Beyond {usd}, a budget {behind} runs out of new power plants",
    "data": "Beyond {usd}, a budget {behind} runs out of text to train on",
    "ideas": "Beyond {usd}, a budget {behind} runs out of people to have ideas",
}

Chosen = tuple[tuple[str, float], ...]
"""Assumptions that differ from their records, in the records' units; a key of the caches."""


def step_names() -> list[str]:
    """Spell the slider's stops as the link does."""
    return list(PAGE_CHOICES["bu_at"].options)


def plan_of(state: State) -> Plan:
    """Read the plan from a state; its chip and PUE are the scenario's."""
    parts = {use: float(state.choices[f"bu_{use}"]) for use in USES}
    return Plan(
        dollars=MOST_USD,
        years=float(state.choices["bu_years"]),
        law=state.choices["bu_law"],
        where=state.choices["bu_where"],
        chip=state.scenario.chip,
        pue=float(state.scenario.pue),
        **parts,
    )


def chosen_of(state: State) -> Chosen:
    """Read the assumptions that a state sets apart from their records."""
    found = []
    for name, one in ASSUMPTIONS.items():
        index = list(PAGE_CHOICES[f"bu_{name}"].options).index(state.choices[f"bu_{name}"])
        if one.steps[index] != record_of(name).value:
            found.append((name, one.steps[index]))
    return tuple(found)


@functools.lru_cache(maxsize=64)
def sweep_of(plan: Plan, chosen: Chosen) -> Sweep:
    """Everything the figure along the dollars shows."""
    steps = np.array(DOLLAR_STEPS)
    central = outcome(replace(plan, dollars=steps), assumed(dict(chosen)))
    drawn = outcome(replace(plan, dollars=steps[:, None]), assumed(dict(chosen), SAMPLES))
    known = law(plan.law)
    floor = float(known.irreducible) if isinstance(known, AdditiveLaw) else 0.0
    spread = np.broadcast_to(np.asarray(drawn.loss) - floor, (steps.size, SAMPLES))
    low, high = np.quantile(spread, (0.05, 0.95), axis=1)
    begun = [(name, usd) for name, usd in beginnings(plan, assumed(dict(chosen))).items() if usd is not None]
    words = PAGE_CHOICES["bu_at"].options
    made = []
    for index, (name, usd) in enumerate(zip(step_names(), DOLLAR_STEPS, strict=True)):
        here = _at(central, index)
        loss_above = float(here.loss) - floor
        made.append(
            Step(
                name=name,
                dollars=usd,
                words=words[name],
                binding=binding(here),
                chips=float(here.chips),
                power_w=float(here.power_w),
                tokens=float(here.tokens),
                people=float(here.people),
                asked={key: float(getattr(here.asked, key)) for key in LIMITS},
                flop=float(here.flop),
                parameters=float(here.parameters),
                loss=float(here.loss),
                above=loss_above,
                low=min(float(low[index]), loss_above),
                high=max(float(high[index]), loss_above),
                left_usd=float(here.left_usd),
            )
        )
    return Sweep(tuple(made), tuple(sorted(begun, key=lambda one: one[1])), plural(chip_name(plan.chip)), floor)


def _at(found: Outcome, index: int) -> Outcome:
    """One budget of many."""

    def pick(value: object) -> float:
        several = np.asarray(value, dtype=float)
        return float(several if several.ndim == 0 else several[index])

    asked = found.asked._replace(**{name: pick(getattr(found.asked, name)) for name in LIMITS})
    fields = {name: pick(getattr(found, name)) for name in Outcome._fields if name != "asked"}
    return Outcome(**fields, asked=asked)


@functools.lru_cache(maxsize=64)
def budget_figure_of(plan: Plan, chosen: Chosen, at: str, mode: Mode) -> go.Figure:
    """Draw the plan along its dollars, the slider standing at ``at``."""
    return budget_figure(sweep_of(plan, chosen), step_names().index(at), mode)


@functools.lru_cache(maxsize=64)
def headline_html(plan: Plan, chosen: Chosen) -> str:
    """Say what binds first, its range, and what the largest budget buys."""
    first = sweep_of(plan, chosen).beginnings[:1]
    name, usd = first[0] if first else ("money", MOST_USD)
    span = first_limit_span(plan, dict(chosen), SAMPLES)
    words = _FIRST[name].format(
        usd=f'<span class="tw-machine">{dollars_words(usd)}</span>', behind=_kept(behind(name, plan))
    )
    last = sweep_of(plan, chosen).steps[-1]
    share = beside(last.power_w, plan.where).grid_share
    grid = "the world’s" if plan.where == "world" else "the United States’"
    left = f" {dollars_words(last.left_usd)} would find nothing to buy." if last.left_usd > 1e9 else ""
    between = f"{dollars_span(span)} by the assumptions’ ranges; another split moves it."
    return (
        f'<h1 class="tw-headline">{words}</h1>'
        f'<p class="tw-range">{between} Ten trillion dollars over {years_words(plan.years)} would buy '
        f"{quantity(last.chips, '1', 2)} {plural(chip_name(plan.chip))}; those in service would draw "
        f"{quantity(last.power_w, 'W', 2)}, {_kept(percent_words(share))} of {grid} electricity.{left}</p>"
    )


def budget_footer(plan: Plan, chosen: Chosen, state: State) -> str:
    """Say what the figure is and what it leaves out, as HTML."""
    last = sweep_of(plan, chosen).steps[-1]
    doubt = ""
    if plan.law == "refit":
        low, _, high = loss_range(last.flop)
        doubt = f" and the law’s own doubt is larger ({low:.2f} to {high:.2f} at the right end)"
    limit = fact("budget.data_movement_limit").si
    moving = ""
    if last.flop > limit:
        moving = f" Left out: beyond {power_of_ten(limit)} FLOP, moving data slows a run of three months."
    return (
        "Loss is what the law gives, in nats per token of its own text: it says nothing of intelligence. Band: 5 to "
        f"95 % of the assumptions{doubt}. Violet lines: where a limit begins. Bars, on a log scale: asked for over "
        "what one buyer can get in these years; violet is not to be had. Today’s chips and prices throughout; no "
        f"revenue, no interest.{moving} · {_unpriced(plan.chip)}{escape(training_remark(plan.chip))}{LAWS[plan.law]} · "
        f"{records_link(state, 'budget.', 'sources')} · data {DATA_VERSION} · model {__version__}"
    )


@functools.lru_cache(maxsize=64)
def split_bars(plan: Plan, chosen: Chosen) -> tuple[Bar, ...]:
    """The best split for each decade of dollars."""
    values = assumed(dict(chosen))
    bars: list[Bar] = []
    near: Plan | None = None
    # From the top: where money binds the split is a matter of course, and a search that starts there finds no other.
    for usd in reversed(_DECADES):
        found = best_split(replace(plan, dollars=usd), values, near)
        near = found.plan
        bars.insert(0, Bar(dollars_words(usd), _spent(found.plan, found.outcome)))
    return tuple(bars)


def _spent(plan: Plan, found: Outcome) -> tuple[float, ...]:
    """Share of the money that is spent on each part, and what is left over."""
    shares, usd = plan.shares(), float(plan.dollars)
    fleet = float(found.capital_usd + found.energy_usd) / usd
    on_fleet = 1.0 - shares["people"]
    text = float(found.text_usd) / usd
    run = text + fleet * (shares["run"] - text) / (on_fleet - text)
    experiments, serving = (fleet * shares[use] / (on_fleet - text) for use in ("experiments", "serving"))
    people = float(found.people_usd) / usd
    return run, experiments, people, serving, max(0.0, 1.0 - run - experiments - people - serving)


@functools.lru_cache(maxsize=64)
def split_figure_of(plan: Plan, chosen: Chosen, mode: Mode) -> go.Figure:
    """Draw the best splits."""
    return split_figure(split_bars(plan, chosen), mode)


def _unpriced(key: str) -> str:
    """Say where the price of a chip comes from that nobody has published; nothing of others.

    >>> _unpriced("h100"), _unpriced("northpole")
    ('', 'no price of the NorthPole is published: the H100’s by peak rate is taken · ')
    """
    if published_price(key):
        return ""
    return f"no price of the {escape(chip_name(key))} is published: the H100’s by peak rate is taken · "


def split_headline(plan: Plan, chosen: Chosen) -> str:
    """Say where the best split puts the money at both ends."""
    bars = split_bars(plan, chosen)
    small, large = bars[0], bars[5]
    return (
        f"The best split puts {percent(small.shares[0])} of {small.name} into the run; of {large.name} "
        f"{percent(large.shares[0])}, and {percent(large.shares[1] + large.shares[2])} into experiments and people"
    )


def split_legend_html(mode: Mode) -> str:
    """Say what the bars' colours mean."""
    pairs = zip(fills(palette(mode)), PARTS.values(), strict=True)
    return legend(*(mark(fill, "■", name) for fill, name in pairs))


def split_footer(plan: Plan) -> str:
    """Say how the best split was found."""
    return (
        "Least loss by the chosen law (scipy, Nelder–Mead over two ratios). Serving lowers no loss, so its "
        f"{percent(plan.shares()['serving'])} stay as chosen. How much people and experiments help rests on "
        "assumptions that nobody has measured; each can be moved on the page."
    )


@functools.lru_cache(maxsize=64)
def marginal_html(plan: Plan, chosen: Chosen, at: str) -> str:
    """Set what the next dollars bring as a table in HTML."""
    usd = DOLLAR_STEPS[step_names().index(at)]
    here = replace(plan, dollars=usd)
    values = assumed(dict(chosen))
    best = best_split(here, values)
    shares, best_shares = here.shares(), best.plan.shares()
    rows = ""
    for one in marginals(here, values):
        gain = change_words(one.effective_flop)
        if one.use == "serving":
            gain += f"; tokens served {change_words(one.served)}"
        rows += (
            f"<tr><td>{escape(USE_NAMES[one.use])}</td><td>{_kept(percent(shares[one.use]))}</td>"
            f"<td>{_kept(percent(best_shares[one.use]))}</td><td>{_kept(_signed(one.loss))}</td>"
            f'<td style="white-space:normal">{gain}</td></tr>'
        )
    return (
        '<div class="tw-scroll"><table class="tw-table" style="min-width:34rem"><thead><tr><th>At '
        f"{dollars_words(usd)}</th><th>chosen</th><th>best</th><th>loss, nats</th><th>effective FLOP</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def marginal_headline(plan: Plan, chosen: Chosen, at: str) -> str:
    """Say which use the next dollar should go to."""
    usd = DOLLAR_STEPS[step_names().index(at)]
    found = marginals(replace(plan, dollars=usd), assumed(dict(chosen)))
    best = min(found, key=lambda one: one.loss)
    if best.loss > -1e-12:
        return f"At {dollars_words(usd)}, the next dollar buys nothing in any use"
    return f"At {dollars_words(usd)}, the next dollar lowers the loss most in {USE_NAMES[best.use].lower()}"


def marginal_footer() -> str:
    """Say how the table is to be read."""
    return (
        "Change if 1 % of the budget more goes to one use and the others keep their dollars; over that many dollars "
        "it is the return of one. Effective FLOP: the run’s arithmetic × what new ideas are worth; where text runs "
        "short, ideas stretch the text as well, so the loss can fall although effective FLOP do. Shares are of the "
        "money given, not of what can be spent."
    )


def _signed(value: float) -> str:
    if abs(value) < 1e-9:
        return "0"
    digits, _, power = f"{abs(value):.1e}".partition("e")
    return f"{'+' if value > 0 else '−'}{digits} × 10<sup>{str(int(power)).replace('-', '−')}</sup>"


def _kept(text: str) -> str:
    """Keep a number and its unit on one line of HTML."""
    return text.replace(" ", "&nbsp;")


def costs_headline() -> str:
    """Say how well our prices meet the published costs."""
    found = compared_costs()
    bought = [abs(one.errors[0]) for one in found if one.cost == "bought"]
    worn = sorted(-one.errors[0] for one in found if one.cost == "run")
    return (
        f"Our prices meet what the machines of {len(bought)} runs cost to buy within {100 * max(bought):.0f} %, but "
        f"put their use in the run {100 * worn[0]:.0f} to {100 * worn[-1]:.0f} % below today’s estimates"
    )


@functools.cache
def costs_html() -> str:
    """Set published costs beside ours as a table in HTML."""
    rows = ""
    for one in compared_costs():
        published, *error = dollars_words(one.published.value), *map(_error, one.errors)
        if len(error) > 1 and one.published.low:
            published += f"<br>before its revision {quantity(one.published.low, '1', 2)}"
        rows += (
            f"<tr><td>{escape(one.label)}<br>{escape(COSTS[one.cost])}</td><td>{published}</td>"
            f"<td>{dollars_words(one.ours.central)}<br>{quantity(one.ours.low, '1', 2)} to "
            f"{quantity(one.ours.high, '1', 2)}</td><td>{'<br>'.join(error)}</td></tr>"
        )
    return (
        '<div class="tw-scroll"><table class="tw-table" style="min-width:32rem"><thead><tr><th>Run</th><th>Epoch’s '
        f"estimate</th><th>ours, 5 to 95 %</th><th>error</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _error(error: float) -> str:
    return f"{100 * error:+.0f} %".replace("-", "−")


def costs_footer(state: State) -> str:
    """Say what the comparison proves, as HTML."""
    staff, hardware, energy = (fact(f"budget.shares.{name}") for name in ("staff", "hardware", "energy"))
    return (
        "Both sides are estimates from the same chips and hours; only the prices are independent, and nobody has "
        "published a bill. Epoch splits the development of such models into hardware "
        f"{_share_range(hardware.si_low, hardware.si_high)}, staff {_share_range(staff.si_low, staff.si_high)} and "
        f"energy {_share_range(energy.si_low, energy.si_high)} · {records_link(state, 'budget.cost', 'sources')}"
    )


def _share_range(low: float, high: float) -> str:
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def assumptions_headline() -> str:
    """Say how much is assumed."""
    own = sum(record_of(name).kind == "assumed" for name in ASSUMPTIONS)
    return f"{len(ASSUMPTIONS)} assumptions carry all this; {own} of them are ours alone"


def assumption_label(name: str) -> str:
    """Name an assumption with what kind of number it is."""
    return f"{ASSUMPTIONS[name].label} · {record_of(name).kind}"


def groups() -> dict[str, list[str]]:
    """List the assumptions by group, in the order of the table."""
    found: dict[str, list[str]] = {}
    for name, one in ASSUMPTIONS.items():
        found.setdefault(one.group, []).append(name)
    return found


def assumptions_html(state: State) -> str:
    """List every assumption with its range and what it rests on as a table in HTML."""
    rows = ""
    for name, one in ASSUMPTIONS.items():
        record = record_of(name)
        low = record.value if record.low is None else record.low
        high = record.value if record.high is None else record.high
        span = f"{step_words(name, low)} to {step_words(name, high)}" if record.has_range else "set as you like"
        rows += (
            f"<tr><td>{escape(one.label)}<br>{record.kind}</td>"
            f"<td>{escape(step_words(name, record.value))}<br>{escape(span)}</td>"
            f'<td style="white-space:normal">{escape(_sentence(record.place))} '
            f"{records_link(state, record.key, 'source')}</td></tr>"
        )
    return (
        '<div class="tw-scroll"><table class="tw-table" style="min-width:44rem"><thead><tr><th>Assumption</th><th>'
        f"value and range</th><th>what it rests on</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def chosen_sentence(plan: Plan) -> str:
    """Say the chosen split, and what comes from the sidebar."""
    split = ", ".join(f"{USE_NAMES[use].lower()} {percent(share)}" for use, share in plan.shares().items())
    return f"Chosen: {split}. Chip and cooling are the sidebar’s; utilisation follows from the engineers."
