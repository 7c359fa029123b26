"""Files that a model reads one after another, decoded ahead, and what is said of each: here, or on a node of a cluster."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from covidlab.imaging.prepared import Prepare, Recipe
from covidlab.prediction.batch import Decoded, decoded_ahead
from covidlab.prediction.file_answer import FileAnswer, answer_file, refused
from covidlab.prediction.serialize import READ, REFUSED

if TYPE_CHECKING:
    from covidlab.prediction.predictor import Predictor

# Nobody sees the picture that is made beside the input of the model.
_PICTURE_SIDE, _PICTURE_QUALITY = 64, 50


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of files from before: by file as it was named, status ("read" or "refused") by sha256 of its content.

    anyway : what was refused may be given a number now
    """

    statuses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    anyway: bool = False

    def __call__(self, file: str, sha256: str) -> bool:
        """Return whether a file of this content need not be read again."""
        status = self.statuses.get(file, {}).get(sha256, "")
        return status == READ or (status == REFUSED and not self.anyway)

    def of(self, names: Mapping[str, str]) -> "Known":
        """Return what is known of these files alone, named anew: the name of now by the name of then."""
        known = {now: self.statuses[then] for then, now in names.items() if then in self.statuses}
        return Known(statuses=known, anyway=self.anyway)


@dataclass(frozen=True, kw_only=True)
class FileRead:
    """A file and what is said of it; ``answer`` is None where it was known from before."""

    file: str
    sha256: str
    answer: FileAnswer | None


# Reads files in order; what is known is passed over.
ReadFiles = Callable[[Sequence[str], Known], Iterator[FileRead]]


def read_files(
    files: Sequence[str],
    known: Known,
    *,
    predictor: "Predictor",
    prepare: Prepare,
    anyway: bool,
    audit: Sequence[str],
) -> Iterator[FileRead]:
    """Yield what a model says of each file, in order.

    ``prepare`` decodes, see ``batch.decoded_ahead``; ``anyway`` and ``audit`` are as ``file_answer.answer_of`` takes them.
    """
    recipe = Recipe(
        picture_side=_PICTURE_SIDE,
        picture_quality=_PICTURE_QUALITY,
        resizes=(predictor.resize,),
        with_checks=True,
    )
    with closing(decoded_ahead(files, prepare, recipe=recipe, is_known=known)) as decoded:
        for each in decoded:
            answer = None if each.is_known else _answer(each, predictor, anyway=anyway, audit=audit)
            yield FileRead(file=each.file, sha256=each.sha256, answer=answer)


def _answer(each: Decoded, predictor: "Predictor", *, anyway: bool, audit: Sequence[str]) -> FileAnswer:
    if each.image is None:
        return refused(each.file, each.refusal, sha256=each.sha256)
    return answer_file(
        each.file,
        each.image,
        lambda image: predictor.predict_prepared(image.inputs[predictor.resize], notes=image.notes, sha256=each.sha256),
        sha256=each.sha256,
        anyway=anyway,
        audit=audit,
    )
