"""What else a caller may do with a result than use it up: leave early, throw an error in, send values.

Each scene is a call of its own on fresh arguments. They stand for the ways in which a rewrite of a generator
or a context manager goes wrong unseen: cleaning up too late, swallowing an error, ignoring what is sent.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Tuple

Scene = Tuple[str, Callable[[Any], Any]]


def scenes(kind: str, *, sends: bool) -> List[Scene]:
    """Return the scenes for a kind of result. ``sends`` says that the original uses what is sent to it."""
    found = list(_SCENES.get(kind, ()))
    if sends and kind == "generator":
        found += [("values sent in", _sent((5, -2, 0, 3))), ("texts sent in", _sent(("b", "", "a")))]
    return found


def _closed(value: Any) -> Any:
    steps = []
    try:
        steps.append(next(value))
    except StopIteration as stop:
        return ["nothing", stop.value]
    value.close()
    return steps


def _thrown(value: Any) -> Any:
    try:
        first = next(value)
    except StopIteration as stop:
        return ["nothing", stop.value]
    try:
        after = value.throw(ValueError("thrown in"))
    except StopIteration as stop:
        return [first, "ended", stop.value]
    value.close()
    return [first, "went on", after]


def _sent(values: Tuple[Any, ...]) -> Callable[[Any], Any]:
    def send(generator: Any) -> Any:
        steps = []
        try:
            steps.append(next(generator))
            for value in values:
                # In a comprehension the end of the generator would become another error.
                steps.append(generator.send(value))  # noqa: PERF401
        except StopIteration as stop:
            return [steps, "ended", stop.value]
        generator.close()
        return steps

    return send


def _error_inside(error: type) -> Callable[[Any], Any]:
    def enter(manager: Any) -> Any:
        raised = error("raised inside")
        inside = manager.__enter__()
        swallowed = manager.__exit__(error, raised, None)
        return [inside, "swallowed" if swallowed else "raised again"]

    return enter


def _error_inside_async(error: type) -> Callable[[Any], Any]:
    def enter(manager: Any) -> Any:
        import asyncio

        async def go_through() -> Any:
            raised = error("raised inside")
            inside = await manager.__aenter__()
            swallowed = await manager.__aexit__(error, raised, None)
            return [inside, "swallowed" if swallowed else "raised again"]

        return asyncio.run(go_through())

    return enter


def _closed_async(value: Any) -> Any:
    import asyncio

    async def close() -> Any:
        try:
            first = await value.__anext__()
        except StopAsyncIteration:
            return ["nothing"]
        await value.aclose()
        return [first]

    return asyncio.run(close())


_ERRORS = (ValueError, KeyError, OSError, KeyboardInterrupt)
"""What is raised inside a context manager: the usual ones, and one that is no Exception."""

_SCENES: Dict[str, Tuple[Scene, ...]] = {
    "generator": (("closed after one item", _closed), ("an error thrown in", _thrown)),
    "async generator": (("closed after one item", _closed_async),),
    "context manager": tuple((f"{e.__name__} raised inside", _error_inside(e)) for e in _ERRORS),
    "async context manager": tuple(
        (f"{e.__name__} raised inside", _error_inside_async(e)) for e in _ERRORS[:2]
    ),
}
