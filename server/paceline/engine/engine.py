"""The engine's front door: opens the bank, gathers the team, and runs.

What it must not know: editors, terminals, JSON. Readers of its events do.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from lessonbank.bank import Bank
from lessonbank.errors import BankUnavailable, LessonBankError
from lessonbank.recipe import Recipe, apply_all, shipped_recipes
from paceline.engine.events import Event, StageReached
from paceline.engine.heeding import heeding
from paceline.engine.judges import Judge
from paceline.engine.records import recorded
from paceline.engine.run import Run
from paceline.engine.teaching import Change, Taught, teach
from paceline.errors import InvalidSettings, UnsupportedLanguage
from paceline.judge import PythonJudge
from paceline.judge.python.script import SCRIPTED, write_script
from paceline.judge.sandbox import Isolation, require_isolation
from paceline.judge.verdict import Verdict
from paceline.syntax.target import Replacement, Target
from paceline.team import Member, recipe_team, with_learnt
from paceline.workspace import Settings, allows_unsandboxed, python_for, workspace_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One function to make faster. What is None comes from the settings."""

    target: Target
    rounds: int | None = None
    budget_s: float | None = None
    """Wall time after which no new candidate is judged, in seconds."""
    seed: int = 0
    """Varies what a strategy draws by chance; equal seeds on equal banks draw alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A place where a recipe applies. Found in milliseconds, by structure alone: not proven here."""

    recipe: Recipe
    start: int
    end: int
    """Byte offsets in the function's dedented source."""
    replacement: Replacement
    is_learnt: bool = False
    """The recipe was distilled from a rewrite that was proven in this workspace."""

    @property
    def title(self) -> str:
        """What the recipe would do, in a few words."""
        return f"{self.recipe.title} (learnt here)" if self.is_learnt else self.recipe.title


