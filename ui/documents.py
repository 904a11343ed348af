"""Answers made for one address: compressed when first asked for, kept by the caller, never by a validator.

They hold what the address asks for, so a tag of the file they were made from would be a lie.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import brotli
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response

from ui.static_files import IDENTITY, negotiate

HTML: Final = "text/html; charset=utf-8"
JSON: Final = "application/json"
# Made while somebody waits: 5 is within a few per cent of 11 for pages, in a hundredth of the time.
_BROTLI_QUALITY: Final = 5
_GZIP_LEVEL: Final = 6
_OFFERED: Final = {"br": None, "gzip": None, IDENTITY: None}


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its media type, status and headers; held compressed once anybody has asked for it so."""

    text: str
    media_type: str = HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    _bodies: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def body(self, coding: str) -> bytes:
        """Return the text in a content coding."""
        if coding not in self._bodies:
            data = self.text.encode()
            if coding == "br":
                data = brotli.compress(data, quality=_BROTLI_QUALITY)
            elif coding == "gzip":
                data = gzip.compress(data, compresslevel=_GZIP_LEVEL, mtime=0)
            self._bodies[coding] = data
        return self._bodies[coding]

    def response(self, request_headers: Headers) -> Response:
        """Answer a GET or HEAD."""
        coding = negotiate(request_headers.get("accept-encoding", ""), _OFFERED)
        if coding is None:
            return PlainTextResponse("Not acceptable", status_code=406)
        headers = {"vary": "Accept-Encoding", **self.headers}
        if coding != IDENTITY:
            headers["content-encoding"] = coding
        return Response(self.body(coding), status_code=self.status, headers=headers, media_type=self.media_type)
