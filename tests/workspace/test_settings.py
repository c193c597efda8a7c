from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from paceline.errors import InvalidSettings
from paceline.workspace import (
    EngineSettings,
    Entry,
    Layer,
    ModelSettings,
    Problem,
    Settings,
    load_settings,
    paceline_home,
    require_readable,
    schema,
)
from paceline.workspace.layers import LONGEST
from paceline.workspace.pythons.project import toml_of
from paceline.workspace.schema import accepted, nearest_key


def test_schema_and_records_are_equal() -> None:
    records = {key: (kind, default) for key, kind, default in _leaves(Settings())}
    assert list(records) == list(schema())
    for key, entry in schema().items():
        kind, default = records[key]
        assert accepted(entry, entry.default) == default, key
        assert type(accepted(entry, entry.default)) is type(default), key
        assert _named(kind) == _expected_kind(entry), key


@pytest.mark.parametrize(
    ("key", "record"), [("team.members", ModelSettings), ("team.engines", EngineSettings)]
)
def test_the_fields_of_a_table_are_those_of_its_record(key: str, record: type) -> None:
    fields = {field.name: field for field in dataclasses.fields(record)}
    kinds = get_type_hints(record)
    entries = schema()[key].fields
    assert list(fields) == list(entries)
    for name, entry in entries.items():
        assert _named(kinds[name]) == _expected_kind(entry), name
        if not entry.required and name != "name":
            assert fields[name].default == accepted(entry, entry.default), name
        assert entry.description.endswith("."), name


def test_the_schema_is_fit_to_be_shown() -> None:
    for key, entry in schema().items():
        assert entry.description.endswith("."), key
        assert not entry.choices or entry.default in entry.choices
        assert (entry.minimum > float("-inf")) == (entry.type in {"integer", "number"}), key
        assert entry.minimum <= entry.maximum


def test_the_defaults(root: Path) -> None:
    assert load_settings(root, trusted=False) == (Settings(), ())


def test_the_stronger_word_counts(root: Path) -> None:
    (paceline_home() / "settings.toml").write_text(
        "rounds = 2\nlessons = 2\nbudget_s = 2\nmax_candidates = 2\n"
    )
    (root / "pyproject.toml").write_text("[tool.paceline]\nlessons = 3\nbudget_s = 3\nmax_candidates = 3\n")
    (root / ".paceline.toml").write_text("budget_s = 4\nmax_candidates = 4\n[judge]\nconfidence = 0.9\n")
    overrides = ({"max_candidates": 5, "judge": {"minimum_gain": 0.5}}, {"judge.minimum_gain": 0.6})
    settings, problems = load_settings(root, trusted=False, overrides=overrides)
    assert problems == ()
    assert (settings.rounds, settings.lessons, settings.budget_s, settings.max_candidates) == (2, 3, 4.0, 5)
    assert settings.judge == dataclasses.replace(Settings().judge, confidence=0.9, minimum_gain=0.6)


def test_a_mistyped_key_is_said_with_file_line_and_nearest_key(root: Path) -> None:
    file = root / ".paceline.toml"
    file.write_text("# comment\nlessons = 2\n\n[judge]\nminimum_gains = 0.2\n")
    settings, (problem,) = load_settings(root, trusted=True)
    assert settings.lessons == 2
    assert (problem.source, problem.key, problem.line) == (str(file), "judge.minimum_gains", 5)
    assert "judge.minimum_gain" in problem.message
    assert str(problem).startswith(f"{file}:5: judge.minimum_gains: ")


