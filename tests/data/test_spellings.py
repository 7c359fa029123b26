"""Names of classes that differ in their spelling only."""

import pytest

from covidlab.data.spellings import folded_name, one_spelling


def test_one_spelling_of_names_that_differ_in_case_takes_that_of_most_and_says_so():
    classes, sentences = one_spelling({"a": "covid", "b": "Covid", "c": "Covid", "d": "normal"})
    assert classes == {"a": "Covid", "b": "Covid", "c": "Covid", "d": "normal"}
    assert sentences == ["Covid and covid differ in upper and lower case only, so they are one class, Covid."]


def test_one_spelling_counts_the_pictures_of_a_folder():
    classes, _ = one_spelling({"x/covid": "covid", "y/Covid": "Covid"}, {"x/covid": 9, "y/Covid": 2})
    assert set(classes.values()) == {"covid"}


@pytest.mark.parametrize("other", ["Viral_Pneumonia", "viral-pneumonia", " Viral  Pneumonia "])
def test_one_spelling_joins_spaces_and_hyphens(other):
    assert len(set(one_spelling({"a": "Viral Pneumonia", "b": other})[0].values())) == 1


def test_one_spelling_joins_composed_and_decomposed_letters_without_a_word():
    assert one_spelling({"a": "gro\u0308ße", "b": "größe"}) == ({"a": "größe", "b": "größe"}, [])


@pytest.mark.parametrize(("one", "other"), [("COVID+", "COVID-"), ("covid", "covid 19"), ("+", "-"), ("a-", "a")])
def test_folded_name_keeps_apart_what_means_something_else(one, other):
    assert folded_name(one) != folded_name(other)
