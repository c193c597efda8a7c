"""One run on one target: rounds of propose, judge, reflect, bank, until the budget or a plateau.

Who proposes in a round, and what they are shown, is the strategy's to say (``paceline.team.strategies``); the
rest is the same for all of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from lessonbank.bank import Bank
from lessonbank.errors import LessonBankError
from lessonbank.lesson import Lesson
from lessonbank.outcome import Outcome
from paceline.engine import learning, memory
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
from paceline.engine.judges import Judge, Profiling
from paceline.engine.ranking import ranked, suggestion_from
from paceline.engine.sharing import shared
from paceline.errors import PacelineError, WorkerFailed
from paceline.judge.verdict import Verdict
from paceline.team.exchange import Exchange
from paceline.team.member import Audible, Candidate, Judged, Member, Turn
from paceline.team.reflection import lesson_from, lesson_of
from paceline.team.strategies import STRATEGIES, Assigned, Situation, Taken
from paceline.workspace import place_in

if TYPE_CHECKING:
    from paceline.engine.engine import Engine, Request

PATIENCE = 2
"""Rounds in a row without an improvement that end a run with models."""


class Run:
    """The state of one run. Entered once, read once."""

    def __init__(self, engine: Engine, request: Request) -> None:
        self._engine = engine
        self._target = self._briefed = request.target
        settings = engine.settings
        self._strategy = STRATEGIES[settings.team.strategy]
        self._rounds = request.rounds if request.rounds is not None else settings.rounds
        self._budget_s = request.budget_s if request.budget_s is not None else settings.budget_s
        self._seed = request.seed
        self._started = time.monotonic()
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._judge: Judge | None = None
        self._unjudgeable: Verdict | None = None
        self._judged: dict[str, Judged] = {}
        self._taken: list[Taken] = []
        self._suggestions: tuple[Suggestion, ...] = ()
        self._banked = 0
        self._tokens = NO_TOKENS
        self._members = tuple(
            member.heard_by(self._hear) if isinstance(member, Audible) else member
            for member in engine.team(request.target)
        )
        self._absences = Absences()
        self._round = 0
        self._known = memory.Known()
        self._lessons: dict[str, Lesson] = {}
        self._reflections: set[asyncio.Task[None]] = set()
        self._own_bank: Bank | None = None
        self._has_looked = False

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
        if self._own_bank is not None:
            self._own_bank.close()

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
        if self._strategy.recalls:
            self._known = self._recalled()
        rounds = idle = 0
        ending = "the rounds are used up"
        for number in range(self._rounds):
            self._round = number
            best_before, judged_before = self._best_low(), len(self._judged)
            assigned = self._assigned()
            self._say(
                RoundStarted(target=self._target, round=number, selected=_shown_in(assigned, self._members))
            )
            taken = await self._judged_as_they_come(assigned)
            if self._unjudgeable is not None:
                break
            is_news = len(self._judged) > judged_before
            rounds += is_news
            # Lessons of this round are shown in the next one.
            await asyncio.gather(*self._reflections)
            self._taken += map(self._with_category, taken)
            if any(self._counts(one) for one in taken):
                self._credit(taken)
            if self._is_spent():
                ending = "the budget is used up"
                break
            if not self._strategy.stops_early and any(one.assigned.member.deliberates for one in taken):
                continue
            # What was judged first is what later rounds can improve on.
            improved = self._best_low() > best_before or (rounds == 1 and is_news)
            idle = 0 if improved else idle + 1
            # Recipes would come to the same once more; a model may answer otherwise when it is asked again.
            if idle >= (PATIENCE if any(one.member.deliberates for one in assigned) else 1):
                ending = self._reason_to_stop(is_news, idle)
                break
        if self._is_out_of_tokens() and not self._is_spent():
            ending = "the models' tokens are used up"
        self._finish(rounds, ending)

    def _recalled(self) -> memory.Known:
        known = memory.recall(self._engine.bank, self._target)
        if known.lesson is None and known.candidate is None:
            # What surpassed the others cannot be told to a member: the others are worth trying again.
            return replace(known, surpassed=frozenset())
        return known

    def _bank_of_run(self) -> Bank:
        """The bank that lessons are selected from: one of its own for a strategy that starts afresh."""
        if self._strategy.recalls:
            return self._engine.bank
        if self._own_bank is None:
            self._own_bank = Bank.ephemeral()
        return self._own_bank

    def _assigned(self) -> tuple[Assigned, ...]:
        """Ask the strategy whose turn it is, and what each of them is shown."""
        members = self._absences.present(self._members, self._round)
        if self._is_out_of_tokens():
            members = tuple(member for member in members if not member.deliberates)
        settings = self._engine.settings
        combined = (tuple(sorted(judged.candidate.recipes)) for judged in self._judged.values())
        try:
            return self._strategy.assign(
                Situation(
                    target=self._target,
                    round=self._round,
                    team=self._members,
                    members=members,
                    bank=self._bank_of_run(),
                    k=settings.lessons,
                    rule=settings.selection,
                    lead=settings.team.lead,
                    proven=tuple(suggestion.judged for suggestion in self._suggestions),
                    promising=self._promising(),
                    taken=tuple(self._taken),
                    tried=frozenset(self._judged) | self._known.failed | self._known.surpassed,
                    combined=frozenset(recipes for recipes in combined if len(recipes) > 1),
                    known=self._known.lesson,
                    seed=self._seed,
                )
            )
        except LessonBankError:
            return self._without_bank(members)

    def _without_bank(self, members: Iterable[Member]) -> tuple[Assigned, ...]:
        """What can be done where the bank cannot be read: everybody proposes, with what this run knows."""
        known = self._known.lesson
        turn = Turn(
            round=self._round,
            lessons=(known,) if known is not None else (),
            bases=tuple(suggestion.judged for suggestion in self._suggestions[:1]),
            tried=frozenset(self._judged) | self._known.failed | self._known.surpassed,
        )
        return tuple(Assigned(member=member, turn=turn) for member in members)

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
        return tuple(judged for _, judged in faster)

    async def _judged_as_they_come(self, assigned: Sequence[Assigned]) -> list[Taken]:
        """Ask every member at once and judge what they propose; return the turns that were taken.

        Those who answer at once are waited for, so that what won before is judged first; what those propose
        who deliberate is judged as it arrives. A member that fails, or has not answered when the budget is
        used up, costs its own turn.
        """
        deliberating: dict[asyncio.Task[_Answer | None], Assigned] = {}
        seen: dict[str, Candidate] = {}
        taken: list[Taken] = []
        try:
            quick = [one for one in assigned if not one.member.deliberates]
            answers = await self._quick_answers(quick)
            kept = self._known.candidate if self._round == 0 else None
            thinks = any(one.member.deliberates for one in assigned)
            # Where nothing can be judged, models need not think; where something can, they do beside it.
            if (
                kept is not None or any(a.candidate for a in answers) or thinks
            ) and not await self._prepare():
                return []
            if thinks:
                await self._look_where_time_goes()
            for one in assigned:
                if one.member.deliberates:
                    task = asyncio.create_task(self._answer(one), name=f"propose {one.member.name}")
                    deliberating[task] = one
            # What won before is judged first: a person sees it first, and the rest may not need judging.
            if kept is not None and not any(a.candidate and a.candidate.hash == kept.hash for a in answers):
                seen[kept.hash] = kept
                await self._judge_one(kept)
            answers.sort(key=lambda a: a.candidate is None or a.candidate.hash != self._known.best)
            taken += await self._judge_all(answers, seen)
            while deliberating and not self._is_spent():
                done, _ = await asyncio.wait(
                    deliberating, timeout=self._seconds_left(), return_when=asyncio.FIRST_COMPLETED
                )
                came = [task.result() for task in deliberating if task in done]
                for task in done:
                    del deliberating[task]
                taken += await self._judge_all([answer for answer in came if answer is not None], seen)
            for task, one in deliberating.items():
                if not task.done():
                    # Not its fault, and not counted as such.
                    reason = "the run's budget was used up before it answered"
                    self._say(MemberFailed(member=one.member.name, reason=reason))
            return taken
        finally:
            await _ended(deliberating)

    async def _quick_answers(self, assigned: Sequence[Assigned]) -> list[_Answer]:
        """Ask those who answer at once; one that has several turns takes them one after the other."""
        by_member: dict[str, list[Assigned]] = {}
        for one in assigned:
            by_member.setdefault(one.member.name, []).append(one)

        async def in_turn(mine: Iterable[Assigned]) -> list[_Answer]:
            tried: frozenset[str] = frozenset()
            answers = []
            for one in mine:
                turn = replace(one.turn, tried=one.turn.tried | tried)
                answer = await self._answer(replace(one, turn=turn))
                if answer is None or answer.candidate is None:
                    continue
                answers.append(answer)
                tried |= {answer.candidate.hash}
            return answers

        return [
            answer
            for answers in await asyncio.gather(*map(in_turn, by_member.values()))
            for answer in answers
        ]

    async def _answer(self, assigned: Assigned) -> _Answer | None:
        """Ask one member; None where its turn is lost, which says nothing of the lessons shown in it."""
        member = assigned.member
        try:
            target = self._briefed if member.deliberates else self._target
            candidate = await member.propose(target, assigned.turn)
        except Exception as error:
            self._lost(member, error)
            return None
        self._absences.answered(member.name)
        if candidate is not None:
            candidate = replace(candidate, target=self._target)
        return _Answer(assigned=assigned, candidate=candidate)

    def _lost(self, member: Member, error: Exception) -> None:
        self._say(
            MemberFailed(
                member=member.name,
                reason=str(error) if isinstance(error, PacelineError) else f"{type(error).__name__}: {error}",
                kind=type(error).__name__,
                consequence=self._absences.lost(member.name, error, self._round),
            )
        )

    def _known_as(self, answer: _Answer, seen: dict[str, Candidate]) -> str:
        """Say what is known of a candidate that somebody proposed before; empty where it is new."""
        candidate = answer.candidate
        assert candidate is not None
        if candidate.hash in answer.assigned.turn.tried:
            judged = self._judged.get(candidate.hash)
            return judged.verdict.outcome.value if judged else "known from an earlier run"
        if twin := next((c for c in seen.values() if _same(c, candidate)), None):
            return f"also proposed by {twin.member}"
        return ""

    async def _look_where_time_goes(self) -> None:
        """Find the hot lines of the target, once: models are told of them in every round."""
        judge: object = self._judge
        if self._has_looked or not isinstance(judge, Profiling):
            return
        self._has_looked = True
        try:
            hot = await judge.hot_lines()
        except WorkerFailed:
            return
        self._briefed = replace(self._target, context=replace(self._target.context, hot=hot))

    async def _prepare(self) -> bool:
        if self._judge is None:
            self._judge = shared(
                self._engine.judge_of(self._target),
                self._engine.meeting_place,
                target=self._target,
                settings=self._engine.settings,
            )
            prepared = await self._judge.prepare()
            if isinstance(prepared, Verdict):
                self._unjudgeable = prepared
                return False
            self._say(
                InputsFound(target=self._target, inputs=prepared.inputs, sources=dict(prepared.sources))
            )
        return True

    async def _judge_all(self, answers: Iterable[_Answer], seen: dict[str, Candidate]) -> list[Taken]:
        """Judge one after the other: timings would wait for each other, and the first answer come later.

        Adds the candidates to those that were seen in this round.
        """
        taken = []
        for answer in answers:
            candidate = answer.candidate
            if candidate is None:
                taken.append(Taken(assigned=answer.assigned, judged=None))
            elif known := self._known_as(answer, seen):
                self._say(CandidateRepeated(candidate=candidate, known=known))
                taken.append(Taken(assigned=answer.assigned, judged=self._again(candidate), is_repeat=True))
            elif not self._is_spent():
                seen[candidate.hash] = candidate
                taken.append(Taken(assigned=answer.assigned, judged=await self._judge_one(candidate)))
        return taken

    def _again(self, candidate: Candidate) -> Judged | None:
        """Return what was found of a candidate in this run, as said of who proposed it now."""
        found = self._judged.get(candidate.hash)
        if found is None:
            return None
        judged = Judged(candidate=candidate, verdict=found.verdict)
        member = self._member(candidate)
        if self._strategy.learns_from_repeats and member is not None and member.deliberates:
            self._reflect_beside(member, judged)
        return judged

    async def _judge_one(self, candidate: Candidate) -> Judged:
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
        return judged

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
            learning.disprove(self._engine.bank, judged)
        except LessonBankError as error:
            self._say(MemberFailed(member="bank", reason=str(error)))
        member = self._member(judged.candidate)
        if member is None or judged.candidate is self._known.candidate:
            # Kept from an earlier run: so is what was learnt from it, unless the verdict is another now.
            self._keep(self._lesson_again(judged))
        elif not member.deliberates:
            await self._reflect(member, judged)
        elif self._strategy.reflects:
            self._reflect_beside(member, judged)
        else:
            lesson = lesson_from(judged, explanation="", language=self._target.language)
            self._keep(await self._with_recipe(judged, lesson))

    def _member(self, candidate: Candidate) -> Member | None:
        return next((member for member in self._members if member.name == candidate.member), None)

    def _reflect_beside(self, member: Member, judged: Judged) -> None:
        """Ask a model for its lesson while the next candidate is judged."""
        task = asyncio.create_task(self._reflect(member, judged), name=f"reflect {member.name}")
        self._reflections.add(task)
        task.add_done_callback(self._reflections.discard)

    async def _reflect(self, member: Member, judged: Judged) -> None:
        """Bank the member's lesson. Where it has none in time, the verdict speaks for itself."""
        lesson = lesson_from(judged, explanation="", language=self._target.language)
        if not (member.deliberates and self._is_out_of_tokens()):
            try:
                async with asyncio.timeout(self._seconds_left() if member.deliberates else None):
                    # What it was told when it proposed: so that its server need not read it anew.
                    told = replace(judged, candidate=replace(judged.candidate, target=self._briefed))
                    lesson = await member.reflect(told if member.deliberates else judged)
            except Exception as error:
                if not (isinstance(error, TimeoutError) and self._is_spent()):
                    self._lost(member, error)
        self._keep(await self._with_recipe(judged, lesson))

    async def _with_recipe(self, judged: Judged, lesson: Lesson | None) -> Lesson | None:
        """Let a proven rewrite's change serve other functions, where it has a form that can."""
        if lesson is None:
            return None
        try:
            return await asyncio.to_thread(learning.with_recipe, self._engine.bank, judged, lesson)
        except LessonBankError:
            # Whatever is wrong with the bank is said when the lesson itself cannot be kept.
            return lesson

    def _lesson_again(self, judged: Judged) -> Lesson | None:
        known, language = self._known.lesson, self._target.language
        if known is None or judged.verdict.outcome is not known.evidence.outcome:
            return lesson_from(judged, explanation="", language=language)
        again = lesson_of(judged, text=known.text, category=known.category, language=language)
        return replace(again, recipes=known.recipes)

    def _keep(self, lesson: Lesson | None) -> None:
        """Bank a lesson: for good, and for this run where it has a bank of its own."""
        if lesson is None:
            return
        self._lessons[lesson.origin.candidate_hash] = lesson
        try:
            place = place_in(self._engine.root, self._target.file)
            is_new = self._engine.bank.add(lesson, place=place)
            if self._own_bank is not None:
                self._own_bank.add(lesson)
        except LessonBankError as error:
            self._say(MemberFailed(member="bank", reason=str(error)))
            return
        self._banked += 1
        self._say(LessonBanked(lesson=lesson, is_new=is_new))

    def _with_category(self, taken: Taken) -> Taken:
        """Say what a turn was about, now that its lesson is there."""
        lesson = self._lessons.get(taken.judged.candidate.hash) if taken.judged is not None else None
        return replace(taken, category=taken.assigned.turn.focus or (lesson.category if lesson else ""))

    def _counts(self, taken: Taken) -> bool:
        """Whether the turn says something of the lessons that were shown in it."""
        return taken.judged is not None and (self._strategy.learns_from_repeats or not taken.is_repeat)

    def _credit(self, taken: Sequence[Taken]) -> None:
        """Tell the bank how the members fared that were shown lessons this round."""
        showings = [memory.showing(self._with_category(one), counts=self._counts(one)) for one in taken]
        try:
            for bank in filter(None, (self._engine.bank, self._own_bank)):
                bank.record_round(showings, language=self._target.language)
        except LessonBankError as error:
            self._say(MemberFailed(member="bank", reason=str(error)))

    def _reason_to_stop(self, is_news: bool, idle: int) -> str:
        if is_news:
            return "a round brought no improvement" if idle == 1 else f"{idle} rounds brought no improvement"
        return "no member has anything new to offer" if self._judged else "no member has a rewrite to offer"

    def _seconds_left(self) -> float:
        return max(0.0, self._started + self._budget_s - time.monotonic())

    def _is_spent(self) -> bool:
        return self._seconds_left() <= 0 or len(self._judged) >= self._engine.settings.max_candidates

    def _is_out_of_tokens(self) -> bool:
        allowed = self._engine.settings.max_tokens
        return 0 < allowed <= self._tokens.prompt_tokens + self._tokens.completion_tokens

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What a member said in one turn; no candidate where it has nothing to offer."""

    assigned: Assigned
    candidate: Candidate | None


def _shown_in(assigned: Iterable[Assigned], members: Iterable[Member]) -> dict[str, tuple[Lesson, ...]]:
    """Return the lessons that each member is shown in a round, in the team's order."""
    shown: dict[str, dict[str, Lesson]] = {}
    for one in assigned:
        shown.setdefault(one.member.name, {}).update({lesson.id: lesson for lesson in one.turn.lessons})
    return {m.name: tuple(shown[m.name].values()) for m in members if m.name in shown}


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
