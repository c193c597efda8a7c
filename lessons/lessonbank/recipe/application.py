"""Applying recipes to one function definition."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lessonbank.recipe.conditions import Site
from lessonbank.recipe.derive import derive
from lessonbank.recipe.effects import is_guarded, is_steady, is_unchanged, position_of
from lessonbank.recipe.model import Application, Case, Hint, HoistFrom, Recipe, Uses
from lessonbank.recipe.pattern import Binding, Bindings, Many, Match, Pattern, find, match_at
from lessonbank.recipe.rewriting import CannotRewriteError, Edit, Rewriter, statements_edit
from lessonbank.recipe.scope import BUILTINS, Function, Role, statement_of
from lessonbank.recipe.template import Template
from lessonbank.recipe.tree import Node, TooDeepError, Tree, parse

_CLIMB = 8
"""How far above a name the pattern that explains its use may begin."""


def apply(
    recipe: Recipe,
    source: str,
    *,
    module_names: frozenset[str] = frozenset(),
    module_imports: frozenset[str] = frozenset(),
) -> list[Application]:
    """Apply a recipe to one dedented function definition, once for each place where it fits.

    ``module_names`` are the names bound at module level: a builtin among them is not Python's own.
    ``module_imports`` are the module's import statements, one name each: ``from collections import Counter``.
    A needed import that is among them is used as it is, one whose name is taken gets an alias.

    Source that is no single definition, or does not parse, gives no applications.
    """
    return apply_all((recipe,), source, module_names=module_names, module_imports=module_imports)


def apply_all(
    recipes: Iterable[Recipe],
    source: str,
    *,
    module_names: frozenset[str] = frozenset(),
    module_imports: frozenset[str] = frozenset(),
) -> list[Application]:
    """Apply each recipe on its own, in the order given; the source is parsed once."""
    function = _read(source, module_names)
    if function is None:
        return []
    applications = []
    for recipe in recipes:
        for plan in _plans(recipe, function):
            application = _carry_out(plan, function, source, module_imports)
            if application is not None:
                applications.append(application)
    return applications


def find_hints(
    recipes: Iterable[Recipe], source: str, *, module_names: frozenset[str] = frozenset()
) -> list[Hint]:
    """Where the recipes fit, without carrying them out: for hints on save."""
    function = _read(source, module_names)
    if function is None:
        return []
    return [
        Hint(recipe=recipe.id, title=recipe.title, category=recipe.category, start=plan.start, end=plan.end)
        for recipe in recipes
        if recipe.hints
        for plan in _plans(recipe, function)
    ]


@dataclass(frozen=True, slots=True)
class _Plan:
    """All edits of one application, not carried out yet."""

    recipe: Recipe
    start: int
    end: int
    bindings: Bindings
    edits: tuple[Edit, ...]
    derived: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Fit:
    """A match whose conditions hold, and the statement its hoist goes in front of."""

    case: Case
    match: Match
    anchor: Node | None
    loop: Node | None


def _read(source: str, module_names: frozenset[str]) -> Function | None:
    try:
        tree = parse(source)
    except (TooDeepError, UnicodeEncodeError):
        return None
    if tree.has_error or len(tree.root.children) != 1:
        return None
    definition = tree.root.children[0]
    if definition.type == "decorated_definition":
        definition = definition.children[-1]
    if definition.type != "function_definition":
        return None
    function = Function(tree, definition, module_names)
    # Where the local variables themselves can be looked at, no rewrite leaves things as they were.
    return None if function.variables & {"locals", "vars", "eval", "exec"} else function


def _plans(recipe: Recipe, function: Function) -> Iterator[_Plan]:
    fits = [fit for case in recipe.cases for fit in _fits(recipe, case, function)]
    fits.sort(key=lambda fit: (fit.match.start, -fit.match.end))
    for group in _groups(recipe, fits):
        plan = _plan(recipe, group, function)
        if plan is not None:
            yield plan


def _fits(recipe: Recipe, case: Case, function: Function) -> Iterator[_Fit]:
    pattern = case.pattern
    if recipe.hoist is not None and recipe.hoist_from is HoistFrom.LOOP and not function.has_loops:
        return
    if not pattern.words <= function.identifiers or not _means_what_it_says(recipe, case, function):
        return
    within = function.definition if pattern.head == "function_definition" else function.body
    for match in find(pattern, function.tree, within):
        if _is_target(pattern, match.nodes[0]):
            continue
        fit = _fit(recipe, case, match, function)
        if fit is not None:
            yield fit


def _fit(recipe: Recipe, case: Case, match: Match, function: Function) -> _Fit | None:
    anchor = loop = None
    if recipe.hoist is not None:
        if recipe.hoist_from is HoistFrom.LOOP:
            loop = _outermost_loop(recipe, recipe.hoist, match, function)
            if loop is None:
                return None
        anchor = statement_of(loop or match.nodes[0])
    site = Site(function, match.nodes, match.bindings, loop)
    for alternatives in recipe.conditions:
        if not any(clause.holds(site) for clause in alternatives):
            return None
    return _Fit(case, match, anchor, loop)


def _outermost_loop(recipe: Recipe, hoist: Template, match: Match, function: Function) -> Node | None:
    holds = is_unchanged if recipe.keeps == "value" else is_steady
    used = [
        node
        for name, binding in match.bindings.items()
        if name in hoist.holes
        for node in (binding.value.nodes if isinstance(binding.value, Many) else (binding.value,))
    ]
    if recipe.derive:
        used.append(match.nodes[0])
    found = None
    guard = next((node for node in match.nodes[0].ancestors() if node.type == "try_statement"), None)
    for loop in function.loops_around(match.nodes[0]):
        # Moved out of a try statement, what is hoisted would raise past its handlers.
        if guard is not None and loop.contains(guard):
            break
        if not all(holds(node, (loop,), function) for node in used):
            break
        if any(is_guarded(node, match.nodes[0], loop) for node in used):
            break
        found = loop
    return found


def _groups(recipe: Recipe, fits: list[_Fit]) -> Iterator[list[_Fit]]:
    """Fits that become one application: with a hoist, all that share what is hoisted and where to."""
    if recipe.hoist is None:
        for fit in fits:
            yield [fit]
        return
    groups: dict[tuple[int, str], list[_Fit]] = {}
    for fit in fits:
        shared = " ".join(
            fit.match.bindings[name].value.key
            for name in sorted(recipe.hoist.holes)
            if name in fit.match.bindings
        )
        assert fit.anchor is not None
        if recipe.derive:
            # What is derived comes from the match itself, so only equal matches can share it.
            shared += " " + fit.match.nodes[0].key
        groups.setdefault((fit.anchor.start, shared), []).append(fit)
    yield from groups.values()


def _plan(recipe: Recipe, group: list[_Fit], function: Function) -> _Plan | None:
    first = group[0]
    edits: list[Edit] = []
    if recipe.hoist is not None and first.anchor is not None:
        edits.append(Edit(first.anchor.start, first.anchor.start, recipe.hoist, first.match.bindings))
    edits += [
        _edit(fit.match, fit.case.rewrite, function.tree)
        for fit in group
        if fit.case.rewrite.text.strip() != fit.case.pattern.text.strip()
    ]
    covered = _sites(first.match)
    for inside in recipe.inside:
        found = list(_inside_matches(first.match, inside.region, inside.pattern))
        if len(found) < inside.least:
            return None
        for match in found:
            covered |= _sites(match)
        edits += [_edit(match, inside.rewrite, function.tree) for match in found]
        if inside.covers and not _covers(first.match, inside.covers, inside.region, covered, function):
            return None
    if recipe.uses is not None:
        uses = _use_edits(recipe.uses, first.match, covered, function)
        if uses is None:
            return None
        edits += uses
    derived: dict[str, str] = {}
    for name, text in recipe.derive.items():
        value = derive(text, first.match.nodes[0], first.match.bindings, function)
        if value is None:
            return None
        derived[name] = value
    return _Plan(recipe, first.match.start, first.match.end, first.match.bindings, tuple(edits), derived)


def _edit(match: Match, template: Template, tree: Tree) -> Edit:
    node = match.nodes[0]
    is_statement = node.parent is not None and node.parent.type in {"block", "module"}
    if len(match.nodes) == 1 and not is_statement and node.type != "function_definition":
        return Edit(node.start, node.end, template, match.bindings, target=node)
    return statements_edit(tree, match.nodes, template, match.bindings)


def _is_target(pattern: Pattern, node: Node) -> bool:
    """Whether a pattern that reads has met a target: `$Q[$X]` says nothing of `queue[0] = item`."""
    return pattern.is_expression and position_of(node) is not Role.LOAD


def _inside_matches(match: Match, region: str, pattern: Pattern) -> Iterator[Match]:
    value = match.bindings[region].value
    for node in value.nodes if isinstance(value, Many) else (value,):
        for candidate in node.walk():
            if candidate.type == pattern.head:
                found = match_at(pattern, candidate, match.bindings)
                if found is not None and not _is_target(pattern, candidate):
                    yield _with_new_sites(found, match)


def _with_new_sites(found: Match, outer: Match) -> Match:
    """The inner match, its bindings listing only the places the inner pattern itself took."""
    bindings = {
        name: Binding(binding.value, binding.sites[len(outer.bindings[name].sites) :])
        if name in outer.bindings
        else binding
        for name, binding in found.bindings.items()
    }
    return Match(found.nodes, bindings)


def _sites(match: Match) -> set[tuple[str, int]]:
    """Which places a match has taken, by the hole that took them: what stands for ``$E`` is not ``$Q``'s."""
    return {(name, id(node)) for name, binding in match.bindings.items() for node in binding.sites}


