"""Environments as the tools leave them, with programs that say so when somebody starts them."""

from __future__ import annotations

from pathlib import Path


def environment(folder: Path, *, version: str = "3.12.4") -> Path:
    """Make a virtual environment and return its interpreter."""
    python = plain(folder)
    (folder / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n")
    return python


def conda(folder: Path) -> Path:
    """Make a conda environment and return its interpreter."""
    python = plain(folder)
    (folder / "conda-meta").mkdir()
    (folder / "conda-meta" / "python-3.11.9-h955ad1f_0.json").write_text("{}")
    return python


def plain(folder: Path) -> Path:
    """Make a folder that has an interpreter and nothing else."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\ntouch "$0.was-run"\n')
    python.chmod(0o755)
    return python
