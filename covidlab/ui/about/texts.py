"""Texts about the data and the program: what a set holds, where films and weights come from, what to read."""

import re
from functools import partial

import pandas as pd
import streamlit as st

import covidlab
from covidlab.data.catalog import Catalog
from covidlab.data.flags import curated_films, is_curated_set
from covidlab.data.summary import CURATED_SHORTCUTS, licence_counts, statements
from covidlab.data.words import value_text
from covidlab.language import ENGLISH, language, number_text, tr, tr_lazy
from covidlab.paths import DEFAULT_MODEL
from covidlab.text import class_name, markdown_escaped, pluralize

MODEL_CARD = DEFAULT_MODEL / "model_card.md"

# What each is cited for, in the words of the project's list of facts.
REFERENCES = (
    (
        tr_lazy("DeGrave et al. 2021, Nature Machine Intelligence: shortcuts over signal."),
        "https://doi.org/10.1038/s42256-021-00338-7",
    ),
    (tr_lazy("Roberts et al. 2021: 2,212 studies found, 62 reviewed, none of clinical use."), ""),
    (
        tr_lazy("Maguolo and Nanni 2020, arXiv 2004.12823: similar results with the lungs black."),
        "https://arxiv.org/abs/2004.12823",
    ),
    (
        tr_lazy("Ben Ahmed et al. 2021, PMC8224464: AUC 1.00 on seen, down to .38 on unseen sources."),
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC8224464/",
    ),
    (tr_lazy("Cohen et al. 2020, arXiv 2006.11988: the COVID image collection."), "https://arxiv.org/abs/2006.11988"),
    (
        tr_lazy("Kermany et al., Mendeley Data 10.17632/rscbjbr9sj.2: the chest X-rays of children."),
        "https://doi.org/10.17632/rscbjbr9sj.2",
    ),
    (
        tr_lazy(
            "Saporta et al., and arXiv 2008.02766: saliency maps fail trust criteria, so a Grad-CAM is illustrative."
        ),
        "https://arxiv.org/abs/2008.02766",
    ),
    (
        tr_lazy("Bernstein et al. 2023, European Radiology 33, 8263: readers follow wrong answers of a model."),
        "https://doi.org/10.1007/s00330-023-09747-1",
    ),
    (
        tr_lazy("American College of Radiology, March 2020: findings are not specific; a viral test is required."),
        "",
    ),
)
REPORTING_GUIDES = ("CLAIM", "TRIPOD+AI", tr_lazy("model cards"))


def draw_contents(catalog: Catalog) -> None:
    """Draw what is in the set: sentences computed from it, and for the curated fifty what was measured on them."""
    sentences = statements(catalog, name_of=class_name)
    st.markdown("\n".join(f"- {markdown_escaped(sentence, max_length=400)}" for sentence in sentences))
    if is_curated_set(catalog):
        draw_curated_shortcuts(catalog)


def draw_curated_shortcuts(catalog: Catalog) -> None:
    """Draw what was measured beforehand on the curated fifty."""
    st.markdown(
        tr(
            "**Little information is enough to tell the two folders apart.** Logistic regression, "
            "patient-grouped 5-fold, 20 repeats, n = {x_rays}; measured beforehand, without intervals: the "
            "page Audit gives them. Class, source and age group coincide in this set, so none of these "
            "results needs a sign of disease.",
            x_rays=pluralize(catalog.num_films, "X-ray"),
        )
    )
    rows = [(tr(seen), _in_marks(accuracy), _in_marks(area)) for seen, accuracy, area in CURATED_SHORTCUTS]
    columns = [tr("Input"), tr("Accuracy"), tr("AUC")]
    st.table(pd.DataFrame(rows, columns=columns).set_index(columns[0]))


def _in_marks(figure: str) -> str:
    """A figure of a list, such as "93.5 %" or ".90", with the decimal mark of the language."""
    number, _, unit = figure.partition(" ")
    decimals = len(number.partition(".")[2])
    return " ".join(filter(None, (number_text(float(number), f".{decimals}f"), unit)))


def draw_data(catalog: Catalog | None) -> None:
    """Draw where the curated films come from and their licences, and the licences of the set in use if it is another."""
    films = curated_films()
    sizes = films["class"].value_counts()
    st.markdown(
        tr(
            "The curated set is {x_rays} of {patients}.\n- **COVID-19** ({x_rays_2}): COVID-19 image data "
            "collection, Cohen et al. 2020, collected there from publications; Browse names the publication "
            "of each X-ray.\n- **non-COVID** ({x_rays_3}): chest X-ray pneumonia set, Kermany et al., "
            "Mendeley Data 10.17632/rscbjbr9sj.2, children of 1 to 5 years.\n- **Lung masks**: v7labs "
            "COVID-19 X-ray data set, those of the COVID-19 X-rays by way of TorchXRayVision.\n\nBecause of "
            "the licences below, the X-rays are not redistributed with this program.",
            x_rays=pluralize(len(films), "X-ray"),
            patients=pluralize(films["patient_id"].nunique(), "patient"),
            x_rays_2=pluralize(sizes["covid"], "X-ray"),
            x_rays_3=pluralize(sizes["normal"], "X-ray"),
        )
    )
    st.markdown(tr("**Licences of the curated X-rays**, as stated upstream"))
    st.table(_licences(films))
    if catalog is not None and not is_curated_set(catalog):
        st.markdown(
            tr("**Licences in the set in use**, {name}, as its metadata states", name=markdown_escaped(catalog.name))
        )
        st.table(_licences(catalog.films))


def draw_model_card() -> None:
    """Draw the card of the model that comes with the program, if there is one."""
    if MODEL_CARD.is_file():
        with st.expander(tr("Model card of the model that comes with the program")):
            if language() != ENGLISH:
                st.caption(tr("The card itself is in English."))
            # Its headings become smaller than those of the page.
            st.markdown(re.sub(r"^(#+ )", r"###\1", MODEL_CARD.read_text(encoding="utf-8"), flags=re.MULTILINE))


def draw_weights() -> None:
    """Draw the attribution of VGG16's weights."""
    st.markdown(
        tr(
            "The weights of VGG16's convolutional layers come with the program. Origin: the ImageNet weights "
            'of K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image '
            'recognition" (2015), Visual Geometry Group, University of Oxford, released under [CC BY '
            "4.0](https://creativecommons.org/licenses/by/4.0/), as ported by Keras. Changed here: rounded "
            "to float16."
        )
    )


def draw_references() -> None:
    """Draw the literature and the reporting guides."""
    lines = [
        f"- {text}" + (f" [{address.split('//')[1]}]({address})" if address else "") for text, address in REFERENCES
    ]
    st.markdown("\n".join(lines))
    st.markdown(
        tr(
            "Guides for reporting a model: {reporting_guides} and {reporting_guides_2}.",
            reporting_guides=", ".join(REPORTING_GUIDES[:-1]),
            reporting_guides_2=tr(REPORTING_GUIDES[-1]),
        )
    )


def version_line() -> str:
    """Name and version of the program."""
    return tr("covidlab {version}", version=covidlab.__version__)


def _licences(films: pd.DataFrame) -> pd.DataFrame:
    table = licence_counts(films)
    cell = partial(markdown_escaped, max_length=60)
    return pd.DataFrame(
        {
            tr("Class"): [cell(class_name(folder)) for folder in table["class"]],
            tr("Source"): table["source"].map(cell),
            tr("Licence"): table["licence"].map(value_text).map(cell),
            tr("X-rays"): table["films"],
        }
    ).set_index(tr("Class"))
