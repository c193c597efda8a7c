"""A rewrite out of whatever somebody pasted: an assistant's answer, a whole file, a console session.

Prose, fences, prompts and what would only be run are left out, and what had to be decided is said in notes.
What is left is read by ``parse_replacement``, so nothing gets past its rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from paceline.errors import InvalidReplacement
from paceline.syntax.fingerprint import normal_hash
from paceline.syntax.fit import helper_chunks, module_of
from paceline.syntax.outline import FunctionSpan, Statement
from paceline.syntax.replacement import parse_replacement
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.target import Replacement, Span, Target
from paceline.syntax.targets import accessor_of, decorators_of, find_targets, function_source
from paceline.syntax.text import decode, dedented, encode, indent_at

_FENCE = re.compile(r"^[ \t]*(?P<mark>`{3,}|~{3,})[ \t]*(?P<word>[\w+#.-]*)[^`\n]*$")
_PROMPT = re.compile(r"^[ \t]*(?:>>>|\.\.\.)(?: |$)")
_STARTS = re.compile(
    r"(?:async[ \t]+def|def|class|from|import)[ \t]+\w|@\w|[A-Za-z_]\w*[ \t]*(?::[^=]+)?=[^=]"
)
_WORD = re.compile(r"\w+")
# Between letters these are part of the words of many languages; in code they come from web pages.
_INVISIBLE = dict.fromkeys((0x200B, 0x2060, 0xFEFF))


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found."""

    replacement: Replacement
    notes: tuple[str, ...] = ()
    """What was left out or taken to mean something, each as a sentence."""


def read_answer(text: str, target: Target) -> Answer:
    """Return the rewrite of the target that a text holds somewhere.

    The text may be prose with fenced code, several versions of the function (the last that is not the
    original counts), a whole file or class, a console session, a diff of the whole function, or indented
    anyhow; the function may go by another name if it is the only one with the target's parameters. Raises
    InvalidReplacement where no such thing is in it, and as ``parse_replacement`` does.
    """
    plain = _plain(text)
    if any("\ud800" <= character <= "\udfff" for character in plain):
        raise InvalidReplacement("the text holds half of a surrogate pair, which no file can hold")
    try:
        return Answer(parse_replacement(plain, target))
    except InvalidReplacement as error:
        # Where the text is code as it stands, what is said of it names its own lines.
        refusal = error if plain.strip() and _parses(plain, target) else None
        otherwise = error
    for code in _codes(plain, target):
        try:
            return _answer(code, target)
        except _NotHere as error:
            refusal = refusal or error.refusal
    raise refusal or otherwise


class _NotHere(Exception):
    """A piece of code that holds no rewrite; perhaps another one does."""

    def __init__(self, refusal: InvalidReplacement | None) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


# --- where code may be ---


def _plain(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_INVISIBLE).split("\n")
    # A page that was copied is indented with spaces that do not break.
    return "\n".join(re.sub(r"^[\s\u00a0]+", lambda m: m[0].replace("\u00a0", " "), line) for line in lines)


def _codes(text: str, target: Target) -> Iterator[str]:
    """Yield what may be code, the likeliest first."""
    yield text
    fences = [code for word, code in _fences(text) if _is_ours(word, target)]
    named = [code for code in fences if _simple(target) in _WORD.findall(code)]
    if named:
        # Imports may stand in a fence of their own, before or behind.
        yield "\n\n".join(code for code in fences if _parses(code, target))
    yield from reversed(named)
    yield from reversed(fences)
    if any(map(_PROMPT.match, text.split("\n"))):
        yield _without_prompts(text)
    if re.search(r"^(@@ |[+-][ \t]*(async )?def )", text, re.MULTILINE):
        yield _new_side(text)
    yield _without_prose(text)


def _fences(text: str) -> Iterator[tuple[str, str]]:
    """Yield the word and the code of each fence. One that is not closed goes on to the end."""
    mark, word, inside = "", "", list[str]()
    for line in text.split("\n"):
        fence = _FENCE.match(line)
        if mark and fence is not None and fence["mark"].startswith(mark) and not fence["word"]:
            yield word, _code(word, inside)
            mark = ""
        elif mark:
            inside.append(line)
        elif fence is not None:
            mark, word, inside = fence["mark"], fence["word"].lower(), []
    if mark:
        yield word, _code(word, inside)


def _code(word: str, lines: Sequence[str]) -> str:
    text = "\n".join(lines)
    if any(map(_PROMPT.match, lines)):
        return _without_prompts(text)
    return _new_side(text) if word in {"diff", "patch"} else text


def _is_ours(word: str, target: Target) -> bool:
    short = {"python": {"py", "python3", "py3", "pycon", "ipython"}}
    return word in {"", target.language, "diff", "patch", *short.get(target.language, ())}


def _without_prompts(text: str) -> str:
    """Return what was typed at the prompts of a console; what it answered is left out."""
    typed = []
    for line in text.split("\n"):
        prompt = _PROMPT.match(line)
        if prompt is not None:
            typed.append(line[prompt.end() :])
    return "\n".join(typed)


