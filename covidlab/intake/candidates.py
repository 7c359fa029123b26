"""A readable X-ray that may be added to a data set."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from covidlab.intake.sources import Source


@dataclass(frozen=True, eq=False, kw_only=True)
class Candidate:
    """A readable film that may be added.

    name: as it came, with the folders above it. suggested_class: name of the folder it lay in, "" if none.
    patient_id: as metadata.csv beside it says, "" if not. tag_patient: as the tags of a DICOM file say, hashed.
    metadata: what else tables and tags say. picture: small JPEG. sha256: of what a set keeps of it.
    likeness: uint8 (32,), the perceptual hash. notes: conversions and odd sizes, plain sentences.
    """

    name: str
    source: Source = field(repr=False)
    sha256: str
    format: str
    width: int
    height: int
    likeness: np.ndarray = field(repr=False)
    picture: bytes = field(repr=False)
    suggested_class: str = ""
    patient_id: str = ""
    tag_patient: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def patient_as(self, stated: Mapping[str, str]) -> str:
        """Return the patient that tables and folders state (name -> patient), else the one of its tags; "" for none."""
        return stated.get(self.name, "") or self.tag_patient
