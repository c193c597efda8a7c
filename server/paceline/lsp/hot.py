"""Which functions of an open document are hot, as far as they are still what was profiled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from paceline.lsp.documents import Document
from paceline.lsp.functions import Function, Functions
from paceline.lsp.projects import Project
from paceline.lsp.quiet import file_in
from paceline.syntax import normal_hash
from paceline.workspace.profiles import HOT_SHARE

KEPT_HASHES = 1_000
"""Of function sources. Only hot functions are hashed, and a profile has fifty of them at most."""


@dataclass(frozen=True, slots=True)
class Hot:
    """What a function took of the profiled run, in shares of it."""

    function: Function
    own: float
    """In it, and in what it calls outside of the workspace."""
    whole: float
    """With all that it calls."""

    @property
    def words(self) -> str:
        """As a person reads it."""
        own = f"{100 * self.own:.0f} % of the profiled run"
        return f"{own} ({100 * self.whole:.0f} % with what it calls)" if self._calls_much else own

    @property
    def _calls_much(self) -> bool:
        return self.whole - self.own >= HOT_SHARE


class HotFunctions:
    """Finds hot functions in documents. Guards the hashes of the sources that were looked at."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._hash = lru_cache(maxsize=KEPT_HASHES)(normal_hash)

    def of(self, project: Project, document: Document) -> Iterator[Hot]:
        """Yield the hot functions of a document, in its order. Answers from memory."""
        profile = project.profile
        if profile is None:
            return
        file = file_in(project, document)
        # They come by own time, so that behind the first that is not hot there is none.
        hot = {
            (one.name, one.hash): one
            for one in takewhile(profile.is_hot, profile.functions)
            if one.file == file
        }
        names = {name for name, _ in hot}
        for function in self._functions.of(document):
            if function.name not in names:
                continue
            found = hot.get((function.name, self._hash(function.source, document.snapshot.language)))
            if found is not None:
                yield Hot(function, profile.own_share(found), profile.whole_share(found))
