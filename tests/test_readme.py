"""The README's list of commands and settings, held against the parser and the source; files that the documents name."""

import argparse
import ast
import re
from collections.abc import Iterator

import pytest

from covidlab import cli
from covidlab.cli import published
from covidlab.paths import PROJECT_ROOT

README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
PUBLISHED = "python3 train_covid19_main.py"


def parsers() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command by how it is called."""
    return {PUBLISHED: published.build_parser(), **dict(commands_of("python -m covidlab", cli.build_parser()))}


def commands_of(name: str, parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield name, parser
    for group in groups:
        for word, command in group.choices.items():
            yield from commands_of(f"{name} {word}", command)


def listed_commands() -> dict[str, str]:
    """The README's line of each command, continued lines joined, by the command's name."""
    section = README.split("## The command line", 1)[1]
    block = re.search(r"(?:^ {4}.*\n)+", section, re.MULTILINE)[0]
    lines = re.sub(r"\n {5,}", " ", block).splitlines()
    return {re.match(r" {4}(python\S* (?:\S+\.py|-m covidlab [a-z]+(?: [a-z]+)?))", line)[1]: line for line in lines}


def options(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]


def test_readme_lists_each_command_and_no_other():
    assert set(listed_commands()) == set(parsers())


@pytest.mark.parametrize("command", sorted(parsers()))
def test_readme_lists_each_option_of_a_command_and_no_other(command):
    line, actions = listed_commands()[command], options(parsers()[command])
    listed = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", line.replace(command, "")))
    if "[the same]" in line:
        listed |= set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", listed_commands()[PUBLISHED]))
    assert listed <= {name for action in actions for name in action.option_strings}
    missing = [action.dest for action in actions if action.option_strings and not listed & set(action.option_strings)]
    assert missing == []
    for action in actions:
        if not action.option_strings:
            assert action.metavar in line
        elif action.choices:
            assert f"{action.option_strings[-1]} {'|'.join(action.choices)}" in line


def test_map_of_the_modules_names_each_room_and_no_other():
    section = README.split("## Map of the modules", 1)[1]
    named = set(re.findall(r"^\| `covidlab/(\w+)/`", section, re.MULTILINE))
    rooms = {path.parent.name for path in PROJECT_ROOT.glob("covidlab/*/__init__.py")}
    assert named == rooms


def test_readme_names_each_setting_of_the_environment_and_no_other():
    named = set(re.findall(r"COVIDLAB_[A-Z_]+", README))
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in PROJECT_ROOT.glob("covidlab/**/*.py")]
    constants = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    read = {text for text in constants if isinstance(text, str) and re.fullmatch(r"COVIDLAB_[A-Z_]+", text)}
    assert named == read


@pytest.mark.parametrize(
    "document", [PROJECT_ROOT / "README.md", *sorted((PROJECT_ROOT / "docs").rglob("*.md"))], ids=lambda path: path.name
)
def test_documents_name_files_that_are_there(document):
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [link for link in links if not (document.parent / link).exists()] == []
    # By the path in the project or the package, or where the text says the folder, by the name alone.
    paths = [
        path.as_posix()
        for folder in ("covidlab", "pages", "tests", "benchmarks", "docker")
        for path in (PROJECT_ROOT / folder).rglob("*.*")
    ]
    named = re.findall(r"`([\w./]+\.(?:py|js|html|css))`", text)
    assert [
        name
        for name in named
        if not (PROJECT_ROOT / name).exists() and not any(path.endswith(f"/{name}") for path in paths)
    ] == []
