"""What the parts of an audit are called, as a phrase a status can show."""

TITLES = {
    "ladder": "how little is enough",
    "folds": "cross-validation",
    "elsewhere": "another hospital",
    "calibration": "calibration",
    "transplant": "lung transplant",
    "attributes": "what can be read inside each class",
    "leaks": "duplicates and leaks",
    "attention": "heat against lungs",
    "curves": "figures against the amount of a change",
    "exam": "the examination of maps",
    "planted": "the planted shortcut",
    "flips": "labels changed",
}
