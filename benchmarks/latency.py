"""How long an editor waits for the language server, measured through the wire on a file of 10,000 lines.

    python -m benchmarks.latency [--rounds N] [--json]

Run from the repository's root. Measures the server as installed, over standard input and output:

- start: process start to the answer to initialize, beside an empty pygls server
- codeAction idle: nothing else going on
- codeAction typing: a key is typed in front of each request
- codeAction typing, job: the same while an optimization job runs on another function of the file
- save to hints: didSave to the published hints that the edit in front of it changes
"""

from __future__ import annotations

import argparse
import asyncio
import configparser
import inspect
import json
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.lsp.client import Client, capabilities

REPOSITORY = Path(__file__).parents[1]
SERVER = (sys.executable, "-m", "paceline", "serve", "--stdio")
EMPTY = (sys.executable, "-c", "from pygls.lsp.server import LanguageServer as S; S('empty', '1').start_io()")
LIBRARY = (argparse, configparser, statistics, subprocess, tarfile)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    measured = asyncio.run(measure(chosen.rounds))
    if chosen.json:
        print(json.dumps(measured, indent=1))
        return
    print(f"{'':22} {'p50':>9} {'p95':>9} {'max':>9}   milliseconds")
    for name, values in measured.items():
        print(f"{name:22} {values['p50']:9.2f} {values['p95']:9.2f} {values['max']:9.2f}")


async def measure(rounds: int) -> dict[str, dict[str, float]]:
    """Return the percentiles of each measurement, in milliseconds."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "big"
        root.mkdir()
        (root / "pyproject.toml").write_text("[project]\nname = 'big'\nversion = '1'\n")
        starts = {
            "start, empty pygls": await repeated(10, lambda: started(EMPTY, root)),
            "start": await repeated(10, lambda: started(SERVER, root)),
        }
        client = await connected(root)
        try:
            text = large_module()
            uri = client.open(root / "big.py", text)
            await client.wait_for("textDocument/publishDiagnostics", uri=uri)
            return {name: percentiles(times) for name, times in starts.items()} | {
                "codeAction idle": percentiles(await idle(client, uri, text, rounds)),
                "codeAction typing": percentiles(await while_typing(client, uri, text, rounds)),
                "codeAction typing, job": percentiles(await typing_beside_job(client, uri, text, rounds)),
                "save to hints": percentiles(await saving(client, uri, text, max(20, rounds // 5))),
            }
        finally:
            await client.kill()


async def repeated(count: int, once: Callable[[], Awaitable[float]]) -> list[float]:
    """Return the results of several turns."""
    return [await once() for _ in range(count)]


async def started(command: tuple[str, ...], root: Path) -> float:
    """Return the seconds from the start of a server to its answer to initialize."""
    before = time.perf_counter()
    client = await Client.start(*command, env={"PACELINE_HOME": str(root.parent / "home")}, folder=REPOSITORY)
    await client.initialize(capabilities("emacs"), root=root)
    taken = time.perf_counter() - before
    await client.kill()
    return taken


async def connected(root: Path) -> Client:
    """Return a session that pushes hints and trusts its workspace."""
    client = await Client.start(*SERVER, env={"PACELINE_HOME": str(root.parent / "home")}, folder=REPOSITORY)
    await client.initialize(capabilities("emacs"), root=root, options={"isTrusted": True})
    return client


async def idle(client: Client, uri: str, text: str, rounds: int) -> list[float]:
    """Return the seconds of code action requests all over the file."""
    lines = [number for number, line in enumerate(text.splitlines()) if line.startswith("    ")]
    return [await timed_actions(client, uri, lines[(n * 7919) % len(lines)]) for n in range(rounds)]


async def while_typing(client: Client, uri: str, text: str, rounds: int) -> list[float]:
    """Return the seconds of code action requests that each follow a key."""
    line = text[: text.index("def unique_emails(")].count("\n") + 3
    times = []
    typed = '    # Addresses of "staff" come first.\n    staff = [one for one in addresses if one]\n' * rounds
    place = {"line": line, "character": 0}
    for n, key in enumerate(typed[:rounds]):
        client.change(uri, n + 2, [{"range": {"start": place, "end": place}, "text": key}])
        place = behind(place, key)
        times.append(await timed_actions(client, uri, place["line"]))
    client.change(uri, rounds + 2, [{"text": text}])
    return times


def behind(place: dict[str, int], key: str) -> dict[str, int]:
    """Return where the cursor is after a key."""
    if key == "\n":
        return {"line": place["line"] + 1, "character": 0}
    return {"line": place["line"], "character": place["character"] + 1}


async def typing_beside_job(client: Client, uri: str, text: str, rounds: int) -> list[float]:
    """Return the seconds of code action requests that each follow a key, while a job runs."""
    job = asyncio.ensure_future(hold_job(client, uri, text))
    try:
        return await while_typing(client, uri, text, rounds)
    finally:
        job.cancel()


async def hold_job(client: Client, uri: str, text: str) -> None:
    """Keep a job running: start the next when one ends."""
    line = text[: text.index("def newsletter_list(")].count("\n")
    while True:
        place = {"line": line, "character": 4}
        await client.request("paceline/optimize", {"textDocument": {"uri": uri}, "position": place})


async def saving(client: Client, uri: str, text: str, rounds: int) -> list[float]:
    """Return the seconds from saves to the hints they change."""
    target = text.index("if email not in seen", text.index("def unique_emails("))
    line = text[:target].count("\n")
    version, times = 100_000, []
    for n in range(rounds):
        version += 1
        place = {"line": line, "character": 8}
        # Each turn the function gets one line longer, so the hint in it moves and the hints below move along.
        client.change(
            uri, version, [{"range": {"start": place, "end": place}, "text": f"count = {n}\n        "}]
        )
        seen = len(client.sent("textDocument/publishDiagnostics"))
        before = time.perf_counter()
        client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
        await client.wait_for("textDocument/publishDiagnostics", count=seen + 1)
        times.append(time.perf_counter() - before)
    return times


async def timed_actions(client: Client, uri: str, line: int) -> float:
    """Return the seconds one code action request takes."""
    before = time.perf_counter()
    await client.actions(uri, line, 4)
    return time.perf_counter() - before


def large_module() -> str:
    """Return about 10,000 lines: modules of the standard library, the example's in their middle."""
    example = (REPOSITORY / "examples" / "shop" / "customers.py").read_text()
    sources = [inspect.getsource(module) for module in LIBRARY]
    middle = len(sources) // 2
    return "\n\n".join([*sources[:middle], example, *sources[middle:]])


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Return the median, the 95th percentile and the maximum, in milliseconds."""
    ordered = sorted(seconds)
    return {
        "p50": statistics.median(ordered) * 1e3,
        "p95": ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] * 1e3,
        "max": ordered[-1] * 1e3,
    }


if __name__ == "__main__":
    main()
