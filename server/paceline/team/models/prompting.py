"""The messages that a model gets. What never changes comes first, then the target, then what is new.

So the engine's prefix cache holds the target for all questions about it. Where the model's context is too
small for everything, whole definitions, lessons and lines are left out, the least relevant first, and the
prompt says so; the target itself is never cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from lessonbank.lesson import Lesson
from lessonbank.outcome import Outcome
from paceline.errors import PromptTooLong
from paceline.judge.verdict import Counterexample, Timing, Verdict
from paceline.syntax.target import Replacement, Target
from paceline.team.exchange import Message
from paceline.team.member import Attempt, Judged, Turn
from paceline.team.models.room import Room
from paceline.team.models.templates import Prompts, effects
from paceline.team.models.words import one_line

LESSON_SHOWN = 500
VALUE_SHOWN = 600
LINE_SHOWN = 120
ROLE_SHOWN = 400
DIAGNOSTIC_LINES = 20
DIAGNOSTICS_SHOWN = 2000

_WORD = re.compile(r"\w+")
_NAME = re.compile(r"^(?:@.*\n)*\s*(?:async\s+def|def|class)\s+(\w+)|^(\w+)", re.MULTILINE)


def propose_messages(
    prompts: Prompts, target: Target, turn: Turn, room: Room, *, role: str = ""
) -> tuple[Message, ...]:
    """Ask for a rewrite. What the member attends to in particular is its role. Raises PromptTooLong."""
    system, about = _beginning(prompts, target, room)
    space = _Space(room.after(system) - len(about))
    name = _simple(target)
    # Behind what members of one server have in common, so that they share the engine's prefix cache.
    focus = _role(prompts, role) + _focus(prompts, turn.focus)
    space.take(prompts.render("propose", lessons="", best="", attempts="", focus=focus, name=name), target)
    best = space.offer(_best(prompts, turn.bases[0]) if turn.bases else "")
    attempts = _attempts(prompts, turn.attempts, space)
    lessons = _lessons(turn.lessons, target, space)
    asked = prompts.render("propose", lessons=lessons, best=best, attempts=attempts, focus=focus, name=name)
    return (Message("system", system), Message("user", _clean(f"{about}\n\n{asked}")))


def reflect_messages(prompts: Prompts, judged: Judged, room: Room) -> tuple[Message, ...]:
    """Ask what a verdict teaches. Raises PromptTooLong."""
    candidate, verdict = judged.candidate, judged.verdict
    target = candidate.target
    system, about = _beginning(prompts, target, room)
    asked = prompts.render(
        "reflect",
        name=_simple(target),
        change=candidate.title,
        rewrite=_code(_text(candidate.replacement), prompts.language),
        finding=_finding(prompts, verdict),
    )
    _Space(room.after(system) - len(about)).take(asked, target)
    return (Message("system", system), Message("user", _clean(f"{about}\n\n{asked}")))


def all_about(prompts: Prompts, target: Target) -> str:
    """Return all there is to say about a target, for counting its tokens."""
    return _clean(_target(prompts, target, _Space(10**9)))


def has_room_for(prompts: Prompts, target: Target, room: Room) -> bool:
    """Whether all there is to say about the target can be said."""
    system = _system(prompts)
    return len(all_about(prompts, target)) <= room.after(system) - room.tail(system)


class _Space:
    """Characters that are left. Guards that no more are used."""

    def __init__(self, characters: int) -> None:
        self.left = characters

    def take(self, text: str, target: Target) -> str:
        """Use up what has to be said. Raises PromptTooLong where there is no room for it."""
        if len(text) > self.left:
            raise PromptTooLong(
                f"{target.name} and what has to be said about it do not fit into the model's context; use a "
                "model with a longer one, set context_length if the server's is longer than it says, or a "
                "smaller max_tokens"
            )
        self.left -= len(text)
        return text

    def offer(self, text: str) -> str:
        """Return the text where there is room for it, else nothing."""
        if len(text) > self.left:
            return ""
        self.left -= len(text)
        return text


def _beginning(prompts: Prompts, target: Target, room: Room) -> tuple[str, str]:
    """The system message, and the part of the user's message that is the same in every round."""
    system = _system(prompts)
    space = _Space(room.after(system) - room.tail(system))
    return system, _clean(_target(prompts, target, space))


def _system(prompts: Prompts) -> str:
    categories = "\n".join(f"- {name}: {words}" for name, words in prompts.categories.items())
    return prompts.render("system", categories=categories)


def _target(prompts: Prompts, target: Target, space: _Space) -> str:
    kind = "method" if target.is_method else "function"
    fields: dict[str, str] = {
        "name": target.name,
        "kind": f"coroutine {kind}" if target.is_async else kind,
        "file": target.file.name,
        "source": _code(target.source, prompts.language),
    }
    space.take(prompts.render("target", **fields, imports="", helpers="", hot=""), target)
    hot = space.offer(_hot(prompts, target))
    helpers = _helpers(target, prompts.language, space)
    imports = _imports(target, prompts.language, space)
    return prompts.render("target", **fields, imports=imports, helpers=helpers, hot=hot)


