"""paceline/optimize: the custom request that runs the team on one function and answers with what was proven.

    -> {textDocument: {uri}, position, workDoneToken?}
    <- {function, status, reason, suggestions: [{id, title, member, speedup, low, high, confidence,
        checks: {inputs, sources, tests}, diff, edit}], rejected: [{member, title, outcome, reason}], elapsed}

Cancelling the request ends the run, unless someone else follows it as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from paceline.errors import PacelineError
from paceline.lsp.custom import REQUEST_FAILED, function_at
from paceline.lsp.features.suggestions import suggestion_record
from paceline.lsp.features.trust import require_trust
from paceline.lsp.jobs import Job
from paceline.lsp.protocol import ContentModified
from paceline.lsp.quiet import shown_suggestions

if TYPE_CHECKING:
    from paceline.engine.events import Finished
    from paceline.lsp.server import PacelineServer

METHOD = "paceline/optimize"


async def optimize(server: PacelineServer, params: object) -> Mapping[str, Any]:
    """Run on the function at a position, or join the run on it, and return what was proven."""
    if not isinstance(params, Mapping):
        raise JsonRpcInvalidParams(f"{METHOD} takes {{textDocument, position}}")
    identifier = server.protocol.structure(params.get("textDocument"), types.TextDocumentIdentifier)
    position = server.protocol.structure(params.get("position"), types.Position)
    token = params.get("workDoneToken")
    try:
        job = await start_job(server, identifier.uri, position)
        if isinstance(token, (str, int)):
            job.show_on(server.displays.for_token(token, on_cancel=job.cancel))
        finished = await server.jobs.result(job)
    except PacelineError as error:
        raise JsonRpcException(str(error), code=REQUEST_FAILED) from error
    return _answer(server, job, finished)


async def start_job(server: PacelineServer, uri: str, position: types.Position) -> Job:
    """Start a job on the function at a position, or return the one that runs.

    Raises TargetNotFound where no function stands, UnusableRequest for a document that is no file, and
    NotTrusted.
    """
    function = function_at(server, uri, position)
    project = server.projects.of(function.document)
    await require_trust(server, project)
    # The person may have typed while the question about trust stood open.
    function = function_at(server, uri, position)
    return server.jobs.start(uri, function.target, project)


def _answer(server: PacelineServer, job: Job, finished: Finished) -> Mapping[str, Any]:
    document = server.documents.get(job.uri)
    function = server.functions.like(document, job.target) if document is not None else None
    target = function.target if function is not None else None
    standing = server.shelf.of(job.uri, target) if target is not None else ()
    if document is None or target is None or (finished.suggestions and not standing):
        raise ContentModified(f"{job.target.name} changed while it was being optimized; ask again")
    if function is not None:
        standing = tuple(shown_suggestions(server.projects.of(document), function, standing))
    return {
        "function": target.name,
        "status": finished.status,
        "reason": finished.reason,
        "suggestions": [suggestion_record(server, document, target, proven) for proven in standing],
        "rejected": [
            {
                "member": judged.candidate.member,
                "title": judged.candidate.title,
                "outcome": judged.verdict.outcome.value,
                "reason": judged.verdict.reason,
            }
            for judged in finished.rejected
        ],
        "elapsed": finished.elapsed_s,
    }
