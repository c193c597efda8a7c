"""A verdict as a script: everything a reviewer needs to see it again, in one readable file.

The script holds both versions of the function, the inputs as expressions, and the comparison and timing as
plain code of the standard library. Its text follows from the material and the verdict alone.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import textwrap
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paceline
from paceline.judge.python import parsing
from paceline.judge.python.check import Input
from paceline.judge.python.script.expressions import NotWritable, Writer, wrapped
from paceline.judge.python.worker.loading import module_name
from paceline.judge.statistics import student_t_quantile
from paceline.judge.verdict import Outcome, Verdict
from paceline.syntax.fit import fitted
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.target import Replacement, Target

SCRIPTED = frozenset(
    {
        Outcome.FASTER,
        Outcome.NOT_PROVEN_FASTER,
        Outcome.SLOWER,
        Outcome.WRONG,
        Outcome.CRASHED,
        Outcome.TIMED_OUT,
    }
)
"""Verdicts on rewrites that ran, and may be run again by somebody who reads them first."""

_HARNESS = Path(__file__).parent / "harness.py"
_LAUNCHES = 10
_LONGEST_CHECKED = 1_500
"""Characters of one input that is compared; longer ones are left to the timing."""
_LONGEST_PLAIN = 12_000
"""Characters of one timed input written as it is; longer ones are packed."""
_MOST_TEXT = 16_000
"""Characters of all timed inputs of one size."""
_MOST_TIMED = 12
_LARGEST_PACKED = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """The inputs of one size."""

    elements: int
    payload: bytes
    """A JSON list of encoded inputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a verdict rested on, as far as it can be repeated elsewhere."""

    target: Target
    called: Target
    """What the inputs are for: the target, or the function around it."""
    replacement: Replacement
    candidate: bytes
    """The whole document with the replacement in it."""
    root: Path
    checked: tuple[Input, ...]
    timed: tuple[Timed, ...]
    kind: str
    """How results are consumed: value, generator, coroutine, ..."""
    mutates: bool
    """Whether the original changes its arguments."""
    minimum_gain: float
    confidence: float
    python: str
    """The version, empty where it is not known."""


def write_script(material: Material, verdict: Verdict) -> str:
    """Return the script's text. The same material and verdict always give the same text.

    It runs on Python 3.9 and newer from the project's root, and exits with 0 when the rewrite is faster there
    too, 1 when that is not proven, 2 when the two behave differently and 3 when it cannot tell.
    """
    harness = _HARNESS.read_text(encoding="utf-8")
    _, header, rest = harness.split('"""', 2)
    imports, _, rest = rest.partition("# facts: begin\n")
    _, _, rest = rest.partition("# facts: end\n")
    code, _, rest = rest.partition("# inputs: begin\n")
    _, _, end = rest.partition("# inputs: end\n")
    writer = Writer()
    inputs = _inputs(material, writer)
    more = "".join(f"import {module}\n" for module in sorted(writer.modules))
    body = imports.rstrip("\n") + "\n" + more + "\n" + _facts(material, verdict) + code + inputs + end
    return f'"""{_header(header, material, verdict)}"""{body}'


# --- what it says about itself ---


def _header(template: str, material: Material, verdict: Verdict) -> str:
    environment = verdict.evidence.environment
    machine = (
        f"Python {material.python}" if material.python else "",
        f"{environment.get('system', '')} {environment.get('machine', '')}".strip(),
        f"{environment['cores']} cores" if "cores" in environment else "",
    )
    facts = {
        "name": material.target.name,
        "file": _file(material),
        "outcome": verdict.outcome.value.replace("-", " "),
        "reason": "\n".join(textwrap.wrap(" ".join(verdict.reason.split()), 108)),
        "judged": f"Judged with {', '.join(filter(None, machine))}.",
        "script": f"compare_{material.target.name.rpartition('.')[2]}.py",
        "version": paceline.__version__,
    }
    for key, fact in facts.items():
        template = template.replace(f"{{{key}}}", _plain(fact))
    return template


def _plain(line: str) -> str:
    """Nothing in a line may end the text it stands in, or be no character of a file."""
    shown = "".join(character if character.isprintable() or character == "\n" else "?" for character in line)
    return shown.replace("\\", "/").replace('"', "'")


def _file(material: Material) -> str:
    file, root = material.target.file.resolve(), material.root.resolve()
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)


# --- the two versions ---


