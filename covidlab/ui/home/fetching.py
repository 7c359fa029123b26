"""Fetch the curated films from Home: whose they are, the consent, the button, and how far the download is."""

import streamlit as st

from covidlab.data.listing import holds_pictures
from covidlab.errors import CovidLabError
from covidlab.language import tr
from covidlab.paths import dataset_folder
from covidlab.services.access import Act
from covidlab.services.actions import perform
from covidlab.text import markdown_escaped, sentence_escaped
from covidlab.ui.shared.catalogs import invalidate
from covidlab.ui.shared.datasets import choose_next
from covidlab.ui.shared.permission import allowed
from covidlab.ui.shared.visitor import current_visitor

ACCEPT_KEY, FETCH_KEY = "fetch_accept", "fetch_start"
_DONE = "fetch_done"


def draw_fetch() -> None:
    """Offer to download the curated films where the configured folder has none; nothing where it has."""
    if done := st.session_state.pop(_DONE, None):
        st.success(sentence_escaped(done), icon=":material/check:")
    if holds_pictures(dataset_folder()):
        return
    # Downloads need packages that a page that only draws does without.
    from covidlab.data.fetch import ARCHIVE
    from covidlab.data.fetch_list import download_megabytes, licence_sentences

    with st.container(border=True, key="fetch"):
        st.markdown(
            tr(
                "**Get the fifty real X-rays.** They come from the public archive {archive} on GitHub and go to "
                "{dataset_folder}.",
                archive=markdown_escaped(ARCHIVE),
                dataset_folder=markdown_escaped(dataset_folder(), max_length=200),
            )
        )
        with st.expander(tr("Licences of the X-rays")):
            st.markdown("\n".join(f"- {sentence_escaped(line)}" for line in licence_sentences()))
        accepted = st.checkbox(tr("I have read the licences and accept them"), key=ACCEPT_KEY)
        pressed = st.button(
            tr("Fetch the fifty X-rays ({download_megabytes:.0f} MB)", download_megabytes=download_megabytes()),
            key=FETCH_KEY,
            type="primary",
            icon=":material/download:",
            **allowed(Act.ADD, disabled=not accepted),
        )
        if pressed:
            _fetch()


def _fetch() -> None:
    from covidlab.data import fetch

    bar = st.progress(0.0, text=tr("Contacting the archive ..."))

    def show(progress: fetch.FetchProgress) -> None:
        share = progress.bytes_done / max(1, progress.num_bytes)
        megabytes = tr(
            "{bytes_done:.1f} of {num_bytes:.1f} MB",
            bytes_done=progress.bytes_done / 1e6,
            num_bytes=progress.num_bytes / 1e6,
        )
        bar.progress(
            min(1.0, share),
            text=tr(
                "{films_done} of {num_films} X-rays, {megabytes}. Stay on this page until it ends.",
                films_done=progress.films_done,
                num_films=progress.num_films,
                megabytes=megabytes,
            ),
        )

    try:
        result = perform(
            current_visitor(),
            Act.ADD,
            lambda: fetch.fetch_curated(
                dataset_folder(), accept_licences=True, base_url=fetch.ARCHIVE_URL, progress=show
            ),
        )
    except CovidLabError as error:
        bar.empty()
        st.error(sentence_escaped(error), icon=":material/cloud_off:")
        return
    invalidate()
    choose_next(dataset_folder())
    st.session_state[_DONE] = " ".join(result.sentences())
    st.rerun()
