"""The process of the runs: reads requests from standard input, writes events to standard output.

    <- {"open": {root, settings, trusted}}                 first
    <- {"run": 1, "request": {...}, "module": N}, then N bytes: the document of the request's target
    <- {"end": 1}                                          stop this run
    -> {"notes": [TEXT, ...]}                              what a person should know of the engine here
    -> {"run": 1, "event": NAME, "fields": {...}}
    -> {"run": 1, "ended": null}                           or {"error": NAME, "message": ...}

It ends when its input ends, which is when the server ends, however that comes about; its workers end with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from lessonbank.errors import LessonBankError
from paceline.engine import Engine, Request
from paceline.engine.wire import event_to_json, from_json
from paceline.errors import PacelineError
from paceline.workspace import Settings

log = logging.getLogger("paceline.lsp.apart")

LONGEST_LINE = 2**26
"""Bytes of one message, at most."""

END_S = 1.0
"""How long the runs have to end their processes once nobody listens any more."""

NICENESS = 5
"""Whoever sits at the keyboard goes first; a verdict counts processor time, which waiting does not change."""


def main() -> None:
    """Serve one server until it is gone."""
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICENESS)
    # What anything prints from now on lands in the log, and no child reads the requests.
    incoming, outgoing = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is wanted, not a path
        os.dup2(nothing.fileno(), 0)
    with os.fdopen(outgoing, "wb", buffering=0) as out:
        asyncio.run(_serve(incoming, out))
    # A thread that is still at work holds nothing that anybody waits for.
    os._exit(0)


async def _serve(incoming: int, out: BinaryIO) -> None:
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(
        partial(asyncio.StreamReaderProtocol, reader), os.fdopen(incoming, "rb", buffering=0)
    )
    first = json.loads(await reader.readline() or b"null")
    if first is None:
        return
    opened = first["open"]
    async with Engine.open(
        Path(opened["root"]),
        settings=from_json(Settings, opened["settings"]),
        trusted=opened["trusted"] is True,
    ) as engine:
        if engine.notes:
            _say(out, {"notes": list(engine.notes)})
        runs: dict[int, asyncio.Task[None]] = {}
        while line := await reader.readline():
            message = json.loads(line)
            if "run" in message:
                module = await reader.readexactly(message["module"])
                number = int(message["run"])
                task = asyncio.create_task(_run(engine, number, message["request"], module, out))
                runs[number] = task
                task.add_done_callback(partial(_forget, runs, number))
            elif (running := runs.get(message.get("end"))) is not None:
                running.cancel()
        for task in runs.values():
            task.cancel()
        if runs:
            await asyncio.wait(list(runs.values()), timeout=END_S)


def _forget(runs: dict[int, asyncio.Task[None]], number: int, _: object) -> None:
    runs.pop(number, None)


async def _run(engine: Engine, number: int, asked: Mapping[str, Any], module: bytes, out: BinaryIO) -> None:
    ended: dict[str, str] | None = None
    try:
        request = from_json(Request, asked)
        request = replace(request, target=replace(request.target, module=module))
        async with aclosing(engine.optimize(request)) as events:
            async for event in events:
                _say(out, {"run": number, **event_to_json(event, request.target)})
    except asyncio.CancelledError:
        ended = {"error": "CancelledError", "message": "cancelled"}
    except (PacelineError, LessonBankError) as error:
        ended = {"error": type(error).__name__, "message": str(error)}
    except Exception as error:
        log.exception("a run failed")
        ended = {"error": type(error).__name__, "message": f"{type(error).__name__}: {error}"}
    _say(out, {"run": number, "ended": ended})


def _say(out: BinaryIO, message: Mapping[str, Any]) -> None:
    # The server has gone: the end of the input says so as well.
    with contextlib.suppress(OSError):
        out.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
