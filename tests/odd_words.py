"""What no sentence should hold, at whatever end of a slider."""

from __future__ import annotations

import re
from typing import Final

_ODD: Final = re.compile(
    r"(?<![\w.,])1 (?:chips|years|hours|days|sites|brains|reactors|people|lifetimes|failures)\b"  # one of many
    r"|(?<![\w.,])1 (?:conversations|tokens|states|students|spikes)\b|(?<![\w.,])1 \w+ hold\b"
    r"|(?<![\w.,])(?<! to )(?<![AB:] )1 times\b"  # no gain
    r"|\b(\d+) \1\b| [,;]|, its GPU chips"
    r"|\d[eE][+-]?\d"  # a power as a computer spells it
    r"|0\.000[0-9]|(?<![\d,])\d{7,}|0{6,}"  # zeros that nobody counts
    r"|\b([\d.,]+\u00a0?\s?%) (?:of the time )?(?:is useful )?instead of \2"  # no difference
    r"|\b(?:nan|inf|None)\b|− ?\d+\s?% less|-\d[\d.,]*\s?% less"
)


_WITHIN_A_LINE: Final = re.compile(r"</?(?:a|b|i|span|sup)\b[^>]*>")
_TAG: Final = re.compile(r"<[^>]*>")


def odd_words(said: str) -> list[str]:
    """Find what reads oddly in a text; tags, and what they hold, are not read."""
    return [found[0] for found in _ODD.finditer(_TAG.sub(" ", _WITHIN_A_LINE.sub("", said)))]
