"""One worker process, seen from the controller: started in the sandbox, asked in frames, killed at the end.

Whatever comes back is untrusted: frames are bounded, heads are parsed as JSON, and attachments stay bytes
until somebody compares them.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from paceline.errors import PacelineError
from paceline.judge.memory import PeakMemory
from paceline.judge.sandbox import VIEW, Grants, Isolation, Limits, SandboxedProcess, launch
from paceline.judge.stopwatch import Stopwatch, Took

_LENGTH = struct.Struct(">I")
_LARGEST_FRAME = 256 * 1024 * 1024

_ENVIRONMENT = {
    # Library threads would make one side of a timing use another core, and count as threads of the candidate.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "PYTHONUTF8": "1",
}


class WorkerEnded(PacelineError):
    """The process died, or stopped speaking the protocol, in the middle of a command."""

    def __init__(self, how: str, stderr: str, *, broke_protocol: bool = False) -> None:
        super().__init__(how)
        self.how = how
        self.stderr = stderr
        self.broke_protocol = broke_protocol
        """It sent something that is no answer. What runs in it has reached for the channel."""


class WorkerTimedOut(PacelineError):
    """No answer within the controller's wall clock limit. The process has been killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What every worker of one target has in common."""

    python: Path
    folder: Path
    """Where serve.py stands."""
    grants: Grants
    limits: Limits
    isolation: Isolation
    file: Path
    root: Path
    name: str
    seed: int
    sends: bool = False
    """The target is a generator that uses what is sent to it."""
    frozen: bool = False
    """The clock stands still, from before the target's module is loaded."""
    files: bool = False
    """The target writes files: what becomes of them is observed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One message of a worker."""

    head: Mapping[str, Any]
    attached: tuple[bytes, ...]
    arrived: float
    """When its head was complete, on this process's performance counter, in seconds."""


