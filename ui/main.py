"""The router: address to session, navigation, sidebar, session to address, page."""

import streamlit as st

from ui import address, controls, menu, owned, reconnect, scheme, share, style, turns
from ui.first_page import TITLE

with turns.LINE:
    st.set_page_config(layout="wide", initial_sidebar_state="auto")
    style.apply()
    owned.tell()
    fresh = address.read_address()
    page = menu.navigation()
    st.set_page_config(page_title=f"{page.title} · {TITLE}" if page.url_path else TITLE)
    controls.sidebar()
    state = address.current_state()
    address.write_address(state)
    # A place of its own, also when empty: what a browser finds at another place it takes for new, and folds up.
    with st.container():
        style.notices(address.notices_to_show(fresh, state))
        owned.banner(state, page.url_path)
    share.button(page.url_path, state)
    reconnect.ask_again_when_reconnected()
    scheme.follow_scheme()
    turns.wait_for_turn((page.url_path, *address.parameters(state).values()))
    page.run()
