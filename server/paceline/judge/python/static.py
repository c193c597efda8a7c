"""The static look: what a rewrite must not contain, found before anything of it runs.

It is the cheapest stage and the one that stops candidates from reaching for what could bend the measurement:
clocks, frames, files, threads, state that outlives a call. The lists are data (``allowed_imports.toml``,
``forbidden.toml``). Whatever the original function does itself is allowed.
"""

from __future__ import annotations

import ast
import builtins
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lessonbank.outcome import Outcome
from paceline.judge.python import parsing
from paceline.syntax.target import Replacement, Target

_DUNDER = re.compile(r"__[A-Za-z0-9_]+__")
_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a candidate goes no further."""

    outcome: Outcome
    reason: str
    is_syntax: bool = False
    """Something could not be read, by Paceline's own Python or whoever else parsed it."""


def texts(target: Target, replacement: Replacement) -> tuple[str | bytes, ...]:
    """Return all that ``reject`` parses."""
    text = "\n".join([*replacement.imports, replacement.helpers, replacement.definition])
    return replacement.definition, replacement.helpers, text, target.source, target.module


def reject(
    target: Target, replacement: Replacement, *, parse: Callable[[str | bytes], ast.Module] = parsing.parse
) -> Rejection | None:
    """Return why the replacement must not run, None when it may."""
    definition_text, helpers_text, text, source, whole = texts(target, replacement)
    try:
        original = _only_definition(parse(source))
        module = parse(whole)
    except (SyntaxError, ValueError, RecursionError) as error:
        return Rejection(
            Outcome.CANNOT_JUDGE,
            "the file uses syntax that neither Paceline's own Python nor the workspace's can read: "
            f"{_syntax_words(error)}",
            is_syntax=True,
        )
    try:
        # The definition first: its line numbers are those its author knows.
        definition = _only_definition(parse(definition_text))
        helpers = parse(helpers_text)
        candidate = parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        return Rejection(Outcome.DOES_NOT_BUILD, _syntax_words(error), is_syntax=True)
    if definition is None or original is None:
        return Rejection(Outcome.DOES_NOT_BUILD, "the replacement is not a single function definition")
    different = _signature_difference(original, definition)
    if different is not None:
        return Rejection(Outcome.WRONG, different)
    for reason in _tampering(module, original, candidate, definition, helpers):
        return Rejection(Outcome.TAMPERED, reason)
    return None


# --- signature
# --------------------------------------------------------------------------------------------------

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _only_definition(tree: ast.Module) -> _Function | None:
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return found[0] if len(found) == 1 else None


def _signature_difference(original: _Function, definition: _Function) -> str | None:
    if original.name != definition.name:
        return f"it defines {definition.name!r}, not {original.name!r}"
    if type(original) is not type(definition):
        return "one of the two is an async function"
    if _is_generator(original) != _is_generator(definition):
        return "one of the two is a generator function"
    ours, theirs = _parameters(original.args), _parameters(definition.args)
    if ours != theirs:
        return f"its parameters differ: ({_shown(definition.args)}), not ({_shown(original.args)})"
    return None


def _parameters(arguments: ast.arguments) -> list[tuple[str, str, str]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    found = []
    for at, (arg, default) in enumerate(zip(positional, defaults, strict=True)):
        kind = "positional" if at < len(arguments.posonlyargs) else "plain"
        found.append((kind, arg.arg, ast.dump(default) if default is not None else ""))
    if arguments.vararg is not None:
        found.append(("rest", arguments.vararg.arg, ""))
    for arg, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(("keyword", arg.arg, ast.dump(default) if default is not None else ""))
    if arguments.kwarg is not None:
        found.append(("keywords", arguments.kwarg.arg, ""))
    return found


def _shown(arguments: ast.arguments) -> str:
    return ast.unparse(arguments)


def _is_generator(function: _Function) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in _own_nodes(function))


