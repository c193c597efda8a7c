"""Inputs are found for functions as people have them, and are varied enough to catch mistakes."""

from __future__ import annotations

import inspect
import json
import random
import sys
import warnings
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from tests.judge.inputs.finding import behaviour, caller, find, fixture_module, returns_on, targets

from paceline.judge.python.worker import candidates, codec, inputs, reached, shapes

UNTYPED = {**dict(targets(fixture_module("untyped"))), **dict(targets(fixture_module("loose")))}
HINTED = {**dict(targets(fixture_module("hinted"))), **dict(targets(fixture_module("annotated")))}
WITHOUT_STATE = {"Triangle.corners"}
"""Of which there is one input and no more."""
HARD_TO_REACH = {"apply_rules"}
"""Where two arguments have to agree in a way that nothing says."""
WRONG = {
    name: [rewrite for rewrite in vars(group).values() if inspect.isfunction(rewrite)]
    for name, group in vars(fixture_module("wrong")).items()
    if inspect.isclass(group) and group.__module__ == "wrong"
}


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    with warnings.catch_warnings():
        # NumPy divides by zero on purpose here.
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


@pytest.mark.parametrize("name", UNTYPED)
def test_finds_inputs_for_untyped_functions(name: str) -> None:
    function = UNTYPED[name]
    found = find(function, name=name)
    assert found.reason == ""
    assert sum(returns_on(function, item) for item in found.inputs) >= 10
    assert found.coverage >= (0.8 if name in HARD_TO_REACH else 0.9)
    assert {item.source for item in found.inputs} <= {"probed", "edge", "doctest"}
    assert len(found.inputs) <= 60


@pytest.mark.parametrize("name", HINTED)
def test_finds_inputs_for_hinted_functions(name: str) -> None:
    function = HINTED[name]
    found = find(function, name=name)
    assert found.reason == ""
    assert sum(returns_on(function, item) for item in found.inputs) >= (1 if name in WITHOUT_STATE else 10)
    assert found.coverage >= 0.9


@pytest.mark.parametrize("name", WRONG)
def test_tells_wrong_rewrites_from_right_ones(name: str) -> None:
    original = UNTYPED[name]
    found = find(original)
    expected = [behaviour(original, item) for item in found.inputs]
    assert WRONG[name]
    for rewrite in WRONG[name]:
        differing = sum(behaviour(rewrite, i) != e for i, e in zip(found.inputs, expected, strict=True))
        assert differing, f"{rewrite.__qualname__} was not noticed"


def test_reading_the_source_never_fails_on_the_table() -> None:
    for module in ("untyped", "loose", "hinted", "annotated"):
        source = inspect.getsource(fixture_module(module))
        for name, function in targets(fixture_module(module)):
            assert candidates.read_target(function, source, name).used is not None, name


def test_the_definition_alone_will_do() -> None:
    function = UNTYPED["intersect"]
    assert find(function, source=inspect.getsource(function), name="intersect").inputs


def test_equal_seeds_find_equal_inputs_and_others_find_others() -> None:
    function = UNTYPED["merge_intervals"]
    assert find(function, seed=3).inputs == find(function, seed=3).inputs
    assert find(function, seed=3).inputs != find(function, seed=4).inputs


# --- what others wrote ---


def encoded(*args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"args": codec.encode(args), "kwargs": codec.encode(kwargs)}


def test_recorded_calls_come_first_and_shape_the_rest() -> None:
    calls = [encoded(["SKU-1", "SKU-2"]), encoded(["SKU-2", "SKU-9", "SKU-2"]), encoded([])]
    found = find(UNTYPED["dedupe"], recorded=calls)
    recorded = [item for item in found.inputs if item.source == "recorded"]
    assert [(i.args, i.kwargs) for i in recorded] == [(c["args"], c["kwargs"]) for c in calls] or len(
        recorded
    ) == 3
    probed = [codec.decode(item.args)[0] for item in found.inputs if item.source == "probed"]
    assert probed and all(isinstance(word, str) for items in probed for word in items)


def test_recorded_classes_are_found_under_the_name_they_have_here() -> None:
    module = fixture_module("hinted")
    args = codec.encode(([module.Order("ann", 3.0, [1], True)],), memo=codec.Memo("hinted"))
    assert "hinted" not in codec.text(args)
    found = find(HINTED["busiest"], recorded=[{"args": args, "kwargs": ["D", [], []]}])
    (first,) = (item for item in found.inputs if item.source == "recorded")
    assert returns_on(HINTED["busiest"], first)
    assert '"hinted","Order"' in codec.text(first.args)


