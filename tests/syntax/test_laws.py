"""Laws of snapshots, spans and splices, over generated modules."""

from __future__ import annotations

import ast
from pathlib import Path

import tree_sitter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paceline.syntax.fingerprint import features, normal_hash
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.splice import parse_replacement, splice
from paceline.syntax.target import Replacement
from paceline.syntax.targets import find_targets, target_at, target_named
from paceline.syntax.text import BOM, line_starts

laws = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

BODIES = st.sampled_from(
    [
        ["return 1"],
        ["x = [", "    1,", "]", "return x  # why"],
        ['"""Doc.', "", "indented", '"""', "return '🚴'"],
        ["for i in range(3):", "    if i:", "        total = i", "return '''a", "  b", "'''"],
        ["def inner(y):", "    return y", "return inner(1)"],
        ["# a comment", "return f'{1:>3}' + \\", "  'é'"],
        ["pass", "", "# at the end"],
    ]
)
DECORATORS = st.sampled_from([[], ["@cache"], ["@a.b(1,", "   2)", "# between", "@c"]])


@st.composite
def functions(draw: st.DrawFn, name: str, indent: str) -> list[str]:
    head = draw(st.sampled_from(["def", "async def"]))
    lines = [*draw(DECORATORS), f"{head} {name}(self, x=1):"]
    in_string = False
    out = [indent + line for line in lines]
    for line in draw(BODIES):
        out.append(line if in_string or not line else f"{indent}    {line}")
        in_string ^= (line.count('"""') + line.count("'''")) % 2 == 1
    return out


@st.composite
def modules(draw: st.DrawFn) -> bytes:
    lines = draw(st.sampled_from([[], ["#!/bin/sh", '"""Doc."""', "from __future__ import annotations"]]))
    lines = [*lines, *draw(st.sampled_from([[], ["import os", "", "LIMIT = 'é '"]]))]
    for number in range(draw(st.integers(1, 3))):
        lines += [*draw(st.sampled_from([[], ["", "# about it"]])), *draw(functions(f"f{number}", ""))]
        if draw(st.booleans()):
            lines += ["", f"class C{number}:", "    text = '''", "x", "'''"]
            lines += [*draw(functions("m", "    ")), *draw(functions("n", "    "))]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    bom = draw(st.sampled_from(["", "\ufeff"]))
    return (bom + newline.join(lines) + draw(st.sampled_from(["", newline]))).encode()


def opened(text: bytes) -> Snapshot:
    return Snapshot.open(Path("module.py"), text)


@laws
@given(modules())
def test_generated_modules_are_python(text: bytes) -> None:
    ast.parse(text)
    assert not opened(text).tree.root_node.has_error


@laws
@given(modules())
def test_a_span_holds_its_target_and_a_source_says_what_it_says(text: bytes) -> None:
    snapshot = opened(text)
    for target in find_targets(snapshot):
        assert target_at(snapshot, target.span.start) == target
        assert target_named(snapshot, f"{target.name}@{target.start_line}") == target
        ast.parse(target.source)
        assert normal_hash(target.source, "python") == target.hash
        assert features(target.source, "python") == target.features


@laws
@given(modules())
def test_putting_a_target_back_changes_nothing(text: bytes) -> None:
    for target in find_targets(opened(text)):
        assert splice(target, Replacement(definition=target.source)) == text


@laws
@given(modules(), st.data())
def test_a_splice_parses_and_holds_the_replacement(text: bytes, data: st.DataObject) -> None:
    target = data.draw(st.sampled_from(find_targets(opened(text))))
    name = target.name.rpartition(".")[2]
    head = "async def" if target.is_async else "def"
    candidate = "\n".join(
        [
            "from math import inf",
            "_TABLE = '''",
            "x'''",
            "def _helper():",
            "    return _TABLE",
            *data.draw(DECORATORS),
            f"{head} {name}(self, x=1):",
            "    if x:",
            "        return _helper(), '''",
            " y'''",
            "    return inf",
        ]
    )
    replacement = parse_replacement(candidate, target)
    result = splice(target, replacement)
    ast.parse(result)
    found = [t for t in find_targets(opened(result)) if t.name == target.name]
    assert replacement.definition in [t.source for t in found]
    before, after = text[: target.span.start].removeprefix(BOM), text[target.span.end :]
    assert result.endswith(after)
    # What was added in front is added as whole lines: without them the bytes are the document's own.
    kept = result[: len(result) - len(after)]
    position = 0
    for line in before.splitlines(keepends=True):
        position = kept.index(line, position) + len(line)
    again = splice(found[-1], Replacement(definition=target.source))
    assert again.count(b"_helper()") == 1
    # A second helping finds everything there and adds nothing.
    same = target_named(
        opened(result), f"{target.name}@{opened(result).line(kept.rindex(b'return inf')) + 1}"
    )
    assert splice(same, replacement) == result


@laws
@given(modules(), st.data())
def test_an_edited_snapshot_is_the_snapshot_of_the_edited_text(text: bytes, data: st.DataObject) -> None:
    snapshot = opened(text)
    original = shape(snapshot.tree.root_node)
    current = snapshot
    for version in range(1, 4):
        start = data.draw(st.integers(0, len(current.text)))
        end = data.draw(st.integers(start, min(len(current.text), start + 40)))
        new = data.draw(
            st.sampled_from([b"", b"x", b"\n", b"\r\n    y = 1\n", b"def g(): pass\n", b"'''", b"\xff("])
        )
        expected = current.text[:start] + new + current.text[end:]
        current = current.edited(start, end, new, version=version)
        assert current.text == expected
        assert current.version == version
    assert shape(snapshot.tree.root_node) == original
    fresh = opened(current.text)
    assert current.line_starts == fresh.line_starts
    if not fresh.tree.root_node.has_error:
        assert shape(current.tree.root_node) == shape(fresh.tree.root_node)
        assert find_targets(current) == find_targets(fresh)


def shape(root: tree_sitter.Node) -> list[tuple[str, int, int, tuple[int, int]]]:
    nodes, todo = [], [root]
    while todo:
        node = todo.pop()
        nodes.append((node.type, node.start_byte, node.end_byte, tuple(node.start_point)))
        todo += node.children
    return nodes


@laws
@given(st.lists(st.sampled_from(["a", "\n", "\r\n", "\r", "\f", "\x85", "\u2028", "é"])))
def test_lines_end_where_editors_end_them(pieces: list[str]) -> None:
    text = "".join(pieces).encode()
    starts = line_starts(text)
    lines = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    assert len(starts) == len(lines)
    ends = [*starts[1:], len(text)]
    assert [text[a:b].rstrip(b"\r\n") for a, b in zip(starts, ends, strict=True)] == lines
    snapshot = opened(text)
    for offset in range(len(text) + 1):
        line = snapshot.line(offset)
        assert starts[line] + snapshot.byte_column(offset) == offset
