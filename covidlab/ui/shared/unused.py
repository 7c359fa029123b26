"""Files of a data set that are not used, by name, and what else is odd about the set."""

from collections import Counter

import pandas as pd
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.language import number_text, tr, tr_many
from covidlab.text import one_line, sentence_escaped

# A list of all masks of 100,000 X-rays would reach the browser at every click.
MOST_LISTED = 1000


def draw_unused(catalog: Catalog) -> None:
    """Draw a panel with the files that are not used and why, and the notes on the set; nothing where there are none."""
    files = unused_files(catalog)
    if not files and not catalog.problems:
        return
    said = [tr_many("{number:,} file is not used", "{number:,} files are not used", len(files))] * bool(files)
    notes = len(catalog.problems)
    said += [tr_many("{number:,} note on this set", "{number:,} notes on this set", notes)] * bool(notes)
    with st.expander(", ".join(said), icon=":material/rule:"):
        st.markdown("\n".join(f"- {sentence_escaped(problem)}" for problem in catalog.problems))
        if files:
            counts = Counter(reason for _, reason, _ in files)
            st.caption(
                tr(
                    "By reason: {reasons}.",
                    reasons=", ".join(f"{tr(reason)} {number_text(number)}" for reason, number in counts.most_common()),
                )
            )
            rows = [
                (one_line(file, max_length=300), one_line(why or tr(reason), max_length=300))
                for file, reason, why in files[:MOST_LISTED]
            ]
            if len(files) > MOST_LISTED:
                st.caption(tr("The first {most_listed:,} of them:", most_listed=MOST_LISTED))
            st.dataframe(
                pd.DataFrame(rows, columns=[tr("file"), tr("why")]), hide_index=True, alt=tr("Files that are not used")
            )


def unused_files(catalog: Catalog) -> list[tuple[str, str, str]]:
    """Return file, reason and what more is known of it."""
    return [(file, left.reason, left.why.get(file, "")) for left in catalog.unused for file in left.files]