def _hot(prompts: Prompts, target: Target) -> str:
    """Where the time goes, the hottest line first."""
    if not target.context.hot:
        return ""
    lines = [
        f"- {hot.share:.0%}, {_times(hot.executions)} a call: `{one_line(hot.text, limit=LINE_SHOWN)}`"
        for hot in target.context.hot
    ]
    return f"\n{prompts.render('hot-lines', lines=chr(10).join(lines))}\n"


def _times(executions: float) -> str:
    shown = f"{executions:,.0f}" if executions >= 10 or executions == int(executions) else f"{executions:.1f}"
    return "once" if shown == "1" else f"{shown} times"


def _helpers(target: Target, language: str, space: _Space) -> str:
    """Definitions of the module that the target names: those it names most often and that are short first."""
    used = _WORD.findall(target.source)
    named = [(_defined(helper), helper) for helper in target.context.helpers]
    by_relevance = sorted(named, key=lambda pair: (-used.count(pair[0]), len(pair[1])))
    kept = {helper for _, helper in by_relevance if space.offer(f"{helper}\n\n\n")}
    parts = []
    if kept:
        code = _code("\n\n\n".join(h for h in target.context.helpers if h in kept), language)
        parts.append(f"\nWhat it uses of its module:\n\n{code}\n")
    left_out = [name for name, helper in named if helper not in kept]
    if left_out:
        parts.append(f"\nLeft out here because they are long, but there: {_listed(left_out)}.\n")
    if target.context.fields:
        parts.append(f"\nAttributes of its class: {_listed(target.context.fields)}.\n")
    return "".join(parts)


def _imports(target: Target, language: str, space: _Space) -> str:
    """The module's imports: those whose names the target uses first, whole lines."""
    used = set(_WORD.findall(target.source))
    imports = target.context.imports
    by_relevance = sorted(imports, key=lambda line: not used.intersection(_WORD.findall(line)))
    kept = {line for line in by_relevance if space.offer(f"{line}\n")}
    if not kept:
        return ""
    code = _code("\n".join(line for line in imports if line in kept), language)
    more = "" if len(kept) == len(set(imports)) else "\n(and others)\n"
    return f"\nImports of its module:\n\n{code}\n{more}"


def _best(prompts: Prompts, base: Judged) -> str:
    timing, is_proven = base.verdict.evidence.timing, base.verdict.outcome is Outcome.FASTER
    return _part(
        prompts,
        "best-proven" if is_proven else "best-promising",
        measured=_speedup(timing) if timing is not None else "not timed",
        rewrite=_code(_text(base.candidate.replacement), prompts.language),
    )


def _attempts(prompts: Prompts, attempts: Sequence[Attempt], space: _Space) -> str:
    """Earlier attempts, the latest first where there is no room for all, in the order they were made."""
    shown = [text for one in reversed(attempts) if (text := space.offer(_attempt(prompts, one)))]
    return "".join(reversed(shown))


def _attempt(prompts: Prompts, attempt: Attempt) -> str:
    candidate, verdict = attempt.candidate, attempt.verdict
    rewrite = _code(_text(candidate.replacement), prompts.language)
    if verdict is None:
        return _part(prompts, "answer", change=candidate.title, rewrite=rewrite)
    finding = one_line(verdict.reason, limit=VALUE_SHOWN)
    timing, found = verdict.evidence.timing, verdict.evidence.counterexample
    if timing is not None:
        finding = f"{finding} {_speedup(timing)}"
    evidence = _counterexample(found) or _diagnostics(verdict.evidence.diagnostics)
    return _part(
        prompts,
        "attempt",
        change=candidate.title,
        rewrite=rewrite,
        outcome=verdict.outcome.value,
        finding=finding,
        evidence=f"\n{evidence}" if evidence else "",
    )


def _role(prompts: Prompts, role: str) -> str:
    said = one_line(role, limit=ROLE_SHOWN)
    return _part(prompts, "role", role=said) if said else ""


def _focus(prompts: Prompts, category: str) -> str:
    if category not in prompts.categories:
        return ""
    return _part(prompts, "focus", category=category, words=prompts.categories[category])


def _part(prompts: Prompts, template: str, /, **fields: str) -> str:
    """Fill in a template that is a part of a message, with an empty line behind it."""
    return f"{prompts.render(template, **fields)}\n\n"


def _lessons(lessons: Sequence[Lesson], target: Target, space: _Space) -> str:
    head = "# Lessons from earlier rewrites, each with what was measured\n\n"
    if not lessons or not space.offer(head):
        return ""
    shown = [line for lesson in lessons if (line := space.offer(f"{_lesson(lesson, target)}\n"))]
    return f"{head}{''.join(shown)}\n" if shown else ""


