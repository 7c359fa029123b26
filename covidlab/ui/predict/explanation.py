"""Where on an X-ray lies what spoke for a class: a map on demand, how it did on trial, and where its heat lies."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from covidlab.child import Message
from covidlab.config import IMAGE_SIDE, PRESETS
from covidlab.data.catalog import Catalog
from covidlab.errors import CovidLabError, TemporaryError
from covidlab.imaging.decode import decode_file
from covidlab.imaging.encode import fit
from covidlab.intake.upload import VisitorFilm
from covidlab.prediction.explanation import ILLUSTRATIVE, METHOD_HELP, METHOD_NAMES, Method, num_passes
from covidlab.prediction.map_trial import NUM_RANDOM
from covidlab.prediction.overlay import overlay_png
from covidlab.runs.models import model_file
from covidlab.runs.store import Run
from covidlab.services.reader import EXPLANATION_SECONDS, shared_reader
from covidlab.text import about_seconds, class_name, markdown_escaped
from covidlab.ui.predict.origin import set_file
from covidlab.ui.predict.permission import draw_why_not, shows_number
from covidlab.ui.predict.reading import READING_SECONDS, model_key, require_reading
from covidlab.ui.shared.components.xray_viewer import Pane, Viewer

# Larger than the network's input, so that nothing is lost, and a third of a message's usual size.
MASK_SIDE = 256
# Until something was read in this visit, nobody knows how fast this machine is.
USUAL_TIMES = {Method.OCCLUSION: "10 s to a minute, longer on a busy machine"}

_SECONDS_A_PASS = "predict_seconds_a_pass"


@dataclass(frozen=True, kw_only=True, eq=False)
class MadeMap:
    """A map and what is said of it.

    heatmap: (rows, columns) float32 >= 0. passed: whether it passed its trial. verdict: of the trial, what_happened: the
    numbers of it; "" where an empty map had none. hottest, lungs: where its heat lies, "" where that is not known.
    """

    heatmap: np.ndarray
    passed: bool
    what_happened: str
    verdict: str
    hottest: str
    lungs: str

    @classmethod
    def from_message(cls, message: Message) -> "MadeMap":
        """Return what the process that predicts answered; raises TemporaryError where it is not whole."""
        values = message.values
        try:
            heatmap = np.asarray(message.parts["heatmap"], np.float32)
            if heatmap.ndim != 2 or not (np.isfinite(heatmap).all() and (heatmap >= 0).all()):
                raise ValueError("a finite map is expected")
            what_happened, verdict, *_ = [*map(str, values["trial"]), "", ""]
            return cls(
                heatmap=heatmap,
                passed=bool(values["passed"]),
                what_happened=what_happened,
                verdict=verdict,
                hottest=str(values["hottest"]),
                lungs=str(values["lungs"]),
            )
        except (LookupError, TypeError, ValueError) as error:
            raise TemporaryError("The process that reads X-rays gave no whole answer. Try again.") from error


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
    place = (model_key(run), method, folder)
    st.caption(_expected_time(method))
    if (
        st.button("Make the map", key=f"{key}_map_make", icon=":material/visibility:")
        and place not in film.explanations
    ):
        try:
            with st.spinner("The model reads the X-ray once for each place that is erased or covered"):
                film.explanations[place] = _made(film, run, catalog, method, folder)
        except CovidLabError as failure:
            draw_why_not(failure)
    if (made := film.explanations.get(place)) is not None:
        _draw_map(film, run, made, method, folder, key)


def _choose(film: VisitorFilm, run: Run, key: str) -> tuple[Method, str]:
    """Draw both choices and return the method and the class, a name of a folder."""
    reading = film.readings[model_key(run)]
    classes = list(reading.probabilities)
    method = st.radio(
        "How the map is made",
        list(METHOD_NAMES),
        format_func=METHOD_NAMES.get,
        captions=list(METHOD_HELP.values()),
        key=f"{key}_map_method",
    )
    folder = st.selectbox(
        "What speaks for the class",
        classes,
        index=classes.index(reading.positive_class),
        format_func=class_name,
        key=f"{key}_map_class",
        help="The map shows what raised the model's number for this class.",
    )
    return method, folder


def _expected_time(method: Method) -> str:
    passes = _num_passes(method)
    times = f"With its trial, the model reads the X-ray {passes} times"
    if (a_pass := st.session_state.get(_SECONDS_A_PASS)) is not None:
        return f"{times}; that takes {about_seconds(passes * a_pass)}."
    # A reading is a pass and a little more.
    if (reading := st.session_state.get(READING_SECONDS)) is not None:
        return f"{times}; judged by the last reading, that takes {about_seconds(passes * reading)}."
    usual = f"; that takes {USUAL_TIMES[method]}" if method in USUAL_TIMES else ""
    return f"{times}{usual}."


def _num_passes(method: Method) -> int:
    """How many times the network reads the X-ray: for the map, then on trial as it is, erased there, and erased at random."""
    return num_passes(method) + 2 + NUM_RANDOM


def _made(film: VisitorFilm, run: Run, catalog: Catalog | None, method: Method, folder: str) -> MadeMap:
    model, mask = model_file(run), known_mask(film, catalog)
    is_warm, started = shared_reader().is_warm(model), time.monotonic()
    answer = shared_reader().ask(
        "explain",
        model,
        values={"method": str(method), "class": folder},
        parts={**film.inputs, **({} if mask is None else {"mask": mask})},
        seconds=EXPLANATION_SECONDS,
    )
    # Loading VGG16 would count as passes.
    if is_warm:
        passed_seconds = time.monotonic() - started
        st.session_state[_SECONDS_A_PASS] = passed_seconds / _num_passes(method)
    return MadeMap.from_message(answer)


def known_mask(film: VisitorFilm, catalog: Catalog | None) -> np.ndarray | None:
    """Return the lungs that the set has for an X-ray of it, uint8 (height, width); None where it has none that can be read."""
    file = set_file(film, catalog)
    path: Path | None = catalog.mask_path(file) if file else None
    if path is None:
        return None
    try:
        return fit(decode_file(path).pixels[..., 0], MASK_SIDE)
    except CovidLabError:
        # Then the lungs are estimated, and the sentence about them says so.
        return None


def _draw_map(film: VisitorFilm, run: Run, made: MadeMap, method: Method, folder: str, key: str) -> None:
    name = class_name(folder)
    if not made.heatmap.max() > 0:
        st.markdown(f"Nothing on this X-ray speaks for {markdown_escaped(name)}, so there is no map.")
        return
    picture, words = st.columns([3, 2], gap="medium")
    what = f"{METHOD_NAMES[method]}: what speaks for {name}"
    pane = Pane(
        film.picture,
        "This X-ray",
        overlay=overlay_png(made.heatmap, (IMAGE_SIDE, IMAGE_SIDE)),
        overlay_title=what,
        alt=f"The X-ray that was read, with colour where {name} is spoken for. {made.hottest}",
    )
    with picture:
        # The key of the viewer that shows the X-ray beside its nearest (card.py): both keep one zoom.
        Viewer(key=f"{key}_map", state=f"viewer_{film.id}").draw([pane])
    with words:
        for sentence in _sentences(made, says_numbers=shows_number(film, run)):
            st.markdown(sentence)
        if PRESETS[run.load_config().preset].pooling == "upper_left":
            st.caption("The preset original uses only the upper left part of an X-ray.")


def _sentences(made: MadeMap, *, says_numbers: bool) -> list[str]:
    """All that is said of a map, in Markdown; the numbers of the trial only where the X-ray's own number is shown."""
    icon, word = (":material/check_circle:", "passed") if made.passed else (":material/cancel:", "did not pass")
    trial = f"{icon} **Trial of the map: {word}.** {_escaped(made.verdict)}"
    said = [made.hottest, made.lungs, made.what_happened if says_numbers else ""]
    return [f"**{ILLUSTRATIVE}**", trial, *(_escaped(sentence) for sentence in said if sentence)]


def _escaped(sentence: str) -> str:
    return markdown_escaped(sentence, max_length=400)
