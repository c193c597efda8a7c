"""Start-up and the end of the process."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.lsp.projects import OpenEngine
from paceline.lsp.server import PacelineServer
from paceline.lsp.transport import Wire, stdio_wire, tcp_wire

if TYPE_CHECKING:
    from paceline.engine import Engine
    from paceline.workspace import Settings


def run(*, port: int | None = None, host: str = "127.0.0.1", open_engine: OpenEngine | None = None) -> int:
    """Serve one client, over standard input and output without a port, and return the exit status."""
    # Standard error is what editors keep as the server's log. The level comes from the environment, as for
    # the logs of any command started by somebody else's configuration.
    level = os.environ.get("PACELINE_LOG", "WARNING").upper()
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    with contextlib.suppress(ValueError):
        logging.getLogger("paceline").setLevel(level)
    # pygls logs every request it refuses as an exception with a stack; the client has the answer already.
    logging.getLogger("pygls").setLevel(level if level == "DEBUG" else logging.CRITICAL)
    wire = stdio_wire() if port is None else tcp_wire(port, host=host)
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(_serve(open_engine or _open_engine, wire))
    return 1


def _open_engine(root: Path, *, settings: Settings, trusted: bool) -> Engine:
    # Loaded when the first document needs it: the answer to initialize does not wait for the engine.
    from paceline.lsp.apart.parent import EngineApart

    return EngineApart.open(root, settings=settings, trusted=trusted)


async def _serve(open_engine: OpenEngine, wire: Wire) -> int:
    server = PacelineServer(open_engine=open_engine)
    # A full collection walks every class of the protocol and holds the loop up for tens of milliseconds. What
    # was loaded at the start stays for good, so it is taken out of the collector's sight; the rest is looked
    # at rarely.
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000, 20, 20)
    # Pure Python beside the loop shares one interpreter lock with it. One such thread, which has to give way
    # after half a millisecond, is a neighbour that answers to an editor can live with; a dozen are not.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1, thread_name_prefix="paceline-work"))
    sys.setswitchinterval(0.0005)
    return await server.run(wire)
