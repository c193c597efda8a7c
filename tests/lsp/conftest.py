"""Sessions with the real server process, and the folders they work in."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

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
