"""How the light page stands a full hall: many phones open many different links at once, each with plotly.js.

``python -m benchmarks.view`` starts the dashboard on this machine only, opens 200 different links 2,000 times within
ten seconds (each open is the page and plotly.js, as on a phone's first visit), prints what came back how fast, and
stops it.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from benchmarks.pages import dashboard
from efficiency.link import State
from efficiency.scenario import Scenario
from ui.light_page import address
from ui.views import views

LINKS = 200
OPENS = 2_000
WITHIN_S = 10.0
AIM_P99_MS = 500.0
PATIENCE_S = 30.0


@dataclass
class Opened:
    """What came of the opens: the time of each [ms], how many failed, bytes."""

    page_ms: list[float] = field(default_factory=list)
    open_ms: list[float] = field(default_factory=list)
    failed: int = 0
    received_bytes: int = 0
    wall_s: float = 0.0


def links(count: int = LINKS) -> list[str]:
    """Give different links: every figure in turn, each time in another state."""
    table = tuple(views().values())
    return [address(table[i % len(table)], State(Scenario(utilisation=0.2 + i / 1000))) for i in range(count)]


async def fetch(host: str, port: int, path: str, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> bytes:
    """Ask for a path over an open connection; give the body of a 200, else nothing."""
    reader, writer = streams
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept-Encoding: br, gzip\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next((line for line in head.split("\r\n") if line.startswith("content-length:")), "")
    body = await reader.readexactly(int(length.partition(":")[2] or 0))
    return body if head.startswith("http/1.1 200") else b""


async def open_all(url: str, paths: list[str], plotly: str, opens: int, within_s: float) -> Opened:
    """Open links evenly over a time, in a shuffled order that is always the same; each open is a phone of its own."""
    host, port = urlsplit(url).hostname or "", urlsplit(url).port or 80
    order = [paths[i % len(paths)] for i in range(opens)]
    random.Random(20).shuffle(order)
    found = Opened()
    began = time.perf_counter()

    async def one(step: int) -> None:
        await asyncio.sleep(max(0.0, began + step * within_s / opens - time.perf_counter()))
        start = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE_S):
                streams = await asyncio.open_connection(host, port)
                page = await fetch(host, port, order[step], streams)
                page_s = time.perf_counter() - start
                script = await fetch(host, port, plotly, streams)
                streams[1].close()
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            found.failed += 1
            return
        if not (page and script):
            found.failed += 1
        found.page_ms.append(page_s * 1e3)
        found.open_ms.append((time.perf_counter() - start) * 1e3)
        found.received_bytes += len(page) + len(script)

    await asyncio.gather(*(one(step) for step in range(opens)))
    found.wall_s = time.perf_counter() - began
    return found


def percentile(values: list[float], share: float) -> float:
    """Give the value that a share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def plotly_path(url: str) -> str:
    """Read from a page where plotly.js is."""
    import re
    import urllib.request

    with urllib.request.urlopen(f"{url}/view") as answer:
        found = re.search(r'src="(/assets/plotly/[^"]+)"', answer.read().decode())
    if found is None:
        raise RuntimeError("the light page names no plotly.js")
    return found[1]


def measure(opens: int = OPENS, count: int = LINKS, within_s: float = WITHIN_S) -> Opened:
    """Start the dashboard, open the links, stop it."""
    with dashboard() as url:
        return asyncio.run(open_all(url, links(count), plotly_path(url), opens, within_s))


def main() -> None:
    """Print one table."""
    found = measure()
    print(f"{OPENS:,} opens of {LINKS} different /view links: page and plotly.js, a connection each")
    rows = (
        ("failed", f"{found.failed}", "0"),
        ("time from the first open to the last answer", f"{found.wall_s:.1f} s", f"{WITHIN_S:.0f} s"),
        ("an open, median", f"{statistics.median(found.open_ms):.0f} ms", ""),
        ("an open, 99 of 100 within", f"{percentile(found.open_ms, 0.99):.0f} ms", f"{AIM_P99_MS:.0f} ms"),
        ("the page alone, 99 of 100 within", f"{percentile(found.page_ms, 0.99):.0f} ms", ""),
        ("received", f"{found.received_bytes / 1e6:,.0f} MB", ""),
    )
    print(f"{'':<46}{'measured':>12}{'aim':>10}")
    for name, value, aim in rows:
        print(f"{name:<46}{value:>12}{aim:>10}")


if __name__ == "__main__":
    main()
