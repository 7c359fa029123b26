"""The process that predicts: it holds TensorFlow and two warm models; ``services.reader`` starts it and asks it."""

import os
from contextlib import suppress

from covidlab.child import Message, serve
from covidlab.errors import CovidLabError, ModelError
from covidlab.language import speaking
from covidlab.learning.quiet import load_tensorflow_quietly
from covidlab.prediction.loading import kept_models
from covidlab.prediction.serialize import refusal_values
from covidlab.services.reader_messages import warm_values
from covidlab.services.reader_tasks import TASKS

# A training goes first where both want the same cores.
NICENESS = 5


def main() -> None:
    """Import TensorFlow, then answer one request after another."""
    os.nice(NICENESS)
    with suppress(ImportError, ModelError):
        # Where it cannot be imported, whoever asks is told why.
        load_tensorflow_quietly()
        import covidlab.prediction.predictor  # noqa: F401
    serve(answer)


def answer(message: Message) -> Message:
    """Return the answer to one request, or why there is none; and which models are warm now."""
    try:
        with speaking(str(message.values.get("language", ""))):
            given = TASKS[message.values["do"]](message)
    except CovidLabError as error:
        given = Message(refusal_values(str(error)))
    return Message({**given.values, **warm_values(kept_models())}, given.parts)


if __name__ == "__main__":
    main()
