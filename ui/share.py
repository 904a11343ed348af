"""The Share dialog: link, code for phones, pictures, numbers, a file of one figure, what to embed and how to cite."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import streamlit as st

from efficiency.link import THEMES, State
from ui import embedding, exports, public_address
from ui.address import THEME_KEY
from ui.announce import address_on_network
from ui.error import plain
from ui.own_words import link_words
from ui.style import mode
from ui.views import HOME, View, views

BUTTON_KEY: Final = "share_open"
_FIGURE_KEY: Final = "share_figure"
_FOLDER: Final = Path(__file__).parent
_BROWSER: Final = st.components.v2.component(
    "twenty_watts_share",
    html='<div class="share"></div>',
    css=(_FOLDER / "share.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "share.js").read_text(encoding="utf-8"),
    # A dialog's ring of focus does not see into a shadow root: no key would reach the buttons.
    isolate_styles=False,
)
TABS: Final = ("Link", "Code", "Picture", "Numbers and file", "Embed and cite")


def button(page: str, state: State) -> None:
    """Draw the button in the page's head, where there is one; it opens the dialog of this page in this state."""
    if st.context.is_embedded is True:
        return
    with st.container(key="share"):
        if st.button("Share", icon=":material/share:", key=BUTTON_KEY, help="Link, code, pictures, numbers"):
            _dialog(page or HOME, state)


def base() -> str:
    """Give the address that links begin with: the configured one, else the one in the visitor's address bar."""
    fixed = public_address.configured(os.environ)
    found = st.context.url
    if fixed or not isinstance(found, str):
        return fixed
    parts = urlsplit(found)
    return f"{parts.scheme}://{parts.netloc}"


@st.dialog("Share", width="large")
def _dialog(page: str, state: State) -> None:
    figures = {view.key: view for view in views().values() if view.page == page}
    left, right = st.columns(2)
    view: View | None = None
    if figures:
        with left:
            chosen = st.selectbox(
                "Figure", list(figures), format_func=lambda key: figures[key].title, key=_FIGURE_KEY + page
            )
        view = figures[chosen]
    with right:
        # Not the key of the state itself: a dialog that is closed forgets its controls.
        theme = st.segmented_control(
            "Whoever opens it sees", list(THEMES), format_func=_theme_words, default=state.theme, required=True
        )
    state = replace(state, theme=theme)
    st.session_state[THEME_KEY] = theme
    if missing := link_words(state):
        st.warning(f"{plain(missing)} A picture, the numbers and the file of the figure show yours.")
    link, code, picture, numbers, cite = st.tabs(list(TABS))
    with link:
        _link(page, state)
    with code:
        _code(page, view, state)
    with picture:
        _picture(view, state)
    with numbers:
        _numbers(view, state)
    with cite:
        _cite(page, view, state)


def _theme_words(name: str) -> str:
    return "Their own theme" if name == "auto" else THEMES[name]


def _copy(label: str, text: str, key: str, rows: int = 0) -> None:
    _BROWSER(key=f"share_{key}", data={"label": label, "text": text, "rows": rows})


def _link(page: str, state: State) -> None:
    start = base()
    _copy("This page in this state", exports.dashboard_link(page, state, start), "link")
    _copy("The same in short", exports.short_link(page, state, start), "short")
    every = "every other setting" if link_words(state) else "every setting"
    st.caption(f"Both mean the same for good: {every}, where sliders stand, the data they were made with.")


def _code(page: str, view: View | None, state: State) -> None:
    start = base()
    target = exports.phone_link(view, state, start) if view else exports.short_link(page, state, start)
    what = "the figure on a light page for phones" if view else "this page"
    if warning := exports.code_warning(page, state, start, address_on_network()):
        st.warning(warning)
    drawn = exports.code(target)
    with st.container(key="share_code"):
        said = f"Point a phone’s camera here: it opens {what}."
        st.image(drawn, width="stretch", caption=said, alt=f"QR code of {target}")
    st.download_button("The code as SVG", drawn, "twenty-watts-code.svg", "image/svg+xml", on_click="ignore")


def _picture(view: View | None, state: State) -> None:
    if view is None:
        st.markdown("This page has no figure.")
        return
    st.markdown("The figure as it stands, 1920 × 1080, with its sentence and its sources in the picture.")
    asked: dict[str, Any] = {
        "picture": exports.picture(view, state, state.theme if state.theme != "auto" else mode(), base()),  # type: ignore[arg-type]
        "plotly": f"/assets/plotly/{exports.asset('plotly', 'plotly-basic-*.js').name}",
        "font": f"/assets/fonts/{exports.asset('fonts', 'inter.*.woff2').name}",
    }
    _BROWSER(key="share_picture", data=asked)


def _numbers(view: View | None, state: State) -> None:
    if view is None:
        st.markdown("This page has no figure; its tables can be saved where they stand.")
        return
    start = base()
    again = "" if link_words(state) else " and the link that shows them again"
    st.markdown(f"With units, ranges, sources, versions{again}.")
    with st.container(horizontal=True):
        for name, kind, make in (
            ("csv", "text/csv", exports.numbers_csv),
            ("json", "application/json", exports.numbers_json),
        ):
            st.download_button(
                f"Numbers as {name.upper()}",
                lambda make=make: make(view, state, start),
                exports.file_name(view, name),
                kind,
                on_click="ignore",
                key=f"share_{name}",
            )
    st.markdown("One HTML file with the figure and its slider that needs no network, for a USB stick.")
    st.download_button(
        "The figure as a file",
        lambda: exports.figure_file(view, state, start),
        exports.file_name(view, "html"),
        "text/html",
        on_click="ignore",
        key="share_html",
    )


def _cite(page: str, view: View | None, state: State) -> None:
    start = base()
    if view is not None:
        _copy("To show the figure in another page", exports.embed_snippet(view, state, start), "embed", rows=4)
        allowed = embedding.frame_ancestors().split()[1:]
        where = f"pages of {', '.join(map(plain, allowed))} and of this server" if allowed else "pages of this server"
        st.caption(f"It shows in {where} alone; its operator names others in TWENTY_WATTS_FRAME_ANCESTORS.")
    _copy("Citation", exports.citation(view, page, state, start), "citation", rows=3)
    _copy("BibTeX", exports.bibtex(view, page, state, start), "bibtex", rows=8)
