"""Words of figures in a real browser that are cut at an edge."""

from __future__ import annotations

from playwright.sync_api import Page

HIDDEN_PX = 12
"""The labels of a slider's steps are one pixel small and meant for nobody."""


def words_and_edges(page: Page, *keys: str) -> list[tuple[str, float, float, float]]:
    """Give the words of figures, how far each lies from its left and right edge, and how wide it is [px]."""
    boxes: list[tuple[str, float, float, float]] = page.evaluate(
        """(keys) => keys.flatMap((key) => {
            const figure = document.querySelector(`.st-key-${key} .js-plotly-plot`).getBoundingClientRect();
            return [...document.querySelectorAll(`.st-key-${key} .main-svg text`)].map((text) => {
                const box = text.getBoundingClientRect();
                return [text.textContent, box.left - figure.left, figure.right - box.right, box.width];
            });
        })""",
        keys,
    )
    return boxes


def cut_words(page: Page, *keys: str, from_px: float = 0.0) -> list[tuple[str, float, float]]:
    """Give the words wider than ``from_px`` that reach beyond their figure."""
    found = words_and_edges(page, *keys)
    return [(text, left, right) for text, left, right, wide in found if wide > from_px and min(left, right) < -1]