class Engine:
    """The engine of one workspace.

    Guards the open bank; everything else is made anew for each run, so runs on several targets do not meet
    except in the bank and in the judge's timing lock.
    """

    def __init__(
        self,
        root: Path,
        *,
        settings: Settings,
        trusted: bool,
        bank: Bank,
        members: Sequence[Member],
        judge_of: Callable[[Target], Judge] | None = None,
        notes: tuple[str, ...] = (),
        records: Path | None = None,
    ) -> None:
        self.root = root
        self.settings = settings
        self.trusted = trusted
        self.bank = bank
        self.members = tuple(members)
        self.notes = notes
        """What a person should know about this engine, such as that lessons cannot be kept."""
        self._records = records
        self.meeting_place = records.parent / "judging" if records is not None else None
        """Where windows on this workspace meet, so that a candidate is judged by one of them."""
        self.judge_of: Callable[[Target], Judge] = judge_of or self._python_judge
        """Makes the judge of a target. Raises IsolationUnavailable and UnsupportedLanguage."""
        self._shipped = {recipe.id: recipe for recipe in _enabled(settings)}
        self._learnt: dict[str, Recipe] = {}
        self.generation = 0
        """Grows with every change of the learnt recipes: hints found before may not be all there are."""
        self.look_for_learnt()

    @classmethod
    def open(cls, root: Path, *, settings: Settings, trusted: bool) -> Engine:
        """Open the bank of the workspace and gather its team. Starts no process and loads no model.

        A bank that cannot be used (read-only, disk full) is replaced by one that lasts for the session, and
        the engine's notes say so: nothing else depends on it.
        """
        notes: tuple[str, ...] = ()
        try:
            bank = Bank.open(workspace_folder(root) / "bank")
            records: Path | None = runs_folder(root)
        except (BankUnavailable, InvalidSettings) as error:
            bank, records = Bank.ephemeral(), None
            notes = (f"Lessons of this session will not be kept: {error}",)
        members = _team(settings)
        if not members:
            notes += ("The team has no member: team.recipes is false, and team.members names no model.",)
        notes += _unknown_lead(settings, members)
        return cls(
            root,
            settings=settings,
            trusted=trusted,
            bank=bank,
            members=members,
            notes=notes,
            records=records,
        )

    async def optimize(self, request: Request) -> AsyncGenerator[Event, None]:
        """Run the team on one target and yield what happens, the last event being Finished.

        Closing the iterator, or cancelling the task that reads it, ends the run: every process is killed and
        what was banked stays. Raises IsolationUnavailable when no sandbox is to be had and none was waived.
        """
        # Another process may have learnt something in the meantime.
        self.look_for_learnt()
        with recorded(self._records) as record:
            try:
                async with Run(self, request) as run, aclosing(run.events()) as events:
                    async for event in events:
                        record.take(event)
                        yield event
            finally:
                self.look_for_learnt()

    async def teach(
        self, change: Change, *, on_stage: Callable[[StageReached], None] = lambda _: None
    ) -> Taught:
        """Judge a change that a person made, and bank what it teaches.

        Cancelling it ends every process, and nothing is banked. Raises LessonBankError when the lesson cannot
        be kept, and what the judge raises.
        """
        return await teach(self, change, on_stage=on_stage)

    def team(self, target: Target | None = None) -> tuple[Member, ...]:
        """Return the members, as they may work on a target, with the recipes that were learnt by now."""
        members = with_learnt(self.members, self._learnt.values())
        return heeding(members, self.root, target) if target is not None else members

    def look_for_learnt(self) -> None:
        """Read from the bank which recipes were learnt. A bank that cannot be read has none."""
        try:
            found = self.bank.recipes("python")
        except LessonBankError:
            found = []
        learnt = {recipe.id: recipe for recipe in found if _is_enabled(recipe, self.settings)}
        if learnt.keys() != self._learnt.keys():
            self._learnt = learnt
            self.generation += 1

    async def judge(
        self, target: Target, replacement: Replacement, *, on_stage: Callable[[str, str], None] | None = None
    ) -> Verdict:
        """Judge a rewrite that somebody else wrote."""
        verdict, _ = await self.judge_and_script(target, replacement, on_stage=on_stage, wants_script=False)
        return verdict

    async def judge_and_script(
        self,
        target: Target,
        replacement: Replacement,
        *,
        on_stage: Callable[[str, str], None] | None = None,
        wants_script: bool = True,
    ) -> tuple[Verdict, str]:
        """Judge a rewrite, and return with the verdict the text of a script that repeats it without Paceline.

        The text is empty where the rewrite never ran, so that there is nothing to repeat.
        """
        judge = self.judge_of(target)
        try:
            verdict = await judge.judge(replacement, on_stage=on_stage or (lambda _stage, _detail: None))
            if not (wants_script and isinstance(judge, PythonJudge) and verdict.outcome in SCRIPTED):
                return verdict, ""
            material = await judge.material(replacement)
            return verdict, write_script(material, verdict) if material is not None else ""
        finally:
            await judge.close()

    def _python_judge(self, target: Target) -> PythonJudge:
        if target.language != "python":
            raise UnsupportedLanguage(
                f"{target.file}: no judge for {target.language} yet; Python is what can be judged"
            )
        return PythonJudge(
            target,
            root=self.root,
            python=python_for(self.root, self.settings, trusted=self.trusted),
            settings=self.settings,
            isolation=self.isolation(),
        )

    def isolation(self) -> Isolation:
        """Return the sandbox candidates will run in. Raises IsolationUnavailable with what to do."""
        return require_isolation(allow_unsandboxed=allows_unsandboxed(self.root))

    def hints(
        self,
        source: str,
        module_names: frozenset[str],
        module_imports: frozenset[str] = frozenset(),
    ) -> list[Hint]:
        """Return where shipped and learnt recipes apply in one dedented function definition. Pure and quick.

        ``module_names`` and ``module_imports`` are those of `ModuleBindings`.
        """
        known = {**self._learnt, **self._shipped}
        recipes = {name: recipe for name, recipe in known.items() if recipe.hints}
        found = apply_all(recipes.values(), source, module_names=module_names, module_imports=module_imports)
        return [
            Hint(
                recipe=recipes[application.recipe],
                is_learnt=application.recipe in self._learnt,
                start=application.start,
                end=application.end,
                replacement=Replacement(
                    definition=application.source,
                    imports=application.imports,
                    helpers=application.helpers,
                ),
            )
            for application in found
        ]

    def somebody_types(self) -> None:
        """Hear that a person is at the keys. Work in this process has nothing to leave them."""

    async def close(self) -> None:
        """Close the bank. Runs still going must have been closed before."""
        self.bank.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def runs_folder(root: Path) -> Path:
    """Return where the runs of a workspace are kept: in the data folder, never in the workspace."""
    return workspace_folder(root) / "runs"


def _team(settings: Settings) -> tuple[Member, ...]:
    """Return the members that the settings name: recipe members first, then models."""
    recipes: tuple[Member, ...] = ()
    if settings.team.recipes:
        recipes = recipe_team(_enabled(settings), language="python")
    if not (settings.team.preset or settings.team.members):
        return recipes
    # What speaks http is loaded only where somebody has a model.
    from paceline.team.engines.doorway import doorways
    from paceline.team.models import configured, model_team

    return (*recipes, *model_team(configured(settings.team), doors=doorways(settings.team)))


def _unknown_lead(settings: Settings, members: Sequence[Member]) -> tuple[str, ...]:
    """Say that ``team.lead`` names nobody: another member would play alone without a word."""
    lead, names = settings.team.lead, [member.name for member in members]
    if not lead or lead in names:
        return ()
    return (f"team.lead is {lead!r}, and no member is called that; there are {', '.join(names) or 'none'}.",)


def _enabled(settings: Settings) -> list[Recipe]:
    """Return the shipped recipes that the settings do not disable."""
    return [recipe for recipe in shipped_recipes("python") if _is_enabled(recipe, settings)]


def _is_enabled(recipe: Recipe, settings: Settings) -> bool:
    """Whether the settings let a recipe be used: they disable by id or by category."""
    return not {recipe.id, recipe.category} & set(settings.hints.disabled)
