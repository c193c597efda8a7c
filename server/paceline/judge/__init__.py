"""Is it the same, and is it faster here? Verdicts, sandbox, timing, and a package per language.

The judges are loaded when they are first asked for: most of what imports this package only reads verdicts,
and a language server has to be up at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paceline.judge.verdict import Verdict

if TYPE_CHECKING:
    from paceline.judge.python.session import PythonJudge

__all__ = ["PythonJudge", "Verdict"]


def __getattr__(name: str) -> Any:
    if name == "PythonJudge":
        from paceline.judge.python.session import PythonJudge

        return PythonJudge
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
