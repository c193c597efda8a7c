"""Frames between the controller and this process: a length, a JSON object, and raw attachments.

A frame is four bytes of big-endian length and the payload. A message is one frame of JSON whose ``attached``
field says how many raw frames follow it. The descriptors are moved out of the usual range and are closed on
exec before any code of the workspace is loaded.
"""

from __future__ import annotations

import fcntl
import json
import os
import struct
from typing import Any, Dict, List, Optional, Sequence, Tuple

_LENGTH = struct.Struct(">I")
_dumps = json.dumps
_loads = json.loads
_read = os.read
_write = os.write


class Wire:
    """The two ends of this process's dedicated pipes."""

    def __init__(self, request_fd: int, result_fd: int) -> None:
        self._in = _moved(request_fd)
        self._out = _moved(result_fd)
        self._token: Optional[str] = None

    def receive(self) -> Optional[Tuple[Dict[str, Any], List[bytes]]]:
        """Return the next message and its attachments, None when the controller has gone."""
        head = self._frame()
        if head is None:
            return None
        message = _loads(head)
        if self._token is None:
            # The first message carries a token that every answer repeats.
            self._token = message.get("token", "")
        attached = []
        for _ in range(message.get("attached", 0)):
            frame = self._frame()
            if frame is None:
                return None
            attached.append(frame)
        return message, attached

    def send(self, message: Dict[str, Any], attached: Sequence[bytes] = ()) -> None:
        """Send one message. Blocks until the controller has taken it."""
        head = dict(message)
        head["token"] = self._token
        if attached:
            head["attached"] = len(attached)
        parts = []
        for payload in (_dumps(head).encode(), *attached):
            parts.append(_LENGTH.pack(len(payload)))
            parts.append(payload)
        data = memoryview(b"".join(parts))
        while data:
            data = data[_write(self._out, data) :]

    def _frame(self) -> Optional[bytes]:
        length = self._exactly(_LENGTH.size)
        if length is None:
            return None
        return self._exactly(_LENGTH.unpack(length)[0])

    def _exactly(self, count: int) -> Optional[bytes]:
        parts = []
        while count:
            part = _read(self._in, min(count, 1 << 20))
            if not part:
                return None
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


def _moved(fd: int) -> int:
    for lowest in (700, 100, 20):
        try:
            moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, lowest)
        except OSError:
            continue
        os.close(fd)
        return moved
    os.set_inheritable(fd, False)
    return fd
