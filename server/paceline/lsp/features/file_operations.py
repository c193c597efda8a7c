"""Files renamed and deleted: what is known of their functions follows, or ends with them.

Suggestions and dismissals follow a rename. A move to another folder ends suggestions: what a module imports
by a relative name may be another module there. A job ends either way, for its file is not where it runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from paceline.errors import PacelineError
from paceline.lsp.features import diagnostics
from paceline.lsp.paths import path_of
from paceline.workspace import rename_in_dismissals

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer


def did_rename(server: PacelineServer, params: types.RenameFilesParams) -> None:
    """Let what is known of the files follow them."""
    for file in params.files:
        for old, new in list(_renamed(server, file.old_uri, file.new_uri)):
            _end_jobs(server, old, "the file was renamed")
            if _folder(old) == _folder(new):
                server.shelf.rename(old, new)
            else:
                server.shelf.forget(old)
            _forget(server, old)
        _rename_dismissals(server, file.old_uri, file.new_uri)
    server.projects.forget_roots()


def did_delete(server: PacelineServer, params: types.DeleteFilesParams) -> None:
    """Forget what is known of the files."""
    for file in params.files:
        end(server, file.uri)
    server.projects.forget_roots()


def end(server: PacelineServer, uri: str) -> None:
    """Forget a file or folder that is gone, and end the jobs on it."""
    for gone in list(_known_below(server, uri)):
        _end_jobs(server, gone, "the file was deleted")
        server.shelf.forget(gone)
        _forget(server, gone)


def _forget(server: PacelineServer, uri: str) -> None:
    if server.documents.get(uri) is None:
        server.hints.forget(uri)
        diagnostics.clear(server, uri)


def _end_jobs(server: PacelineServer, uri: str, why: str) -> None:
    for job in server.jobs.of(uri):
        job.cancel(why)


def _renamed(server: PacelineServer, old: str, new: str) -> Iterator[tuple[str, str]]:
    for uri in _known_below(server, old):
        yield uri, new + uri[len(old) :]


def _known_below(server: PacelineServer, uri: str) -> Iterator[str]:
    """Yield the documents that anything is known of: this one, or those in this folder."""
    known = {*server.shelf.uris(), *server.jobs.uris(), *(document.uri for document in server.documents)}
    for one in sorted(known):
        if one == uri or one.startswith(f"{uri.rstrip('/')}/"):
            yield one


def _rename_dismissals(server: PacelineServer, old: str, new: str) -> None:
    before, after = path_of(old), path_of(new)
    if before is None or after is None:
        return
    project = server.projects.around(before)
    if project is None or not project.dismissals or not after.is_relative_to(project.root):
        return
    try:
        names = [path.relative_to(project.root).as_posix() for path in (before, after)]
        project.dismissals = rename_in_dismissals(project.root, *names)
    except PacelineError as error:
        server.notices.warn_once(str(error))


def _folder(uri: str) -> str:
    return uri.rpartition("/")[0]
