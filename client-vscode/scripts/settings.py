"""Write the settings of the one schema into package.json: ``python client-vscode/scripts/settings.py``.

What the extension adds for itself, above all where its server is, stands in package.json's first group and is
left alone. With ``--check`` nothing is written; the exit status is 1 where package.json is not what it would
be.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

from paceline.workspace.schema import Entry, schema

MANIFEST = Path(__file__).resolve().parents[1] / "package.json"
OWN_RESTRICTED = ("paceline.server.path", "paceline.server.interpreter")


def main() -> int:
    """Write package.json, or only say whether it is what the schema says."""
    text = MANIFEST.read_text(encoding="utf-8")
    wanted = with_settings(text)
    if "--check" in sys.argv[1:]:
        if wanted != text:
            print(
                "package.json is behind the schema: python client-vscode/scripts/settings.py", file=sys.stderr
            )
        return int(wanted != text)
    MANIFEST.write_text(wanted, encoding="utf-8")
    return 0


def with_settings(text: str) -> str:
    """Return the manifest with the schema's settings in their group, and what workspaces may not set."""
    manifest = json.loads(text)
    _, group = manifest["contributes"]["configuration"]
    group["properties"] = {f"paceline.{key}": _property(entry) for key, entry in schema().items()}
    restricted = [f"paceline.{key}" for key, entry in schema().items() if entry.restricted]
    manifest["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"] = [
        *OWN_RESTRICTED,
        *restricted,
    ]
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def _property(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = {
        **_kind(entry),
        "default": entry.default,
        "markdownDescription": entry.description,
    }
    if entry.choices:
        found["enum"] = list(entry.choices)
    if math.isfinite(entry.minimum):
        found["minimum"] = entry.minimum
    if math.isfinite(entry.maximum):
        found["maximum"] = entry.maximum
    return found


def _kind(entry: Entry) -> dict[str, Any]:
    if entry.type == "strings":
        return {"type": "array", "items": {"type": "string"}}
    if entry.type == "tables":
        required = [name for name, field in entry.fields.items() if field.required]
        properties = {name: _property(field) for name, field in entry.fields.items()}
        for name in required:
            del properties[name]["default"]
        item = {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }
        return {"type": "array", "items": item}
    return {"type": {"url": "string", "variable": "string"}.get(entry.type, entry.type)}


if __name__ == "__main__":
    sys.exit(main())
