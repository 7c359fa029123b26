"""The map on the page to print: the one that the visitor made last with this model, and what the page says of it."""

from typing import Any

from covidlab.config import IMAGE_SIDE, PRESETS
from covidlab.intake.upload import VisitorFilm
from covidlab.language import tr
from covidlab.prediction.explanation import METHOD_NAMES, Method
from covidlab.prediction.overlay import overlay_png
from covidlab.runs.exams import exam_line
from covidlab.runs.store import Run
from covidlab.text import class_name
from covidlab.ui.predict.map_making import UPPER_LEFT, MadeMap, no_map
from covidlab.ui.predict.permission import shows_number
from covidlab.ui.predict.reading import model_key


def made_maps(film: VisitorFilm, run: Run) -> list[tuple[Method, str, MadeMap]]:
    """Return the maps that were made with the run's model, the newest last: method, class explained (a folder), map."""
    key = model_key(run)
    return [
        (Method(method), folder, made) for (model, method, folder), made in film.explanations.items() if model == key
    ]


def map_for_report(film: VisitorFilm, run: Run) -> dict[str, Any]:
    """Return the fields of an ``XrayReport`` about the map; none where no map was asked for."""
    maps = made_maps(film, run)
    if not maps:
        return {}
    method, folder, made = maps[-1]
    name = class_name(folder)
    if not made.heatmap.max() > 0:
        return {"about_map": (no_map(name), *_others(maps))}
    said = [*_trial(made, says_numbers=shows_number(film, run)), made.hottest, made.lungs]
    said.append(exam_line(run.load_config(), method))
    if PRESETS[run.load_config().preset].pooling == "upper_left":
        said.append(UPPER_LEFT)
    return {
        "heatmap": overlay_png(made.heatmap, (IMAGE_SIDE, IMAGE_SIDE)),
        "heatmap_label": name,
        "map_method": tr(METHOD_NAMES[method]),
        "about_map": tuple(str(sentence) for sentence in (*said, *_others(maps)) if sentence),
    }


def _trial(made: MadeMap, *, says_numbers: bool) -> tuple[str, str]:
    """How the map did on trial; its numbers only where the X-ray's own number is shown."""
    word = tr("passed") if made.passed else tr("did not pass")
    return tr(
        "Trial of the map: {word}. {verdict}", word=word, verdict=made.verdict
    ), made.what_happened if says_numbers else ""


def _others(maps: list[tuple[Method, str, MadeMap]]) -> tuple[str, ...]:
    """That other maps were made, so that nobody takes the one that is printed for the only one."""
    if len(maps) < 2:
        return ()
    passed = sum(made.passed for _, _, made in maps)
    return (
        tr(
            "{num_maps} maps of this X-ray were made, {passed} of them passed the trial. This page is about "
            "the newest.",
            num_maps=len(maps),
            passed=passed,
        ),
    )
