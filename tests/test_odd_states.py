"""What the pages say in odd states: every page at random ends of its sliders, in whole words and readable numbers."""

from __future__ import annotations

import math
import random

import pytest

from efficiency.choices import PAGE_CHOICES
from efficiency.link import State
from efficiency.scenario import BITS, Choice, Scenario, field_rules
from tests.odd_words import odd_words
from ui.markup import plain_text
from ui.views import pages, views

STATES = 12
SEED = 7


def drawn(draw: random.Random) -> State:
    """Draw a state with about half of its fields moved, most of those to an end."""
    fields: dict[str, str | float] = {}
    for name, rule in field_rules().items():
        if draw.random() < 0.5:
            continue
        if isinstance(rule, Choice):
            fields[name] = draw.choice(list(rule.options))
        elif name == "bits":
            fields[name] = draw.choice(BITS)
        else:
            between = draw.uniform(math.log(rule.low), math.log(rule.high)) if rule.log else 0.0
            inside = math.exp(between) if rule.log else draw.uniform(rule.low, rule.high)
            fields[name] = draw.choice([rule.low, rule.high, min(max(inside, rule.low), rule.high)])
    choices = {}
    for name, choice in PAGE_CHOICES.items():
        options = list(choice.options)
        choices[name] = draw.choice([options[0], options[-1], draw.choice(options)])
    return State(Scenario(**fields), choices=choices)  # type: ignore[arg-type]


@pytest.mark.parametrize("page", pages())
def test_a_page_reads_well_in_any_state(page: str) -> None:
    draw = random.Random(f"{SEED} {page}")
    for _ in range(STATES):
        state = drawn(draw)
        for view in views().values():
            if view.page != page:
                continue
            said = [view.heading(state), view.alt(state), view.caption(state)]
            said += [row.name for row in view.numbers(state)]
            for one in said:
                # Ratios are said in plain digits down to a ten-thousandth.
                odd = [word for word in odd_words(plain_text(one)) if not word.startswith("0.000")]
                assert not odd, f"{view.name}: {odd} in {plain_text(one)}"
