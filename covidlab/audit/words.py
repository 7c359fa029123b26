"""Figures in words, for the sentences of all parts of an audit."""

from covidlab.language import number_text, tr


def of_how_many(number: float, total: float) -> str:
    """Return "3.6 of 5", whole numbers without a decimal."""
    return tr("{short} of {short_2}", short=_short(number), short_2=_short(total))


def _short(number: float) -> str:
    return number_text(number, ",.0f" if float(number).is_integer() else ",.1f")


def people(*, patients_known: object) -> str:
    """Return "patients", or "X-rays" where patients are not known."""
    return tr("patients") if patients_known else tr("X-rays")
