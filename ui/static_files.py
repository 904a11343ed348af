"""Answer for files that never change while the server runs: from memory, compressed, cacheable.

Every name is looked up in a table built at start, so no request can reach the file system by path.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.precompress import (
    COMPRESSIBLE_SUFFIXES,
    CompressedFile,
    read_manifest,
    useful_variants,
)

IDENTITY = "identity"
# Brotli first: it makes plotly.js a quarter smaller than gzip does.
CODINGS_BY_PREFERENCE = ("br", "gzip", IDENTITY)
FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
# "index.DormvYxC.js": Streamlit gives a new content a new name.
HASHED_NAME = re.compile(r"\.[A-Za-z0-9_-]{8}\.[a-z0-9]+$")
# Python's own table depends on the machine's files, and a script of the wrong type does not run.
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}


def media_type(name: str) -> str:
    """Return the media type that a file's name stands for."""
    suffix = Path(name).suffix
    return MEDIA_TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def negotiate(accept_encoding: str, offered: Mapping[str, object]) -> str | None:
    """Return the best offered content coding the client accepts (RFC 9110, 12.5.3), if any."""
    quality_by_coding: dict[str, float] = {}
    for item in accept_encoding.lower().split(","):
        coding, _, parameter = item.partition(";")
        quality_text = parameter.strip().removeprefix("q=") or "1"
        try:
            quality_by_coding[coding.strip()] = float(quality_text)
        except ValueError:
            # A quality nobody can read is no permission to send that coding.
            quality_by_coding[coding.strip()] = 0.0
    otherwise = quality_by_coding.get("*", 0.0)
    for coding in CODINGS_BY_PREFERENCE:
        # Sending a file as it is stays acceptable unless it is refused by name.
        default = 1.0 if coding == IDENTITY else otherwise
        if coding in offered and quality_by_coding.get(coding, default) > 0:
            return coding
    return None


@dataclass(frozen=True)
class StaticFile:
    """One file in all the content codings we can send it in."""

    name: str
    sha256: str
    sources: Mapping[str, bytes | Path]
    caching: str
    _bodies: dict[str, bytes] = field(default_factory=dict, repr=False)

    @classmethod
    def from_bytes(cls, name: str, data: bytes, *, compressible: bool = True) -> StaticFile:
        """Hold ``data``, and its compressed variants where they are smaller."""
        variants = useful_variants(data) if compressible else {}
        digest = hashlib.sha256(data).hexdigest()
        # Our own names carry the first digits of the hash, "inter.1a2b3c4d.woff2".
        caching = FOREVER if f".{digest[:8]}." in name else REVALIDATE
        return cls(name, digest, {IDENTITY: data} | variants, caching)

    @classmethod
    def hashed(cls, name: str, data: bytes) -> StaticFile:
        """Hold ``data`` under a name with the first digits of its hash before the suffix."""
        stem, _, suffix = name.rpartition(".")
        return cls.from_bytes(f"{stem}.{hashlib.sha256(data).hexdigest()[:8]}.{suffix}", data)

    @classmethod
    def from_cache(cls, file: CompressedFile, cache: Path) -> StaticFile:
        """Refer to a frontend file's precompressed variants; the original stays Streamlit's."""
        sources = {coding: file.variant_path(cache, coding) for coding in file.variant_bytes}
        caching = FOREVER if HASHED_NAME.search(file.name) else REVALIDATE
        return cls(file.name, file.sha256, sources, caching)

    @classmethod
    def from_asset(cls, path: Path, file: CompressedFile, cache: Path) -> StaticFile:
        """Refer to one of our own files and its precompressed variants."""
        sources = {coding: file.variant_path(cache, coding) for coding in file.variant_bytes}
        caching = FOREVER if f".{file.sha256[:8]}." in path.name else REVALIDATE
        return cls(path.name, file.sha256, {IDENTITY: path} | sources, caching)

    @cached_property
    def media_type(self) -> str:
        """The media type, from the name."""
        return media_type(self.name)

    def body(self, coding: str) -> bytes:
        """Return one variant. Files are read when first asked for, and kept: few ever are."""
        if coding not in self._bodies:
            source = self.sources[coding]
            self._bodies[coding] = source.read_bytes() if isinstance(source, Path) else source
        return self._bodies[coding]

    def response(self, request_headers: Headers) -> Response | None:
        """Answer a GET or HEAD, or return None if the client accepts none of our variants."""
        coding = negotiate(request_headers.get("accept-encoding", ""), self.sources)
        if coding is None:
            return None
        etag = f'"{self.sha256[:20]}-{coding}"'
        headers = {"cache-control": self.caching, "etag": etag, "vary": "Accept-Encoding"}
        if _matches(request_headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
        if coding != IDENTITY:
            headers["content-encoding"] = coding
        return Response(self.body(coding), headers=headers, media_type=self.media_type)


def _matches(if_none_match: str, etag: str) -> bool:
    """Compare weakly, as RFC 9110, 13.1.2 asks for GET and HEAD; proxies may weaken a tag."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags


def frontend_table(frontend: Path, cache: Path) -> dict[str, StaticFile]:
    """Return URL path -> file for the precompressed frontend; empty if nothing was compressed."""
    return {
        f"/{name}": StaticFile.from_cache(file, cache)
        for name, file in read_manifest(frontend, cache).items()
        if file.variant_bytes and name.startswith("static/")
    }


def asset_table(folder: Path, cache: Path) -> dict[str, StaticFile]:
    """Return path below ``folder`` -> file, for our own fonts, pictures and scripts.

    What was not compressed at install is compressed now: a second or two for plotly.js, nothing for the others.
    """
    known = read_manifest(folder, cache)
    return {name: _asset(path, known.get(name), cache) for name, path in _files(folder)}


def _asset(path: Path, known: CompressedFile | None, cache: Path) -> StaticFile:
    data = path.read_bytes()
    # The manifest compares sizes; an edit of our own file may well keep its size.
    if known is not None and known.sha256 == hashlib.sha256(data).hexdigest():
        return StaticFile.from_asset(path, known, cache)
    return StaticFile.from_bytes(path.name, data, compressible=path.suffix in COMPRESSIBLE_SUFFIXES)


def _files(folder: Path) -> list[tuple[str, Path]]:
    return [(path.relative_to(folder).as_posix(), path) for path in sorted(folder.rglob("*")) if path.is_file()]


class PrecompressedFiles:
    """Middleware: send what the table holds, pass everything else on to Streamlit."""

    def __init__(self, app: ASGIApp, table: Mapping[str, StaticFile]) -> None:
        self.app = app
        self.table = table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        file = self.table.get(scope["path"]) if scope["type"] == "http" else None
        if file is None or scope["method"] not in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        response = file.response(Headers(scope=scope))
        if response is None:
            # Streamlit sends the original; a shared cache must not hand it to everybody.
            await self.app(scope, receive, _varying(send))
            return
        await response(scope, receive, send)


def _varying(send: Send) -> Send:
    async def send_with_vary(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
        await send(message)

    return send_with_vary