def _lesson(lesson: Lesson, target: Target) -> str:
    """One lesson with its measured effect: what the model said stands behind what the judge found."""
    here = ", on this very function" if lesson.origin.target_hash == target.hash else ""
    lines = [f"- [{_effect(lesson)}{here}] {one_line(lesson.text, limit=LESSON_SHOWN)}"]
    evidence = lesson.evidence
    if here and evidence.counterexample:
        lines.append(f"  It failed on: {one_line(evidence.counterexample, limit=VALUE_SHOWN)}")
    if here and evidence.diagnostics:
        said = evidence.diagnostics.strip().splitlines()
        lines.append(f"  It said: {one_line(said[-1] if said else '', limit=VALUE_SHOWN)}")
    return "\n".join(lines)


def _effect(lesson: Lesson) -> str:
    known: Any = effects()
    evidence = lesson.evidence
    figures = {
        "speedup": evidence.speedup if evidence.speedup is not None else 1.0,
        "low": evidence.low if evidence.low is not None else 0.0,
        "high": evidence.high if evidence.high is not None else 0.0,
        "outcome": evidence.outcome.value,
    }
    name = evidence.outcome.value
    if evidence.outcome.is_behaviour_preserving and evidence.speedup is None:
        name = "unmeasured"
    elif evidence.outcome is Outcome.FASTER and figures["low"] >= known["clearly_from"]:
        name = "clearly"
    return str(known.get(name, known["unmeasured"])["text"]).format(**figures)


def _finding(prompts: Prompts, verdict: Verdict) -> str:
    """What the judge found, in the words for its outcome, with the evidence that these words ask for."""
    template = prompts.templates[f"reflect-{verdict.outcome.value}"]
    timing, evidence = verdict.evidence.timing, verdict.evidence
    values = {
        "speedup": _speedup(timing) if timing is not None else "it was not timed",
        "sizes": _sizes(timing) if timing is not None else "",
        "reason": one_line(verdict.reason, limit=VALUE_SHOWN),
        "counterexample": _counterexample(evidence.counterexample),
        "diagnostics": _diagnostics(evidence.diagnostics),
    }
    return template.render(**{name: values[name] for name in template.fields})


def _speedup(timing: Timing) -> str:
    size = max(timing.sizes, key=lambda one: one.elements) if timing.sizes else None
    at = f", {size.elements:,} elements" if size is not None else ""
    return (
        f"{timing.speedup:.2f}x, {timing.confidence:.0%} interval {timing.low:.2f} to {timing.high:.2f} "
        f"({timing.launches} launches{at})"
    )


def _sizes(timing: Timing) -> str:
    lines = ["| elements | original | rewrite | speedup |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {size.elements:,} | {_seconds(size.original_s)} | {_seconds(size.candidate_s)} "
        f"| {size.speedup:.2f}x ({size.low:.2f}-{size.high:.2f}) |"
        for size in timing.sizes
    ]
    if timing.memory is not None and timing.memory.is_much_more:
        lines += ["", f"It takes {timing.memory.ratio:.1f} times the memory."]
    return "\n".join(lines) + "\n"


def _counterexample(found: Counterexample | None) -> str:
    if found is None:
        return ""
    said = (("call", found.call), ("original", found.expected), ("rewrite", found.got))
    values = "\n".join(f"{f'{name}:':10}{_value(value)}" for name, value in said)
    what = f"The smallest input found on which they differ (in: {found.difference}):"
    return f"{what}\n\n{_code(values, '')}\n"


def _diagnostics(said: str | None) -> str:
    """The first lines of what interpreter or compiler said, whole ones."""
    lines, length = [], 0
    for line in (said or "").strip().splitlines()[:DIAGNOSTIC_LINES]:
        length += len(line) + 1
        if length > DIAGNOSTICS_SHOWN:
            break
        lines.append(line)
    if not lines:
        return ""
    return f"What the interpreter said first:\n\n{_code(chr(10).join(lines), '')}\n"


def _code(text: str, language: str) -> str:
    """Fence a text, with more backticks than stand anywhere in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.strip(chr(10))}\n{fence}"


def _text(replacement: Replacement) -> str:
    parts = ["\n".join(replacement.imports), replacement.helpers, replacement.definition]
    return "\n\n\n".join(part.strip("\n") for part in parts if part.strip())


def _value(text: str) -> str:
    return one_line(text, limit=VALUE_SHOWN)


def _defined(helper: str) -> str:
    found = _NAME.search(helper)
    return (found[1] or found[2]) if found else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names if name)


def _simple(target: Target) -> str:
    return target.name.rpartition(".")[2]


def _seconds(value: float) -> str:
    for limit, factor, unit in ((1e-6, 1e9, "ns"), (1e-3, 1e6, "µs"), (1.0, 1e3, "ms")):
        if value < limit:
            return f"{value * factor:.3g} {unit}"
    return f"{value:.3g} s"


def _clean(text: str) -> str:
    """Bytes that are no text stay in the file; a message cannot carry them."""
    return text.encode("utf-8", "replace").decode("utf-8")
