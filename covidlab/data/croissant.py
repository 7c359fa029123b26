"""A data set described in the vocabulary Croissant 1.0 of MLCommons, with what is known of its biases.

The specification: https://docs.mlcommons.org/croissant/docs/croissant-spec.html; the fields on responsible use (``rai:``):
https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html. Only what the catalog and its tables say goes in, with the
measures of each X-ray; what is not known is called "not stated". Pixels and folders of the machine do not go in.
"""

import hashlib
import json
import mimetypes
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import pandas as pd

from covidlab.data.catalog import Catalog
from covidlab.data.film_table import NOT_STATED
from covidlab.data.flags import column_text, is_curated_set, is_synthetic
from covidlab.data.names import METADATA_NAME
from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.data.summary import CURATED_SHORTCUTS, statements
from covidlab.files import replacing
from covidlab.text import class_name, one_line, pluralize

CONFORMS_TO = ("http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0")
USE_CASES = (
    "To study what a network can, and cannot, learn from this set. For other uses: not stated.",
    "Not for diagnosis: covidlab is not a medical device.",
)

# The context of the specification, appendix 1.
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{
        name: f"cr:{name}"
        for name in (
            *("citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet"),
            *("format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet"),
            *(
                "references",
                "regex",
                "repeated",
                "replace",
                "samplingRate",
                "separator",
                "source",
                "subField",
                "transform",
            ),
        )
    },
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
}
_RECORDS, _PICTURES = "x-rays", "x-ray-files"
# Columns of the catalog, their type and what they say.
_FIELDS = (
    ("file", "sc:Text", "Path of the X-ray, relative to the folder of the set."),
    ("class", "sc:Text", "Class of the X-ray."),
    ("patient_id", "sc:Text", "Patient; X-rays of one patient must stay on one side of a split."),
    ("finding", "sc:Text", "Finding, as the tables of the set state it."),
    ("view_position", "sc:Text", "View position: PA, AP, LATERAL or not stated."),
    ("age_group", "sc:Text", "Age group of the patient: adult, child or not stated."),
    ("width", "sc:Integer", "Width in pixels."),
    ("height", "sc:Integer", "Height in pixels."),
    ("channels", "sc:Integer", "Values a pixel as stored: 1 for grey, 3 for colours."),
    ("bytes", "sc:Integer", "Size of the file in bytes."),
    ("sha256", "sc:Text", "SHA-256 of the file."),
)
_SENSITIVE = ("age_years", "age_group", "sex", "offset_days", "intubated", "location", "finding", "notes")


def write_croissant(catalog: Catalog, path: Path, *, found: Sequence[str] = ()) -> None:
    """Write ``describe_set`` as JSON-LD to ``path``, whole or not at all; raises StorageError where that is not possible."""
    with replacing(Path(path)) as temporary:
        temporary.write_text(
            json.dumps(describe_set(catalog, found=found), indent=1, ensure_ascii=False) + "\n", "utf-8"
        )


def describe_set(catalog: Catalog, *, found: Sequence[str] = ()) -> dict:
    """Return the description of a data set in Croissant 1.0, plain JSON values.

    Parameters
    ----------
    catalog : Catalog
    found : sentences on what else tells the classes apart, for ``rai:dataBiases``
    """
    sentences = statements(catalog, name_of=class_name)
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": list(CONFORMS_TO),
        "name": one_line(catalog.name) or NOT_STATED,
        "description": " ".join([f"Chest X-rays in {_classes_text(catalog)}.", *sentences]),
        "license": _stated(catalog, "licence", "license"),
        "creator": {"@type": "sc:Organization", "name": NOT_STATED},
        "rai:dataCollection": f"Sources, as the tables of the set state them: {'; '.join(_stated(catalog, 'source'))}.",
        "rai:dataAnnotationProtocol": [NOT_STATED],
        "rai:dataBiases": [*_curated_biases(catalog), *(found or [NOT_STATED])],
        "rai:dataLimitations": list(dict.fromkeys([*sentences, *_limitations(catalog)])),
        "rai:dataUseCases": list(USE_CASES),
        "rai:personalSensitiveInformation": [_sensitive(catalog)],
        "distribution": list(_distribution(catalog)),
        "recordSet": [_record_set(catalog)],
    }


