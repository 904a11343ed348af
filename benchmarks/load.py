"""How the dashboard holds up: a crowd, a rush, idle sessions, a server killed, a rolling restart, a soak.

``python -m benchmarks.load`` starts the servers on this machine, plays viewers over the protocol that browsers speak,
prints a table and stops everything. Viewers and servers share the cores, and everything is bounded in count and time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.viewers import Tally, Viewer, crowd, percentile_ms, rows
from deploy.serve import ONE_THREAD, THIS_MACHINE, Group, group

ROOT: Final = Path(__file__).resolve().parent.parent
PORT: Final = 8931
FIRST_PORT: Final = 8941
FIRST_METRICS_PORT: Final = 8951
LOG: Final = ROOT / ".cache" / "load.log"
"""What the servers say."""
PAGES: Final = ("/", "/precision", "/movement", "/sparsity", "/parallel")
THINK_S: Final = 5.0
IDLE_SESSIONS: Final = 500
PATIENCE_S: Final = 120.0
LATEST_S: Final = 20.0
"""So long after the last viewer's arrival at most, something happens to the servers."""
LIMITS: Final = {
    "steady p95 [ms]": 250.0,
    "steady p99 [ms]": 500.0,
    "rush p95 [ms]": 3000.0,
    "idle session [MB]": 1.0,
    "back after a kill [s]": 8.0,
}


@contextmanager
def ours(replicas: int) -> Iterator[Group]:
    """Run the dashboard as ``make serve`` does, with its watchman."""
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("ab") as log, group(PORT, replicas, FIRST_PORT, FIRST_METRICS_PORT, log) as made:
        made.start()
        watchman = threading.Thread(target=made.watch, daemon=True)
        watchman.start()
        try:
            yield made
        finally:
            made.stop_wanted = True
            watchman.join(timeout=30)


@contextmanager
def default() -> Iterator[str]:
    """Run the same pages in one process as Streamlit comes: no app.py, no configuration of ours."""
    options = {
        "server.port": str(PORT),
        "server.address": THIS_MACHINE,
        "server.headless": "true",
        # Neither asks anybody on the internet.
        "browser.gatherUsageStats": "false",
        "logger.hideWelcomeMessage": "true",
    }
    named = [word for name, value in options.items() for word in (f"--{name}", value)]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(ROOT / "ui" / "main.py"), *named],
            cwd=folder,
            env=os.environ | ONE_THREAD | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        url = f"http://{THIS_MACHINE}:{PORT}"
        try:
            _wait_for(f"{url}/_stcore/health")
            yield url
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"{url} does not answer")


def url_of(made: Group) -> str:
    """Where viewers go."""
    return f"http://{THIS_MACHINE}:{made.port}"


def resident_mb(made: Group) -> float:
    """Read the memory of all replicas [MB] from their metrics."""
    total = 0.0
    for replica in made.replicas:
        with urllib.request.urlopen(f"http://{THIS_MACHINE}:{replica.metrics_port}/metrics", timeout=10) as answer:
            (found,) = re.findall(r"^twenty_watts_resident_bytes (\d+)$", answer.read().decode(), re.MULTILINE)
        total += int(found) / 1e6
    return total


def steady(url: str, viewers: int, seconds: float, arrive_s: float) -> Tally:
    """Let viewers move controls."""
    return asyncio.run(crowd(url, viewers, seconds, THINK_S, arrive_s=arrive_s, paths=PAGES))


def rush(url: str, viewers: int, arrive_s: float) -> Tally:
    """Let viewers come all at once and look."""
    return asyncio.run(crowd(url, viewers, 5.0, 1e6, arrive_s=arrive_s))


async def while_something_happens(url: str, viewers: int, seconds: float, happens: Callable[[], object]) -> Tally:
    """Let viewers move controls, do something to the servers when all are in, and let lost viewers come back."""
    tally = Tally()
    arrive_s = viewers / 20
    played = asyncio.create_task(
        crowd(url, viewers, seconds, THINK_S, arrive_s=arrive_s, paths=PAGES, come_back=True, tally=tally)
    )
    deadline = time.monotonic() + arrive_s + LATEST_S
    while len(tally.firsts_s) < viewers and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    await asyncio.to_thread(happens)
    return await played


def kill_first(made: Group) -> None:
    """Kill a replica without a word."""
    process = made.replicas[0].process
    if process:
        os.kill(process.pid, signal.SIGKILL)


def ask_to_roll(made: Group) -> None:
    """Ask for a rolling restart."""
    made.roll_wanted = True


def idle_session_mb(made: Group, sessions: int) -> float:
    """Measure what an idle session takes [MB]: so many that have looked at the home page and stay."""

    async def look(count: int, then: Callable[[], Awaitable[float]]) -> float:
        viewers = [Viewer(url_of(made), Tally()) for _ in range(count)]
        for start in range(0, count, 10):
            for viewer in viewers[start : start + 10]:
                await viewer.open()
            await asyncio.gather(*(viewer.run() for viewer in viewers[start : start + 10]))
        measured = await then()
        await asyncio.gather(*(viewer.socket.close() for viewer in viewers))
        return measured

    async def measure() -> float:
        await asyncio.sleep(2)
        return await asyncio.to_thread(resident_mb, made)

    async def both() -> float:
        # What comes with the first sessions (pages, threads, caches) is no session's own.
        before = await look(20, measure)
        return (await look(sessions, measure) - before) / (sessions - 20)

    return asyncio.run(both())


