"""What a workspace brings is read as far as it may be long, whatever it says of its own size."""

from __future__ import annotations

from pathlib import Path

import pytest

from paceline.workspace.regular import read_regular

UNTRUE = Path("/proc/self/maps")
"""A regular file by its mode, of no bytes by its size."""


def test_a_file_of_as_many_bytes_as_may_be_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"four")
    assert read_regular(file, most=4) == b"four"
    with pytest.raises(OSError, match="more than 3 bytes"):
        read_regular(file, most=3)


@pytest.mark.skipif(not UNTRUE.exists(), reason="no Linux")
def test_a_file_that_is_longer_than_it_says_is_not_read() -> None:
    assert UNTRUE.stat().st_size == 0
    with pytest.raises(OSError, match="more than 10 bytes"):
        read_regular(UNTRUE, most=10)