def _facts(material: Material, verdict: Verdict) -> str:
    target, called = material.target, material.called
    module, folders = module_name(str(target.file.resolve()), str(material.root.resolve()))
    root = material.root.resolve()
    above = fitted(material.replacement, target)
    parts = [*above.imports, *([above.helpers.strip("\n") + "\n\n"] if above.helpers.strip() else [])]
    beside = "".join(f"{part}\n" for part in parts)
    critical = student_t_quantile((1 + material.confidence) / 2, _LAUNCHES - 1)
    judged = tuple(
        hashlib.sha256(_text(text).encode()).hexdigest() for text in (target.module, material.candidate)
    )
    return f"""\
FILE = {_file(material)!r}
NAME = {called.name!r}
MODULE = {module!r}
FOLDERS = {[_relative(Path(folder), root) for folder in folders]!r}
KIND = {material.kind!r}
MUTATES = {material.mutates!r}
TOLERANCE = {verdict.evidence.tolerance!r}
MINIMUM_GAIN = {material.minimum_gain!r}
CONFIDENCE = {material.confidence!r}
LAUNCHES = {_LAUNCHES}
STUDENT_T = {critical:.10f}
JUDGED = (
    {judged[0]!r},
    {judged[1]!r},
)
ORIGINAL = {_quoted(_definition(called, target.module))}
# What the rewrite needs beside it: imports and helpers.
ABOVE = {_quoted(beside)}
REWRITE = {_quoted(_definition(called, material.candidate))}
"""


def _relative(folder: Path, root: Path) -> str:
    return folder.relative_to(root).as_posix() if folder.is_relative_to(root) else str(folder)


def _definition(target: Target, document: bytes) -> str:
    """Return the target's definition as it stands in a version of its document, indented as there."""
    after = len(target.module) - target.span.end
    end = len(document) - after
    snapshot = Snapshot.open(target.file, document, language=target.language)
    start = next(
        function.span.start
        for function in snapshot.outline.functions
        if function.span.end == end and function.name == target.name
    )
    line = document.rfind(b"\n", 0, start) + 1
    return _text(document[line:end], snapshot.encoding).rstrip("\n") + "\n"


def _text(document: bytes, encoding: str = "utf-8") -> str:
    text = document.decode(encoding, "surrogateescape").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _quoted(code: str) -> str:
    """Return code as a text that reads like code."""
    if not code:
        return '""'
    for quotes in ("'''", '"""'):
        # A raw text cannot leave out its first line break by itself.
        written = f"r{quotes}\n{code}{quotes}[1:]" if "\\" in code else f"{quotes}\\\n{code}{quotes}"
        # What cannot be seen is written as an escape, and so is a lone surrogate.
        if quotes not in code and all(c.isprintable() or c in "\n\t" for c in code):
            return written
    return "(\n" + "".join(f"    {line!r}\n" for line in code.splitlines(keepends=True)) + ")"


# --- the inputs ---


def _inputs(material: Material, writer: Writer) -> str:
    checked, left_out = [], 0
    for item in material.checked:
        try:
            code = writer.call(item["args"], item["kwargs"])
        except NotWritable:
            left_out += 1
            continue
        if len(code) > _LONGEST_CHECKED:
            left_out += 1
        elif code not in checked:
            checked.append(code)
    note = (
        f"# {left_out} more were compared that cannot be written down in a few lines.\n" if left_out else ""
    )
    lines = "".join(f"    lambda: {wrapped(code, ' ' * 8)},\n" for code in checked)
    sizes = []
    for size in material.timed:
        codes = _timed(json.loads(size.payload), writer)
        if codes:
            inside = "".join(f"        lambda: {wrapped(code, ' ' * 12)},\n" for code in codes)
            sizes.append(f"    {size.elements}: [\n{inside}    ],\n")
    return (
        f"# Each makes one input anew, every time it is called.\n{note}"
        f"CHECKED = [\n{lines}]\n\n# By the number of elements in them.\nTIMED = {{\n{''.join(sizes)}}}\n"
    )


def _timed(items: Sequence[Any], writer: Writer) -> list[str]:
    codes: list[str] = []
    for item in items[:_MOST_TIMED]:
        alone = Writer()
        try:
            code = alone.call(item["args"], item["kwargs"])
        except NotWritable:
            continue
        if len(code) > _LONGEST_PLAIN:
            code = _packed(code, alone)
        if (codes and sum(map(len, codes)) + len(code) > _MOST_TEXT) or len(code) > _LARGEST_PACKED:
            break
        writer.modules |= alone.modules
        codes.append(code)
    return codes


def _packed(code: str, writer: Writer) -> str:
    """Return a long call with its arguments compressed, where they are plain literals."""
    if not writer.is_literal:
        return code
    tree = parsing.parse_expression(code)
    assert isinstance(tree, ast.Call)
    args = f"[{', '.join(ast.get_source_segment(code, arg) or '' for arg in tree.args)}]"
    kwargs = ", ".join(f"{k.arg!r}: {ast.get_source_segment(code, k.value)}" for k in tree.keywords)
    text = base64.b85encode(zlib.compress(f"[{args}, {{{kwargs}}}]".encode(), 9)).decode("ascii")
    return f"unpacked({', '.join(repr(text[at : at + 80]) for at in range(0, len(text), 80))})"
