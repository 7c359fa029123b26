"""Words of a catalog's tables as people read them: the tables hold English, which is compared and filtered by."""

from covidlab.data.film_table import NOT_STATED
from covidlab.data.flags import COLOUR_MODES, FLAGS, SIZE_GROUPS
from covidlab.language import LazyText, tr_lazy

_OF_METADATA = {
    "adult": tr_lazy("adult"),
    "child": tr_lazy("child"),
    "LATERAL": tr_lazy("lateral"),
    "no finding": tr_lazy("no finding"),
    "normal": tr_lazy("normal"),
    "pneumonia": tr_lazy("pneumonia"),
    "viral pneumonia": tr_lazy("viral pneumonia"),
    "bacterial pneumonia": tr_lazy("bacterial pneumonia"),
    "Pneumonia/Viral/COVID-19": tr_lazy("Pneumonia/Viral/COVID-19"),
    "synthetic opacities": tr_lazy("synthetic opacities"),
    "no opacity (synthetic)": tr_lazy("no opacity (synthetic)"),
    "not stated upstream": tr_lazy("not stated upstream"),
}
_WORDS = _OF_METADATA | {
    word: word for word in (NOT_STATED, *FLAGS, *SIZE_GROUPS, *COLOUR_MODES.values()) if isinstance(word, LazyText)
}


def value_text(value: str) -> str:
    """Return a value of a catalog, or the label of a flag, in the language of now; what metadata say in own words stays."""
    return str(_WORDS.get(value, value))
