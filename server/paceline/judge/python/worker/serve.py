"""The worker: one process, one version of the target. Speaks only over its two dedicated pipes.

    python serve.py REQUEST_FD RESULT_FD ROLE        ROLE: inputs, where inputs are to be found; else work

Everything it needs is imported, and its names are taken out of ``sys.modules`` and ``sys.path`` again, before
any code of the workspace is loaded: a project may have a module ``shapes`` of its own.
"""

# A worker is started often, and pathlib takes long to import.
# ruff: noqa: PTH100, PTH120

from __future__ import annotations

import builtins
import contextlib
import faulthandler
import gc
import json
import os
import sys
import time
import types
import typing
from typing import Any, Dict, List, Optional

if typing.TYPE_CHECKING or __package__:
    from . import (
        clock,
        codec,
        consuming,
        files,
        hot,
        inputs,
        limits,
        loading,
        observe,
        output,
        own_time,
        pristine,
        surroundings,
        turns,
        wire,
    )
else:
    import clock
    import codec
    import consuming
    import files
    import hot
    import limits
    import loading
    import observe
    import output
    import surroundings
    import turns
    import wire

    # Looking for inputs takes modules that all other workers start quicker without.
    own_time = __import__("own_time") if sys.argv[3:4] == ["inputs"] else None
    inputs = __import__("inputs") if sys.argv[3:4] == ["inputs"] else None
    pristine = __import__("pristine") if sys.argv[3:4] == ["inputs"] else None

_MOST_DIAGNOSTICS = 4_000
_TOO_SHORT_S = 0.0002
_MOST_PATHS = 200


