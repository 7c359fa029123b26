"""Folders as a tree with numbers, and small X-rays of each class, as HTML."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from covidlab.data.layouts import UNANSWERED, Branch
from covidlab.imaging.encode import data_address
from covidlab.intake.adding import Candidate
from covidlab.language import number_text, tr
from covidlab.text import class_name, one_line, pluralize

MOST_ROWS = 40
_CLASS = "class "


@dataclass
class _Folder:
    """A folder of the tree: what lies in it, by role, and the folders below it."""

    here: list[Branch] = field(default_factory=list)
    below: dict[str, "_Folder"] = field(default_factory=dict)

    def number(self) -> int:
        """Pictures here and below."""
        return sum(branch.number for branch in self.here) + sum(folder.number() for folder in self.below.values())


def branches_html(branches: Sequence[Branch]) -> str:
    """Return the folders as nested lists, each with a bar, the number of its pictures and what they were taken for."""
    shown, more = branches[:MOST_ROWS], branches[MOST_ROWS:]
    largest = max((branch.number for branch in branches), default=1)
    rest = sum(branch.number for branch in more)
    left = tr(
        "and {more_folders} with {pictures}",
        more_folders=pluralize(len(more), "more folder"),
        pictures=pluralize(rest, "picture"),
    )
    last = f'<li class="branch"><span class="branch-role">{left}</span></li>' if more else ""
    return f'<ul class="branches" aria-label="{escape(tr("Folders with pictures"))}">{_items(_tree(shown), "", largest)}{last}</ul>'


def samples_html(classes: Iterable[tuple[str, int, Sequence[Candidate]]]) -> str:
    """Return each class with its number of pictures and some of them."""
    return f'<div class="class-samples">{"".join(_sample(*one) for one in classes)}</div>'


def _sample(name: str, number: int, films: Sequence[Candidate]) -> str:
    shown = escape(one_line(class_name(name, with_folder=True), max_length=60))
    pictures = "".join(f'<img src="{data_address(film.picture)}" alt="{escape(_alt(film, name))}">' for film in films)
    none = f'<span class="branch-role">{escape(tr("none of them can be read"))}</span>'
    return f"<section><p><b>{shown}</b> {number_text(number)}</p><div>{pictures or none}</div></section>"


def _alt(film: Candidate, name: str) -> str:
    return tr("{file}, class {class_name}", file=one_line(film.name), class_name=one_line(class_name(name)))


def _tree(branches: Iterable[Branch]) -> _Folder:
    root = _Folder()
    for branch in branches:
        folder = root
        for part in branch.folder.split("/") if branch.folder else []:
            folder = folder.below.setdefault(part, _Folder())
        folder.here.append(branch)
    return root


def _items(folder: _Folder, above: str, largest: int) -> str:
    """Rows of one folder: itself where it holds pictures, then those below; a folder with only one below shares its row."""
    if not folder.here and len(folder.below) == 1:
        name, only = next(iter(folder.below.items()))
        return _items(only, f"{above}{name}/", largest)
    below = "".join(_items(inner, f"{name}/", largest) for name, inner in folder.below.items())
    if not folder.here and not above:
        return below
    rows = [_row(above, branch.number, branch.role, largest) for branch in folder.here]
    rows = rows or [_row(above, folder.number(), "", None)]
    nested = f"<ul>{below}</ul>" if below else ""
    return "".join(f"<li>{row}</li>" for row in rows[:-1]) + f"<li>{rows[-1]}{nested}</li>"


def _row(name: str, number: int, role: str, largest: int | None) -> str:
    shown = escape(one_line(name or tr("in no folder"), max_length=90)).replace("/", "/<wbr>")
    is_used = role.startswith(_CLASS)
    kind = "branch" if is_used else "branch unused"
    said = role if is_used or role in ("", UNANSWERED) else tr("{role}, left out", role=role)
    bar = f'<i style="width:{max(1, round(100 * number / largest))}%"></i>' if largest else ""
    return (
        f'<span class="{kind}"><span class="branch-name">{shown}</span><span class="branch-bar" aria-hidden="true">{bar}'
        f'</span><span class="branch-number">{number:,}</span><span class="branch-role">{escape(one_line(said))}</span></span>'
    )
