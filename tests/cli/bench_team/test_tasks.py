"""The tasks: what stands in them, and the gate that says whether they are fit to be measured on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from paceline.cli.bench_team.gate import Check, check
from paceline.cli.bench_team.simulation import cast
from paceline.cli.bench_team.simulation.draft import Draft
from paceline.cli.bench_team.tasks import SETS, Task, tasks_named
from paceline.errors import TargetNotFound
from paceline.workspace import Settings

CHAINS = tasks_named(["chains"])


@pytest.mark.parametrize("task", CHAINS, ids=lambda task: task.function)
class TestChains:
    """Every function of the set is what its table says."""

    def test_its_chain_can_be_applied_and_its_mutants_stand_there(self, task: Task, tmp_path: Path) -> None:
        _, target = task.placed(tmp_path)
        recipes = {recipe.id: recipe for recipe in cast().recipes}
        draft: Draft | None = Draft.of(target.source, target.name, around="", titles=frozenset())
        for name in task.chain:
            assert draft is not None
            draft = draft.with_recipe(recipes[name])
        assert draft is not None
        compile(draft.definition, "chain", "exec")
        assert len(task.mutants) >= 3
        for before, after in task.mutants:
            assert target.source.count(before) >= 1
            compile(target.source.replace(before, after, 1), "mutant", "exec")

    def test_its_test_calls_it(self, task: Task, tmp_path: Path) -> None:
        root, target = task.placed(tmp_path)
        names: dict[str, object] = {}
        exec(target.module.decode(), names)
        text = (root / "test_chains.py").read_text()
        arguments = eval(text.partition(f"{task.function}(*")[2].rpartition(")")[0])
        function = names[task.function]
        assert callable(function)
        assert function(*arguments), "it has something to hand back"


class TestNames:
    """How tasks are asked for."""

    def test_sets_and_single_tasks_each_once(self) -> None:
        names = [task.name for task in tasks_named(["chains:places", "chains", "packs:membership-in-set"])]
        assert names[0] == "chains:places"
        assert len(names) == len(set(names)) == len(CHAINS) + 1

    @pytest.mark.parametrize("name", SETS)
    def test_every_set_has_tasks_that_can_be_placed(self, name: str, tmp_path: Path) -> None:
        tasks = tasks_named([name])
        assert len(tasks) >= 5
        for task in tasks[:5]:
            root, target = task.placed(tmp_path)
            assert target.name == task.function
            assert target.file.parent == root

    def test_functions_of_one_s_own(self, tmp_path: Path) -> None:
        file = tmp_path / "sums.py"
        file.write_text("def total(values):\n    return sum(values)\n\n\ndef none():\n    return 0\n")
        (tmp_path / "pyproject.toml").write_text("")
        assert [task.name for task in tasks_named([str(file)])] == ["sums.py::total", "sums.py::none"]
        (task,) = tasks_named([f"{file}::total"])
        root, target = task.placed(tmp_path / "elsewhere")
        assert (root, target.file) == (tmp_path.resolve(), file.resolve())

    @pytest.mark.parametrize("name", ["chains:nothing", "nowhere.py", "parevalcpp"])
    def test_what_is_not_there(self, name: str) -> None:
        with pytest.raises(TargetNotFound):
            tasks_named([name])


async def checks_of(task: Task, folder: Path) -> list[Check]:
    found: list[Check] = []
    await check(task, settings=Settings(), folder=folder, on_check=found.append)
    return found


@pytest.mark.slow
class TestGate:
    """The real judge on the tasks. ``paceline bench team --check-tasks`` has it look at all of them."""

    async def test_a_chained_task(self, tmp_path: Path) -> None:
        (task,) = tasks_named(["chains:relative"])
        found = await checks_of(task, tmp_path)
        assert [one for one in found if not one.is_met] == []
        assert len(found) == 1 + len(task.mutants) + 1 + len(cast().members)

    async def test_a_task_with_no_mutants_of_its_own(self, tmp_path: Path) -> None:
        (task,) = tasks_named(["corpus:text:slug"])
        found = await checks_of(task, tmp_path)
        assert [one.is_met for one in found] == [True, True]
        assert "refused" in found[-1].found

    async def test_a_task_that_is_not_fit_is_told(self, tmp_path: Path) -> None:
        (task,) = tasks_named(["chains:relative"])
        unfit = replace(task, mutants=(("return result", "return list(result)"),), solved_from=1.01)
        missed = {one.what for one in await checks_of(unfit, tmp_path) if not one.is_met}
        assert any(what.startswith("refused: return result") for what in missed)
        assert "what ada knows does not" in missed
