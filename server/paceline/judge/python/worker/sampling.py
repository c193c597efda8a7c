"""Samples where a Python spends its processor time, in any process that ``paceline profile`` starts.

A timer of the process's own processor time (ITIMER_PROF) sends a signal every few milliseconds, and the
handler writes down which functions of the workspace are on the stack, weighted by the processor time of the
main thread since the sample before. It is a sample and no trace because a tracing profiler such as cProfile
adds its own cost to every call: a program of many small functions shows where the profiler spends its time.
It is a handler of Python and not ``faulthandler.register``, which sees every thread and every instruction but
walks stacks that may be half made: it crashed CPython 3.11 to 3.13 within seconds in our trials.

What it cannot see, and what it costs:

- Python runs handlers in the main thread only. Other threads are not looked into; the processor time that
  they spend counts in the total, and is told apart.
- Handlers run between instructions where Python looks for them: at a loop's end, at calls, after functions
  of C. A long call of C is charged in full to who called it. A function of a few instructions without call or
  loop may have some of its time charged to its caller, or the other way round.
- Forked processes and new ones that read PYTHONPATH are sampled, each on its own; programs that are no Python
  are not, and do not count in the total. A killed process loses at most its last half second or twentieth.
- While a program has a wakeup descriptor set, as asyncio does for ``add_signal_handler``, it is not sampled:
  each signal would write a byte there, until none of its own found room. That time is told apart as well.
- The program must not use SIGPROF itself; one that does is not profiled from there on. One that is within a
  frame or two of its recursion limit may meet it sooner.
- A sample takes about 5 µs on a shallow stack, 20 µs on one of 60 frames, 80 µs on one of 300, as measured on
  one machine; it is left out of what is counted.

The order comes in the variable PACELINE_PROFILE: {"root", "into"}. Standard library only, Python 3.9 or
newer. This runs outside of any sandbox, in the person's own process: nothing that goes wrong here may reach
the program.
"""

# Programs start often, and pathlib takes long to import.
# ruff: noqa: PTH109, PTH118

from __future__ import annotations

import atexit
import json
import os
import signal
import time
from typing import Any, Callable, Dict, Optional, Tuple

INTERVAL_S = 0.005
"""Of processor time. Kernels tick every 1, 4 or 10 ms; more often than they tick nothing comes."""
FIRST_WRITE_S = 0.5
"""Of processor time. What is not written down is lost when the process is killed."""
WRITE_SHARE = 0.05
"""Later writes are this share of all time so far apart: files stay small however long a process runs."""
MOST_STACKS = 5_000
"""Different ones between two writes. The time of those beyond it counts in the total alone."""
MOST_KNOWN = 100_000
"""Functions whose place is remembered, theirs who make code as they go among them."""

VARIABLE = "PACELINE_PROFILE"
Place = Tuple[str, int]
"""A file below the root, and the line that a function's code begins on, 1-based."""


def install(own_files: Any) -> None:
    """Sample this process, if the environment orders it. ``own_files`` is the module beside this one."""
    order = os.environ.get(VARIABLE)
    if order and hasattr(signal, "setitimer") and signal.getsignal(signal.SIGPROF) == signal.SIG_DFL:
        Sampler(json.loads(order), own_files).install()


