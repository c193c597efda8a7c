"""The story of a person in VS Code, acted out in a real browser with the packaged extension."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.editors.vscode.conftest import REPOSITORY, OpenWorkbench

THEMES = {"dark": "Default Dark Modern", "light": "Default Light Modern"}

PICTURES = os.environ.get("PACELINE_PICTURES")
"""Where ``make screenshots`` puts pictures; otherwise the story is acted out once and none is taken."""

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("theme", THEMES if PICTURES else ["dark"])
def test_from_the_light_bulb_to_the_applied_suggestion(open_workbench: OpenWorkbench, theme: str) -> None:
    pictures = REPOSITORY / PICTURES if PICTURES else None
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    workbench = open_workbench(**{"workbench.colorTheme": THEMES[theme]})
    workbench.tell("apply", pictures=pictures, theme=theme)
    applied = (workbench.shop / "shop" / "customers.py").read_text()
    assert applied != Path(REPOSITORY, "examples/shop/customers.py").read_text()


def test_every_day(open_workbench: OpenWorkbench) -> None:
    open_workbench(**{"paceline.hints.lens": True}).tell("everyday")


def test_the_server_is_installed_where_there_is_none(open_workbench: OpenWorkbench) -> None:
    open_workbench(has_server=False).tell("install")


def test_bad_days(open_workbench: OpenWorkbench) -> None:
    open_workbench().tell("bad_days")
