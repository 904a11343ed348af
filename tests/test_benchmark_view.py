"""The hall's benchmark runs, in small; its times are printed, never asserted."""

from __future__ import annotations

import asyncio

from benchmarks.view import links, open_all, percentile, plotly_path


def test_links_differ() -> None:
    assert len(set(links(200))) == 200


def test_opens_are_counted_and_measured(server: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    paths = [*links(6), "/api/v1/gap?bits=7"]
    with ThreadPoolExecutor(1) as own_thread:
        found = own_thread.submit(
            lambda: asyncio.run(open_all(server, paths, plotly_path(server), opens=14, within_s=0.5))
        ).result()
    assert found.failed == 2, "the address that is refused counts as failed, each time"
    assert len(found.open_ms) == 14
    assert found.received_bytes > 12 * 300_000
    assert all(page <= whole for page, whole in zip(found.page_ms, found.open_ms, strict=True))


def test_percentile() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([1.0], 0.99) == 1.0
