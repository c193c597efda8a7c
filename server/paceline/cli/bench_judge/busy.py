"""A program that keeps one processor and its memory busy until its parent has gone. Run by path."""

import os


def main() -> None:
    """Compute on the last processor there is, in turns with moving memory about."""
    parent = os.getppid()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    memory = bytearray(32 * 1024 * 1024)
    total = 0
    while os.getppid() == parent:
        for number in range(200_000):
            total += number * number % 7
        for _ in range(4):
            memory[: len(memory) // 2] = memory[len(memory) // 2 :]


if __name__ == "__main__":
    main()
