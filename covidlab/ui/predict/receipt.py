"""The receipt of an X-ray: what it is, and whether it may be read, before any number."""

from collections.abc import Sequence

import streamlit as st

from covidlab.imaging.receipt import NAMES, Check, Verdict, worst
from covidlab.imaging.tag_checks import OTHERS_DROPPED
from covidlab.language import language, tr, tr_lazy
from covidlab.prediction.gate import likely_reason
from covidlab.text import markdown_escaped, pluralize

_ICONS = {
    Verdict.PASS: ":material/check_circle:",
    Verdict.WARN: ":material/warning:",
    Verdict.REFUSE: ":material/block:",
}
_WORDS = {
    Verdict.PASS: tr_lazy("passed"),
    Verdict.WARN: tr_lazy("to note"),
    Verdict.REFUSE: tr_lazy("speaks against reading"),
}


def draw_receipt(lines: Sequence[Check], notes: Sequence[str], *, key: str) -> None:
    """Draw what was found out about an X-ray, a line for each property; what passed stands folded."""
    st.subheader(tr("What this X-ray is"), anchor=False)
    st.markdown(about(lines))
    for verdict in (Verdict.REFUSE, Verdict.WARN):
        for line in (line for line in lines if line.verdict is verdict):
            st.markdown(line_text(line))
    for note in notes:
        st.markdown(f":material/info: {markdown_escaped(note, max_length=200)}")
    folded = [line for line in lines if line.verdict is Verdict.PASS]
    if folded:
        with st.expander(summary(lines), key=f"receipt_{key}"):
            for line in folded:
                st.markdown(line_text(line))


def draw_permission(lines: Sequence[Check]) -> None:
    """Draw whether the X-ray may be read."""
    st.subheader(tr("May it be read?"), anchor=False)
    gravest = worst(lines)
    if gravest is Verdict.REFUSE:
        # The receipt has said how far; here stands what follows, and why it may be so.
        reasons = [str(line.sentence) for line in lines if line.verdict is Verdict.REFUSE and line.name != "distance"]
        reason = " ".join(reasons) if reasons else likely_reason(lines)
        text = tr(
            "**No.** covidlab gives no plain number for this X-ray. {reason}",
            reason=markdown_escaped(reason, max_length=600),
        )
        st.error(text, icon=_ICONS[Verdict.REFUSE])
    elif gravest is Verdict.WARN:
        st.markdown(
            tr(
                "{icons} **With care:** see what is to note above. Passing the checks does not mean that the "
                "number is right.",
                icons=_ICONS[Verdict.WARN],
            )
        )
    else:
        st.markdown(
            tr(
                "{icons} **No check speaks against it.** That does not mean that the number is right.",
                icons=_ICONS[Verdict.PASS],
            )
        )


def about(lines: Sequence[Check]) -> str:
    """Return what was read, that other tags were dropped, and which properties nobody knows, in Markdown."""
    read = next((str(line.sentence) for line in lines if line.name == "file"), "")
    if any(OTHERS_DROPPED in line.sentence for line in lines):
        read += tr(" A few tags were read. {others_dropped}", others_dropped=OTHERS_DROPPED)
    unknown = [_within_sentence(tr(NAMES[line.name])) for line in lines if not line.is_known]
    if not unknown:
        return markdown_escaped(read, max_length=400)
    *first, last = unknown
    named = tr("{first} and {last}", first=", ".join(first), last=last) if first else last
    return tr("{read} **The file does not say:** {named}.", read=markdown_escaped(read, max_length=400), named=named)


def _within_sentence(name: str) -> str:
    """A name as it stands within a sentence: German nouns keep their capital."""
    return name if language() == "de" else name.lower()


def summary(lines: Sequence[Check]) -> str:
    """Return how many properties passed, and how many nobody knows."""
    passed = sum(line.verdict is Verdict.PASS and line.is_known for line in lines)
    unknown = sum(not line.is_known for line in lines)
    return tr("{checks} passed", checks=pluralize(passed, "check")) + (
        tr(", {unknown} could not be made", unknown=unknown) if unknown else ""
    )


def line_text(line: Check) -> str:
    """Return one line of the receipt in Markdown."""
    sentence = markdown_escaped(line.sentence, max_length=400)
    if line.verdict is Verdict.PASS and not line.is_known:
        return tr(":material/help: **{names}** (not known): {sentence}", names=NAMES[line.name], sentence=sentence)
    return f"{_ICONS[line.verdict]} **{NAMES[line.name]}** ({_WORDS[line.verdict]}): {sentence}"
