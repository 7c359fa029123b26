"""An engine for tests: it computes nothing, writes down what it was asked, and does with a run what the test says."""

from collections.abc import Callable

from covidlab.errors import CovidLabError
from covidlab.runs.engines.base import Description, Engine
from covidlab.runs.store import Run


class MockEngine(Engine):
    """Stands in for an engine where a test looks at who uses it.

    Parameters
    ----------
    on_submit : called with each run that is submitted; may write into its directory what an engine would
    error : raised by ``ready`` and ``submit`` where given

    ``description`` is what ``describe`` returns.
    """

    name = "mock"

    def __init__(
        self,
        *,
        on_submit: Callable[[Run], None] = lambda run: None,
        error: CovidLabError | None = None,
    ):
        self.error = error
        self.num_ready, self.num_ended = 0, 0
        self.submitted: list[Run] = []
        self.cancelled: list[Run] = []
        self._on_submit = on_submit
        self.description = Description(device="a mock")

    def ready(self) -> None:
        """See Engine."""
        self._may_fail()
        self.num_ready += 1

    def submit(self, run: Run) -> None:
        """See Engine."""
        self._may_fail()
        self.submitted.append(run)
        self._on_submit(run)

    def cancel(self, run: Run) -> None:
        """See Engine."""
        self.cancelled.append(run)
        super().cancel(run)

    def end(self) -> None:
        """See Engine."""
        self.num_ended += 1

    def describe(self) -> Description:
        """See Engine."""
        return self.description

    def _may_fail(self) -> None:
        if self.error:
            raise self.error
