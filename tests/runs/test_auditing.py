"""An audit as a run: its parts one after another, an error of one keeps none from the others, a stop loses nothing done."""

from types import SimpleNamespace

import pytest

from covidlab.audit.settings import AuditConfig
from covidlab.data.catalog import load_catalog
from covidlab.errors import DataError, UsageError
from covidlab.runs import auditing
from covidlab.runs.audit_making import audited_config, submit_audit
from covidlab.runs.audits import load_part, newest_part, write_part
from covidlab.runs.continuing import continue_run
from covidlab.runs.engines.inline import InlineEngine
from covidlab.runs.engines.mock import MockEngine
from covidlab.runs.starting import start_job
from covidlab.runs.status import State
from covidlab.runs.store import RunStore

PARTS = ("folds", "leaks", "attributes")


@pytest.fixture
def catalog(make_dataset, warm_home):
    return load_catalog(make_dataset())


@pytest.fixture
def computed(monkeypatch) -> list[str]:
    """The parts that were computed, in order, by stand-ins that find their own name; "leaks" cannot be done."""
    done: list[str] = []

    def stand_in(name: str) -> SimpleNamespace:
        def compute(data, context):
            done.append(name)
            data.on_step()
            if name == "leaks":
                raise DataError("There is nothing to compare.")
            return {"name": name, "known": sorted(context.found), **context.options}

        return SimpleNamespace(VERSION=3, compute=compute)

    monkeypatch.setattr(auditing, "MODULES", {name: stand_in(name) for name in PARTS})
    return done


def make(catalog, **changes):
    return submit_audit(catalog, AuditConfig(**{"parts": PARTS, **changes}), MockEngine(), asked={})


def execute(run, **options):
    with run.locked():
        return start_job(run, **options)


def test_parts_are_computed_in_order_and_an_error_keeps_none_from_the_next(catalog, computed):
    run = make(catalog, options={"folds": {"side": 3}})
    status = execute(run)
    assert (status.state, status.epoch, status.unit) == (State.FINISHED, 3, "part")
    assert computed == list(PARTS)
    assert load_part(run, "folds").found == {"name": "folds", "known": [], "side": 3}
    assert load_part(run, "leaks").error == "There is nothing to compare."
    assert load_part(run, "attributes").found["known"] == ["folds"]
    assert run.report()["parts"]["leaks"] == {"error": "There is nothing to compare."}


def test_audit_that_was_stopped_goes_on_with_the_part_that_is_left(catalog, computed):
    run = make(catalog)
    status = execute(run, should_stop=lambda: "attributes" in computed)
    assert (status.state, status.reason) == (State.STOPPED, "Stopped after 2 of 3 parts.")
    continue_run(run, InlineEngine())
    assert run.status().state == State.FINISHED
    assert computed == [*PARTS, "attributes"]


def test_share_of_a_part_reaches_the_status_with_the_next_heartbeat(catalog, monkeypatch):
    positions = []

    def compute(data, context):
        context.on_share(0.25)
        audit.progress._written = -1e9
        data.on_step()
        return {}

    monkeypatch.setattr(auditing, "MODULES", {"folds": SimpleNamespace(VERSION=1, compute=compute)})
    run = make(catalog, parts=("folds",))
    audit = auditing.Auditing(run, on_status=lambda status: positions.append(status.position))
    audit.execute()
    assert 0.25 in positions and positions[-1] == 1


def test_newest_part_is_that_of_the_model_and_options_asked_for(catalog):
    run = make(catalog, options={"folds": {"side": 3}})
    write_part(run, "folds", version=1, seconds=0.1, found={"of": "first"})
    later = make(catalog)
    write_part(later, "folds", version=1, seconds=0.1, found={"of": "second"})
    assert newest_part(catalog, "folds").found == {"of": "second"}
    assert newest_part(catalog, "folds", options={"side": 3}).found == {"of": "first"}
    assert newest_part(catalog, "folds", model="0001-aaaa") is None
    assert newest_part(catalog, "leaks") is None


def test_part_that_was_cut_off_is_no_part(catalog):
    run = make(catalog)
    (run.path / "parts").mkdir()
    (run.path / "parts" / "folds.json").write_text('{"version": 1, "fou')
    assert load_part(run, "folds") is None


def test_audit_of_a_deeper_run_is_refused(catalog):
    from dataclasses import replace

    config = replace(audited_config(catalog, None), fine_tune="block5")
    deeper = RunStore().create(config, fingerprint=catalog.fingerprint)
    with pytest.raises(UsageError, match="trained the head alone"):
        audited_config(catalog, deeper.id)


@pytest.mark.parametrize("changes", [{"parts": ("horoscope",)}, {"parts": ()}, {"repeats": 0}, {"repeats": 51}])
def test_settings_out_of_range_are_refused(changes):
    with pytest.raises(UsageError, match="Received"):
        AuditConfig(**changes).validate()


def test_settings_are_read_as_they_were_written():
    config = AuditConfig(parts=("folds",), repeats=3, other="elsewhere", options={"flips": {"flip": ["a.png"]}})
    assert AuditConfig.from_dict(config.to_dict()) == config
