"""What pages show by the role of who looks: nothing without a sign-in, controls that are off with the reason, own runs."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.runs.queue import asked_facts
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore
from covidlab.services.roles import Identity


@pytest.fixture
def proxy(monkeypatch, covidlab_home, make_dataset):
    """Return a function that says whom the proxy of the server names, None for nobody, and which role the file gives them."""
    monkeypatch.setenv("COVIDLAB_USER_HEADER", "X-User")
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset({"covid": 2, "normal": 2})))

    def name(who, role="viewer"):
        identity = Identity(name=who, subject=who, names=(who,)) if who else None
        monkeypatch.setattr("covidlab.ui.shared.visitor.proxy_identity", lambda headers: identity)
        (covidlab_home / "roles.toml").write_text(f'default = "{role}"\n')

    return name


def said(app) -> str:
    html = [element.proto.body for element in app.get("html")]
    return " ".join([*html, *(element.value for element in (*app.info, *app.caption, *app.markdown))])


@pytest.mark.parametrize("page", ["app.py", "pages/1_Browse.py", "pages/4_Predict.py"])
def test_nobody_sees_anything_without_a_sign_in(draw, proxy, page):
    proxy(None)
    app = draw(page)
    assert "has not said who you are" in said(app)
    assert not app.sidebar.markdown and not app.get("file_uploader") and "X-rays," not in said(app)


def test_who_has_no_role_is_told_whom_to_ask(draw, proxy):
    proxy("ben", "none")
    assert "signed in as ben and have no role here" in said(draw("app.py"))


def test_viewer_sees_why_nothing_can_be_started_or_added(draw, proxy, engine):
    proxy("vera")
    train = draw("pages/2_Train.py")
    assert train.button("train_start").disabled
    assert "Students and owners may start a training" in train.button("train_start").help
    assert "Your role is viewer" in said(train) and "vera, viewer" in said(train)
    assert "Once somebody starts one, it is shown here" in said(train)
    assert not [expander for expander in train.expander if expander.label == "Predict the curve"]
    assert "Owners may add or change data sets" in said(draw("pages/7_Curate.py", curate_tab="Add X-rays"))


def test_student_starts_a_run_that_says_who_made_it(draw, proxy, engine):
    proxy("anna@example.org", "student")
    train = draw("pages/2_Train.py")
    assert "Press Start: each X-ray then moves" in said(train)
    assert [expander for expander in train.expander if expander.label == "Predict the curve"]
    train.button("train_start").click().run()
    (run,) = RunStore().list()
    assert run.load_facts()["asked_by"] == "anna@example.org"


def test_run_of_another_can_be_seen_and_not_be_stopped_or_deleted_by_a_student(draw, proxy, engine):
    asked = asked_facts(name="ben", token="user:ben", expected_seconds=1.0)
    run = RunStore().create(TrainingConfig(dataset="set"), engine=engine.name, asked=asked)
    proxy("anna", "student")
    assert draw("pages/2_Train.py", run=run.id).button("train_stop").disabled
    run.write_status(Status(state=State.STOPPED))
    assert "cannot be deleted. Your role is student" in said(draw("pages/3_Runs.py", run=run.id))


@pytest.mark.parametrize("is_here", [True, False])
def test_mistake_in_the_file_of_roles_is_told_at_the_machine_only(draw, proxy, covidlab_home, monkeypatch, is_here):
    proxy("ben")
    (covidlab_home / "roles.toml").write_text('default = "boss"\n')
    monkeypatch.setattr("covidlab.ui.shared.permission.is_at_machine", lambda: is_here)
    (error,) = draw("app.py").error
    assert ("boss" in error.value) is is_here
    assert is_here or error.value.startswith("The server is not set up as it should be")
