"""The first screen of the page Audit and the ladder below it, drawn by Streamlit's test driver."""

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.audit.ladder_text import typical_xray
from covidlab.audit.settings import AuditConfig
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.runs.audit_making import submit_audit
from covidlab.runs.audits import load_audit, write_part
from covidlab.runs.engines.mock import MockEngine
from covidlab.runs.status import State
from covidlab.runs.store import RunStore
from covidlab.ui.audit.audited import Audited
from covidlab.ui.audit.inputs import header_values, input_picture
from covidlab.ui.audit.seen import seen_tiles, side_name
from covidlab.ui.shared.components.seen import seen_data
from tests.audit.ladders import made_up_ladder


def page(folder):
    from pathlib import Path

    from covidlab.data.catalog import load_catalog
    from covidlab.ui.audit.audited import Audited
    from covidlab.ui.audit.ladder import draw_ladder
    from covidlab.ui.audit.seen import draw_seen
    from covidlab.ui.audit.verdict import draw_verdict

    audited = Audited(catalog=load_catalog(Path(folder)), run=None)
    for draw in (draw_verdict, draw_seen, draw_ladder):
        draw(audited)


@pytest.fixture
def catalog(make_dataset) -> Catalog:
    return load_catalog(make_dataset(suffix=".jpg"))


@pytest.fixture
def draw(catalog, engine):
    """Return a function that draws the sections and fails where they do."""

    def drawn() -> AppTest:
        app = AppTest.from_function(page, args=(str(catalog.root),), default_timeout=60).run()
        assert not app.exception
        return app

    return drawn


def found_by_an_audit(catalog: Catalog, found: dict | None, error: str = "") -> None:
    run = submit_audit(catalog, AuditConfig(parts=("ladder",)), MockEngine(), asked={})
    write_part(run, "ladder", version=1, seconds=1.0, found=found, error=error)


def text_of(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.warning]).replace("\\", "")


def test_page_before_an_audit_says_what_it_will_show_and_asks_for_the_ladder(draw):
    app = draw()
    assert app.subheader[0].value == "Does it see COVID-19?"
    assert "One X-ray as four models see it" in text_of(app)
    app.button(key="audit_seen_ask").click().run()
    (run,) = RunStore().list()
    assert (load_audit(run).parts, run.status().state) == (("ladder",), State.QUEUED)


def test_page_of_an_audit_shows_verdict_sentence_and_figures(draw, catalog):
    found_by_an_audit(catalog, made_up_ladder(catalog))
    app = draw()
    said = text_of(app)
    assert (
        "With the lungs black the model still reaches 0.94 (95 % interval 0.84 to 0.99, n = 12): it does not need them."
        in said
    )
    assert "What it does not establish: " in said
    assert "Of all X-rays these models call right: whole X-rays 0.94 (95 % interval 0.84 to 0.99, n = 12)" in said
    assert [header.value for header in app.subheader][1] == "How little is enough?"
    assert len(app.dataframe[0].value) == 10


def test_page_of_an_audit_that_could_not_do_the_ladder_says_why(draw, catalog):
    found_by_an_audit(catalog, None, error="There are too few patients.")
    app = draw()
    assert app.warning[0].value == "There are too few patients\\."
    assert not app.button


def test_ladder_shows_the_chosen_input_of_an_xray(draw, catalog):
    found_by_an_audit(catalog, made_up_ladder(catalog))
    app = draw()
    app.selectbox(key="audit_ladder_rung").select("one-bit").run()
    assert "Stored in: **grey**" in text_of(app)
    app.selectbox(key="audit_ladder_rung").select("margins-only").run()
    assert "What lies outside the box around the lungs; all else is black." in text_of(app)


def test_tiles_follow_the_probability_of_the_own_class(catalog):
    found = made_up_ladder(catalog, without_lungs=(7,))
    audited = Audited(catalog=catalog, run=None)
    positive, negative = seen_tiles(audited, found, 2), seen_tiles(audited, found, 8)
    assert [tile.title for tile in positive] == ["whole", "lungs black", "lungs only", "margins only", "one bit"]
    assert positive[0].shares == pytest.approx([0.5, 0.5, 0.64]) and negative[0].shares == pytest.approx(
        [0.5, 0.5, 0.9]
    )
    assert (side_name(found, 2), side_name(found, 8)) == ("COVID-19", "non-COVID")
    assert positive[4].word == "grey" and len(positive[4].shares) == 1


def test_tile_of_an_xray_without_lungs_says_so(catalog):
    found = made_up_ladder(catalog, without_lungs=(7,))
    whole, black, *_ = seen_tiles(Audited(catalog=catalog, run=None), found, 7)
    assert whole.picture and not black.picture
    data = seen_data([whole, black], side="non-COVID", epochs=2)["tiles"]
    assert data[1]["word"] == "No lungs were found in this X-ray." and not data[1]["shares"]
    assert data[0]["texts"] == ["0.50", "0.50", "0.90"]


def test_typical_xray_is_in_the_middle_of_its_class(catalog):
    found = made_up_ladder(catalog)
    assert typical_xray(found) == 2
    assert typical_xray(made_up_ladder(catalog, without_lungs=(0, 1, 2))) == 4


@pytest.mark.parametrize("rung", ["whole", "thumbnail", "model", "markers-removed"])
def test_every_picture_of_an_input_is_a_jpeg(catalog, rung):
    picture = input_picture(Audited(catalog=catalog, run=None), catalog.films["file"].iloc[0], rung)
    assert picture.startswith(b"\xff\xd8")


def test_header_values_are_those_of_the_file(catalog):
    values = dict(header_values(catalog, catalog.films["file"].iloc[0]))
    assert (values["File format"], values["Stored in"], values["Size"]) == ("JPEG", "grey", "96 × 80 pixels")
    assert input_picture(Audited(catalog=catalog, run=None), catalog.films["file"].iloc[0], "header") is None