def _covers(match: Match, hole: str, region: str, covered: set[tuple[str, int]], function: Function) -> bool:
    name = match.bindings[hole].value
    value = match.bindings[region].value
    nodes = value.nodes if isinstance(value, Many) else (value,)
    assert isinstance(name, Node)
    return all((hole, id(node)) in covered for node, _ in function.references_in(name.text or "", nodes))


def _use_edits(
    uses: Uses, match: Match, covered: set[tuple[str, int]], function: Function
) -> list[Edit] | None:
    """The edits of all uses of a variable; None when one of them is not among the known ones."""
    variable = match.bindings[uses.of].value
    if not isinstance(variable, Node) or variable.type != "identifier" or not variable.text:
        return None
    if function.is_declared(variable.text) or function.is_captured(variable.text):
        return None
    edits: dict[tuple[int, int], Edit] = {}
    for node, role in function.own_references(variable.text):
        if (uses.of, id(node)) in covered:
            continue
        if role is Role.PARAMETER:
            return None
        explained = _explain(uses, node, match)
        if explained is None:
            return None
        found, template = explained
        if template is not None:
            edits[found.start, found.end] = _edit(found, template, function.tree)
    return list(edits.values())


def _explain(uses: Uses, node: Node, match: Match) -> tuple[Match, Template | None] | None:
    known = {**match.bindings}
    above = [node, *(outer for outer, _ in zip(node.ancestors(), range(_CLIMB), strict=False))]
    for case in uses.cases:
        for outer in above:
            if outer.type != case.pattern.head:
                continue
            if _is_target(case.pattern, outer):
                continue
            found = match_at(case.pattern, outer, known)
            if found is not None and any(site is node for site in found.bindings[uses.of].sites):
                return _with_new_sites(found, match), case.rewrite
    return None


