"""The verdict of an audit beside a run: what stands wherever an accuracy of its model is shown. Read when it is shown, no TensorFlow."""

from dataclasses import dataclass

from covidlab.data.catalog import Catalog
from covidlab.language import tr
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.audits import audits_on, fingerprint_of, verdicts_in
from covidlab.runs.store import Run


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What an audit says, as ``audit.verdict.verdict_of``. is_own: it is on the model itself; else on the default settings, on the
    same X-rays."""

    sentence: str
    not_established: str
    is_own: bool

    @property
    def line(self) -> str:
        """The verdict with what it is on, e.g. "Audit: With the lungs black the model still reaches ..."."""
        if self.is_own:
            return tr("Audit: {sentence}", sentence=self.sentence)
        return tr("Audit of the default settings on these X-rays: {sentence}", sentence=self.sentence)

    @property
    def lines(self) -> tuple[str, str]:
        """The verdict, and below it what it does not establish."""
        return self.line, self.not_established


def verdict_on(run: Run) -> Verdict | None:
    """Return the verdict on the model of a run; where only the default settings were audited on its X-rays that one, else None."""
    known = verdicts_in(audits_on(fingerprint_of(run)))
    own = known.get(None if run.path == DEFAULT_MODEL else run.id)
    found = own or known.get(None)
    if found is None:
        return None
    return Verdict(sentence=found["sentence"], not_established=found["not_established"], is_own=own is not None)


def verdict_on_set(catalog: Catalog) -> Verdict | None:
    """Return the verdict on the default settings on a data set, for figures that belong to no run yet; None where there is none."""
    found = verdicts_in(audits_on(catalog.fingerprint)).get(None)
    if found is None:
        return None
    return Verdict(sentence=found["sentence"], not_established=found["not_established"], is_own=False)


def verdict_lines(run: Run) -> list[str]:
    """Return the verdict on the model of a run as lines of text; none where there is no audit."""
    verdict = verdict_on(run)
    return list(verdict.lines) if verdict else []
