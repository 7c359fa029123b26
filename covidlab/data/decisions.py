"""What a selection says of the X-rays of a set: which are left out or count as another class, and what that leaves."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from covidlab.data.catalog import Catalog
from covidlab.errors import DataError
from covidlab.language import tr
from covidlab.text import some_of

ACTIONS = ("include", "exclude", "relabel")
# What a film's probability may not fall below, so that a loss stays a number (Keras clips at the same).
SMALLEST_PROBABILITY = 1e-7
MAX_REASON_LETTERS = 300
_MAX_CHANGES = 200


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What is to become of one film.

    action: "include" (looked at and kept), "exclude" or "relabel". new_class: class folder for "relabel", else "".
    reason: in a person's words. sha256: content of the film that was decided on.
    """

    action: str
    sha256: str
    new_class: str = ""
    reason: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return the decision as in the JSON file: action, class, reason, sha256."""
        return {"action": self.action, "class": self.new_class, "reason": self.reason, "sha256": self.sha256}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Decision":
        """Build a decision from ``to_dict``'s output; raises DataError where it is none."""
        texts = {name: values.get(name, "") for name in ("action", "class", "reason", "sha256")}
        known = all(isinstance(text, str) for text in texts.values()) and texts["action"] in ACTIONS
        if not known or bool(texts["class"]) != (texts["action"] == "relabel"):
            raise DataError(
                tr(
                    "A decision must be one of {actions}, the last with a class. Received: {texts}.",
                    actions=", ".join(ACTIONS),
                    texts=texts,
                )
            )
        return cls(action=texts["action"], new_class=texts["class"], reason=texts["reason"], sha256=texts["sha256"])


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Decisions under a name; a film without one is in, in the class of its folder.

    decisions: file -> Decision. changes: what each change replaced, (file, the decision before or None), oldest first.
    revision: grows with every save.
    """

    name: str
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    changes: tuple[tuple[str, Decision | None], ...] = ()
    revision: int = 0

    @property
    def excluded(self) -> tuple[str, ...]:
        """Files left out, sorted."""
        return self._with_action("exclude")

    @property
    def relabelled(self) -> tuple[str, ...]:
        """Files that count as another class, sorted."""
        return self._with_action("relabel")

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) over what the selection does: reasons, "include" and the order of changes have no part in it."""
        acts = sorted(
            (file, decision.action, decision.new_class, decision.sha256)
            for file, decision in self.decisions.items()
            if decision.action != "include"
        )
        return hashlib.sha256(repr(acts).encode()).hexdigest()

    def decide(self, file: str, decision: Decision | None) -> "Selection":
        """Return the selection with one decision made, changed or (None) taken back."""
        before = self.decisions.get(file)
        if before == decision:
            return self
        changes = (*self.changes, (file, before))[-_MAX_CHANGES:]
        return replace(self, decisions=_with(self.decisions, file, decision), changes=changes)

    def undo(self) -> "Selection":
        """Return the selection without its last change; itself where there is none."""
        if not self.changes:
            return self
        file, before = self.changes[-1]
        return replace(self, decisions=_with(self.decisions, file, before), changes=self.changes[:-1])

    def to_dict(self) -> dict:
        """Return the selection as plain JSON values; also what a run may keep to say what it was trained on."""
        return {
            "name": self.name,
            "revision": self.revision,
            "decisions": {file: self.decisions[file].to_dict() for file in sorted(self.decisions)},
            "changes": [{"file": file, "before": before and before.to_dict()} for file, before in self.changes],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Selection":
        """Build a selection from ``to_dict``'s output; raises DataError where it is none."""
        try:
            decisions = {str(file): Decision.from_dict(made) for file, made in values["decisions"].items()}
            changes = tuple(
                (str(change["file"]), Decision.from_dict(change["before"]) if change["before"] else None)
                for change in values.get("changes", ())
            )
            name, revision = str(values.get("name", "")), int(values.get("revision", 0))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(tr("A selection needs its decisions by file.")) from error
        return cls(name=name, decisions=decisions, changes=changes, revision=revision)

    def _with_action(self, action: str) -> tuple[str, ...]:
        return tuple(sorted(file for file, made in self.decisions.items() if made.action == action))


def apply_selection(catalog: Catalog, selection: Selection) -> Catalog:
    """Catalog as the selection wants it: films left out, films in another class. Its fingerprint changes with them.

    Decisions on films that are gone from the folder are passed over.

    Raises
    ------
    DataError
        A film is not the one that was decided on, a class is unknown, or a class would have no film left.
    """
    if changed := changed_films(catalog, selection):
        raise DataError(
            tr(
                "The selection {name} was made for other content of {some_of}. Look at the X-ray on Curate and "
                "decide again.",
                name=selection.name,
                some_of=some_of(changed),
            )
        )
    if not (selection.excluded or selection.relabelled):
        # With its fingerprint, which takes a second of a large set.
        return catalog
    films = catalog.films
    unknown = sorted({selection.decisions[file].new_class for file in selection.relabelled} - set(catalog.classes))
    if unknown:
        raise DataError(
            tr(
                "The selection {name} puts X-rays into a class this set does not have; the classes are "
                "{classes}. Received: {some_of}.",
                name=selection.name,
                classes=", ".join(catalog.classes),
                some_of=some_of(unknown),
            )
        )
    moved = {file: selection.decisions[file].new_class for file in selection.relabelled}
    # As lists: to go through a column of pandas costs ten times as much.
    files, classes = films["file"].tolist(), films["class"].tolist()
    films = films.assign(**{"class": [moved.get(file, own) for file, own in zip(files, classes, strict=True)]})
    films = films[~films["file"].isin(selection.excluded)].reset_index(drop=True)
    left = set(films["class"].unique())
    empty = [name for name in catalog.classes if name not in left]
    if empty:
        raise DataError(
            tr(
                "The selection {name} leaves no X-ray of class {some_of}. Keep at least one X-ray of each class.",
                name=selection.name,
                some_of=some_of(empty),
            )
        )
    return replace(catalog, films=films)


def changed_films(catalog: Catalog, selection: Selection) -> list[str]:
    """Files whose content is no longer the one that was decided on, sorted."""
    return sorted(
        file
        for file, made in selection.decisions.items()
        if made.action != "include" and file in catalog and made.sha256 != catalog.value(file, "sha256")
    )


def missing_films(catalog: Catalog, selection: Selection) -> list[str]:
    """Files that were decided on and are gone from the folder, sorted."""
    return sorted(file for file in selection.decisions if file not in catalog)


def films_by_loss(catalog: Catalog, predictions: pd.DataFrame) -> pd.DataFrame:
    """Films with what a run thought of them, the worst first, then those it was not validated on.

    Parameters
    ----------
    catalog : Catalog
    predictions : DataFrame of ``Run.predictions``: file, p_<class> for each class; may be empty

    Returns
    -------
    DataFrame with columns file, probability (of the film's own class, in [0, 1]) and loss (its negative natural
    logarithm, >= 0); both nan where the run has no prediction
    """
    told = predictions.drop_duplicates("file").set_index("file").reindex(catalog.films["file"])
    probability = np.full(catalog.num_films, np.nan)
    for label, name in enumerate(catalog.classes):
        if f"p_{name}" in told:
            own = catalog.labels == label
            probability[own] = pd.to_numeric(told[f"p_{name}"], errors="coerce").to_numpy(dtype=float)[own]
    probability[~((probability >= 0) & (probability <= 1))] = np.nan
    loss = np.abs(np.log(np.maximum(probability, SMALLEST_PROBABILITY)))
    table = pd.DataFrame({"file": catalog.films["file"], "probability": probability, "loss": loss})
    return table.sort_values("loss", ascending=False, kind="stable", na_position="last", ignore_index=True)


def _with(decisions: Mapping[str, Decision], file: str, decision: Decision | None) -> dict[str, Decision]:
    others = {other: made for other, made in decisions.items() if other != file}
    return others if decision is None else {**others, file: decision}
