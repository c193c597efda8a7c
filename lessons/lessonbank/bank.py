"""The bank: lessons, their credit and known verdicts of one workspace, on disk, for several processes.

Keys, and what stands under them:

    lesson/ID            a lesson, as Lesson.to_json gives it
    credit/ID            what came of showing it
    place/ID             the file here that it was learnt on: beside the lesson, for lessons travel
    tally/LANGUAGE       all turns of a language
    arms/LANGUAGE        the turns of each member, and of each member in each category
    recipe/ID            a recipe that was distilled here, and what disproved it if something has
    verdict/TARGET:...   what is known of a candidate
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import diskcache

from lessonbank.credit import (
    Arm,
    Credit,
    Showing,
    Tally,
    arms_from_json,
    arms_to_json,
    credit_from_json,
    credit_to_json,
    credited,
    tallied,
    tallied_by_arm,
    tally_from_json,
)
from lessonbank.disk import JSONDisk, Row, clear_foreign_settings, rows
from lessonbank.errors import BankUnavailable, LessonBankError, UnreadableLesson
from lessonbank.lesson import Lesson
from lessonbank.recipe import Recipe, read_recipe

_TIMEOUT_S = 10.0
"""How long a writer waits for another. A write takes less than a millisecond."""


class Bank:
    """The bank of one workspace. Safe for several threads and processes; a write is on disk when it returns.

    Guards the open database. Every method raises BankUnavailable when the folder cannot be read or written.
    A record that cannot be read is left where it is, reported by ``problems``, and as good as absent.
    """

    def __init__(self, cache: diskcache.Cache, folder: Path) -> None:
        self._cache = cache
        self._folder = folder
        self._parsed: dict[str, tuple[object, Lesson]] = {}
        self._read_recipes: dict[str, tuple[object, Recipe | None]] = {}
        self._removal: weakref.finalize[[Path], Bank] | None = None

    @classmethod
    def open(cls, folder: Path) -> Bank:
        """Open the bank in a folder, which is made for its owner alone where there is none.

        Raises BankUnavailable saying what to do.
        """
        with _reaching(folder):
            _make_private(folder)
            clear_foreign_settings(folder / DATABASE, timeout_s=_TIMEOUT_S)
            cache = diskcache.Cache(
                str(folder),
                timeout=_TIMEOUT_S,
                disk=JSONDisk,
                # Lessons are kept until they are forgotten: nothing is ever evicted.
                eviction_policy="none",
                cull_limit=0,
                statistics=0,
                tag_index=0,
            )
        return cls(cache, folder)

    @classmethod
    def ephemeral(cls) -> Bank:
        """Open a bank in a temporary folder, which is removed when the bank is closed or its process ends.

        Raises BankUnavailable where not even that can be written.
        """
        try:
            folder = Path(tempfile.mkdtemp(prefix="lessonbank-"))
        except OSError as error:
            raise BankUnavailable(f"no temporary folder can be made: {error}") from error
        bank = cls.open(folder)
        bank._removal = weakref.finalize(bank, _remove, folder)
        return bank

    @property
    def folder(self) -> Path:
        """Where the bank is."""
        return self._folder

    def close(self) -> None:
        """Close the database, and remove it when the bank is an ephemeral one."""
        self._cache.close()
        if self._removal is not None:
            self._removal()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, lesson: Lesson, *, place: str = "") -> bool:
        """Bank a lesson; return whether it is new.

        A lesson learnt again takes the place of its record, with the evidence measured last. Fields that a
        newer version has written there are kept. Raises PickleRefused for what JSON cannot say.

        ``place`` is the path, below the workspace's root, of the file it was learnt on. It is kept beside the
        lesson and is no part of it: no folder's name leaves the workspace with its lessons.
        """
        key = f"lesson/{lesson.id}"
        with self._writing():
            known = self._lesson(lesson.id)
            if known is not None:
                lesson = replace(lesson, unknown={**known.unknown, **lesson.unknown})
            self._cache.set(key, lesson.to_json())
            if place:
                self._cache.set(f"place/{lesson.id}", {"path": place})
        return known is None

    def get(self, lesson_id: str) -> Lesson | None:
        """Return a lesson, or None where there is none that can be read."""
        with _reaching(self._folder):
            return self._lesson(lesson_id)

    def lessons(self, *, language: str | None = None, category: str | None = None) -> list[Lesson]:
        """Return the lessons, those banked first in front."""
        found = []
        with _reaching(self._folder):
            for row in self._rows("lesson/"):
                try:
                    lesson = self._read_lesson(row)
                except LessonBankError:
                    continue
                if language in {None, lesson.language} and category in {None, lesson.category}:
                    found.append(lesson)
        return found

    def forget(self, lesson_id: str) -> bool:
        """Remove a lesson, its credit and the recipes that no other lesson names; say if there was one."""
        with self._writing():
            lesson = self._lesson(lesson_id)
            others = {name for one in self.lessons() if one.id != lesson_id for name in one.recipes}
            for name in lesson.recipes if lesson is not None else ():
                if name not in others:
                    self._cache.delete(f"recipe/{name}")
            self._cache.delete(f"credit/{lesson_id}")
            self._cache.delete(f"place/{lesson_id}")
            return bool(self._cache.delete(f"lesson/{lesson_id}"))

    def add_recipe(self, record: Mapping[str, Any]) -> bool:
        """Keep a distilled recipe; return whether it is to be used, which one that was disproved is not.

        Raises InvalidRecipe for a record that is no recipe, and PickleRefused as add does.
        """
        recipe = read_recipe(record, file="a distilled recipe")
        with self._writing():
            known = self._record(f"recipe/{recipe.id}")
            if known is None:
                self._cache.set(f"recipe/{recipe.id}", {"schema": 1, "record": dict(record), "disproved": ""})
            return known is None or not known.get("disproved")

    def recipes(self, language: str) -> list[Recipe]:
        """Return the distilled recipes of a language that nothing has disproved, the oldest in front."""
        with _reaching(self._folder):
            found = [self._usable_recipe(row) for row in self._rows("recipe/")]
        return [recipe for recipe in found if recipe is not None and recipe.language == language]

    def disprove(self, recipe_id: str, why: str) -> bool:
        """Set a distilled recipe aside for good: the judge found it wrong elsewhere. Say if it was in use."""
        with self._writing():
            known = self._record(f"recipe/{recipe_id}")
            if known is None or known.get("disproved"):
                return False
            self._cache.set(f"recipe/{recipe_id}", {**known, "disproved": why or "it was found wrong"})
            return True

    def pin(self, lesson_id: str, pinned: bool = True) -> bool:
        """Pin a lesson, so that it is shown first, or unpin it; return whether there is such a lesson."""
        with self._writing():
            if self._lesson(lesson_id) is None:
                return False
            self._set_credit(lesson_id, replace(self._credit(lesson_id), pinned=pinned))
            return True

    def credit(self, lesson_id: str) -> Credit:
        """Return what came of showing a lesson; of one never shown, or unknown, that is nothing."""
        with _reaching(self._folder):
            return self._credit(lesson_id)

    def credits(self) -> dict[str, Credit]:
        """Return the credit of every lesson that has any, by the lesson's id."""
        found = {}
        with _reaching(self._folder):
            for row in self._rows("credit/"):
                try:
                    found[str(row.key).removeprefix("credit/")] = credit_from_json(row.read())
                except LessonBankError:
                    continue
        return found

    def places(self) -> dict[str, str]:
        """Return where lessons were learnt last, by their ids, as far as ``add`` was told."""
        found = {}
        with _reaching(self._folder):
            for row in self._rows("place/"):
                try:
                    found[str(row.key).removeprefix("place/")] = _path_in(row.read())
                except LessonBankError:
                    continue
        return found

    def tally(self, language: str) -> Tally:
        """Return how all turns of a language have ended."""
        with _reaching(self._folder):
            return self._tally(language)

    def arms(self, language: str) -> dict[Arm, Tally]:
        """Return how the turns of each member have ended, by (member, category), and by (member, "") all."""
        with _reaching(self._folder):
            return self._arms(language)

    def record_round(self, showings: Iterable[Showing], *, language: str) -> None:
        """Credit the lessons shown in one round, all at once: the published factor, the counts, the tally.

        Turns that showed no lesson belong here too: they are what a lesson's help is compared with.
        """
        turns = list(showings)
        ids = dict.fromkeys(lesson_id for turn in turns for lesson_id in turn.lessons)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._writing():
            for lesson_id in ids:
                lesson = self._lesson(lesson_id)
                own = lesson.evidence.speedup if lesson else None
                shown = [turn for turn in turns if lesson_id in turn.lessons]
                credit = credited(self._credit(lesson_id), shown, own_speedup=own or 0.0, now=now)
                self._set_credit(lesson_id, credit)
            self._cache.set(f"tally/{language}", asdict(tallied(self._tally(language), turns)))
            self._cache.set(f"arms/{language}", arms_to_json(tallied_by_arm(self._arms(language), turns)))

    def remember_verdict(self, key: str, record: Mapping[str, Any]) -> None:
        """Keep what is known of a candidate under ``TARGET_HASH:...``. Raises PickleRefused as add does."""
        with self._writing():
            self._cache.set(f"verdict/{key}", dict(record))

    def recall_verdict(self, key: str) -> dict[str, Any] | None:
        """Return what is known of a candidate, or None."""
        with _reaching(self._folder):
            return self._record(f"verdict/{key}")

    def verdicts_for(self, target_hash: str) -> dict[str, dict[str, Any]]:
        """Return what is known of every candidate of a target, by the key it was remembered under."""
        found = {}
        with _reaching(self._folder):
            for row in self._rows(f"verdict/{target_hash}:"):
                try:
                    record = row.read()
                except LessonBankError:
                    continue
                if isinstance(record, dict):
                    found[str(row.key).removeprefix("verdict/")] = record
        return found

    def problems(self) -> list[str]:
        """Return one sentence for each record that cannot be read, and is therefore set aside."""
        with _reaching(self._folder):
            return [problem for row in self._rows() if (problem := self._problem(row))]

    def _problem(self, row: Row) -> str | None:
        kind = row.key.partition("/")[0] if isinstance(row.key, str) else ""
        try:
            value = row.read()
            if kind == "lesson":
                self._read_lesson(row)
            elif kind == "credit":
                credit_from_json(value)
            elif kind == "place":
                _path_in(value)
            elif kind == "tally":
                tally_from_json(value)
            elif kind == "arms":
                arms_from_json(value)
            elif kind == "recipe":
                _recipe_in(value)
            elif kind == "verdict" and not isinstance(value, dict):
                raise UnreadableLesson("a verdict is a JSON object")
        except LessonBankError as error:
            shown = row.key if isinstance(row.key, str) else "with a key that is no text"
            return f"The record {shown} in {self._folder} was set aside: {error}."
        # Another kind comes from a newer version, which can read it.
        return None

    def _rows(self, prefix: str = "") -> Iterator[Row]:
        return rows(self._folder / DATABASE, prefix, timeout_s=_TIMEOUT_S)

    def _read_lesson(self, row: Row) -> Lesson:
        key = str(row.key)
        known = self._parsed.get(key)
        # Parsing costs more than reading, and a lesson's record seldom changes.
        if known is not None and known[0] == (row.mode, row.value):
            return known[1]
        lesson = Lesson.from_json(row.read())
        if key != f"lesson/{lesson.id}":
            raise UnreadableLesson(f"what it says is another lesson, {lesson.id}")
        self._parsed[key] = ((row.mode, row.value), lesson)
        return lesson

    def _usable_recipe(self, row: Row) -> Recipe | None:
        """Read a recipe; None where it was disproved, or is none that can be read."""
        key = str(row.key)
        known = self._read_recipes.get(key)
        if known is not None and known[0] == (row.mode, row.value):
            return known[1]
        try:
            recipe = _recipe_in(row.read())
        except LessonBankError:
            recipe = None
        if recipe is not None and key != f"recipe/{recipe.id}":
            recipe = None
        self._read_recipes[key] = ((row.mode, row.value), recipe)
        return recipe

    def _record(self, key: str) -> dict[str, Any] | None:
        try:
            value = self._cache.get(key)
        except LessonBankError:
            return None
        return value if isinstance(value, dict) else None

    def _lesson(self, lesson_id: str) -> Lesson | None:
        try:
            lesson = Lesson.from_json(self._record(f"lesson/{lesson_id}"))
        except UnreadableLesson:
            return None
        return lesson if lesson.id == lesson_id else None

    def _credit(self, lesson_id: str) -> Credit:
        try:
            return credit_from_json(self._record(f"credit/{lesson_id}"))
        except UnreadableLesson:
            return Credit()

    def _set_credit(self, lesson_id: str, credit: Credit) -> None:
        self._cache.set(f"credit/{lesson_id}", credit_to_json(credit))

    def _tally(self, language: str) -> Tally:
        try:
            return tally_from_json(self._record(f"tally/{language}"))
        except UnreadableLesson:
            return Tally()

    def _arms(self, language: str) -> dict[Arm, Tally]:
        try:
            return arms_from_json(self._cache.get(f"arms/{language}", []))
        except LessonBankError:
            return {}

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction: other writers wait, and a kill leaves all of it or nothing."""
        with _reaching(self._folder), self._cache.transact():
            yield


DATABASE = "cache.db"
"""The name diskcache gives its database."""


@contextmanager
def _reaching(folder: Path) -> Iterator[None]:
    try:
        yield
    except diskcache.Timeout as error:
        # diskcache calls every failure to begin a transaction a timeout; the real one is its context.
        cause = error.__context__ or error
        raise BankUnavailable(f"{folder}: the bank cannot be written ({cause}); {_advice(cause)}") from error
    except (sqlite3.Error, OSError) as error:
        raise BankUnavailable(f"{folder}: the bank cannot be used ({error}); {_advice(error)}") from error


def _recipe_in(value: object) -> Recipe | None:
    """Read what stands under a recipe's key; None for a disproved one. Raises LessonBankError."""
    if not isinstance(value, dict) or not isinstance(value.get("record"), dict):
        raise UnreadableLesson("a distilled recipe is a JSON object with its record")
    recipe = read_recipe(value["record"], file="the bank")
    return None if value.get("disproved") else recipe


