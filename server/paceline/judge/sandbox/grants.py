"""What a sandboxed process may see, and how much of the machine it may use."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from paceline.workspace.roots import is_shared_folder

_MIB = 1024 * 1024

_SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
    "/nix/store", "/gnu/store", "/home/linuxbrew/.linuxbrew",
    "/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives",
    "/sys/devices/system/cpu",
)  # fmt: skip
"""Programs and libraries, the loader's cache, the time zone, and how many cores there are."""

_SECRETS = (".env", ".env.*", ".envrc", ".netrc", ".npmrc", ".pypirc", ".git-credentials", ".git")
"""Names, at the top of a workspace, of what code under judgement has no business reading."""


VIEW = Path("/run/paceline/workspace")
"""Where a folder is seen in the sandbox that has been put out of its own place."""
PRIVATE_MB = 128
"""Size of the writable one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of the machine a sandboxed process and all it starts may use. The kernel enforces it."""

    memory_bytes: int = 2048 * _MIB
    """Address space of each process. Several processes may use as much each."""
    cpu_s: int = 120
    """Processor seconds of each process; beyond them it is killed."""
    file_bytes: int = 64 * _MIB
    """Size of any one file written."""
    processes: int = 32
    """Processes and threads alive at once, all together."""
    open_files: int = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """What a sandboxed process may see. Whatever is not named does not exist for it, or cannot be opened."""

    readable: tuple[Path, ...]
    """Absolute. Folders with all they hold, and single files. A symbolic link is granted as a link: what it
    points to has to be granted itself."""
    environment: Mapping[str, str]
    """Its whole environment, beside HOME and TMPDIR, which name its scratch folder."""
    workdir: Path
    """Where it starts: something readable, or ``/``."""
    writable_scratch_mb: int = 64
    """Size, in MiB, of the one folder it may write to: empty at the start, gone at the end."""
    hidden: tuple[Path, ...] = field(default=())
    """Exceptions inside readable folders: files read as empty or not at all, folders likewise."""
    private: Path | None = None
    """A readable folder in whose place an empty writable one stands. What it holds is seen below VIEW, for
    the process to copy. Only bubblewrap can do that."""


def python_grants(
    python: Path,
    root: Path,
    extra: Sequence[Path] = (),
    *,
    environment: Mapping[str, str] | None = None,
    writable_scratch_mb: int = 64,
) -> Grants:
    """All that ``python`` needs to run code of the workspace at ``root``, and no more.

    That is: the interpreter's own installation, its virtual environment and the links on the way to both, the
    system's programs and libraries, the workspace without its secrets, and ``extra``. Never the home folder,
    never ``/``: where the workspace *is* such a shared folder, only the Python files directly in it. An
    editable install is seen when its source lies in the workspace.
    """
    python, real_root = python.absolute(), root.resolve()
    workspace = sorted(real_root.glob("*.py")) if is_shared_folder(real_root) else [root.absolute()]
    wanted = [*_interpreter_parts(python), *workspace, *(path.absolute() for path in extra)]
    system = [Path(name) for name in _SYSTEM if Path(name).exists()]
    base_environment = {
        "PATH": os.pathsep.join((str(python.parent), "/usr/local/bin", "/usr/bin", "/bin")),
        "LANG": "C.UTF-8",
        # The workspace is read-only in the sandbox, so there is nowhere to put byte code.
        "PYTHONDONTWRITEBYTECODE": "1",
        # HOME is the scratch folder in the sandbox, so packages below the real one have to be pointed out.
        "PYTHONUSERBASE": str(_user_base()),
    }
    return Grants(
        readable=_without_nested([*system, *(place for path in wanted for place in _way_to(path))]),
        environment={**base_environment, **(environment or {})},
        workdir=Path("/") if is_shared_folder(real_root) else real_root,
        writable_scratch_mb=writable_scratch_mb,
        hidden=tuple(_secrets_of(real_root)),
    )


def with_private_copy(grants: Grants, root: Path, python: Path) -> Grants:
    """Let a process write to the folder ``root``, resolved, without anything outside being changed.

    The folder is empty but for what the interpreter needs of it, see ``Grants.private``.
    """
    parts = [place for part in _interpreter_parts(python.absolute()) for place in _way_to(part)]
    inside = [path for path in parts if path.is_relative_to(root) and path != root]
    readable = tuple(dict.fromkeys([*grants.readable, *_without_nested(inside)]))
    return replace(grants, readable=readable, private=root)


def _interpreter_parts(python: Path) -> Iterator[Path]:
    """Every folder or file that makes up one interpreter, links unresolved."""
    yield python
    configuration = _configuration_of(python)
    homes = [python.resolve().parent]
    if configuration is None:
        yield from _user_base().glob("lib/python3*/site-packages")
    else:
        yield from _installation(configuration.parent.resolve())
        homes += _homes_of(configuration)
    for home in homes:
        # For the links on the way; the folder itself may hold other programs.
        yield home / python.name
        yield from _installation(home.resolve().parent)


def _configuration_of(python: Path) -> Path | None:
    """What makes an interpreter one of a virtual environment (PEP 405)."""
    places = (python.parent / "pyvenv.cfg", python.parent.parent / "pyvenv.cfg")
    return next((place for place in places if place.is_file()), None)


def _installation(prefix: Path) -> Iterable[Path]:
    """A prefix as a whole, or, where it is somebody's home folder, only the Python in it."""
    if not is_shared_folder(prefix):
        return [prefix]
    return [*prefix.glob("bin/python3*"), *prefix.glob("lib/python3*"), *prefix.glob("lib/libpython3*")]


def _homes_of(configuration: Path) -> list[Path]:
    """Where a virtual environment says its base interpreter lives: at most one folder."""
    lines = configuration.read_text(encoding="utf-8", errors="replace").splitlines()
    entries = {
        key.strip().lower(): value.strip() for key, _, value in (line.partition("=") for line in lines)
    }
    home = entries.get("home", "")
    return [Path(home)] if home.startswith("/") else []


def _user_base() -> Path:
    """Where ``pip install --user`` puts things."""
    return Path(os.environ.get("PYTHONUSERBASE") or Path.home() / ".local")


def _way_to(path: Path) -> list[Path]:
    """The symbolic links that opening ``path`` goes through, in order, and the real place at the end."""
    links: list[Path] = []
    walked, ahead = Path("/"), list(path.parts[1:])
    while ahead and len(links) < 40:  # The kernel gives up after 40 links as well.
        step = ahead.pop(0)
        here = walked.parent if step == ".." else walked / step
        if not here.is_symlink():
            walked = here
            continue
        links.append(here)
        target = here.readlink()
        ahead = [*(target.parts[1:] if target.is_absolute() else target.parts), *ahead]
        walked = Path("/") if target.is_absolute() else walked
    return [*links, walked] if walked.exists() else links


def _without_nested(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Each path once, without those that another one holds already. A link holds nothing."""
    unique = dict.fromkeys(paths)
    folders = {path for path in unique if path.is_dir() and not path.is_symlink()}
    return tuple(path for path in unique if not folders.intersection(path.parents))


def _secrets_of(root: Path) -> Iterator[Path]:
    for pattern in _SECRETS:
        for found in sorted(root.glob(pattern)):
            real = found.resolve()
            is_environment = real.is_dir() and found.name != ".git"
            if not is_environment and real.exists() and real.is_relative_to(root):
                yield real