class Worker:
    """Answers the controller's commands, one at a time, until the pipe is closed."""

    def __init__(self, pipes: wire.Wire) -> None:
        self._wire = pipes
        self._output = output.Output()
        self._process = surroundings.Process()
        self._loaded: Optional[loading.Loaded] = None
        self._observer: Optional[observe.Observer] = None
        self._turns: Optional[turns.Turns] = None
        self._pools: Dict[str, turns.Pool] = {}
        self._home = ""
        self._seed = 0
        self._sends = False
        self._files: Optional[files.Files] = None
        self._written: Dict[str, None] = {}
        self._done_cpu = 0.0

    def serve(self) -> None:
        """Answer until the controller closes the pipe."""
        while True:
            received = self._wire.receive()
            if received is None:
                return
            message, attached = received
            command = getattr(self, "do_" + message["do"])
            command(message, attached)

    def do_start(self, message: Dict[str, Any], attached: List[bytes]) -> None:
        """Import packages ahead of time and say that the process is up. Nothing of the workspace runs yet."""
        if message.get("packages"):
            with contextlib.suppress(limits.CallTimeout), limits.time_limit(message["limit_s"]):
                loading.import_packages(message["packages"], message["file"], message["root"])
        self._wire.send({})

    def do_bind(self, message: Dict[str, Any], attached: List[bytes]) -> None:
        """Run on one processor from now on. Nothing of the workspace has run yet."""
        self._process.bind(message["processor"])
        self._wire.send({})

    def do_load(self, message: Dict[str, Any], attached: List[bytes]) -> None:
        """Import the target's module from the attached source and find the target in it."""
        self._seed = message["seed"]
        self._sends = message["sends"]
        if message["files"]:
            self._files = files.Files(message["root"], message["view"])
        if message["audit"]:
            self._process.audit()
        if message["frozen"]:
            self._freeze(attached[0])
        sys.argv[:] = [message["file"]]
        try:
            with limits.time_limit(message["limit_s"]):
                loaded = loading.load(message["file"], message["root"], attached[0], message["name"])
        except BaseException as error:
            failed = {"failed": _diagnostics(error), "kind": type(error).__name__}
            self._wire.send({**failed, "writes": self._process.written()[:_MOST_PATHS]})
            return
        self._loaded = loaded
        self._home = loaded.module.__name__
        self._process.follow()
        self._wire.send(
            {
                "module": self._home,
                "binding": loaded.binding,
                "process": self._process.changes(),
                "python": sys.version.split()[0],
                "hash_randomised": sys.flags.hash_randomization,
            }
        )

    def _freeze(self, source: bytes) -> None:
        """Stop the clock, before anything of the workspace can take hold of the real one."""
        clock.freeze()
        if b"async" in source:
            import asyncio  # noqa: F401
        clock.spare_what_waits()
        self._process.follow("time", "datetime")

    def do_inputs(self, message: Dict[str, Any], attached: List[bytes]) -> None:
        """Find inputs on which the target, here always the original, runs."""
        loaded = self._target()
        given = json.loads(attached[0])
        found = inputs.find_inputs(
            loaded.function,
            source=given["source"],
            name=given["name"],
            recorded=given["recorded"],
            literals=given["literals"],
            seed=message["seed"],
            limit=message["limit"],
            budget_s=message["budget_s"],
            call=lambda args, kwargs: self._call(args, kwargs, message["limit_s"]),
            patient=self._call,
            patience_s=message["patience_s"],
        )
        listed = [
            {"args": i.args, "kwargs": i.kwargs, "source": i.source, "size": i.size} for i in found.inputs
        ]
        if loaded.binding == "method" and loaded.owner is not None and found.slowest_s < message["limit_s"]:
            listed += pristine.with_new_objects(
                listed,
                loaded.owner,
                self._home,
                lambda args, kwargs: self._call(args, kwargs, message["limit_s"]).error is None,
            )
        payload = {
            "inputs": listed,
            "shape": found.shape,
            "reason": found.reason,
            "notes": list(found.notes),
            "slowest_s": found.slowest_s,
        }
        writes = list(self._written)[:_MOST_PATHS]
        self._wire.send({"found": len(listed), "writes": writes}, [json.dumps(payload).encode()])

    def do_grow(self, message: Dict[str, Any], attached: List[bytes]) -> None:
        """Make inputs of about so many elements; keep those on which the target returns."""
        start = own_time.own_time()
        made = inputs.grow(
            json.loads(attached[0]),
            seed=message["seed"],
            elements=message["elements"],
            count=message["count"],
            widely=message["widely"],
        )
        making = own_time.own_time() - start
        kept = []
        seconds: List[float] = []
        raised = 0
        kind = "value"
        for item in made:
            if len(seconds) < message["try"]:
                memo = codec.Memo(self._home)
                args = codec.decode(item.args, memo=memo)
                kwargs = codec.decode(item.kwargs, memo=memo)
                start = own_time.own_time()
                ended = self._call(args, kwargs, message["limit_s"])
                called_s = own_time.own_time() - start
                if ended.timed_out:
                    self._wire.send({"timed_out": True, "seconds": []}, [b"[]"])
                    return
                if ended.error is not None:
                    raised += 1
                    continue
                kind = ended.kind
                seconds.append(min(called_s, ended.seconds))
            kept.append({"args": item.args, "kwargs": item.kwargs, "size": item.size})
        payload = json.dumps(kept, separators=(",", ":")).encode()
        if seconds and max(seconds) < _TOO_SHORT_S:
            try:
                seconds = [self._looped(payload, len(kept), kind)]
            except Exception:
                # A recursion that only just fits is too deep a few frames further down: no size to time at.
                seconds = []
        sizes = [item["size"] for item in kept]
        self._wire.send({"seconds": seconds, "raised": raised, "sizes": sizes, "making": making}, [payload])

    def _looped(self, payload: bytes, count: int, kind: str) -> float:
        """Return the seconds of a call that is too short for its time limit not to show."""
        looping = turns.Turns(self._target().function, kind, self._home)
        looping.prepare(turns.Pool(payload), 0, max(count, 200), max(count, 200), self._seed)
        start = own_time.own_time()
        try:
            looping.go()
            return (own_time.own_time() - start) / max(count, 200)
        finally:
            gc.enable()

    def do_run(self, message: Dict[str, Any], attached: List[bytes]) -> None:
        """Observe the target on the attached inputs, one answer each, then what changed in the process."""
        loaded = self._target()
        if self._observer is None:
            self._output.listen(attached[1])
            state = surroundings.State(self._home, message["root"], loaded.function, loaded.owner)
            self._observer = observe.Observer(
                loaded.function,
                self._home,
                self._output,
                state,
                self._seed,
                sends=self._sends,
                files=self._changed_files,
            )
        for at, item in enumerate(json.loads(attached[0])):
            seen = self._observer.observe(item["args"], item["kwargs"], message["limit_s"])
            self._wire.send(
                {
                    "at": at,
                    "seconds": seen.seconds,
                    "mutated": seen.mutated,
                    "kind": seen.kind,
                    "usable": seen.usable,
                    "timed_out": seen.timed_out,
                },
                [seen.text.encode()],
            )
        self._wire.send({"end": True, "process": self._process.changes()})

    def do_pool(self, message: Dict[str, Any], attached: List[bytes]) -> None:
        """Take the inputs of one size."""
        self._pools[message["label"]] = turns.Pool(attached[0])
        if self._turns is None:
            self._turns = turns.Turns(self._target().function, message["kind"], self._home)
            self._output.restart()
            gc.collect()
            gc.freeze()
        self._wire.send({"ready": True})

    def do_prepare(self, message: Dict[str, Any], attached: List[bytes]) -> None:
        """Build the arguments of the next block."""
        self._output.restart()
        assert self._turns is not None
        if self._files is not None:
            self._files.put_back()
        self._turns.prepare(
            self._pools[message["label"]],
            message["start"],
            message["count"],
            message["distinct"],
            self._seed,
        )
        self._wire.send({"ready": True})

    def do_go(self, message: Dict[str, Any], attached: List[bytes]) -> None:
        """Run the prepared block. The answer is sent the moment the last call has returned."""
        assert self._turns is not None
        try:
            with limits.time_limit(message["limit_s"]):
                done = self._turns.go()
        except limits.CallTimeout:
            self._wire.send({"timed_out": True})
            return
        except BaseException as error:
            self._wire.send({"failed": _diagnostics(error), "kind": type(error).__name__})
            return
        self._wire.send(done)
        self._done_cpu = done["done_cpu"]

    def do_results(self, message: Dict[str, Any], attached: List[bytes]) -> None:
        """Give the results of some calls of the last block, chosen after it ran."""
        assert self._turns is not None
        idle = self._turns.idle_cpu(self._done_cpu)
        texts = self._turns.results(message["indices"])
        self._wire.send({"idle_cpu": idle}, [text.encode() for text in texts])

    def do_hot(self, message: Dict[str, Any], attached: List[bytes]) -> None:
        """Run the target on attached inputs, for a while at most, and say where the time goes."""
        pool = turns.Pool(attached[0])
        running = turns.Turns(self._target().function, message["kind"], self._home)
        watching = hot.HotLines(message["file"], message["first"], message["last"])
        calls = 0
        end = time.perf_counter() + message["budget_s"]
        with contextlib.suppress(limits.CallTimeout), limits.time_limit(message["limit_s"]):
            while calls < message["calls"] and time.perf_counter() < end:
                running.prepare(pool, calls, 1, 1, self._seed)
                watching.watch(running.go)
                calls += 1
        gc.enable()
        self._wire.send({"calls": calls, "lines": watching.found()})

    def do_changes(self, message: Dict[str, Any], attached: List[bytes]) -> None:
        """Give what changed in the process."""
        self._wire.send({"process": self._process.changes()})

    def _target(self) -> loading.Loaded:
        if self._loaded is None:
            raise AssertionError("nothing is loaded")
        return self._loaded

    def _call(self, args: Any, kwargs: Any, limit_s: float) -> consuming.Ended:
        observe.seed_random(self._seed)
        self._output.restart()
        ended = consuming.consume(self._target().function, args, kwargs, limit_s)
        self._changed_files()
        return ended

    def _changed_files(self) -> Dict[str, Any]:
        """Return what the last call has done to files, and undo it. Its paths are noted in any case."""
        written = self._process.written()
        self._written.update(dict.fromkeys(written[:_MOST_PATHS]))
        if self._files is None or not written:
            return {}
        with self._process.unnoted():
            return self._files.changes(written)


