"""What running the dashboard for many adds to the server: limits, counts, logs, readiness."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ui import capacity, logs, metrics, server, watch


class Readiness:
    """Whether new visitors may be sent here: after warm-up, and until the process is asked to stop."""

    def __init__(self) -> None:
        self.ready = False

    async def readyz(self, _request: Request) -> Response:
        """Answer a load balancer."""
        status = 200 if self.ready else 503
        report = {"status": "ready" if self.ready else "not ready"}
        return JSONResponse(report, status, {"cache-control": "no-store"})


READINESS = Readiness()
ROUTES = (Route("/readyz", READINESS.readyz),)
OUTER = (Middleware(watch.Watch),)
"""Before everything else: it sees what the others answer."""
INNER = (Middleware(capacity.AllowedHosts), Middleware(capacity.FairShare), Middleware(capacity.SessionLimit))
"""After headers and precompressed files, which are never limited."""


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Start logs and the page of metrics, warm up, then be ready until the end."""
    logs.start()
    warm: AbstractAsyncContextManager[None] = server.lifespan(app)
    async with metrics.serving(), warm:
        READINESS.ready = True
        logs.event("ready")
        try:
            yield
        finally:
            READINESS.ready = False
            logs.event("stopping")
