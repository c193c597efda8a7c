"""Source text as syntax: snapshots, targets, fingerprints and edits. Byte offsets everywhere, no positions.

This layer knows nothing of judges, members or editors. Which languages it covers is data: ``languages.toml``
and one query file a language.
"""

from paceline.syntax.diff import unified_diff
from paceline.syntax.fingerprint import features, normal_hash
from paceline.syntax.replacement import parse_replacement
from paceline.syntax.snapshot import Snapshot, language_of
from paceline.syntax.splice import splice
from paceline.syntax.target import Context, Replacement, Span, Target
from paceline.syntax.targets import find_targets, module_names, target_at, target_named

__all__ = [
    "Context",
    "Replacement",
    "Snapshot",
    "Span",
    "Target",
    "features",
    "find_targets",
    "language_of",
    "module_names",
    "normal_hash",
    "parse_replacement",
    "splice",
    "target_at",
    "target_named",
    "unified_diff",
]
