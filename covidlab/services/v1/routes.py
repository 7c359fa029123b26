"""The addresses of the API for programs."""

from starlette.routing import Route

from covidlab.services.access import Act
from covidlab.services.v1.callers import Callers
from covidlab.services.v1.cards import get_card
from covidlab.services.v1.openapi import get_document
from covidlab.services.v1.predictions import Predictions
from covidlab.services.v1.rates import Rate
from covidlab.services.v1.resource import NothingHere, Operation, Resource
from covidlab.services.v1.runs import create_run, get_run, list_runs

# Requests a minute of one caller. A class of thirty behind one address still gets through.
READS_A_MINUTE, STARTS_A_MINUTE, LOOKS_A_MINUTE = 120, 60, 1200


def api_routes(
    prefix: str,
    callers: Callers,
    *,
    predictions: Predictions | None = None,
    reads_a_minute: int = READS_A_MINUTE,
    starts_a_minute: int = STARTS_A_MINUTE,
    looks_a_minute: int = LOOKS_A_MINUTE,
) -> list[Route]:
    """Return the routes below ``prefix``, the address of the API."""
    looks = Rate(looks_a_minute)
    read = Operation(answer=(predictions or Predictions()).post, act=Act.READ, rate=Rate(reads_a_minute))
    start = Operation(answer=create_run, act=Act.TRAIN, rate=Rate(starts_a_minute))

    def look(answer):
        return Operation(answer=answer, act=Act.LOOK, rate=looks)

    places = {
        "/predictions": {"POST": read},
        "/runs": {"GET": look(list_runs), "POST": start},
        "/runs/{run_id}": {"GET": look(get_run)},
        "/models/{run_id}/card": {"GET": look(get_card)},
        "/openapi.json": {"GET": look(get_document)},
    }
    return [Route(f"{prefix}{place}", Resource(callers, operations)) for place, operations in places.items()]


def last_route(prefix: str) -> Route:
    """Return the route of everything else below ``prefix``."""
    return Route(f"{prefix}/{{rest:path}}", NothingHere())
