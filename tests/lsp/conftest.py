"""Sessions with the real server process, and the folders they work in."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from paceline.workspace import trust
from tests.lsp.client import Client, capabilities

Connect = Callable[..., Awaitable[Client]]

SCRIPTED = (sys.executable, "-m", "tests.lsp.scripted_server")
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Paceline home of the test's own."""
    home = tmp_path / "home"
    monkeypatch.setenv("PACELINE_HOME", str(home))
    return home


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Path:
    """A trusted workspace without files."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "1"\n')
    trust(root)
    return root


Editors = Callable[[str], Awaitable[Client]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sessions(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editors]:
    """One session an editor for the tests of a module that change nothing but their own file."""
    home = tmp_path_factory.mktemp("home")
    clients: dict[str, Client] = {}

    async def session(editor: str) -> Client:
        if editor not in clients:
            client = await Client.start(*SCRIPTED, env={"PACELINE_HOME": str(home)}, folder=REPOSITORY)
            clients[editor] = client
            await client.initialize(
                capabilities(editor), root=None, options={"isTrusted": True, "status": editor == "vscode"}
            )
        client = clients[editor]
        client.notices.clear()
        return client

    yield session
    for client in clients.values():
        await client.kill()


@pytest_asyncio.fixture(loop_scope="module")
async def client(sessions: Editors) -> Client:
    """The module's session with VS Code, nothing heard of it yet."""
    return await sessions("vscode")


@pytest.fixture
async def connect(home: Path) -> AsyncIterator[Connect]:
    """Start a server over the scripted engine and initialize it as an editor would."""
    clients: list[Client] = []

    async def start(
        editor: str | dict[str, Any] = "vscode",
        *,
        root: Path | None,
        options: Any = None,
        answers: dict[str, Any] | None = None,
        command: tuple[str, ...] = SCRIPTED,
        **more: Any,
    ) -> Client:
        environment = {"PACELINE_HOME": str(home)}
        client = await Client.start(*command, env=environment, folder=REPOSITORY)
        clients.append(client)
        client.answers.update(answers or {})
        abilities = capabilities(editor) if isinstance(editor, str) else editor
        await client.initialize(abilities, root=root, options=options, **more)
        return client

    yield start
    for client in clients:
        await client.kill()
