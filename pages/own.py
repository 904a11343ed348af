"""Bring your own: a table of chips, systems and models, used in this session only."""

import streamlit as st

from efficiency.own import LABEL
from efficiency.own_table import COLUMNS, FIELDS, MOST_THINGS, NEEDED, read_own, template
from ui import owned
from ui.address import session_key
from ui.error import plain
from ui.style import notices

UPLOAD_KEY = "own_upload"
WORDS = {"chip": "Chip", "system": "System", "model": "Language model"}


def _use(kind: str, key: str) -> None:
    st.session_state[session_key(kind)] = key
    if kind == "chip":
        st.session_state[session_key("system")] = "own"


def _forget() -> None:
    for thing in owned.things():
        if st.session_state.get(session_key(thing.kind)) == thing.key:
            del st.session_state[session_key(thing.kind)]
    owned.forget()


st.html(
    '<h1 class="tw-headline">Bring <span class="tw-machine">your own</span> chip, system or model</h1>'
    '<p class="tw-range">It is read, checked row by row and used in this session, marked as yours on every figure. '
    "Nothing is stored: a reload forgets it, and no link carries it.</p>"
)
file = st.file_uploader(
    f"A CSV or JSON table with the columns {', '.join(COLUMNS)}; at most {MOST_THINGS} things.",
    type=["csv", "json"],
    key=UPLOAD_KEY,
)
st.download_button("A table to fill in", template(), "yours.csv", "text/csv", on_click="ignore", key="own_template")
if file is not None:
    found, messages = read_own(file.getvalue())
    notices(messages)
    if found:
        owned.keep(found)
for thing in owned.things():
    said, use = st.columns([6, 1], vertical_alignment="center")
    name = thing.entity.label.removeprefix(LABEL)
    said.markdown(f"**{WORDS[thing.kind]} {plain(name)}**: {plain(owned.numbers(thing))}")
    use.button("Use it", key=f"own_use_{thing.entity.key}", on_click=_use, args=(thing.kind, thing.key))
if owned.things():
    st.button("Forget all", key="own_forget", on_click=_forget)
st.html('<h2 class="tw-finding">What a table may hold</h2>')
rows = "".join(
    f"<tr><td>{kind}</td><td>{name}{' *' if name in NEEDED[kind] else ''}</td><td>{field.words}</td>"
    f"<td>{field.low:g} to {field.high:g} {field.unit}</td></tr>"
    for kind, known in FIELDS.items()
    for name, field in known.items()
)
st.html(
    '<div class="tw-scroll"><table class="tw-table"><thead><tr><th>Kind</th><th>Field</th><th>What</th>'
    f"<th>Allowed, in SI</th></tr></thead><tbody>{rows}</tbody></table></div>"
    '<p class="tw-footer">* needed; a chip also needs one peak rate. Units as in our tables: W, GB, TB/s, TFLOP/s. '
    "Low and high are the 5 and 95 % ends, and may be empty.</p>"
)
st.page_link(
    "../pages/error.py", label="Your own measurements are compared on “How wrong are we?”", icon=":material/rule:"
)
