"""The table of features: every name in it stands for a handler, of the kind that is said."""

from __future__ import annotations

import inspect

import pytest

from paceline.lsp.actions import PRODUCERS
from paceline.lsp.features import ACTIONS, COMMANDS, FEATURES, Feature, handler


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.method)
def test_a_handler_waits_where_the_table_says_so(feature: Feature) -> None:
    assert inspect.iscoroutinefunction(handler(feature.handler)) == feature.is_async


@pytest.mark.parametrize("name", COMMANDS.values())
def test_a_command_waits_for_nothing(name: str) -> None:
    assert not inspect.iscoroutinefunction(handler(name))


def test_methods_are_called_what_their_files_call_them() -> None:
    from paceline.lsp.actions import best_of_file, dismiss
    from paceline.lsp.features import (
        combine,
        evidence,
        execute_command,
        function_list,
        lessons,
        optimize,
        suggestions,
        teach,
        trust,
    )
    from paceline.lsp.features import dismiss as dismissing

    methods = {feature.method for feature in FEATURES}
    ours = {evidence.METHOD, function_list.METHOD, lessons.LIST, lessons.PIN, lessons.FORGET}
    ours |= {optimize.METHOD, combine.METHOD, suggestions.METHOD, teach.METHOD, trust.METHOD}
    assert {method for method in methods if method.startswith("paceline/")} == ours
    assert set(COMMANDS) == {execute_command.OPTIMIZE, dismiss.COMMAND, dismissing.UNDO}
    assert best_of_file.KIND in (ACTIONS.code_action_kinds or ())


def test_every_kind_that_is_made_is_announced() -> None:
    announced = [str(getattr(kind, "value", kind)) for kind in ACTIONS.code_action_kinds or ()]
    for producer in PRODUCERS:
        assert any(producer.kind == kind or producer.kind.startswith(f"{kind}.") for kind in announced)
