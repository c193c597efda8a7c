"""Bad days, at the wire, with the real server and engine: a clear message each, nothing lost, no hang."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from lessonbank.bank import Bank
from paceline.workspace import workspace_folder
from tests.lsp.client import Client, ResponseError
from tests.lsp.conftest import REPOSITORY, Connect
from tests.lsp.test_diagnostics import save
from tests.lsp.test_end_to_end import descendants, is_kept
from tests.lsp.test_jobs import has_ended, optimize

REAL = (sys.executable, "-m", "paceline", "serve", "--stdio")
RUN_S = 120
"""How long a run may take before the test calls it a hang."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc"),
]

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")


@pytest.fixture
def module(project: Path) -> Path:
    module = project / "customers.py"
    shutil.copy(REPOSITORY / "examples" / "shop" / "customers.py", module)
    return module


@pytest.fixture
def text(module: Path) -> str:
    return module.read_text()


def place_of(text: str, name: str) -> dict[str, int]:
    return {"line": text[: text.index(f"def {name}")].count("\n"), "character": 4}


async def asked(client: Client, module: Path, text: str, name: str = "unique_emails") -> Any:
    """Run on a function, and return the answer."""
    uri = client.open(module, text)
    _, answer = client.begin("paceline/optimize", optimize(uri, place_of(text, name), workDoneToken="t"))
    return await asyncio.wait_for(answer, RUN_S)


def said(client: Client) -> list[str]:
    return [str(params["message"]) for params in client.sent("window/showMessage")]


async def until_told(client: Client, start: str) -> None:
    await client.until(
        lambda: any(
            (params["value"].get("message") or "").startswith(start) for params in client.sent("$/progress")
        )
    )


async def test_the_server_is_killed_and_the_next_one_goes_on(
    connect: Connect, project: Path, module: Path, text: str
) -> None:
    first = await connect("vscode", root=project, command=REAL)
    uri = first.open(module, text)
    _, lost = first.begin(
        "paceline/optimize", optimize(uri, place_of(text, "unique_emails"), workDoneToken="t")
    )
    lost.add_done_callback(lambda future: future.cancelled() or future.exception())
    await until_told(first, "timing:")
    below = descendants(first.process.pid)
    first.process.kill()
    assert [pid for pid in below if not await has_ended(pid)] == []
    second = await connect("vscode", root=project, command=REAL)
    assert (await asked(second, module, text))["status"] == "faster"
    assert said(second) == []
    assert await second.shut_down() == 0
    with Bank.open(workspace_folder(project) / "bank") as bank:
        assert bank.problems() == []
        assert bank.lessons() != []


async def test_the_process_of_the_runs_is_killed_and_the_next_run_has_another(
    connect: Connect, project: Path, module: Path, text: str
) -> None:
    client = await connect("vscode", root=project, command=REAL)
    uri = client.open(module, text)
    command = {"command": "paceline.optimize", "arguments": [uri, place_of(text, "unique_emails")]}
    await client.request("workspace/executeCommand", command)
    await until_told(client, "timing:")
    below = descendants(client.process.pid)
    [kept] = [pid for pid in below if is_kept(pid)]
    os.kill(kept, signal.SIGKILL)
    message = await client.wait_for("window/showMessage")
    assert "the process of the runs ended" in message["message"]
    assert "ask again" in message["message"]
    assert [pid for pid in below if not await has_ended(pid)] == []
    assert (await asked(client, module, text))["status"] == "faster"


@pytest.fixture
def a_model_that_is_gone(home: Path) -> None:
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text(
        '[[team.members]]\nname = "qwen"\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "qwen"\n'
    )


@pytest.mark.usefixtures("a_model_that_is_gone")
async def test_an_endpoint_is_gone(connect: Connect, project: Path, module: Path, text: str) -> None:
    client = await connect("vscode", root=project, options={"status": True}, command=REAL)
    answer = await asked(client, module, text)
    assert answer["status"] == "faster", "the others go on without it"
    status = await client.wait_for("paceline/status", kind="member")
    assert status["message"].startswith("qwen lost its turn:")
    assert "127.0.0.1:9" in status["message"]


def permitting(folder: Path, *isolations: str) -> tuple[str, ...]:
    """Return the server's command on a machine where only these sandboxes work."""
    (folder / "sitecustomize.py").write_text(
        "import paceline.judge.sandbox.probe as probe\n"
        "works = probe._holds\n"
        f"probe._holds = lambda one: one.value in {isolations!r} and works(one)\n"
    )
    paths = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    return ("env", f"PYTHONPATH={paths}", *REAL)


