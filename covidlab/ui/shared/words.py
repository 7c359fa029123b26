"""Plain words: explanations behind the question marks, names of classes, and foreign text made harmless."""

import re
import string
import unicodedata

HELP = {
    "epoch": "One pass over all training films. More epochs fit the training films better, not always new ones.",
    "batch size": "How many films the model looks at before it corrects itself once. Small batches correct more often.",
    "learning rate": "How large each correction is. Too small: nothing moves. Too large: the loss jumps about or grows.",
    "views": (
        "Each film is also shown turned by up to 15 degrees. With K views, epoch after epoch takes the next of K "
        "versions of a film; view 0 is the film as it is."
    ),
    "fine-tune depth": (
        "Which layers learn. Head: only the small part on top, in about a second. Block5, block4, all: more and more of "
        "VGG16 learns too, which takes longer and, on few films, mostly learns them by heart."
    ),
    "preset": (
        "Default: films prepared as VGG16 was trained, the whole map averaged, patients kept on one side of the split. "
        "Original: the published procedure, with its split by image, which puts films of one patient on both sides."
    ),
    "seed": "The number all random choices start from. The same seed and settings give the same run.",
    "device": "Where the computing is done. Auto takes a GPU where TensorFlow sees one, else the CPU.",
    "sensitivity": "Of the films that are in the positive class, the share that the model puts there.",
    "specificity": "Of the films that are not in the positive class, the share that the model keeps out of it.",
    "accuracy": "The share of all validation films that the model puts in the right class.",
    "precision": (
        "Of the films that the model puts in the positive class, the share that belong there. It depends on how "
        "frequent the class is: half of these films are COVID-19 films; in a waiting room hardly any would be."
    ),
    "F1": "One figure from precision and sensitivity (their harmonic mean); high only where both are high.",
    "AUC": (
        "How often a film of the positive class gets a higher probability than one of the others: 0.5 is a coin, 1 is "
        "always. It needs no operating point."
    ),
    "ROC": "Sensitivity against false alarms (1 minus specificity) for every possible operating point.",
    "confusion matrix": "How many films of each class (rows) the model puts into each class (columns).",
    "loss": "How far the probabilities are from the truth; wrong and sure costs most. Training makes it smaller.",
    "confidence interval": (
        "Where the figure may lie, with 95 % confidence, if other patients of the same kind were asked. "
        "9 right of 10 films: from .60 to .98."
    ),
    "cross-validation": (
        "The films are dealt into five parts, patients kept together; each part is judged by a model trained on the other "
        "four. Ten repeats with new deals show how much one split owes to luck."
    ),
    "Grad-CAM": (
        "Colours the places that raised the likeness. It illustrates; it does not prove that the model looked at "
        "the disease, and such maps fail strict tests."
    ),
    "operating point": (
        "The probability from which on a film is said to resemble the positive class. Moving it trades sensitivity "
        "against specificity."
    ),
    "lung mask": "The lungs as another program drew them; it is shown for orientation and may be wrong at the edges.",
    "positive class": "The class that sensitivity, specificity and the probability speak of.",
}

# "normal" of the curated set holds films without finding and films with pneumonia (FACTS of the data): not healthy.
_CLASS_NAMES = {"covid": "COVID-19", "normal": "non-COVID"}

_ESCAPES = {ord(character): f"\\{character}" for character in string.punctuation}
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")


def class_name(folder: str, *, with_folder: bool = False) -> str:
    """Name of a class for people, e.g. "non-COVID" for the folder ``normal``; ``with_folder`` adds the folder's name.

    The text may come from a folder of the user: pass it through ``markdown_escaped`` or ``html.escape`` as the place demands.
    """
    name = _CLASS_NAMES.get(folder, folder.replace("_", " "))
    return f"{name} (folder {folder})" if with_folder and name.lower() != folder.lower() else name


def shown(text: object, *, max_length: int = 80) -> str:
    """Foreign text without control and direction characters, on one line, shortened in its middle."""
    visible = "".join(
        " " if c.isspace() else c for c in str(text) if c.isspace() or unicodedata.category(c) not in _UNSEEN
    )
    line = re.sub(r" +", " ", visible).strip()
    if len(line) <= max_length:
        return line
    tail = max_length // 3
    return f"{line[: max_length - tail - 1]}…{line[-tail:]}"


def markdown_escaped(text: object, *, max_length: int = 80) -> str:
    """``shown`` with every character escaped that Markdown or one of Streamlit's directives would take for itself."""
    return shown(text, max_length=max_length).translate(_ESCAPES)


def sentence_escaped(text: object) -> str:
    """The sentence of an error for Markdown: its `commands` stay commands, all else is escaped."""
    parts = shown(text, max_length=1000).split("`")
    if len(parts) % 2 == 0:
        return markdown_escaped(text, max_length=1000)
    return "".join(f"`{part}`" if place % 2 else part.translate(_ESCAPES) for place, part in enumerate(parts))


def counted(number: int, one: str, many: str | None = None) -> str:
    """Number and noun, e.g. "1 film", "1,124 films"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def seconds_in_words(seconds: float) -> str:
    """Return "under a second", "12 s", "3 min" or "2.5 h"."""
    if seconds < 1:
        return "under a second"
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
