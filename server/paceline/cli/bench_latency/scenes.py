"""What a person does in an editor, timed: asks for code actions, types, saves, has jobs run."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from paceline.cli.bench_latency.editor import Editor
from paceline.cli.bench_latency.waiting import waited_s

KEY_S = 0.05
"""Seconds between two keys: 20 changes a second."""

TYPED = '    # Those of "staff" come first.\n    first = [one for one in given if one]\n'
TYPES_INTO = "unique_emails"
SAVES_IN = "missing_items"
JOBS_ON = ("newsletter_list", "repeat_buyers", "positions", "queue_times", "unique_emails")

_PUBLISHED = "textDocument/publishDiagnostics"


@dataclass
class Sitting:
    """One document that is being worked on. Guards its version and where the cursor is."""

    editor: Editor
    uri: str
    text: str
    version: int = 1
    typed: int = 0
    waits: list[float] = field(default_factory=list)
    """Of each request so far, the seconds in which the server or this process waited for a processor."""
    _place: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._place = {"line": self.line_of(f"def {TYPES_INTO}(") + 2, "character": 0}

    def line_of(self, part: str) -> int:
        """Return the 0-based line of the text as it was opened."""
        return self.text[: self.text.index(part)].count("\n")

    async def open(self) -> float:
        """Open the document and return the seconds until its hints are shown."""
        before, heard = time.perf_counter(), self.editor.heard(_PUBLISHED)
        self.editor.open(self.uri, self.text)
        await self.editor.hear(_PUBLISHED, count=heard + 1)
        return time.perf_counter() - before

    async def ask(self, count: int, *, first: int = 0) -> list[float]:
        """Return the seconds of requests for code actions all over the file, one after the other."""
        lines = [n for n, line in enumerate(self.text.splitlines()) if line.startswith("    ")]
        return [await self._asked(lines[(n * 7919) % len(lines)]) for n in range(first, first + count)]

    async def type(self, keys: int) -> list[float]:
        """Type at the usual speed, and return the seconds of a request for code actions after each key.

        The keys come when they are due, whether or not the last request was answered.
        """
        began = time.perf_counter()
        answers = []
        for n in range(keys):
            await asyncio.sleep(max(0.0, began + n * KEY_S - time.perf_counter()))
            self.press()
            answers.append(asyncio.create_task(self._asked(self._place["line"])))
        return list(await asyncio.gather(*answers))

    async def save(self, count: int) -> list[float]:
        """Return the seconds from each of so many saves to the hints that it moves."""
        line = self.line_of("return [item for item in wanted") + self._added()
        times = []
        for n in range(count):
            # Each turn the function gets one line longer, so that its hint moves, and those below move along.
            self._insert({"line": line, "character": 4}, f"count = {n}\n    ")
            heard, before = self.editor.heard(_PUBLISHED), time.perf_counter()
            self.editor.notify("textDocument/didSave", {"textDocument": {"uri": self.uri}})
            await self.editor.hear(_PUBLISHED, count=heard + 1)
            times.append(time.perf_counter() - before)
        return times

    async def run_job(self, line: int) -> str:
        """Run a job on the function at a line, and return how it ended."""
        document = {"uri": self.uri}
        answer = await self.editor.request(
            "paceline/optimize", {"textDocument": document, "position": {"line": line, "character": 4}}
        )
        return str(answer.get("status")) if isinstance(answer, dict) else "failed"

    def press(self) -> None:
        """Type the next key."""
        key = TYPED[self.typed % len(TYPED)]
        self._insert(self._place, key)
        self.typed += 1
        if key == "\n":
            self._place = {"line": self._place["line"] + 1, "character": 0}
        else:
            self._place = {"line": self._place["line"], "character": self._place["character"] + 1}

    def put_back(self) -> None:
        """Make the document again what it was when it was opened."""
        self.version += 1
        self.editor.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": self.uri, "version": self.version},
                "contentChanges": [{"text": self.text}],
            },
        )
        self.typed = 0
        self.__post_init__()

    def _insert(self, place: dict[str, int], text: str) -> None:
        self.version += 1
        self.editor.insert(self.uri, self.version, place, text)

    def _added(self) -> int:
        return (TYPED * (self.typed // len(TYPED) + 1))[: self.typed].count("\n")

    async def _asked(self, line: int) -> float:
        waited, before = waited_s(self.editor.pid), time.perf_counter()
        await self.editor.actions(self.uri, line)
        taken = time.perf_counter() - before
        self.waits.append(min(taken, waited_s(self.editor.pid) - waited))
        return taken


@contextlib.asynccontextmanager
async def jobs_running(sitting: Sitting) -> AsyncIterator[list[str]]:
    """Keep a job running on a document that nobody types into; yield what they ended with so far.

    Every function gets its turn, then every function again: a half-typed module could not be judged.
    """
    ended: list[str] = []

    async def keep() -> None:
        while True:
            for name in JOBS_ON:
                status = await sitting.run_job(sitting.line_of(f"def {name}("))
                ended.append(status)

    keeping = asyncio.create_task(keep())
    try:
        yield ended
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


def told(statuses: Sequence[str]) -> str:
    """Return how many jobs ended how, in words."""
    return ", ".join(f"{statuses.count(one)} {one}" for one in sorted(set(statuses))) or "none ended"
