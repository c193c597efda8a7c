"""What clients may ask beside the protocol: functions, suggestions, evidence, lessons, and to be taught."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from lessonbank.bank import Bank
from paceline.workspace import workspace_folder
from tests.lsp.client import WAIT_S, Client, ResponseError, apply_edit
from tests.lsp.conftest import Connect
from tests.lsp.scripted_server import LESSON
from tests.lsp.test_jobs import TOTAL, open_gate, optimize

TWO = TOTAL + "\n\ndef first(items, wanted):\n    return [x for x in wanted if x in items]\n"


@pytest.fixture
def project_with_a_lesson(project: Path) -> Path:
    """A trusted workspace whose bank holds the lesson that the members of every run were shown."""
    with Bank.open(workspace_folder(project) / "bank") as bank:
        bank.add(LESSON)
    return project


def of(uri: str, **more: Any) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, **more}


async def proven(client: Client, uri: str) -> list[dict[str, Any]]:
    functions = (await client.request("paceline/suggestions", of(uri)))["functions"]
    return [suggestion for function in functions for suggestion in function["suggestions"]]


@pytest.mark.asyncio(loop_scope="module")
async def test_functions_tell_where_they_are_and_what_is_known_of_them(
    client: Client, tmp_path: Path
) -> None:
    uri = client.open(tmp_path / "a.py", TWO)
    await client.request("textDocument/diagnostic", of(uri))
    await client.request("paceline/optimize", optimize(uri))
    total, first = (await client.request("paceline/functions", of(uri)))["functions"]
    assert (total["name"], first["name"]) == ("total", "first")
    assert total["proven"] == "3.1x faster (2.8-3.4): use a set for membership"
    assert first["proven"] is None
    assert first["range"]["start"] == {"line": 4, "character": 0}
    assert first["position"] == {"line": 4, "character": 0}
    assert first["hints"] == [{"recipe": "membership-set", "title": "use a set for membership"}]
    assert not total["running"]
    assert not total["ignored"]
    client.change(uri, 2, [{"text": TWO.replace("def first", "# paceline: ignore\ndef first")}])
    _, first = (await client.request("paceline/functions", of(uri)))["functions"]
    assert first["ignored"]


@pytest.mark.asyncio(loop_scope="module")
async def test_suggestions_follow_edits_elsewhere_and_end_with_edits_inside(
    client: Client, tmp_path: Path
) -> None:
    uri = client.open(tmp_path / "a.py", TOTAL)
    await client.request("paceline/optimize", optimize(uri))
    moved = "# Sums.\n\n\n" + TOTAL
    client.change(uri, 2, [{"text": moved}])
    best, second = await proven(client, uri)
    assert best["change"] == "use a set for membership"
    assert best["low"] > second["low"]
    assert "sum(items)  # faster: set" in apply_edit(moved, best["edit"], uri)
    here = await client.request("paceline/suggestions", of(uri, position={"line": 4, "character": 0}))
    assert [one["function"] for one in here["functions"]] == ["total"]
    client.change(uri, 3, [{"text": TOTAL.replace("items", "them")}])
    assert await proven(client, uri) == []


async def test_several_suggestions_become_one_edit(connect: Connect, project: Path) -> None:
    client = await connect(root=project)
    other = TOTAL.replace("items", "them")
    text = f"class Sums:\n    {TOTAL.replace(chr(10), chr(10) + '    ').rstrip()}\n\n\n{other}"
    uri = client.open(project / "a.py", text)
    for line in (1, 5):
        await client.request("paceline/optimize", optimize(uri, {"line": line, "character": 5}))
    functions = (await client.request("paceline/suggestions", of(uri)))["functions"]
    best = [one["suggestions"][0]["id"] for one in functions]
    answer = await client.request("paceline/combine", of(uri, ids=[*best, "unknown"]))
    assert answer["applied"] == best
    patched = apply_edit(text, answer["edit"], uri)
    assert patched.count("import itertools") == 1, "what they need alike comes once"
    assert patched.count("# faster: set") == 2
    of_one = [one["id"] for one in functions[0]["suggestions"]]
    answer = await client.request("paceline/combine", of(uri, ids=of_one))
    assert answer["applied"] == of_one[:1], "two versions of one function cannot both be"


PROPERTY = """\
class Bag:
    @property
    def total(self):
        return sum(self.items)

    @total.setter
    def total(self, items):
        self.items = sorted(items)
        return items
