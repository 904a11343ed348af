"""Middleware for the day when more come than one process can serve: nobody is sent away without something to see.

Beyond a number of sessions the dashboard's page is replaced by a few polite lines with a link to the light page, which
needs no session. Connections are refused a little later than pages: who already has the page, and lost the server it
came from, gets in before those who are new.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Hashable
from html import escape
from math import ceil
from typing import Final

from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

from efficiency.link import decode
from ui import light_page
from ui.limits import BUCKETS, Admission, number_from
from ui.metrics import METRICS
from ui.views import HOME, hero

VARIABLE: Final = "TWENTY_WATTS_SESSIONS"
SESSIONS: Final = 500
"""Sessions of one process. Each takes up to 1 MB."""
RETURNING: Final = 1.25
"""So many times as many connections are let in as pages are handed out."""
STREAM: Final = "/_stcore/stream"
HEALTH: Final = frozenset({"/healthz", "/readyz"})
PAGE: Final = re.compile(r"/(?P<name>([a-z][a-z_-]*)?)")
WORKED_OUT: Final = re.compile(r"/(view|api/.*|[a-z_-]*)")
"""Addresses whose answer depends on the query; files and Streamlit's own have a dot or another folder."""
NEVER_LIMITED: Final = HEALTH | {"/present"}
FULL: Final = 1013
RETRY_S: Final = (20, 40)


class AllowedHosts(TrustedHostMiddleware):
    """Streamlit checks ``server.allowedHosts`` for sessions only; this does for everything but health."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, config.get_option("server.allowedHosts") or ["*"], www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        # A health check knows the machine, not the site's name.
        if scope["type"] == "http" and scope["path"] in HEALTH:
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class SessionLimit:
    """Middleware: a polite page instead of the dashboard's, and no more connections, when the process is full."""

    def __init__(self, app: ASGIApp, most: int | None = None) -> None:
        self.app = app
        self.most = int(most or number_from(VARIABLE, SESSIONS))
        self.open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one session."""
        if scope["type"] == "websocket" and scope["path"] == STREAM:
            await self._session(scope, receive, send)
            return
        page = PAGE.fullmatch(scope["path"]) if scope["type"] == "http" and self.open >= self.most else None
        if page and f"/{page['name']}" not in NEVER_LIMITED | {light_page.PATH}:
            METRICS.refuse("sessions")
            await polite_page(page["name"], scope["query_string"].decode("latin-1"))(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _session(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.open >= ceil(self.most * RETURNING):
            METRICS.refuse("connections")
            await receive()
            await send({"type": "websocket.close", "code": FULL})
            return
        self.open += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.open -= 1


class FairShare:
    """Middleware: answers that nobody has asked for lately are worked out at a bounded rate for each address."""

    def __init__(self, app: ASGIApp, admission: Admission | None = None) -> None:
        self.app = app
        self.admission = admission or Admission(BUCKETS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"] not in NEVER_LIMITED and WORKED_OUT.fullmatch(scope["path"]):
            client = scope.get("client")
            wait_s = self.admission.wait_s(_digest(scope), client[0] if client else None)
            if wait_s:
                METRICS.refuse("request_rate")
                await _too_many(wait_s)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _digest(scope: Scope) -> Hashable:
    """Name an address in few bytes, however long it is."""
    return hashlib.blake2b(scope["path"].encode() + b"?" + scope["query_string"], digest_size=16).digest()


def _too_many(wait_s: float) -> Response:
    text = "Many new settings are being asked for from your network. Please try this one again in a few seconds."
    return PlainTextResponse(text, 429, {"retry-after": str(ceil(wait_s)), "cache-control": "no-store"})


def polite_page(name: str, query: str) -> Response:
    """Say that every seat is taken, and offer the same figure and settings on the light page."""
    view = hero(name or HOME) or hero(HOME)
    # What is written is our own spelling of the state, never the visitor's.
    light = light_page.address(view, decode(query)[0]) if view else light_page.PATH
    # Not all at the same moment.
    seconds = random.randint(*RETRY_S)
    page = f"""<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta http-equiv="refresh" content="{seconds}" />
    <title>Twenty Watts</title>
    <style>
      body {{ font: 1.125rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1.5rem;
        color: #1a1d23; background: #fff; }}
      a {{ color: #2f6db5; font-weight: 600; }}
      @media (prefers-color-scheme: dark) {{
        body {{ color: #eceef2; background: #0f1218; }} a {{ color: #6fa8e8; }}
      }}
    </style>
  </head>
  <body>
    <h1>Every seat is taken</h1>
    <p>More people are using the dashboard right now than this server can hold.</p>
    <p><a href="{escape(light)}">Open the light page</a>: the same figure with its slider and your settings. It always
      has room.</p>
    <p>This page looks for a free seat by itself every half minute.</p>
  </body>
</html>
"""
    return HTMLResponse(page, 503, {"retry-after": str(seconds), "cache-control": "no-store"})
