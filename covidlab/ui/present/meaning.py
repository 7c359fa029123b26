"""The last two steps of a lesson: what was really learned, and what it is not for."""

import streamlit as st

from covidlab.data.flags import is_curated_set
from covidlab.data.summary import CURATED_SHORTCUTS
from covidlab.language import tr, tr_lazy
from covidlab.ui.present.lesson import Large, Lesson, draw_large
from covidlab.ui.shared.active_model import visitors_model
from covidlab.ui.shared.navigation import TRAIN, page_link
from covidlab.ui.shared.verdict import draw_verdict_line

# Measured on the curated fifty, not by this program.
CALLED_ELSEWHERE = tr_lazy("94 to 99 %")


def draw_learned(lesson: Lesson) -> None:
    """Draw what was measured on the curated fifty: how little tells the classes apart, and what happens elsewhere."""
    draw_large(
        [
            Large(
                tr(CALLED_ELSEWHERE),
                tr("of adult X-rays without finding, from other hospitals, are called COVID-19"),
                tr(
                    "Threshold 0.5; AUC 0.73 to 0.79. VGG16 features and logistic regression, trained on the curated "
                    "fifty."
                ),
            ),
            Large(
                CURATED_SHORTCUTS[0][1],
                tr("accuracy from one bit of the file: is it stored as RGB or as grey"),
                tr(
                    "95 % interval 84 to 100 %, n = 50 X-rays of 37 patients. Logistic regression, 5 folds by "
                    "patient, 20 repeats. No X-ray is looked at."
                ),
            ),
        ]
    )
    st.markdown(
        tr(
            "In the curated fifty the COVID-19 patients with a stated age are adults of 35 to 65. The "
            "non-COVID X-rays are of children of 1 to 5 years, from another source. **The model has learned "
            "adult against child.**"
        )
    )
    if (run := lesson.run or visitors_model()) is not None:
        draw_verdict_line(run, key="present_verdict", is_large=True, offers=False)
    if not is_curated_set(lesson.catalog):
        st.markdown(tr("These figures are of the curated fifty, not of the X-rays of this lesson."))


def draw_end(lesson: Lesson) -> None:
    """Draw what no result of this lesson is for."""
    st.markdown(
        tr(
            "- **Not for diagnosis.** The findings of COVID-19 on an X-ray are not specific. A viral test is "
            "needed.\n- **Not a measure of how well COVID-19 can be seen.** Class, source and age coincide in "
            "the curated fifty.\n- **Not for other hospitals.** Published models reached an AUC of 1.00 on "
            "sources they had seen, and down to 0.38 on others (Ben Ahmed et al. 2021).\n- **What would "
            "help:** X-rays of hospitals that the model has not seen, and about 141 independent patients of "
            "each class to know an accuracy of 90 % to 5 points either way."
        )
    )
    # Begins from the defaults, whatever was set there before.
    page_link(
        TRAIN,
        label=tr("Try other settings on Train, beginning with the published procedure"),
        icon=":material/tune:",
        named={"train_preset": "original"},
    )
