"""The server of Twenty Watts: ``streamlit run app.py``. The pages begin in ui/main.py.

The router does not live here: beside a folder named pages/, Streamlit 1.67 opens a deep link
without the router.
"""

import streamlit as st

from ui.server import Server, lifespan

server = Server()
app = st.App(
    "ui/main.py",
    lifespan=lifespan,
    middleware=server.middleware,
    # The dashboard's own plain addresses go in front: the last of these catches any page's name.
    routes=[*server.routes],
)
