"""initialize and initialized: learn what the client can do, then ask it for what we want to be told."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from paceline.lsp.capabilities import resolve_client
from paceline.lsp.features import load
from paceline.lsp.options import read_options
from paceline.lsp.paths import path_of

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer


def initialize(server: PacelineServer, params: types.InitializeParams) -> None:
    """Resolve the client's abilities, settings and folders. Answered by the protocol class."""
    options = read_options(server.protocol.unstructure(params.initialization_options))
    server.client = resolve_client(params, takes_notices=options.status)
    server.projects.initialization_options = options.settings
    server.projects.client_trusts = options.is_trusted
    server.projects.folders = _folders(params)
    if server.client.pulls_diagnostics:
        # Loaded with the answer only where it is announced in it.
        from paceline.lsp.features import diagnostics

        server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, diagnostics.OPTIONS)(partial(diagnostics.pull, server))
    if params.process_id is not None:
        server.watch_client(params.process_id)


async def initialized(server: PacelineServer, _: types.InitializedParams) -> None:
    """Load the rest of the server, fetch the settings, and register for changes where that is offered."""
    server.start(load())
    from paceline.lsp.features import configuration

    try:
        await configuration.fetch(server)
    finally:
        server.configured.set()
    if registrations := _registrations(server):
        try:
            await server.client_register_capability_async(
                types.RegistrationParams(registrations=registrations)
            )
        except Exception as error:
            server.report_server_error(error, "client/registerCapability")


def folder_paths(folders: Sequence[types.WorkspaceFolder]) -> tuple[Path, ...]:
    """Return the paths of workspace folders; those that are no files have none."""
    paths = (path_of(folder.uri) for folder in folders)
    return tuple(path for path in paths if path is not None)


def _folders(params: types.InitializeParams) -> tuple[Path, ...]:
    if params.workspace_folders:
        return folder_paths(params.workspace_folders)
    if params.root_uri is not None and (path := path_of(params.root_uri)) is not None:
        return (path,)
    return (Path(params.root_path).resolve(),) if params.root_path else ()


def _registrations(server: PacelineServer) -> list[types.Registration]:
    registrations = []
    if server.client.registers_configuration:
        registrations.append(
            types.Registration(
                id="paceline-configuration",
                method=types.WORKSPACE_DID_CHANGE_CONFIGURATION,
                register_options=types.DidChangeConfigurationRegistrationOptions(section="paceline"),
            )
        )
    if server.client.registers_watchers:
        registrations.append(
            types.Registration(
                id="paceline-files",
                method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                register_options=types.DidChangeWatchedFilesRegistrationOptions(
                    watchers=[
                        types.FileSystemWatcher(glob_pattern="**/{pyproject.toml,.paceline.toml}"),
                        types.FileSystemWatcher(glob_pattern="**/*.py", kind=types.WatchKind.Delete),
                    ]
                ),
            )
        )
    return registrations
