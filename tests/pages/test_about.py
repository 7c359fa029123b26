"""About says where films and weights come from, what to read, and the version."""

import pytest
from streamlit.testing.v1 import AppTest

import covidlab
from covidlab.paths import PROJECT_ROOT
from covidlab.ui.about import texts as about


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Return a function that draws About for a data set."""

    def draw(dataset) -> AppTest:
        monkeypatch.setenv("COVIDLAB_DATASET", str(dataset))
        app = AppTest.from_file(str(PROJECT_ROOT / "app.py"), default_timeout=30).switch_page("pages/9_About.py").run()
        assert not app.exception
        return app

    return draw


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.main.markdown, *app.main.caption)).replace("\\", "")


def test_about_without_films_still_says_where_they_come_from(page, tmp_path):
    app = page(tmp_path)
    assert "50 X-rays of 37 patients" in texts(app)
    assert app.table[0].value["X-rays"].sum() == 50


def test_about_names_weights_references_and_version(page, tmp_path):
    said = texts(page(tmp_path))
    for part in ("CC BY 4.0", "Simonyan", "10.1038/s42256-021-00338-7", "CLAIM, TRIPOD+AI and model cards"):
        assert part in said
    assert f"covidlab {covidlab.__version__}" in said


def test_about_another_set_says_its_licences_and_what_is_in_it(page, make_dataset):
    app = page(make_dataset({"covid": 3, "normal": 2}))
    assert app.table[1].value["X-rays"].tolist() == [3, 2]
    assert "5 X-rays: 3 COVID-19, 2 non-COVID." in texts(app)


@pytest.mark.parametrize("card", ["# Default model\n\nTrained on fifty X-rays.", None])
def test_about_shows_the_model_card_if_there_is_one(page, tmp_path, monkeypatch, card):
    monkeypatch.setattr(about, "MODEL_CARD", tmp_path / "card.md")
    if card:
        (tmp_path / "card.md").write_text(card)
    assert ("Trained on fifty X-rays." in texts(page(tmp_path))) == bool(card)


def test_references_are_those_of_the_facts():
    addresses = " ".join(address for _, address in about.REFERENCES)
    for part in ("s42256-021-00338-7", "2004.12823", "PMC8224464", "2006.11988", "2008.02766"):
        assert part in addresses
