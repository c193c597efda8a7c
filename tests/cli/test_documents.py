"""What the documents say is true: their commands parse, their recipe works, their tables match the code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from lessonbank.outcome import Outcome
from lessonbank.recipe import apply, read_recipe
from paceline.cli.commands import paceline
from paceline.team.models import configured
from paceline.workspace import load_settings, schema

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", "docs/verdicts.md", "examples/README.md")
]


def commands() -> Iterator[list[str]]:
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for typed in re.findall(r"^ {4}paceline (.+)$|`paceline ([^`]+)`", text, flags=re.MULTILINE):
            yield re.split(r"\s{2,}#|\s+", "".join(typed).partition("#")[0].strip())


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_commands_in_the_documents_exist(words: list[str]) -> None:
    command: click.Command = paceline
    context = click.Context(command)
    while words and isinstance(command, click.Group):
        name, *words = words
        found = command.get_command(context, name)
        assert found is not None, name
        command = found
    # What stands behind -- is another program's.
    words = words[: words.index("--")] if "--" in words else words
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_the_recipe_in_contributing_works() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- recipe: begin -->\n```toml\n(.*?)```", text, flags=re.DOTALL)
    assert found is not None
    (record,) = tomllib.loads(found[1])["recipe"]
    recipe = read_recipe({**record, "category": "membership", "language": "python"}, file="CONTRIBUTING.md")
    (application,) = apply(recipe, recipe.example.before, module_names=frozenset())
    assert application.source == recipe.example.after
    assert not any(apply(recipe, source, module_names=frozenset()) for source in recipe.refuses)


def test_every_outcome_is_explained() -> None:
    text = (ROOT / "docs" / "verdicts.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \*\*([a-z-]+)\*\*", text, flags=re.MULTILINE) == [
        outcome.value for outcome in Outcome
    ]


def test_links_between_the_documents_lead_somewhere() -> None:
    for document in DOCUMENTS:
        for link in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
            if not link.startswith("http"):
                assert (document.parent / link).exists(), f"{document.name}: {link}"


def test_the_settings_table_is_the_schema() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("<!-- settings: begin -->\n")
    table, _, _ = rest.partition("<!-- settings: end -->")
    assert [line for line in table.splitlines() if line.startswith("| `")] == settings_rows()


def settings_rows() -> list[str]:
    """What the table must say. On a difference, put these lines there."""
    rows = []
    for entry in schema().values():
        star, default = " *" if entry.restricted else "", toml_value(entry.default)
        other = f" Also `{entry.alias}`." if entry.alias else ""
        rows.append(f"| `{entry.key}`{star} | `{default}` | {entry.description}{other} |")
        for field in entry.fields.values():
            default = "has to be said" if field.required else f"`{toml_value(field.default)}`"
            rows.append(f"| `{field.key}` | {default} | {field.description} |")
    return rows


def toml_value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case tuple() | list():
            return f"[{', '.join(map(toml_value, value))}]"
        case str():
            return f'"{value}"'
        case _:
            return str(value)


@pytest.mark.parametrize(
    ("language", "file"),
    [
        ("lua", "editors/neovim/README.md"),
        ("toml", "editors/helix/languages.toml"),
        ("elisp", "editors/emacs/README.md"),
    ],
)
def test_the_editors_set_up_is_that_of_their_folders(language: str, file: str) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    editors = text.partition("<!-- editors: begin -->")[2].partition("<!-- editors: end -->")[0]
    shown = re.findall(rf"```{language}\n(.*?)```", editors, flags=re.DOTALL)
    known = (ROOT / file).read_text(encoding="utf-8").splitlines()
    assert shown
    assert all(line in known for block in shown for line in block.splitlines())


def test_the_settings_for_models_are_settings(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("<!-- models: begin -->")[2].partition("<!-- models: end -->")[0]
    shown = re.findall(r"```toml\n(.*?)```", section, flags=re.DOTALL)
    assert len(shown) == 2
    for block in shown:
        (tmp_path / "pyproject.toml").write_text(block)
        settings, problems = load_settings(tmp_path, trusted=True)
        assert not problems
        members = configured(settings.team)
        assert members
        # What is asked for is what the commands beside it have started.
        assert all(member.model in section for member in members)
