"""What no sentence should hold, at whatever end of a slider."""

from __future__ import annotations

import re
from typing import Final

_ODD: Final = re.compile(
    r"(?<![\d.,])1 (?:chips|years|hours|days|times|sites|brains|reactors|people|lifetimes|failures)\b"  # one of many
    r"|\d[eE][+-]?\d"  # a power as a computer spells it
    r"|0\.000[0-9]|(?<![\d,])\d{7,}|0{6,}"  # zeros that nobody counts
    r"|\b([\d.,]+\u00a0?\s?%) (?:of the time )?(?:is useful )?instead of \1"  # no difference
    r"|\b(?:nan|inf|None)\b|− ?\d+\s?% less|-\d[\d.,]*\s?% less"
)


def odd_words(said: str) -> list[str]:
    """Find what reads oddly in a text; tags, and what they hold, are not read."""
    return [found[0] for found in _ODD.finditer(re.sub(r"<[^>]*>", " ", said))]
