"""What all saved models say of one X-ray, on demand: how many resemble which class, or that they disagree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from covidlab.errors import CovidLabError, ModelError
from covidlab.intake.upload import VisitorFilm
from covidlab.language import tr, tr_lazy
from covidlab.prediction.answer import probability_text
from covidlab.prediction.loading import ModelFile
from covidlab.prediction.votes import LEAST_AGREEMENT, Vote, tally
from covidlab.runs.active_model import runs_with_model
from covidlab.runs.models import model_file
from covidlab.runs.store import Run
from covidlab.runs.training_data import count_synthetic, describe_training_data
from covidlab.services.reader import no_whole_answer, shared_reader
from covidlab.services.reader_messages import model_values
from covidlab.text import class_name, markdown_escaped, one_line, pluralize, sentence_escaped, some_of
from covidlab.ui.predict.permission import draw_why_not, shows_number
from covidlab.ui.predict.reading import model_key, require_reading
from covidlab.ui.shared.navigation import TRAIN, page_link

# One that learned more than its head must be loaded whole, in seconds.
MOST_VOTERS = 20
# Asked for at a time: even beside a training within the time of one answer, and other visitors have their turn in between.
VOTERS_AT_ONCE = 4

_SHARED_FAULTS = tr_lazy(
    "Models that learned from the same X-rays share what they learned, right or wrong: their agreement "
    "proves nothing. There is no answer where fewer than {least:.0f} % agree.",
    least=100 * LEAST_AGREEMENT,
)
_COLUMNS = {
    words: words
    for words in (
        tr_lazy("model"),
        tr_lazy("resembles"),
        tr_lazy("number"),
        tr_lazy("learned from"),
        tr_lazy("preset"),
        tr_lazy("depth"),
    )
}


@dataclass(frozen=True)
class Voters:
    """Saved models that are asked, the newest first; why others are not; whether there are more than are asked."""

    runs: tuple[Run, ...]
    models: tuple[ModelFile, ...]
    not_asked: tuple[tuple[str, str], ...]
    are_more: bool


def draw_votes(film: VisitorFilm, run: Run, *, key: str) -> None:
    """Draw the button that asks all saved models, and what they answered; nothing is computed before.

    Parameters
    ----------
    film : an X-ray that the run's model has read; the answers are kept with it
    run : the model in use, whose classes the others must have
    key : beginning of the keys of the widgets
    """
    st.fragment(_draw)(film, run, key)


def find_voters(run: Run, saved: Iterable[Run]) -> Voters:
    """Return which saved models can be asked beside that of a run: those with its classes and its positive class."""
    wanted, runs, models, not_asked = _question(run), [], [], []
    for other in saved:
        if len(runs) == MOST_VOTERS:
            return Voters(tuple(runs), tuple(models), tuple(not_asked), are_more=True)
        try:
            if _question(other) != wanted:
                not_asked.append((other.name, tr("other classes")))
                continue
            models.append(model_file(other))
            runs.append(other)
        except CovidLabError as error:
            not_asked.append((other.name, str(error)))
    return Voters(tuple(runs), tuple(models), tuple(not_asked), are_more=False)


def verdict(votes: Sequence[Vote]) -> str:
    """Return how the models voted, in one plain sentence; that there is no answer where they disagree."""
    counted = tally(votes)
    if counted is None:
        return tr("No saved model could be used.")
    which = tr("resembles the {class_name} X-rays", class_name=class_name(counted.resembles))
    models = pluralize(counted.num_models, "saved model")
    if counted.agrees:
        return tr("{num_for} of {models}: this X-ray {which}.", num_for=counted.num_for, models=models, which=which)
    return tr(
        "No answer: the models disagree ({num_for} of {models} say that it {which}).",
        num_for=counted.num_for,
        models=models,
        which=which,
    )


def known_votes(film: VisitorFilm, voters: Voters) -> list[Vote] | None:
    """Return what these models said of an X-ray in this visit, None where they were not asked."""
    return film.votes.get(_place(voters))


def find_saved_voters(run: Run) -> Voters:
    """Return which of all saved models can be asked."""
    return find_voters(run, runs_with_model())


def _draw(film: VisitorFilm, run: Run, key: str) -> None:
    require_reading(film, run)
    if not shows_number(film, run):
        st.markdown(tr("No number is shown for this X-ray, so the saved models are not asked either."))
        return
    voters = find_saved_voters(run)
    if len(voters.runs) < 2:
        st.markdown(tr("There is only one saved model with these classes. Train another one, then both can be asked."))
        page_link(TRAIN, label=tr("Train a model"), icon=":material/tune:")
        _draw_not_asked(voters)
        return
    label = tr("Ask all saved models ({num_runs})", num_runs=len(voters.runs))
    if st.button(label, key=f"{key}_vote", icon=":material/how_to_vote:") and known_votes(film, voters) is None:
        try:
            with st.spinner(tr("Each saved model reads the X-ray")):
                film.votes[_place(voters)] = _asked(film, run, voters)
        except CovidLabError as failure:
            draw_why_not(failure)
    if (votes := known_votes(film, voters)) is not None:
        _draw_answers(votes, voters)
    if voters.are_more:
        st.caption(tr("Only the {most_voters} newest models with these classes are asked.", most_voters=MOST_VOTERS))
    _draw_not_asked(voters)


def _asked(film: VisitorFilm, run: Run, voters: Voters) -> list[Vote]:
    model, starts = model_file(run), range(0, len(voters.models), VOTERS_AT_ONCE)
    groups = [voters.models[start : start + VOTERS_AT_ONCE] for start in starts]
    return [vote for group in groups for vote in _votes_of(group, film, model)]


def _votes_of(models: Sequence[ModelFile], film: VisitorFilm, model: ModelFile) -> list[Vote]:
    """What some models say; ``model`` is the one in use, which stays warm."""
    answer = shared_reader().ask(
        "vote", model, values={"models": [model_values(voter) for voter in models]}, parts=film.inputs
    )
    try:
        votes = [Vote.from_dict(values) for values in answer.values["votes"]]
        if len(votes) != len(models):
            raise ValueError(tr("an answer for each model is expected"))
    except (LookupError, TypeError, ValueError) as error:
        raise no_whole_answer() from error
    return votes


def _draw_answers(votes: Sequence[Vote], voters: Voters) -> None:
    st.markdown(f"**{markdown_escaped(verdict(votes), max_length=300)}**")
    table = votes_table(votes, voters.runs)
    st.dataframe(
        table.assign(number=table["number"].map(probability_text, na_action="ignore")),
        hide_index=True,
        placeholder="",
        alt=tr("What each saved model says of this X-ray"),
        column_config={
            **{name: tr(words) for name, words in _COLUMNS.items()},
            "number": st.column_config.TextColumn(tr("number"), alignment="right"),
        },
    )
    if synthetic := [run.name for run in voters.runs if count_synthetic(_data(run))]:
        st.caption(
            tr("Learned from synthetic X-rays, which show no patient: {some_of}.", some_of=some_of(synthetic, most=6))
        )
    for vote, run in zip(votes, voters.runs, strict=True):
        if vote.refusal:
            st.caption(
                tr(
                    "{upper}{name} could not be used. {refusal}",
                    upper=run.name[:1].upper(),
                    name=run.name[1:],
                    refusal=sentence_escaped(vote.refusal),
                )
            )
    st.caption(_SHARED_FAULTS)


def votes_table(votes: Sequence[Vote], runs: Sequence[Run]) -> pd.DataFrame:
    """Return a row a model: what it is, what it learned from, what the X-ray resembles to it, and its number."""
    return pd.DataFrame(
        [
            {
                "model": run.name,
                "resembles": one_line(class_name(vote.resembles)) if vote.probability is not None else tr("not used"),
                "number": vote.probability,
                "learned from": one_line(describe_training_data(_data(run))),
                "preset": run.load_config().preset,
                "depth": run.load_config().fine_tune,
            }
            for vote, run in zip(votes, runs, strict=True)
        ]
    )


def _draw_not_asked(voters: Voters) -> None:
    by_reason: dict[str, list[str]] = {}
    for name, reason in voters.not_asked:
        by_reason.setdefault(reason, []).append(name)
    for reason, names in by_reason.items():
        st.caption(
            tr(
                "Not asked: {some_of}. {reason}",
                some_of=markdown_escaped(some_of(names), max_length=200),
                reason=sentence_escaped(_reason(reason)),
            )
        )


def _reason(reason: str) -> str:
    return reason if reason.endswith(".") else f"{reason[:1].upper()}{reason[1:]}."


def _question(run: Run) -> tuple[frozenset[str], str]:
    """The classes of a model and its positive class."""
    report = run.report() or {}
    classes = report.get("classes") or _data(run).get("classes") or ()
    positive = report.get("positive_class") or run.load_config().positive_class
    if not classes:
        raise ModelError(tr("Its classes are not written down. Train it again."))
    return frozenset(map(str, classes)), str(positive)


def _data(run: Run) -> dict:
    return run.load_facts().get("data", {})


def _place(voters: Voters) -> tuple[str, ...]:
    """The models that answered, by which their answers are kept: another model makes it another question."""
    return tuple(model_key(run) for run in voters.runs)
