"""Projects: the roots the open documents belong to, each with its settings, its trust and its engine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from paceline.errors import InvalidSettings, NotTrusted
from paceline.lsp.documents import Document
from paceline.workspace import (
    Dismissals,
    Layer,
    Settings,
    find_root,
    is_trusted,
    load_settings,
    paceline_home,
    read_dismissals,
    workspace_folder,
)
from paceline.workspace.dismissals import DISMISSALS
from paceline.workspace.profiles import PROFILE, Profile, read_profile
from paceline.workspace.roots import MARKERS

if TYPE_CHECKING:
    from paceline.engine import Engine


class OpenEngine(Protocol):
    """How an engine is opened: ``Engine.open``, or a fake in tests."""

    def __call__(self, root: Path, *, settings: Settings, trusted: bool) -> Engine:
        """Open the engine of a root."""
        ...


class Project:
    """One root. Guards its engine: opened when first needed, opened anew when what it depends on changes."""

    def __init__(
        self,
        root: Path,
        *,
        settings: Settings,
        trusted: bool,
        open_engine: OpenEngine,
        on_note: Callable[[str], None],
    ) -> None:
        self.root = root
        self.settings = settings
        self.trusted = trusted
        self.dismissals: Dismissals = ()
        """What a person does not want to be shown again here."""
        self.profile: Profile | None = None
        """What the latest profiled run spent its time in."""
        self._open_engine = open_engine
        self._on_note = on_note
        self._opening: asyncio.Task[Engine] | None = None
        self._runs: dict[asyncio.Task[Engine], int] = {}
        self._retired: set[asyncio.Task[Engine]] = set()
        self._at_work: set[asyncio.Task[Any]] = set()
        """What uses an engine to run code of the project."""

    async def engine(self) -> Engine:
        """Return the engine for quick questions. Opening it reads files, so it is done off the loop."""
        return await asyncio.shield(self._opened())

    @contextlib.asynccontextmanager
    async def running_engine(self) -> AsyncIterator[Engine]:
        """Yield the engine for a run, or to teach, which keeps it open although the settings may change.

        Raises NotTrusted, also out of the work that goes on, where trust is withdrawn.
        """
        if not self.trusted:
            raise self._not_trusted_any_more()
        opening, work = self._opened(), asyncio.current_task()
        assert work is not None
        # Counted before it is waited for: settings that change meanwhile would close it.
        self._runs[opening] = self._runs.get(opening, 0) + 1
        self._at_work.add(work)
        try:
            yield await asyncio.shield(opening)
        except asyncio.CancelledError:
            if work in self._at_work:
                raise
            work.uncancel()
            raise self._not_trusted_any_more() from None
        finally:
            self._at_work.discard(work)
            self._runs[opening] -= 1
            await self._close_if_idle(opening)

    def somebody_types(self) -> None:
        """Tell the engines at work, if any."""
        for opening, runs in self._runs.items():
            if runs and _is_open(opening):
                opening.result().somebody_types()

    def adapt(self, *, settings: Settings, trusted: bool) -> bool:
        """Take new settings over at once. Returns whether anything changed: then the engine is outdated.

        Where trust is withdrawn, what runs code of the project ends.
        """
        if settings == self.settings and trusted == self.trusted:
            return False
        self.settings, self.trusted = settings, trusted
        while not trusted and self._at_work:
            self._at_work.pop().cancel()
        return True

    async def close(self) -> None:
        """Close the engine, at once or when its last run has ended."""
        opening, self._opening = self._opening, None
        if opening is not None:
            self._retired.add(opening)
            await self._close_if_idle(opening)

    def _opened(self) -> asyncio.Task[Engine]:
        """Return the engine that is open or being opened; one that could not be opened is tried anew."""
        if self._opening is None or (self._opening.done() and not _is_open(self._opening)):
            self._opening = asyncio.create_task(self._open())
        return self._opening

    def _not_trusted_any_more(self) -> NotTrusted:
        return NotTrusted(f"{self.root} is not trusted any more, so nothing of it is run")

    async def _open(self) -> Engine:
        engine = await asyncio.to_thread(
            self._open_engine, self.root, settings=self.settings, trusted=self.trusted
        )
        for note in engine.notes:
            self._on_note(note)
        return engine

    async def _close_if_idle(self, opening: asyncio.Task[Engine]) -> None:
        if opening in self._retired and not self._runs.get(opening):
            self._retired.discard(opening)
            self._runs.pop(opening, None)
            with contextlib.suppress(Exception):  # An engine that never opened has nothing to close.
                await (await opening).close()


class Projects:
    """Every project of the session. Guards what the client has said about settings, folders and trust."""

    def __init__(self, *, open_engine: OpenEngine, on_problem: Callable[[str], None]) -> None:
        self._open_engine = open_engine
        self._on_problem = on_problem
        self._projects: dict[Path, Project] = {}
        self._stamps: dict[Path, tuple[object, ...]] = {}
        self._roots: dict[Path, Path] = {}
        self._asked: set[Path] = set()
        self.folders: tuple[Path, ...] = ()
        """The client's workspace folders."""
        self.initialization_options: Mapping[str, Any] = {}
        self.configuration: Mapping[str, Any] = {}
        """What the client answered to ``workspace/configuration``, or sent with a change of it."""
        self.client_trusts: bool | None = None
        """The client's own word on trust (VS Code has one); None when it has none."""

    def of(self, document: Document) -> Project:
        """Return the project of a document, read now if it is the first document of it."""
        return self._at(self.root_of(document))

    def all(self) -> tuple[Project, ...]:
        """Return every project of the session: of documents, and of the client's folders."""
        for folder in self.folders:
            self._at(find_root(folder))
        return tuple(self._projects.values())

    def known(self) -> tuple[Project, ...]:
        """Return the projects that were read so far."""
        return tuple(self._projects.values())

    def _at(self, root: Path) -> Project:
        if (project := self._projects.get(root)) is None:
            settings, trusted = self._read(root)
            project = Project(
                root,
                settings=settings,
                trusted=trusted,
                open_engine=self._open_engine,
                on_note=self._on_problem,
            )
            project.dismissals = read_dismissals(root)
            project.profile, _ = read_profile(root)
            self._projects[root] = project
        return project

    def root_of(self, document: Document) -> Path:
        """Return where a document's project begins.

        The nearest marker (pyproject.toml, .git, ...) decides; without one the workspace folder around the
        file, else the file's own folder. A document that is no file belongs to the first workspace folder.
        """
        if not document.is_file:
            return self.folders[0] if self.folders else Path.cwd()
        folder = document.path.parent
        if folder not in self._roots:
            self._roots[folder] = self._find_root(document.path)
        return self._roots[folder]

    def may_ask(self, root: Path) -> bool:
        """Whether the person may be asked to trust a root: once a session, so that a no stays a no."""
        if root in self._asked:
            return False
        self._asked.add(root)
        return True

    async def refresh(self) -> bool:
        """Read again what is kept of every project: settings, trust, dismissals, profile.

        Returns whether any of it changed.
        """
        changed, outdated = False, []
        # All are read before anything is waited for: trust that is withdrawn holds for no request any more.
        for root, project in list(self._projects.items()):
            settings, trusted = self._read(root)
            if project.adapt(settings=settings, trusted=trusted):
                outdated.append(project)
            dismissals = read_dismissals(root)
            # What of a profile cannot be read is said where somebody asks for it, in the terminal.
            profile, _ = read_profile(root)
            changed |= dismissals != project.dismissals or profile != project.profile
            project.dismissals, project.profile = dismissals, profile
        await asyncio.gather(*(project.close() for project in outdated))
        return changed or bool(outdated)

    async def refresh_if_touched(self, root: Path) -> bool:
        """Look whether a file that ``refresh`` reads has changed on disk, and read them all again if so.

        Asked on every save, because some clients cannot watch files.
        """
        with contextlib.suppress(InvalidSettings):
            # Without a data folder nothing is known to be the same; that was said when the project opened.
            if self._stamps.get(root) == _stamps(root):
                return False
        return await self.refresh()

    def move_folders(self, *, added: Iterable[Path], removed: Iterable[Path]) -> None:
        """Take a change of the workspace folders over. Roots are looked for again."""
        gone = set(removed)
        self.folders = (*(folder for folder in self.folders if folder not in gone), *added)
        self.forget_roots()

    def forget_roots(self) -> None:
        """Look for the roots of documents again: files or folders were moved."""
        self._roots.clear()

    def around(self, path: Path) -> Project | None:
        """Return the innermost project known whose root holds a path, which need not exist."""
        roots = [root for root in self._projects if path.is_relative_to(root)]
        return self._projects[max(roots, key=lambda root: len(root.parts))] if roots else None

    async def close(self) -> None:
        """Close every engine."""
        for project in self._projects.values():
            await project.close()

    def _read(self, root: Path) -> tuple[Settings, bool]:
        try:
            return self._read_files(root)
        except InvalidSettings as error:
            # Nothing can be kept, so nobody's trust can be known either. What needs neither still works.
            self._on_problem(str(error))
            return Settings(), False

    def _read_files(self, root: Path) -> tuple[Settings, bool]:
        trusted = self._is_trusted(root)
        self._stamps[root] = _stamps(root)
        said = (
            Layer(source="the editor's initialization options", values=self.initialization_options),
            Layer(source="the editor's settings", values=self.configuration),
        )
        settings, problems = load_settings(root, trusted=trusted, overrides=said)
        for problem in problems:
            self._on_problem(str(problem))
        return settings, trusted

    def _is_trusted(self, root: Path) -> bool:
        if self.client_trusts is False:
            return False
        inside = not self.folders or any(root.is_relative_to(folder) for folder in self.folders)
        return bool(self.client_trusts and inside) or is_trusted(root)

    def _find_root(self, path: Path) -> Path:
        root = find_root(path)
        around = [folder for folder in self.folders if path.is_relative_to(folder)]
        # Where nothing marks a project, find_root answers with the file's own folder.
        if around and not any((root / marker).exists() for marker in MARKERS):
            return max(around, key=lambda folder: len(folder.parts))
        return root


def _is_open(opening: asyncio.Task[Engine]) -> bool:
    return opening.done() and not opening.cancelled() and opening.exception() is None


def _stamps(root: Path) -> tuple[object, ...]:
    """Return what tells one state of the settings files from another.

    Raises InvalidSettings where there can be no data folder.
    """
    return tuple(
        _stamp(path)
        for path in (
            root / "pyproject.toml",
            root / ".paceline.toml",
            paceline_home() / "settings.toml",
            workspace_folder(root) / DISMISSALS,
            workspace_folder(root) / PROFILE,
        )
    )


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