def test_a_recording_that_cannot_be_read_is_noted() -> None:
    gone = {"args": ["t", [["obj", "no_such_module", "Gone", {}]]], "kwargs": ["D", [], []]}
    found = find(UNTYPED["dedupe"], recorded=[gone])
    assert found.inputs
    assert "could not be used" in found.notes[0]


def test_only_recorded_calls_run() -> None:
    def secret(code: str) -> str:
        if code != "open sesame, please":
            raise PermissionError(code)
        return "in"

    found = find(secret, source=inspect.getsource(secret), recorded=[encoded("open sesame, please")])
    assert "recorded" in {item.source for item in found.inputs}


def test_call_sites_and_doctests_are_used() -> None:
    found = find(UNTYPED["unique_pairs"], literals=[encoded(["a", "b", "a"]), encoded(5)])
    by_source = {item.source: codec.describe(item.args) for item in found.inputs}
    assert by_source["doctest"] == "([1, 2],)"
    assert by_source["call-site"] == "(['a', 'b', 'a'],)"
    assert not any(codec.describe(item.args) == "(5,)" for item in found.inputs), (
        "a call that is no call of it"
    )


# --- edges ---


def test_edges_are_among_the_inputs() -> None:
    found = find(UNTYPED["dedupe"])
    edges = [codec.decode(item.args)[0] for item in found.inputs if item.source == "edge"]
    assert [] in edges
    assert any(len(items) == 1 for items in edges) and any(len(items) == 2 for items in edges)
    assert any(len(items) > 1 and len(set(items)) == 1 for items in edges), "ties"
    assert any(-(10**6) in items and 10**20 in items for items in edges), "huge and negative"


def test_exceptions_that_are_behaviour_are_kept_and_artefacts_are_not() -> None:
    found = find(UNTYPED["chunk"])
    ends = [caller(UNTYPED["chunk"])(codec.decode(i.args), codec.decode(i.kwargs)) for i in found.inputs]
    raised = {end.exception for end in ends if end.kind == "raised"}
    assert raised == {"ValueError"}


def test_floats_meet_nan_and_infinity() -> None:
    found = find(HINTED["mean"])
    text = codec.text([item.args for item in found.inputs])
    assert '["F","nan"]' in text and '["F","inf"]' in text and '["F","-inf"]' in text


# --- growth ---


