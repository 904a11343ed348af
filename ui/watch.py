"""Middleware that sees every request and session from outside: counts them, times them, writes a line.

A page run is timed from the browser's message to the end of the server's answer, waiting included, because that is what
a viewer feels. Messages are told by their size and one field, so nothing of Streamlit is changed.
"""

from __future__ import annotations

import re
import time
from collections import deque
from typing import Final

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from ui import logs
from ui.metrics import METRICS

STREAM: Final = "/_stcore/stream"
SMALL_ENOUGH: Final = 256
"""Bytes of the longest message that may be the end of a page run; it has about fifty."""
MOST_WAITING: Final = 64
PLAIN_ROUTES: Final = frozenset({"/", "/view", "/present", "/healthz", "/readyz", "/qr"})
FOLDERS: Final = ("/static", "/assets", "/media", "/_stcore", "/api", "/view")
PAGE: Final = re.compile(r"/[a-z][a-z_-]*")
QUIET: Final = frozenset({"/healthz", "/readyz", "/static", "/assets", "/_stcore", "/media"})


def route_of(path: str) -> str:
    """Name the kind of address: one of a few, whatever was asked for."""
    if path in PLAIN_ROUTES:
        return path
    for folder in FOLDERS:
        if path.startswith(f"{folder}/"):
            return folder
    return "page" if PAGE.fullmatch(path) else "other"


class Watch:
    """Middleware: count, time and log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one session."""
        if scope["type"] == "http":
            await self.request(scope, receive, send)
        elif scope["type"] == "websocket" and scope["path"] == STREAM:
            await Session(self.app).run(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        route = route_of(scope["path"])
        start = time.perf_counter()
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            seconds = time.perf_counter() - start
            METRICS.request(route, status, seconds)
            if route not in QUIET or status >= 500:
                logs.event("request", route=route, status=status, ms=round(seconds * 1e3, 1))


class Session:
    """One viewer's connection."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.asked_at: deque[float] = deque(maxlen=MOST_WAITING)
        self.runs = 0
        self.slowest_s = 0.0
        self.accepted = False

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it to its end."""
        start = time.perf_counter()

        async def heard() -> Message:
            message = await receive()
            data = message.get("bytes")
            if data and _asks_for_a_run(data):
                self.asked_at.append(time.perf_counter())
            return message

        async def said(message: Message) -> None:
            if message["type"] == "websocket.accept":
                self.accepted = True
                METRICS.session_opened()
            data = message.get("bytes")
            if data and len(data) <= SMALL_ENOUGH and _ends_a_run(data):
                self.finished()
            await send(message)

        try:
            await self.app(scope, heard, said)
        finally:
            if self.accepted:
                METRICS.session_closed()
                logs.event(
                    "session",
                    seconds=round(time.perf_counter() - start, 1),
                    runs=self.runs,
                    slowest_ms=round(self.slowest_s * 1e3, 1),
                )

    def finished(self) -> None:
        """Note the end of a page run. One run answers every message that came before it began."""
        if not self.asked_at:
            return
        seconds = time.perf_counter() - self.asked_at[0]
        self.asked_at.clear()
        METRICS.rerun(seconds, first=self.runs == 0)
        self.runs += 1
        self.slowest_s = max(self.slowest_s, seconds)


def _asks_for_a_run(data: bytes) -> bool:
    try:
        return BackMsg.FromString(data).WhichOneof("type") == "rerun_script"
    except DecodeError:
        # Streamlit refuses it in a moment.
        return False


def _ends_a_run(data: bytes) -> bool:
    try:
        return ForwardMsg.FromString(data).WhichOneof("type") == "script_finished"
    except DecodeError:
        return False
