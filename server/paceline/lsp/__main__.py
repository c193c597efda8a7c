"""``python -m paceline.lsp [PORT]``: the language server without the command line around it."""

from __future__ import annotations

import sys

from paceline.lsp import serve

if __name__ == "__main__":
    serve(stdio=len(sys.argv) < 2, port=int(sys.argv[1]) if len(sys.argv) > 1 else None)