@pytest.mark.parametrize(
    "name",
    ["dedupe", "group_by_city", "matmul", "word_frequencies", "bfs", "lcs", "primes", "gcd", "invert",
     "LRU.put", "parse_config", "join_tables", "merge_intervals", "two_sum", "tree_sum"],
)  # fmt: skip
def test_grown_inputs_are_of_the_size_asked_for_all_different_and_run(name: str) -> None:
    found = find(UNTYPED[name], name=name)
    assert found.growable and found.shape is not None
    shape = json.loads(json.dumps(found.shape))
    middling = []
    for elements in (16, 256):
        made = inputs.grow(shape, seed=5, elements=elements, count=8)
        assert len({codec.text([i.args, i.kwargs]) for i in made}) == len(made) >= 4
        assert sum(returns_on(UNTYPED[name], item) for item in made) >= len(made) * 0.5
        middling.append(sorted(item.size for item in made)[len(made) // 2])
    assert middling[1] > 3 * middling[0]
    assert inputs.grow(shape, seed=5, elements=16, count=3) == inputs.grow(
        shape, seed=5, elements=16, count=3
    )
    assert inputs.grow(shape, seed=6, elements=64, count=3) != inputs.grow(
        shape, seed=5, elements=64, count=3
    )


@pytest.mark.parametrize("name", ["fib", "subsets"])
def test_explosive_functions_are_held_small(name: str) -> None:
    found = find(UNTYPED[name])
    assert found.shape is not None and 8 <= found.shape["cap"] <= 40
    for item in inputs.grow(found.shape, seed=1, elements=100_000, count=5):
        assert item.size <= found.shape["cap"]


def test_functions_that_grow_politely_are_not_held() -> None:
    for name in ("primes", "matmul", "word_frequencies", "knapsack"):
        found = find(UNTYPED[name])
        assert found.shape is not None and found.shape["cap"] is None, name


def test_a_function_without_a_size_says_so() -> None:
    def either(a: bool, b: bool) -> bool:
        return a or b

    found = find(either, source=inspect.getsource(either))
    assert not found.growable
    assert len(found.inputs) == 4


# --- nothing to be found ---


def never_quick(args: Any, kwargs: Any) -> inputs.CallEnd:
    return inputs.CallEnd("timeout", None, 0.1)


def test_says_what_is_missing_and_the_one_thing_to_do() -> None:
    def needs_a_socket(connection):  # type: ignore[no-untyped-def]
        connection.sendall(b"x")
        return connection.recv(10).decode()

    found = find(needs_a_socket, source=inspect.getsource(needs_a_socket))
    assert found.inputs == [] and found.shape is None
    assert "needs_a_socket" in found.reason
    assert "add a type hint for parameter 'connection', or a test that calls it" in found.reason


def test_says_what_is_asked_of_the_parameter_it_names() -> None:
    def send(message, connection):  # type: ignore[no-untyped-def]
        connection.sendall(message.encode())
        return connection.recv(10).decode()

    reason = find(send, source=inspect.getsource(send)).reason
    assert "parameter 'connection' is asked for .sendall() and .recv()" in reason
    assert reason.endswith("add a type hint for parameter 'connection', or a test that calls it")


class Vault:
    def __init__(self, code: int) -> None:
        raise PermissionError("not today")


def open_vault(vault: Vault, times: int) -> int:
    return times


def test_says_which_annotated_parameter_could_not_be_made_and_why() -> None:
    reason = find(open_vault).reason
    assert "parameter 'vault' of open_vault wants Vault, which could not be made" in reason
    assert "PermissionError: not today" in reason
    assert reason.endswith("add a test that calls it")


def test_says_that_no_call_came_to_its_end() -> None:
    found = find(UNTYPED["dedupe"], call=never_quick)
    assert "no call of dedupe came to its end" in found.reason
    assert found.reason.endswith("add a test that calls it with values on which it does")


def test_says_what_the_interpreter_said() -> None:
    def pick(table, name):  # type: ignore[no-untyped-def]
        return {"left": table}[name + "!"]

    def call(args: Any, kwargs: Any) -> Any:
        return SimpleNamespace(error=KeyError("x!"), timed_out=False, seconds=0.0)

    reason = find(pick, source=inspect.getsource(pick), call=call).reason
    assert "most tries ended in KeyError: 'x!'" in reason


def test_says_which_class_could_not_be_made() -> None:
    source = inspect.getsource(fixture_module("unbuildable"))
    cls = fixture_module("unbuildable").Session
    found = find(cls.total, source=source, name="Session.total")
    assert found.inputs == []
    assert "Session" in found.reason and "a test that calls it" in found.reason


def test_a_loop_without_end_costs_little() -> None:
    def spins(n):  # type: ignore[no-untyped-def]
        while True:
            n += 1

    found = find(spins, source=inspect.getsource(spins), budget_s=0.5)
    assert found.inputs == []


def test_tells_timeouts_of_any_caller() -> None:
    """The worker's own record of a call is understood as well."""

    def call(args: Any, kwargs: Any) -> Any:
        end = caller(UNTYPED["dedupe"])(args, kwargs)
        error = TypeError() if end.kind == "raised" else None
        return SimpleNamespace(error=error, timed_out=end.kind == "timeout", seconds=end.seconds)

    assert find(UNTYPED["dedupe"], call=call).inputs


# --- slow originals ---


@pytest.mark.parametrize("seconds", [0.5, 3.0, 6.0])
def test_a_function_whose_every_call_is_slow_gets_a_few_inputs(seconds: float) -> None:
    limits_given = []

    def patient(args: Any, kwargs: Any, limit_s: float) -> inputs.CallEnd:
        limits_given.append(limit_s)
        return inputs.CallEnd("returned", None, seconds)

    calls = [encoded(list(range(n))) for n in range(3, 40)]
    found = find(UNTYPED["dedupe"], recorded=calls, call=never_quick, patient=patient, patience_s=30.0)
    assert [item.args for item in found.inputs[:2]] == [call["args"] for call in calls[:2]]
    assert {item.source for item in found.inputs} == {"recorded"}
    assert 2 <= len(found.inputs) <= 12, "candidates have to run on all of them"
    assert found.slowest_s == seconds and found.shape is None
    assert f"{seconds:.2g} s" in found.notes[0]
    assert all(limit_s > 20 for limit_s in limits_given)


def test_a_slow_function_without_recorded_calls_gets_small_inputs() -> None:
    found = find(
        HINTED["mean"],
        call=never_quick,
        patient=lambda args, kwargs, limit_s: inputs.CallEnd("returned", None, 3.0),
        patience_s=30.0,
    )
    assert len(found.inputs) >= 2
    assert max(item.size for item in found.inputs) <= 3
    assert {item.source for item in found.inputs} == {"type-hints"}


def test_patience_ends() -> None:
    """A second slow call is not begun when what is left of the time would not do for the first."""
    found = find(
        UNTYPED["dedupe"],
        recorded=[encoded([n]) for n in range(9)],
        call=never_quick,
        patient=lambda args, kwargs, limit_s: inputs.CallEnd("returned", None, 40.0),
        patience_s=30.0,
    )
    assert len(found.inputs) == 1


# --- the parts ---


def test_lines_are_those_of_the_function_and_the_functions_in_it() -> None:
    def outer(n: int) -> list[int]:
        def inner(x: int) -> int:
            return x

        if n > 1:
            return [inner(x) for x in range(n)]
        return []

    lines = reached.Lines(outer)
    with lines.watched(1.0) as some:
        outer(0)
    with lines.watched(1.0) as rest:
        outer(2)
    assert 0 < lines.share(some) < lines.share(some | rest) == 1.0


def test_shapes_survive_json() -> None:
    for name in [*UNTYPED, *HINTED]:
        function = UNTYPED.get(name) or HINTED[name]
        source = inspect.getsource(sys.modules[getattr(function, "__wrapped__", function).__module__])
        options = candidates.read_target(function, source, name).options([])
        for _, listed in options.parameters:
            for shape in listed:
                if shape is not None:
                    assert shapes.from_json(json.loads(json.dumps(shapes.to_json(shape)))) == shape


def test_observed_values_keep_what_they_show() -> None:
    rng = random.Random(1)
    rows = [sorted(rng.sample(range(100), k)) for k in (3, 5, 8)]
    shape = shapes.shape_of(rows)
    assert isinstance(shape, shapes.Many) and shape.order == "sorted" and shape.repeats == 0
    people = [{"name": "a", "age": 3}, {"name": "b", "age": 5, "note": None}, {"name": "c", "age": 1}]
    record = shapes.shape_of(people)
    assert isinstance(record, shapes.Record) and record.optional == ("note",)
    grid = shapes.shape_of([[[1, 2], [3, 4]], [[1, 2, 3], [4, 5, 6]]])
    assert isinstance(grid, shapes.Matrix) and not grid.square
    graph = shapes.shape_of([{"a": ["b"], "b": ["a", "b"]}])
    assert isinstance(graph, shapes.Graph)


def module_of_classes(count: int) -> tuple[str, ModuleType]:
    """Return the source of a module and the module: classes that all have what ``drained`` asks for."""
    classes = [
        f"class Queue{n}:\n"
        "    def __init__(self, first, parent):\n"
        "        self.items = [first.pop(0)]\n        parent.adopt(self)\n"
        "    def pop(self, at):\n        return self.items.pop(at)\n"
        "    def adopt(self, other):\n        other.items.append(other.pop(0))\n"
        "    def move(self, other):\n        other.adopt(self.pop(0))\n"
        for n in range(count)
    ]
    body = "def drained(queue):\n    queue.move(queue)\n    return queue.pop(0)\n"
    source = "\n".join([*classes, body])
    module = ModuleType("of_classes")
    exec(compile(source, "of_classes.py", "exec", dont_inherit=True), vars(module))
    return source, module


def test_a_target_is_read_in_calls_that_do_not_explode_with_the_classes_around_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def calls(count: int) -> int:
        source, module = module_of_classes(count)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        seen = 0

        def see(_frame: Any, event: str, _arg: Any) -> None:
            nonlocal seen
            seen += event == "call"

        before = sys.getprofile()
        sys.setprofile(see)
        try:
            target = candidates.read_target(module.drained, source, "drained")
        finally:
            sys.setprofile(before)
        assert target.used is not None
        return seen

    assert calls(80) < 6 * calls(20)


def test_a_method_is_not_what_a_bare_name_calls() -> None:
    function = "def drained(rows):\n    waiting = list(rows)\n    return [waiting.pop(0) for _ in rows]\n"
    method = "class Archive:\n    def list(self):\n        return self.members\n"
    used = []
    for source in (function, method + function):
        defined: dict[str, Any] = {}
        exec(source, defined)
        target = candidates.read_target(defined["drained"], source, "drained")
        assert target.used is not None
        used.append(target.used.candidates)
    assert used[0] == used[1]
