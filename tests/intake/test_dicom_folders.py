"""Folders of DICOM files: pictures and hashed patients come into a set, nothing else of a header."""

import io
import stat

import numpy as np
import pytest
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite

from covidlab.data.catalog import load_catalog
from covidlab.data.metadata import read_metadata
from covidlab.errors import DataError
from covidlab.imaging.decode import decode
from covidlab.imaging.sandbox import Sandbox
from covidlab.intake.adding import add_films
from covidlab.intake.inspection import Inspection
from covidlab.intake.patient_salt import patient_salt
from covidlab.intake.screening import review_brought
from covidlab.intake.sources import from_folder, from_zip
from covidlab.paths import home


def dicom(seed: int, **tags) -> bytes:
    header = Dataset()
    pixels = np.random.default_rng(seed).integers(0, 4096, (240, 240)).astype(np.uint16)
    tags = {"Modality": "DX", "BodyPartExamined": "CHEST", "ViewPosition": "PA", "PatientID": f"MRN-{seed}"} | tags
    tags |= {"Rows": 240, "Columns": 240, "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2"}
    tags |= {
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
        "PixelData": pixels.tobytes(),
    }
    for keyword, value in {"PatientName": "Doe^Jane", "StudyDate": "20200316", **tags}.items():
        setattr(header, keyword, value)
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID = uid.DigitalXRayImageStorageForPresentation
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID = f"1.2.3.{seed}"
    file = io.BytesIO()
    dcmwrite(file, header, enforce_file_format=True)
    return file.getvalue()


@pytest.fixture
def brought(tmp_path, monkeypatch):
    """Two classes; a patient with two X-rays, a lateral view, a CT slice, a directory; some names without suffix."""
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "home"))
    files = {
        "covid/Doe_Jane_1.dcm": dicom(1),
        "covid/Doe_Jane_2": dicom(2, PatientID="MRN-1", ViewPosition="AP", PatientAge="010Y"),
        "covid/side.dcm": dicom(3, ViewPosition="LL"),
        "normal/IM0001": dicom(4),
        "normal/ct.dcm": dicom(5, Modality="CT"),
        "DICOMDIR": dicom(6),
    }
    for name, data in files.items():
        path = tmp_path / "scans" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "scans"


def inspected(folder, target=None) -> Inspection:
    found = from_folder(folder)
    return Inspection(layout=found.understand(), review=review_brought(found, target=target))


def added(inspection: Inspection, target, **options) -> list[str]:
    return add_films(inspection.review, target, inspection.folders(), patients=inspection.patients, **options)


def test_inspect_of_dicom_files_names_what_is_no_frontal_chest_xray(brought):
    values = inspected(brought).to_dict()
    assert values["classes"] == {"covid": 2, "normal": 1}
    assert values["num_patients"] == 2
    left_out = {left["reason"]: left["examples"] for left in values["left_out"]}
    assert left_out["a lateral view, as its tags say"] == ["covid/side.dcm"]
    assert left_out["no X-ray of a chest, as its tags say"] == ["normal/ct.dcm"]


def test_added_dicom_files_are_pictures_with_view_modality_and_hashed_patient(brought, tmp_path):
    files = added(inspected(brought), tmp_path / "set")
    table = read_metadata(tmp_path / "set").set_index("file")
    first, second = (table.loc[file] for file in files[:2])
    assert (first["view_position"], first["modality"], second["view_position"]) == ("PA", "DX", "AP")
    assert first["patient_id"] == second["patient_id"] != table.loc[files[2]]["patient_id"]
    assert second["age_group"] == "child"
    picture = Image.open(tmp_path / "set" / files[0])
    assert np.array_equal(np.asarray(picture), decode((brought / "covid/Doe_Jane_1.dcm").read_bytes()).pixels[..., 0])
    assert load_catalog(tmp_path / "set").num_patients == 2


def test_added_dicom_files_leave_nothing_of_the_patient_on_the_disk(brought, tmp_path):
    added(inspected(brought), tmp_path / "set")
    written = [path for folder in ("set", "home") for path in (tmp_path / folder).rglob("*")]
    everything = b"".join(str(path).encode() + (path.read_bytes() if path.is_file() else b"") for path in written)
    assert not any(word in everything for word in (b"Doe", b"Jane", b"MRN", b"20200316", b"1.2.3."))


def test_dicom_file_with_text_in_its_picture_is_named_as_odd(tmp_path, monkeypatch):
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "home"))
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans" / "a.dcm").write_bytes(dicom(1, BurnedInAnnotation="YES"))
    found = inspected(tmp_path / "scans")
    assert "it may name the patient" in dict(found.review.odd)["a.dcm"]
    assert any("it may name the patient, and it is kept. a.dcm." in problem for problem in found.problems)


def test_dicom_files_added_before_are_known_again(brought, tmp_path):
    added(inspected(brought), tmp_path / "set")
    again = inspected(brought, tmp_path / "set")
    assert again.classes == {}
    assert "All X-rays with a class are in the data set already." in again.problems


def test_patient_of_a_dicom_file_has_one_hash_in_one_home_and_another_elsewhere(brought, tmp_path, monkeypatch):
    first = set(inspected(brought).patients.values())
    assert set(inspected(brought).patients.values()) == first
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "another"))
    assert not first & set(inspected(brought).patients.values())


def test_patient_salt_is_read_by_its_owner_only(brought):
    assert patient_salt() == patient_salt()
    assert stat.S_IMODE((home() / "patient-salt").stat().st_mode) == 0o600
    assert [path.name for path in home().iterdir()] == ["patient-salt"]


def test_review_without_dicom_files_makes_no_secret(tmp_path, monkeypatch, make_dataset):
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "home"))
    inspected(make_dataset())
    assert not (tmp_path / "home" / "patient-salt").exists()


def test_dicom_files_in_a_zip_file_are_understood(brought, tmp_path):
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(brought.rglob("*")):
            archive.write(path, path.relative_to(brought))
    found = from_zip(file.getvalue(), name="scans.zip")
    assert Inspection(layout=found.understand(), review=review_brought(found)).num_patients == 2


def test_sandbox_gives_the_same_picture_and_patient_as_this_process(brought, tmp_path):
    sandbox = Sandbox(num_processes=1)
    try:
        found = from_folder(brought)
        review = review_brought(found, prepare=sandbox.prepare)
        assert review.apart == inspected(brought).review.apart
        assert [film.sha256 for film in review.films] == [film.sha256 for film in inspected(brought).review.films]
        inspection = Inspection(layout=found.understand(), review=review)
        assert len(added(inspection, tmp_path / "set", prepare=sandbox.prepare)) == 3
    finally:
        sandbox.close()


def test_catalog_of_dicom_files_names_the_command_that_adds_them(brought):
    with pytest.raises(
        DataError,
        match=r"5 of 5 pictures cannot be used as they lie: each is DICOM.* `python -m covidlab dataset add SRC",
    ):
        load_catalog(brought)
