from __future__ import annotations

import re
from pathlib import Path

import pytest

from paceline.errors import AmbiguousTarget, TargetNotFound, UnsupportedLanguage
from paceline.syntax.snapshot import Snapshot, language_of
from paceline.syntax.targets import find_targets, module_names, target_at, target_from, target_named

FIXTURES = Path(__file__).parent / "fixtures" / "targets"
MARKER = re.compile(r"^\s*# > (\S+)(.*)$")


def opened(text: str | bytes) -> Snapshot:
    return Snapshot.open(Path("module.py"), text)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.py")), ids=lambda path: path.stem)
def test_each_announced_definition_is_found_and_no_other(path: Path) -> None:
    lines = path.read_text("utf-8").split("\n")
    announced = [
        (number + 2, found[1], found[2].split())
        for number, line in enumerate(lines)
        if (found := MARKER.match(line))
    ]
    targets = find_targets(Snapshot.open(path, path.read_bytes()))
    assert [(t.start_line, t.name) for t in targets] == [(line, name) for line, name, _ in announced]
    for target, (_, _, flags) in zip(targets, announced, strict=True):
        said = dict(flag.partition("=")[::2] for flag in flags)
        assert target.is_async == ("async" in said)
        assert target.is_nested == ("nested" in said)
        assert target.is_method == ("method" in said)
        shown = {
            "lines": str(target.end_line - target.start_line + 1),
            "parameters": ",".join(target.parameters),
            "decorators": ",".join(target.decorators),
            "fields": ",".join(target.context.fields),
        }
        expected = {key: value for key, value in said.items() if key in shown}
        assert {key: shown[key] for key in expected} == expected, target.name


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n    ret$0urn 1\n", "f"),
        ("$0def f(): pass\n", "f"),
        ("def f(): pass$0\n", "f"),
        ("def f(): pass\n$0\n", None),
        ("class A:\n    x = $01\n    def f(self): pass\n", None),
        ("class A:\n    @property\n    de$0f f(self): pass\n", "A.f"),
        ("class A:\n    @prop$0erty\n    def f(self): pass\n", "A.f"),
        ("def f():\n    def g():\n        $0return 1\n    return g\n", "f.<locals>.g"),
        ("def f():\n    def g():\n        return 1\n    return $0g\n", "f"),
        ("def f():\n    def g():\n        x = [\n    return $0g\n", None),
        ("$0", None),
    ],
)
def test_target_at_a_cursor(source: str, expected: str | None) -> None:
    offset = source.encode().index(b"$0")
    found = target_at(opened(source.replace("$0", "")), offset)
    assert (found.name if found else None) == expected


def test_the_context_is_what_the_target_names() -> None:
    snapshot = opened(
        "import os\nfrom a import b\nLIMIT = 3\nOTHER = 4\n"
        "def helper(): return LIMIT\n"
        "def unused(): return 1\n"
        "class Kind:\n    pass\n"
        "try:\n    import fast\nexcept ImportError:\n    fast = None\n"
        "def f(x):\n    import inner\n    return helper(), Kind, f, LIMIT\n"
    )
    context = target_named(snapshot, "f").context
    assert context.imports == ("import os", "from a import b", "import fast")
    assert context.helpers == ("LIMIT = 3", "def helper(): return LIMIT", "class Kind:\n    pass")


def test_module_names_are_all_that_the_module_level_binds() -> None:
    snapshot = opened(
        "import a.b, c as d\nfrom e import f as g\nx = y = 1\n(p, [q, *r]), o.attribute = z\nn: int = 1\n"
        "for i, j in z: k = 1\nwith z as (l, m): pass\nif (w := 1):\n    def fn(inner): local = 1\n"
        "class K:\n    field = 1\n    def method(self): pass\n"
        "try: pass\nexcept E as err: pass\n"
        "def top(arg):\n    global declared\n    hidden = 1\n    import secret\n"
        "type T = int\nu += 1\nmatch z:\n    case {'k': v}: pass\n"
        "[comp for comp in z]\n"
    )
    names = module_names(snapshot)
    assert names >= {*"adgxypqrnijklmwKTuv", "fn", "err", "top", "declared"}
    assert not names & {"inner", "local", "field", "method", "arg", "hidden", "secret", "comp", "attribute"}
    assert "*" in module_names(opened("from os import *\n"))


def test_a_definition_that_replaces_another_wins() -> None:
    snapshot = opened("def f(): return 1\nx = f\ndef f(): return 2\n")
    assert target_named(snapshot, "f").start_line == 3