def soak(made: Group, viewers: int, minutes: float) -> tuple[Tally, float, float]:
    """Let viewers come and go for minutes; return what they saw, the memory's slope [MB/min] and its level [MB]."""
    samples: list[tuple[float, float]] = []
    stop = threading.Event()

    def sample() -> None:
        while not stop.wait(10):
            samples.append((time.monotonic() / 60, resident_mb(made)))

    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    total = Tally()
    until = time.monotonic() + 60 * minutes
    while time.monotonic() < until:
        # A visit lasts two minutes: sessions end, and new ones take their place.
        part = steady(url_of(made), viewers, min(110.0, max(5.0, until - time.monotonic() - 10)), 10.0)
        total.opened += part.opened
        total.failed += part.failed
        total.errors += part.errors
        total.firsts_s += part.firsts_s
        total.reruns_s += part.reruns_s
    stop.set()
    sampler.join(timeout=15)
    # The first third fills caches.
    settled = samples[len(samples) // 3 :]
    return total, slope(settled), settled[-1][1] if settled else float("nan")


def slope(samples: Sequence[tuple[float, float]]) -> float:
    """Fit a line and return its slope."""
    if len(samples) < 2:
        return float("nan")
    x_mean = sum(x for x, _ in samples) / len(samples)
    y_mean = sum(y for _, y in samples) / len(samples)
    spread = sum((x - x_mean) ** 2 for x, _ in samples)
    return sum((x - x_mean) * (y - y_mean) for x, y in samples) / spread


def print_tally(title: str, tally: Tally) -> None:
    """Print a table, and the first errors in full."""
    print(f"\n{title}")
    for name, words in rows(tally):
        print(f"  {name:<34}{words:>26}")
    for error in tally.errors[:3]:
        print(f"  ! {error}")


def verdict(name: str, found: float) -> None:
    """Print a figure beside its limit."""
    limit = LIMITS[name]
    print(f"  {name:<34}{found:>14.2f}  {'within' if found <= limit else 'BEYOND'} {limit:g}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=(__doc__ or "").partition("\n")[0])
    parts = ("steady", "default", "rush", "memory", "kill", "roll")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts)
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--idle", type=int, default=IDLE_SESSIONS, help="sessions for the memory of one")
    parser.add_argument("--soak", type=float, default=0.0, metavar="MINUTES", help="let 50 viewers come and go as well")
    options = parser.parse_args(arguments)
    viewers, seconds = options.viewers, options.seconds
    print(f"load before the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    arrive_s = viewers / 20
    if {"steady", "rush", "kill", "roll"} & set(options.only) or options.soak:
        with ours(2) as made:
            if "steady" in options.only:
                tally = steady(url_of(made), viewers, seconds, arrive_s)
                print_tally(f"{viewers} viewers, two replicas, {seconds:.0f} s, a move every {THINK_S:.0f} s", tally)
                verdict("steady p95 [ms]", percentile_ms(tally.reruns_s, 0.95))
                verdict("steady p99 [ms]", percentile_ms(tally.reruns_s, 0.99))
            if "rush" in options.only:
                tally = rush(url_of(made), viewers, viewers / 20)
                print_tally(f"a rush: {viewers} sessions within {viewers / 20:.0f} s", tally)
                verdict("rush p95 [ms]", percentile_ms(tally.firsts_s, 0.95))
            if "kill" in options.only:
                half = max(viewers // 2, 2)
                tally = asyncio.run(while_something_happens(url_of(made), half, seconds / 2, lambda: kill_first(made)))
                print_tally(f"one of two replicas killed under {half} viewers", tally)
                verdict("back after a kill [s]", max(tally.recoveries_s, default=float("nan")))
            if "roll" in options.only:
                half = max(viewers // 2, 2)
                rolled = while_something_happens(url_of(made), half, max(seconds, 30.0), lambda: ask_to_roll(made))
                tally = asyncio.run(rolled)
                print_tally(f"a rolling restart under {half} viewers", tally)
            if options.soak:
                tally, slope_mb, level_mb = soak(made, max(viewers // 4, 2), options.soak)
                print_tally(f"{max(viewers // 4, 2)} viewers who come and go for {options.soak:g} min", tally)
                print(f"  memory of both: {level_mb:.0f} MB, {slope_mb:+.2f} MB/min")
    if "memory" in options.only:
        with ours(1) as made:
            print(f"\n{options.idle} idle sessions on one process")
            verdict("idle session [MB]", idle_session_mb(made, options.idle))
    if "default" in options.only:
        with default() as url:
            tally = steady(url, viewers, seconds, arrive_s)
            print_tally(f"the same viewers, one process of Streamlit's default configuration, {seconds:.0f} s", tally)


if __name__ == "__main__":
    main()