def _path_in(value: object) -> str:
    """Read what stands under a place's key. Raises UnreadableLesson."""
    if not isinstance(value, dict) or not isinstance(value.get("path"), str):
        raise UnreadableLesson("a place is a JSON object with its path")
    path: str = value["path"]
    return path


def _advice(error: BaseException) -> str:
    said = str(error)
    if "locked" in said or isinstance(error, diskcache.Timeout):
        return (
            f"another process has been writing for {_TIMEOUT_S:g} seconds: try again, or end it if it hangs"
        )
    if "full" in said or "No space" in said:
        return "make room on that disk and start again"
    if "readonly" in said or isinstance(error, PermissionError):
        return "make the folder and all in it writable for you, and for nobody else"
    if "not a database" in said or "malformed" in said:
        return f"its file is damaged: move {DATABASE} out of the folder, and a new bank begins"
    return "make sure that this is a folder of yours which can be written, or set PACELINE_HOME to one"


def _make_private(folder: Path) -> None:
    # diskcache would put the variable's value in its place, and open a bank somewhere else.
    if os.path.expandvars(folder) != str(folder):
        raise BankUnavailable(
            f"{folder}: a path that names a variable cannot hold a bank; set PACELINE_HOME to another"
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not hasattr(os, "getuid"):
        return
    status = folder.stat()
    if status.st_uid != os.getuid():
        raise BankUnavailable(
            f"{folder}: the folder belongs to another user, who could plant lessons; remove it, or set "
            "PACELINE_HOME to a folder of yours"
        )
    if status.st_mode & 0o077:
        folder.chmod(0o700)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
