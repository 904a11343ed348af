"""Scenarios and states for property tests: every field, every choice, the ends of every range."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from efficiency import catalogue
from efficiency.choices import PAGE_CHOICES
from efficiency.inputs import Inputs
from efficiency.ledger import Energies
from efficiency.link import LONGEST_FIND, THEMES, State
from efficiency.scenario import BITS, Choice, Number, Scenario, field_rules
from efficiency.yardsticks import Shared

# The suite draws the same examples each time. PROPERTY_TEST_FACTOR=20 draws twenty times as many,
# new ones on each run: for a long look after a change of the model.
FACTOR = int(os.environ.get("PROPERTY_TEST_FACTOR", "1"))

NUMBERS = tuple(name for name, rule in field_rules().items() if isinstance(rule, Number))
CHOICES = tuple(name for name, rule in field_rules().items() if isinstance(rule, Choice))


def energies(scenario: Scenario, inputs: Inputs) -> Energies:
    """Compute the ledger of the scenario's own workload."""
    return Shared(scenario, inputs).energies


def examples(count: int) -> Callable[[Any], Any]:
    """Bound how many examples a property is tested on."""
    return settings(
        max_examples=count * FACTOR,
        deadline=None,
        derandomize=FACTOR == 1,
        suppress_health_check=[HealthCheck.too_slow],
    )


def field_values(name: str) -> st.SearchStrategy[Any]:
    """Draw what a field may hold: all choices, or numbers over all decades with both ends."""
    rule = field_rules()[name]
    if isinstance(rule, Choice):
        return st.sampled_from(list(rule.options))
    if name == "bits":
        return st.sampled_from(BITS)
    evenly = st.floats(rule.low, rule.high)
    if not rule.log:
        return evenly
    low, high = math.log(rule.low), math.log(rule.high)
    over_decades = st.floats(low, high).map(lambda x: min(max(math.exp(x), rule.low), rule.high))
    return st.one_of(over_decades, st.sampled_from([rule.low, rule.high]), evenly)


def scenarios(**fixed: Any) -> st.SearchStrategy[Scenario]:
    """Draw scenarios over all fields but those that are fixed."""
    drawn = {name: field_values(name) for name in field_rules() if name not in fixed}
    return st.builds(Scenario, **drawn, **{name: st.just(value) for name, value in fixed.items()})


def states() -> st.SearchStrategy[State]:
    """Draw everything a link can hold."""
    printable = st.characters(exclude_categories=("C", "Z"), include_characters=" ")
    return st.builds(
        State,
        scenarios(),
        ladder=st.sampled_from(list(catalogue.labels("system"))),
        find=st.text(printable, max_size=LONGEST_FIND).filter(str.isprintable),
        choices=st.fixed_dictionaries(
            {name: st.sampled_from(list(rule.options)) for name, rule in PAGE_CHOICES.items()}
        ),
        theme=st.sampled_from(list(THEMES)),
        other=st.one_of(st.none(), scenarios()),
    )
