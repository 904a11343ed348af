"""The router: address to session, navigation, sidebar, session to address, page."""

from pathlib import Path

import streamlit as st

from ui import address, controls, owned, reconnect, share, style, turns

PAGES = Path(__file__).parent.parent / "pages"

with turns.LINE:
    st.set_page_config(page_title="Twenty Watts", layout="wide", initial_sidebar_state="auto")
    style.apply()
    owned.tell()
    fresh = address.read_address()
    page = st.navigation(
        {
            "": [
                st.Page(PAGES / "gap.py", title="The gap", default=True),
                st.Page(PAGES / "compare.py", title="Compare", url_path="compare"),
                st.Page(PAGES / "own.py", title="Your own", url_path="own"),
            ],
            "Levers": [
                st.Page(PAGES / "levers.py", title="All levers", url_path="levers"),
                st.Page(PAGES / "precision.py", title="Precision", url_path="precision"),
                st.Page(PAGES / "sparsity.py", title="Sparsity", url_path="sparsity"),
                st.Page(PAGES / "movement.py", title="Data movement", url_path="movement"),
                st.Page(PAGES / "parallel.py", title="Parallel fit", url_path="parallel"),
            ],
            "Scale": [
                st.Page(PAGES / "cluster.py", title="Clusters", url_path="cluster"),
                st.Page(PAGES / "failures.py", title="Failures", url_path="failures"),
                st.Page(PAGES / "utilisation.py", title="Utilisation", url_path="utilisation"),
                st.Page(PAGES / "scaling.py", title="Scaling laws", url_path="scaling"),
                st.Page(PAGES / "distillation.py", title="Distillation", url_path="distillation"),
                st.Page(PAGES / "context.py", title="Long context", url_path="context"),
                st.Page(PAGES / "generation.py", title="Generation", url_path="generation"),
                st.Page(PAGES / "budget.py", title="Ten trillion dollars", url_path="budget"),
                st.Page(PAGES / "learning.py", title="Learning", url_path="learning"),
            ],
            "Trust": [
                st.Page(PAGES / "error.py", title="How wrong are we?", url_path="error"),
                st.Page(PAGES / "sources.py", title="Sources", url_path="sources"),
            ],
            "Talks": [st.Page(PAGES / "stage.py", title="On stage", url_path="stage")],
        },
        position="top",
    )
    controls.sidebar()
    controls.keep()
    state = address.current_state()
    address.write_address(state)
    style.notices(address.notices_to_show(fresh, state))
    owned.banner(state, page.url_path)
    share.button(page.url_path, state)
    reconnect.ask_again_when_reconnected()
    turns.wait_for_turn((page.url_path, *address.parameters(state).values()))
    page.run()
