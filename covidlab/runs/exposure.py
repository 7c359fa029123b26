"""What a run's model has already seen of each film: on a film it trained on, its answer proves nothing."""

from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from covidlab.data.catalog import Catalog
from covidlab.data.decisions import Selection, apply_selection
from covidlab.data.patients import stated_patients
from covidlab.errors import DataError
from covidlab.files import file_stamp
from covidlab.language import tr_lazy
from covidlab.runs.datasets import DatasetReference
from covidlab.runs.store import Run

TRAINED, PATIENT_TRAINED, NEW, UNKNOWN = "trained", tr_lazy("patient trained"), "new", "unknown"
# New as an X-ray; whether its patient is new nobody can say.
PATIENT_UNKNOWN = tr_lazy("patient unknown")


def exposure(run: Run, catalog: Catalog) -> Mapping[str, str]:
    """Return for each file of the catalog what the model of ``run`` has seen of it.

    The validation films are those of predictions.csv; all others were trained on. The shipped model has none.

    Films that the run's selection left out are new to it, unless it knows their patient. A film is only ever NEW where its
    patient, and that of every film trained on, is stated.

    Returns
    -------
    file -> TRAINED (on this film or one of the same content), PATIENT_TRAINED (on another film of its patient),
    NEW, PATIENT_UNKNOWN (not trained on; whether on another film of its patient is not known), or UNKNOWN (the run used other films, its list of validation films is missing, or it began from another model)
    """
    return _exposure(run.path, tuple(map(file_stamp, (run.path / "run.json", run.path / "predictions.csv"))), catalog)


# Predict asks three times for each run of its page. A catalog never changes; the files of a run do when it ends.
@lru_cache(maxsize=4)
def _exposure(path: Path, stamps: tuple, catalog: Catalog) -> dict[str, str]:
    run = Run(path)
    files, sha256s = (catalog.films[name].tolist() for name in ("file", "sha256"))
    data, validation = run.load_facts().get("data", {}), set(run.predictions()["file"])
    if data.get("fingerprint") == catalog.fingerprint and data.get("num_validation") == 0:
        return dict.fromkeys(files, TRAINED)
    if not holds_validation_films(run, catalog) or len(validation) != data.get("num_validation"):
        return dict.fromkeys(files, UNKNOWN)
    used = _as_used(run, catalog)
    trained = used.films[~used.films["file"].isin(validation)]
    contents, patients = set(trained["sha256"].tolist()), set(stated_patients(trained["patient_id"]).tolist())
    all_stated, patients = "" not in patients, patients - {""}
    began_elsewhere = run.load_config().start_from is not None
    return {
        file: TRAINED
        if sha256 in contents
        else UNKNOWN
        if began_elsewhere
        else PATIENT_TRAINED
        if patient in patients
        else NEW
        if all_stated and patient
        else PATIENT_UNKNOWN
        for file, sha256, patient in zip(
            files, sha256s, stated_patients(catalog.films["patient_id"]).tolist(), strict=True
        )
    }


def is_of_set(run: Run, catalog: Catalog) -> bool:
    """Return True where the run used this set: as it is now, or its folder, of which a part may have been used or added since."""
    facts = run.load_facts()
    if facts.get("data", {}).get("fingerprint") == catalog.fingerprint:
        return True
    return Path(DatasetReference.from_facts(facts).path).absolute() == catalog.root


def holds_validation_films(run: Run, catalog: Catalog) -> bool:
    """Return True where the run has validation films, and the catalog is the data set they were taken from, unchanged."""
    used, validation = _as_used(run, catalog), set(run.predictions()["file"])
    same_films = run.load_facts().get("data", {}).get("fingerprint") == used.fingerprint
    return same_films and bool(validation) and validation <= set(used.films["file"])


def _as_used(run: Run, catalog: Catalog) -> Catalog:
    """The catalog as the run's selection made it, or as it is where that can no longer be said."""
    with suppress(DataError):
        if recorded := run.load_facts().get("selection"):
            return apply_selection(catalog, Selection.from_dict(recorded))
    return catalog
