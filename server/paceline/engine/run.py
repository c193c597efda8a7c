"""One run on one target: rounds of propose, judge, reflect, bank, select, until the budget or a plateau.

The published loop (see METHOD in ARCHITECTURE.md), with two additions that its bank on disk makes possible:
candidates that an earlier run saw fail are not judged again, and what it saw win is tried first.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from lessonbank.errors import LessonBankError
from lessonbank.lesson import Lesson
from lessonbank.outcome import Outcome
from lessonbank.selection import select
from paceline.engine import memory
from paceline.engine.absences import Absences
from paceline.engine.events import (
    NO_TOKENS,
    CandidateJudged,
    CandidateProposed,
    CandidateRepeated,
    Event,
    Finished,
    InputsFound,
    LessonBanked,
    MemberFailed,
    ModelAsked,
    RoundStarted,
    StageReached,
    Suggestion,
    SuggestionProven,
    TargetFound,
)
from paceline.engine.ranking import ranked, suggestion_from
from paceline.errors import PacelineError, WorkerFailed
from paceline.judge.verdict import Checks, Verdict
from paceline.syntax.target import Replacement
from paceline.team.exchange import Exchange
from paceline.team.member import Audible, Candidate, Judged, Member, Turn
from paceline.team.reflection import lesson_from, lesson_of

if TYPE_CHECKING:
    from paceline.engine.engine import Engine, Request

PATIENCE = 2
"""Rounds in a row without an improvement that end a run with models."""

BASES_SHOWN = 2
"""Proven candidates a member may build on, at most: the best, and one more so that attempts stay diverse."""


class Judge(Protocol):
    """What a run needs of a judge. One per target; implemented once for each language family."""

    async def prepare(self) -> Checks | Verdict:
        """Find inputs and run the original on them. A verdict means that nothing can be judged."""
        ...

    async def judge(self, replacement: Replacement, *, on_stage: Callable[[str, str], None]) -> Verdict:
        """Judge one rewrite. Calls ``on_stage(stage, detail)`` as it goes along."""
        ...

    async def close(self) -> None:
        """End every process."""
        ...


class Run:
    """The state of one run. Entered once, read once."""

    def __init__(self, engine: Engine, request: Request) -> None:
        self._engine = engine
        self._target = request.target
        settings = engine.settings
        self._rounds = request.rounds if request.rounds is not None else settings.rounds
        self._budget_s = request.budget_s if request.budget_s is not None else settings.budget_s
        self._started = time.monotonic()
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._judge: Judge | None = None
        self._unjudgeable: Verdict | None = None
        self._judged: dict[str, Judged] = {}
        self._suggestions: tuple[Suggestion, ...] = ()
        self._banked = 0
        self._tokens = NO_TOKENS
        self._members = tuple(
            member.heard_by(self._hear) if isinstance(member, Audible) else member
            for member in engine.members
        )
        self._absences = Absences()
        self._round = 0
        self._known = memory.Known()
        self._without_answer: set[str] = set()
        self._reflections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._whole(), name=f"run {self._target.name}")
        self._task.add_done_callback(lambda _: self._queue.put_nowait(None))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._judge is not None:
            await self._judge.close()

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yield the events in order. Raises what ended the run, when it was not its own end."""
        while (event := await self._queue.get()) is not None:
            yield event
        await self._task

    def _say(self, event: Event) -> None:
        self._queue.put_nowait(event)

    def _hear(self, exchange: Exchange) -> None:
        if exchange.answer is not None:
            self._tokens += exchange.answer.usage
        self._say(ModelAsked(exchange=exchange))

    async def _whole(self) -> None:
        try:
            await self._work()
        finally:
            await _ended(self._reflections)

    async def _work(self) -> None:
        self._say(TargetFound(target=self._target))
        known = memory.recall(self._engine.bank, self._target)
        if known.lesson is None and known.candidate is None:
            # What surpassed the others cannot be told to a member: the others are worth trying again.
            known = replace(known, surpassed=frozenset())
        self._known = known
        rounds = idle = 0
        ending = "the rounds are used up"
        for number in range(self._rounds):
            self._round = number
            self._without_answer.clear()
            best_before = self._best_low()
            members = self._absences.present(self._members, number)
            turns = self._turns(members, self._selected_lessons(known), known)
            self._say(
                RoundStarted(
                    target=self._target,
                    round=number,
                    selected={name: turn.lessons for name, turn in turns.items()},
                )
            )
            candidates = await self._judged_as_they_come(members, turns)
            if self._unjudgeable is not None:
                break
            if candidates:
                rounds += 1
                # Lessons of this round are shown in the next one.
                await asyncio.gather(*self._reflections)
                self._credit(turns, candidates)
            if self._is_spent():
                ending = "the budget is used up"
                break
            # What was judged first is what later rounds can improve on.
            improved = self._best_low() > best_before or (rounds == 1 and bool(candidates))
            idle = 0 if improved else idle + 1
            # Recipes would come to the same once more; a model may answer otherwise when it is asked again.
            if idle >= (PATIENCE if any(m.deliberates for m in members) else 1):
                ending = self._reason_to_stop(candidates, idle)
                break
        self._finish(rounds, ending)

    def _selected_lessons(self, known: memory.Known) -> tuple[Lesson, ...]:
        settings = self._engine.settings
        first = (known.lesson,) if known.lesson is not None else ()
        try:
            selected = tuple(
                select(
                    self._engine.bank,
                    target_features=self._target.features,
                    target_text=self._target.source,
                    target_hash=self._target.hash,
                    language=self._target.language,
                    k=settings.lessons,
                    rule=settings.selection,
                )
            )
        except LessonBankError:
            return first
        others = (lesson for lesson in selected if known.lesson is None or lesson.id != known.lesson.id)
        return (*first, *others)[: max(settings.lessons, len(first))]

    def _turns(
        self, members: Iterable[Member], lessons: tuple[Lesson, ...], known: memory.Known
    ) -> dict[str, Turn]:
        bases = (
            tuple(suggestion.judged for suggestion in self._suggestions[:BASES_SHOWN]) or self._promising()
        )
        tried = frozenset(self._judged) | known.failed | known.surpassed
        combined = (tuple(sorted(judged.candidate.recipes)) for judged in self._judged.values())
        turn = Turn(
            round=self._round,
            lessons=lessons,
            bases=bases,
            tried=tried,
            combined=frozenset(recipes for recipes in combined if len(recipes) > 1),
        )
        return {member.name: turn for member in members}

    def _promising(self) -> tuple[Judged, ...]:
        """Return what behaves and looks faster, unproven: two such changes may be proven together."""
        timed = ((j, j.verdict.evidence.timing) for j in self._judged.values())
        faster = [
            (timing.speedup, judged)
            for judged, timing in timed
            if timing is not None
            and timing.speedup > 1
            and judged.verdict.outcome is Outcome.NOT_PROVEN_FASTER
        ]
        faster.sort(key=lambda pair: pair[0], reverse=True)
        return tuple(judged for _, judged in faster[:BASES_SHOWN])

    async def _judged_as_they_come(
        self, members: Sequence[Member], turns: Mapping[str, Turn]
    ) -> list[Candidate]:
        """Ask every member at once and judge what they propose; return the candidates that are new.

        Those who answer at once are waited for, so that what won before is judged first; what those propose
        who deliberate is judged as it arrives. A member that fails, or has not answered when the budget is
        used up, costs its own turn.
        """
        quick = [member for member in members if not member.deliberates]
        deliberating = {
            asyncio.create_task(self._proposal(member, turns[member.name])): member
            for member in members
            if member.deliberates
        }
        candidates: dict[str, Candidate] = {}
        try:
            first = await asyncio.gather(*(self._proposal(member, turns[member.name]) for member in quick))
            kept = self._known.candidate if self._round == 0 else None
            new = self._new([*first, kept], candidates, turns)
            # While models think, inputs can be found; where there are none, they need not think.
            if (new or deliberating) and not await self._prepare():
                return []
            # What won before is judged first: a person sees it first, and the rest may not need judging.
            await self._judge_all(sorted(new, key=lambda candidate: candidate.hash != self._known.best))
            while deliberating and not self._is_spent():
                done, _ = await asyncio.wait(
                    deliberating, timeout=self._seconds_left(), return_when=asyncio.FIRST_COMPLETED
                )
                answers = [task.result() for task in deliberating if task in done]
                for task in done:
                    del deliberating[task]
                await self._judge_all(self._new(answers, candidates, turns))
            for task, member in deliberating.items():
                self._without_answer.add(member.name)
                if not task.done():
                    # Not its fault, and not counted as such.
                    reason = "the run's budget was used up before it answered"
                    self._say(MemberFailed(member=member.name, reason=reason))
            return list(candidates.values())
        finally:
            await _ended(deliberating)

    async def _proposal(self, member: Member, turn: Turn) -> Candidate | None:
        try:
            candidate = await member.propose(self._target, turn)
        except Exception as error:
            self._without_answer.add(member.name)
            self._lost(member, error)
            return None
        self._absences.answered(member.name)
        return candidate

    def _lost(self, member: Member, error: Exception) -> None:
        self._say(
            MemberFailed(
                member=member.name,
                reason=str(error) if isinstance(error, PacelineError) else f"{type(error).__name__}: {error}",
                kind=type(error).__name__,
                consequence=self._absences.lost(member.name, error, self._round),
            )
        )

    def _new(
        self,
        answers: Iterable[Candidate | None],
        candidates: dict[str, Candidate],
        turns: Mapping[str, Turn],
    ) -> list[Candidate]:
        """Return those that nobody has proposed before, and add them to the round's candidates."""
        new = []
        for answer in answers:
            if answer is None:
                continue
            if twin := next((c for c in candidates.values() if _same(c, answer)), None):
                self._say(CandidateRepeated(candidate=answer, known=f"also proposed by {twin.member}"))
            elif answer.member in turns and answer.hash in turns[answer.member].tried:
                judged = self._judged.get(answer.hash)
                found = judged.verdict.outcome.value if judged else "known from an earlier run"
                self._say(CandidateRepeated(candidate=answer, known=found))
            else:
                candidates[answer.hash] = answer
                new.append(answer)
        return new

    async def _prepare(self) -> bool:
        if self._judge is None:
            self._judge = self._engine.judge_of(self._target)
            prepared = await self._judge.prepare()
            if isinstance(prepared, Verdict):
                self._unjudgeable = prepared
                return False
            self._say(
                InputsFound(target=self._target, inputs=prepared.inputs, sources=dict(prepared.sources))
            )
        return True

    async def _judge_all(self, candidates: Iterable[Candidate]) -> None:
        """Judge one after the other: timings would wait for each other, and the first answer come later."""
        for candidate in candidates:
            if self._is_spent():
                return
            await self._judge_one(candidate)

    async def _judge_one(self, candidate: Candidate) -> None:
        self._say(CandidateProposed(candidate=candidate))
        verdict = await self._verdict(candidate)
        judged = Judged(candidate=candidate, verdict=verdict)
        self._judged[candidate.hash] = judged
        self._say(CandidateJudged(judged=judged))
        if verdict.outcome is Outcome.FASTER:
            suggestion = await asyncio.to_thread(suggestion_from, judged)
            self._suggestions = ranked([*self._suggestions, suggestion])
            self._say(SuggestionProven(suggestion=suggestion, rank=self._suggestions.index(suggestion)))
        await self._learn(judged)

    async def _verdict(self, candidate: Candidate) -> Verdict:
        """Ask the judge, and once more when its own worker failed; such a failure costs one candidate."""
        assert self._judge is not None

        def on_stage(stage: str, detail: str) -> None:
            self._say(StageReached(candidate=candidate, stage=stage, detail=detail))

        try:
            return await self._judge.judge(candidate.replacement, on_stage=on_stage)
        except WorkerFailed:
            on_stage("static", "once more, for a worker has failed")
        try:
            return await self._judge.judge(candidate.replacement, on_stage=on_stage)
        except WorkerFailed as error:
            return Verdict(outcome=Outcome.CANNOT_JUDGE, reason=str(error))

    async def _learn(self, judged: Judged) -> None:
        """Put the verdict on disk, then turn it into a lesson: at once, or while the next one is judged."""
        try:
            memory.remember(self._engine.bank, judged)
        except LessonBankError as error:
            self._say(MemberFailed(member="bank", reason=str(error)))
        member = next((m for m in self._members if m.name == judged.candidate.member), None)
        if member is None or judged.candidate is self._known.candidate:
            # Kept from an earlier run: so is what was learnt from it, unless the verdict is another now.
            self._bank(self._lesson_again(judged))
            return
        if not member.deliberates:
            await self._reflect(member, judged)
            return
        task = asyncio.create_task(self._reflect(member, judged), name=f"reflect {member.name}")
        self._reflections.add(task)
        task.add_done_callback(self._reflections.discard)

    async def _reflect(self, member: Member, judged: Judged) -> None:
        """Bank the member's lesson. Where it has none in time, the verdict speaks for itself."""
        try:
            async with asyncio.timeout(self._seconds_left() if member.deliberates else None):
                lesson = await member.reflect(judged)
        except Exception as error:
            lesson = lesson_from(judged, explanation="", language=self._target.language)
            if not (isinstance(error, TimeoutError) and self._is_spent()):
                self._lost(member, error)
        self._bank(lesson)

    def _lesson_again(self, judged: Judged) -> Lesson | None:
        known, language = self._known.lesson, self._target.language
        if known is None or judged.verdict.outcome is not known.evidence.outcome:
            return lesson_from(judged, explanation="", language=language)
        return lesson_of(judged, text=known.text, category=known.category, language=language)

    def _bank(self, lesson: Lesson | None) -> None:
        if lesson is None:
            return
        try:
            is_new = self._engine.bank.add(lesson)
        except LessonBankError as error:
            self._say(MemberFailed(member="bank", reason=str(error)))
            return
        self._banked += 1
        self._say(LessonBanked(lesson=lesson, is_new=is_new))

    def _credit(self, turns: Mapping[str, Turn], candidates: Iterable[Candidate]) -> None:
        """Tell the bank how the members fared that were shown lessons this round."""
        candidates = [candidate for candidate in candidates if candidate is not self._known.candidate]
        judged = {c.member: self._judged[c.hash] for c in candidates if c.hash in self._judged}
        # A turn that was lost to a server that is down says nothing of the lessons that were shown in it.
        turns = {name: turn for name, turn in turns.items() if name not in self._without_answer}
        try:
            self._engine.bank.record_round(memory.showings(turns, judged), language=self._target.language)
        except LessonBankError as error:
            self._say(MemberFailed(member="bank", reason=str(error)))

    def _reason_to_stop(self, candidates: Sequence[Candidate], idle: int) -> str:
        if candidates:
            return "a round brought no improvement" if idle == 1 else f"{idle} rounds brought no improvement"
        return "no member has anything new to offer" if self._judged else "no member has a rewrite to offer"

    def _seconds_left(self) -> float:
        return max(0.0, self._started + self._budget_s - time.monotonic())

    def _is_spent(self) -> bool:
        return self._seconds_left() <= 0 or len(self._judged) >= self._engine.settings.max_candidates

    def _best_low(self) -> float:
        return self._suggestions[0].judged.verdict.low if self._suggestions else 0.0

    def _finish(self, rounds: int, ending: str) -> None:
        rejected = tuple(j for j in self._judged.values() if j.verdict.outcome is not Outcome.FASTER)
        if self._unjudgeable is not None:
            status, reason = "cannot-judge", self._unjudgeable.reason
        elif self._suggestions:
            status, reason = "faster", f"{self._suggestions[0].title}; {ending}"
        else:
            status, reason = "not-proven-faster", _why_nothing(rejected, ending)
        self._say(
            Finished(
                target=self._target,
                status=status,
                reason=reason,
                suggestions=self._suggestions,
                rejected=rejected,
                lessons_banked=self._banked,
                rounds=rounds,
                elapsed_s=time.monotonic() - self._started,
                tokens=self._tokens,
                verdict=self._unjudgeable,
            )
        )


async def _ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel what still goes on, and wait until it is over: connections are closed then."""
    waiting = list(tasks)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


def _same(one: Candidate, other: Candidate) -> bool:
    """Whether two candidates are one rewrite: the same code, or the same recipes in another order."""
    return one.hash == other.hash or (len(one.recipes) > 1 and sorted(one.recipes) == sorted(other.recipes))


def _why_nothing(rejected: tuple[Judged, ...], ending: str) -> str:
    if not rejected:
        return ending
    outcomes: dict[str, int] = {}
    for judged in rejected:
        outcomes[judged.verdict.outcome.value] = outcomes.get(judged.verdict.outcome.value, 0) + 1
    counted = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
    return f"none of {len(rejected)} rewrites held up ({counted})"
