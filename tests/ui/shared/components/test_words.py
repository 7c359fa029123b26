"""The messages of components' files are found, and handed over in the visitor's language."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.language import ACCENTED, speaking
from covidlab.ui.shared.components import HERE
from covidlab.ui.shared.components.words import component_messages, words_of

SCRIPTS = sorted(path for path in HERE.glob("*.js") if path.name != "words_library.js")


def written(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_messages_of_a_script_are_those_of_its_calls(tmp_path):
    path = written(
        tmp_path,
        "part.js",
        'say(tr("Map of {name}", { name }), str("not"), tr(\n  "Say \\"so\\""));\n'
        'trMany(rows[index].length, "{number} row", "{number} rows", { name });\n',
    )
    assert component_messages(path) == ("Map of {name}", 'Say "so"', ("{number} row", "{number} rows"))


def test_messages_of_a_page_are_its_texts_and_what_is_read_out(tmp_path):
    path = written(
        tmp_path,
        "part.html",
        '<p class="two words" title="Zoom in (+)">One\n   text &amp; more</p><b aria-label="Close">+</b><i>x</i>',
    )
    assert component_messages(path) == ("Zoom in (+)", "One text & more", "Close")


def test_words_are_handed_over_in_the_language_of_now_only_where_it_is_not_english(tmp_path):
    path = written(tmp_path, "part.js", 'tr("Map"); trMany(n, "{number} row", "{number} rows");')
    assert words_of((path,)) == {}
    with speaking(ACCENTED):
        found = words_of((path,))
    assert list(found) == ["Map", "{number} row"]
    assert found["Map"].startswith("Måp")
    assert [form[:8] for form in found["{number} row"]] == ["{number}", "{number}"]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_every_call_of_a_script_has_messages_that_can_be_found(path):
    text = path.read_text(encoding="utf-8")
    calls = text.count("tr(") - text.count("str(") + text.count("trMany(")
    literals = sum(
        text.count(f"tr({json.dumps(each, ensure_ascii=False)}")
        for each in component_messages(path)
        if isinstance(each, str)
    )
    pairs = sum(text.count(f"{json.dumps(one)}, {json.dumps(many)}") for one, many in _pairs(path))
    assert literals + pairs == calls


def _pairs(path):
    return [each for each in component_messages(path) if not isinstance(each, str)]


def test_part_brings_the_words_of_its_library_and_its_data_in_the_language():
    def page():
        from covidlab.language import speaking, tr_lazy
        from covidlab.ui.shared.components import page_component

        with speaking("en-XA"):
            page_component("page_chart", with_charts=True)(
                key="part", data={"names": [tr_lazy("Queue")], "counts": [1]}
            )

    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    told = json.loads(app.get("bidi_component")[0].proto.json)
    assert told["language_of_part"] == "en-XA"
    assert told["words_of_part"]["Full screen"].startswith("Fûll")
    assert told["names"][0].startswith("Qûéûé")
    assert told["counts"] == [1]
