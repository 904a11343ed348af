"""The server of Twenty Watts: ``streamlit run app.py``. The pages begin in ui/main.py.

The router does not live here: beside a folder named pages/, Streamlit 1.67 opens a deep link
without the router.
"""

import sys

import streamlit as st

from ui.setting_error import SettingError

try:
    from ui import faults, metrics, operations
    from ui.server import Server

    # It is opened later, where an error could no longer be told in one line.
    metrics.port_of_page()
    server = Server()
except SettingError as error:
    # Whoever set the variable needs its name and what is allowed, not our lines.
    sys.exit(f"Twenty Watts cannot start: {error}")

app = st.App(
    "ui/main.py",
    lifespan=operations.lifespan,
    middleware=[*operations.OUTER, *server.middleware, *operations.INNER],
    # The dashboard's own plain addresses go in front: the last of these catches any page's name.
    routes=[*operations.ROUTES, *server.routes],
    on_script_error=faults.on_error,
)
