"""The audits on disk: which there are, what each part found; read by pages, no TensorFlow.

An audit is a run directory. parts/<part>.json has what one part found, written when it is done: ``version`` (of the part),
``seconds``, and ``found`` (its values) or ``error`` (one sentence why there are none).
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from os.path import abspath
from pathlib import Path
from typing import Any

from covidlab.audit.settings import AuditConfig
from covidlab.audit.titles import TITLES
from covidlab.audit.verdict import verdict_of
from covidlab.data.catalog import Catalog
from covidlab.files import FileStamp, file_stamp, read_json, write_json
from covidlab.kept_by_file import KeptByFile
from covidlab.language import language, tr
from covidlab.runs.jobs import Job
from covidlab.runs.store import Run, RunStore
from covidlab.spoken import kept_sentence, with_messages
from covidlab.text import pluralize

PARTS_FOLDER = "parts"
# What a verdict may follow from.
_OF_VERDICT = ("ladder", "elsewhere")
# Pages ask again and again, and most runs are no audits.
_are_audits: KeptByFile[bool] = KeptByFile(4000)


@dataclass(frozen=True, kw_only=True, eq=False)
class FoundPart:
    """What one part of an audit found: ``found`` as the part's module says, or ``error``, one sentence. run: the audit."""

    run: Run
    name: str
    found: Mapping[str, Any]
    error: str = ""
    seconds: float = 0.0


def load_audit(run: Run) -> AuditConfig | None:
    """Return what an audit computes, None where a run is no audit or its settings cannot be read."""
    with suppress(ValueError, TypeError):
        return AuditConfig.from_dict(run.load_facts().get("audit"))
    return None


def describe_parts(audit: AuditConfig) -> str:
    """Return what an audit computes, e.g. "8 parts", or the name of the only one."""
    return str(TITLES[audit.parts[0]]) if len(audit.parts) == 1 else pluralize(len(audit.parts), "part")


def write_part(run: Run, name: str, *, version: int, seconds: float, found: Mapping | None, error: str = "") -> None:
    """Keep what a part found."""
    run.require_lease()
    folder = run.path / PARTS_FOLDER
    folder.mkdir(exist_ok=True)
    what = with_messages({"error": error}) if found is None else {"found": found}
    write_json(_part_path(run, name), {"version": version, "seconds": round(seconds, 3), **what})


def load_part(run: Run, name: str) -> FoundPart | None:
    """Return what a part of an audit found; None where it is not done or cannot be read."""
    values = read_json(_part_path(run, name))
    if not isinstance(values, Mapping) or not ("found" in values or "error" in values):
        return None
    return FoundPart(
        run=run,
        name=name,
        found=values.get("found") or {},
        error=tr(kept_sentence(values, "error")),
        seconds=float(values.get("seconds") or 0.0),
    )


def audits_of(catalog: Catalog) -> Iterator[Run]:
    """Audits of this data set as it is now, the newest first."""
    for run in _audits():
        same_place = abspath(run.load_config().dataset) == abspath(catalog.root)
        if same_place and fingerprint_of(run) in ("", catalog.fingerprint):
            yield run


def audits_on(fingerprint: str) -> Iterator[Run]:
    """Audits of the data set with this fingerprint, in whatever folder it lies, the newest first."""
    return (run for run in _audits() if fingerprint and fingerprint_of(run) == fingerprint)


def fingerprint_of(run: Run) -> str:
    """Return the fingerprint of the data set that a run was made on, "" where it says none."""
    facts = run.load_facts()
    of_set, of_films = (facts.get(name) or {} for name in ("dataset", "data"))
    return str(of_set.get("fingerprint") or of_films.get("fingerprint") or "")


def _audits() -> Iterator[Run]:
    for run in RunStore().list():
        if _is_audit(run) and not run.is_damaged():
            yield run


def _is_audit(run: Run) -> bool:
    stamp = file_stamp(path := run.path / "run.json")
    return stamp is not None and _are_audits.get(path, stamp, lambda: run.load_job() == Job.AUDIT)


def newest_part(
    catalog: Catalog, name: str, *, model: str | None = None, options: Mapping[str, Any] | None = None
) -> FoundPart | None:
    """Return what a part last found on this data set; None where no audit has done it.

    Parameters
    ----------
    model : id of the run whose model was audited; None for the default model
    options : of the part; only audits with just these count, where they are given
    """
    for run in audits_of(catalog):
        config = load_audit(run)
        if config is None or config.run != model or name not in config.parts:
            continue
        if options is not None and dict(config.options.get(name, {})) != dict(options):
            continue
        if (part := load_part(run, name)) is not None:
            return part
    return None


def verdict_for(catalog: Catalog, model: str | None = None) -> dict[str, str] | None:
    """Return the verdict on a model on this data set, as ``audit.verdict.verdict_of`` says; None where none is known.

    ``model``: id of the run whose model was audited; None for the default model. For many models see ``verdicts_by_model``.
    """
    return verdicts_by_model(catalog).get(model)


def verdicts_by_model(catalog: Catalog) -> dict[str | None, dict[str, str]]:
    """Return the verdict on each model that was audited on this data set; keys as ``model`` of ``verdict_for``."""
    return verdicts_in(audits_of(catalog))


def verdicts_in(audits: Iterable[Run]) -> dict[str | None, dict[str, str]]:
    """Return the verdict on each model that these audits, the newest first, have looked at; keys as ``model`` of ``verdict_for``.

    Each follows from the newest files of the parts that it needs, and is worked out again only where one has changed.
    """
    newest: dict[str | None, dict[str, tuple[Path, FileStamp]]] = {}
    for run in audits:
        config = load_audit(run)
        for name in _OF_VERDICT if config is not None else ():
            known = newest.setdefault(config.run, {})
            if name in config.parts and name not in known and (stamp := file_stamp(path := _part_path(run, name))):
                known[name] = path, stamp
    verdicts = {model: _kept_verdict(language(), tuple(sorted(files.items()))) for model, files in newest.items()}
    return {model: dict(verdict) for model, verdict in verdicts.items() if verdict is not None}


@lru_cache(maxsize=256)
def _kept_verdict(code: str, files: tuple[tuple[str, tuple[Path, FileStamp]], ...]) -> dict[str, str] | None:
    """The verdict in the language ``code``, which is that of now."""
    values = {name: read_json(path) or {} for name, (path, _) in files}
    return verdict_of({name: each["found"] for name, each in values.items() if each.get("found")})


def _part_path(run: Run, name: str) -> Path:
    return run.path / PARTS_FOLDER / f"{name}.json"
