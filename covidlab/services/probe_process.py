"""The process that probes a data set; ``services.probes`` starts it and asks it, again and again, how far it is."""

import os
import threading
import traceback
from pathlib import Path

from covidlab.child import Message, serve
from covidlab.data.catalog import load_catalog
from covidlab.errors import CovidLabError, DataError
from covidlab.evaluation.probe import probe
from covidlab.language import tr

# A training and the reader of X-rays go first.
NICENESS = 10


class Probing:
    """One probe under way, in a thread, so that questions are answered meanwhile."""

    def __init__(self, values: dict) -> None:
        self.values = values
        self._answer: dict = {"done": 0, "total": 0}
        threading.Thread(target=self._run, name="probe", daemon=True).start()

    def answer(self) -> dict:
        """How far it is: "done" of "total" X-rays are read; then "probe", or "refusal"."""
        return self._answer

    def _run(self) -> None:
        try:
            catalog = load_catalog(Path(self.values["root"]), positive_class=self.values["positive_class"])
            if catalog.fingerprint != self.values["fingerprint"]:
                raise DataError(tr("The data set has changed meanwhile. Open the section again."))
            self._answer = {"probe": probe(catalog, progress=self._note).to_dict()}
        except CovidLabError as error:
            self._answer = {"refusal": str(error)}
        except BaseException:
            # The thread's outermost frame: nobody would hear of it, so the process ends and whoever asks is told.
            traceback.print_exc()
            os._exit(1)

    def _note(self, num_done: int, num_films: int) -> None:
        self._answer = {"done": num_done, "total": num_films}


def main() -> None:
    """Probe what the first message names, or another set where a later one names another."""
    os.nice(NICENESS)
    under_way: list[Probing] = []

    def answer(message: Message) -> Message:
        if not under_way or under_way[-1].values != message.values:
            under_way[:] = [Probing(message.values)]
        return Message(under_way[-1].answer())

    serve(answer)


if __name__ == "__main__":
    main()
