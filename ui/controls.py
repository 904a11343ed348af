"""The sidebar: one control for each field of the scenario, made from the field's own rule."""

from __future__ import annotations

import functools
from typing import Final

import streamlit as st

from efficiency import catalogue
from efficiency.choices import PAGE_CHOICES
from efficiency.facts import facts
from efficiency.gap import inputs_for
from efficiency.say import quantity
from efficiency.scenario import BITS, Choice, Number, field_rules
from efficiency.workloads import power_bound_utilisation
from ui import owned
from ui.address import after_choice, before_choice, current_state, session_key
from ui.labels import LABELS
from ui.names import chip_name, native_format, plural
from ui.units import words_for

MAIN: Final = (
    "system", "chip", "chip_count", "bits", "density", "movement", "utilisation", "pue", "brain_flop_per_s",
    "brain_flops_range",
)  # fmt: skip
GROUPS: Final = {
    "Where it is metered": ("machine_scope", "brain_scope"),
    "The language model": (
        "model", "engine", "batch", "context_tokens", "execution", "language_task", "hidden_tokens", "run", "copies",
    ),
    "Events and bits": ("events", "channel", "brain_bit"),
}  # fmt: skip
_SHORT_OPTIONS: Final = {"brain_flops_range": {"published": "÷100 to ×100, published", "exact": "Exact"}}
"""Words for options that the sidebar's width would cut."""
_MOST_BUTTONS: Final = 5
_STEPS_PER_DECADE: Final = (1.0, 2.0, 3.0, 5.0)


def sidebar() -> None:
    """Draw the sidebar's controls; each keeps its value in the session under `session_key`."""
    with st.sidebar:
        for field in MAIN:
            control(field)
            if field in _CAPTIONS:
                # A place of its own, also when empty: what a browser finds at another place it takes for new, and the
                # groups below would close.
                with st.container():
                    if said := _CAPTIONS[field]():
                        st.caption(said)
        for title, names in GROUPS.items():
            with st.expander(title):
                for field in names:
                    control(field)


def control(field: str) -> None:
    """Draw the control of one field."""
    rule = field_rules()[field]
    key = session_key(field)
    if isinstance(rule, Choice):
        options = _SHORT_OPTIONS.get(field, rule.options)
        st.selectbox(
            LABELS[field],
            options=[*options, *owned.keys(field)],
            format_func=lambda option: options.get(option, option),
            key=key,
            help=rule.help,
            on_change=_CALLBACKS.get(field),
            # Not every page draws every control.
            persist_state="session",
        )
        return
    steps = _steps(field, float(st.session_state[key]))
    st.select_slider(
        LABELS[field],
        options=list(steps),
        format_func=steps.__getitem__,
        key=key,
        help=rule.help,
        on_change=_CALLBACKS.get(field),
        disabled=field == "chip_count" and st.session_state[session_key("system")] != "own",
        persist_state="session",
    )


def choice(name: str, label: str, listed: bool = False) -> str:
    """Draw the control of a page's own choice and return what is chosen; a few settings as buttons, many as a list."""
    rule = PAGE_CHOICES[name]
    key = before_choice(name)
    draw = st.selectbox if listed or len(rule.options) > _MOST_BUTTONS else st.segmented_control
    more = {"required": True, "wrap": True} if draw is st.segmented_control else {}
    draw(label, list(rule.options), format_func=rule.options.__getitem__, key=key, help=rule.help or None, **more)
    return after_choice(name)


def _power_caption() -> str:
    """Say the power of the chosen system: as published, or its chips at their limit; and whose chip computes."""
    system = st.session_state[session_key("system")]
    chip = st.session_state[session_key("chip")]
    if system == "own":
        total_w = facts()[f"chip.{chip}.tdp"].si * float(st.session_state[session_key("chip_count")])
        return f"Chips at their limit: {quantity(total_w, 'W')}"
    power = f"Published power: {quantity(facts()[f'system.{system}.power'].si, 'W')}"
    if catalogue.system_chip(system):
        return power
    return f"{power}. Its chip is not modelled; yardsticks use {plural(chip_name(chip))}"


def _format_caption() -> str:
    """Say in which format arithmetic runs where the chip lacks the chosen one; empty where it has it."""
    chip = st.session_state[session_key("chip")]
    return native_format(chip, float(st.session_state[session_key("bits")]))


def _density_caption() -> str:
    """Say what is assumed of the work that is left out; empty where none is."""
    if float(st.session_state[session_key("density")]) == 1.0:
        return ""
    return "As if the others cost nothing: chips made for dense work skip half at best (2:4)"


def _utilisation_caption() -> str:
    """Say from where on the power limit would hold the chip back; empty below."""
    scenario = current_state().scenario
    bound = float(power_bound_utilisation(scenario, inputs_for(scenario)))
    if float(scenario.utilisation) <= bound:
        return ""
    name = plural(chip_name(scenario.chip))
    start = words_for("utilisation", round(bound, 2))
    return f"From {start} on, {name} are at their power limit: as if each operation took less"


@functools.lru_cache(maxsize=512)
def _steps(field: str, current: float) -> dict[float, str]:
    """Values that a slider stops at with their words: round ones, and the current one wherever it is."""
    rule = field_rules()[field]
    if not isinstance(rule, Number):
        raise TypeError(f"{field} has named settings, not numbers")
    values = sorted({*_round_values(field, rule), current})
    words: dict[float, str] = {}
    for value in values:
        text = words_for(field, value)
        # A link may carry a value between two round ones; Streamlit tells options apart by their words.
        words[value] = text if text not in words.values() else f"{text} ({value!r})"
    return words


def _round_values(field: str, rule: Number) -> list[float]:
    if field == "bits":
        return list(BITS)
    if field == "pue":
        return [round(1 + 0.05 * step, 2) for step in range(41)]
    if field == "utilisation":
        return [0.01, 0.02, 0.03, *(round(0.05 * step, 2) for step in range(1, 21))]
    if field == "hidden_tokens":
        return [0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0]
    if field in ("batch", "context_tokens"):
        powers = [2.0**step for step in range(24)]
        return [rule.low, *(value for value in powers if rule.low < value <= rule.high)]
    decades = [10.0**exponent for exponent in range(-3, 22)]
    steps = (1.0,) if field == "brain_flop_per_s" else _STEPS_PER_DECADE
    halves = [3.0 * d for d in decades] if field == "brain_flop_per_s" else []
    values = [round(d * step, 12) for d in decades for step in steps] + halves
    if field == "density":
        values.append(0.25)
    return [value for value in values if rule.low <= value <= rule.high]


def _follow_system() -> None:
    """A named system brings its chip and count."""
    system = st.session_state[session_key("system")]
    chip = catalogue.system_chip(system)
    if chip:
        st.session_state[session_key("chip")] = chip
    count = facts().get(f"system.{system}.chips")
    if count:
        st.session_state[session_key("chip_count")] = count.si


def _own_system() -> None:
    """Another chip or count makes the system one's own."""
    st.session_state[session_key("system")] = "own"


_CAPTIONS: Final = {
    "chip_count": _power_caption,
    "bits": _format_caption,
    "density": _density_caption,
    "utilisation": _utilisation_caption,
}
_CALLBACKS: Final = {"system": _follow_system, "chip": _own_system, "chip_count": _own_system}
