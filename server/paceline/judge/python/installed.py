"""The worker's own files, compiled for the interpreter that will run them.

A worker starts in milliseconds only with byte code at hand, and neither an installed package's folder nor the
sandbox can be written to. So the files stand once in Paceline's cache, under a name derived from their
content, beside the byte code that their interpreter made of them. That interpreter is the workspace's and may
be anything: it runs in the sandbox here as well, and what it hands back is used by itself alone.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from paceline.errors import WorkerFailed
from paceline.judge.sandbox import Isolation, Limits, launch, python_grants

_SOURCES = Path(__file__).parent / "worker"
_COMPILING = "compiling.py"
_LIMIT_S = 30.0
_LARGEST_ANSWER = 64 * 1024 * 1024
_TAG = re.compile(r"[A-Za-z0-9_-]{1,40}")
_OLDEST = (3, 9)


async def install_worker(python: Path, cache: Path, *, root: Path, isolation: Isolation) -> Path:
    """Return the folder that holds ``serve.py`` and its siblings, compiled for ``python``.

    Safe for several processes at once. Raises WorkerFailed when the interpreter does not run or is older than
    Python 3.9, OSError where there is none, and IsolationUnavailable.
    """
    sources = sorted(_SOURCES.glob("*.py"))
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    status = await asyncio.to_thread(python.stat)
    key = hashlib.sha256(f"{python}\0{status.st_mtime_ns}\0{digest.hexdigest()}".encode()).hexdigest()[:20]
    folder = cache / "workers" / key
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".making-"))
    try:
        for source in sources:
            shutil.copyfile(source, made / source.name)
        # Inside the sandbox somebody else may be reading: root gives up its user there.
        made.chmod(0o755)  # noqa: ASYNC240 - a few microseconds
        _write_code(await _compiled(python, made, root, isolation), made, python)
        try:
            made.rename(folder)  # noqa: ASYNC240
        except OSError:
            # Another process was quicker; its folder holds the same files.
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


async def _compiled(python: Path, folder: Path, root: Path, isolation: Isolation) -> Mapping[str, Any]:
    """Return what ``compiling.py`` says. Raises WorkerFailed."""
    argv = [str(python), "-I", "-S", "-B", str(folder / _COMPILING), "{result_fd}"]
    grants = python_grants(python, root, [folder])
    answer = bytearray()
    async with await launch(argv, grants, Limits(cpu_s=60), isolation=isolation) as process:
        try:
            async with asyncio.timeout(_LIMIT_S):
                while chunk := await process.reader.read(1 << 20):
                    answer += chunk
                    if len(answer) > _LARGEST_ANSWER:
                        break
                if not answer:
                    await process.wait()
        except TimeoutError:
            raise WorkerFailed(f"{python} did not compile the judge's worker within {_LIMIT_S:g} s") from None
        words = process.stderr_tail.decode("utf-8", "replace").strip().splitlines()[-1:]
    try:
        said = json.loads(answer)
        version = tuple(int(part) for part in said["version"])
        if version >= _OLDEST:
            return {"tag": str(said["tag"]), "code": dict(said["code"])}
    except (ValueError, TypeError, KeyError, RecursionError):
        raise WorkerFailed(
            f"{python} could not compile the judge's worker ({(words or ['it said nothing'])[0]}); "
            "it has to be Python 3.9 or newer"
        ) from None
    shown = ".".join(map(str, version[:3]))
    raise WorkerFailed(f"{python} is Python {shown}; the judge needs 3.9 or newer to run the code")


def _write_code(said: Mapping[str, Any], folder: Path, python: Path) -> None:
    """Put the byte code where the interpreter looks for it. What it calls its files is not taken on trust."""
    tag = said["tag"]
    try:
        if not _TAG.fullmatch(tag):
            raise ValueError("no cache tag")
        code = {path.stem: base64.b64decode(said["code"][path.stem]) for path in folder.glob("*.py")}
    except (ValueError, TypeError, KeyError):
        raise WorkerFailed(f"{python} sent something that is no byte code of the judge's worker") from None
    place = folder / "__pycache__"
    place.mkdir()
    for name, compiled in code.items():
        (place / f"{name}.{tag}.pyc").write_bytes(compiled)
    place.chmod(0o755)
