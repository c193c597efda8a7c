"""Without the modules that only POSIX has, everything imports and parses, and says what is not available."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

PREAMBLE = """
import importlib.abc, sys

class PosixOnly(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in {"fcntl", "resource", "pwd", "grp", "termios", "_posixsubprocess_missing"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, PosixOnly())
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules.pop(name, None)
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PREAMBLE + textwrap.dedent(code)], capture_output=True, text=True, timeout=60
    )


def test_the_server_imports_and_parses_without_posix_modules(tmp_path: Path) -> None:
    source = tmp_path / "sums.py"
    source.write_text("def total(values):\n    return sum(values)\n")
    done = run(
        f"""
        import paceline.cli, paceline.engine, paceline.judge, paceline.lsp, paceline.workspace
        from pathlib import Path
        from paceline.syntax import Snapshot, find_targets
        path = Path({str(source)!r})
        print(*[target.name for target in find_targets(Snapshot.open(path, path.read_bytes()))])
        """
    )
    assert done.stderr == ""
    assert done.stdout == "total\n"


def test_judging_on_windows_is_refused_in_plain_words() -> None:
    done = run(
        """
        from paceline.errors import IsolationUnavailable
        from paceline.judge.sandbox import require_isolation
        sys.platform = "win32"
        try:
            require_isolation(allow_unsandboxed=True)
        except IsolationUnavailable as error:
            print(error)
        """
    )
    assert "Windows" in done.stdout, done.stderr
