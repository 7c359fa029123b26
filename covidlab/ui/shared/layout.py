"""How every page begins: its name, the line "Not for diagnosis", and the sidebar with the way around and the status."""

import gc
from functools import cache
from pathlib import Path

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.listing import holds_pictures
from covidlab.language import tr, tr_lazy
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.gpu import describe_gpu
from covidlab.runs.preparation import describe_preparation
from covidlab.runs.store import RunStore
from covidlab.services.overview import overview
from covidlab.text import class_name, markdown_escaped, one_line, pluralize, sentence_escaped
from covidlab.ui.shared.active_model import adopt_model_in_address, describe_model
from covidlab.ui.shared.cached import classes_to_choose_from, current_catalog, current_device, current_understanding
from covidlab.ui.shared.components.server_status import server_status
from covidlab.ui.shared.datasets import (
    choose_data_set,
    current_folder,
    is_the_projects,
    make_first_phantoms,
    offer_phantoms,
    say_set_is_gone,
    say_synthetic,
)
from covidlab.ui.shared.folder_tree import branches_html
from covidlab.ui.shared.help import HELP
from covidlab.ui.shared.languages import choose_language, say_for_streamlit, turn_the_page
from covidlab.ui.shared.navigation import (
    POSITIVE_CLASS,
    begin_afresh_if_asked,
    choose_in_address,
    page_link,
    put_in_address,
)
from covidlab.ui.shared.permission import draw_visitor, require_sign_in

NOT_FOR_DIAGNOSIS = tr_lazy("Not for diagnosis")
IMPORT_COMMAND = "python -m covidlab dataset import FOLDER"
ADD_COMMAND = "python -m covidlab dataset add FOLDER --dataset DIR"

_STYLE = Path(__file__).with_name("style.css")
# Drawn here: Streamlit would fetch an icon named by a word from a server on the internet.
_FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0f6b80"/>'
    '<path d="M16 6v20M9 11h14M8 16h16M9 21h14" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/></svg>'
)
_ABOUT = tr_lazy(
    "**covidlab** shows what VGG16 can, and cannot, learn from fifty chest X-rays. It is made for "
    "learning and teaching. It is not a medical device. Nothing leaves this machine."
)
# Out of sight, not left out: the choices in the sidebar hold for every page.
_WITHOUT_SIDEBAR = (
    "<style>[data-testid='stSidebar'], [data-testid='stExpandSidebarButton'] { display: none !important; }</style>"
)
_NAMES = {
    "Browse": tr_lazy("Browse"),
    "Train": tr_lazy("Train"),
    "Runs": tr_lazy("Runs"),
    "Predict": tr_lazy("Predict"),
    "Present": tr_lazy("Present"),
    "Curate": tr_lazy("Curate"),
    "Audit": tr_lazy("Audit"),
    "Lesson": tr_lazy("Lesson"),
    "About": tr_lazy("About"),
}
_ICONS = {
    "Browse": ":material/grid_view:",
    "Train": ":material/tune:",
    "Runs": ":material/stacked_line_chart:",
    "Predict": ":material/radiology:",
    "Present": ":material/co_present:",
    "Curate": ":material/checklist:",
    "Audit": ":material/fact_check:",
    "Lesson": ":material/school:",
    "About": ":material/info:",
}


def start_page(
    title: str, *, heading: str | None = None, says_synthetic: bool = True, with_sidebar: bool = True
) -> None:
    """Begin a page: browser title, "Not for diagnosis", heading, sidebar.

    Parameters
    ----------
    title : name of the page, as in the sidebar
    heading : what stands on top of the page, where that is not its name; pages draw no heading of that size themselves
    says_synthetic : whether the page says at its top that the X-rays of the data set in use are synthetic, where they are
    with_sidebar : False for a page in front of a room; its choices still hold, so the page needs a way out of its own
    """
    st.set_page_config(
        page_title=f"{title} · covidlab",
        page_icon=_FAVICON,
        layout="wide",
        initial_sidebar_state="auto",
        menu_items={"About": tr(_ABOUT)},
    )
    st.html(_STYLE)
    turn_the_page()
    say_for_streamlit()
    if not with_sidebar:
        st.html(_WITHOUT_SIDEBAR)
    with st.container(key="not_for_diagnosis"):
        st.markdown(
            tr(
                ":material/info: **{not_for_diagnosis}.** covidlab shows what a model can learn. It is not a "
                "medical device.",
                not_for_diagnosis=NOT_FOR_DIAGNOSIS,
            )
        )
    st.title(str(heading or title), anchor=False)
    require_sign_in()
    make_first_phantoms()
    begin_afresh_if_asked()
    adopt_model_in_address()
    with st.sidebar:
        navigation = st.container(key="navigation")
        choose_data_set()
    # Here, not in the sidebar, which a phone hides: a large folder takes a while to look through, with a progress bar.
    current_understanding()
    with st.sidebar:
        _choose_positive_class()
        with navigation:
            # After the choice, whose answer every link carries on.
            _draw_navigation()
    say_set_is_gone()
    # Here, not in the sidebar: a set that is new may take a while to look through, with a progress bar.
    catalog, _ = current_catalog()
    _spare_collector()
    with st.sidebar:
        draw_visitor()
        _draw_status()
        choose_language()
    if catalog is not None and says_synthetic:
        say_synthetic(catalog)


