"""Numbers for other programs: what ``python -m efficiency gap --json`` prints, over HTTP."""

from __future__ import annotations

import json
from typing import Any, Final

from efficiency.link import decode
from efficiency.report import as_data
from ui.answers import gap_of
from ui.documents import JSON, Document

GAP_PATH: Final = "/api/v1/gap"
# Anybody's page may read what anybody may read; a minute of keeping spares a server that a class asks at once.
_OPEN: Final = {"access-control-allow-origin": "*"}
_ANSWERED: Final = _OPEN | {"cache-control": "public, max-age=60"}
_REFUSED: Final = _OPEN | {"cache-control": "no-store"}


def gap_answer(query: str) -> Document:
    """Answer a link with the numbers of its state, or say why not.

    As on the command line, a link that holds anything unusable is refused: a program must not take another state's
    numbers for the one it asked for.
    """
    state, notices = decode(query)
    if notices:
        told = [notice.partition(", so ")[0].rstrip(".") + "." for notice in notices]
        return _json({"error": " ".join(told), "notices": told}, 400, _REFUSED)
    return _json(as_data(gap_of(state.scenario)), 200, _ANSWERED)


def no_such_address() -> Document:
    """Say where the numbers are."""
    return _json({"error": f"Nothing is here; {GAP_PATH} answers a link with numbers."}, 404, _REFUSED)


def _json(data: dict[str, Any], status: int, headers: dict[str, str]) -> Document:
    return Document(json.dumps(data, indent=2, allow_nan=False) + "\n", JSON, status, headers)
