"""What people read: X-rays and not films, plain sentences, decimals without exponents, constants named once.

Read from the sources: every string of the program that is not a docstring, the text of the components, the Markdown files.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from covidlab.paths import PROJECT_ROOT

# A whole word: "film-card", "film_grid" and "/film" are names.
FILM = re.compile(r"(?<![\w\-./=`])films?(?![\w\-=/`])", re.IGNORECASE)

# A single word that is a key or a name, by module, with the reason. Code may call the row of a catalog a film.
FILM_AS_A_NAME = {
    "covidlab/ui/browse/page.py": "the name in the address",
    "covidlab/ui/browse/filters.py": "the name in the address",
    "covidlab/ui/home/strip.py": "the name in the address",
    "covidlab/ui/predict/choosing.py": "the name in the address",
    "covidlab/ui/predict/uploads.py": "the name in the address",
    "covidlab/services/learning.py": "a key of the answer",
    "covidlab/ui/shared/components/learning.py": "the browser's name for a file",
    "covidlab/ui/shared/report.py": "a column's key; its heading is empty",
    "covidlab/ui/shared/opened_xray.py": "the name in the address",
    "covidlab/ui/about/texts.py": "a column's key; its heading says X-rays",
    "covidlab/data/summary.py": "a column's key; the heading on About says X-rays",
    "covidlab/intake/visit_files.py": "a key of the file",
    "covidlab/data/folder_words.py": "words that folders of other people are called by",
    "covidlab/intake/adding.py": "the name of a file that came without a usable one",
    "covidlab/learning/network.py": "the name of a Keras input",
}
PLACEHOLDERS = {"--films-per-patient", "films.csv"}

# What was written here once and is not plain, or names a number that a constant holds.
NOT_PLAIN = (
    r"dealt into",
    r"its (own )?class got",
    r"the room watches",
    r"under a second",
    r"passing X-rays",
    r"\banew\b",
    r"\btakes? back\b",
    r"\blet go\b",
    r"\bflatters?\b",
    r"sign of life",
    r"\bby heart\b",
    r"owes? to luck",
    r"false alarms?",
    r"thrown away",
    r"of no patient",
    r"whose metadata tell\b",
    r"\bsave (their|its|for|that|where)\b",
    r"\bas it is\b",
    r"15 degrees",
    r"half of these X-rays",
    r"(?<!AVX-)\b512\b",
    r"\b32 MB\b",
    r"\d[eE]-\d",
)
EXPONENTS_ALLOWED = {
    "covidlab/phantom/dataset.py": "values of a metadata column, between 0 and 1",
    "covidlab/runs/tables.py": "values of history.csv and steps.csv, read by programs",
    "covidlab/runs/trials.py": "values of trials.csv, read by programs",
}

# docs/architecture.md and docs/decisions/ speak of the code, where a film is the row of a catalog.
MARKDOWN = (
    "README.md",
    "dataset/README.md",
    "docs/phantom.md",
    "docs/deployment.md",
    "benchmarks/README.md",
    "covidlab/assets/README.md",
    "covidlab/assets/default_model/model_card.md",
)


@cache
def sources() -> dict[str, ast.Module]:
    """Syntax tree of each module whose strings reach people, by its path."""
    paths = [*PROJECT_ROOT.glob("covidlab/**/*.py"), *PROJECT_ROOT.glob("pages/*.py"), PROJECT_ROOT / "app.py"]
    return {str(path.relative_to(PROJECT_ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def strings(tree: ast.Module) -> Iterator[str]:
    """Every string that is no docstring, an f-string with {} for its values."""
    passed_over = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed_over.add(node.value)
        if isinstance(node, ast.JoinedStr) and node not in passed_over:
            passed_over.update(node.values)
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        if isinstance(node, ast.FormattedValue) and node.format_spec:
            passed_over.update((node.format_spec, *node.format_spec.values))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in passed_over:
            yield node.value


def said_of_films(text: str, *, may_be_a_name: bool) -> bool:
    """Whether a string speaks of films; a bare lower-case word is a name where ``may_be_a_name``."""
    if text in PLACEHOLDERS or (may_be_a_name and text in ("film", "films")):
        return False
    # What a message calls its values is no word of it.
    return FILM.search(re.sub(r"\{[^{}]*\}", "{}", text)) is not None


def component_texts() -> Iterator[tuple[str, str]]:
    """Text of the components' HTML and string literals of their JavaScript, with the file's name."""
    for path in PROJECT_ROOT.glob("covidlab/ui/**/*.html"):
        yield path.name, re.sub(r"<[^>]*>", " ", path.read_text(encoding="utf-8"))
    for path in PROJECT_ROOT.glob("covidlab/ui/**/*.js"):
        code = re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for literal in re.findall(r'"[^"\n]*"|`[^`]*`', code):
            yield path.name, literal[1:-1]


def markdown_texts() -> Iterator[tuple[str, str]]:
    """Lines of the Markdown files without their `code`."""
    for name in MARKDOWN:
        for line in (PROJECT_ROOT / name).read_text(encoding="utf-8").splitlines():
            yield name, line if line.startswith("    ") else re.sub(r"`[^`]*`", "", line)


def all_texts() -> Iterator[tuple[str, str]]:
    for path, tree in sources().items():
        for text in strings(tree):
            yield path, text
    yield from component_texts()
    yield from markdown_texts()


def test_people_read_x_ray_and_not_film():
    found = [
        f"{path}: {text}"
        for path, text in all_texts()
        if said_of_films(text, may_be_a_name=path in FILM_AS_A_NAME or path.endswith(".js"))
    ]
    assert found == []


@pytest.mark.parametrize("pattern", NOT_PLAIN)
def test_no_text_has_a_figure_of_speech_or_a_number_that_a_constant_holds(pattern):
    assert [f"{path}: {text}" for path, text in all_texts() if re.search(pattern, text)] == []


def test_no_number_is_shown_with_an_exponent():
    found = [
        path
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FormattedValue)
        and node.format_spec
        and ast.unparse(node.format_spec).strip("f'\"").endswith(("g", "e"))
    ]
    # text.py holds the one function that turns such a number into decimals.
    assert set(found) <= {*EXPONENTS_ALLOWED, "covidlab/text.py"}


def test_every_exception_is_still_needed():
    named = {path for path, tree in sources().items() for text in strings(tree) if text in ("film", "films")}
    assert set(FILM_AS_A_NAME) <= named
    texts = {text for tree in sources().values() for text in strings(tree)}
    assert texts >= PLACEHOLDERS


@pytest.mark.parametrize("text", ["No film is here.", "Films", "three films (adults)", "<b>film</b>"])
def test_a_text_about_films_is_found(text):
    assert said_of_films(text, may_be_a_name=True)


@pytest.mark.parametrize("text", ["film-card strong", ".film-grid", "film_grid", "class=film", "film"])
def test_a_name_with_film_in_it_is_no_text(text):
    assert not said_of_films(text, may_be_a_name=True)


def test_strings_leave_out_docstrings_and_read_f_strings_whole():
    tree = ast.parse('"""A film."""\ndef f():\n    """A film."""\n    return f"a {x:.2f} b" + "c"\n')
    assert list(strings(tree)) == ["a {} b", "c"]


def test_markdown_files_are_there():
    assert all(Path(PROJECT_ROOT / name).is_file() for name in MARKDOWN)
