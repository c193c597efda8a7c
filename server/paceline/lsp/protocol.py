"""The wire protocol: pygls's, with the places repaired where it leaves a client without an answer.

What differs from pygls 2.1, and why:

- Messages come one body at a time from our own reader (``transport``), so a bad one is answered, not fatal.
- A request with unusable params, or for a method nobody serves, is answered; pygls stays silent on some.
- Before ``initialize`` and after ``shutdown`` requests get the error the protocol names.
- Text synchronisation, folders and progress go to our own features; pygls would keep a second copy of the
  text and change the message it came in.
- ``shutdown`` cancels a copy of the open requests (pygls changes the dictionary it walks through).
- ``exit`` stops the loop with the right status instead of raising SystemExit inside it.
- Parameters of methods the protocol does not define arrive as plain JSON values.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cattrs import Converter
from lsprotocol import converters, types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
)
from pygls.protocol import (
    JsonRPCNotification,
    JsonRPCRequestMessage,
    JsonRPCResponseMessage,
    LanguageServerProtocol,
    lsp_method,
)

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer

log = logging.getLogger(__name__)

TAKEN_OVER = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS,
)
"""Methods whose pygls handler is left out: our features take the messages as the client sent them."""

SERVER_NOT_INITIALIZED = -32002
CONTENT_MODIFIED = -32801


class ContentModified(JsonRpcException):
    """What the request speaks about has changed since; the client should ask again."""

    CODE = CONTENT_MODIFIED
    MESSAGE = "The document has changed since this was offered; ask for code actions again."


def plain_converter() -> Converter:
    """Return lsprotocol's converter, with the params of unknown methods left as plain JSON values."""
    converter = converters.get_converter()
    for kind in (JsonRPCRequestMessage, JsonRPCNotification, JsonRPCResponseMessage):
        converter.register_structure_hook(kind, _structure_plainly)
    return converter


class PacelineProtocol(LanguageServerProtocol):
    """One connection. Speaks JSON-RPC, knows the order of its life, and hands the rest to features."""

    _server: PacelineServer

    def __init__(self, server: PacelineServer, converter: Converter) -> None:
        super().__init__(server, converter)
        for method in TAKEN_OVER:
            self.fm.builtin_features.pop(method, None)
        self._initialized = False
        self._asked_to_shut_down = False
        self.on_exit: Callable[[int], None] = lambda _status: None
        """Called once with the exit status when the client says ``exit``."""

    @property
    def is_shut_down(self) -> bool:
        """Whether the client has asked for shutdown."""
        return self._shutdown

    def structure(self, value: Any, kind: type[Any]) -> Any:
        """Return a plain JSON value as one of the protocol's types.

        Raises JsonRpcInvalidParams when it is not one.
        """
        try:
            return self._converter.structure(value, kind)
        except Exception as error:
            raise JsonRpcInvalidParams(f"not a {kind.__name__}: {value!r}") from error

    def unstructure(self, value: Any) -> Any:
        """Return one of the protocol's types as plain JSON values."""
        return self._converter.unstructure(value)

    def receive(self, body: bytes) -> None:
        """Take one message off the wire. Never raises; whatever can be answered is answered."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            self._refuse(None, JsonRpcParseError(f"not JSON: {error}"))
            return
        if not isinstance(message, dict) or message.get("jsonrpc") != self.VERSION:
            self._refuse(None, JsonRpcInvalidRequest("not a JSON-RPC 2.0 message object"))
            return
        message_id, method = message.get("id"), message.get("method")
        is_request = method is not None and "id" in message
        if is_request and (refusal := self._unserved(str(method))) is not None:
            self._refuse(message_id, refusal)
            return
        if method is not None and not is_request and not self._initialized and method != types.EXIT:
            return  # The protocol has notifications before initialize dropped.
        message.setdefault("params", None)
        if method is None and "error" in message:
            # pygls forgets the expected type of a result only when there is a result.
            self._result_types.pop(str(message_id), None)
        elif method is None:
            message.setdefault("result", None)
        try:
            structured = self.structure_message(message)
        except JsonRpcException as error:
            log.warning("unusable params of %s", method or "a response")
            if is_request:
                self._refuse(message_id, JsonRpcInvalidParams(f"the params of {method} do not fit its type"))
            elif method is None:
                self._fail_response(message_id, error)
            return
        if method == types.INITIALIZE:
            self._initialized = True
        elif method == types.SHUTDOWN:
            # Said here and not by the handler, which has not run yet when exit comes in the same breath.
            self._asked_to_shut_down = True
        try:
            self.handle_message(structured)
        except Exception:
            log.exception("a message was not handled: %s", method)

    def _unserved(self, method: str) -> JsonRpcException | None:
        """Return why a request cannot be served, None when it can."""
        if self._shutdown:
            return JsonRpcInvalidRequest("the server is shutting down")
        if method == types.INITIALIZE and self._initialized:
            return JsonRpcInvalidRequest("the server is initialized already")
        if method != types.INITIALIZE and not self._initialized:
            return JsonRpcException("initialize comes first", code=SERVER_NOT_INITIALIZED)
        if method not in self.fm.features and method not in self.fm.builtin_features:
            return JsonRpcMethodNotFound(f"nobody serves {method} here")
        return None

    def _refuse(self, message_id: Any, error: JsonRpcException) -> None:
        self._send_data(
            {
                "jsonrpc": self.VERSION,
                "id": message_id,
                "error": {"code": error.code, "message": error.message},
            }
        )

    def _fail_response(self, message_id: Any, error: JsonRpcException) -> None:
        """A response we cannot read still ends the wait for it."""
        future = self._request_futures.pop(message_id, None) if message_id is not None else None
        if future is not None and not future.done():
            future.set_exception(error)

    @lsp_method(types.SHUTDOWN)
    async def lsp_shutdown(self, *_: Any) -> None:  # type: ignore[override]
        """Stop everything that runs, within the time editors wait for it."""
        self._shutdown = True
        current = self.msg_id
        for message_id, future in list(self._request_futures.items()):
            if message_id != current and not future.done():
                future.cancel()
        await self._server.close()

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: Any) -> None:  # type: ignore[override]
        """End the loop: status 0 after a shutdown, 1 without, as the protocol asks."""
        self.on_exit(0 if self._asked_to_shut_down else 1)

    def forget_request(self, message_id: str) -> None:
        """Drop the record of a request to the client that nobody waits for any more."""
        self._request_futures.pop(message_id, None)
        self._result_types.pop(message_id, None)


def _structure_plainly(record: dict[str, Any], kind: type[Any]) -> Any:
    return kind(**record)
