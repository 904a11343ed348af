"""Sources: every number the app uses, with unit, range, kind, source and place."""

import streamlit as st

from efficiency.derived import records
from efficiency.facts import sources
from efficiency.link import LONGEST_FIND
from ui import answers, owned, tables, text
from ui.address import FIND_KEY, current_state

FIND_BOX = "find_box"
PHONE_ROW_PX = 66


def _find(what: str) -> None:
    st.session_state[FIND_KEY] = what


def _search() -> None:
    _find(st.session_state[FIND_BOX].strip())


state = current_state()
phone = "Mobi" in (st.context.headers.get("User-Agent") or "")
answer = answers.gap_of(state.scenario)
quoted, unconfirmed = (sum(one.trust == trust for one in records().values()) for trust in ("secondary", "unconfirmed"))
brought = owned.things()
mine = sum(len(thing.facts) for thing in brought)
yours = f" {mine} more are yours, in this session only." if mine else ""

st.html(
    f'<h1 class="tw-headline">{len(records()):,} numbers from '
    f'<span class="tw-machine">{len(sources()):,} sources</span></h1>'
    f'<p class="tw-range">Each with its unit, range, kind and place. {quoted} were read where others quote them, '
    f"{unconfirmed} are not yet confirmed, and each says so; what we chose ourselves is called assumed.{yours}</p>"
)
st.session_state[FIND_BOX] = state.find
st.text_input(
    "Search",
    key=FIND_BOX,
    max_chars=LONGEST_FIND,
    on_change=_search,
    placeholder="for example: synapse, H100, memory, assumed",
)
found = tables.record_table(answer, state.find, brought)
with st.container(horizontal=True, vertical_alignment="center"):
    st.html(f'<p class="tw-footer">{text.records_found(found, state.find)}</p>', width="content")
    what, words, icon = (
        ("", f"All {len(records()):,} records", ":material/filter_alt_off:")
        if state.find
        else (f"{tables.USED}any", "Only those in use", ":material/filter_alt:")
    )
    st.button(words, key="other_records", on_click=_find, args=(what,), type="tertiary", icon=icon)
if not found.empty:
    st.dataframe(
        found,
        hide_index=True,
        height=520,
        # A phone has no room for long names on one line, and lets go of a pinned column as wide as that.
        row_height=PHONE_ROW_PX if phone else None,
        column_config={
            "What": st.column_config.TextColumn(width=205 if phone else 340, pinned=True),
            # Wide enough for "7.0647 × 10¹⁰" and for a range of two such numbers.
            "Value": st.column_config.TextColumn(width=125, alignment="right"),
            "Range": st.column_config.TextColumn(width=205),
            "Year": st.column_config.NumberColumn(format="%d"),
            "Source": st.column_config.TextColumn(width="large"),
            "Link": st.column_config.LinkColumn(width="small", display_text="open"),
            "Place": st.column_config.TextColumn(width="medium"),
            "Note": st.column_config.TextColumn(width="large"),
        },
        column_order=[
            "What", "Value", "Range", "Unit", "Kind", "Checked", "Used by",
            "Source", "Link", "Place", "Year", "Note", "Key",
        ],
    )  # fmt: skip
with st.expander(f"The {len(sources()):,} sources"):
    st.dataframe(
        tables.source_table(brought),
        hide_index=True,
        column_config={
            "Year": st.column_config.NumberColumn(format="%d"),
            "Link": st.column_config.LinkColumn(width="small", display_text="open"),
        },
    )
st.html(f'<p class="tw-footer">{text.footer(state, len(answer.sources))}</p>')
