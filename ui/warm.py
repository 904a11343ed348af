"""Do once, before the first visitor comes, what that visitor would otherwise wait for."""

from __future__ import annotations


def warm_up() -> None:
    """Read the facts, work out the default answer and draw it in both manners.

    An error here stops the start, as it should: the first page would fail in the same way. The
    imports stand in the function because they are most of its work.
    """
    from efficiency.gap import evaluate
    from efficiency.scenario import Scenario
    from ui.figures.gap import gap_figure

    answer = evaluate(Scenario())
    gap_figure(answer, "light").to_json()
    gap_figure(answer, "dark").to_json()
