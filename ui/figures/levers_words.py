"""What the waterfall of levers says: gains as divisions, and where a machine stands beside the brain."""

from __future__ import annotations

from html import escape
from typing import Final

from efficiency.levers import Bar, Range
from efficiency.say import factor, significant, times

NOTHING: Final = 0.005
"""Gains below this [powers of ten] are called none."""


def gain_words(share: float, markup: str = "plain") -> str:
    """Say a gain as a division, a loss as a multiplication.

    >>> gain_words(1.0), gain_words(-1.0), gain_words(0.001), gain_words(0.02)
    ('÷ 10', '× 10', 'no change', '÷ 1.05')
    """
    if abs(share) < NOTHING:
        return "no change"
    ratio = 10.0 ** abs(share)
    # Two digits would call a gain of 5 % a division by 1.
    said = significant(ratio, 3) if factor(ratio) == "1" else factor(ratio, markup)
    return f"{'÷' if share > 0 else '×'} {said}"


def over_brain(log_ratio: float, markup: str = "plain") -> str:
    """Say where a machine stands.

    >>> over_brain(3.0), over_brain(-1.0), over_brain(0.0)
    ('1,000 times the brain', '10 times less than the brain', 'level with the brain')
    """
    if abs(log_ratio) < NOTHING:
        return "level with the brain"
    if log_ratio > 0:
        return f"{times(10.0**log_ratio, markup)} the brain"
    return f"{times(10.0**-log_ratio, markup)} less than the brain"


def span_words(low: float, high: float, markup: str = "plain") -> str:
    """Say between which places a machine stands.

    >>> span_words(0.45, 2.0), span_words(-2.0, -1.0)
    ('2.8 to 100 times the brain', '10 to 100 times less than the brain')
    >>> span_words(-1.0, 1.0)
    '10 times less to 10 times more than the brain'
    """
    under, over = (factor(10.0 ** abs(end), markup) for end in (low, high))
    if low >= 0:
        return f"{under} to {over} times the brain"
    if high <= 0:
        return f"{over} to {under} times less than the brain"
    return f"{under} times less to {over} times more than the brain"


def standing(log_ratio: float) -> str:
    """Say by how much a machine is above the brain, or less."""
    return f"{factor(10.0 ** abs(log_ratio), 'html')} times" + ("" if log_ratio >= 0 else " less")


def bar_hover(bar: Bar) -> str:
    """Say a lever's share, with its range, and its gains alone and pulled last."""
    return (
        f"<b>{escape(bar.name)}</b>: {escape(bar.setting.words)}<br>share {gain_words(bar.share.central)}, "
        f"{_spread(bar.share)}<br>alone {gain_words(bar.alone.central)}, pulled last {gain_words(bar.last_in.central)}"
    )


def _spread(value: Range) -> str:
    return f"{gain_words(value.low)} to {gain_words(value.high)}"
