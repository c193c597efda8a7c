"""The worker's own files, compiled for the interpreter that will run them.

A worker starts in milliseconds only with byte code at hand, and neither an installed package's folder nor the
sandbox can be written to. So the files stand once in Paceline's cache, under a name derived from their
content, beside the byte code of every interpreter that has used them.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from paceline.errors import WorkerFailed

_SOURCES = Path(__file__).parent / "worker"


async def install_worker(python: Path, cache: Path) -> Path:
    """Return the folder that holds ``serve.py`` and its siblings, compiled for ``python``.

    Safe for several processes at once. Raises WorkerFailed when the interpreter does not run.
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
        await _compile(python, made)
        # Inside the sandbox somebody else may be reading: root gives up its user there.
        made.chmod(0o755)  # noqa: ASYNC240 - a few microseconds
        try:
            made.rename(folder)  # noqa: ASYNC240
        except OSError:
            # Another process was quicker; its folder holds the same files.
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


async def _compile(python: Path, folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        python,
        "-I",
        "-S",
        "-m",
        "compileall",
        "-q",
        "--invalidation-mode",
        "unchecked-hash",
        folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin")},
    )
    try:
        _, said = await asyncio.wait_for(process.communicate(), 30)
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        words = said.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise WorkerFailed(
            f"{python} could not compile the judge's worker ({words[0]}); Python 3.9 or newer is needed"
        )