class Worker:
    """A running worker. Leave its context to kill it; nothing survives."""

    def __init__(self, process: SandboxedProcess, setting: Setting) -> None:
        self._process = process
        self._setting = setting
        self._token = secrets.token_hex(16)
        self._stopwatch: Stopwatch | None = None
        self._memory: PeakMemory | None = None

    @classmethod
    async def open(cls, setting: Setting, role: str = "work", *, script: str = "serve.py") -> Worker:
        """Start a process for work (checking or timing), inputs or tests. Nothing of the workspace runs yet.

        Only a project's tests are given the environment's start-up files: they may need what stands there.
        """
        argv = [
            str(setting.python),
            *(() if role == "tests" else ("-S",)),
            "-s",
            "-B",
            str(setting.folder / script),
            "{request_fd}",
            "{result_fd}",
            role,
        ]
        launching = asyncio.ensure_future(
            launch(argv, setting.grants, setting.limits, isolation=setting.isolation)
        )
        try:
            process = await asyncio.shield(launching)
        except asyncio.CancelledError:
            # A process that nobody holds would outlive the judge.
            await (await launching).kill()
            raise
        return cls(process, setting)

    async def started(self, packages: Sequence[str] = (), *, limit_s: float) -> None:
        """Wait until the process is up and has imported the packages it can. Raises as ``ask`` does."""
        fields = {
            "token": self._token,
            "packages": list(packages),
            "file": str(self._setting.file),
            "root": str(self._setting.root),
            "limit_s": limit_s,
        }
        await self.ask("start", fields, limit_s=limit_s + 1)

    async def begin(self, command: str, fields: Mapping[str, Any]) -> None:
        """Send the first command without waiting for its answer."""
        await self.tell(command, {"token": self._token, **fields})

    async def bind(self, processor: int) -> None:
        """Keep the process on one processor. Before ``load``. Raises as ``ask`` does."""
        await self.ask("bind", {"token": self._token, "processor": processor}, limit_s=10)

    async def load(self, source: bytes, *, audit: bool, limit_s: float) -> Answer:
        """Import the target's module from ``source``. The answer has ``failed`` when that raised.

        With ``audit`` the process notes what the interpreter reports, which takes time.
        """
        setting = self._setting
        return await self.ask(
            "load",
            {
                "token": self._token,
                "file": str(setting.file),
                "root": str(setting.root),
                "name": setting.name,
                "seed": setting.seed,
                "sends": setting.sends,
                "audit": audit,
                "frozen": setting.frozen,
                "files": setting.files,
                "view": str(VIEW) if setting.grants.private is not None else "",
                "limit_s": limit_s,
            },
            [source],
            limit_s=limit_s + 1,
        )

    async def ask(
        self, command: str, fields: Mapping[str, Any], attached: Sequence[bytes] = (), *, limit_s: float
    ) -> Answer:
        """Send a command and return its first answer.

        Raises WorkerTimedOut after ``limit_s`` seconds and WorkerEnded when the process is gone or breaks the
        protocol. Either way it is dead afterwards.
        """
        await self.tell(command, fields, attached)
        return await self.answer(limit_s=limit_s)

    async def tell(self, command: str, fields: Mapping[str, Any], attached: Sequence[bytes] = ()) -> None:
        """Send a command without waiting for the answer."""
        self._write(command, fields, attached)
        try:
            await self._process.writer.drain()
        except (ConnectionError, BrokenPipeError):
            # The answer that cannot come says what happened.
            return

    @property
    def memory(self) -> PeakMemory:
        """The watch over the memory of the process. Not before its first answer."""
        if self._memory is None:
            self._memory = PeakMemory(self._process.worker_pid())
        return self._memory

    async def timed(self, command: str, fields: Mapping[str, Any], *, limit_s: float) -> tuple[Took, Answer]:
        """Send a command and return what it took, as a stopwatch outside the process has it."""
        if self._stopwatch is None:
            self._stopwatch = Stopwatch(self._process.worker_pid(), self._process.around_pid())
        # The watch starts before the command leaves: the worker may well run before this process does again.
        self._stopwatch.start()
        self._write(command, fields, ())
        answer = await self.answer(limit_s=limit_s)
        return self._stopwatch.took(answer.arrived), answer

    def of_children(self) -> float:
        """Return the processor seconds of processes that it started and that have ended, as far as known."""
        return self._stopwatch.of_children() if self._stopwatch is not None else 0.0

    def has_company(self) -> bool:
        """Whether other processes live in its sandbox, as far as known."""
        return self._stopwatch is not None and self._stopwatch.has_company()

    async def results(self, indices: Sequence[int], *, limit_s: float) -> tuple[float, Answer]:
        """Return results of the last block, and the processor seconds used since that was said to be done."""
        answer = await self.ask("results", {"indices": list(indices)}, limit_s=limit_s)
        used = self._stopwatch.used_since() if self._stopwatch is not None else None
        return float(answer.head["idle_cpu"]) if used is None else used, answer

    async def answer(self, *, limit_s: float) -> Answer:
        """Return the next message. Raises as ``ask`` does."""
        try:
            async with asyncio.timeout(limit_s):
                return await self._read()
        except TimeoutError:
            await self.close()
            raise WorkerTimedOut(f"no answer within {limit_s:.1f} s") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise await self._ended("") from None
        except (ValueError, RecursionError, KeyError) as error:
            raise await self._ended(f"it sent something that is no answer ({error})") from error

    async def close(self) -> None:
        """Kill the process and all it started, and wait until they are gone."""
        await self._process.kill()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _write(self, command: str, fields: Mapping[str, Any], attached: Sequence[bytes]) -> None:
        head = json.dumps({"do": command, "attached": len(attached), **fields}).encode()
        parts = []
        for payload in (head, *attached):
            parts.append(_LENGTH.pack(len(payload)))
            parts.append(payload)
        self._process.writer.write(b"".join(parts))

    async def _read(self) -> Answer:
        payload = await self._frame()
        arrived = time.perf_counter()
        head = json.loads(payload)
        if not isinstance(head, dict) or head.get("token") != self._token:
            raise ValueError("an answer without this worker's token")
        count = head.get("attached", 0)
        if type(count) is not int or not 0 <= count <= 10_000:
            raise ValueError("an impossible number of attachments")
        attached = [await self._frame() for _ in range(count)]
        return Answer(head, tuple(attached), arrived)

    async def _frame(self) -> bytes:
        (length,) = _LENGTH.unpack(await self._process.reader.readexactly(_LENGTH.size))
        if length > _LARGEST_FRAME:
            raise ValueError(f"a frame of {length} bytes")
        return await self._process.reader.readexactly(length)

    async def _ended(self, broken: str) -> WorkerEnded:
        how = broken
        if not broken:
            # It closed its pipe: give it a moment to say with what status.
            try:
                async with asyncio.timeout(2):
                    status = await self._process.wait()
                how = f"signal {status - 128} killed it" if status > 128 else f"it left with status {status}"
            except TimeoutError:
                how = "it closed its pipe"
        await self.close()
        said = self._process.stderr_tail.decode("utf-8", "replace")[-2000:]
        return WorkerEnded(how, said, broke_protocol=bool(broken))


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment every worker starts with. The hash seed is left to each process to draw."""
    return {**_ENVIRONMENT, **(extra or {})}
