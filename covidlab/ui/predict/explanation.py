"""Where on an X-ray lies what spoke for a class: a map on demand, how it did on trial, and where its heat lies."""

import streamlit as st

from covidlab.config import IMAGE_SIDE, PRESETS
from covidlab.data.catalog import Catalog
from covidlab.intake.upload import VisitorFilm
from covidlab.language import tr
from covidlab.prediction.explanation import ILLUSTRATIVE, METHOD_HELP, METHOD_NAMES, Method
from covidlab.prediction.overlay import overlay_png
from covidlab.runs.exams import exam_line
from covidlab.runs.store import Run
from covidlab.text import class_name, markdown_escaped
from covidlab.ui.predict.map_making import (
    UPPER_LEFT,
    MadeMap,
    MapPlace,
    begin_map,
    expected_time,
    go_on,
    no_map,
    progress_of,
    running_map,
)
from covidlab.ui.predict.permission import draw_why_not, shows_number
from covidlab.ui.predict.reading import model_key, require_reading
from covidlab.ui.shared.components.xray_viewer import Pane, Viewer

# The browser asks for the next step so soon after the last one.
_STEP_SECONDS = 0.1


def draw_explanation(film: VisitorFilm, run: Run, catalog: Catalog | None, *, key: str) -> None:
    """Draw the choice of a map, the button that makes it, and the map that was made; nothing is computed before.

    Parameters
    ----------
    film : an X-ray that the run's model has read; what is made is kept with it
    key : beginning of the keys of the widgets
    """
    st.fragment(_draw)(film, run, catalog, key)


def _draw(film: VisitorFilm, run: Run, catalog: Catalog | None, key: str) -> None:
    require_reading(film, run)
    method, folder = _choose(film, run, key)
    place = (model_key(run), str(method), folder)
    running = running_map(film, model_key(run))
    st.caption(expected_time(method))
    is_asked = st.button(
        tr("Make the map"), key=f"{key}_map_make", icon=":material/visibility:", disabled=running is not None
    )
    if is_asked and running is None and place not in film.explanations:
        begin_map(film, place)
        running = place
    if running is not None:
        st.fragment(_draw_making, run_every=_STEP_SECONDS)(film, run, catalog, running, key)
    if (part := film.unfinished.get(place)) is not None and part.failure is not None:
        draw_why_not(part.failure)
    if (made := film.explanations.get(place)) is not None:
        _draw_map(film, run, made, method, folder, key)


def _draw_making(film: VisitorFilm, run: Run, catalog: Catalog | None, place: MapPlace, key: str) -> None:
    """Draw how far a map is, and make one step more; between two steps the visitor's other clicks have their turn."""
    part = film.unfinished.get(place)
    if part is None or not part.is_running:
        st.rerun()
    bar = st.empty()
    bar.progress(*progress_of(part, place))
    if st.button(tr("Stop"), key=f"{key}_map_stop", icon=":material/stop:"):
        # What was read is kept: the map goes on there when it is asked for again.
        part.is_running = False
        st.rerun()
    go_on(film, run, catalog, place)
    if not part.is_running or place in film.explanations:
        # All of it, so that nobody looks every moment any more.
        st.rerun()
    bar.progress(*progress_of(part, place))


def _choose(film: VisitorFilm, run: Run, key: str) -> tuple[Method, str]:
    """Draw both choices and return the method and the class, a name of a folder."""
    reading = film.readings[model_key(run)]
    classes = list(reading.probabilities)
    method = st.radio(
        tr("How the map is made"),
        list(METHOD_NAMES),
        format_func=lambda method: tr(METHOD_NAMES[method]),
        captions=[tr(words) for words in METHOD_HELP.values()],
        key=f"{key}_map_method",
    )
    folder = st.selectbox(
        tr("What speaks for the class"),
        classes,
        index=classes.index(reading.positive_class),
        format_func=class_name,
        key=f"{key}_map_class",
        help=tr("The map shows what raised the model's number for this class."),
    )
    return method, folder


def _draw_map(film: VisitorFilm, run: Run, made: MadeMap, method: Method, folder: str, key: str) -> None:
    name = class_name(folder)
    if not made.heatmap.max() > 0:
        st.markdown(no_map(markdown_escaped(name)))
        return
    picture, words = st.columns([3, 2], gap="medium")
    what = tr("{method_names}: what speaks for {name}", method_names=METHOD_NAMES[method], name=name)
    pane = Pane(
        film.picture,
        tr("This X-ray"),
        overlay=overlay_png(made.heatmap, (IMAGE_SIDE, IMAGE_SIDE)),
        overlay_title=what,
        alt=tr(
            "The X-ray that was read, with colour where {name} is spoken for. {hottest}",
            name=name,
            hottest=made.hottest,
        ),
    )
    with picture:
        # The key of the viewer that shows the X-ray beside its nearest (card.py): both keep one zoom.
        Viewer(key=f"{key}_map", state=f"viewer_{film.id}").draw([pane])
    with words:
        for sentence in _sentences(made, says_numbers=shows_number(film, run)):
            st.markdown(sentence)
        st.caption(_escaped(exam_line(run.load_config(), method)))
        if PRESETS[run.load_config().preset].pooling == "upper_left":
            st.caption(str(UPPER_LEFT))


def _sentences(made: MadeMap, *, says_numbers: bool) -> list[str]:
    """All that is said of a map, in Markdown; the numbers of the trial only where the X-ray's own number is shown."""
    icon, word = (":material/check_circle:", tr("passed")) if made.passed else (":material/cancel:", tr("did not pass"))
    trial = tr("{icon} **Trial of the map: {word}.** {escaped}", icon=icon, word=word, escaped=_escaped(made.verdict))
    said = [made.hottest, made.lungs, made.what_happened if says_numbers else ""]
    return [f"**{ILLUSTRATIVE}**", trial, *(_escaped(sentence) for sentence in said if sentence)]


def _escaped(sentence: str) -> str:
    return markdown_escaped(sentence, max_length=400)
