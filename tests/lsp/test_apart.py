"""Runs in a process of their own: the same events arrive, and losing the process costs one run."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from lessonbank.errors import BankUnavailable
from lessonbank.lesson import Lesson, LessonEvidence, Origin, Source
from lessonbank.outcome import Outcome
from paceline.engine import Change, Engine, Request, Taught
from paceline.engine.events import (
    CandidateJudged,
    Finished,
    LessonBanked,
    MemberFailed,
    ModelAsked,
    RoundStarted,
    StageReached,
    SuggestionProven,
)
from paceline.engine.wire import Told, event_from_json, event_to_json, from_json, to_json
from paceline.errors import PacelineError, RunsEnded, TargetNotFound, UnsupportedLanguage, WorkerFailed
from paceline.judge.verdict import Checks, Counterexample, Evidence, Verdict
from paceline.lsp.apart.parent import ALLOCATOR, EngineApart, _error
from paceline.syntax import Snapshot, target_named
from paceline.syntax.target import Replacement, Target
from paceline.team.exchange import Answer, Exchange, Message, Usage
from paceline.team.member import Judged
from paceline.workspace import Settings, workspace_folder
from tests.lsp.conftest import REPOSITORY
from tests.lsp.scripted_server import _candidate, _faster, _finished, _suggestion

SOURCE = "import os\n\nNAME = '\u00e9\\ud83d'\n\ndef total(items):\n    return sum(items)\n"


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return target_named(Snapshot.open(tmp_path / "a.py", SOURCE.encode()), "total")


def events(target: Target) -> list[Told]:
    judged = Judged(candidate=_candidate(target, "do less work", "less"), verdict=_faster(2.0))
    wrong = Verdict(
        outcome=Outcome.WRONG,
        reason="it returns something else",
        evidence=Evidence(
            checks=Checks(inputs=3, sources={"edge": 3}, notes=("no file could be written",)),
            counterexample=Counterexample(call="total([])", expected="0", got="1", difference="result"),
            environment={"python": "3.12"},
        ),
    )
    suggestion = _suggestion(judged, 2.0)
    lesson = Lesson(
        text="Sets answer at once \ud83d",
        category="membership",
        language="python",
        transformation="use a set",
        evidence=LessonEvidence(outcome=Outcome.FASTER, speedup=2.0),
        origin=Origin(source=Source.LEARNT),
        recipes=("membership-set",),
        unknown={"colour": {"of": [1, None]}},
    )
    answer = Answer(text="def f(): ...", usage=Usage(prompt_tokens=7))
    exchange = Exchange(
        member="qwen", model="m", purpose="propose", messages=(Message("user", "faster?"),), answer=answer
    )
    return [
        RoundStarted(target=target, round=0, selected={"recipes/membership": (lesson,)}),
        ModelAsked(exchange=exchange),
        MemberFailed(member="qwen", reason="nothing answers"),
        CandidateJudged(judged=Judged(candidate=judged.candidate, verdict=wrong)),
        LessonBanked(lesson=lesson, is_new=True),
        SuggestionProven(suggestion=suggestion, rank=0),
        replace(_finished(target, "faster", (suggestion,), "over"), verdict=wrong),
        StageReached(candidate=judged.candidate, stage="time"),
        Taught(judged=judged, lesson=lesson),
        Taught(
            judged=replace(judged, verdict=Verdict(outcome=Outcome.CANNOT_JUDGE, reason="no")), lesson=None
        ),
    ]


def test_events_arrive_as_they_were_sent(target: Target) -> None:
    for event in events(target):
        line = json.dumps(event_to_json(event, target))
        assert event_from_json(json.loads(line), target) == event
        assert SOURCE.splitlines()[2] not in line, "the document is not sent again with every event"


def test_what_is_asked_and_the_settings_arrive_as_they_were_sent(target: Target) -> None:
    request = Request(target=replace(target, module=b""), rounds=2)
    assert from_json(Request, json.loads(json.dumps(to_json(request)))) == request
    change = Change(target=request.target, replacement=Replacement(definition=SOURCE), words="use a set")
    assert from_json(Change, json.loads(json.dumps(to_json(change)))) == change
    assert from_json(Settings, json.loads(json.dumps(to_json(Settings())))) == Settings()


@pytest.mark.parametrize(
    "value",
    [{}, {"event": "Nonsense"}, {"event": "MemberFailed", "fields": {"member": 5}}, {"event": "Finished"}],
)
def test_what_is_no_event_is_refused(target: Target, value: dict[str, object]) -> None:
    with pytest.raises(WorkerFailed):
        event_from_json(value, target)


def test_errors_arrive_as_what_they_were() -> None:
    error = _error({"error": "TargetNotFound", "message": "a.py: no such function"})
    assert type(error) is TargetNotFound
    assert str(error) == "a.py: no such function"
    assert type(_error({"error": "BankUnavailable", "message": "the disk is full"})) is BankUnavailable
    assert isinstance(_error({"error": "ZeroDivisionError", "message": "oh"}), RunsEnded)
    assert isinstance(_error({"error": "annotations", "message": "oh"}), PacelineError)


async def test_what_cannot_be_taught_is_said_as_it_would_be_here(target: Target, project: Path) -> None:
    changed = Replacement(definition="def total(items):\n    return 0\n")
    change = Change(target=replace(target, language="cobol"), replacement=changed)
    async with EngineApart.open(project, settings=Settings(), trusted=True) as engine:
        with pytest.raises(UnsupportedLanguage) as said_here:
            await Engine.teach(engine, change)
        with pytest.raises(UnsupportedLanguage) as said_there:
            await engine.teach(change)
        assert str(said_there.value) == str(said_here.value)


FREES = """
import ctypes
last = bytearray(30 << 20)
del last
blocks = [bytearray(8 << 20) for _ in range(10)]
behind = bytearray(6 << 20)
del blocks
libc = ctypes.CDLL(None)
names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
Info = type("Info", (ctypes.Structure,), {"_fields_": [(name, ctypes.c_size_t) for name in names.split()]})
libc.mallinfo2.restype = Info
print(libc.mallinfo2().fordblks >> 20)
"""
"""Frees 80 MiB in front of a block that stays, and prints how many MiB the allocator holds on to."""


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallinfo2"),
    reason="another allocator than glibc's, or one of before 2.33",
)
def test_what_the_process_of_the_runs_frees_goes_back() -> None:
    def held(environment: dict[str, str]) -> int:
        said = subprocess.check_output([sys.executable, "-c", FREES], env=environment)
        return int(said)

    assert held({}) >= 80
    assert held(ALLOCATOR) < 8


async def test_the_process_of_the_runs_is_told_to_give_memory_back(
    target: Target, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "7")
    monkeypatch.delenv("MALLOC_MMAP_THRESHOLD_", raising=False)
    change = Change(target=replace(target, language="cobol"), replacement=Replacement(definition=SOURCE))
    async with EngineApart.open(project, settings=Settings(), trusted=True) as engine:
        with pytest.raises(UnsupportedLanguage):
            await engine.teach(change)
        assert engine._process is not None
        said = environment_of(engine._process._process.pid)
    assert said["MALLOC_MMAP_THRESHOLD_"] == ALLOCATOR["MALLOC_MMAP_THRESHOLD_"]
    # What a person has set stands.
    assert said["MALLOC_TRIM_THRESHOLD_"] == "7"


def environment_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


@pytest.mark.slow
async def test_what_is_taught_is_known_here_where_nothing_can_be_kept(project: Path) -> None:
    module = project / "customers.py"
    shutil.copy(REPOSITORY / "examples" / "shop" / "customers.py", module)
    (workspace_folder(project) / "bank").write_text("no folder")
    target = target_named(Snapshot.open(module, module.read_bytes()), "unique_emails")
    change = Change(
        target=target, replacement=Replacement(definition=target.source.replace("return seen", "return []"))
    )
    stages: list[str] = []
    async with EngineApart.open(project, settings=Settings(), trusted=True) as engine:
        assert "will not be kept" in engine.notes[0]
        taught = await engine.teach(change, on_stage=lambda event: stages.append(event.stage))
        assert taught.judged.verdict.outcome is Outcome.WRONG
        assert engine.bank.lessons() == [taught.lesson]
    assert "check" in stages


@pytest.mark.slow
async def test_a_lost_process_costs_one_run_and_the_next_starts_another(project: Path) -> None:
    module = project / "customers.py"
    shutil.copy(REPOSITORY / "examples" / "shop" / "customers.py", module)
    target = target_named(Snapshot.open(module, module.read_bytes()), "unique_emails")
    engine = EngineApart.open(project, settings=Settings(), trusted=True)
    try:
        seen = 0
        with pytest.raises(RunsEnded, match="exit status -9"):
            async with aclosing(engine.optimize(Request(target=target))) as running:
                async for _ in running:
                    seen += 1
                    if seen == 3:
                        assert engine._process is not None
                        os.kill(engine._process._process.pid, signal.SIGKILL)
        async with asyncio.timeout(60), aclosing(engine.optimize(Request(target=target))) as running:
            last = [event async for event in running][-1]
        assert isinstance(last, Finished)
        assert last.status == "faster"
        assert last.target is target
        assert last.suggestions[0].patched.startswith(b'"""Who buys')
    finally:
        await engine.close()