def _own_nodes(function: _Function) -> Iterator[ast.AST]:
    """Every node of a function's body, without those of functions and classes defined in it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))


# --- tampering
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rules:
    allowed: frozenset[str]
    libraries: frozenset[str]
    refused: tuple[str, ...]
    modules: Mapping[str, str]
    exempt: frozenset[str]
    names: Mapping[str, str]
    attributes: Mapping[str, str]
    dunder_attributes: frozenset[str]
    dunder_methods: frozenset[str]
    mutating: frozenset[str]
    caching: frozenset[str]
    constant_calls: frozenset[str]


@cache
def _rules() -> _Rules:
    here = Path(__file__).parent
    imports = tomllib.loads((here / "allowed_imports.toml").read_text(encoding="utf-8"))
    rules = tomllib.loads((here / "forbidden.toml").read_text(encoding="utf-8"))

    def reasons(group: str) -> dict[str, str]:
        return {name: entry["reason"] for entry in rules[group] for name in entry["names"]}

    return _Rules(
        allowed=frozenset(imports["modules"]),
        libraries=frozenset(imports["libraries"]),
        refused=tuple(imports["refused"]),
        modules=reasons("modules"),
        exempt=frozenset(rules["exempt"]["names"]),
        names=reasons("names"),
        attributes=reasons("attributes"),
        dunder_attributes=frozenset(rules["dunders"]["attributes"]),
        dunder_methods=frozenset(rules["dunders"]["methods"]),
        mutating=frozenset(rules["mutating"]["methods"]),
        caching=frozenset(rules["caching"]["decorators"]),
        constant_calls=frozenset(rules["constants"]["calls"]),
    )


def _tampering(
    module: ast.Module, original: _Function, candidate: ast.Module, definition: _Function, helpers: ast.Module
) -> Iterator[str]:
    rules = _rules()
    before, after = _imports(module), _imports(candidate)
    yield from _bad_imports(module, candidate, rules)
    yield from _rebound(module, before, helpers, candidate)
    yield from _module_level(helpers, rules)
    yield from _decorators(original, definition, candidate, rules)
    yield from _kept_defaults(original, candidate)
    aliases = {**before, **after}
    allowed = set(_deeds(ast.Module(body=[original], type_ignores=[]), aliases, rules))
    for deed in _deeds(candidate, aliases, rules):
        if deed not in allowed:
            yield deed.reason


def _imports(tree: ast.Module) -> dict[str, str]:
    """Return the names that imports bind anywhere in a tree, with the dotted name each stands for."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            for alias in node.names:
                found[alias.asname or alias.name] = f"{base}.{alias.name}"
    return found


def _bad_imports(module: ast.Module, candidate: ast.Module, rules: _Rules) -> Iterator[str]:
    there = set(_imported_modules(module))
    for name in _imported_modules(candidate):
        if name.endswith("*"):
            yield f"it imports everything from {name[:-2]}"
        if name in there or name in rules.allowed:
            continue
        if name.startswith(rules.refused) or name.split(".")[0] not in rules.libraries:
            root = name.split(".")[0]
            why = rules.modules.get(root, "that is not on the list of modules that only compute")
            yield f"it imports {name}: {why}"


