"""GET /models/{id}/card: the model card of a run, or of the model that ships with the package, as JSON or Markdown."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.active_model import model_in_use
from covidlab.runs.documents.content import Document, document_values
from covidlab.runs.documents.facts import gather
from covidlab.runs.documents.markdown import as_markdown
from covidlab.runs.documents.model_card import model_card
from covidlab.services.access import Visitor
from covidlab.services.v1.configs import catalog_of, default_catalog
from covidlab.services.v1.problems import not_found

MARKDOWN = "text/markdown"
_KEPT = {"Cache-Control": "no-store", "Vary": "Accept"}


async def get_card(request: Request, visitor: Visitor) -> Response:
    """Answer with the card, filled from the run, its X-rays and the audits as they are now."""
    card = await run_in_threadpool(_card, request.path_params["run_id"])
    if MARKDOWN in request.headers.get("accept", ""):
        return Response(as_markdown(card), media_type=MARKDOWN, headers=_KEPT)
    return JSONResponse(document_values(card), headers=_KEPT)


def _card(run_id: str) -> Document:
    run = model_in_use(run_id)
    if run is None or run.id != run_id:
        raise not_found("There is no model of this name.")
    if run_id == DEFAULT_MODEL.name:
        return model_card(gather(default_catalog()))
    return model_card(gather(catalog_of(run), run_id))
