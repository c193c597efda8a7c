"""Annotations that cannot be evaluated, as Python 3.14 has them: asking for them raises."""

from __future__ import annotations

import inspect
import sys
import types
from typing import Any, ClassVar

import pytest

from paceline.judge.python.worker import hints, protocols, signatures


class Lazy(type):
    """A class of classes whose annotations are evaluated when somebody asks, and name what is not there."""

    @property
    def __annotations__(cls) -> dict[str, Any]:
        raise NameError("name 'Tree' is not defined")


class Node(metaclass=Lazy):
    size = 0


class Function:
    """Something like a function, for which it is the same."""

    __globals__: ClassVar[dict[str, Any]] = {}

    @property
    def __annotations__(self) -> dict[str, Any]:
        raise NameError("name 'Tree' is not defined")


FUNCTION = Function()


@pytest.fixture
def annotationlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """The part of Python 3.14's module that is asked, where there is none."""
    if "annotationlib" in sys.stdlib_module_names:
        return
    module = types.ModuleType("annotationlib")
    module.Format = types.SimpleNamespace(FORWARDREF="forward references")  # type: ignore[attr-defined]

    def get_annotations(owner: Any, *, format: Any) -> dict[str, Any]:  # noqa: A002 - its name
        assert owner in (Node, FUNCTION)
        assert format == "forward references"
        return {"size": int, "tree": "Tree"}

    module.get_annotations = get_annotations  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "annotationlib", module)


def test_what_cannot_be_evaluated_is_left_out(annotationlib: None) -> None:
    assert signatures.annotations_of(Node)["size"] is int
    assert hints.hints_of(FUNCTION) == {"size": int}
    assert "size" in protocols.attributes_of(Node)


def test_without_annotationlib_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "annotationlib", None)
    assert signatures.annotations_of(Node) == {}
    assert hints.hints_of(FUNCTION) == {}


def test_a_signature_is_asked_for_again_with_forward_references(
    annotationlib: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    real = inspect.signature

    def signature(function: Any, **more: Any) -> inspect.Signature:
        asked.append(more)
        if not more:
            raise NameError("name 'Tree' is not defined")
        return real(function)

    monkeypatch.setattr(inspect, "signature", signature)
    assert list(signatures.signature_of(lambda a, b: None).parameters) == ["a", "b"]
    assert len(asked) == 2
    monkeypatch.setitem(sys.modules, "annotationlib", None)
    with pytest.raises(ValueError, match="no signature: name 'Tree'"):
        signatures.signature_of(len)
