"""What the parts of an audit are called, as a phrase a status can show."""

from covidlab.language import tr_lazy

TITLES = {
    "ladder": tr_lazy("how little is enough"),
    "folds": tr_lazy("cross-validation"),
    "elsewhere": tr_lazy("another hospital"),
    "calibration": tr_lazy("calibration"),
    "transplant": tr_lazy("lung transplant"),
    "attributes": tr_lazy("what can be read inside each class"),
    "leaks": tr_lazy("duplicates and leaks"),
    "attention": tr_lazy("heat against lungs"),
    "curves": tr_lazy("figures against the amount of a change"),
    "exam": tr_lazy("the examination of maps"),
    "planted": tr_lazy("the planted shortcut"),
    "flips": tr_lazy("labels changed"),
}
