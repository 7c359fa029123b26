"""The secret with which the patients of DICOM files are hashed: one for each home, so that a patient keeps one hash there."""

import os
import secrets
from contextlib import suppress

from covidlab.files import storage_errors
from covidlab.paths import home

_NAME = "patient-salt"


def patient_salt() -> str:
    """Return the secret of this home, made where there is none; only its owner can read the file."""
    path = home() / _NAME
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written beside and linked, so that of two processes at once one wins, and none reads a half.
        own = path.with_name(f"{_NAME}-{secrets.token_hex(4)}")
        if not path.exists():
            with open(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
            with suppress(FileExistsError):
                os.link(own, path)
            own.unlink()
        return path.read_text(encoding="ascii")
