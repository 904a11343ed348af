"""What the server adds to Streamlit: headers, our own files, the first page, health, warm-up."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui import first_page, precompress, static_files, warm

ASSETS = precompress.ROOT / "assets"
CONFIG_FILE = precompress.ROOT / ".streamlit" / "config.toml"
# Streamlit reports its sessions, memory and caches to anyone who asks; only an operator should see.
CLOSED_PATHS = frozenset({"/_stcore/metrics", "/st-metrics"})
OPEN_METRICS = "TWENTY_WATTS_METRICS"
# The light page and the offline deck are made to be shown inside other people's pages.
EMBEDDABLE_PATHS = frozenset({"/view", "/present"})
NO_SNIFFING = {"x-content-type-options": "nosniff"}
# A first visit loads about 100 files. The long policy would add 70 kB and protect nothing: a
# policy belongs to documents and workers.
FILE_PREFIXES = ("/static/", "/assets/")
FILE_HEADERS = NO_SNIFFING | {"content-security-policy": "default-src 'self'; frame-ancestors 'none'"}
DOCUMENT_HEADERS = NO_SNIFFING | {
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), "
    "usb=(), serial=(), midi=(), display-capture=()",
    "cross-origin-opener-policy": "same-origin",
}


class SecurityHeaders:
    """Middleware: add the headers to every answer that has not set its own."""

    def __init__(self, app: ASGIApp, page: str) -> None:
        self.app = app
        self.document_headers, self.embeddable_headers = (
            DOCUMENT_HEADERS | {"content-security-policy": first_page.content_security_policy(page, frame_ancestors)}
            for frame_ancestors in ("'self'", "*")
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        added = self.headers_for(scope["path"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in added.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def headers_for(self, path: str) -> Mapping[str, str]:
        """Return the headers that an answer from this path gets."""
        if path.startswith(FILE_PREFIXES):
            return FILE_HEADERS
        return self.embeddable_headers if path in EMBEDDABLE_PATHS else self.document_headers


class ClosedPaths:
    """Middleware: 404 for Streamlit's open metrics, unless ``TWENTY_WATTS_METRICS`` is set."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        closed = scope["type"] == "http" and scope["path"].rstrip("/") in CLOSED_PATHS
        if closed and not os.environ.get(OPEN_METRICS):
            await PlainTextResponse("Not found", status_code=404)(scope, receive, send)
            return
        await self.app(scope, receive, send)


class PageName(Convertor[str]):
    """A page's address: one lower-case word. Anything else is left to Streamlit."""

    regex = "[a-z][a-z_-]*"

    def convert(self, value: str) -> str:
        """Return the name as it stands."""
        return value

    def to_string(self, value: str) -> str:
        """Return the name as it stands."""
        return value


register_url_convertor("page", PageName())


class Server:
    """The middleware, routes and start-up of the dashboard, from tables built once."""

    def __init__(self) -> None:
        frontend = precompress.frontend_folder()
        self.page = first_page.first_page(frontend, CONFIG_FILE)
        self.index = static_files.StaticFile.from_bytes("index.html", self.page.encode())
        self.assets = static_files.asset_table(ASSETS)
        self.frontend = static_files.frontend_table(frontend, precompress.cache_folder())

    @property
    def middleware(self) -> list[Middleware]:
        """The middleware, outermost first."""
        return [
            Middleware(SecurityHeaders, page=self.page),
            Middleware(ClosedPaths),
            Middleware(static_files.PrecompressedFiles, table=self.frontend),
        ]

    @property
    def routes(self) -> list[Route]:
        """Our own addresses. The page addresses catch any lower-case word, so these come last."""
        return [
            Route("/healthz", self.healthz),
            Route("/assets/{name:path}", self.asset),
            Route("/", self.start),
            Route("/{name:page}", self.start),
        ]

    async def healthz(self, _request: Request) -> Response:
        """Say that the server is up and warm. The count shows that start-up froze its objects."""
        report = {"status": "ok", "frozen_objects": gc.get_freeze_count()}
        return JSONResponse(report, headers={"cache-control": "no-store"})

    async def asset(self, request: Request) -> Response:
        """Send one of our own files."""
        file = self.assets.get(request.path_params["name"])
        return _answer(file, request)

    async def start(self, request: Request) -> Response:
        """Send the page that starts Streamlit; its script then shows the page of that address."""
        return _answer(self.index, request)


def _answer(file: static_files.StaticFile | None, request: Request) -> Response:
    if file is None:
        return PlainTextResponse("Not found", status_code=404)
    response = file.response(request.headers)
    return response or PlainTextResponse("Not acceptable", status_code=406)


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Warm up, then take everything alive out of the garbage collector's rounds.

    What was loaded by now lives as long as the process; walking it after each run cost every
    viewer 30 to 60 ms. New objects are collected as usual.
    """
    warm.warm_up()
    gc.collect()
    gc.freeze()
    yield
