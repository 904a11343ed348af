"""Answers made for one address: compressed when first asked for, kept by the caller, never by a validator.

They hold what the address asks for, so a tag of the file they were made from would be a lie.
"""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Final

import anyio
import brotli
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response

from ui.static_files import IDENTITY, negotiate

HTML: Final = "text/html; charset=utf-8"
JSON: Final = "application/json"
# Made while somebody waits: within a tenth of the best for pages, in a hundredth of the time.
_BROTLI_QUALITY: Final = 4
_GZIP_LEVEL: Final = 6
_MAKERS: Final = 2
"""Threads that make documents: Python runs one at a time, and many would only keep each other from ending."""
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


class Kept:
    """Documents by what they are made of: the last ones kept, each made once, off the event loop."""

    def __init__(self, make: Callable[..., Document], most: int) -> None:
        """Take what makes a document of a key's parts, and how many to keep: anybody can ask for any."""
        self._make, self._most = make, most
        self._made: OrderedDict[Hashable, Document] = OrderedDict()
        self._making: dict[Hashable, asyncio.Task[Document]] = {}
        self._makers: anyio.CapacityLimiter | None = None

    async def document(self, *key: Hashable) -> Document:
        """Give the document of a key; those who ask while it is made wait for the same one."""
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key]
        if key not in self._making:
            self._making[key] = asyncio.create_task(self._make_and_keep(key))
        # Whoever goes away does not take the document from the others.
        return await asyncio.shield(self._making[key])

    async def _make_and_keep(self, key: tuple[Hashable, ...]) -> Document:
        self._makers = self._makers or anyio.CapacityLimiter(_MAKERS)
        try:
            document = await anyio.to_thread.run_sync(self._made_and_packed, key, limiter=self._makers)
        finally:
            del self._making[key]
        self._made[key] = document
        while len(self._made) > self._most:
            self._made.popitem(last=False)
        return document

    def _made_and_packed(self, key: tuple[Hashable, ...]) -> Document:
        document = self._make(*key)
        document.body("br")
        return document
