"""The app with one more page, which shows what the job queue does: what the tests of several people look at."""

import streamlit as st

from gpff_app.resources import job_queue


def observer() -> None:
    @st.fragment(run_every=0.2)
    def count() -> None:
        st.write(f"jobs: {len(job_queue()._running) + len(job_queue()._waiting)}")

    count()


st.set_page_config(layout="wide")
pages = [st.Page("pages/generate.py", title="Generate"), st.Page(observer, title="Observer")]
st.navigation(pages, position="top").run()
