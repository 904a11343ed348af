"""The menu: every page's script, title and address, in their order."""

from __future__ import annotations

import functools
from copy import copy
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

PAGES: Final = Path(__file__).parent.parent / "pages"
MENU: Final = {
    "": {"gap": "The gap", "compare": "Compare", "own": "Your own"},
    "Levers": {
        "levers": "All levers",
        "precision": "Precision",
        "sparsity": "Sparsity",
        "movement": "Data movement",
        "parallel": "Parallel fit",
    },
    "Scale": {
        "cluster": "Clusters",
        "failures": "Failures",
        "utilisation": "Utilisation",
        "scaling": "Scaling laws",
        "distillation": "Distillation",
        "context": "Long context",
        "generation": "Generation",
        "budget": "Ten trillion dollars",
        "learning": "Learning",
    },
    "Trust": {"error": "How wrong are we?", "sources": "Sources"},
    "Talks": {"stage": "On stage"},
}
"""Headings to pages: the script's name, which is the address too, and the title. The first page is the default."""


def navigation() -> st.Page:
    """Draw the menu and return the page that was asked for."""
    # Where no run is going on, as under a tool that only imports the router, a page is a shell not worth keeping.
    made = _pages() if get_script_run_ctx(suppress_warning=True) else _pages.__wrapped__()
    # A page notes whether it may run, so no two runs may share one.
    menu = {heading: [copy(page) for page in pages] for heading, pages in made.items()}
    return st.navigation(menu, position="top")


@functools.cache
def _pages() -> dict[str, list[st.Page]]:
    """Make the pages once: Streamlit looks each one up on disk, which took a twelfth of an answer."""
    default = next(iter(MENU[""]))
    return {
        heading: [
            st.Page(PAGES / f"{name}.py", title=title, url_path=name, default=name == default)
            for name, title in pages.items()
        ]
        for heading, pages in MENU.items()
    }
