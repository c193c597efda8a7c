"""``paceline serve``: the language server."""

from __future__ import annotations

from typing import NoReturn

import click


@click.command(short_help="Run the language server.")
@click.option("--stdio", is_flag=True, help="Speak over standard input and output, as editors start it.")
@click.option(
    "--tcp", type=click.IntRange(1, 65535), metavar="PORT", help="Listen on this port of 127.0.0.1."
)
def command(stdio: bool, tcp: int | None) -> NoReturn:
    """Run the language server that editors talk to."""
    if stdio == (tcp is not None):
        raise click.UsageError("say how the editor talks to the server: either --stdio or --tcp PORT")
    # Only here: the protocol's types cost a quarter of a second, which no other command should pay.
    from paceline.lsp import serve_stdio, serve_tcp

    if tcp is None:
        serve_stdio()
    serve_tcp("127.0.0.1", tcp)
