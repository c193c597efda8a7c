"""Is it the same, and is it faster here? Verdicts, the sandbox, timing and statistics, a package per language."""

from __future__ import annotations

from paceline.judge.python.session import PythonJudge
from paceline.judge.verdict import Verdict

__all__ = ["PythonJudge", "Verdict"]
