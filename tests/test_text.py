"""Foreign text is made harmless, classes have honest names."""

import pytest

from covidlab.language import speaking
from covidlab.text import (
    about_seconds,
    cell_text,
    class_name,
    decimal_text,
    device_text,
    markdown_escaped,
    metric_text,
    one_line,
    plain_number,
    pluralize,
    sentence_escaped,
    short_metric_text,
)


@pytest.mark.parametrize(
    ("folder", "name"),
    [("covid", "COVID-19"), ("normal", "non-COVID"), ("no_finding", "no finding"), ("pneumonia", "pneumonia")],
)
def test_class_name_of_a_folder(folder, name):
    assert class_name(folder) == name


def test_class_name_with_folder_keeps_the_folder_where_it_differs():
    assert class_name("normal", with_folder=True) == "non-COVID (folder normal)"
    assert class_name("pneumonia", with_folder=True) == "pneumonia"


def test_shown_drops_control_and_direction_characters():
    assert one_line("a\x00b\u202egpj.\u200bx\n y") == "abgpj.x y"


def test_shown_long_text_is_shortened_in_its_middle():
    short = one_line("a" * 200 + ".jpeg", max_length=30)
    assert len(short) == 30
    assert short.endswith(".jpeg")


@pytest.mark.parametrize("text", ["*a*", "<b>", ":red[x]", "$x$", "[a](b)", "`a`", "# a"])
def test_markdown_escaped_leaves_no_markup(text):
    assert markdown_escaped(text).replace("\\", "") == text
    assert all(
        before == "\\"
        for before, after in zip(markdown_escaped(text), markdown_escaped(text)[1:], strict=False)
        if after in "*<>[]$`#"
    )


def test_markdown_escaped_leaves_a_hyphen_within_a_word_which_is_read_out():
    assert markdown_escaped("COVID-19 and non-COVID") == "COVID-19 and non-COVID"
    assert markdown_escaped("- a -- b -") == r"\- a \-\- b \-"


def test_sentence_escaped_keeps_commands_and_escapes_the_rest():
    assert sentence_escaped("Run `a -b` in *x*") == r"Run `a -b` in \*x\*"


def test_sentence_escaped_lone_backtick_is_text():
    assert sentence_escaped("it`s") == r"it\`s"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", " =1"])
def test_cell_text_of_a_formula_has_an_apostrophe_before_it(text):
    assert cell_text(text) == f"'{text}"


@pytest.mark.parametrize("value", ["covid", "a=b", "", -1.5, None])
def test_cell_text_of_anything_else_stays_as_it_is(value):
    assert cell_text(value) == value


@pytest.mark.parametrize(("number", "words"), [(1, "1 X-ray"), (0, "0 X-rays"), (1124, "1,124 X-rays")])
def test_counted_number_and_noun(number, words):
    assert pluralize(number, "X-ray") == words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-05, "0.00001"),
        (3e-7, "0.0000003"),
        (0.0003 / 10, "0.00003"),
        (0.001, "0.001"),
        (1, "1"),
        (2**31, "2147483648"),
        (1e9, "1000000000"),
        (float("nan"), "NaN"),
    ],
)
def test_decimal_text_has_no_exponent(value, text):
    assert decimal_text(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "less than a second"), (12.3, "about 12 s"), (200, "about 3 min"), (9000, "about 2.5 h")],
)
def test_about_seconds_reads_on_from_either_word(seconds, text):
    assert about_seconds(seconds) == text


def test_metric_texts_show_value_interval_and_n():
    figure = {"value": 0.9, "low": 0.596, "high": 0.982, "n": 10}
    assert metric_text(figure) == "0.90 (95 % interval 0.60 to 0.98, n = 10)"
    assert short_metric_text(figure) == "0.90 (0.60 to 0.98, n = 10)"


@pytest.mark.parametrize("missing", [None, {}, {"value": None, "low": None, "high": None, "n": 0}])
def test_metric_that_is_missing_has_words_or_nothing(missing):
    assert metric_text(missing) == "not defined (no X-ray to compute it on)"
    assert short_metric_text(missing) == ""


def test_device_text_says_the_cores_in_the_language_of_now():
    with speaking("de"):
        assert device_text("CPU (AMD EPYC, 2 cores)") == "CPU (AMD EPYC, 2 Kerne)"
        assert device_text("NVIDIA H100") == "NVIDIA H100"


@pytest.mark.parametrize(("code", "expected"), [("en", "0.001"), ("de", "0,001"), ("fr", "0,001")])
def test_plain_number_has_the_decimal_mark_of_the_language(code, expected):
    with speaking(code):
        assert plain_number(0.001) == expected
