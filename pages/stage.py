"""On stage: stories to present, and one's own."""

import streamlit as st

from ui import stage, turns
from ui.address import current_state
from ui.limits import UPLOAD_COST
from ui.stories import FOLDER, MOST_BYTES
from ui.views import views

FIGURE_KEY = "stage_figure"

st.html(stage.HEADLINE)
st.html(stage.stories_html())
st.html(stage.KEYS)

st.html('<h2 class="tw-finding">Your own story</h2>')
dropped = st.file_uploader(
    "A story as a TOML file. It stays in this session and is stored nowhere.", type=["toml"], key="stage_file"
)
if dropped is not None:
    data = dropped.getvalue()[: MOST_BYTES + 1]
    turns.wait_for_turn(("story", data), UPLOAD_COST)
    text, problems = stage.checked(data)
    if problems:
        st.html(stage.problems_html(dropped.name, problems))
    else:
        st.html(stage.own_html(text))
        with st.expander("Its sentences"):
            st.html(f"<ol>{stage.outline(text)}</ol>")

with st.expander("How a step is written"):
    st.html(stage.HELP)
    name = st.selectbox(
        "A step with the settings you have now, for this figure",
        list(views()),
        format_func=lambda name: f"{views()[name].title} ({name})",
        key=FIGURE_KEY,
    )
    st.code(stage.step_of(current_state(), name), language=None, wrap_lines=True)
    template = FOLDER / f"{stage.TEMPLATE}.toml"
    st.download_button("A story to begin with", template.read_bytes(), "my-story.toml", "application/toml")
