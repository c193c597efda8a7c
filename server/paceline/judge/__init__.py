"""Is it the same, and is it faster here? Verdicts, sandbox, timing, and a package per language."""

from __future__ import annotations

from paceline.judge.python.session import PythonJudge
from paceline.judge.verdict import Verdict

__all__ = ["PythonJudge", "Verdict"]
