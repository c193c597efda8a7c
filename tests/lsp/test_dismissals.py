"""Dismissals at the wire: asked how far, kept for other windows, taken back, and what they teach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lessonbank.bank import Bank
from lessonbank.lesson import Source
from paceline.workspace import Dismissal, dismiss, read_dismissals, workspace_folder
from tests.lsp.client import Client
from tests.lsp.conftest import Connect
from tests.lsp.test_code_actions import proven
from tests.lsp.test_diagnostics import KEPT, pulled, pulled_until, pushed, save
from tests.lsp.test_jobs import TOTAL

TWO = KEPT + "\n\n" + KEPT.replace("kept", "other")


def project_files(project: Path) -> list[str]:
    return [one.name for one in project.iterdir()]


async def act(client: Client, uri: str, line: int, start: str) -> None:
    """Choose the one action that begins with these words, as a person does."""
    [chosen] = [one for one in await client.actions(uri, line, 10) if one["title"].startswith(start)]
    await run(client, chosen["command"])


async def run(client: Client, command: dict[str, Any]) -> None:
    told = {"command": command["command"], "arguments": command["arguments"]}
    assert await client.request("workspace/executeCommand", told) is None


@pytest.mark.parametrize(
    ("answer", "left"),
    [("In this function", 1), ("In this project", 0), ("With all hints in this project", 0), (None, 2)],
)
async def test_a_hint_is_dismissed_as_far_as_the_person_says(
    connect: Connect, project: Path, answer: str | None, left: int
) -> None:
    choose = lambda _: answer and {"title": answer}  # noqa: E731
    client = await connect("vscode", root=project, answers={"window/showMessageRequest": choose})
    uri = client.open(project / "a.py", TWO)
    assert len(await pulled(client, uri)) == 2
    await act(client, uri, 1, "Dismiss: use a set for membership ...")
    question = await client.wait_for("window/showMessageRequest")
    assert question["message"] == "Dismiss the hint: use a set for membership?"
    if answer is not None:
        said = await client.wait_for("window/showMessage")
        assert "takes it back" in said["message"]
    assert len(await pulled_until(client, uri, left)) == left
    assert [one["title"] for one in await client.actions(uri, 1, 10, trigger=2)] == (
        [] if answer else ["Use a set for membership (not yet proven here)"]
    )
    assert project_files(project) == ["pyproject.toml"], "nothing is written into the workspace"


async def test_a_client_without_questions_has_an_action_for_each_answer(
    connect: Connect, project: Path
) -> None:
    client = await connect("helix", root=project)
    uri = client.open(project / "a.py", TWO)
    await pulled(client, uri) if "diagnosticProvider" in client.result["capabilities"] else None
    await client.until(lambda: True)
    titles = [one["title"] for one in await client.actions(uri, 1, 10, only=["quickfix"])]
    assert [title for title in titles if title.startswith("Dismiss")] == [
        "Dismiss: use a set for membership in this function (Paceline)",
        "Dismiss: use a set for membership in this project (Paceline)",
        "Dismiss: use a set for membership with all others of its category (Paceline)",
        "Dismiss: use a set for membership with all hints in this project (Paceline)",
    ]
    await act(client, uri, 1, "Dismiss: use a set for membership with all others")
    assert len(await pulled_until(client, uri, 0)) == 0
    assert [one.category for one in read_dismissals(project)] == ["membership"]


async def test_a_dismissal_is_taken_back(connect: Connect, project: Path) -> None:
    dismiss(project, Dismissal(recipe="membership-set"))
    client = await connect("vscode", root=project)
    uri = client.open(project / "a.py", KEPT)
    assert await pulled(client, uri) == []
    await run(client, {"command": "paceline.undoDismissal", "arguments": [uri]})
    said = await client.wait_for("window/showMessage")
    assert said["message"] == "Paceline: shown again: membership-set in this project"
    assert len(await pulled_until(client, uri, 1)) == 1
    await run(client, {"command": "paceline.undoDismissal", "arguments": [uri]})
    assert "nothing is dismissed" in (await client.wait_for("window/showMessage", count=2))["message"]


async def test_another_window_heeds_it_with_its_next_save(connect: Connect, project: Path) -> None:
    client = await connect("emacs", root=project)
    uri = client.open(project / "a.py", KEPT)
    assert len(await pushed(client, uri, 1)) == 1
    dismiss(project, Dismissal(file="a.py", function="kept"))
    save(client, uri)
    assert await pushed(client, uri, 2) == []


async def test_a_suggestion_that_is_turned_down_is_not_offered_again_and_teaches(
    connect: Connect, project: Path
) -> None:
    client = await connect("vscode", root=project)
    uri = client.open(project / "a.py", TOTAL)
    await proven(client, uri)
    await act(client, uri, 0, "Dismiss the 2 suggestions for `total`")
    await client.wait_for("window/showMessage")
    titles = [one["title"] for one in await client.actions(uri, 0)]
    assert titles == ["Make `total` faster (Paceline)"]
    answer = await client.request(
        "paceline/optimize", {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 4}}
    )
    assert answer["suggestions"] == []
    assert await client.actions(uri, 0, only=["source.optimize.paceline"]) == []
    await client.shut_down()
    with Bank.open(workspace_folder(project) / "bank") as bank:
        lessons, places = bank.lessons(), bank.places()
    assert places == {lesson.id: "a.py" for lesson in lessons}
    assert {lesson.origin.source for lesson in lessons} == {Source.PERSON}
    assert (
        "turned this down for `total`, although it was proven 3.1x faster"
        in lessons[0].text + lessons[-1].text
    )


async def test_comments_turn_whole_files_off(connect: Connect, project: Path) -> None:
    client = await connect("vscode", root=project)
    uri = client.open(project / "a.py", "# paceline: ignore-file[sorting]\n" + KEPT)
    assert len(await pulled(client, uri)) == 1
    client.change(uri, 2, [{"text": "# paceline: ignore-file\n" + KEPT + "\n\n" + TOTAL}])
    assert await pulled(client, uri) == []
    await proven(client, uri, 5)
    assert await client.actions(uri, 5, only=["source.optimize.paceline"]) == []
    assert (await client.actions(uri, 5))[0]["title"].startswith("3.1x"), "who asks is answered"