def require_catalog() -> Catalog:
    """The data set in use; where there is none the page says why and how to get one, and ends here."""
    catalog, why_not = current_catalog()
    if catalog is None:
        explain_missing_films(why_not)
        st.stop()
    return catalog


def explain_missing_films(why_not: str) -> None:
    """Say why there is no data set, in the words of ``current_catalog``, and what to do."""
    if classes := classes_to_choose_from():
        st.info(tr("Which class of this set is the positive one?"), icon=":material/help:")
        with st.container(horizontal=True):
            for name in classes:
                st.button(
                    markdown_escaped(name), key=f"choose_{name}", on_click=put_in_address, args=(POSITIVE_CLASS, name)
                )
        return
    if is_the_projects(current_folder()) and not holds_pictures(current_folder()):
        st.info(
            tr("There are no X-rays yet in {shown}.", shown=_shown(current_folder())), icon=":material/folder_open:"
        )
        st.markdown(tr("Import the curated X-rays once, from the folder you have them in:"))
        st.code(IMPORT_COMMAND, language=None)
        st.caption(
            tr("Or add X-rays of your own on Curate, or set COVIDLAB_DATASET to a folder of X-rays, and start again.")
        )
        return
    st.error(sentence_escaped(why_not), icon=":material/folder_off:")
    understood = current_understanding()
    if understood is not None and understood.branches:
        st.html(branches_html(understood.branches))
    _say_what_to_do(has_pictures=holds_pictures(current_folder()))


def _say_what_to_do(*, has_pictures: bool) -> None:
    """How to go on with a folder that somebody named and that cannot be used."""
    if has_pictures:
        st.markdown(tr("Make a data set of these X-rays on Curate, or with `{add_command}`.", add_command=ADD_COMMAND))
    else:
        st.markdown(tr("Add X-rays on Curate, or set COVIDLAB_DATASET to another folder and start again."))
    with st.container(horizontal=True, vertical_alignment="center"):
        add = {"curate_tab": tr("Add X-rays")}
        page_link("pages/7_Curate.py", label=tr("Add X-rays on Curate"), icon=":material/checklist:", named=add)
        offer_phantoms()


def _shown(folder: Path) -> str:
    return markdown_escaped(folder, max_length=300)


@cache
def _spare_collector() -> None:
    """Take what is loaded by now out of the garbage collector's sight, once, before any visitor has brought a film.

    Modules and tables never become garbage, but a look at all generations would go through them: a tenth of a second.
    """
    gc.collect()
    gc.freeze()


def _draw_navigation() -> None:
    st.markdown(tr("**covidlab**"))
    page_link("app.py", label=tr("Home"), icon=":material/home:", width="stretch")
    for page in sorted((PROJECT_ROOT / "pages").glob("[0-9]*.py")):
        name = page.stem.split("_", 1)[-1].replace("_", " ")
        icon = _ICONS.get(name, ":material/article:")
        page_link(f"pages/{page.name}", label=tr(_NAMES[name]) if name in _NAMES else name, icon=icon, width="stretch")


def _choose_positive_class() -> None:
    # Only where no class is called "covid".
    if classes := classes_to_choose_from():
        help_text = HELP["positive class"]
        choose_in_address(tr("Positive class"), classes, key=POSITIVE_CLASS, default=None, help=help_text)
    else:
        st.session_state.pop(POSITIVE_CLASS, None)


def _draw_status() -> None:
    lines = {tr("Data"): describe_data(), tr("Model"): describe_model(), **server_lines()}
    with st.container(key="status"):
        st.markdown(
            "\n\n".join(f"**{name}**  \n{markdown_escaped(text, max_length=120)}" for name, text in lines.items())
        )
        server_status({name: one_line(text, max_length=120) for name, text in lines.items()})


def describe_data() -> str:
    """The data set in use, in one line, e.g. "curated: 50 films, 37 patients, COVID-19 and non-COVID"."""
    catalog, _ = current_catalog()
    if catalog is None:
        if classes_to_choose_from():
            return tr("the positive class is not chosen yet")
        folder = current_folder()
        return tr("{name}: cannot be used", name=folder.name) if holds_pictures(folder) else tr("no X-rays yet")
    patients = pluralize(catalog.num_patients, "patient") if catalog.patients_known else tr("patients not known")
    classes = [class_name(folder) for folder in catalog.classes]
    return tr(
        "{name}: {x_rays}, {patients}, {classes} and {classes_2}",
        name=catalog.name,
        x_rays=pluralize(catalog.num_films, "X-ray"),
        patients=patients,
        classes=", ".join(classes[:-1]),
        classes_2=classes[-1],
    )


def server_lines() -> dict[str, str]:
    """What the status says of the server, name and text; the browser asks for it again and again."""
    gpu = {tr("GPU"): text} if (text := describe_gpu()) else {}
    return {tr("Device"): one_line(current_device(), max_length=120), **gpu, tr("Queue"): describe_queue()}


def describe_queue() -> str:
    """What the trainer has to do, in one line."""
    runs = overview(RunStore())
    parts = [tr("{training} training", training=runs.training)] * bool(runs.training) + [
        tr("{waiting} waiting", waiting=runs.waiting)
    ] * bool(runs.waiting)
    return ", ".join(parts) or describe_preparation() or tr("idle")
