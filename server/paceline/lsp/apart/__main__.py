"""``python -m paceline.lsp.apart``: started by the language server, never by a person."""

from __future__ import annotations

from paceline.lsp.apart.child import main

if __name__ == "__main__":
    main()
