"""Who may show our pages inside theirs: origins from the environment, otherwise nobody else."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from ui.setting_error import SettingError

VARIABLE: Final = "TWENTY_WATTS_FRAME_ANCESTORS"
"""Origins that may embed, separated by spaces or commas: ``https://talks.example.org https://*.example.edu``."""
OWN: Final = "'self'"
_ORIGIN: Final = re.compile(r"https?://(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?", re.IGNORECASE)
# Made to be shown inside other people's pages; any other page is when it is asked for as ?embed=true.
_EMBEDDABLE_PATHS: Final = frozenset({"/view", "/present"})


def frame_ancestors(environment: Mapping[str, str] = os.environ) -> str:
    """Return the source list for pages that may be embedded.

    Raises
    ------
    SettingError
        For anything but origins: a header with half of a list would be a surprise.

    >>> frame_ancestors({}), frame_ancestors({VARIABLE: "https://a.example, https://*.b.example:8443"})
    ("'self'", "'self' https://a.example https://*.b.example:8443")
    """
    named = re.split(r"[\s,]+", environment.get(VARIABLE, "").strip())
    origins = [origin for origin in named if origin]
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise SettingError(f"{VARIABLE} holds {origin!r}; allowed are origins such as https://talks.example.org")
    return " ".join([OWN, *origins])


def may_be_embedded(path: str, query: str) -> bool:
    """Tell whether an address is meant to be shown in a frame.

    >>> may_be_embedded("/view", ""), may_be_embedded("/", "embed=true"), may_be_embedded("/", "v=1")
    (True, True, False)
    """
    if path in _EMBEDDABLE_PATHS:
        return True
    return any(name == "embed" and value.lower() == "true" for name, value in parse_qsl(query[:8000]))
