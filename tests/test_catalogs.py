"""The catalogs hold every message of the code, translated, with the fields and marks of the English."""

import importlib.util
import re
import string
from collections import Counter

import pytest
from babel.messages.pofile import read_po

from covidlab.language import CATALOGS, ENGLISH, LANGUAGES
from covidlab.paths import PROJECT_ROOT

CODES = [code for code in LANGUAGES if code != ENGLISH]
ICON = re.compile(r":material/\w+:")
pytestmark = pytest.mark.parametrize("code", CODES)


def _loaded():
    spec = importlib.util.spec_from_file_location("messages", PROJECT_ROOT / ".ci/messages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def english():
    """Every message of the code."""
    return {message for message, _ in _loaded().messages()}


@pytest.fixture(scope="module")
def catalogs():
    """What the catalogs hold, without their headers."""
    found = {}
    for code in CODES:
        with open(CATALOGS / f"{code}.po", "rb") as file:
            catalog = read_po(file, locale=code)
        found[code] = catalog, [message for message in catalog if message.id]
    return found


def forms(message):
    """English and translation of each form of a message that is translated."""
    ids, strings = (each if isinstance(each, tuple) else (each,) for each in (message.id, message.string))
    return [(one, said) for one, said in zip(ids, strings, strict=True) if said]


def differing(messages, counted):
    """Forms in which what ``counted`` counts differs between English and translation."""
    return [(one, said) for message in messages for one, said in forms(message) if counted(one) != counted(said)]


def first_five(found):
    return f"{len(found)}, the first: " + "; ".join(repr(each) for each in found[:5])


def fields(text):
    """Each {field} with its format."""
    return Counter((name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name is not None)


def test_catalog_has_the_messages_of_the_code_and_no_others(code, english, catalogs):
    there = {message.id for message in catalogs[code][1]}
    missing, left = sorted(map(str, english - there)), sorted(map(str, there - english))
    assert not missing, f"make messages: missing {first_five(missing)}"
    assert not left, f"make messages: no longer in the code {first_five(left)}"


def test_catalog_everything_is_translated(code, catalogs):
    empty = [
        message.id
        for message in catalogs[code][1]
        if not all(message.string if isinstance(message.string, tuple) else (message.string,))
    ]
    assert not empty, f"not translated {first_five(empty)}"


def test_catalog_has_nothing_in_doubt_or_obsolete(code, catalogs):
    catalog, messages = catalogs[code]
    assert not [message.id for message in messages if message.fuzzy]
    assert not list(catalog.obsolete)


def test_catalog_counted_messages_have_both_forms(code, catalogs):
    pairs = [message for message in catalogs[code][1] if isinstance(message.id, tuple)]
    assert pairs
    assert not [message.id for message in pairs if len(message.string) != 2]


def test_catalog_fields_and_their_formats_are_those_of_the_english(code, catalogs):
    # What has no format of values, such as JSON in a sentence, is compared as text.
    found = differing([each for each in catalogs[code][1] if _is_a_format(each)], fields)
    assert not found, first_five(found)


def _is_a_format(message):
    try:
        return all([fields(one) is not None for one, _ in forms(message)])
    except ValueError:
        return False


@pytest.mark.parametrize("mark", ["**", "`"])
def test_catalog_marks_of_markdown_are_those_of_the_english(code, catalogs, mark):
    found = differing(catalogs[code][1], lambda text: text.count(mark))
    assert not found, first_five(found)


def test_catalog_icons_are_those_of_the_english(code, catalogs):
    found = differing(catalogs[code][1], lambda text: sorted(ICON.findall(text)))
    assert not found, first_five(found)