def _new_side(text: str) -> str:
    """Return what a diff makes of the lines it shows."""
    kept = [
        line for line in text.split("\n") if not line.startswith(("-", "@@", "+++", "diff ", "index ", "\\"))
    ]
    return "\n".join(line[1:] if line.startswith(("+", " ")) else line for line in kept)


def _without_prose(text: str) -> str:
    """Return the statements that stand between lines of prose, each brought to the margin."""
    chunks: list[list[str]] = []
    indent: int | None = None
    for line in text.split("\n"):
        stripped = line.lstrip()
        depth = len(line) - len(stripped)
        if indent is not None and (not stripped or depth > indent or stripped[0] in ")]}"):
            chunks[-1].append(line[indent:])
        elif _STARTS.match(stripped):
            decorated = indent == depth and chunks[-1] and chunks[-1][-1].startswith("@")
            if not decorated:
                chunks.append([])
            chunks[-1].append(stripped)
            indent = depth
        else:
            indent = None
    return "\n".join("\n".join(chunk) for chunk in chunks)


# --- what is in it ---


def _parses(code: str, target: Target) -> bool:
    return not _opened(code, target).tree.root_node.has_error


def _opened(code: str, target: Target) -> Snapshot:
    content = encode(code.strip("\n").rstrip() + "\n")
    first = len(content) - len(content.lstrip())
    indent = indent_at(content, first)
    if indent:
        content = dedented(b"\n" + content, indent, [])[1:]
    return Snapshot.open(target.file, content, language=target.language)


def _answer(code: str, target: Target) -> Answer:
    piece = _opened(code, target)
    if not code.strip() or piece.tree.root_node.has_error:
        raise _NotHere(None)
    notes: list[str] = []
    function = _chosen(piece, target, notes)
    definition = function_source(piece, function)
    if function.is_method:
        _refuse_new_members(piece, function, definition, target)
    if function.simple_name != _simple(target):
        notes.append(f"{function.name} was taken to be {target.name}: its parameters are the same")
        definition = _renamed(piece, function, _simple(target))
    imports, helpers = _needed(piece, function, definition, target, notes)
    parts = [*imports, *helpers, definition]
    try:
        return Answer(parse_replacement("\n\n\n".join(parts), target), tuple(notes))
    except InvalidReplacement as error:
        raise _NotHere(error) from error


def _chosen(piece: Snapshot, target: Target, notes: list[str]) -> FunctionSpan:
    """Return the definition that is meant."""
    outer = [function for function in piece.outline.functions if not function.is_nested]
    name = _simple(target)
    same = [function for function in outer if function.simple_name == name]
    exact = [function for function in same if function.name == target.name]
    # A method may come as its def alone; a function does not come out of a class.
    found = exact or [f for f in same if target.is_method or not f.is_method]
    if not found:
        found = _by_parameters(piece, outer, target)
    if not found:
        inside = next((f for f in piece.outline.functions if f.simple_name == name), None)
        if inside is not None:
            raise _NotHere(
                InvalidReplacement(f"{name} is defined inside {inside.name.rpartition('.')[0]} only")
            )
        there = ", ".join(dict.fromkeys(piece.outline.definitions)) or "nothing"
        raise _NotHere(
            InvalidReplacement(f"the text has no definition of a function {name}; it defines {there}")
        )
    found = _of_the_same_use(piece, found, target)
    new = [f for f in found if normal_hash(function_source(piece, f), target.language) != target.hash]
    if len(found) > 1:
        lines = " and ".join(str(piece.line(f.header) + 1) for f in found)
        which = "the last one that is not the original" if len(new) < len(found) else "the last one"
        notes.append(f"{name} is defined more than once (lines {lines} of the code): {which} was taken")
    return (new or found)[-1]


def _of_the_same_use(piece: Snapshot, found: list[FunctionSpan], target: Target) -> list[FunctionSpan]:
    """Leave out the other functions of a property: its setter goes by the same name."""
    wanted = accessor_of(target.decorators, target.language)
    uses = {f: decorators_of(piece, f) for f in found}
    # What comes without decorators gets the target's.
    same = [f for f in found if not uses[f] or accessor_of(uses[f], target.language) == wanted]
    if not same:
        raise _NotHere(
            InvalidReplacement(
                f"the text has only @{uses[found[-1]][-1]} of {_simple(target)}, which is another function"
            )
        )
    return same


def _by_parameters(piece: Snapshot, outer: Sequence[FunctionSpan], target: Target) -> list[FunctionSpan]:
    """Return the one function under another name that has the target's parameters and that no other calls."""
    parameters = {(t.name, t.span.start): (t.parameters, t.is_async) for t in find_targets(piece)}
    wanted = (target.parameters, target.is_async)
    taken = module_of(target.module, target.language).outline.names
    alike = [
        f
        for f in outer
        if parameters.get((f.name, f.span.start)) == wanted
        and (target.is_method or not f.is_method)
        and f.simple_name not in taken
    ]
    called = {
        f.simple_name
        for f in alike
        for other in outer
        if other is not f and f.simple_name in _WORD.findall(function_source(piece, other))
    }
    tops = [f for f in alike if f.simple_name not in called]
    return tops if len({f.simple_name for f in tops}) == 1 else []


