"""Another hospital on Audit: what is offered before, what stands there after, and that an upload asks for an audit without its names."""

import io
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.audit.settings import AuditConfig
from covidlab.imaging.prepared import prepare_image
from covidlab.intake.visit_files import is_visit
from covidlab.runs.audits import load_audit
from covidlab.runs.store import RunStore
from tests.audit.elsewhere_found import elsewhere_found
from tests.other_hospital import class_names, write_patterns
from tests.ui.audit.made_up import audit_of


def page(folder):
    from pathlib import Path

    import streamlit as st

    from covidlab.data.catalog import load_catalog
    from covidlab.ui.audit.audited import Audited
    from covidlab.ui.audit.elsewhere import draw_elsewhere, has_elsewhere

    audited = Audited(catalog=load_catalog(Path(folder)), run=None)
    st.session_state["has"] = has_elsewhere(audited)
    draw_elsewhere(audited)


@pytest.fixture
def dataset(make_dataset, monkeypatch) -> Path:
    """The set in use; the project's own folder, which may hold X-rays, is not looked at."""
    folder = make_dataset(films_per_patient=2)
    monkeypatch.setenv("COVIDLAB_DATASET", str(folder))
    return folder


def drawn(dataset: Path) -> AppTest:
    app = AppTest.from_function(page, args=(str(dataset),), default_timeout=60).run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption, *app.warning)).replace("\\", "")


def test_section_says_first_what_it_shows_and_offers_three_ways(dataset, covidlab_home):
    write_patterns(covidlab_home / "datasets" / "other", class_names(covid=1, no_finding=1))
    app = drawn(dataset)
    assert "The test that matters" in texts(app) and app.session_state["has"] is False
    assert app.get("button_group")[0].options == ["A data set that is here", "A folder on this machine", "A ZIP file"]
    assert app.selectbox(key="audit_elsewhere_set").options == ["other"]


def test_data_set_that_is_here_is_asked_for_by_its_folder(dataset, covidlab_home, engine):
    other = write_patterns(covidlab_home / "datasets" / "other", class_names(covid=1, no_finding=1))
    drawn(dataset).button(key="audit_elsewhere").click().run()
    audit = load_audit(RunStore().list()[0])
    assert audit == AuditConfig(parts=("elsewhere",), other=str(other))


def test_what_was_found_begins_with_the_share_and_ends_with_what_it_does_not_establish(dataset):
    audit_of(dataset, "elsewhere", elsewhere_found())
    app = drawn(dataset)
    said = texts(app)
    assert app.session_state["has"] is True
    assert (
        app.markdown[0]
        .value.replace("\\", "")
        .startswith("**Of 229 X-rays of the class no finding from another hospital, 97 %")
    )
    assert "What it does not establish" in said and "Not known" in said
    assert app.dataframe[-1].value["X-ray"].tolist() == ["no_finding/a.png", "covid/b.png", "covid/a.png"]
    assert app.dataframe[-1].value["Probability"].tolist() == ["0.98", "0.40", "0.90"]


def test_part_that_could_not_be_done_says_why_and_offers_another_try(dataset):
    audit_of(dataset, "elsewhere", None, error="A folder called covid is expected. Received: a.")
    app = drawn(dataset)
    assert "A folder called covid is expected" in app.warning[0].value.replace("\\", "")
    assert app.session_state["has"] is False and app.get("button_group")


def test_zip_file_is_handed_over_without_its_names(dataset, tmp_path, covidlab_home, engine, monkeypatch, words_in):
    class Inside:
        prepare = staticmethod(prepare_image)

    monkeypatch.setattr("covidlab.ui.audit.elsewhere_asking.shared_sandbox", Inside)
    root = write_patterns(tmp_path / "other", {"covid/Erika_M.png": 1, "no_finding/Max_M.png": 2})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in root.rglob("*.png"):
            archive.write(path, path.relative_to(root).as_posix())
    app = drawn(dataset)
    app.get("button_group")[0].set_value("A ZIP file").run()
    app.file_uploader(key="audit_elsewhere_zip").set_value(("Erika_M.zip", packed.getvalue(), "application/zip")).run()
    app.button(key="audit_elsewhere_zip_start").click().run()
    assert not app.exception and not app.error
    audit = load_audit(RunStore().list()[0])
    assert is_visit(Path(audit.other)) and Path(audit.other).is_file()
    assert words_in(covidlab_home, ["Erika_M", "Max_M"]) == []
