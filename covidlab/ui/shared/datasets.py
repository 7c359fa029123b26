"""Which data set is in use: the configured one, one of the user's own, or phantoms made at a first start without films."""

from pathlib import Path

import streamlit as st
from filelock import FileLock

from covidlab import paths
from covidlab.data.catalog import Catalog
from covidlab.data.flags import flag_table
from covidlab.errors import CovidLabError
from covidlab.files import storage_errors
from covidlab.intake.adding import PHANTOMS_FOLDER, list_datasets
from covidlab.language import tr, tr_lazy, tr_many
from covidlab.paths import dataset_folder, home, is_dataset_named
from covidlab.phantom.dataset import is_cut_off, is_phantom_set, make_phantoms
from covidlab.phantom.film import PhantomConfig
from covidlab.text import markdown_escaped, sentence_escaped
from covidlab.ui.shared.navigation import DATA_SET, choose_in_address, put_in_address

_NEXT = "data_set_next"
GET_THE_FILMS = tr_lazy(
    "`python -m covidlab dataset import FOLDER`, or `python -m covidlab dataset fetch --accept-licences`"
)

# Enough for a training run and a page of Browse, made in some seconds.
FIRST_PHANTOMS = PhantomConfig(num_films=24, size=384)


def current_folder() -> Path:
    """Return the folder of the data set this visitor looks at."""
    sets = dict(list_datasets())
    return sets.get(st.session_state.get(DATA_SET)) or next(iter(sets.values()), dataset_folder())


def choose_next(folder: Path | None) -> None:
    """Switch to the data set in ``folder`` when the page is drawn again; None stands for the first set there is."""
    st.session_state.pop(DATA_SET, None)
    st.session_state[_NEXT] = folder and folder.absolute()


def choose_data_set() -> None:
    """Draw the switch between the data sets present; it stands in the address. Nothing where there is only one."""
    names = {folder: name for name, folder in list_datasets()}
    first = next(iter(names.values()), None)
    if _NEXT in st.session_state:
        put_in_address(DATA_SET, names.get(st.session_state.pop(_NEXT)), default=first)
    if len(names) < 2:
        return
    help_text = tr("Sets are never mixed: all pages and new runs use the set chosen here.")
    choose_in_address(tr("Data set"), list(names.values()), key=DATA_SET, default=first, help=help_text)


def say_set_is_gone() -> None:
    """Where the address names a data set that is not there, say so and which one the page uses."""
    asked = st.query_params.get(DATA_SET)
    if not asked:
        return
    names = [name for name, _ in list_datasets()]
    if asked in names or not names:
        return
    st.warning(
        tr(
            "There is no data set {asked} here; it may have been renamed or removed. This page uses {names}.",
            asked=markdown_escaped(asked),
            names=markdown_escaped(names[0]),
        )
    )
    st.button(
        tr("Use {names}", names=markdown_escaped(names[0])),
        key="data_set_gone",
        on_click=put_in_address,
        args=(DATA_SET, None),
    )


def is_the_projects(folder: Path) -> bool:
    """Whether a folder is the project's own ``dataset/``, where the fifty belong."""
    return folder.absolute() == paths.OWN_DATASET


def make_first_phantoms() -> None:
    """Where no films are present and nobody has named a folder, make a small set of synthetic ones, once for all visitors.

    A visitor who leaves the page ends what it was making, so the next one makes it whole.
    """
    if not is_dataset_named() and (not list_datasets() or is_cut_off(home() / PHANTOMS_FOLDER, FIRST_PHANTOMS)):
        _make_phantoms(tr("There are no X-rays yet. covidlab is making a small synthetic set."))


def offer_phantoms() -> None:
    """Offer synthetic X-rays in place of a folder that somebody named and that cannot be used; never without a click."""
    pressed = st.button(tr("Look at synthetic X-rays instead"), key="phantoms_instead", icon=":material/science:")
    # Where it fails, the page stays as it is with the reason on it.
    if pressed and _make_phantoms(tr("covidlab is making a small synthetic set.")):
        choose_next(home() / PHANTOMS_FOLDER)
        st.rerun()


def _make_phantoms(why: str) -> bool:
    """Make the first phantoms where they are not there, with a progress bar; return whether they are there now."""
    bar = st.progress(0.0, text=why)
    try:
        with storage_errors(home()):
            home().mkdir(parents=True, exist_ok=True)
            held = FileLock(home() / ".phantoms.lock").acquire()
        with held:
            folder = home() / PHANTOMS_FOLDER
            if not is_phantom_set(folder):
                make_phantoms(
                    folder,
                    FIRST_PHANTOMS,
                    progress=lambda done, total: bar.progress(
                        done / total, text=tr("Making synthetic X-ray {done} of {total}", done=done, total=total)
                    ),
                )
    except CovidLabError as error:
        st.warning(sentence_escaped(error))
        return False
    finally:
        bar.empty()
    return True


def say_synthetic(catalog: Catalog) -> None:
    """On a set that holds synthetic films, say so and how to get the real ones."""
    num_synthetic = _num_synthetic(catalog)
    if num_synthetic:
        whole = num_synthetic == catalog.num_films
        which = (
            tr("These X-rays are synthetic")
            if whole
            else tr("{num_synthetic:,} of these X-rays are synthetic", num_synthetic=num_synthetic)
        )
        _say_how_to_get_real_ones(which)


def say_samples_are_synthetic(catalog: Catalog, *, beside_uploads: bool) -> None:
    """Beside the choice of a sample, say where the set's X-rays are synthetic; beside uploads, that these are not meant."""
    num_synthetic = _num_synthetic(catalog)
    if not num_synthetic:
        return
    name = markdown_escaped(catalog.name)
    which = (
        tr("The X-rays of the data set {name} are synthetic", name=name)
        if num_synthetic == catalog.num_films
        else tr_many(
            "{number:,} X-ray of the data set {name} is synthetic",
            "{number:,} X-rays of the data set {name} are synthetic",
            num_synthetic,
            name=name,
        )
    )
    if beside_uploads:
        st.caption(tr("{which}. This does not concern X-rays that you upload.", which=which))
    else:
        _say_how_to_get_real_ones(which)


def _num_synthetic(catalog: Catalog) -> int:
    return int(flag_table(catalog)["synthetic"].sum())


def _say_how_to_get_real_ones(which: str) -> None:
    said = tr("**{which}**, computed by covidlab; no patient is shown.", which=which)
    if is_the_projects(dataset_folder()):
        where = markdown_escaped(dataset_folder(), max_length=200)
        said += tr(
            " To get the real fifty: the button on Home, {get_the_films}. They belong in {where}.",
            get_the_films=GET_THE_FILMS,
            where=where,
        )
    st.info(said, icon=":material/science:")
