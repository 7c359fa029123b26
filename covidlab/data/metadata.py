"""metadata.csv, the table that lies beside the X-rays of a set."""

from pathlib import Path

import pandas as pd

from covidlab.data.names import METADATA_NAME
from covidlab.data.tables import find_roles, parse_table
from covidlab.errors import DataError
from covidlab.language import tr
from covidlab.text import some_of


def read_metadata(root: Path) -> pd.DataFrame | None:
    """Content of metadata.csv, all values strings, "" where empty; None where the folder has none.

    The columns that say the file and the patient, whatever they are called there, are named file and patient_id.

    Raises DataError where it is no table, has no column of files or lists a file twice.
    """
    path = root / METADATA_NAME
    if not path.exists():
        return None
    try:
        table = parse_table(path.read_bytes(), name=str(path))
    except OSError as error:
        raise DataError(tr("{path} cannot be read: {strerror}.", path=path, strerror=error.strerror)) from error
    roles = find_roles(table)
    if not roles.file:
        raise DataError(
            tr(
                "{path} needs a column that names the files, called file. Received: {columns}.",
                path=path,
                columns=", ".join(table.columns) or tr("no columns"),
            )
        )
    names = {roles.file[0]: "file"} | ({roles.patient[0]: "patient_id"} if len(roles.patient) == 1 else {})
    frame = pd.DataFrame(list(table.rows), columns=list(table.columns), dtype=str)
    # What is called so and says something else gives way.
    frame = frame.drop(columns=(set(names.values()) - set(names)) & set(frame.columns)).rename(columns=names)
    frame = frame[frame["file"] != ""].reset_index(drop=True)
    frame["file"] = frame["file"].str.replace("\\", "/", regex=False).str.removeprefix("./")
    if "patient_id" not in frame:
        frame["patient_id"] = ""
    twice = frame["file"][frame["file"].duplicated()]
    if len(twice):
        raise DataError(
            tr("{path} must list each file once. Listed again: {some_of}.", path=path, some_of=some_of(list(twice)))
        )
    return frame