def _means_what_it_says(recipe: Recipe, case: Case, function: Function) -> bool:
    """Whether every plain name the recipe writes down means here what the recipe's author meant."""
    names = set(case.pattern.names | case.rewrite.names)
    if recipe.hoist is not None:
        names |= recipe.hoist.names
    for inside in recipe.inside:
        names |= inside.pattern.names | inside.rewrite.names
    if recipe.uses is not None:
        for use in recipe.uses.cases:
            names |= use.pattern.names | (use.rewrite.names if use.rewrite is not None else frozenset())
    imported = {_bound_by(statement) for statement in recipe.imports} | set(recipe.helper_names)
    return all(
        function.is_builtin(name) if name in BUILTINS else not _is_shadowed(name, function)
        for name in names - imported
    )


def _is_shadowed(name: str, function: Function) -> bool:
    """Whether the function binds the name to something of its own; an import inside it is no such thing."""
    for node, role in function.references(name):
        if role is Role.LOAD:
            continue
        holder = node.parent.parent if node.parent is not None else None
        if holder is None or holder.type not in {"import_statement", "import_from_statement"}:
            return True
    return False


def _carry_out(
    plan: _Plan, function: Function, source: str, module_imports: frozenset[str]
) -> Application | None:
    recipe = plan.recipe
    names, imports = _names(plan, function, module_imports)
    rewriter = Rewriter(function.tree, plan.edits, names, _indent_unit(function))
    try:
        text = rewriter.render()
    except CannotRewriteError:
        return None
    if "\r\n" in source:
        text = re.sub(r"(?<!\r)\n", "\r\n", text)
    if text == source or not _is_same_function(text, function):
        return None
    return Application(
        recipe=recipe.id,
        title=recipe.title,
        category=recipe.category,
        source=text,
        helpers=rewriter.plain(recipe.helpers) if recipe.helpers is not None else "",
        imports=tuple(statement for statement in imports if _is_used(_bound_by(statement), text)),
        start=plan.start,
        end=plan.end,
        bindings={name: _text(binding, function.tree) for name, binding in plan.bindings.items()},
    )