class Sampler:
    """What was sampled in this process, and where it goes."""

    def __init__(self, order: Dict[str, Any], own_files: Any) -> None:
        self._root = os.path.realpath(order["root"])
        self._into = order["into"]
        self._own_files = own_files
        self._started_in = os.getcwd()
        self._places: Dict[Tuple[str, int, str], Optional[Place]] = {}
        self._last = self._ours = self._written = 0.0
        self._gives_way = self._is_busy = False
        self._begin()

    def install(self) -> None:
        """Start, and see to it that the timer ends before the program does, or another takes its place."""
        atexit.register(self._leave)
        # These end a program without its exit handlers. A timer outlives exec, and ends what has no handler.
        for name in ("execv", "execve", "_exit"):
            setattr(os, name, self._leaving(getattr(os, name)))
        os.fork = self._forking(os.fork)
        setattr(signal, "set_wakeup_fd", self._giving_way(signal.set_wakeup_fd))  # noqa: B010 - typed as final
        signal.signal(signal.SIGPROF, self.sample)
        signal.siginterrupt(signal.SIGPROF, False)
        self._start_timer()

    def sample(self, _number: int, frame: Any) -> None:
        """Write down what is on the stack of the main thread, which runs this. Raises nothing."""
        if self._is_busy:
            # The next signal came before the last was dealt with: what is counted already would count twice.
            return
        self._is_busy = True
        now = time.thread_time()
        try:
            places = {}
            while frame is not None:
                code = frame.f_code
                key = (code.co_filename, code.co_firstlineno, code.co_name)
                place = self._places[key] if key in self._places else self._find(key)
                if place is not None:
                    places[place] = True
                frame = frame.f_back
            self._take(tuple(places), now - self._last)
            if self._since_write() > max(FIRST_WRITE_S, WRITE_SHARE * time.process_time()):
                self._write()
        except Exception:
            return
        finally:
            self._last = time.thread_time()
            self._ours += self._last - now
            self._is_busy = False

    def _begin(self) -> None:
        self._process = os.getpid()
        self._file = os.path.join(self._into, f"{self._process}-{os.urandom(4).hex()}.jsonl")
        self._stacks: Dict[Tuple[Place, ...], float] = {}
        self._written = time.process_time()
        self._last = time.thread_time()
        self._ours = 0.0
        self._is_busy = False

    def _find(self, key: Tuple[str, int, str]) -> Optional[Place]:
        """Return where a function of the workspace begins, None for any other and for module level."""
        file, line, name = key
        if len(self._places) >= MOST_KNOWN:
            self._places.clear()
        place = None
        if name != "<module>" and file.endswith(".py"):
            relative = self._own_files.below(self._root, os.path.join(self._started_in, file))
            if relative is not None and self._own_files.is_own(self._root, relative):
                place = (relative, line)
        self._places[key] = place
        return place

    def _take(self, stack: Tuple[Place, ...], seconds: float) -> None:
        if stack in self._stacks or len(self._stacks) < MOST_STACKS:
            self._stacks[stack] = self._stacks.get(stack, 0.0) + seconds

    def _since_write(self) -> float:
        """Return the processor time of the program, all its threads, since the last write."""
        return time.process_time() - self._written - self._ours

    def _write(self) -> None:
        """Append what came since the last write to the process's file, as one line."""
        record = {"seconds": self._since_write(), "stacks": list(self._stacks.items())}
        self._stacks = {}
        self._written = time.process_time()
        self._ours = 0.0
        line = (json.dumps(record) + "\n").encode("ascii")
        file = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, line)
        finally:
            os.close(file)

    def _start_timer(self) -> None:
        if signal.getsignal(signal.SIGPROF) != self.sample:
            # The program has taken the signal, and the timer is its own.
            return
        interval = 0.0 if self._gives_way else INTERVAL_S
        self._last = time.thread_time()
        signal.setitimer(signal.ITIMER_PROF, interval, interval)

    def _leave(self) -> None:
        """Stop the timer and write what is left, unless this is a fork that nobody told us of."""
        if os.getpid() != self._process:
            return
        self._is_busy = True
        try:
            if signal.getsignal(signal.SIGPROF) == self.sample:
                signal.setitimer(signal.ITIMER_PROF, 0)
            self._write()
        except Exception:
            return
        finally:
            self._is_busy = False

    def _leaving(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def leave(*args: Any, **kwargs: Any) -> Any:
            self._leave()
            try:
                return function(*args, **kwargs)
            finally:
                # Only an exec that failed comes here.
                if os.getpid() == self._process:
                    self._start_timer()

        return _named_as(function, leave)

    def _forking(self, function: Callable[[], int]) -> Callable[[], int]:
        # os.register_at_fork would also be told of forks that subprocess makes, and goes on to exec in C.
        def fork() -> int:
            child = function()
            if child == 0:
                self._begin()
                self._start_timer()
            return child

        return _named_as(function, fork)

    def _giving_way(self, function: Callable[..., int]) -> Callable[..., int]:
        def set_wakeup_fd(descriptor: int, **options: Any) -> int:
            before = function(descriptor, **options)
            self._gives_way = descriptor != -1
            self._start_timer()
            return before

        return _named_as(function, set_wakeup_fd)


def _named_as(original: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    function.__name__ = function.__qualname__ = original.__name__
    function.__doc__ = original.__doc__
    return function
