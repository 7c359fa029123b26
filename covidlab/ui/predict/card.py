"""One X-ray in full: what it is, whether it may be read, what it is like, then the number; more on demand."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.imaging.receipt import Check
from covidlab.intake.upload import VisitorFilm
from covidlab.language import tr
from covidlab.prediction.gate import may_show_number
from covidlab.prediction.prediction import Prediction
from covidlab.runs.store import Run
from covidlab.text import markdown_escaped
from covidlab.ui.predict.downloads import draw_downloads
from covidlab.ui.predict.explanation import draw_explanation
from covidlab.ui.predict.number import draw_number
from covidlab.ui.predict.origin import draw_origin, set_file, set_of
from covidlab.ui.predict.permission import receipt_of, shows_number
from covidlab.ui.predict.place import draw_place
from covidlab.ui.predict.prevalence import draw_prevalence
from covidlab.ui.predict.reading import model_key, require_reading
from covidlab.ui.predict.receipt import draw_permission, draw_receipt
from covidlab.ui.predict.similar import draw_similar
from covidlab.ui.predict.uploads import visitor_films
from covidlab.ui.predict.voting import draw_votes

NAME_LENGTH = 60

DrawPart = Callable[..., None]


def draw_card(film: VisitorFilm, run: Run, catalog: Catalog | None, *, number: int) -> None:
    """Draw one X-ray in full; its controls draw only this part anew and never read the X-ray again.

    ``number`` is its place among those of the visit, from 1.
    """
    with st.container(border=True, key=f"predict_film_{film.id}"):
        st.caption(film_title(film, number))
        if film.refusal:
            st.warning(markdown_escaped(film.refusal, max_length=400), icon=":material/block:")
        else:
            st.fragment(_draw)(film, run, catalog, number)


def film_title(film: VisitorFilm, number: int) -> str:
    """Return what an X-ray of the visit is called, in Markdown: its number, as in files of results, and its file's name."""
    return tr("X-ray {number} · {name}", number=number, name=markdown_escaped(film.name, max_length=NAME_LENGTH))


def _draw(film: VisitorFilm, run: Run, catalog: Catalog | None, number: int) -> None:
    require_reading(film, run)
    reading: Prediction = film.readings[model_key(run)]
    lines = receipt_of(film, run)
    draw_origin(film, run, catalog, reading.assessment)
    draw_receipt(lines, film.notes, key=film.id)
    draw_permission(lines)
    _draw_likeness(film, reading, run, catalog)
    _draw_answer(film, reading, lines, run)
    for name, (title, draw_part) in _parts(film, reading, run, catalog, number).items():
        part = st.expander(title, on_change="rerun", key=f"{name}_{film.id}")
        if part.open:
            with part:
                draw_part(key=f"{name}_of_{film.id}")


def _parts(
    film: VisitorFilm, reading: Prediction, run: Run, catalog: Catalog | None, number: int
) -> dict[str, tuple[str, DrawPart]]:
    """What is drawn on demand, by name: title, and what draws it. What would tell the number comes with the number."""
    parts: dict[str, tuple[str, DrawPart]] = {}
    if shows_number(film, run):
        from_set = bool(set_file(film, set_of(run, catalog)))
        parts["prevalence"] = (
            tr("What an answer means at a prevalence"),
            partial(draw_prevalence, run, from_set=from_set),
        )
        parts["votes"] = (tr("What all saved models say"), partial(draw_votes, film, run))
        parts["explanation"] = (tr("Where the model looked"), partial(draw_explanation, film, run, catalog))
    if reading.assessment:
        place = partial(draw_place, reading.assessment, run, catalog)
        parts["place"] = (tr("Where it lies among the X-rays of the set"), place)
    parts["downloads"] = (tr("Report and result to save"), partial(draw_downloads, film, run, catalog, number=number))
    return parts


def _draw_likeness(film: VisitorFilm, reading: Prediction, run: Run, catalog: Catalog | None) -> None:
    """The X-ray beside the nearest of the set, of other patients where patients are known."""
    assessment = reading.assessment
    st.subheader(tr("What it is like"), anchor=False)
    st.markdown(tr("The nearest X-rays of the set that this model learned from or was validated on."))
    neighbours = assessment.neighbours if assessment else ()
    draw_similar(film.picture, neighbours, set_of(run, catalog), key=f"viewer_{film.id}")


def _draw_answer(film: VisitorFilm, reading: Prediction, lines: Sequence[Check], run: Run) -> None:
    if may_show_number(lines):
        draw_number(reading, run, key=film.id)
        return
    if not film.shows_anyway:
        st.markdown(tr("No number is shown."))
        st.button(
            tr("Show the number anyway"),
            key=f"anyway_{film.id}",
            on_click=_show_anyway,
            # Streamlit keeps it until the session ends, also after Clear: never the X-ray itself.
            args=(film.id, True),
            help=tr("The model gives a number for any picture. For one that is unlike the set it means nothing."),
        )
        return
    st.warning(
        tr("You asked for this number. It means nothing for an X-ray that may not be read."), icon=":material/warning:"
    )
    draw_number(reading, run, key=film.id)
    st.button(tr("Hide the number again"), key=f"hide_{film.id}", on_click=_show_anyway, args=(film.id, False))


def _show_anyway(film_id: str, shows: bool) -> None:
    for film in visitor_films():
        if film.id == film_id:
            film.shows_anyway = shows
