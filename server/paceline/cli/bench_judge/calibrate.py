"""A program that measures how much faster one function is than another. Run by path, in a process of its own.

Takes one JSON object on stdin (``original``, ``candidate``, ``arguments``, ``elements``, ``seconds``) and
prints the median of the ratios of paired blocks, turns alternating.
"""

import gc
import json
import statistics
import sys
import time
from typing import Any


def main() -> None:
    """Read the request, measure, print one number."""
    asked = json.load(sys.stdin)
    pair = []
    for source in (asked["original"], asked["candidate"]):
        module: dict[str, Any] = {}
        exec(compile(source, "work", "exec"), module)  # noqa: S102 - Paceline's own data
        pair.append(module["work"])
    arguments = eval(asked["arguments"], {"elements": asked["elements"], "range": range, "list": list})  # noqa: S307
    original, candidate = pair
    original(*arguments)
    candidate(*arguments)
    gc.disable()
    ratios: list[float] = []
    end = time.perf_counter() + asked["seconds"]
    turn = 0
    while time.perf_counter() < end or len(ratios) < 5:
        order = (
            (original, candidate, candidate, original)
            if turn % 2
            else (candidate, original, original, candidate)
        )
        spent = {original: 0.0, candidate: 0.0}
        for function in order:
            start = time.perf_counter()
            function(*arguments)
            spent[function] += time.perf_counter() - start
        ratios.append(spent[original] / spent[candidate])
        turn += 1
    print(statistics.median(ratios))


if __name__ == "__main__":
    main()
