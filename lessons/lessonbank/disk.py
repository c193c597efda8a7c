"""How records lie on disk: JSON text in SQLite, and nothing that could run code when it is read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import diskcache

from lessonbank.errors import PickleRefused, UnreadableLesson

_RAW, _PICKLE = 1, 4
"""diskcache's own numbers for how a value is kept: in the row as it is, and pickled."""


class JSONDisk(diskcache.Disk):  # type: ignore[misc]
    """A diskcache Disk that keeps JSON values and bytes under text keys, each within its row.

    It overrides everything of its base that touches pickle or a file: what is in the database can neither run
    code nor name a file to read or remove. One row is one record, so no kill leaves half of one.
    """

    def __init__(self, directory: str, **_settings: object) -> None:
        # Settings come out of the database as well; none of them is needed.
        super().__init__(directory)

    def put(self, key: object) -> tuple[str, bool]:
        """Return a key as the database keeps it. Raises PickleRefused for anything but text."""
        if not isinstance(key, str):
            raise PickleRefused(f"a key is text; {type(key).__name__} would have to be pickled")
        return key, True

    def get(self, key: object, raw: bool) -> str:
        """Return a key as it was given. Raises PickleRefused for a pickled one."""
        if not raw or not isinstance(key, str):
            raise PickleRefused("a key in the database is a pickle; it was not read")
        return key

    def store(
        self, value: object, read: bool, key: object = None
    ) -> tuple[int, int, None, str | sqlite3.Binary]:
        """Return a value as the database keeps it. Raises PickleRefused for what JSON cannot say."""
        if read:
            raise PickleRefused("a value is JSON or bytes, not an open file")
        if isinstance(value, bytes):
            return 0, _RAW, None, sqlite3.Binary(value)
        return 0, _RAW, None, to_text(value)

    def fetch(self, mode: int, filename: str | None, value: object, read: bool) -> Any:
        """Return a value as it was given.

        Raises PickleRefused for a pickle, UnreadableLesson for anything else that is no record.
        """
        if read:
            raise UnreadableLesson("a record is read whole, not as a file")
        return from_row(mode, filename, value)

    def remove(self, file_path: str) -> None:
        """Do nothing: no record is in a file, so a file named in the database is not ours to remove."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record as it lies in the database, not read yet."""

    key: object
    raw: object
    mode: int
    filename: str | None
    value: object

    def read(self) -> Any:
        """Return the value. Raises as JSONDisk.fetch."""
        if self.raw != 1 or not isinstance(self.key, str):
            raise PickleRefused("its key is a pickle, which could run code")
        return from_row(self.mode, self.filename, self.value)


def rows(database: Path, prefix: str = "", *, timeout_s: float) -> Iterator[Row]:
    """Yield the records whose key begins with ``prefix``, in the order they were first written.

    Without a prefix every record comes, also those no key of ours leads to. diskcache has no such listing
    that a single bad key would not end. Raises sqlite3.Error.
    """
    query = "SELECT key, raw, mode, filename, value FROM Cache {} ORDER BY rowid"
    address = f"file:{quote(str(database))}?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=timeout_s, isolation_level=None)
    try:
        if prefix:
            # The range of an index, which LIKE would not use. The last character is ASCII by construction.
            after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
            found = connection.execute(query.format("WHERE key >= ? AND key < ?"), (prefix, after))
        else:
            found = connection.execute(query.format(""))
        for row in found.fetchall():
            yield Row(*row)
    finally:
        connection.close()


def clear_foreign_settings(database: Path, *, timeout_s: float) -> None:
    """Remove from the database every setting that is not one of diskcache's own.

    diskcache turns each row of its Settings table into an attribute or a PRAGMA before anybody can look at
    it. Raises sqlite3.Error.
    """
    if not database.exists():
        return
    known = {*diskcache.DEFAULT_SETTINGS, "count", "size", "hits", "misses"}
    connection = sqlite3.connect(database, timeout=timeout_s, isolation_level=None)
    try:
        tables = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'Settings'")
        if tables.fetchone() is None:
            return
        for key, value in connection.execute("SELECT key, value FROM Settings").fetchall():
            is_plain = isinstance(value, int) or (isinstance(value, str) and value.replace("-", "").isalnum())
            if key not in known or not is_plain:
                connection.execute("DELETE FROM Settings WHERE key IS ?", (key,))
    finally:
        connection.close()


def from_row(mode: object, filename: object, value: object) -> Any:
    """Return the value of a row. Raises PickleRefused and UnreadableLesson."""
    if mode == _PICKLE:
        raise PickleRefused("its value is a pickle, which could run code")
    if mode != _RAW or filename is not None:
        raise UnreadableLesson("its value is said to be in a file, and no record is")
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise UnreadableLesson(f"its value is {type(value).__name__}, not JSON")
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise UnreadableLesson(f"its value is no JSON: {error}") from error


def to_text(value: object) -> str:
    """Return a value as JSON. Raises PickleRefused for what JSON cannot say, not-a-number included."""
    try:
        # ASCII, because source text can hold halves of surrogate pairs, which SQLite does not take.
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise PickleRefused(f"only what JSON can say is kept: {error}") from error
