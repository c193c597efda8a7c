"""``paceline profile``: a person's own programs, run as always, and what they spent their time in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from paceline.errors import UnusableRequest
from paceline.judge.python.profile_run import ProfiledRun, profile_run
from paceline.judge.python.worker import own_files, sampling
from paceline.workspace import workspace_folder
from paceline.workspace.profiles import read_profile
from tests.judge.projects.conftest import Project
from tests.judge.test_loading import interpreters

WORK = """
    import time


    def spin(seconds):
        end = time.process_time() + seconds
        while time.process_time() < end:
            pass


    def main():
        hot(0.6)
        Cart().cold()


    def hot(seconds):
        def inner():
            spin_here = time.process_time() + seconds
            return [0 for _ in iter(lambda: time.process_time() < spin_here, False)]
        inner()


    class Cart:
        def cold(self):
            spin(0.2)
"""


@pytest.fixture
def work(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    project.write({"pyproject.toml": "", "work.py": WORK})
    monkeypatch.chdir(project.root)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return project


def run(project: Project, *words: str) -> ProfiledRun:
    return profile_run(words, root=project.root, python=project.python)


def seconds(done: ProfiledRun) -> dict[str, tuple[float, float]]:
    """Return own and whole time by function: a share is one of the start too, which takes what it takes."""
    assert done.profile is not None
    return {f"{one.file}::{one.name}": (one.own_s, one.whole_s) for one in done.profile.functions}


@pytest.mark.parametrize("python", interpreters(), ids=lambda path: path.parts[-3])
def test_own_and_whole_shares_of_a_script_and_what_it_imports(python: Path, work: Project) -> None:
    work.python = python
    work.write({"run.py": "import sys, work\nwork.main()\nsys.exit(5)\n"})
    done = run(work, "python", "run.py")
    assert done.status == 5
    assert done.notes == ()
    found = seconds(done)
    # What is nested in a function is its own work; what it calls in the workspace is not.
    assert found["work.py::hot"][0] == pytest.approx(0.6, abs=0.1)
    assert found["work.py::spin"][0] == pytest.approx(0.2, abs=0.1)
    assert found["work.py::Cart.cold"][0] < 0.05
    assert found["work.py::Cart.cold"][1] == pytest.approx(found["work.py::spin"][1], abs=0.05)
    assert found["work.py::main"][0] < 0.05
    assert found["work.py::main"][1] == pytest.approx(0.8, abs=0.1)
    assert set(found) == {"work.py::hot", "work.py::spin", "work.py::Cart.cold", "work.py::main"}
    assert read_profile(work.root) == (done.profile, ())


@pytest.mark.parametrize(
    "words",
    [
        ("python", "-m", "work"),
        ("python", "-c", "import work; work.spin(0.3)"),
        ("sh", "-c", "python work.py"),
    ],
    ids=["-m", "-c", "sh"],
)
def test_other_ways_to_run_it(words: tuple[str, ...], work: Project) -> None:
    work.write({"work.py": WORK + "\n\n    if __name__ == '__main__':\n        spin(0.3)\n"})
    assert seconds(run(work, *words))["work.py::spin"][0] >= 0.2


def test_processes_that_end_without_a_word_are_all_counted(work: Project) -> None:
    work.write(
        {
            "run.py": """
                import multiprocessing, os, subprocess, sys
                from work import spin

                def forked():
                    spin(0.3)

                def executed():
                    spin(0.3)

                def started():
                    spin(0.3)

                def before():
                    spin(0.3)

                if __name__ == "__main__":
                    if sys.argv[1:] == ["executed"]:
                        executed()
                        os._exit(9)
                    before()
                    if sys.argv[1:] == ["started"]:
                        sys.exit(started())
                    child = multiprocessing.get_context("fork").Process(target=forked)
                    child.start()
                    child.join()
                    assert child.exitcode == 0
                    # One that forks and goes on in C: a timer of ours would end what comes then.
                    busy = "import time\\nwhile time.process_time() < 0.1: pass"
                    subprocess.run([sys.executable, "-I", "-c", busy], preexec_fn=int, check=True)
                    subprocess.run([sys.executable, "run.py", "started"], check=True)
                    try:
                        os.execv("/no/such/program", ["program"])
                    except OSError:
                        pass
                    os.execv(sys.executable, [sys.executable, "run.py", "executed"])
            """
        }
    )
    done = run(work, "python", "run.py")
    assert done.status == 9
    found = seconds(done)
    for name, spent in {"forked": 0.3, "executed": 0.3, "started": 0.3, "before": 0.6}.items():
        assert found[f"run.py::{name}"][1] == pytest.approx(spent, abs=0.1), name


def test_what_other_threads_take_is_told_apart(work: Project) -> None:
    work.write(
        {
            "run.py": """
                import threading, time
                def burn(seconds):
                    end = time.thread_time() + seconds
                    while time.thread_time() < end:
                        pass
                thread = threading.Thread(target=burn, args=[0.4])
                thread.start()
                thread.join()
                burn(0.4)
            """
        }
    )
    done = run(work, "python", "run.py")
    assert done.profile is not None
    assert done.profile.unseen_s == pytest.approx(0.4, abs=0.15)
    assert seconds(done)["run.py::burn"][0] == pytest.approx(0.4, abs=0.1)


def test_a_program_with_a_timer_of_its_own_keeps_it(work: Project) -> None:
    work.write(
        {
            "run.py": """
                import signal, sys
                from work import spin
                ticks = []
                signal.signal(signal.SIGPROF, lambda *_: ticks.append(1))
                signal.setitimer(signal.ITIMER_PROF, 0.01, 0.01)
                spin(0.3)
                signal.setitimer(signal.ITIMER_PROF, 0)
                sys.exit(3 if ticks else 4)
            """
        }
    )
    assert run(work, "python", "run.py").status == 3


def test_an_event_loop_gets_every_signal_of_its_own(work: Project) -> None:
    work.write(
        {
            "run.py": """
                import asyncio, os, signal, sys
                from work import spin

                async def main():
                    got = asyncio.Event()
                    loop = asyncio.get_running_loop()
                    loop.add_signal_handler(signal.SIGTERM, got.set)
                    # More samples than a wakeup descriptor has room for.
                    spin(2)
                    os.kill(os.getpid(), signal.SIGTERM)
                    await asyncio.wait_for(got.wait(), 20)
                    loop.remove_signal_handler(signal.SIGTERM)

                asyncio.run(main())
                spin(1)
                sys.exit(6)
            """
        }
    )
    done = run(work, "python", "run.py")
    assert done.status == 6
    assert done.profile is not None
    assert done.profile.unseen_s == pytest.approx(2, abs=0.4)
    assert seconds(done)["work.py::spin"][0] == pytest.approx(1, abs=0.2)


def test_tests_are_no_functions_of_the_workspace(work: Project) -> None:
    work.write({"test_work.py": "from work import spin\n\ndef test_it():\n    spin(0.3)\n"})
    done = run(work, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.status == 0
    assert list(seconds(done)) == ["work.py::spin"]


def test_a_file_that_changes_meanwhile_is_left_out_with_a_note(work: Project) -> None:
    work.write({"run.py": "import work\nopen(work.__file__, 'a').write('#')\nwork.spin(0.3)\n"})
    done = run(work, "python", "run.py")
    assert seconds(done) == {}
    assert done.notes == ("work.py was changed while the command ran: its functions are left out",)


def test_nothing_that_a_program_writes_into_the_session_is_believed(work: Project) -> None:
    lies = [
        "no json",
        "[]",
        json.dumps({"seconds": -1.0, "stacks": []}),
        json.dumps({"seconds": 1e999, "stacks": []}),
        json.dumps({"seconds": 1.0, "stacks": [[[["../../x.py", 1]], 1.0]]}),
        json.dumps({"seconds": 1.0, "stacks": [[[["work.py", "1"]], 1.0]]}),
        json.dumps({"seconds": 1.0, "stacks": [5]}),
        "[" * 100_000,
    ]
    work.write({"lies.txt": "\n".join(lies)})
    work.write(
        {
            "run.py": f"""
                import json, os, pathlib, work
                into = json.loads(os.environ["{sampling.VARIABLE}"])["into"]
                pathlib.Path(into, "a.jsonl").write_text(pathlib.Path("lies.txt").read_text())
                os.symlink("/dev/zero", os.path.join(into, "b.jsonl"))
                work.spin(0.3)
            """
        }
    )
    found = seconds(run(work, "python", "run.py"))
    assert list(found) == ["work.py::spin"]
    assert found["work.py::spin"][0] == pytest.approx(0.3, abs=0.1)


def test_a_command_without_python_keeps_the_profile_before_it(work: Project) -> None:
    before = run(work, "python", "-c", "import work; work.spin(0.1)").profile
    assert before is not None
    done = run(work, "true")
    assert (done.status, done.profile) == (0, None)
    assert read_profile(work.root) == (before, ())
    with pytest.raises(UnusableRequest, match="no such command"):
        run(work, "no-such-program")
    assert not list(workspace_folder(work.root).glob("profiling-*"))


def test_a_signal_that_comes_while_one_is_dealt_with_counts_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What this process spent before must not put the write off.
    monkeypatch.setattr(sampling, "WRITE_SHARE", 0.0)

    class Interrupted(sampling.Sampler):
        """The next signal comes just before what is there is written."""

        def _since_write(self) -> float:
            if not self._stacks_were_asked_for:
                self._stacks_were_asked_for = True
                self.sample(0, None)
            return 1.0

        _stacks_were_asked_for = False

    sampler = Interrupted({"root": str(tmp_path), "into": str(tmp_path)}, own_files)
    hot = (("work.py", 1),)
    sampler._stacks[hot] = 0.6
    sampler.sample(0, None)
    [written] = tmp_path.glob("*.jsonl")
    [record] = map(json.loads, written.read_text().splitlines())
    assert record["stacks"][0] == [[["work.py", 1]], 0.6]
    assert sampler._stacks == {}