def test_lines_in_pyproject_are_those_of_the_file(root: Path) -> None:
    (root / "pyproject.toml").write_text('[project]\nrounds = "x"\n\n[tool.paceline.hints]\nenable = 3\n')
    _, (problem,) = load_settings(root, trusted=True)
    assert (problem.key, problem.line) == ("hints.enable", 5)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("runds", "rounds"),
        ("maxCandidates", "max_candidates"),
        ("minimum_gain", "judge.minimum_gain"),
        ("judge.memory", "judge.memory_mb"),
        ("interpreter", "python.interpreter"),
        ("python.path", "python.interpreter"),
        ("hint.enabled", "hints.enable"),
    ],
)
def test_the_nearest_key(typed: str, meant: str) -> None:
    assert nearest_key(typed) == meant


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rounds", "many"),
        ("rounds", 0),
        ("rounds", 2.5),
        ("rounds", True),
        ("rounds", 10**400),
        ("rounds", float("nan")),
        ("budget_s", float("inf")),
        ("budget_s", [1]),
        ("selection", "best"),
        ("hints.enable", 1),
        ("hints.disabled", "all"),
        ("hints.disabled", [1]),
        ("hints.disabled", {"a": 1}),
        ("judge", 3),
        ("hints", ["enable"]),
        ("python.interpreter", ["python"]),
    ],
)
def test_a_bad_value_is_said_and_the_weaker_word_stays(root: Path, key: str, value: object) -> None:
    (root / ".paceline.toml").write_text("rounds = 7\n")
    settings, (problem,) = load_settings(root, trusted=True, overrides=({key: value, "lessons": 1},))
    assert problem.key == key
    assert settings == dataclasses.replace(Settings(), rounds=7, lessons=1)


@pytest.mark.parametrize(
    ("values", "key", "expected"),
    [
        ({"rounds": 4.0}, "rounds", 4),
        ({"budget_s": 5}, "budget_s", 5.0),
        ({"hints": {"disabled": ("a", "b")}}, "hints.disabled", ("a", "b")),
        ({"hints": {"disabled": {}}}, "hints.disabled", ()),
        ({"hints": []}, "hints.enable", True),
        ({"hints": ()}, "hints.enable", True),
        ({"judge": None, "rounds": None}, "rounds", 4),
        ([], "rounds", 4),
    ],
)
def test_what_editors_really_send(root: Path, values: Any, key: str, expected: object) -> None:
    """Lua has one number and one empty table; sequences may arrive as tuples; null means no opinion."""
    settings, problems = load_settings(root, trusted=True, overrides=(values,))
    assert problems == ()
    got = {name: default for name, _, default in _leaves(settings)}[key]
    assert (got, type(got)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"rounds = 3\nlessons = = 2\n", 2),
        (b"rounds = 3\n[judge\n", 2),
        (b'rounds = "', 1),
        (b"\xff\n", None),
    ],
)
def test_a_malformed_file_is_said_and_the_rest_applies(root: Path, content: bytes, line: int | None) -> None:
    (root / ".paceline.toml").write_bytes(content)
    (root / "pyproject.toml").write_text("[tool.paceline]\nrounds = 9\n")
    settings, problems = load_settings(root, trusted=True)
    assert settings.rounds == 9
    (problem,) = problems
    assert (problem.source, problem.line, problem.unreadable) == (str(root / ".paceline.toml"), line, True)
    with pytest.raises(InvalidSettings, match=r"\.paceline\.toml"):
        require_readable(problems)


def test_windows_and_byte_order_marks_are_no_problem(root: Path) -> None:
    (root / ".paceline.toml").write_bytes(b"\xef\xbb\xbfrounds = 3\r\nlessons = 2\r\n")
    settings, problems = load_settings(root, trusted=True)
    assert (settings.rounds, settings.lessons, problems) == (3, 2, ())


@pytest.mark.parametrize("content", ["", "[tool]\n", "[tool.other]\nrounds = 1\n", "tool = 3\n"])
def test_a_project_without_a_section(root: Path, content: str) -> None:
    (root / "pyproject.toml").write_text(content)
    assert load_settings(root, trusted=True) == (Settings(), ())


def test_a_section_that_is_none(root: Path) -> None:
    (root / "pyproject.toml").write_text("[tool]\npaceline = 3\n")
    settings, (problem,) = load_settings(root, trusted=True)
    assert (settings, problem.key) == (Settings(), "tool.paceline")


