"""What tables and tags state of X-rays of another place: view, age group, sex; in normal words."""

from collections.abc import Mapping

from covidlab.data.film_table import NOT_STATED, normal_age_group, normal_view_position
from covidlab.data.names import simple
from covidlab.imaging.prepared import PreparedImage

_SEX_COLUMNS = ("sex", "gender", "patient_sex", "patient_gender")
_VIEW_COLUMNS = ("view_printed_on_image", "view_position", "view_metadata", "view", "ap_pa", "projection")
_AGE_COLUMNS = ("age_years", "age", "patient_age")


def view_of(image: PreparedImage, row: Mapping[str, str]) -> str:
    """View position of an X-ray: "PA", "AP", "LATERAL" or "not stated"."""
    return normal_view_position(_stated(row, *_VIEW_COLUMNS) or (image.tags.view_position if image.tags else ""))


def age_group_of(image: PreparedImage, row: Mapping[str, str]) -> str:
    """Age group of an X-ray: "adult", "child" or "not stated"."""
    text = _stated(row, "age_group") or (image.tags.age_group if image.tags else "")
    return normal_age_group(text, _stated(row, *_AGE_COLUMNS))


def sex_of(row: Mapping[str, object]) -> str:
    """Sex that a row of a table states: "female", "male" or "not stated"."""
    text = _stated(row, *_SEX_COLUMNS).lower()
    return {"f": "female", "female": "female", "m": "male", "male": "male"}.get(text, NOT_STATED)


def _stated(row: Mapping[str, object], *columns: str) -> str:
    """The first of some columns that says something, without regard to case and punctuation of their names."""
    called = {simple(str(column)): str(text).strip() for column, text in row.items()}
    return next((called[simple(column)] for column in columns if called.get(simple(column))), "")
