"""What the server counts, and a page of it on a port of its own, which nobody outside reaches.

The page is in the OpenMetrics text format, which Prometheus and others read. No figure of it says who asked.
"""

from __future__ import annotations

import asyncio
import bisect
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Final

from ui.setting_error import SettingError, port_number

PORT_VARIABLE: Final = "TWENTY_WATTS_METRICS_PORT"
ADDRESS_VARIABLE: Final = "TWENTY_WATTS_METRICS_ADDRESS"
THIS_MACHINE: Final = "127.0.0.1"
MEDIA_TYPE: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"
BOUNDS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LONGEST_REQUEST: Final = 8192
PATIENCE_S: Final = 5.0
OUR_PACKAGES: Final = ("ui", "efficiency")


@dataclass
class Histogram:
    """How many took how long."""

    bounds_s: Sequence[float] = BOUNDS_S
    counts: list[int] = field(default_factory=list)
    total_s: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds_s) + 1)

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect.bisect_left(self.bounds_s, seconds)] += 1
        self.total_s += seconds

    def lines(self, name: str) -> Iterator[str]:
        """Write it as OpenMetrics does: each bucket holds those before it."""
        bounds = (*map(str, self.bounds_s), "+Inf")
        sums = list(accumulate(self.counts))
        yield from (f'{name}_bucket{{le="{bound}"}} {count}' for bound, count in zip(bounds, sums, strict=True))
        yield f"{name}_sum {self.total_s:.6f}"
        yield f"{name}_count {sums[-1]}"


class Metrics:
    """The counts of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.sessions_open = 0
        self.sessions = 0
        self.reruns = Histogram()
        self.first_renders = Histogram()
        self.errors: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.requests: Counter[tuple[str, int]] = Counter()
        self.request_times = Histogram()

    def session_opened(self) -> None:
        """Count a viewer who came."""
        with self._lock:
            self.sessions_open += 1
            self.sessions += 1

    def session_closed(self) -> None:
        """Count a viewer who left."""
        with self._lock:
            self.sessions_open -= 1

    def rerun(self, seconds: float, first: bool) -> None:
        """Count a page run, from the browser's message to the end of the answer."""
        with self._lock:
            (self.first_renders if first else self.reruns).add(seconds)

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count an HTTP request."""
        with self._lock:
            self.requests[route, status] += 1
            self.request_times.add(seconds)

    def error(self, kind: str) -> None:
        """Count an error that no page expected, by the name of its class."""
        with self._lock:
            self.errors[kind] += 1

    def refuse(self, reason: str) -> None:
        """Count a visitor who was asked to wait or to take the light page."""
        with self._lock:
            self.refused[reason] += 1

    def text(self) -> str:
        """Write everything in OpenMetrics."""
        with self._lock:
            lines = [*self._lines(), *cache_lines(), *process_lines()]
        return "\n".join([*lines, "# EOF", ""])

    def _lines(self) -> Iterator[str]:
        yield from family("sessions_open", "gauge", "Viewers connected now")
        yield f"twenty_watts_sessions_open {self.sessions_open}"
        yield from family("sessions", "counter", "Viewers who connected")
        yield f"twenty_watts_sessions_total {self.sessions}"
        for name, help_text, histogram in (
            ("rerun_seconds", "Page runs after a change, from message to end of answer", self.reruns),
            ("first_render_seconds", "First page runs of a session", self.first_renders),
            ("request_seconds", "HTTP requests", self.request_times),
        ):
            yield from family(name, "histogram", help_text)
            yield from histogram.lines(f"twenty_watts_{name}")
        yield from family("errors", "counter", "Errors that no page expected, by class")
        yield from (f'twenty_watts_errors_total{{kind="{kind}"}} {n}' for kind, n in sorted(self.errors.items()))
        yield from family("refused", "counter", "Visitors asked to wait, by reason")
        yield from (f'twenty_watts_refused_total{{reason="{why}"}} {n}' for why, n in sorted(self.refused.items()))
        yield from family("requests", "counter", "HTTP requests by route and status")
        for (route, status), count in sorted(self.requests.items()):
            yield f'twenty_watts_requests_total{{route="{route}",status="{status}"}} {count}'


METRICS: Final = Metrics()
"""The one of this process."""


def family(name: str, kind: str, help_text: str) -> Iterator[str]:
    """Announce a family of figures."""
    yield f"# TYPE twenty_watts_{name} {kind}"
    yield f"# HELP twenty_watts_{name} {help_text}."


def cache_lines() -> Iterator[str]:
    """Write hits, misses and entries of every cache of ours that has been used."""
    found: dict[str, tuple[int, int, int]] = {}
    for module_name, module in list(sys.modules.items()):
        if module_name.partition(".")[0] not in OUR_PACKAGES or module is None:
            continue
        for name, value in list(vars(module).items()):
            # A cache that another module has imported is counted where it is at home.
            if hasattr(value, "cache_info") and getattr(value, "__module__", "") == module_name:
                info = value.cache_info()
                if info.hits or info.misses:
                    found[f"{module_name}.{name}"] = (info.hits, info.misses, info.currsize)
    for position, (what, kind) in enumerate((("hits", "counter"), ("misses", "counter"), ("entries", "gauge"))):
        yield from family(f"cache_{what}", kind, f"Cached answers: {what}")
        suffix = "_total" if kind == "counter" else ""
        yield from (f'twenty_watts_cache_{what}{suffix}{{cache="{n}"}} {v[position]}' for n, v in sorted(found.items()))


def process_lines() -> Iterator[str]:
    """Write the memory and processor time of this process."""
    yield from family("cpu_seconds", "counter", "Processor time used")
    yield f"twenty_watts_cpu_seconds_total {time.process_time():.3f}"
    pages = _resident_pages()
    if pages is not None:
        yield from family("resident_bytes", "gauge", "Memory in use")
        yield f"twenty_watts_resident_bytes {pages * os.sysconf('SC_PAGE_SIZE')}"


def _resident_pages() -> int | None:
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return None


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request for the page; anything else gets 404."""
    with suppress(OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
        right = head.startswith((b"GET /metrics ", b"GET / ", b"GET /metrics?"))
        body = METRICS.text().encode() if right else b"Not found"
        status, kind = ("200 OK", MEDIA_TYPE) if right else ("404 Not Found", "text/plain")
        fields = (f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Cache-Control: no-store")
        writer.write("\r\n".join([f"HTTP/1.1 {status}", *fields, "Connection: close", "", ""]).encode() + body)
        await asyncio.wait_for(writer.drain(), PATIENCE_S)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def port_of_page() -> int | None:
    """Read the port from the environment, None where none is set; whatever else stands there stops the start."""
    text = os.environ.get(PORT_VARIABLE, "").strip()
    if not text:
        return None
    port = port_number(text)
    if port is None:
        raise SettingError(f"{PORT_VARIABLE} is {text!r}; allowed is a whole number from 1 to 65535")
    return port


@asynccontextmanager
async def serving() -> AsyncIterator[None]:
    """Serve the page while the server runs, where a port is set; to this machine only unless told otherwise."""
    port = port_of_page()
    if port is None:
        yield
        return
    address = os.environ.get(ADDRESS_VARIABLE) or THIS_MACHINE
    async with await asyncio.start_server(answer, address, port, limit=LONGEST_REQUEST):
        yield
