"""workspace/executeCommand: ``paceline.optimize`` [uri, position] starts a job and returns at once.

pygls never tells a command that it was cancelled, and a command in flight spoils the shutdown; so no command
here waits for anything. The job shows progress the server starts, which a person can cancel.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from paceline.errors import PacelineError
from paceline.lsp.features.optimize import start_job
from paceline.lsp.jobs import Job

if TYPE_CHECKING:
    from paceline.engine.events import Finished
    from paceline.lsp.server import PacelineServer

OPTIMIZE = "paceline.optimize"


def optimize(server: PacelineServer, *arguments: Any) -> None:
    """Start a job on the function at a position. How it went is said in messages."""
    if len(arguments) != 2 or not isinstance(arguments[0], str):
        raise JsonRpcInvalidParams(f"{OPTIMIZE} takes [uri, position]")
    uri, position = arguments[0], server.protocol.structure(arguments[1], types.Position)
    server.start(_follow(server, uri, position))


async def _follow(server: PacelineServer, uri: str, position: types.Position) -> None:
    try:
        job = await start_job(server, uri, position)
        if job.detached:
            return  # A command follows this job already; its display is on the screen.
        job.detached = True
        if (display := server.displays.started_by_us(on_cancel=job.cancel)) is not None:
            job.show_on(display)
        finished = await server.jobs.result(job)
    except PacelineError as error:
        server.notices.warn(str(error))
        return
    except asyncio.CancelledError:
        return
    except Exception as error:
        server.notices.warn(
            f"the run failed ({type(error).__name__}: {error}); the server's log has the rest"
        )
        raise
    _say(server, job, finished)


def _say(server: PacelineServer, job: Job, finished: Finished) -> None:
    name = job.target.name
    if finished.suggestions:
        best = finished.suggestions[0].title
        server.notices.info(f"{name} can be {best}. It is among the code actions of the function.")
    elif finished.status == "cannot-judge":
        server.notices.warn(f"{name} cannot be judged: {finished.reason}")
    else:
        server.notices.info(f"no faster version of {name} could be proven: {finished.reason}")
