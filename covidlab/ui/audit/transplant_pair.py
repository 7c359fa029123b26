"""One pair of the lung transplant: both X-rays and both composites, made here, with what the model said of each."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from covidlab.audit.transplant_text import describe_pair, probability_of
from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.errors import CovidLabError, DataError
from covidlab.evaluation.subjects import prepared_subject, subject_stamp
from covidlab.evaluation.transplant import VERSION, Chest, has_two_lungs, transplanted
from covidlab.imaging.encode import data_address, jpeg
from covidlab.language import number_text, tr, tr_lazy
from covidlab.prediction.answer import probability_text
from covidlab.text import class_name, markdown_escaped, one_line, sentence_escaped
from covidlab.ui.audit.audited import Audited
from covidlab.ui.shared.films import known_patient

Pair = Mapping[str, Any]

BOTH, CONTROL = tr_lazy("Of both classes"), tr_lazy("Of one class (control)")
_QUALITY = 92
_STYLE = """<style>
.transplant { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 9.5rem), 1fr)); gap: 0.75rem; max-width: 60rem; }
.transplant figure { margin: 0; }
.transplant img { width: 100%; aspect-ratio: 1; object-fit: contain; background: #000; border-radius: 0.35rem; display: block; }
.transplant figcaption { font-size: 0.9rem; line-height: 1.4; padding-top: 0.3rem; overflow-wrap: anywhere; }
.transplant figcaption b { font-size: 1.2rem; font-variant-numeric: tabular-nums; }
.transplant small { opacity: 0.8; font-size: 0.85rem; }
/* Streamlit's grey for notes in a chart is too faint for words. */
.st-key-audit_transplant_bar .annotation-text { fill: currentColor !important; }
@media (max-width: 40rem) { .transplant { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
</style>"""


def draw_pair(audited: Audited, found: Mapping[str, Any], *, with_answers: bool) -> None:
    """Draw the choice of a pair and its four pictures; ``with_answers``: whether what was said of the composites is shown."""
    pair = _chosen_pair(audited.catalog, found)
    if pair is None:
        return
    preset = audited.run.load_config().preset if audited.run else TrainingConfig.preset
    try:
        files = pair["a"], pair["b"]
        stamps = " ".join(subject_stamp(audited.catalog, file) for file in files)
        pictures = _pictures(audited.catalog, f"{VERSION} {stamps}", *files, preset)
    except CovidLabError as error:
        st.warning(sentence_escaped(error))
        return
    st.html(_STYLE + pair_html(audited.catalog, found, pair, pictures, with_answers=with_answers))
    if with_answers:
        st.markdown(markdown_escaped(describe_pair(found, pair), max_length=400))


def _chosen_pair(catalog: Catalog, found: Mapping[str, Any]) -> Pair | None:
    """Draw two choices, and one of the control; the pair that was chosen."""
    kind, first, second = st.columns([2, 3, 3])
    kinds = {BOTH: found["pairs"], CONTROL: found["same_class_pairs"]}
    pairs = kinds[kind.selectbox(tr("Pairs"), list(kinds), format_func=tr, key="audit_transplant_kind")]
    if not pairs:
        return None

    def named(file: str) -> str:
        return xray_label(catalog, file)

    a = first.selectbox(
        tr("X-ray A"), sorted({pair["a"] for pair in pairs}), format_func=named, key="audit_transplant_a"
    )
    partners = {pair["b"]: pair for pair in pairs if pair["a"] == a}
    b = second.selectbox(tr("X-ray B"), sorted(partners), format_func=named, key="audit_transplant_b")
    return partners.get(b)


def xray_label(catalog: Catalog, file: str) -> str:
    """Return e.g. "COVID-19, patient cohen-11, lancet-fx1.jpg"."""
    film = catalog.row(file)
    patient = known_patient(film)
    who = tr("patient {patient}, ", patient=one_line(patient, max_length=24)) if patient else ""
    return (
        f"{one_line(class_name(film['class']), max_length=24)}, {who}{one_line(file.rpartition('/')[2], max_length=28)}"
    )


def pair_html(
    catalog: Catalog, found: Mapping[str, Any], pair: Pair, pictures: Sequence[bytes], *, with_answers: bool
) -> str:
    """Return four figures: A, B, A with the lungs of B, B with the lungs of A."""
    titles = (
        f"A: {xray_label(catalog, pair['a'])}",
        f"B: {xray_label(catalog, pair['b'])}",
        tr("Frame of A, lungs of B"),
        tr("Frame of B, lungs of A"),
    )
    logits = (pair["whole_a"], pair["whole_b"], pair["frame_a"], pair["frame_b"])
    shown = (True, True, with_answers, with_answers)
    figures = map(_figure, titles, pictures, [_answer(found, *each) for each in zip(logits, shown, strict=True)])
    return f'<div class="transplant">{"".join(figures)}</div>'


def _figure(title: str, picture: bytes, answer: str) -> str:
    return (
        f'<figure><img src="{data_address(picture)}" alt="{escape(title, quote=True)}">'
        f"<figcaption>{escape(title)}<br>{answer}</figcaption></figure>"
    )


def _answer(found: Mapping[str, Any], logit: float, is_shown: bool) -> str:
    if not is_shown:
        return "<b>?</b>"
    said = probability_text(probability_of(logit))
    of = escape(one_line(class_name(found["positive_class"]), max_length=30))
    words = tr("probability of {name}, logit {logit}", name=of, logit=number_text(logit, "+.1f").replace("-", "−"))
    return f"<b>{said}</b> <small>{words}</small>"


@st.cache_data(max_entries=200, show_spinner=False)
def _pictures(_catalog: Catalog, key: str, file_a: str, file_b: str, preset: str) -> tuple[bytes, ...]:
    a, b = (_chest(_catalog, file, preset) for file in (file_a, file_b))
    return tuple(jpeg(film, quality=_QUALITY) for film in (a.film, b.film, transplanted(a, b), transplanted(b, a)))


def _chest(catalog: Catalog, file: str, preset: str) -> Chest:
    film, subject = prepared_subject(catalog, file, preset=preset)
    lungs = np.zeros(film.shape[:2], bool) if subject.lungs is None else subject.lungs
    if not has_two_lungs(lungs):
        raise DataError(
            tr("The lungs of this X-ray are no longer known. Exchange the lungs again. Received: {file}.", file=file)
        )
    return Chest(film=film, lungs=lungs)
