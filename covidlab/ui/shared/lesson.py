"""A lesson is a link: it sets data set and sliders, hides chosen controls and asks a question. Also as a QR code.

The settings of the link are the parameters that Train's widgets are bound to; this module adds two of its own. What an address
says is foreign text: only controls named here are hidden, and the question is shortened, escaped and said to come from the link.
A hidden control is drawn and not seen, so that it keeps the value the link gives it.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

import segno
import streamlit as st

from covidlab.language import tr, tr_lazy
from covidlab.text import markdown_escaped, one_line
from covidlab.ui.shared.navigation import AFRESH, GO_ALONG, TRAIN, bring

HIDE, QUESTION = "lesson_hide", "lesson_question"
LONGEST_QUESTION = 200
# Of what an address says is hidden, longer lists are cut.
LONGEST_LIST = 1000
SETTING = "train_"

# What may be hidden: keys of widgets and of parts of Train, with their names. Streamlit writes a key into the class of its element.
HIDEABLE = {
    "train_learning_rate": tr_lazy("Learning rate"),
    "train_epochs": tr_lazy("Epochs"),
    "train_batch_size": tr_lazy("Batch size"),
    "advanced": tr_lazy("All that stands under Advanced"),
    "train_preset": tr_lazy("Preset"),
    "train_fine_tune": tr_lazy("Layers that learn"),
    "train_seed": tr_lazy("Seed"),
    "train_selection": tr_lazy("X-rays"),
    "train_keep_split": tr_lazy("Keep the split of the folders"),
    "train_device": tr_lazy("Device"),
    "train_optimizer": tr_lazy("Optimizer"),
    "train_weight_decay": tr_lazy("Weight decay"),
    "train_class_weights": tr_lazy("Class weights"),
    "train_patience": tr_lazy("Early stopping"),
    "train_views": tr_lazy("Views of each X-ray"),
    "train_rotation": tr_lazy("Rotation"),
    "train_flip": tr_lazy("Mirrored copies"),
    "train_shift": tr_lazy("Shift"),
    "train_brightness": tr_lazy("Brightness"),
    "narrator": tr_lazy("What the curves say"),
    "guess": tr_lazy("Predict the curve"),
}
# These have an explanation right below them, which is hidden with them.
_WITH_CAPTION = (
    *(
        "train_preset",
        "train_fine_tune",
        "train_optimizer",
        "train_weight_decay",
        "train_class_weights",
        "train_patience",
    ),
    *("train_rotation", "train_flip", "train_shift", "train_brightness"),
)
# The part under Advanced has no key of its own: it is the one that holds the presets.
_PLACES = {"advanced": ".stExpander:has(.st-key-train_preset)"}
_LOCAL = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0")
_PAGE = "Train"


@dataclass(frozen=True)
class Lesson:
    """What a link asks for: the question as plain text, "" for none, and the keys of hidden controls."""

    question: str
    hidden: tuple[str, ...]


def parse_lesson(query: Mapping[str, str]) -> Lesson | None:
    """Return the lesson that the parameters of an address describe; None where they describe none. Never raises."""
    question = one_line(query.get(QUESTION, "")[: 4 * LONGEST_QUESTION], max_length=LONGEST_QUESTION)
    asked = set(query.get(HIDE, "")[:LONGEST_LIST].split(","))
    hidden = tuple(key for key in HIDEABLE if key in asked)
    return Lesson(question, hidden) if question or hidden else None


def lesson_from_address() -> Lesson | None:
    """Return the lesson in the address of this page; ways back to Train carry it along."""
    lesson = parse_lesson(st.query_params)
    if lesson is not None:
        bring(TRAIN, _as_query(lesson.hidden, lesson.question))
    return lesson


def is_hidden(key: str) -> bool:
    """Whether the lesson in the address hides the control of this key."""
    lesson = parse_lesson(st.query_params)
    return lesson is not None and key in lesson.hidden


def draw_lesson_question() -> None:
    """Draw the question of the lesson in the address and hide what it hides; nothing where there is no lesson."""
    lesson = lesson_from_address()
    if lesson is None:
        return
    if lesson.hidden:
        st.html(f"<style>{hiding_style(lesson.hidden)}</style>")
    with st.container(key="lesson", border=True, gap="small"):
        if lesson.question:
            st.markdown(f":material/school: **{markdown_escaped(lesson.question, max_length=LONGEST_QUESTION)}**")
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(_what_the_lesson_does(lesson), width="content")
            st.button(tr("End the lesson"), key="lesson_end", icon=":material/close:", on_click=end_lesson)


def end_lesson() -> None:
    """Show all controls again, with the values they have."""
    for name in (HIDE, QUESTION):
        st.query_params.pop(name, None)
    bring(TRAIN, {})


def draw_lesson_maker() -> None:
    """Draw what makes a link of the page's settings: what to hide, the question, the address and its QR code."""
    with st.expander(tr("Make a lesson link"), icon=":material/qr_code_2:"):
        st.caption(tr("The link opens Train with the data set and the settings that you see now."))
        hidden = st.multiselect(
            tr("Hide"), list(HIDEABLE), format_func=lambda key: tr(HIDEABLE[key]), key="lesson_maker_hide"
        )
        question = st.text_input(tr("Question"), max_chars=LONGEST_QUESTION, key="lesson_maker_question")
        url = lesson_url(st.context.url or "", lesson_query(st.query_params, hidden, question))
        st.code(url, language=None, wrap_lines=True)
        picture = qr_png(url)
        if picture is None:
            st.caption(tr("This address is too long for a QR code. Shorten the question."))
        else:
            st.image(picture, width=240, caption=tr("The same address as a QR code"), alt=tr("QR code of the lesson"))
            st.download_button(
                tr("Download the QR code"),
                picture,
                "covidlab-lesson.png",
                "image/png",
                key="lesson_maker_png",
                on_click="ignore",
            )
        if urlsplit(url).hostname in _LOCAL or not urlsplit(url).hostname:
            st.caption(
                tr("This address works on this machine only. For others, put the name of this machine in its place.")
            )


