"""The process of the runs, and of teaching: reads requests from its input, writes events to its output.

    <- {"open": {root, settings, trusted}}                 first
    <- {"run": 1, "asked": {...}, "module": N}, then N bytes: the document of the target in the Request asked
    <- {"teach": 2, "asked": {...}, "module": N}, then N bytes: the same of a Change
    <- {"end": 1}                                          stop what goes by this number
    <- {"typing": true}                                    leave a processor to somebody for a while
    -> {"notes": [TEXT, ...]}                              what a person should know of the engine here
    -> {"of": 1, "event": NAME, "fields": {...}}           a run's events; teaching has stages and Taught
    -> {"of": 1, "ended": null}                            or {"error": NAME, "message": ...}

It ends when its input ends, which is when the server ends, however that comes about; its workers end with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from lessonbank.errors import LessonBankError
from paceline.engine import Change, Engine, Request
from paceline.engine.wire import Told, event_to_json, from_json
from paceline.errors import PacelineError
from paceline.lsp.apart.courtesy import Courtesy
from paceline.syntax.target import Target
from paceline.workspace import Settings

log = logging.getLogger("paceline.lsp.apart")

LONGEST_LINE = 2**26
"""Bytes of one message, at most."""

END_S = 1.0
"""How long what goes on has to end its processes once nobody listens any more."""

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
        courtesy = Courtesy()
        going_on: dict[int, asyncio.Task[None]] = {}
        while line := await reader.readline():
            message = json.loads(line)
            if (name := next((name for name in WORKS if name in message), None)) is not None:
                module = await reader.readexactly(message["module"])
                number = int(message[name])
                work = WORKS[name](engine, message["asked"], module, partial(_tell, out, number))
                going_on[number] = asyncio.create_task(work)
                going_on[number].add_done_callback(partial(_end, out, number, going_on))
            elif "typing" in message:
                courtesy.somebody_types()
            elif (task := going_on.get(message.get("end"))) is not None:
                task.cancel()
        for task in going_on.values():
            task.cancel()
        if going_on:
            await asyncio.wait(list(going_on.values()), timeout=END_S)


Tell = Callable[[Told, Target], None]
"""Tells the server something of work on a target."""


async def _run(engine: Engine, asked: Mapping[str, Any], module: bytes, tell: Tell) -> None:
    request = from_json(Request, asked)
    request = replace(request, target=replace(request.target, module=module))
    async with aclosing(engine.optimize(request)) as events:
        async for event in events:
            tell(event, request.target)


async def _teach(engine: Engine, asked: Mapping[str, Any], module: bytes, tell: Tell) -> None:
    change = from_json(Change, asked)
    change = replace(change, target=replace(change.target, module=module))
    tell(await engine.teach(change, on_stage=lambda stage: tell(stage, change.target)), change.target)


WORKS = {"run": _run, "teach": _teach}
"""What can be asked for, by the name of its message."""


def _tell(out: BinaryIO, number: int, told: Told, target: Target) -> None:
    _say(out, {"of": number, **event_to_json(told, target)})


def _end(
    out: BinaryIO, number: int, going_on: dict[int, asyncio.Task[None]], task: asyncio.Task[None]
) -> None:
    del going_on[number]
    _say(out, {"of": number, "ended": _why_ended(task)})


def _why_ended(task: asyncio.Task[None]) -> dict[str, str] | None:
    """Say what ended work before its own end, None where nothing did."""
    if task.cancelled():
        return {"error": "CancelledError", "message": "cancelled"}
    error = task.exception()
    if error is None:
        return None
    if isinstance(error, (PacelineError, LessonBankError)):
        return {"error": type(error).__name__, "message": str(error)}
    log.error("work failed", exc_info=error)
    return {"error": type(error).__name__, "message": f"{type(error).__name__}: {error}"}


def _say(out: BinaryIO, message: Mapping[str, Any]) -> None:
    # The server has gone: the end of the input says so as well.
    with contextlib.suppress(OSError):
        out.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