def _imported_modules(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield base
            yield from (f"{base}.*" for alias in node.names if alias.name == "*")


def _rebound(
    module: ast.Module, before: Mapping[str, str], helpers: ast.Module, candidate: ast.Module
) -> Iterator[str]:
    """What the helpers and imports would bind anew for every function of the module."""
    ours = set(_bound_at_top(module))
    for name in _bound_at_top(helpers):
        if name in _BUILTINS:
            yield f"it replaces the builtin {name} for the whole module"
        elif name in ours:
            yield f"it redefines {name} of the module"
    for node in candidate.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name, dotted in _imports(ast.Module(body=[node], type_ignores=[])).items():
                if name in _BUILTINS and before.get(name) != dotted:
                    yield f"it replaces the builtin {name} for the whole module"
                elif name in ours and before.get(name) != dotted:
                    yield f"it redefines {name} of the module"


def _bound_at_top(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imports(ast.Module(body=[node], type_ignores=[]))
        else:
            yield from (
                n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
            )


def _module_level(helpers: ast.Module, rules: _Rules) -> Iterator[str]:
    """Helpers define functions, classes and constants. Anything else runs on import, or is state."""
    for node in helpers.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.ClassDef):
            yield from _class_body(node, rules)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            named = all(
                isinstance(t, ast.Name)
                for t in (node.targets if isinstance(node, ast.Assign) else [node.target])
            )
            if not named or (node.value is not None and not _is_constant(node.value, helpers, rules)):
                yield f"it keeps state at module level ({_line(node)})"
        elif type(node).__name__ == "TypeAlias":
            # Nothing of it runs before somebody asks for its value.
            continue
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield f"its helpers run code when the module is loaded ({_line(node)})"


def _class_body(node: ast.ClassDef, rules: _Rules) -> Iterator[str]:
    if node.keywords:
        yield f"class {node.name} asks for a metaclass or class options"
    for item in node.body:
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
            if _DUNDER.fullmatch(item.name) and item.name not in rules.dunder_methods:
                yield f"class {node.name} defines {item.name}, which could imitate another value"
        elif isinstance(item, ast.Assign | ast.AnnAssign):
            for name in (
                n.id for n in ast.walk(item) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            ):
                if _DUNDER.fullmatch(name) and name not in rules.dunder_methods:
                    yield f"class {node.name} sets {name}, which could imitate another value"
            if item.value is not None and not _is_literal(item.value):
                yield f"class {node.name} keeps state on the class ({_line(item)})"
        elif not (
            isinstance(item, ast.Pass)
            or (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))
        ):
            yield f"class {node.name} runs code in its body ({_line(item)})"


def _is_constant(value: ast.expr, helpers: ast.Module, rules: _Rules) -> bool:
    """Whether an expression at module level makes a value that nothing can change later."""
    if _is_literal(value):
        return True
    if isinstance(value, ast.Tuple):
        return all(_is_constant(item, helpers, rules) for item in value.elts)
    if isinstance(value, ast.UnaryOp):
        return _is_constant(value.operand, helpers, rules)
    if isinstance(value, ast.BinOp):
        return _is_constant(value.left, helpers, rules) and _is_constant(value.right, helpers, rules)
    if isinstance(value, ast.Name | ast.Attribute):
        return _dotted(value) is not None
    if isinstance(value, ast.Call):
        name = _dotted(value.func)
        given = [*value.args, *(keyword.value for keyword in value.keywords)]
        return name in rules.constant_calls and all(
            _is_constant(item, helpers, rules) or _is_display_of_literals(item) for item in given
        )
    return False


