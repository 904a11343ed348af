"""What the server adds to Streamlit: headers, our own files, the first page, health, warm-up."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from efficiency.link import decode
from ui import api, deck, embedding, first_page, light_page, precompress, preview, public_address, static_files, warm
from ui.documents import Document, Kept
from ui.views import HOME

_ROUNDS_LESS: Final = 20
"""So many times less often than usual are old objects walked for garbage."""
ASSETS = precompress.ROOT / "assets"
CONFIG_FILE = precompress.ROOT / ".streamlit" / "config.toml"
# Streamlit reports its sessions, memory and caches to anyone who asks; only an operator should see.
CLOSED_PATHS = frozenset({"/_stcore/metrics", "/st-metrics"})
OPEN_METRICS = "TWENTY_WATTS_METRICS"
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

    def __init__(self, app: ASGIApp, page: str, frame_ancestors: str) -> None:
        self.app = app
        # The light page holds no inline script, so its policy names none.
        self.document_headers, self.embeddable_headers, self.light_headers = (
            DOCUMENT_HEADERS | {"content-security-policy": first_page.content_security_policy(inline, ancestors)}
            for inline, ancestors in ((page, embedding.OWN), (page, frame_ancestors), ("", frame_ancestors))
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        added = self.headers_for(scope["path"], scope["query_string"].decode("latin-1"))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in added.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def headers_for(self, path: str, query: str = "") -> Mapping[str, str]:
        """Return the headers that an answer from this address gets."""
        if path.startswith(FILE_PREFIXES):
            return FILE_HEADERS
        if path in (light_page.PATH, deck.PATH, deck.OWN_PATH):
            return self.light_headers
        return self.embeddable_headers if embedding.may_be_embedded(path, query) else self.document_headers


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
        cache = precompress.cache_folder()
        self.assets = static_files.asset_table(ASSETS, precompress.asset_cache(cache))
        access = static_files.StaticFile.hashed("access.js", first_page.ACCESS.encode())
        self.assets[access.name] = access
        self.page = first_page.first_page(frontend, CONFIG_FILE, self.asset_path(access.name))
        self.frontend = static_files.frontend_table(frontend, cache)
        # What an operator set wrongly stops the start, with a message that names it.
        self.frame_ancestors = embedding.frame_ancestors()
        self.public_url = public_address.configured()
        script = static_files.StaticFile.hashed("light_page.js", light_page.SCRIPT.encode())
        self.assets[script.name] = script
        self.previews = preview.Previews(self.page, self.asset_path("preview.", ".png"))
        light_pages = light_page.LightPages(
            light_page.Assets(
                plotly=self.asset_path("plotly/plotly-basic-", ".js"),
                script=self.asset_path(script.name),
                font=self.asset_path("fonts/inter.", ".woff2"),
                picture=self.asset_path("preview.", ".png"),
            )
        )
        # A light page takes 100 kB and a tenth of that compressed.
        deck_script = static_files.StaticFile.hashed("deck.js", deck.SCRIPT.encode())
        self.assets[deck_script.name] = deck_script
        decks = deck.Decks(
            deck.Files(
                plotly=self.file("plotly/plotly-basic-", ".js"),
                script=self.file(deck_script.name),
                font=self.file("fonts/inter.", ".woff2"),
                icon=self.file("icon.", ".svg"),
                picture=self.file("preview.", ".png"),
            )
        )
        # A deck takes 1 MB, as a file 2 MB.
        self.decks = Kept(decks.make, most=12)
        self.light_pages = Kept(light_pages.make, most=400)
        self.first_pages = Kept(self._first_page, most=400)
        self.answers = Kept(api.gap_answer, most=200)

    def file(self, beginning: str, end: str = "") -> deck.File:
        """Give the asset whose name begins and ends so, with what it holds."""
        address = self.asset_path(beginning, end)
        file = self.assets[address.removeprefix("/assets/")]
        return deck.File(address, lambda: file.body(static_files.IDENTITY))

    def asset_path(self, beginning: str, end: str = "") -> str:
        """Give the address of the one asset whose name begins and ends so: between stands its hash."""
        (name,) = (name for name in self.assets if name.startswith(beginning) and name.endswith(end))
        return f"/assets/{name}"

    @property
    def middleware(self) -> list[Middleware]:
        """The middleware, outermost first."""
        return [
            Middleware(SecurityHeaders, page=self.page, frame_ancestors=self.frame_ancestors),
            Middleware(ClosedPaths),
            Middleware(static_files.PrecompressedFiles, table=self.frontend),
        ]

    @property
    def routes(self) -> list[Route]:
        """Our own addresses. The page addresses catch any lower-case word, so these come last."""
        return [
            Route("/healthz", self.healthz),
            Route("/assets/{name:path}", self.asset),
            Route(light_page.PATH, self.view),
            *(Route(path, self.present) for path in (deck.PATH, deck.OWN_PATH)),
            Route(api.GAP_PATH, self.gap),
            Route("/api/{rest:path}", self.no_such_address),
            Route("/", self.start),
            Route(f"/{HOME}", self.home),
            Route("/{name:page}", self.start),
        ]

    async def healthz(self, _request: Request) -> Response:
        """Say that the server is up and warm. The counts show that start-up spared its objects, and the sessions'."""
        report = {
            "status": "ok",
            "frozen_objects": gc.get_freeze_count(),
            "rounds_before_old_ones": gc.get_threshold()[2],
        }
        return JSONResponse(report, headers={"cache-control": "no-store"})

    async def asset(self, request: Request) -> Response:
        """Send one of our own files."""
        file = self.assets.get(request.path_params["name"])
        return _answer(file, request)

    async def view(self, request: Request) -> Response:
        """Send the light page: one figure for a phone, without a session."""
        document = await self.light_pages.document(request.url.query, self.public_base(request))
        return document.response(request.headers)

    async def present(self, request: Request) -> Response:
        """Send a story for the stage, all its steps at once."""
        path = request.url.path
        key = deck.key_of(path, request.url.query)
        document = await self.decks.document(path, key, self.public_base(request))
        return document.response(request.headers)

    async def gap(self, request: Request) -> Response:
        """Send the numbers of a state as JSON."""
        document = await self.answers.document(request.url.query)
        return document.response(request.headers)

    async def no_such_address(self, request: Request) -> Response:
        """Say where the numbers for programs are."""
        return api.no_such_address().response(request.headers)

    async def home(self, request: Request) -> Response:
        """Lead to the first page, which stands at the root; its name elsewhere invites to this address."""
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/{query}", status_code=308)

    async def start(self, request: Request) -> Response:
        """Send the page that starts Streamlit, with what a chat shows of the link; its script then shows the page."""
        name = request.path_params.get("name", "")
        document = await self.first_pages.document(name, request.url.query, self.public_base(request))
        return document.response(request.headers)

    def _first_page(self, name: str, query: str, base: str) -> Document:
        return self.previews.make(name, decode(query)[0], base)

    def public_base(self, request: Request) -> str:
        """Give the address that previews lead to."""
        return public_address.public_base(self.public_url, request.url.scheme, request.headers.get("host", ""))


def _answer(file: static_files.StaticFile | None, request: Request) -> Response:
    if file is None:
        return PlainTextResponse("Not found", status_code=404)
    response = file.response(request.headers)
    return response or PlainTextResponse("Not acceptable", status_code=406)


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Warm up, then take everything alive out of the garbage collector's rounds.

    What was loaded by now lives as long as the process; walking it after each run cost every
    viewer 30 to 60 ms. New objects are collected as usual, but the sessions, which are old and
    many, are walked twenty times less often: a hundred of them stop every viewer for 0.2 s.
    """
    warm.warm_up()
    gc.collect()
    gc.freeze()
    young, middle, old = gc.get_threshold()
    gc.set_threshold(young, middle, _ROUNDS_LESS * old)
    yield
    gc.set_threshold(young, middle, old)
