"""Starts what ``paceline record`` or ``paceline profile`` orders in a Python that it started, by any command.

Python imports the first ``sitecustomize`` it finds, so this folder stands first in PYTHONPATH while such a
command runs. It takes itself out of the way, and the person's own ``sitecustomize`` is run, if there is one.
Old interpreters may read this file: it keeps to what every Python 3 can parse, and what cannot start is no
reason for the command to fail.
"""

# ruff: noqa: PTH100, PTH118, PTH120

import os
import sys


def _start() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if not entry or os.path.abspath(entry) != here]
    try:
        if sys.version_info >= (3, 9):  # noqa: UP036 - whatever Python a command starts
            if os.environ.get("PACELINE_RECORD"):
                _load("live").install()
            if os.environ.get("PACELINE_PROFILE"):
                _load("sampling").install(_load("own_files"))
    except Exception:
        return


def _load(part: str):  # type: ignore[no-untyped-def]
    from importlib import util

    here = os.path.dirname(os.path.abspath(__file__))
    file = os.path.join(os.path.dirname(here), "worker", part + ".py")
    name = "_paceline_" + part
    spec = util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _run_the_persons_own() -> None:
    from importlib import machinery, util

    spec = machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    module = util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


_start()
_run_the_persons_own()