def _is_literal(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return True
    if isinstance(value, ast.Tuple):
        return all(_is_literal(item) for item in value.elts)
    return isinstance(value, ast.UnaryOp) and _is_literal(value.operand)


def _is_display_of_literals(value: ast.expr) -> bool:
    """A list, set or dict that is consumed by the call it stands in, and cannot be reached afterwards."""
    if isinstance(value, ast.List | ast.Set):
        return all(_is_literal(item) for item in value.elts)
    if isinstance(value, ast.Dict):
        return all(key is not None and _is_literal(key) for key in value.keys) and all(
            _is_literal(item) for item in value.values
        )
    return False


def _decorators(
    original: _Function, definition: _Function, candidate: ast.Module, rules: _Rules
) -> Iterator[str]:
    kept = {ast.dump(decorator) for decorator in original.decorator_list}
    plain = {"staticmethod", "classmethod", "property", "contextmanager", "contextlib.contextmanager"}
    for decorator in definition.decorator_list:
        if ast.dump(decorator) not in kept:
            yield _decorator_reason(decorator, rules)
    if len(definition.decorator_list) != len(original.decorator_list) and kept.issuperset(
        ast.dump(d) for d in definition.decorator_list
    ):
        yield "it drops a decorator of the original"
    for node in candidate.body:
        functions: Iterable[ast.AST] = [node]
        if isinstance(node, ast.ClassDef):
            functions = [node, *node.body]
        for function in functions:
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                if function is node and getattr(node, "name", "") == definition.name:
                    continue
                for decorator in function.decorator_list:
                    name = _dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
                    if name not in plain | {"dataclass", "dataclasses.dataclass", "total_ordering"}:
                        yield _decorator_reason(decorator, rules)


def _decorator_reason(decorator: ast.expr, rules: _Rules) -> str:
    name = _dotted(decorator.func if isinstance(decorator, ast.Call) else decorator) or ast.unparse(decorator)
    if name in rules.caching or name.rpartition(".")[2] in rules.caching:
        return f"@{name} would remember answers from one call to the next"
    return f"it adds the decorator @{name}"


def _kept_defaults(original: _Function, candidate: ast.Module) -> Iterator[str]:
    """A default value is made once: a container or an iterator there outlives the call."""
    before = {ast.dump(default) for default in _defaults(original)}
    for function in _lasting_functions(candidate):
        for default in _defaults(function):
            is_fixed = _is_literal(default) or _dotted(default) is not None
            if not is_fixed and ast.dump(default) not in before:
                yield f"the default value {ast.unparse(default)} of {function.name} outlives the call"


def _lasting_functions(tree: ast.Module) -> Iterator[_Function]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from (n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def _defaults(function: _Function) -> list[ast.expr]:
    return [*function.args.defaults, *(d for d in function.args.kw_defaults if d is not None)]


# --- what the code does, name by name
# ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Deed:
    """One thing the code does that only an original may do."""

    what: str
    reason: str


def _deeds(tree: ast.Module, aliases: Mapping[str, str], rules: _Rules) -> list[_Deed]:
    reader = _Reader(aliases, rules)
    reader.visit(tree)
    return reader.deeds


class _Reader(ast.NodeVisitor):
    """Walks code with its scopes, so that a parameter called ``os`` is not the module."""

    def __init__(self, aliases: Mapping[str, str], rules: _Rules) -> None:
        self._aliases = aliases
        self._rules = rules
        self._scopes: list[set[str]] = []
        self.deeds: list[_Deed] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_all([*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)])
        self._scopes.append({arg.arg for arg in _all_arguments(node.args)})
        self.visit(node.body)
        self._scopes.pop()

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node)

    def visit_Global(self, node: ast.Global) -> None:
        for name in node.names:
            self._add(f"global {name}", f"it writes the module's variable {name}")

    def visit_Name(self, node: ast.Name) -> None:
        if self._is_local(node.id):
            return
        reason = self._rules.names.get(node.id)
        if reason is not None:
            self._add(node.id, f"{node.id}: {reason}")
        elif _DUNDER.fullmatch(node.id) and node.id not in {"__name__", "__debug__", "__doc__"}:
            self._add(node.id, f"{node.id}: it reaches for the interpreter's names")
        self._module_use(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name = node.attr
        reason = self._rules.attributes.get(name)
        if reason is not None:
            self._add(f".{name}", f".{name}: {reason}")
        elif _DUNDER.fullmatch(name) and name not in self._rules.dunder_attributes:
            self._add(f".{name}", f".{name}: it plays with the object model")
        if not isinstance(node.ctx, ast.Load):
            self._lasting_change(node)
        if self._module_use(node):
            return
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._lasting_change(node)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            for word in _DUNDER.findall(node.value):
                self._add(f"text {word}", f"the text {word!r} names an interpreter's internal")

    def visit_Expr(self, node: ast.Expr) -> None:
        # A docstring may say anything.
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in self._rules.mutating:
            root = _root(function.value)
            if root is not None and not self._is_local(root) and root not in self._aliases:
                self._add(f"changes {root}", f"it changes {root}, which outlives the call")
        if isinstance(function, ast.Name) and not self._is_local(function.id):
            if function.id == "getattr" and len(node.args) >= 2:
                self._named_attribute(node.args[1])
            if function.id == "type" and len(node.args) == 3:
                self._add("type()", "it makes a class on the fly")
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for reason in _class_body(node, self._rules):
            self._add(f"class {node.name}", reason)
        self._scopes.append(set())
        self.generic_visit(node)
        self._scopes.pop()

    def _function(self, node: _Function) -> None:
        # Annotations, too, are evaluated when the function is defined; type parameters when somebody asks.
        self._visit_all([*node.decorator_list, *_defaults(node), *_annotations(node)])
        self._visit_all(getattr(node, "type_params", ()))
        self._scopes.append(_locals(node))
        self._visit_all(node.body)
        self._scopes.pop()

    def _comprehension(self, node: Any) -> None:
        self.visit(node.generators[0].iter)
        names = {
            n.id
            for generator in node.generators
            for n in ast.walk(generator.target)
            if isinstance(n, ast.Name)
        }
        self._scopes.append(names)
        for at, generator in enumerate(node.generators):
            if at:
                self.visit(generator.iter)
            self.visit(generator.target)
            self._visit_all(generator.ifs)
        self._visit_all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self._scopes.pop()

    def _named_attribute(self, name: ast.expr) -> None:
        if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
            self._add("getattr", "getattr with a computed name could reach anything")
        elif name.value in self._rules.attributes:
            self._add(f".{name.value}", f".{name.value}: {self._rules.attributes[name.value]}")

    def _module_use(self, node: ast.Name | ast.Attribute) -> bool:
        """Note the use of a forbidden module; return whether the whole dotted name has been dealt with."""
        dotted = _dotted(node)
        if dotted is None:
            return False
        root, _, rest = dotted.partition(".")
        if self._is_local(root) or root not in self._aliases:
            return False
        full = self._aliases[root] + (f".{rest}" if rest else "")
        if full in self._rules.exempt:
            return True
        reason = self._rules.modules.get(full.split(".")[0])
        if reason is not None:
            self._add(full, f"{full}: {reason}")
        return isinstance(node, ast.Attribute)

    def _lasting_change(self, node: ast.Attribute | ast.Subscript) -> None:
        root = _root(node.value)
        if root is not None and not self._is_local(root):
            self._add(f"changes {root}", f"it changes {root}, which outlives the call")

    def _is_local(self, name: str) -> bool:
        return any(name in scope for scope in self._scopes)

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    def _add(self, what: str, reason: str) -> None:
        self.deeds.append(_Deed(what, reason))


def _locals(function: _Function) -> set[str]:
    """Return the names a function binds itself, imports left out: those stand for what they import."""
    found = {arg.arg for arg in _all_arguments(function.args)}
    declared: set[str] = set()
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            # Only a walrus inside binds outside.
            found.update(n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            declared.update(node.names)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
        waiting.extend(ast.iter_child_nodes(node))
    return found - declared


def _annotations(function: _Function) -> list[ast.expr]:
    found = [arg.annotation for arg in _all_arguments(function.args)]
    return [annotation for annotation in (*found, function.returns) if annotation is not None]


def _all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    rest = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]


def _dotted(node: ast.expr) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])


def _root(node: ast.expr) -> str | None:
    """Return the variable that an attribute or subscript chain starts from."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _line(node: ast.AST) -> str:
    return ast.unparse(node).splitlines()[0][:60]


def _syntax_words(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        where = f" (line {error.lineno}: {(error.text or '').strip()[:80]})" if error.lineno else ""
        return f"{type(error).__name__}: {error.msg}{where}"
    return f"{type(error).__name__}: {error}"
