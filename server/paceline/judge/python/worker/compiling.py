"""Compile the worker's files for the interpreter this runs on, and hand the byte code over as text.

    python compiling.py RESULT_FD

Writes one JSON object: the interpreter's version and cache tag, and the byte code of every file that stands
beside this one, by name, in base64. It runs in the sandbox, because the interpreter is the workspace's; so it
has to say what it is even where it is too old for the worker.
"""

# ruff: noqa: PTH100, PTH118, PTH120, PTH123, PTH208, UP036

import base64
import json
import os
import py_compile
import sys
import tempfile


def main() -> None:
    """Answer on the descriptor that the first argument names."""
    here = os.path.dirname(os.path.abspath(__file__))
    code = {}
    if sys.version_info >= (3, 9):
        with tempfile.TemporaryDirectory() as scratch:
            for name in sorted(os.listdir(here)):
                if name.endswith(".py"):
                    compiled = os.path.join(scratch, name + "c")
                    py_compile.compile(
                        os.path.join(here, name),
                        cfile=compiled,
                        doraise=True,
                        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
                    )
                    with open(compiled, "rb") as file:
                        code[name[:-3]] = base64.b64encode(file.read()).decode("ascii")
    answer = {"version": list(sys.version_info[:3]), "tag": sys.implementation.cache_tag, "code": code}
    with os.fdopen(int(sys.argv[1]), "wb") as out:
        out.write(json.dumps(answer).encode("ascii"))


if __name__ == "__main__":
    main()
