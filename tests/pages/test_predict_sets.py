"""What Predict says of X-rays of a set that is synthetic, or whose patients are not known."""

import pytest

from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.phantom.dataset import make_phantoms
from covidlab.phantom.film import PhantomConfig
from covidlab.runs.exposure import PATIENT_UNKNOWN
from tests.pages.predicting import PAGE, texts, upload
from tests.xrays import xray_png

pytestmark = pytest.mark.usefixtures("quick_answers")


@pytest.fixture
def phantoms(nobody_named_a_folder, covidlab_home):
    """A set of synthetic X-rays as the only one; the model in use is the shipped one, which learned from the fifty."""
    make_phantoms(covidlab_home / "phantoms", PhantomConfig(num_films=4, size=128))
    return covidlab_home / "phantoms"


def test_predict_never_calls_an_upload_synthetic_and_says_what_the_model_learned_from(draw, phantoms):
    app = draw(PAGE)
    assert "The X-rays of the data set phantoms are synthetic" in app.info[0].value.replace("\\", "")
    app = upload(app, ("film.png", xray_png()))
    assert not [info.value for info in app.info if "synthetic" in info.value]
    assert "This does not concern X-rays that you upload." in texts(app)
    assert "This X-ray is synthetic" not in texts(app)
    assert "The default model, rate 0.001, real fifty: Learned from 50 X-rays of the curated fifty." in texts(app)


def test_predict_says_of_a_sample_that_it_is_synthetic(draw, phantoms):
    film = next(path for path in (phantoms / "covid").iterdir())
    assert "This X-ray is synthetic" in texts(draw(PAGE, film=f"covid/{film.name}"))


def test_predict_on_unknown_patients_calls_no_film_new(draw, runs, monkeypatch):
    for place in ("results", "choosing", "origin"):
        monkeypatch.setattr(
            f"covidlab.ui.predict.{place}.exposure",
            lambda run, catalog: dict.fromkeys(catalog.films["file"], PATIENT_UNKNOWN),
        )
    runs[1].update_facts(data={**runs[1].load_facts()["data"], "patients_known": False})
    app = draw(PAGE, film="covid/film-0.png")
    assert "Whether it has trained on another X-ray of its patient is not known." in texts(app)
    assert PATIENTS_NOT_KNOWN in texts(app)
    options = app.selectbox(key=f"predict_sample_{runs[1].id}").options
    assert all("not trained on, patient not known" in option and "new" not in option for option in options)
