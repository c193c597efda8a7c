from __future__ import annotations

import pytest

from paceline.syntax.fingerprint import features, normal_hash


def same(left: str, right: str) -> bool:
    return normal_hash(left, "python") == normal_hash(right, "python")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("def f(a, b): return a+b", "def f(a,b):\n\n    # why\n    return a  +  b  # sum\n"),
        ("def f():\n  x = 1\n  return x", "def f():\n\tx = 1;\n\treturn x;"),
        ("f(a, b)", "f(\n    a,\n    b,\n)"),
        ("[1, 2]", "[\n    1,\n    2,\n]"),
        ("def f(a,): pass", "def f(\n    a\n): pass"),
        ("x = 1 + 2", "x = 1 \\\n    + 2"),
        ("a not in b", "a not  in b"),
        ("x = '''a\nb'''", "x = '''a\r\nb'''"),
    ],
)
def test_layout_and_comments_make_no_difference(left: str, right: str) -> None:
    assert same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("a + b", "a - b"),
        ("a + b", "b + a"),
        ("x[1]", "x[1,]"),
        ("(1,)", "(1)"),
        ("f(a)\n(b)", "f(a)(b)"),
        ("if a:\n  b\nc", "if a:\n  b\n  c"),
        ("'a  b'", "'a b'"),
        ("'# a'", "'# b'"),
        ("f'{a:>1}'", "f'{a:>2}'"),
        ("'a\\nb'", "'a\\tb'"),
        ("def f():\n  'doc'", "def f():\n  'other'"),
        ("def f(): pass", "async def f(): pass"),
        ("a in b", "a not in b"),
        ("a < -b", "a <- b if 0 else a"),
        ("(a, b)", "[a, b]"),
        ("def f(a, /, b): pass", "def f(a, b): pass"),
    ],
)
def test_meaning_does(left: str, right: str) -> None:
    assert not same(left, right)


def test_what_does_not_parse_has_a_hash_too() -> None:
    assert same("@a  b\ndef f(): pass", "@a b\ndef f():\n    pass")
    assert not same("@a b\ndef f(): pass", "@a c\ndef f(): pass")


def test_the_features_of_a_slow_function() -> None:
    counts = features(
        "def f(rows, n):\n"
        "    seen = []\n"
        "    for row in rows:\n"
        "        for cell in row:\n"
        "            if cell not in seen and cell % 2:\n"
        "                seen.append(cell)\n"
        "    text = ''\n"
        "    while n:\n"
        "        text += f'{n}'\n"
        "        n -= 1\n"
        "    return sorted(seen)[0], {x for x in seen}, f(rows, 0)\n",
        "python",
    )
    assert counts["loop"] == 3
    assert counts["loop:2"] == 1
    assert "loop:3" not in counts
    assert counts["comprehension"] == 1
    assert counts["op:not in"] == counts["op:and"] == counts["op:%"] == counts["op:+="] == 1
    assert counts["call:append"] == counts["call:sorted"] == counts["recursion"] == 1
    assert counts["container.list"] == counts["container.set"] == 1
    assert counts["string.interpolation"] == 1
    assert list(counts) == sorted(counts)


def test_a_comprehension_in_a_loop_is_a_loop_in_a_loop() -> None:
    assert features("for a in b:\n    c = [d for d in a]\n", "python")["loop:2"] == 1
    assert features("x = [d for a in b for d in a]\n", "python")["comprehension"] == 2
