"""Thirty canaries in one file: whatever stands in it beside the pixels is in nothing that is kept, written or answered."""

import base64
import io
import json
import pickle
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image, PngImagePlugin, TiffImagePlugin
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from covidlab.child import Child
from covidlab.imaging.sandbox import Sandbox
from covidlab.intake.upload import visitor_film
from covidlab.prediction.loading import ModelFile
from covidlab.services.reader import Reader

QUICK = (str(Path(__file__).resolve().parents[1] / "services" / "quick_process.py"),)
NUM_CANARIES = 30
SIDES = {0.5: 500, 5: 1600, 30: 3870}
# Dates are canaries as they stand in a file: eight digits.
WORDS = tuple(f"Canary{number:02d}Q{number * 7919 % 9973:04d}Zx" for number in range(NUM_CANARIES - 3))
CANARIES = (*WORDS, "19231104", "20190213", "20210729")
NAME, BIRTH, STUDY, CONTENT = WORDS[0], *CANARIES[-3:]
PEOPLE = ("PatientName", "OtherPatientNames", "PatientMotherBirthName", "ReferringPhysicianName", "OperatorsName")
IDS = (
    "PatientID",
    "AccessionNumber",
    "StudyID",
    "DeviceSerialNumber",
    "InstitutionName",
    "StationName",
    "PatientAddress",
)
TEXTS = ("StudyDescription", "SeriesDescription", "PatientComments", "ImageComments", "RequestedProcedureDescription")


def pixels_of(megabytes: float) -> np.ndarray:
    """An X-ray of 12 bits that fills a file of this size where it is not compressed."""
    side = SIDES[megabytes]
    shade = (900 + 700 * np.sin(np.linspace(0, 9, side))).astype(np.uint16)
    grain = np.random.default_rng(3).integers(0, 200, (50, side)).astype(np.uint16)
    return np.resize(grain, (side, side)) + np.minimum(shade[:, None], shade)


def private_and_nested(header: Dataset, words: list[str]) -> None:
    """Private tags, sequences within sequences, and overlays."""
    block = header.private_block(0x0019, words[0], create=True)
    block.add_new(1, "LO", words[1])
    block.add_new(2, "OB", words[2].encode() + b"\0")
    inner, outer = Dataset(), Dataset()
    inner.CodeMeaning, inner.PersonName = words[3], words[4]
    outer.RequestedProcedureCodeSequence = Sequence([inner])
    header.RequestAttributesSequence = Sequence([outer])
    header.add_new(0x60000010, "US", 8)
    header.add_new(0x60000022, "LO", words[5])
    header.add_new(0x60003000, "OW", words[6].encode() + b"\0")


def dicom_file(dicom, megabytes: float) -> bytes:
    """All canaries in the header and the preamble of a DICOM file."""
    tags = dict(zip((*PEOPLE, *IDS, *TEXTS), WORDS, strict=False))
    dates = {"PatientBirthDate": BIRTH, "StudyDate": STUDY, "ContentDate": CONTENT}
    data = dicom(pixels=pixels_of(megabytes), BitsAllocated=16, BitsStored=12, HighBit=11, **tags, **dates)
    header, rest = pydicom.dcmread(io.BytesIO(data)), list(WORDS[len(tags) :])
    private_and_nested(header, rest[:7])
    header.file_meta.SourceApplicationEntityTitle = rest[7][:16]
    header.preamble = " ".join(rest[8:]).encode().ljust(128, b"\0")[:128]
    file = io.BytesIO()
    header.save_as(file)
    return file.getvalue() + WORDS[-1].encode()


def jpeg_file(megabytes: float) -> bytes:
    """All canaries in EXIF, in a comment, in a segment of XMP and behind the end of a JPEG."""
    grey = Image.fromarray((pixels_of(megabytes) >> 4).astype(np.uint8))
    exif, file = Image.Exif(), io.BytesIO()
    for number, word in zip((0x010E, 0x013B, 0x8298, 0x9C9D), WORDS, strict=False):
        exif[number] = word.encode("utf-16-le") if number == 0x9C9D else word
    xmp = f"<x:xmpmeta>{' '.join(WORDS[4:12])}</x:xmpmeta>".encode()
    grey.save(file, "JPEG", quality=95, exif=exif, comment=" ".join(WORDS[12:20]).encode(), xmp=xmp)
    return file.getvalue() + " ".join(CANARIES[20:]).encode() + bytes(int(megabytes * 2**20) - file.tell() - 200)


def png_file(megabytes: float) -> bytes:
    """All canaries in chunks of text of a PNG, plain and compressed, and in its EXIF."""
    grey, told, file = Image.fromarray(pixels_of(megabytes)), PngImagePlugin.PngInfo(), io.BytesIO()
    for number, canary in enumerate(CANARIES[2:]):
        told.add_text(f"Plain{number}", canary)
        told.add_text(f"Packed{number}", canary, zip=True)
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = CANARIES[:2]
    grey.save(file, "PNG", pnginfo=told, exif=exif, compress_level=0)
    return file.getvalue()


