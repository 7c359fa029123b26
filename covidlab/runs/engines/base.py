"""What an engine is: where runs are executed, behind five methods. Pages and tests know no more of it.

A new engine is one file beside this one and one line in ``engines/__init__.py``. It is given run directories, writes into
them what ``runs.store`` describes, and may do so on another machine: ``resolve`` finds the data set there.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from covidlab.runs.datasets import DatasetReference, recorded_path
from covidlab.runs.jobs import EngineName
from covidlab.runs.store import Run


@dataclass(frozen=True, kw_only=True)
class Description:
    """What an engine says of itself.

    device: what it computes on, precision: what in; "" while unknown. warm: whether a run could begin at once.
    failure: why it can execute nothing, "" where it can. nodes: of a cluster, by name.
    """

    device: str = ""
    precision: str = ""
    warm: bool = False
    failure: str = ""
    nodes: Sequence[str] = ()


class Engine(ABC):
    """Executes runs. Every method returns soon, save ``submit`` of an engine that computes in the calling process."""

    name: EngineName | str

    @abstractmethod
    def ready(self) -> None:
        """Prepare for a run that may come; raises CovidLabError where that cannot be done."""

    @abstractmethod
    def submit(self, run: Run) -> None:
        """Take a queued run that names this engine; raises CovidLabError where it cannot be taken."""

    def cancel(self, run: Run) -> None:
        """Ask for the end of a run at its next batch; one that waits ends at once."""
        run.request_stop()

    @abstractmethod
    def end(self) -> None:
        """End whatever computes, if need be by force; its run can continue from its last finished epoch."""

    @abstractmethod
    def describe(self) -> Description:
        """Return what pages say of the engine; never computes anything for it."""

    def resolve(self, reference: DatasetReference) -> Path:
        """Return the folder, where this engine computes, of the data set a run names."""
        return recorded_path(reference)