"""


async def test_the_functions_of_a_property_are_told_apart(connect: Connect, project: Path) -> None:
    client = await connect(root=project)
    uri = client.open(project / "a.py", PROPERTY)
    for line in (3, 7):
        await client.request("paceline/optimize", optimize(uri, {"line": line, "character": 9}))
    functions = (await client.request("paceline/suggestions", of(uri)))["functions"]
    assert [one["position"]["line"] for one in functions] == [2, 6]
    best = [one["suggestions"][0]["id"] for one in functions]
    answer = await client.request("paceline/combine", of(uri, ids=best))
    assert answer["applied"] == best
    patched = apply_edit(PROPERTY, answer["edit"], uri)
    assert "return sum(self.items)  # faster: set\n" in patched
    assert "return items  # faster: set\n" in patched


async def test_a_run_on_the_other_function_of_a_property_ends_none(connect: Connect, project: Path) -> None:
    client = await connect(root=project)
    text = PROPERTY.replace("total", "gated")
    uri = client.open(project / "a.py", text)
    getter, setter = [
        client.begin("paceline/optimize", optimize(uri, {"line": line, "character": 9}))[1] for line in (3, 7)
    ]
    open_gate(client, project)
    assert (await asyncio.wait_for(getter, WAIT_S))["status"] == "faster"
    assert (await asyncio.wait_for(setter, WAIT_S))["status"] == "faster"


async def test_evidence_is_whole_and_outlives_the_suggestion(
    connect: Connect, project_with_a_lesson: Path
) -> None:
    client = await connect(root=project_with_a_lesson)
    uri = client.open(project_with_a_lesson / "a.py", TOTAL)
    await client.request("paceline/optimize", optimize(uri))
    [best, _] = await proven(client, uri)
    evidence = await client.request("paceline/evidence", of(uri, id=best["id"]))
    assert (evidence["function"], evidence["member"]) == ("total", "recipes/membership")
    assert evidence["standing"]
    assert evidence["line"] == 0
    assert evidence["checks"]["sources"] == {"recorded": 12, "edge": 62}
    assert len(evidence["timing"]["sizes"][0]["ratios"]) == 5
    known, forgotten = evidence["lessons"]
    assert known["text"] == "A set made `total` faster."
    assert forgotten["text"] == "", "a lesson that is not there any more is told by its id"
    client.change(uri, 2, [{"text": apply_edit(TOTAL, best["edit"], uri)}])
    evidence = await client.request("paceline/evidence", of(uri, id=best["id"]))
    assert not evidence["standing"]
    assert evidence["line"] is None


async def test_lessons_are_listed_pinned_and_forgotten(connect: Connect, project_with_a_lesson: Path) -> None:
    project = project_with_a_lesson
    client = await connect(root=project)
    [lesson] = (await client.request("paceline/lessons", {}))["lessons"]
    assert lesson["root"] == str(project)
    assert lesson["evidence"]["high"] is None, "what is not finite has no JSON"
    assert lesson["credit"] is None
    assert lesson["place"] is None
    place = {"root": lesson["root"], "id": lesson["id"]}
    assert await client.request("paceline/lessons/pin", {**place, "pinned": True}) == {"found": True}
    [lesson] = (await client.request("paceline/lessons", {}))["lessons"]
    assert lesson["credit"]["pinned"]
    half = {**place, "id": "\ud83d", "pinned": True}
    assert await client.request("paceline/lessons/pin", half) == {"found": False}
    assert await client.request("paceline/lessons/forget", half) == {"found": False}
    assert await client.request("paceline/lessons/forget", place) == {"found": True}
    assert await client.request("paceline/lessons/forget", place) == {"found": False}
    assert (await client.request("paceline/lessons", {}))["lessons"] == []


@pytest.mark.parametrize(
    ("after", "outcome", "words"),
    [
        ("return sum(set(items))", "faster", "2.0x faster (1.80-2.2)."),
        ("return error", "wrong", "wrong: the results differ for total([])"),
        ("return 1", "cannot-judge", "cannot judge: no inputs were found"),
    ],
)
async def test_a_change_is_judged_and_taught(
    connect: Connect, project: Path, after: str, outcome: str, words: str
) -> None:
    client = await connect(root=project)
    uri = client.open(project / "src" / "a.py", TOTAL.replace("return sum(items)", after))
    params = of(uri, position={"line": 0, "character": 5}, before=TOTAL, words="use  a\nset")
    answer = await client.request("paceline/teach", {**params, "workDoneToken": "mine"})
    assert (answer["function"], answer["outcome"], answer["words"]) == ("total", outcome, words)
    await client.wait_for("$/progress", token="mine", value={"kind": "end", "message": "done"})
    lessons = {one["id"]: one for one in (await client.request("paceline/lessons", {}))["lessons"]}
    if outcome == "cannot-judge":
        assert answer["lesson"] is None
        assert not lessons
        return
    lesson = lessons[answer["lesson"]]
    assert lesson["origin"]["source"] == "person"
    assert lesson["transformation"] == "use a set"
    assert (lesson["origin"]["file"], lesson["place"]) == ("a.py", "src/a.py")


@pytest.mark.parametrize("editor", ["vscode", "neovim", "emacs"])
async def test_lessons_of_two_files_of_one_name_say_where_each_was_learnt(
    connect: Connect, project: Path, editor: str
) -> None:
    client = await connect(editor, root=project)
    taught = {}
    for number, place in enumerate(("module.py", "below/module.py", "beside/module.py")):
        uri = client.open(project / place, TOTAL.replace("sum(items)", f"sum(set(items)) + {number}"))
        params = of(uri, position={"line": 0, "character": 5}, before=TOTAL)
        taught[(await client.request("paceline/teach", params))["lesson"]] = place
    lessons = (await client.request("paceline/lessons", {}))["lessons"]
    assert {one["id"]: one["place"] for one in lessons} == taught
    assert {(one["root"], one["origin"]["file"], one["origin"]["target"]) for one in lessons} == {
        (str(project), "module.py", "total")
    }
    # A suggestion that is turned down teaches as well.
    uri = client.open(project / "last" / "module.py", TOTAL)
    await client.request("paceline/optimize", optimize(uri))
    suggestions = await proven(client, uri)
    about = {"position": {"line": 0, "character": 5}, "candidates": [suggestions[0]["id"]]}
    command = {"command": "paceline.dismiss", "arguments": [uri, about]}
    await client.request("workspace/executeCommand", command)
    async with asyncio.timeout(WAIT_S):
        while len(lessons) == len(taught):
            lessons = (await client.request("paceline/lessons", {}))["lessons"]
    assert [one["place"] for one in lessons if one["id"] not in taught] == ["last/module.py"]


@pytest.mark.parametrize("how", ["request", "display"])
async def test_teaching_that_is_cancelled_ends_and_banks_nothing(
    connect: Connect, project: Path, how: str
) -> None:
    client = await connect(root=project)
    uri = client.open(project / "a.py", TOTAL.replace("sum(items)", "hang(items)"))
    params = of(uri, position={"line": 0, "character": 5}, before=TOTAL, workDoneToken="mine")
    number, answer = client.begin("paceline/teach", params)
    await client.wait_for("$/progress", token="mine", value=_said("timing"))
    if how == "request":
        client.notify("$/cancelRequest", {"id": number})
    else:
        client.notify("window/workDoneProgress/cancel", {"token": "mine"})
    with pytest.raises(ResponseError, match="-32800"):
        await answer
    await client.wait_for("$/progress", token="mine", value={"kind": "end", "message": "cancelled"})
    assert (await client.request("paceline/lessons", {}))["lessons"] == []


async def test_teaching_that_fails_says_why(connect: Connect, project: Path) -> None:
    client = await connect(root=project)
    uri = client.open(project / "a.py", TOTAL.replace("sum(items)", "broken(items)"))
    params = of(uri, position={"line": 0, "character": 5}, before=TOTAL, workDoneToken="mine")
    with pytest.raises(ResponseError, match=r"-32803: no sandbox here; install bubblewrap"):
        await client.request("paceline/teach", params)
    ended = {"kind": "end", "message": "failed: no sandbox here; install bubblewrap"}
    await client.wait_for("$/progress", token="mine", value=ended)


def _said(message: str) -> dict[str, Any]:
    return {"kind": "report", "message": message, "cancellable": True}


async def test_what_cannot_be_done_is_said(connect: Connect, project: Path) -> None:
    client = await connect(root=project)
    uri = client.open(project / "a.py", TOTAL)
    at = {"line": 0, "character": 5}
    for method, params, complaint in (
        ("paceline/functions", [of(uri), None], "-32602.*takes an object with textDocument"),
        ("paceline/functions", of("file:///nowhere.py"), "-32803.*not open"),
        ("paceline/suggestions", of(uri, position={"line": 9, "character": 0}), "-32803.*no function here"),
        ("paceline/evidence", of(uri, id="unknown"), "-32803.*no suggestion unknown"),
        ("paceline/evidence", of(uri), "-32602.*textDocument, id"),
        ("paceline/lessons/pin", {"root": "/elsewhere", "id": "x", "pinned": True}, "-32803.*no project"),
        ("paceline/teach", of(uri, position=at, before=TOTAL), "-32803.*is what it was before"),
        ("paceline/teach", of(uri, position=at, before="x = 1\n"), "-32803.*no function is called total"),
        ("paceline/teach", of(uri, position=at), "-32602.*textDocument, before"),
    ):
        with pytest.raises(ResponseError, match=complaint):
            await client.request(method, params)


async def test_nothing_is_taught_where_the_workspace_is_not_trusted(connect: Connect, tmp_path: Path) -> None:
    root = tmp_path / "untrusted"
    root.mkdir()
    client = await connect(root=root, options={"isTrusted": False})
    uri = client.open(root / "a.py", TOTAL.replace("sum(items)", "sum(set(items))"))
    with pytest.raises(ResponseError, match=r"-32803.*not trusted"):
        await client.request("paceline/teach", of(uri, position={"line": 0, "character": 5}, before=TOTAL))