def test_overloads_stand_for_their_implementation() -> None:
    snapshot = opened(
        "from typing import overload\n@overload\ndef f(a: int) -> int: ...\n"
        "@overload\ndef f(a: str) -> str: ...\ndef f(a): return a\n"
    )
    assert target_named(snapshot, "f").start_line == 6


@pytest.mark.parametrize(
    "source",
    [
        "if x:\n    def f(): return 1\nelse:\n    def f(): return 2\n",
        "try:\n    import a\nexcept ImportError:\n    def f(): return 1\nelse:\n    def f(): return 2\n",
    ],
)
def test_definitions_of_which_either_may_be_alive_are_ambiguous(source: str) -> None:
    snapshot = opened(source)
    targets = find_targets(snapshot)
    with pytest.raises(AmbiguousTarget) as caught:
        target_named(snapshot, "f")
    for target in targets:
        assert str(target.start_line) in str(caught.value)
    assert f"f@{targets[0].start_line}" in str(caught.value)
    assert target_named(snapshot, f"f@{targets[1].start_line}") == targets[1]


def test_a_property_and_its_setter_are_ambiguous() -> None:
    snapshot = opened(
        "class A:\n    @property\n    def x(self): return 1\n    @x.setter\n    def x(self, value): pass\n"
    )
    with pytest.raises(AmbiguousTarget, match=r"lines 2, 4.*A\.x@2"):
        target_named(snapshot, "A.x")
    assert target_named(snapshot, "A.x@4").parameters == ("self", "value")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    snapshot = opened("class Box:\n    def sizes(self): pass\ndef total(): pass\n")
    with pytest.raises(TargetNotFound, match=r"module\.py.*Box\.sizes"):
        target_named(snapshot, "sizes")
    with pytest.raises(TargetNotFound, match="total"):
        target_named(snapshot, "totall")
    with pytest.raises(TargetNotFound, match=r"defines Box\.sizes, total"):
        target_named(snapshot, "zzz")
    with pytest.raises(TargetNotFound, match="defines none"):
        target_named(opened("x = 1\n"), "f")
    with pytest.raises(TargetNotFound, match="total@99"):
        target_named(snapshot, "total@99")


def test_a_function_with_a_syntax_error_says_so() -> None:
    with pytest.raises(TargetNotFound, match=r"module\.py:2.*syntax error"):
        target_named(opened("\ndef f(x):\n    return (x +\n\n\ny = 2\n"), "f")


@pytest.mark.parametrize(
    "decorators", ["@cached twice", "@cached\n$", "@cached\n@app.route x", "@size.s\retter"]
)
def test_a_mistake_in_a_decorator_hides_its_own_function_only(decorators: str) -> None:
    snapshot = opened(f"{decorators}\ndef f(x):\n    return x\n\n\ndef g(x):\n    return x\n")
    assert [target.name for target in find_targets(snapshot)] == ["g"]
    with pytest.raises(TargetNotFound, match="syntax error"):
        target_named(snapshot, "f")


def test_files_of_other_languages_are_refused_with_what_is_read() -> None:
    with pytest.raises(UnsupportedLanguage, match=r"\.zig.*\.py"):
        language_of(Path("a.zig"))
    with pytest.raises(UnsupportedLanguage, match="python"):
        Snapshot.open(Path("a.py"), b"", language="klingon")
    assert language_of(Path("A.PY")) == "python"


def test_targets_are_taken_over_where_their_source_is_the_same() -> None:
    before = opened("def a(x): return x\ndef b(y): return [y]\n")
    targets = find_targets(before)
    after = before.edited(0, 0, b"LIMIT = 1\n", version=1)
    reused = find_targets(after, reuse=targets)
    assert reused == find_targets(after) == tuple(target_from(after, f) for f in after.outline.functions)
    assert reused[0].features is targets[0].features


def test_the_same_source_under_another_name_keeps_its_own_recursion() -> None:
    first = opened("class A:\n    def f(self): return g()\n")
    second = opened("class A:\n    def f(self): return g()\nclass B:\n    def f(self): return g()\n")
    assert find_targets(second, reuse=find_targets(first)) == find_targets(second)


def test_nesting_deeper_than_any_stack_is_read() -> None:
    deep = "def f():\n    return " + "(" * 5_000 + "1" + ")" * 5_000 + "\n"
    long = "def g():\n    return " + "+".join(["1"] * 5_000) + "\n"
    targets = find_targets(opened(deep + long))
    assert [target.name for target in targets] == ["f", "g"]
    assert targets[1].features["op:+"] == 4_999