def tiff_file(megabytes: float) -> bytes:
    """All canaries in tags of a TIFF."""
    grey, told, file = Image.fromarray(pixels_of(megabytes)), TiffImagePlugin.ImageFileDirectory_v2(), io.BytesIO()
    for number, canaries in zip((270, 271, 305, 306, 315, 316, 33432), np.array_split(CANARIES, 7), strict=True):
        told[number] = " ".join(canaries)
    grey.save(file, "TIFF", tiffinfo=told)
    return file.getvalue()


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> Iterator[tuple[Path, Path]]:
    """The home, and where temporary files are put, of the processes that these tests start."""
    home, temporary = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COVIDLAB_HOME", str(home))
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr(tempfile, "tempdir", None)
        yield home, temporary


@pytest.fixture(scope="module")
def processes(folders) -> Iterator[tuple[Sandbox, Reader]]:
    """The process that decodes, with time for a busy machine, and one that predicts without a network."""
    sandbox, reader = Sandbox(num_processes=1, wall_seconds=60), Reader(program=QUICK)
    yield sandbox, reader
    sandbox.close()
    reader.close()


@pytest.fixture
def messages(monkeypatch) -> list[bytes]:
    """Everything that goes to the process that predicts, and everything that either process answers."""
    said, ask = [], Child.ask

    def recorded(child, message, *, seconds):
        answer = ask(child, message, seconds=seconds)
        said.extend(as_bytes(each) for each in (message, answer) if "data" not in each.parts)
        return answer

    monkeypatch.setattr(Child, "ask", recorded)
    return said


def as_bytes(message) -> bytes:
    return json.dumps(message.values, default=str).encode() + b"".join(map(bytes, message.parts.values()))


@pytest.mark.parametrize("begin", range(3))
def test_word_is_found_in_base64_wherever_it_begins(words_in, begin):
    content = base64.b64encode(b"x" * begin + b"before" + NAME.encode() + b"after")
    assert words_in(content, CANARIES) == [NAME]
    assert words_in(NAME.encode("utf-16"), CANARIES) == [NAME]
    assert words_in(b"nothing", CANARIES) == []


@pytest.fixture(
    params=[*product(("dicom", "jpeg"), SIDES), ("png", 0.5), ("tiff", 0.5)], ids=lambda each: f"{each[0]}-{each[1]}"
)
def marked_file(request, dicom, words_in) -> bytes:
    """A file that holds all canaries."""
    kind, megabytes = request.param
    makers = {"jpeg": jpeg_file, "png": png_file, "tiff": tiff_file, "dicom": lambda size: dicom_file(dicom, size)}
    data = makers[kind](megabytes)
    assert 0.8 * megabytes < len(data) / 2**20 < min(1.2 * megabytes + 0.1, 32)
    assert words_in(data, CANARIES) == list(CANARIES)
    return data


def test_canaries_are_nowhere_after_reading(
    marked_file, processes, folders, covidlab_home, messages, words_in, caplog, capfd
):
    sandbox, reader = processes
    film = visitor_film(marked_file, name=f"{NAME}.dcm", prepare=sandbox.prepare)
    assert film.refusal == ""
    prediction = reader.predict(film.inputs, ModelFile(path=Path("model.keras")), notes=film.notes, sha256=film.sha256)
    # The page shows its name to the visitor.
    film.name = ""
    kept = pickle.dumps([vars(film), vars(prediction)])
    assert len(messages) == 3
    written = capfd.readouterr()
    log = f"{caplog.text}{written.out}{written.err}".encode()
    places = (kept, *messages, log, *folders, covidlab_home)
    assert [words_in(place, CANARIES) for place in places] == [[]] * len(places)


@pytest.mark.parametrize(
    "keyword",
    ["Modality", "BodyPartExamined", "ViewPosition", "PhotometricInterpretation", "VOILUTFunction", "PatientAge"],
)
@pytest.mark.parametrize("said", ["Erika Anna Mustermann", "DOE^JANE", "1923-11-04"])
def test_name_in_a_tag_that_is_read_is_not_repeated(dicom, keyword, said):
    film = visitor_film(dicom(**{keyword: said}), name="x.dcm")
    assert said.upper().encode() not in pickle.dumps(vars(film)).upper()


def test_name_as_transfer_syntax_is_not_repeated(dicom):
    data = dicom().replace(b"1.2.840.10008.1.2.1\0", NAME.encode().ljust(20, b"\0"))
    film = visitor_film(data, name="x.dcm")
    assert film.refusal
    assert NAME.encode() not in pickle.dumps(vars(film))
