"""Files about one X-ray, and about all of a visit; the visitor's own reference is all that tells X-rays apart in them."""

from collections.abc import Sequence

import streamlit as st

import covidlab
from covidlab.data.catalog import Catalog
from covidlab.errors import CovidLabError, TemporaryError
from covidlab.imaging.receipt import Verdict
from covidlab.intake.upload import VisitorFilm
from covidlab.language import ENGLISH, language, speaking, tr, tr_lazy
from covidlab.prediction.result_export import XrayResult, results_csv, results_json
from covidlab.prediction.xray_report import MAX_REFERENCE, report_values
from covidlab.runs.models import model_file
from covidlab.runs.store import Run
from covidlab.services.reader import shared_reader
from covidlab.text import pluralize
from covidlab.ui.predict.permission import draw_why_not, receipt_of, shows_number
from covidlab.ui.predict.reading import model_key, require_reading
from covidlab.ui.predict.report_content import model_facts_for_file, result_of, today, xray_report
from covidlab.ui.predict.report_map import made_maps
from covidlab.ui.predict.voting import find_saved_voters, known_votes, verdict

_ONLY_YOURS = tr_lazy("It stays in your session and stands on the files. Type no name and no number of a patient.")
_IN_THE_FILES = tr_lazy(
    "The files hold no name of a file, no content hash and no tag of a header; the PDF shows the "
    "X-ray itself. They are not for diagnosis."
)
_TEXT_IS_SEEN = tr_lazy(
    "Text on this X-ray is seen on the PDF too. Look whether it names the patient before you pass the PDF on."
)


def draw_downloads(film: VisitorFilm, run: Run, catalog: Catalog | None, *, number: int = 1, key: str) -> None:
    """Draw the field for a reference, and the page (PDF) and the result (JSON) of one X-ray.

    Parameters
    ----------
    film : an X-ray that the run's model has read
    number : its place among those of the visit, from 1
    key : beginning of the keys of the widgets
    """
    st.fragment(_draw)(film, run, catalog, number, key)


def draw_batch_downloads(films: Sequence[VisitorFilm], run: Run, catalog: Catalog | None = None, *, key: str) -> None:
    """Draw the results of all X-rays of a visit as CSV and JSON, numbered as the files about one X-ray are: the newest is 1.

    ``catalog``: the set in use, in which X-rays are looked for by their content.
    """
    with speaking(ENGLISH):
        results = [result_of(film, run, catalog, number=number) for number, film in enumerate(films, start=1)]
        table = results_csv(results)
    with st.container(horizontal=True):
        st.download_button(
            tr("Results of {x_rays} (CSV)", x_rays=pluralize(len(results), "X-ray")),
            table,
            "covidlab-xrays.csv",
            "text/csv",
            key=f"{key}_csv",
            on_click="ignore",
        )
        label = tr("Results of {x_rays} (JSON)", x_rays=pluralize(len(results), "X-ray"))
        _draw_json(label, "covidlab-xrays.json", results, run, key=f"{key}_json")
    st.caption(
        tr(
            "The newest X-ray is number 1, as in the report about it. The files hold no name of a file and "
            "no tag. Not for diagnosis."
        )
    )


def _draw(film: VisitorFilm, run: Run, catalog: Catalog | None, number: int, key: str) -> None:
    require_reading(film, run)
    film.reference = st.text_input(
        tr("Your reference (optional)"),
        value=film.reference,
        max_chars=MAX_REFERENCE,
        key=f"{key}_reference",
        help=tr(_ONLY_YOURS),
    ).strip()
    if not shows_number(film, run):
        st.markdown(tr("No number is shown for this X-ray, so the files hold none."))
    with st.container(horizontal=True):
        _draw_page(film, run, catalog, number, key)
        with speaking(ENGLISH):
            result = result_of(film, run, catalog, number=number)
        _draw_json(tr("Result (JSON)"), f"covidlab-xray-{number}.json", [result], run, key=f"{key}_json")
    if any(line.name == "text" and line.verdict is not Verdict.PASS for line in receipt_of(film, run)):
        st.warning(_TEXT_IS_SEEN, icon=":material/warning:")
    st.caption(_IN_THE_FILES)


def _draw_page(film: VisitorFilm, run: Run, catalog: Catalog | None, number: int, key: str) -> None:
    """The button that makes the page, which stays and so keeps the focus of the keyboard, and the one that saves it."""
    further = _votes(film, run)
    # All that may change on the page while the X-ray and the model stay the same.
    place = (
        model_key(run),
        film.reference,
        str(shows_number(film, run)),
        _newest_map(film, run),
        *further,
        today(),
        language(),
    )
    is_asked = st.button(tr("Make the report (PDF)"), key=f"{key}_page_make", icon=":material/picture_as_pdf:")
    if is_asked and place not in film.reports:
        try:
            with st.spinner(tr("Making the report")):
                film.reports = {place: _made_page(film, run, catalog, further)}
        except CovidLabError as failure:
            draw_why_not(failure)
    if (page := film.reports.get(place)) is not None:
        name = f"covidlab-xray-{number}.pdf"
        st.download_button(
            tr("Report (PDF)"),
            page,
            name,
            "application/pdf",
            key=f"{key}_page",
            on_click="ignore",
            icon=":material/download:",
        )


def _made_page(film: VisitorFilm, run: Run, catalog: Catalog | None, further: Sequence[str]) -> bytes:
    values, parts = report_values(xray_report(film, run, catalog, further=further))
    answer = shared_reader().ask("report", model_file(run), values={"report": values}, parts=parts)
    page = answer.parts.get("pdf")
    if not isinstance(page, bytes) or not page.startswith(b"%PDF"):
        raise TemporaryError(tr("The process that makes the report gave no whole answer. Try again."))
    return page


def _newest_map(film: VisitorFilm, run: Run) -> str:
    """What stands for the map on the page: another one may be made later."""
    maps = made_maps(film, run)
    return "".join(f"{method} {folder} {len(maps)}" for method, folder, _ in maps[-1:])


def _votes(film: VisitorFilm, run: Run) -> tuple[str, ...]:
    """How the saved models voted, where they were asked."""
    if not film.votes:
        return ()
    votes = known_votes(film, find_saved_voters(run))
    return () if votes is None else (verdict(votes),)


def _draw_json(label: str, name: str, results: Sequence[XrayResult], run: Run, *, key: str) -> None:
    # Programs read it: it says the same to all.
    with speaking(ENGLISH):
        made = results_json(results, made_on=today(), version=covidlab.__version__, model=model_facts_for_file(run))
    st.download_button(label, made, name, "application/json", key=key, on_click="ignore")
