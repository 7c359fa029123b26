"""The one way to a model that predicts: its file is checked against what its run wrote down, then it is kept warm."""

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from covidlab.errors import ModelError
from covidlab.language import tr, tr_lazy
from covidlab.learning.modelcard import require_sha256
from covidlab.prediction.reference import Reference, load_reference

if TYPE_CHECKING:
    from covidlab.prediction.predictor import Predictor

# Each holds VGG16 (59 MB) and a compiled graph: enough for the model in use and the one it is compared with.
MODELS_KEPT = 2


@dataclass(frozen=True, kw_only=True)
class ModelFile:
    """A model to predict with.

    path: of its file. sha256: what the file must contain, "" where nobody wrote it down. name: what people call it.
    reference: what its run kept for judging X-rays, None where it kept nothing. reference_sha256: as sha256.
    """

    path: Path
    sha256: str = ""
    name: str = tr_lazy("this model")
    reference: Path | None = None
    reference_sha256: str = ""


# The one used last stands last.
_kept: "dict[tuple[ModelFile, int, int], Predictor]" = {}
_lock = threading.Lock()


def load_predictor(model: ModelFile, *, stays: bool = True) -> "Predictor":
    """Return the warm predictor of a model file; TensorFlow is imported here, not before.

    ``stays``: whether it is kept in place of the one that was not used for longest, where it is not kept already.

    Raises
    ------
    ModelError
        Where the file is missing, damaged, not one of ours or not the one that was saved, or where TensorFlow cannot be
        imported.
    """
    try:
        facts = model.path.stat()
    except OSError as error:
        raise ModelError(
            tr(
                "There is no model file of this name; it may have been deleted. Train a model first, or give the "
                "path of another one. Received: {path}.",
                path=model.path,
            )
        ) from error
    # Time and size are part of the key, so that a file changed since is looked at again.
    key = (model, facts.st_mtime_ns, facts.st_size)
    with _lock:
        was_kept = key in _kept
        predictor = _kept.pop(key) if was_kept else _loaded(model)
        if stays or was_kept:
            _kept[key] = predictor
            while len(_kept) > MODELS_KEPT:
                del _kept[next(iter(_kept))]
        return predictor


def kept_models() -> list[ModelFile]:
    """Return the models that answer without being loaded first."""
    return [model for model, *_ in _kept]


def _loaded(model: ModelFile) -> "Predictor":
    predictor_class = _imported()
    require_sha256(model.path, model.sha256, name=model.name)
    return predictor_class(model.path, reference=load_run_reference(model) if model.reference else None)


@lru_cache(maxsize=MODELS_KEPT)
def load_run_reference(model: ModelFile) -> Reference:
    """Return what the run of a model kept for judging X-rays, without the model itself.

    Raises ModelError where it kept nothing, or where the file is missing, damaged or not the one that was written.
    """
    if model.reference is None:
        raise ModelError(tr("This model kept no features of its X-rays. Train it again with this version of covidlab."))
    require_sha256(model.reference, model.reference_sha256, name=model.name)
    return load_reference(model.reference)


def _imported() -> "type[Predictor]":
    try:
        from covidlab.prediction.predictor import Predictor
    except ImportError as error:
        raise ModelError(
            tr(
                "TensorFlow cannot be loaded here, so no X-ray can be read; browsing works. Run `make install`; "
                "`python3 -m covidlab doctor` says what else does not work. Received: {error}.",
                error=error,
            )
        ) from error
    return Predictor
