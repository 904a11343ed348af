"""Compare: the settings of the sidebar, A, beside a state that was kept or pasted, B."""

from urllib.parse import parse_qsl, urlsplit

import streamlit as st

from efficiency.link import State, decode, parameters
from ui import chart, compare, owned
from ui.address import OTHER_KEY, current_state, take_scenario
from ui.figures.compare import compare_alt
from ui.markup import complaint, unbroken
from ui.style import mode, notices

LINK_BOX = "compare_link"
SAID_KEY = "compare_said"


def _keep() -> None:
    st.session_state[OTHER_KEY] = current_state().scenario


def _swap() -> None:
    first, second = compare.pair_of(current_state())
    st.session_state[OTHER_KEY] = first
    take_scenario(second)


def _paste() -> None:
    """Take the pasted link; where nothing of it can be used, B and the text stay as they are."""
    given = st.session_state[LINK_BOX].strip()
    query = urlsplit(given).query if "://" in given or "?" in given else given
    found, said = decode(query, owned.keys())
    told = (name for name, _ in parse_qsl(query) if name in parameters(State()))
    used = [name for name in told if not any(f"says {name}=" in notice for notice in said)]
    if said and not used:
        st.session_state[SAID_KEY] = ("Nothing of this link can be used; B stays as it was.", *map(complaint, said))
        return
    st.session_state[OTHER_KEY] = found.scenario if given else None
    st.session_state[SAID_KEY] = said
    st.session_state[LINK_BOX] = ""


state = current_state()
st.html(unbroken(compare.heading(state)))
st.html(compare.letters_legend_html(state, mode()))
chart.show(compare.figure_of(state, mode()), "compare", compare_alt(compare.gaps_of(state)))
st.html(f'<p class="tw-footer">{compare.footer(state)}</p>')
with st.container(horizontal=True):
    st.button("Keep these settings as B", icon=":material/keep:", key="compare_keep", on_click=_keep)
    st.button("Swap A and B", icon=":material/swap_vert:", key="compare_swap", on_click=_swap)
st.text_input(
    "Or paste a link as B", key=LINK_BOX, on_change=_paste, placeholder="the address of another state", max_chars=8000
)
notices(st.session_state.pop(SAID_KEY, ()))
st.html('<h2 class="tw-finding">What lies between A and B</h2>')
st.html(compare.sentences(state))
st.html(compare.settings_table(state))