def _diagnostics(error: BaseException) -> str:
    """Return the traceback without the worker's own frames."""
    import traceback

    trace = error.__traceback__
    here = os.path.dirname(os.path.abspath(__file__))
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith((here, "<frozen")):
        trace = trace.tb_next
    lines = traceback.format_exception(type(error), error.with_traceback(trace), trace, chain=False)
    return "".join(lines)[-_MOST_DIAGNOSTICS:]


def _hide() -> None:
    """Take the worker's own modules and folder out of sight."""
    here = os.path.dirname(os.path.abspath(__file__))
    for name, module in list(sys.modules.items()):
        if os.path.dirname(os.path.abspath(getattr(module, "__file__", None) or "/")) == here:
            del sys.modules[name]
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder or ".") != here]
    sys.modules["__main__"] = types.ModuleType("__main__")
    sys.modules["__main__"].__builtins__ = builtins  # type: ignore[attr-defined]


def main() -> None:
    """Serve until the controller goes away, then leave without running anyone's exit handlers."""
    pipes = wire.Wire(int(sys.argv[1]), int(sys.argv[2]))
    faulthandler.enable(file=2)
    limits.install()
    worker = Worker(pipes)
    _hide()
    status = 1
    try:
        worker.serve()
        status = 0
    except BaseException as error:
        # Standard error is the target's by now; the descriptor below it is ours.
        os.write(2, _diagnostics(error).encode())
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
