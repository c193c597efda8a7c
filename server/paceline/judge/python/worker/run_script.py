"""Runs a script with its functions recorded: ``python run_script.py SCRIPT [ARGUMENT ...]``."""

# ruff: noqa: PTH100, PTH118, PTH120

from __future__ import annotations

import importlib.util
import os
import sys


def main() -> None:
    """Run the script as ``python SCRIPT`` does; plainly, if recording cannot start."""
    name = "_paceline_live"
    if name not in sys.modules:
        file = os.path.join(os.path.dirname(os.path.abspath(__file__)), "live.py")
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None and spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    del sys.argv[0]
    sys.modules[name].run_script(sys.argv[0])


if __name__ == "__main__":
    main()