def _renamed(piece: Snapshot, function: FunctionSpan, name: str) -> str:
    """Return the definition under the target's name, its calls of itself included."""
    old = function.simple_name.encode()
    waiting, places = [piece.tree.root_node], []
    while waiting:
        node = waiting.pop()
        if node.end_byte <= function.span.start or node.start_byte >= function.span.end:
            continue
        if node.type in {"identifier", "property_identifier"} and node.text == old:
            places.append((node.start_byte, node.end_byte))
        waiting.extend(node.children)
    text, shift = piece.text, 0
    for start, end in sorted(places):
        text = text[: start + shift] + name.encode() + text[end + shift :]
        shift += len(name.encode()) - (end - start)
    again = Snapshot.open(piece.path, text, language=piece.language)
    moved = next(f for f in again.outline.functions if f.span.start == function.span.start)
    return function_source(again, moved)


def _refuse_new_members(piece: Snapshot, function: FunctionSpan, definition: str, target: Target) -> None:
    """A method may come with its whole class, but only itself can be put in place."""
    owner = function.name.rpartition(".")[0]
    module = module_of(target.module, target.language)
    known = {f.simple_name for f in module.outline.functions}
    for other in piece.outline.functions:
        is_new = other.name.rpartition(".")[0] == owner and other.simple_name not in known
        if is_new and re.search(rf"\.\s*{re.escape(other.simple_name)}\b", definition):
            raise InvalidReplacement(
                f"{target.name} uses {other.simple_name}, which the text adds to the class; one function "
                "is judged at a time, so make it a function of its own beside the class"
            )


def _needed(
    piece: Snapshot, function: FunctionSpan, definition: str, target: Target, notes: list[str]
) -> tuple[list[str], list[str]]:
    """Return the imports and helpers that the definition uses, directly or through each other."""
    used = set(_WORD.findall(definition))
    module = module_of(target.module, target.language)
    kept = []
    for statement, names in _helpers(piece, function, used):
        there = [name for name in names if name in module.outline.names]
        source = decode(piece.text[statement.span.start : statement.span.end])
        if not there:
            kept.append(statement)
        elif normal_hash(source, target.language) not in _hashes(module, there, target):
            notes.append(f"{there[0]} of {target.file.name} stays as it is: the text changes it as well")
    imports = []
    for span in piece.outline.imports:
        names = [binding.name for binding in span.bindings]
        # Nothing is used by name of ``import *``, and nothing at all of __future__.
        if "*" in names or (used.intersection(names) and span.bindings[0].module != "__future__"):
            imports.append(decode(piece.text[span.span.start : span.span.end]))
    left_out = [statement for statement in piece.outline.statements if statement.kind == "other"]
    if left_out:
        shown = decode(piece.text[left_out[0].span.start : left_out[0].span.end]).split("\n")[0][:50]
        more = f" and {len(left_out) - 1} more" if len(left_out) > 1 else ""
        notes.append(f"left out, because it would run when the module is imported: {shown}{more}")
    return imports, [source for _, source in helper_chunks(piece, kept)]


def _helpers(piece: Snapshot, function: FunctionSpan, used: set[str]) -> list[tuple[Statement, list[str]]]:
    """Return the definitions and constants that are used, with their names; add what they use to ``used``."""
    outline = piece.outline
    names_at: dict[Span, list[str]] = {}
    for name, spans in outline.definitions.items():
        for span in spans:
            names_at.setdefault(span, []).append(name)
    offered = []
    for statement in outline.statements:
        names = names_at.get(statement.span, [])
        is_around = statement.span.start <= function.span.start < statement.span.end
        is_another = not is_around and function.simple_name not in names
        if statement.kind in {"definition", "assignment"} and is_another:
            offered.append((statement, names))
    found: list[tuple[Statement, list[str]]] = []
    while met := [pair for pair in offered if used.intersection(pair[1])]:
        found += met
        offered = [pair for pair in offered if not used.intersection(pair[1])]
        for statement, _ in met:
            used.update(_WORD.findall(decode(piece.text[statement.span.start : statement.span.end])))
    return sorted(found, key=lambda pair: pair[0].span.start)


def _hashes(module: Snapshot, names: Sequence[str], target: Target) -> set[str]:
    spans = [span for name in names for span in module.outline.definitions.get(name, ())]
    return {
        normal_hash(module.text[span.start : span.end].decode(module.encoding, "replace"), target.language)
        for span in spans
    }


def _simple(target: Target) -> str:
    return target.name.rpartition(".")[2]
