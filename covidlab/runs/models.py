"""The model a run saved: where it lies and what it must contain."""

from covidlab.errors import ModelError
from covidlab.prediction.loading import ModelFile
from covidlab.runs.store import Run


def model_file(run: Run) -> ModelFile:
    """Return the model file of a run with its checksum; raises ModelError where the run wrote no checksum down."""
    sha256 = run.load_facts().get("model_sha256")
    if not sha256:
        raise ModelError(
            f"{run.name.capitalize()} has no checksum for its model file, so the model is not used. Train it again."
        )
    return ModelFile(path=run.model_path, sha256=sha256, name=run.name)
