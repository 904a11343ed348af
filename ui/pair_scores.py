"""How well measured effects of a lever were predicted, said under the pairs of every page that shows them."""

from __future__ import annotations

import functools

from efficiency.lever_scores import GROUPS, OF_A_NULL, LeverScore, validate_shipped
from efficiency.validate import BLIND


@functools.cache
def score_of(group: str) -> LeverScore:
    """Find the score of a group as the command line prints it, blind."""
    return next(one for one in validate_shipped().scores if (one.group, one.way) == (group, BLIND))


@functools.cache
def score_sentence(group: str) -> str:
    """Say how far off the predictions are, how often the direction is right, and what guessing would reach."""
    found = score_of(group)
    wrong = found.marked - found.right
    signs = "the direction is right for all" if not wrong else f"the direction is wrong for {wrong} of"
    all_decided = wrong and found.decided_right == found.decided
    sure = f", and right for all {found.decided} whose interval leaves no doubt of it" if all_decided else ""
    whole = (
        f"Blind, half of the {found.count:,} predicted effects lie within {100 * (10**found.median_error - 1):.0f} %; "
        f"{signs} the {found.marked} beyond 10 %{sure}; the mean error is {_of_null(found)}"
    )
    parts = [score_of(name) for name in GROUPS if name.startswith(f"{group}, ")]
    worse = [part for part in parts if part.of_null > OF_A_NULL]
    also = "".join(
        f"; for {_kind(part)} alone {_of_null(part, short=True)}{', so guessing does better' * (part.of_null > 1.0)}"
        for part in worse
    )
    return f"{whole}{also}."


def _of_null(found: LeverScore, short: bool = False) -> str:
    said = f"{found.of_null:.2f}"
    if short:
        return f"{said} of it"
    return f"{said} of that of the better of two guesses (no effect, or one constant fitted to these very pairs)"


def _kind(found: LeverScore) -> str:
    return found.group.rpartition(", ")[2]
