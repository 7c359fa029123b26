"""The first start on a machine without films: phantoms, said to be synthetic on every page, never mixed with others."""

import shutil

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.paths import PROJECT_ROOT
from covidlab.phantom.dataset import is_phantom_set, make_phantoms
from covidlab.phantom.film import PhantomConfig

PAGES = ("app.py", *sorted(f"pages/{path.name}" for path in (PROJECT_ROOT / "pages").glob("[0-9]*.py")))


@pytest.fixture
def first_start(tmp_path, monkeypatch, engine):
    monkeypatch.delenv("COVIDLAB_DATASET", raising=False)
    monkeypatch.setattr("covidlab.paths.OWN_DATASET", tmp_path / "project" / "dataset")
    monkeypatch.setattr("covidlab.ui.shared.datasets.FIRST_PHANTOMS", PhantomConfig(num_films=4, size=128))


def draw(page, **address):
    app = AppTest.from_file(str(PROJECT_ROOT / "app.py"), default_timeout=60)
    app = app if page == "app.py" else app.switch_page(page)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def infos(app):
    return " ".join(element.value for element in app.info)


@pytest.mark.usefixtures("first_start")
def test_first_start_makes_phantoms_and_every_page_says_so_and_how_to_get_the_real_films(covidlab_home):
    for page in PAGES:
        text = infos(draw(page))
        assert "synthetic" in text, page
        assert "dataset import" in text
        assert "dataset fetch" in text
    assert is_phantom_set(covidlab_home / "phantoms")


@pytest.mark.usefixtures("first_start")
def test_first_set_that_a_visitor_left_half_made_is_made_whole_on_the_next_page(covidlab_home):
    def leave(done, total):
        raise EOFError("the visitor left")

    with pytest.raises(EOFError, match="the visitor left"):
        make_phantoms(covidlab_home / "phantoms", PhantomConfig(num_films=4, size=128), progress=leave)
    assert not is_phantom_set(covidlab_home / "phantoms")
    draw("pages/1_Browse.py")
    assert is_phantom_set(covidlab_home / "phantoms")


@pytest.mark.usefixtures("first_start")
def test_real_films_are_taken_before_phantoms_and_the_switch_is_in_the_address(make_dataset, monkeypatch):
    draw("app.py")
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset(name="real ones")))
    app = draw("pages/1_Browse.py")
    assert app.sidebar.selectbox(key="data_set").options == ["real ones", "phantoms"]
    assert "synthetic" not in infos(app)
    assert "real ones" in app.sidebar.markdown[-1].value
    assert "synthetic" in infos(draw("pages/1_Browse.py", data_set="phantoms"))


@pytest.mark.usefixtures("first_start")
def test_first_start_with_a_named_folder_makes_no_phantoms(tmp_path, covidlab_home, monkeypatch):
    (tmp_path / "named").mkdir()
    monkeypatch.setenv("COVIDLAB_DATASET", str(tmp_path / "named"))
    assert "synthetic" not in infos(draw("app.py"))
    assert not (covidlab_home / "phantoms").exists()


@pytest.mark.usefixtures("first_start")
def test_first_start_with_a_home_that_cannot_be_written_says_so(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "file" / "home"))
    app = draw("app.py")
    assert "cannot be written" in app.warning[0].value.replace("\\", "")


@pytest.mark.usefixtures("first_start")
def test_synthetic_films_copied_into_a_set_of_ones_own_are_still_said_to_be(covidlab_home):
    draw("app.py")
    own = covidlab_home / "datasets" / "mine"
    shutil.copytree(covidlab_home / "phantoms", own)
    (own / "phantom.json").unlink()
    assert "**These X-rays are synthetic**" in infos(draw("pages/1_Browse.py", data_set="mine"))
