"""Bring your own: a table of chips, systems and models, used in this session only."""

import streamlit as st

from efficiency.own_table import COLUMNS, LARGEST_FILE, MOST_THINGS, template
from ui import bringing, owned
from ui.error import plain
from ui.own_words import name_of
from ui.style import notices

st.html(
    '<h1 class="tw-headline">Bring <span class="tw-machine">your own</span> chip, system or model</h1>'
    '<p class="tw-range">It is read, checked row by row and used in this session, marked as yours on every figure. '
    "Nothing is stored: a reload forgets it, and no link carries it.</p>"
)
st.file_uploader(
    f"A CSV or JSON table with the columns {', '.join(COLUMNS)}; at most {MOST_THINGS} things and "
    f"{LARGEST_FILE // 1000} kB.",
    type=["csv", "json"],
    key=bringing.upload_key(),
    on_change=bringing.take,
)
st.download_button("A table to fill in", template(), "yours.csv", "text/csv", on_click="ignore", key="own_template")
notices(bringing.said())
for thing in owned.things():
    said, use = st.columns([6, 1], vertical_alignment="center")
    said.markdown(f"**{bringing.WORDS[thing.kind]} {plain(name_of(thing))}**: {plain(owned.numbers(thing))}")
    used = bringing.in_use(thing.kind, thing.key)
    use.button(
        "In use" if used else "Use it",
        key=f"own_use_{thing.entity.key}",
        on_click=bringing.use,
        args=(thing.kind, thing.key),
        disabled=used,
    )
if owned.things():
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Forget all", key="own_forget", on_click=bringing.forget)
        st.page_link("../pages/gap.py", label="See the gap with it", icon=":material/arrow_forward:")
        st.page_link("../pages/sources.py", label="Listed as yours on Sources", icon=":material/list:")
st.html(f'<h2 class="tw-finding">What a table may hold</h2>{bringing.fields_html()}')
st.page_link(
    "../pages/error.py", label="Your own measurements are compared on “How wrong are we?”", icon=":material/rule:"
)