def _names(
    plan: _Plan, function: Function, module_imports: frozenset[str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    taken = set(function.variables | function.module_names | BUILTINS | set(keyword.kwlist))
    names = dict(plan.derived)
    imports: list[str] = []
    for statement in plan.recipe.imports:
        name = _bound_by(statement)
        is_there = statement in module_imports and not function.is_bound(name)
        names[name] = name if is_there else _unused(name, taken)
        taken.add(names[name])
        imports.append(statement if names[name] == name else f"{statement} as {names[name]}")
    for name in plan.recipe.helper_names:
        names[name] = _unused(name, taken)
        taken.add(names[name])
    for hole, wish in plan.recipe.fresh.items():
        names[hole] = _unused(_wished(wish, plan.bindings), taken)
        taken.add(names[hole])
    return names, tuple(imports)


def _wished(wish: str, bindings: Bindings) -> str:
    """A wish like ``{L}_set`` with the hole's own name in it, where it has one."""

    def name(found: re.Match[str]) -> str:
        binding = bindings.get(found[1])
        node = binding.value if binding is not None else None
        if isinstance(node, Node) and node.type == "attribute":
            node = node.child("attribute")
        if isinstance(node, Node) and node.type == "identifier" and node.text:
            return node.text.strip("_") or "value"
        return "value"

    return re.sub(r"\{([A-Z][A-Z0-9_]*)\}", name, wish)


def _unused(name: str, taken: set[str]) -> str:
    candidate, count = name, 2
    while candidate in taken:
        candidate = f"{name}_{count}"
        count += 1
    return candidate


def _is_used(name: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text) is not None


def _bound_by(statement: str) -> str:
    return statement.rsplit(" ", 1)[1]


def _text(binding: Binding, tree: Tree) -> str:
    value = binding.value
    if isinstance(value, Node):
        return tree.text(value)
    if not value.nodes:
        return ""
    return tree.source[value.nodes[0].start : value.nodes[-1].end].decode()


def _indent_unit(function: Function) -> str:
    start = function.body.start
    outer = function.tree.indent(function.definition.start)
    return function.tree.indent(start).removeprefix(outer) or "    "


def _is_same_function(text: str, before: Function) -> bool:
    """Whether the new text is one whole definition with the old one's name and signature."""
    after = _read(text, before.module_names)
    return after is not None and _header(after) == _header(before)


def _header(function: Function) -> list[str]:
    whole = function.tree.root.children[0]
    decorators = [child.key for child in whole.children if child.type == "decorator"]
    return decorators + [child.key for child in function.definition.children if child.field != "body"]