async def test_without_bubblewrap_landlock_is_used(
    connect: Connect, tmp_path: Path, project: Path, module: Path, text: str
) -> None:
    client = await connect("vscode", root=project, command=permitting(tmp_path, "landlock"))
    try:
        answer = await asked(client, module, text)
    except ResponseError as error:
        pytest.skip(f"no Landlock here: {error}")
    assert answer["status"] == "faster", answer


async def test_without_any_sandbox_it_is_said_what_to_install_and_hints_go_on(
    connect: Connect, tmp_path: Path, project: Path, module: Path, text: str
) -> None:
    client = await connect("emacs", root=project, command=permitting(tmp_path))
    with pytest.raises(ResponseError, match="Install bubblewrap") as caught:
        await asked(client, module, text)
    assert caught.value.code == -32803
    shown = await client.wait_for("textDocument/publishDiagnostics", uri=module.as_uri())
    assert shown["diagnostics"] != []


NEEDS_A_CONNECTION = """\
import socket


def forward(connection, owners: list[str]) -> list[str]:
    if not isinstance(connection, socket.SocketType) or connection.fileno() < 10_000:
        raise TypeError("a connection is wanted")
    seen = []
    for owner in owners:
        if owner not in seen:
            seen.append(owner)
    return seen
"""


async def test_nothing_calls_a_function_and_it_is_said_what_to_add(connect: Connect, project: Path) -> None:
    client = await connect("vscode", root=project, command=REAL)
    answer = await asked(client, project / "mail.py", NEEDS_A_CONNECTION, "forward")
    assert answer["status"] == "cannot-judge", answer
    assert "add a type hint for parameter 'connection', or a test that calls it" in answer["reason"]


async def test_settings_that_cannot_be_read_are_said_and_mended_without_a_restart(
    connect: Connect, project: Path, module: Path, text: str
) -> None:
    (project / ".paceline.toml").write_text("[hints\nenable = ")
    client = await connect("emacs", root=project, command=REAL)
    uri = client.open(module, text)
    message = await client.wait_for("window/showMessage")
    assert ".paceline.toml" in message["message"]
    shown = await client.wait_for("textDocument/publishDiagnostics", uri=uri)
    assert shown["diagnostics"] != [], "what needs no settings goes on"
    (project / ".paceline.toml").write_text("[hints]\nenable = false\n")
    save(client, uri)
    shown = await client.wait_for("textDocument/publishDiagnostics", uri=uri, count=2)
    assert shown["diagnostics"] == []


@needs_bubblewrap
async def test_a_workspace_that_cannot_be_written_is_no_obstacle(
    connect: Connect, project: Path, module: Path, text: str
) -> None:
    around = ("bwrap", "--dev-bind", "/", "/", "--ro-bind", str(project), str(project), "--die-with-parent")
    client = await connect("vscode", root=project, command=(*around, "--", *REAL))
    assert (await asked(client, module, text))["status"] == "faster"
    assert said(client) == []


def in_little_room(folder: Path, room: int, *starter: str) -> tuple[str, ...]:
    """Return the server's command on a machine where a folder has so many bytes of disk, and no more."""
    folder.mkdir(parents=True, exist_ok=True)
    size = ("--size", str(room), "--tmpfs", str(folder))
    return ("bwrap", "--dev-bind", "/", "/", "--die-with-parent", *size, "--", *starter, *REAL)


FILL = """
(until ls "$0"/*/bank/cache.db >/dev/null 2>&1; do sleep 0.02; done; cat /dev/zero >"$0"/filled 2>/dev/null) &
exec "$@"
"""
"""Fills the disk as soon as there is a bank on it."""


@needs_bubblewrap
@pytest.mark.parametrize("when", ["before there is a bank", "while there is one"])
async def test_no_room_for_lessons_costs_the_lessons_and_nothing_else(
    connect: Connect, home: Path, project: Path, module: Path, text: str, when: str
) -> None:
    folder = home / "workspaces"
    if when == "before there is a bank":
        command = in_little_room(folder, 16_384)
    else:
        command = in_little_room(folder, 4_194_304, "sh", "-c", FILL, str(folder))
    options = {"isTrusted": True, "status": True}
    client = await connect("vscode", root=project, options=options, command=command)
    answer = await asked(client, module, text)
    assert answer["status"] == "faster", answer
    heard = said(client) + [str(one["message"]) for one in client.sent("paceline/status")]
    assert [one for one in heard if "full" in one or "will not be kept" in one], heard
    assert await client.shut_down() == 0


@needs_bubblewrap
async def test_no_room_at_all_is_said(
    connect: Connect, home: Path, project: Path, module: Path, text: str
) -> None:
    command = in_little_room(home, 16_384)
    client = await connect("vscode", root=project, options={"isTrusted": True}, command=command)
    answer = await asked(client, module, text)
    assert answer["status"] == "cannot-judge", answer
    assert "No space left on device" in answer["reason"]
    assert await client.shut_down() == 0
