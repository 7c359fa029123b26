"""Schemathesis holds the routes against the document: it makes up requests, valid and not, and reads every answer."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import positive_data_acceptance
from starlette.applications import Starlette

from covidlab.config import TrainingConfig
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore
from covidlab.services.api import Api
from tests.services.v1.conftest import HERE

# What a valid request asks for need not be there: a run, a model, a data set of that name.
NOT_CHECKED = [positive_data_acceptance]
FEW = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def api_document(predictions, make_dataset, monkeypatch, engine):
    """The document with the application behind it, asked from this machine; a data set, and a run that has ended."""
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset({"covid": 2, "normal": 2})))
    RunStore().create(TrainingConfig(dataset="set")).write_status(Status(state=State.STOPPED))
    rates = dict.fromkeys(("reads_a_minute", "starts_a_minute", "looks_a_minute"), 100_000)
    app = Starlette(routes=Api(predictions=predictions, rates=rates).routes())

    async def asked_from_here(scope, receive, send):
        headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
        await app({**scope, "client": HERE, "headers": [*headers, (b"host", b"localhost")]}, receive, send)

    document = schemathesis.openapi.from_asgi("/api/v1/openapi.json", asked_from_here)
    # More X-rays than a request may hold are refused as too large, which Schemathesis does not count as a refusal by itself.
    rejection = document.config.checks.negative_data_rejection
    rejection.expected_statuses = [*rejection.expected_statuses, "413"]
    return document


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_routes_answer_as_the_document_says(api_document, mode):
    asked = []
    for found in api_document.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not can_be_wrong(operation):
            continue
        asked.append(operation.label)

        @FEW
        @given(case=operation.as_strategy(generation_mode=mode))
        def answers_as_it_says(case):
            case.call_and_validate(excluded_checks=NOT_CHECKED)

        answers_as_it_says()
    assert {"POST /predictions", "GET /runs", "POST /runs"} <= set(asked)


def can_be_wrong(operation) -> bool:
    """Whether a request can be made that the document does not allow."""
    # Any text may stand in a path.
    return bool(operation.body or operation.query)