def _classes_text(catalog: Catalog) -> str:
    counts = catalog.films["class"].value_counts()
    return ", ".join(
        f"the class {one_line(name)} ({pluralize(int(counts[name]), 'X-ray')})" for name in catalog.classes
    )


def _stated(catalog: Catalog, *columns: str) -> list[str]:
    """Different values of the first of the columns that the set has, "not stated" among them where some are empty."""
    name = next((name for name in columns if name in catalog.films), columns[0])
    return sorted(set(column_text(catalog.films, name).replace("", NOT_STATED)))


def _curated_biases(catalog: Catalog) -> Iterator[str]:
    if not is_curated_set(catalog):
        return
    yield (
        "Class, source and age group coincide: the COVID-19 X-rays with a stated age are of adults, the others of children "
        "from one hospital."
    )
    for what, accuracy, area in CURATED_SHORTCUTS:
        yield f"Accuracy {accuracy}, AUC {area} from {what} (measured beforehand, patients kept together)."


def _limitations(catalog: Catalog) -> Iterator[str]:
    if not catalog.patients_known:
        yield PATIENTS_NOT_KNOWN
    yield from catalog.problems
    for left_out in catalog.left_out:
        yield f"{pluralize(len(left_out.files), 'file')} of the folder not described here: {left_out.reason}."


def _sensitive(catalog: Catalog) -> str:
    if is_synthetic(catalog.films).all():
        return "None: the X-rays are computed and show no patient."
    columns = [name for name in _SENSITIVE if _is_stated(catalog.films, name)]
    return f"X-rays of people. What the tables say of them: {', '.join(columns) or 'nothing'}."


def _is_stated(films: pd.DataFrame, name: str) -> bool:
    return not column_text(films, name).isin(("", NOT_STATED)).all()


def _distribution(catalog: Catalog) -> Iterator[dict]:
    table = catalog.root / METADATA_NAME
    if table.is_file():
        yield {
            "@type": "cr:FileObject",
            "@id": METADATA_NAME,
            "name": METADATA_NAME,
            "contentUrl": METADATA_NAME,
            "encodingFormat": "text/csv",
            "sha256": hashlib.sha256(table.read_bytes()).hexdigest(),
        }
    suffixes = sorted({PurePosixPath(file).suffix for file in catalog.films["file"]})
    for suffix in suffixes:
        yield {
            "@type": "cr:FileSet",
            "@id": f"{_PICTURES}{suffix}",
            "name": f"{_PICTURES}{suffix}",
            "description": f"The X-rays whose names end in {suffix}." if suffix else "The X-rays without a suffix.",
            "encodingFormat": mimetypes.guess_type(f"x{suffix.lower()}")[0] or "application/octet-stream",
            "includes": f"**/*{suffix}",
        }


def _record_set(catalog: Catalog) -> dict:
    fields = [field for field in _FIELDS if _is_described(catalog, field[0])]
    rows = catalog.films[[name for name, _, _ in fields]]
    return {
        "@type": "cr:RecordSet",
        "@id": _RECORDS,
        "name": _RECORDS,
        "description": f"One record for each of {pluralize(catalog.num_films, 'X-ray')}.",
        "key": {"@id": f"{_RECORDS}/file"},
        "field": [
            {"@type": "cr:Field", "@id": f"{_RECORDS}/{name}", "name": name, "description": says, "dataType": kind}
            for name, kind, says in fields
        ],
        "data": [{f"{_RECORDS}/{name}": value for name, value in row.items()} for row in rows.to_dict("records")],
    }


def _is_described(catalog: Catalog, name: str) -> bool:
    if name == "patient_id":
        return catalog.patients_known
    return name not in ("finding", "age_group") or _is_stated(catalog.films, name)