def lesson_query(query: Mapping[str, str], hidden: Sequence[str], question: str) -> dict[str, str]:
    """Return the parameters of a lesson that begins from the settings in ``query``, those of the page of who makes it."""
    kept = {name: value for name, value in query.items() if name in GO_ALONG or name.startswith(SETTING)}
    # Who has other settings from before begins with those of the link, and with the defaults of all others.
    return kept | _as_query(hidden, question) | {AFRESH: "1"}


def lesson_url(base: str, query: Mapping[str, str]) -> str:
    """Return the address of a lesson on the dashboard that serves the page at ``base``."""
    parts = urlsplit(base)
    folder = parts.path.rpartition("/")[0]
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/{_PAGE}", urlencode(query, safe=","), ""))


def qr_png(text: str) -> bytes | None:
    """Return a QR code as PNG, black on white with its margin, so that it is read from the dark page too; None where too much."""
    try:
        code = segno.make_qr(text, error="m")
    except segno.DataOverflowError:
        return None
    picture = io.BytesIO()
    code.save(picture, kind="png", scale=6, border=4)
    return picture.getvalue()


def hiding_style(keys: Sequence[str]) -> str:
    """Return the style that takes controls out of sight, and out of reach of the keyboard; only those in ``HIDEABLE``."""
    rules = [_PLACES.get(key, f".st-key-{key}") for key in keys if key in HIDEABLE]
    rules += [f".st-key-{key} + .stElementContainer" for key in keys if key in _WITH_CAPTION]
    return f"{', '.join(rules)} {{ display: none !important; }}" if rules else ""


def _as_query(hidden: Sequence[str], question: str) -> dict[str, str]:
    values = {HIDE: ",".join(hidden), QUESTION: one_line(question, max_length=LONGEST_QUESTION)}
    return {name: value for name, value in values.items() if value}


def _what_the_lesson_does(lesson: Lesson) -> str:
    names = ", ".join(tr(HIDEABLE[key]) for key in lesson.hidden)
    hides = tr(" It hides: {names}.", names=names) if names else ""
    return tr("This lesson comes from the link that you opened, not from covidlab.{hides}", hides=hides)
