"""X-rays copied into a set in a thread of the server, while the page shows how far it is and a Cancel that works."""

import threading
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.imaging.sandbox import shared_sandbox
from covidlab.intake.adding import Cancelled, Review, add_films, classes_there
from covidlab.language import language, speaking, tr
from covidlab.services.sets import add_to_set
from covidlab.text import class_name, markdown_escaped, pluralize, sentence_escaped
from covidlab.ui.curate.pace import Pace
from covidlab.ui.curate.plan import Plan
from covidlab.ui.curate.understood import UnderReview
from covidlab.ui.shared.catalogs import invalidate
from covidlab.ui.shared.visitor import current_visitor

_COPYING, _DONE = "adding_copying", "adding_done"
# A small set is copied before the page is drawn; of a larger one the page says how far it is.
_WAIT_SECONDS, _LOOK_SECONDS = 1.0, 0.5


class Copying:
    """One addition under way; it goes on where the visitor leaves, and ends early only by ``cancel``.

    Parameters
    ----------
    review : the X-rays that were looked through
    target, plan : where they go, and which of them as what
    """

    def __init__(self, review: Review, target: Path, plan: Plan) -> None:
        self.done, self.total = 0, len(plan.classes)
        self.target = target
        self.added: list[str] = []
        self._language = language()
        self._pace = Pace(tr("Adding the X-rays"))
        self._error: Exception | None = None
        self._stop, self._ended = threading.Event(), threading.Event()
        # A daemon, since what a server that ends leaves half done is forgotten at the next start.
        threading.Thread(target=self._copy, args=(review, plan), name="add X-rays", daemon=True).start()

    def cancel(self) -> None:
        """Stop before the next X-ray, so that nothing is added."""
        self._stop.set()

    def describe(self) -> str:
        """Return how far it is."""
        return self._pace.describe(self.done, self.total)

    def wait(self, seconds: float) -> bool:
        """Wait for the end; return whether it has come."""
        return self._ended.wait(seconds)

    def result(self) -> list[str]:
        """Return the files added, once it has ended; raises what ``add_films`` raises."""
        if self._error:
            raise self._error
        return self.added

    def _copy(self, review: Review, plan: Plan) -> None:
        try:
            with speaking(self._language):
                self.added = add_films(
                    review,
                    self.target,
                    plan.classes,
                    patients=plan.patients,
                    parts=plan.parts,
                    progress=self._note,
                    should_stop=self._stop.is_set,
                    prepare=shared_sandbox().prepare,
                )
        except Exception as error:
            self._error = error
        finally:
            invalidate()
            self._ended.set()

    def _note(self, done: int, total: int) -> None:
        self.done, self.total = done, total


def start_copying(waiting: UnderReview, plan: Plan) -> None:
    """Begin to add; ``draw_copying`` shows it."""
    copying = add_to_set(current_visitor(), waiting.target, lambda: Copying(waiting.review, waiting.target, plan))
    st.session_state[_COPYING] = copying


def draw_copying(*, when_done: Callable[[], None]) -> bool:
    """Show an addition under way, or how one has ended; return whether the rest of the page is to be drawn."""
    if done := st.session_state.pop(_DONE, None):
        st.success(done)
    copying = st.session_state.get(_COPYING)
    if copying is None:
        return True
    if not copying.wait(_WAIT_SECONDS):
        _follow(copying)
        return False
    del st.session_state[_COPYING]
    try:
        added = copying.result()
    except Cancelled:
        st.info(tr("Cancelled. Nothing was added."))
        return True
    except CovidLabError as error:
        st.error(tr("{error} Nothing was added.", error=sentence_escaped(error)))
        return True
    when_done()
    st.session_state[_DONE] = done_sentence(copying.target.name, len(added), copying.target)
    # The sidebar offers the set from now on.
    st.rerun()


@st.fragment(run_every=_LOOK_SECONDS)
def _follow(copying: Copying) -> None:
    if copying.wait(0):
        st.rerun()
    st.progress(copying.done / max(1, copying.total), text=copying.describe())
    st.button(tr("Cancel"), key="adding_stop_copying", on_click=copying.cancel)


def done_sentence(name: str, num_added: int, target: Path) -> str:
    """Return in Markdown what was added, and what the set still needs before a model can be trained on it."""
    classes = classes_there(target)
    said = tr("{x_rays} added to **{name}**.", x_rays=pluralize(num_added, "X-ray"), name=markdown_escaped(name))
    if len(classes) < 2:
        only = markdown_escaped(class_name(classes[0])) if classes else tr("none")
        return tr(
            "{said} It has one class so far ({only}); add X-rays of a second one before you use it.",
            said=said,
            only=only,
        )
    return tr("{said} Choose it in the sidebar to use it.", said=said)
