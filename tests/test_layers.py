"""The arrows of the house (docs/architecture.md, "Layers"), read from the syntax tree, imports inside functions included."""

import ast
import itertools
from functools import cache
from pathlib import Path

import pytest

from covidlab.paths import PROJECT_ROOT

# From the roof to the ground. A room imports rooms of its own line or of lines below, never of a line above.
LAYERS = (
    ("app", "pages"),
    ("ui",),
    ("cli",),
    ("services",),
    ("doctor",),
    ("runs",),
    ("audit",),
    ("evaluation", "prediction"),
    ("learning",),
    ("intake",),
    ("data", "phantom"),
    ("imaging",),
    (
        "files",
        "kept_by_file",
        "object_store",
        "language",
        "spoken",
        "metrics",
        "clustered",
        "intervals",
        "student_t",
        "text",
        "errors",
        "config",
        "paths",
        "child",
        "free_memory",
        "environment",
        "__init__",
    ),
)
# Two rooms of one line, or of lines that do not build on each other, that must not know each other.
STRANGERS = {
    ("cli", "ui"),
    ("ui", "cli"),
    ("evaluation", "prediction"),
    ("prediction", "evaluation"),
    ("data", "phantom"),
}
# What is run, not imported.
DOORS = ("covidlab.__main__", "train_covid19_main")

TENSORFLOW = {"tensorflow", "keras"}
TENSORFLOW_HOMES = ("covidlab.learning", "covidlab.evaluation", "covidlab.audit")
TENSORFLOW_MODULES = {
    "covidlab.prediction.explaining",
    "covidlab.prediction.gradcam",
    "covidlab.prediction.predictor",
}
STREAMLIT_HOMES = ("covidlab.ui", "pages", "app")


@cache
def modules() -> dict[str, Path]:
    """Every module of the program by its dotted name."""
    files = [*PROJECT_ROOT.glob("covidlab/**/*.py"), *PROJECT_ROOT.glob("pages/*.py")]
    files += [PROJECT_ROOT / "app.py", PROJECT_ROOT / "train_covid19_main.py"]
    return {dotted(path): path for path in files}


def dotted(path: Path) -> str:
    parts = path.relative_to(PROJECT_ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str:
    """The room a module lies in, "__init__" for the package itself."""
    first, *rest = module.split(".")
    return first if first != "covidlab" else rest[0] if rest else "__init__"


@cache
def imports(module: str, *, at_start: bool = False) -> frozenset[str]:
    """What a module imports; ``at_start`` leaves out what it imports inside functions."""
    return frozenset(imported(ast.parse(modules()[module].read_text(encoding="utf-8")), at_start=at_start))


def imported(tree: ast.AST, *, at_start: bool = False) -> set[str]:
    found = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if at_start and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            whole = (f"{node.module}.{name.name}" for name in node.names)
            found |= {name if name in modules() else node.module for name in whole}
        found |= imported(node, at_start=at_start)
    return found


def broken_arrows(arrows: dict[str, frozenset[str]]) -> list[str]:
    """Imports that go up, or between strangers."""
    line = {name: number for number, names in enumerate(LAYERS) for name in names}
    found = []
    for module, targets in arrows.items():
        for target in targets:
            here, there = room(module), room(target)
            if here != there and (line[there] < line[here] or (here, there) in STRANGERS):
                found.append(f"{module} imports {target}")
    return sorted(found)


def circle(arrows: dict[str, frozenset[str]]) -> list[str]:
    """Modules that import each other: what is left when those at either end are taken away again and again."""
    left = dict(arrows)
    while True:
        imported_by_others = {target for name in left for target in left[name]}
        ends = [
            name for name in left if name not in imported_by_others or not any(target in left for target in left[name])
        ]
        if not ends:
            return sorted(left)
        for name in ends:
            del left[name]


@cache
def own_arrows() -> dict[str, frozenset[str]]:
    return {
        name: frozenset(target for target in imports(name) if target in modules() and target != name)
        for name in modules()
        if name not in DOORS
    }


def outside(module: str, *, at_start: bool = False) -> set[str]:
    """Packages a module imports that are not ours, by their first name."""
    return {name.split(".")[0] for name in imports(module, at_start=at_start) if name not in modules()}


def lies_in(module: str, homes) -> bool:
    return any(module == home or module.startswith(f"{home}.") for home in homes)


def test_every_room_has_its_line():
    known = set(itertools.chain.from_iterable(LAYERS))
    assert {room(name) for name in modules() if name not in DOORS} <= known


def test_imports_run_one_way():
    assert broken_arrows(own_arrows()) == []


def test_no_modules_import_each_other_in_a_circle():
    assert circle(own_arrows()) == []


def test_tensorflow_is_imported_in_the_rooms_that_compute_only():
    found = {
        (name, package)
        for name in modules()
        if not lies_in(name, TENSORFLOW_HOMES) and name not in TENSORFLOW_MODULES
        for package in outside(name) & TENSORFLOW
    }
    assert found == set()


def test_streamlit_is_imported_in_the_pages_and_their_parts_only():
    found = [name for name in modules() if "streamlit" in outside(name) and not lies_in(name, STREAMLIT_HOMES)]
    assert found == []


def test_pages_reach_no_tensorflow_by_the_imports_at_the_start_of_modules():
    reached, todo = set(), [name for name in modules() if room(name) in ("app", "pages")]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += [target for target in imports(name, at_start=True) if target in modules()]
    assert sorted(name for name in reached if outside(name, at_start=True) & TENSORFLOW) == []


def test_object_stores_are_opened_by_one_module_which_loads_nothing_at_its_start():
    assert [name for name in modules() if "fsspec" in outside(name)] == ["covidlab.object_store"]
    assert "fsspec" not in outside("covidlab.object_store", at_start=True)


@pytest.mark.parametrize(
    ("module", "target"),
    [
        ("covidlab.data.catalog", "covidlab.runs.store"),
        ("covidlab.runs.store", "covidlab.ui.shared.help"),
        ("covidlab.cli.train", "covidlab.ui.shared.help"),
        ("covidlab.prediction.loading", "covidlab.evaluation.crossvalidation"),
    ],
)
def test_an_arrow_back_is_found(module, target):
    assert broken_arrows({module: frozenset({target})}) == [f"{module} imports {target}"]


def test_a_circle_is_found():
    arrows = {
        "a": frozenset({"b"}),
        "b": frozenset({"c"}),
        "c": frozenset({"a"}),
        "d": frozenset({"a"}),
        "e": frozenset(),
    }
    assert circle(arrows) == ["a", "b", "c"]


def test_an_import_inside_a_function_is_read_unless_only_the_start_counts():
    tree = ast.parse("import os\ndef f():\n    from covidlab.runs import store\nif TYPE_CHECKING:\n    import keras\n")
    assert imported(tree) == {"os", "covidlab.runs.store"}
    assert imported(tree, at_start=True) == {"os"}
