"""A real workbench: code-server with the packaged extension, on a copy of the example, a home of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]
POLL_S = 0.05
START_S = 60.0
STORY_S = 240.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """One running workbench, and everything a story needs to know of it."""

    url: str
    tools: Path
    """Where setup.sh put code-server and what drives the browser."""
    shop: Path
    settings: Path
    home: Path
    """Paceline's home: what tells our server's process from others."""
    environment: dict[str, str]

    def tell(self, story: str, *, pictures: Path | None = None, theme: str = "dark") -> None:
        """Have the browser act a story out, and fail with what it says if it does not end well."""
        said = {
            "url": self.url,
            "folder": str(self.shop),
            "settings": str(self.settings),
            "home": str(self.home),
            "tools": str(self.tools),
            "browser": _browser(),
            "pictures": str(pictures) if pictures else "",
            "theme": theme,
        }
        finished = subprocess.run(
            ["node", str(HERE / "stories" / f"{story}.mjs"), json.dumps(said)],
            capture_output=True,
            text=True,
            timeout=STORY_S,
            env=self.environment,
        )
        print(finished.stdout)
        assert finished.returncode == 0, f"{finished.stdout}\n{finished.stderr}"


OpenWorkbench = Callable[..., Workbench]


@pytest.fixture
def open_workbench(tmp_path: Path) -> Iterator[OpenWorkbench]:
    """Start a workbench with the extension installed; settings are the person's own."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(*, has_server: bool = True, **settings: object) -> Workbench:
        tools = Path(_said([str(HERE / "setup.sh")]).strip().splitlines()[-1])
        shop, home, data = tmp_path / "shop", tmp_path / "home", tmp_path / "data"
        _copy_example(shop)
        user = data / "User" / "settings.json"
        user.parent.mkdir(parents=True)
        user.write_text(json.dumps({**_quiet(), **(_server() if has_server else {}), **settings}))
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "PACELINE_HOME": str(home),
            "HOME": str(tmp_path / "person"),
        }
        if has_server:
            ours = [str(REPOSITORY / "server"), str(REPOSITORY / "lessons")]
            environment["PYTHONPATH"] = os.pathsep.join(ours)
        (tmp_path / "person").mkdir()
        command = [
            "node",
            str(tools / "node_modules" / "code-server" / "out" / "node" / "entry.js"),
            *("--config", str(tmp_path / "config.yaml")),
            *("--user-data-dir", str(data)),
            *("--extensions-dir", str(tmp_path / "extensions")),
        ]
        (tmp_path / "config.yaml").write_text("auth: none\n")
        vsix = REPOSITORY / "client-vscode" / "paceline.vsix"
        _said([*command, "--install-extension", str(vsix)], environment)
        port = _free_port()
        log = (tmp_path / "workbench.log").open("wb")
        process = subprocess.Popen(
            [
                *command,
                *("--auth", "none", "--bind-addr", f"127.0.0.1:{port}"),
                *("--disable-telemetry", "--disable-update-check"),
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        processes.append(process)
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/healthz", process, tmp_path / "workbench.log")
        return Workbench(
            url=url,
            tools=tools,
            shop=shop,
            settings=user,
            home=home,
            environment=environment,
        )

    yield start
    for process in processes:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _copy_example(shop: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(REPOSITORY / "examples", shop, ignore=ignored)
    git = ["git", "-C", str(shop), "-c", "user.name=A person", "-c", "user.email=person@example.org"]
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "The shop"]):
        _said([*git, *arguments])


def _quiet() -> dict[str, object]:
    """Settings of a person who wants to see the editor, and nothing that would move in a picture."""
    return {
        "security.workspace.trust.startupPrompt": "always",
        "files.autoSave": "off",
        "telemetry.telemetryLevel": "off",
        "workbench.startupEditor": "none",
        "workbench.tips.enabled": False,
        "workbench.secondarySideBar.defaultVisibility": "hidden",
        "extensions.ignoreRecommendations": True,
        "editor.minimap.enabled": False,
        "editor.cursorBlinking": "solid",
        "editor.fontSize": 13,
        "window.commandCenter": False,
        "workbench.layoutControl.enabled": False,
        "chat.commandCenter.enabled": False,
        "git.blame.statusBarItem.enabled": False,
    }


def _server() -> dict[str, object]:
    """Settings of a person who has said where Paceline is installed: here, that is what is tested."""
    return {"paceline.server.interpreter": sys.executable}


def _browser() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if (found := shutil.which(name)) is not None:
            return found
    raise AssertionError("no Chromium; tests/editors/vscode/setup.sh says what to install")


def _said(command: list[str], environment: dict[str, str] | None = None) -> str:
    finished = subprocess.run(command, capture_output=True, text=True, timeout=STORY_S, env=environment)
    assert finished.returncode == 0, f"{command}\n{finished.stdout}\n{finished.stderr}"
    return finished.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(POLL_S)
        assert process.returncode is None, log.read_text()
    raise AssertionError(f"{url} does not answer; its log:\n{log.read_text()}")
