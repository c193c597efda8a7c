"""Trust: whether the code of a workspace may run. Asked once, remembered for the workspace.

Hints need no trust, since nothing runs for them. A run does: it calls the functions of the workspace.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from paceline.errors import NotTrusted
from paceline.lsp.features import configuration
from paceline.lsp.projects import Project
from paceline.workspace import trust

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer

METHOD = "paceline/didChangeTrust"
"""Notification ``{isTrusted: boolean}`` of a client that has a trust of its own, when it is granted later."""

YES = "Trust and run"
NO = "Not now"


async def require_trust(server: PacelineServer, project: Project) -> None:
    """Return when the project's code may run; ask the person if that is open.

    Raises NotTrusted with what to do when it may not.
    """
    if project.trusted:
        return
    if server.projects.client_trusts is False:
        raise NotTrusted(f"{project.root} is not trusted: trust the workspace in your editor, then ask again")
    if server.client.asks_questions and server.projects.may_ask(project.root):
        answer = await server.notices.ask(
            f"Trust {project.root} and run its code in the sandbox? Paceline has to call a function to prove "
            "that a faster version does the same.",
            YES,
            NO,
        )
        if answer == YES:
            trust(project.root)
            await configuration.refresh(server)
            return
    raise NotTrusted(f"{project.root} is not trusted: run `paceline trust {project.root}`, then ask again")


async def did_change_trust(server: PacelineServer, params: Mapping[str, Any]) -> None:
    """The client's own trust was granted or withdrawn."""
    if isinstance(word := params.get("isTrusted"), bool):
        server.projects.client_trusts = word
        await configuration.refresh(server)
