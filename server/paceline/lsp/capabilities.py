"""What the connected client can do, resolved once into plain values.

No handler looks at the protocol's nested, all-optional capability record: it reads a boolean here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lsprotocol import types
from pygls.capabilities import get_capability

from paceline.lsp.positions import Encoding


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The client's abilities, and what it asked for in its initialization options."""

    name: str = ""
    encoding: Encoding = Encoding.UTF16
    code_action_literals: bool = False
    """Understands CodeAction objects; a client that does not gets commands."""
    code_action_data: bool = False
    """Hands ``CodeAction.data`` back when it resolves."""
    resolves_edits: bool = False
    """Resolves the ``edit`` of a code action when one is chosen."""
    action_tags: bool = False
    """Shows which code actions a model wrote (``CodeActionTag.LLMGenerated``)."""
    versioned_edits: bool = False
    pulls_diagnostics: bool = False
    """Fetches diagnostics, and does so again when asked to.

    Our hints come with a save. A client that cannot be asked (Neovim 0.11) would not look then, so it is
    pushed to.
    """
    diagnostic_data: bool = False
    shows_progress: bool = False
    """Shows progress that the server starts."""
    asks_questions: bool = False
    """Shows messages with buttons and sends the answer back."""
    answers_configuration: bool = False
    registers_configuration: bool = False
    registers_watchers: bool = False
    refreshes_lenses: bool = False
    """Asks for code lenses again when it is told to."""
    takes_notices: bool = False
    """Asked for ``paceline/status`` and ``paceline/suggestion``; others would log them as unknown."""


def resolve_client(params: types.InitializeParams, *, takes_notices: bool) -> Client:
    """Read the client's abilities from its ``initialize`` request."""

    def has(path: str) -> bool:
        return bool(get_capability(params.capabilities, path, False))

    resolvable = (
        get_capability(params.capabilities, "text_document.code_action.resolve_support.properties", ()) or ()
    )
    return Client(
        name=params.client_info.name if params.client_info else "",
        encoding=choose_encoding(params.capabilities),
        code_action_literals=get_capability(
            params.capabilities, "text_document.code_action.code_action_literal_support", None
        )
        is not None,
        code_action_data=has("text_document.code_action.data_support"),
        resolves_edits="edit" in resolvable and has("text_document.code_action.data_support"),
        action_tags=types.CodeActionTag.LlmGenerated
        in (get_capability(params.capabilities, "text_document.code_action.tag_support.value_set", ()) or ()),
        versioned_edits=has("workspace.workspace_edit.document_changes"),
        pulls_diagnostics=(
            get_capability(params.capabilities, "text_document.diagnostic", None) is not None
            and has("workspace.diagnostics.refresh_support")
        ),
        diagnostic_data=has("text_document.publish_diagnostics.data_support"),
        shows_progress=has("window.work_done_progress"),
        asks_questions=get_capability(params.capabilities, "window.show_message", None) is not None,
        answers_configuration=has("workspace.configuration"),
        registers_configuration=has("workspace.did_change_configuration.dynamic_registration"),
        registers_watchers=has("workspace.did_change_watched_files.dynamic_registration"),
        refreshes_lenses=has("workspace.code_lens.refresh_support"),
        takes_notices=takes_notices,
    )


def choose_encoding(capabilities: types.ClientCapabilities) -> Encoding:
    """Return the client's first choice among the encodings we speak, which are all three."""
    offered = get_capability(capabilities, "general.position_encodings", ()) or ()
    known: Mapping[str, Encoding] = {encoding.value: encoding for encoding in Encoding}
    for name in offered:
        value = str(getattr(name, "value", name))
        if value in known:
            return known[value]
    return Encoding.UTF16
