"""How wrong are we: predictions beside what others measured, by family, the worst ones, and a visitor's own table."""

import streamlit as st

from efficiency.validate import GIVEN
from ui import chart, error, turns
from ui.address import current_state
from ui.controls import choice
from ui.families import QUANTITIES, clouds, family_errors, shown_metric
from ui.figures.error import families_alt, points_alt
from ui.limits import UPLOAD_COST
from ui.markup import unbroken
from ui.style import mode, notices

validation = error.shipped()
way = current_state().choices["er_way"]

st.html(unbroken(error.headline_html(validation, way)))
with st.container(horizontal=True):
    choice("er_way", "What is known")
    metric, notice = shown_metric(validation, way, choice("er_metric", "Energy per"))
notices([notice] if notice else [])
shown = clouds(validation, way, metric)
st.html(f'<p class="tw-footer" style="opacity:1">{error.points_sentence(shown, QUANTITIES[metric][2])}</p>')
chart.show(error.points_figure_of(way, metric, mode()), "points", points_alt(shown, QUANTITIES[metric][2]))
st.html(error.legend_html(shown, mode()))
st.html(f'<p class="tw-footer">{error.interval_sentence(validation, way)}<br>{error.footer()}</p>')

families = family_errors(validation, way)
st.html(f'<h2 class="tw-finding">{unbroken(error.families_headline(families))}</h2>')
st.html(error.shares_legend_html(mode()))
chart.show(error.families_figure_of(way, mode()), "families", families_alt(families))

st.html(f'<h2 class="tw-finding">The {error.WORST} worst</h2>')
st.html(error.worst_table(validation, way))

st.html('<h2 class="tw-finding">Drop your own measurements here</h2>')
file = st.file_uploader(
    "A CSV table of at most 2 MB with the columns model, gpu and metric, and as many others of our own table as you "
    "have. It is read, answered and forgotten; nothing is stored.",
    type="csv",
    key=error.TABLE_KEY,
)
st.download_button("Our own table, as a pattern", error.pattern(), "cases.csv", "text/csv", on_click="ignore")
if file is not None:
    # Nothing of a table is kept, so each run works it out anew.
    turns.wait_for_turn(object(), UPLOAD_COST)
    answer = error.answer(file.getvalue(), way == GIVEN)
    if answer.message:
        st.error(f"This table cannot be read: {error.plain(answer.message)}.")
    else:
        st.markdown(error.plain(answer.sentence))
        number = st.column_config.NumberColumn(format="%.3g")
        st.dataframe(
            answer.table,
            hide_index=True,
            column_config=dict.fromkeys(("Batch", "Measured", "Predicted", "Low", "High"), number)
            | dict.fromkeys(("Model", "Chip", "Case"), st.column_config.TextColumn(width="medium")),
        )
        st.download_button("Your table with predictions", answer.csv, "predicted.csv", "text/csv", on_click="ignore")
