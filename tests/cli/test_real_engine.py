"""The command line with nothing scripted: real workers in the real sandbox."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from paceline.errors import IsolationUnavailable
from paceline.judge.sandbox import require_isolation
from tests.cli.conftest import Ran

Run = Callable[..., Ran]

EXAMPLES = Path(__file__).parents[2] / "examples"


def no_sandbox() -> bool:
    try:
        require_isolation(allow_unsandboxed=False)
    except IsolationUnavailable:
        return True
    return False


pytestmark = [pytest.mark.slow, pytest.mark.skipif(no_sandbox(), reason="this machine has no sandbox")]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "examples"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    monkeypatch.chdir(folder)
    return folder


def test_a_slow_function_is_proven_faster_written_and_passes_its_tests(shop: Path, run_apart: Run) -> None:
    file = shop / "shop" / "pricing.py"
    before = file.read_bytes()
    ran = run_apart("optimize", "shop/pricing.py::priced_lines", "--json", "--write", "--rounds", "1")
    assert (ran.status, ran.err) == (0, "")
    (target,) = ran.json["targets"]
    assert (target["name"], target["file"]) == ("priced_lines", "shop/pricing.py")
    assert target["status"] == "faster", target
    best = target["suggestions"][0]
    assert best["low"] > 1.05
    assert best["checks"]["sources"]["recorded"] > 0
    assert ran.json["lessons_banked"] > 0
    after = file.read_bytes()
    assert after != before
    assert after[after.index(b"def known_skus") :] == before[before.index(b"def known_skus") :]
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=shop,
        capture_output=True,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout.decode()
    lessons = run_apart("lessons", "list", "--json").json["lessons"]
    assert any(lesson["evidence"]["outcome"] == "faster" for lesson in lessons)


PASTED = """
Sure! The list search is the bottleneck, so use a set:

```python
def unique_emails(emails):
    return sorted(set(emails))
```
"""


def test_a_pasted_answer_is_judged_and_the_script_shows_it_again(shop: Path, run_apart: Run) -> None:
    (shop / "answer.md").write_text(PASTED)
    asked = ("judge", "shop/customers.py::unique_emails", "--candidate", "answer.md", "--script", "again.py")
    ran = run_apart(*asked, "--json")
    assert ran.status == 0
    assert ran.json["outcome"] == "wrong", ran.json["reason"]
    again = subprocess.run(
        [sys.executable, "again.py"], cwd=shop, capture_output=True, text=True, check=False, timeout=120
    )
    assert again.returncode == 2, again.stdout + again.stderr
    assert "DIFFERENT" in again.stdout


def test_a_function_that_is_fine_is_left_alone(shop: Path, run_apart: Run) -> None:
    ran = run_apart("optimize", "shop/pricing.py::known_skus", "--json", "--write")
    assert ran.status == 0
    (target,) = ran.json["targets"]
    assert target["status"] == "not-proven-faster"
    assert target["suggestions"] == []
    assert (shop / "shop" / "pricing.py").read_bytes() == (EXAMPLES / "shop" / "pricing.py").read_bytes()


def test_a_wrong_rewrite_is_judged_wrong_with_a_counterexample(shop: Path, run_apart: Run) -> None:
    candidate = shop / "candidate.py"
    candidate.write_text(
        "def unique_emails(addresses: list[str]) -> list[str]:\n"
        "    return list({address.strip().lower() for address in addresses})\n"
    )
    ran = run_apart("judge", "shop/customers.py::unique_emails", "--candidate", "candidate.py", "--json")
    assert (ran.status, ran.err) == (0, "")
    assert ran.json["outcome"] == "wrong"
    assert ran.json["counterexample"]["call"].startswith("unique_emails(")


def test_a_right_rewrite_is_judged_faster(shop: Path, run_apart: Run) -> None:
    candidate = shop / "candidate.py"
    candidate.write_text(
        "def sales_by_sku(skus):\n"
        "    sales = {}\n"
        "    for sku in skus:\n"
        "        sales[sku] = sales.get(sku, 0) + 1\n"
        "    return sales\n"
    )
    ran = run_apart("judge", "shop/logs.py::sales_by_sku", "--candidate", "candidate.py", "--json")
    assert (ran.status, ran.err) == (0, "")
    assert ran.json["outcome"] == "faster", ran.json["reason"]
    assert ran.json["sizes"][-1]["candidate_s"] < ran.json["sizes"][-1]["original_s"]


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="processes are watched through Linux's pidfd")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_no_process_and_a_whole_bank(
    shop: Path, run_apart: Run, number: signal.Signals, status: int
) -> None:
    terminal, stderr = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "paceline", "optimize", "shop", "--json"],
        stdout=subprocess.PIPE,
        stderr=stderr,
        # A group of its own stands for the terminal's: Ctrl-C reaches everyone in it, `kill` one process.
        start_new_session=True,
    ) as process:
        os.close(stderr)
        read_until(terminal, b"comparing behaviour")
        workers = [os.pidfd_open(pid) for pid in descendants(process.pid) if is_alive(pid)]
        assert workers
        started = time.monotonic()
        if number == signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        said = read_until(terminal, b"what was learnt is kept")
        out, _ = process.communicate(timeout=30)
    assert time.monotonic() - started < 10
    assert process.returncode == status
    assert out == b""
    assert b"Traceback" not in said
    assert all(has_ended(worker) for worker in workers)
    assert run_apart("doctor", "--json").status == 0
    assert {each["name"]: each for each in run_apart("doctor", "--json").json["checks"]}["bank"][
        "state"
    ] == "ok"


def read_until(terminal: int, words: bytes) -> bytes:
    """Read what is drawn until the words appear. The test's own time limit ends a wait in vain."""
    seen = b""
    while words not in seen:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:
            # What Linux says when nobody has the other end any more.
            chunk = b""
        assert chunk, seen
        seen += chunk
    return seen


def descendants(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            for child in map(int, (task / "children").read_text().split()):
                yield child
                yield from descendants(child)


def is_alive(pid: int) -> bool:
    with suppress(OSError):
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


def has_ended(worker: int, *, within_s: float = 5) -> bool:
    return bool(select.select([worker], [], [], within_s)[0])