@pytest.mark.parametrize("what", ["a device", "a pipe", "too long"])
def test_what_has_no_end_is_not_read(root: Path, what: str) -> None:
    file = root / ".paceline.toml"
    if what == "a device":
        file.symlink_to("/dev/zero")
    elif what == "a pipe":
        os.mkfifo(file)
    else:
        file.write_text("# and so on\n" * (LONGEST // 10))
    (root / "pyproject.toml").write_text("[tool.paceline]\nrounds = 9\n")
    settings, (problem,) = load_settings(root, trusted=False)
    assert settings.rounds == 9
    assert problem.unreadable
    assert ("more than 1,000,000 bytes" if what == "too long" else "no regular file") in str(problem)


def test_what_a_tool_is_said_to_be_by_a_device_is_nothing(root: Path) -> None:
    (root / "pyproject.toml").symlink_to("/dev/zero")
    assert toml_of(root / "pyproject.toml") == {}


def test_a_folder_in_place_of_a_file(root: Path) -> None:
    (root / ".paceline.toml").mkdir()
    _, (problem,) = load_settings(root, trusted=True)
    assert problem.unreadable


class TestRestricted:
    """A workspace that is not trusted names nothing that is run."""

    @pytest.mark.parametrize("file", ["pyproject.toml", ".paceline.toml"])
    def test_from_the_workspace(self, root: Path, file: str) -> None:
        table = "[tool.paceline.python]" if file == "pyproject.toml" else "[python]"
        (root / file).write_text(f'{table}\ninterpreter = "./evil"\n')
        settings, (problem,) = load_settings(root, trusted=False)
        assert settings.python.interpreter == ""
        assert f"paceline trust {root}" in problem.message
        assert problem.line == 2
        settings, problems = load_settings(root, trusted=True)
        assert (settings.python.interpreter, problems) == ("./evil", ())

    def test_from_the_person(self, root: Path) -> None:
        (paceline_home() / "settings.toml").write_text('python.interpreter = "mine"\n')
        settings, problems = load_settings(root, trusted=False)
        assert (settings.python.interpreter, problems) == ("mine", ())
        layer = Layer(source="--python", values={"python": {"interpreter": "typed"}})
        assert load_settings(root, trusted=False, overrides=(layer,))[0].python.interpreter == "typed"

    def test_from_a_workspace_file_an_editor_read(self, root: Path) -> None:
        values = {"python": {"interpreter": "evil"}}
        layer = Layer(source=".vscode/settings.json", values=values, from_workspace=True)
        settings, (problem,) = load_settings(root, trusted=False, overrides=(layer,))
        assert settings == Settings()
        assert problem.source == ".vscode/settings.json"


class TestTeam:
    """Model members: tables, each read on its own."""

    MEMBER = 'base_url = "http://127.0.0.1:8000/v1"\nmodel = "org/Coder-7B"\n'

    def test_from_pyproject(self, root: Path) -> None:
        (root / "pyproject.toml").write_text(
            f"[tool.paceline.team]\nrecipes = false\n\n[[tool.paceline.team.members]]\n{self.MEMBER}"
            f'\n[[tool.paceline.team.members]]\nname = "bold"\ntemperature = 1\n{self.MEMBER}'
        )
        settings, problems = load_settings(root, trusted=True)
        assert problems == ()
        assert settings.team.recipes is False
        plain = ModelSettings(name="Coder-7B", base_url="http://127.0.0.1:8000/v1", model="org/Coder-7B")
        assert settings.team.members == (plain, dataclasses.replace(plain, name="bold", temperature=1.0))

    def test_what_does_not_apply_is_said_and_the_rest_does(self, root: Path) -> None:
        (root / ".paceline.toml").write_text(
            f"[[team.members]]\n{self.MEMBER}temprature = 1.0\nmax_tokens = 3\n"
            "\n[[team.members]]\nmodel = 'b'\n"
        )
        settings, problems = load_settings(root, trusted=True)
        assert [member.name for member in settings.team.members] == ["Coder-7B"]
        assert settings.team.members[0].max_tokens == 2048
        said = {problem.key: problem for problem in problems}
        assert set(said) == {
            "team.members[0].temprature",
            "team.members[0].max_tokens",
            "team.members[1].base_url",
        }
        assert "nearest is temperature" in said["team.members[0].temprature"].message
        assert (said["team.members[0].temprature"].line, said["team.members[1].base_url"].line) == (4, 7)

    @pytest.mark.parametrize(
        "url",
        [
            "127.0.0.1:8000",
            "ftp://host/v1",
            "http://",
            "http://host:port/v1",
            "http://me:hunter2@host/v1",
            "http://host/v1?key=hunter2",
        ],
    )
    def test_addresses_that_are_none_and_secrets_in_them(self, root: Path, url: str) -> None:
        layer = {"team": {"members": [{"base_url": url, "model": "m"}]}}
        settings, problems = load_settings(root, trusted=True, overrides=(layer,))
        assert settings.team.members == ()
        assert [problem.key for problem in problems] == ["team.members[0].base_url"]
        assert "hunter2" not in str(problems)

    def test_a_key_in_place_of_its_variable_is_not_repeated(self, root: Path) -> None:
        member = {"base_url": "http://a/v1", "model": "m", "api_key_env": "sk-hunter2"}
        settings, problems = load_settings(root, trusted=True, overrides=({"team": {"members": [member]}},))
        assert settings.team.members[0].api_key_env == ""
        assert "environment variable" in str(problems)
        assert "hunter2" not in str(problems)

    def test_two_of_one_name(self, root: Path) -> None:
        members = [{"base_url": "http://a/v1", "model": "m"}, {"base_url": "http://b/v1", "model": "m"}]
        settings, (problem,) = load_settings(root, trusted=True, overrides=({"team": {"members": members}},))
        assert [member.base_url for member in settings.team.members] == ["http://a/v1"]
        assert problem.key == "team.members[1].name"

    @pytest.mark.parametrize("text", [f"[[team.members]]\n{MEMBER}", "team.preset = 'laptop'\n"])
    def test_a_workspace_that_is_not_trusted_names_no_endpoint(self, root: Path, text: str) -> None:
        (root / ".paceline.toml").write_text(text)
        settings, (problem,) = load_settings(root, trusted=False)
        assert settings == Settings()
        assert "paceline trust" in problem.message

    def test_rounds_and_lessons_go_by_both_names(self, root: Path) -> None:
        (root / ".paceline.toml").write_text("[team]\nrounds = 2\nlessons = 900\n")
        settings, (problem,) = load_settings(root, trusted=True)
        assert (settings.rounds, settings.lessons) == (2, 4)
        assert problem.key == "team.lessons"


def test_a_problem_reads_as_a_line() -> None:
    assert str(Problem(source="a.toml", key="rounds", message="no", line=3)) == "a.toml:3: rounds: no"
    assert str(Problem(source="a.toml", message="no")) == "a.toml: no"


def _leaves(record: Any, prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    hints = get_type_hints(type(record))
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if dataclasses.is_dataclass(value):
            yield from _leaves(value, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name, hints[field.name], value


_RECORDS = {"team.members": "ModelSettings", "team.engines": "EngineSettings"}


def _expected_kind(entry: Entry) -> str:
    kinds = {
        "boolean": "bool",
        "integer": "int",
        "number": "float",
        "strings": "tuple[str, ...]",
        "tables": f"tuple[{ModelSettings.__module__}.{_RECORDS.get(entry.key, '')}, ...]",
    }
    choices = f"typing.Literal{list(entry.choices)}"
    return kinds.get(entry.type, choices if entry.choices else "str")


def _named(kind: Any) -> str:
    return kind.__name__ if kind in (bool, int, float, str) else str(kind)
