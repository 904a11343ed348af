"""What is said of things that a visitor brought: whose a figure is, and what a link does not carry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from efficiency.link import State
from efficiency.own import LABEL, Own, find
from efficiency.scenario import Choice, Scenario, field_rules

KINDS: Final = ("chip", "system", "model")


def name_of(thing: Own) -> str:
    """Name a thing as its owner did."""
    return thing.entity.label.removeprefix(LABEL)


def own_words(*scenarios: Scenario | None) -> str:
    """Say which of the scenarios' things the visitor brought; empty where none."""
    names = [f"{thing.kind} {name_of(thing)}" for thing in _brought(scenarios)]
    return f"yours, not checked: {', '.join(names)}" if names else ""


def link_words(state: State) -> str:
    """Say what whoever opens a state's link sees instead of what the visitor brought; empty where it shows all."""
    rules = field_rules()
    swaps = []
    for thing in _brought((state.scenario, state.other)):
        rule = rules[thing.kind]
        if isinstance(rule, Choice):
            standard = rule.options[getattr(Scenario(), thing.kind)]
            swaps.append(f"{standard} instead of the {thing.kind} {name_of(thing)}")
    if not swaps:
        return ""
    return f"No link carries what was brought into a session: whoever opens one sees {', '.join(swaps)}."


def target(state: State) -> str:
    """Say where a link on a page opens: beside it where the visitor brought something, which a new page forgets."""
    return "_blank" if any(_brought((state.scenario, state.other))) else "_self"


def _brought(scenarios: tuple[Scenario | None, ...]) -> Iterator[Own]:
    keys = (f"{kind}.{getattr(one, kind)}" for one in scenarios if one for kind in KINDS)
    yield from filter(None, map(find, dict.fromkeys(keys)))
