"""A server that speaks OpenAI's chat completions: vLLM, llama.cpp, Ollama, LM Studio.

Every answer is streamed over a connection of its own. Cancelling the task that waits for it closes the
connection, which is how these servers learn that they can stop generating. Nothing but the configured address
is talked to: no proxy and no credentials are taken from the environment, and no redirect is followed.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from paceline.errors import (
    AnswerIncomplete,
    AnswerTimedOut,
    AnswerTooLong,
    AnswerUnusable,
    EndpointBroken,
    EndpointRefused,
    EndpointUnreachable,
    ModelFailed,
    PromptTooLong,
)
from paceline.team.exchange import Answer, Message, Usage
from paceline.team.models.tokens import estimated_tokens

CONNECT_S = 5.0
SILENCE_S = 30.0
"""Seconds between two parts of an answer that has begun, at most."""
ATTEMPTS = 3
BACKOFF_S = 0.5
"""Before the second attempt; twice as long before each further one."""
LONGEST_BACKOFF_S = 20.0
CHARACTERS_A_TOKEN = 12
"""More than any tokenizer makes of code: an answer that is longer is not what was asked for."""
ERROR_SHOWN = 200
ERROR_BYTES = 10_000
LINE_BYTES = 1_000_000
LIST_BYTES = 2_000_000
MOST_TOKENS = 1_000_000_000
"""A count beyond it is a lie, and would use up any limit."""


_TOO_LONG = re.compile(r"context[ _](?:length|window|size)", re.IGNORECASE)

_NO_ADDRESS = (httpx.InvalidURL, UnicodeError)
_NO_SYSTEM = re.compile(r"system (?:role|message|prompt)|roles? must alternate", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question: to which model, how it may answer, and in what time."""

    model: str
    messages: Sequence[Message]
    temperature: float
    top_p: float
    max_tokens: int
    timeout_s: float
    first_token_s: float
    schema: Mapping[str, Any] | None = None
    """A JSON schema that the answer should follow; servers that know nothing of it are asked without."""


class Door(Protocol):
    """What stands before a server that is started and stopped, or that shares a GPU."""

    async def open(self) -> None:
        """Return when the server can be asked. Raises ModelFailed where it cannot for long."""
        ...

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Hold the server's turn for as long as it is asked. Raises ModelFailed."""
        ...


class _NoDoor:
    """Before a server that somebody else looks after."""

    async def open(self) -> None:
        """It is there or not."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """It is always its turn."""
        return nullcontext()


class Endpoint:
    """One server. Guards how many requests it gets at once, and what was learnt of its ways."""

    def __init__(
        self,
        base_url: str,
        *,
        api_key_env: str = "",
        concurrency: int = 2,
        backoff_s: float = BACKOFF_S,
        door: Door | None = None,
    ) -> None:
        self.base_url = base_url
        self.api_key_env = api_key_env
        self._places = asyncio.Semaphore(concurrency)
        self._backoff_s = backoff_s
        self._door = door or _NoDoor()
        self._takes_schema = True
        self._takes_usage = True
        self._takes_system = True
        self._was_unreachable = False
        self._models: Mapping[str, Mapping[str, Any]] | None = None
        self._context_of_all: int | None = None
        self._tls: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        return f"Endpoint({self.base_url!r})"

    @property
    def is_local(self) -> bool:
        """Whether what is sent there stays on this machine."""
        host = urlsplit(self.base_url).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")

    async def ask(self, asked: Asked) -> Answer:
        """Return the model's answer. Waits for a place first.

        A server that is busy, fails, or cannot be reached is asked again, after a pause that grows, while
        there is time. Raises ModelFailed.
        """
        # Waiting for other questions to end, for an engine to start, or for its turn is not the model's time.
        async with self._places:
            return await self._answered(asked)

    async def models(self, *, timeout_s: float = CONNECT_S) -> Mapping[str, Mapping[str, Any]]:
        """Return the models that the server says it has, by name. Raises ModelFailed."""
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._client() as client,
                client.stream("GET", f"{self.base_url}/models") as reply,
            ):
                await self._raise_for(reply, "its list of models")
                listed = json.loads(await _beginning(reply, LIST_BYTES))["data"]
                return {str(one["id"]): one for one in listed if isinstance(one, dict)}
        except (_AskAgain, _NotUnderstood) as refusal:
            raise refusal.failure from None
        except TimeoutError:
            raise EndpointUnreachable(f"{self.base_url} did not answer within {timeout_s:g} s") from None
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        except _NO_ADDRESS:
            raise self._no_address() from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise EndpointRefused(
                f"{self.base_url} answers, but not with a list of models; it should end in /v1 and be an "
                "OpenAI-compatible server's"
            ) from None

    async def context_length(self, model: str) -> int:
        """Return how many tokens the server says the model's context has, 0 where it does not say."""
        if self._models is None:
            await self._door.open()
            try:
                self._models = await self.models()
            except ModelFailed:
                return 0
        if length := _count(self._models.get(model, {}).get("max_model_len")):
            return length
        if self._context_of_all is None:
            # llama.cpp's server has one model, and says elsewhere what it was started with.
            properties = await self._said_by("GET", "/props")
            settings = properties.get("default_generation_settings")
            self._context_of_all = _count(settings.get("n_ctx")) if isinstance(settings, dict) else 0
        return self._context_of_all

    async def count_tokens(self, model: str, text: str) -> int | None:
        """Return the tokens of a text, None where the server has nothing to count with (vLLM has)."""
        said = await self._said_by("POST", "/tokenize", {"model": model, "prompt": text})
        return _count(said.get("count")) or None

    async def _said_by(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the object that a path beside the /v1 answers with, an empty one where there is none."""
        address = f"{self.base_url.removesuffix('/v1')}{path}"
        try:
            async with (
                asyncio.timeout(CONNECT_S),
                self._client() as client,
                client.stream(method, address, json=body) as reply,
            ):
                if reply.status_code != httpx.codes.OK:
                    return {}
                said = json.loads(await _beginning(reply, LIST_BYTES))
        except (httpx.HTTPError, *_NO_ADDRESS, TimeoutError, ValueError, RecursionError, ModelFailed):
            return {}
        return said if isinstance(said, dict) else {}

    async def _answered(self, asked: Asked) -> Answer:
        # What was not there a moment ago is asked once only: a dead server shall not cost time in each turn.
        attempts = 1 if self._was_unreachable else ATTEMPTS
        pause_s = self._backoff_s
        clock = _Clock(asked.timeout_s)
        for attempt in range(1, attempts + 1):
            await self._door.open()
            try:
                async with self._door.turn(), self._in_time(asked, clock):
                    answer = await self._attempt(asked)
            except _AskAgain as again:
                self._was_unreachable = isinstance(again.failure, EndpointUnreachable)
                if attempt == attempts:
                    raise again.failure from None
                wait_s = max(pause_s * random.uniform(0.8, 1.2), again.after_s)
                async with self._in_time(asked, clock):
                    await asyncio.sleep(min(wait_s, LONGEST_BACKOFF_S))
                pause_s *= 2
            else:
                self._was_unreachable = False
                return answer
        raise AssertionError("the last attempt returns or raises")

    @asynccontextmanager
    async def _in_time(self, asked: Asked, clock: _Clock) -> AsyncIterator[None]:
        """Count what happens against the answer's time. Raises AnswerTimedOut when that is used up."""
        try:
            with clock.running():
                async with asyncio.timeout(clock.left_s):
                    yield
        except TimeoutError:
            raise AnswerTimedOut(
                f"{self.base_url} had no whole answer of {asked.model} after {asked.timeout_s:g} s; "
                "give the member a longer timeout or a smaller max_tokens"
            ) from None

    async def _attempt(self, asked: Asked) -> Answer:
        """Ask in the form the server takes. What it refuses in every form says nothing of the forms."""
        for form in self._forms(asked):
            try:
                answer = await self._streamed(asked, form)
            except _NotUnderstood as refusal:
                failure = refusal.failure
                if self._takes_system and _NO_SYSTEM.search(str(failure)):
                    # A chat template without such a role: its words go before the user's.
                    self._takes_system = False
                    return await self._attempt(asked)
            else:
                self._takes_usage = form.counts_tokens
                if asked.schema is not None:
                    self._takes_schema = form.has_schema
                return answer
        raise failure from None

    def _forms(self, asked: Asked) -> Iterator[_Form]:
        """Yield the forms of a request, the fullest first: older servers know neither of two fields."""
        has_schema = asked.schema is not None and self._takes_schema
        if has_schema:
            yield _Form(has_schema=True, counts_tokens=self._takes_usage)
        if self._takes_usage:
            yield _Form(has_schema=False, counts_tokens=True)
        yield _Form(has_schema=False, counts_tokens=False)

    async def _streamed(self, asked: Asked, form: _Form) -> Answer:
        started = time.monotonic()
        reading = _Reading(limit=asked.max_tokens * CHARACTERS_A_TOKEN)
        try:
            async with (
                self._client() as client,
                self._reply(client, asked, form) as reply,
            ):
                await self._raise_for(reply, asked.model)
                streams = not reply.headers.get("content-type", "").startswith("application/json")
                read = (
                    _events(reply, reading, by=started + asked.first_token_s) if streams else _all_of(reply)
                )
                async with aclosing(read) as events:
                    async for data in events:
                        reading.take(data, time.monotonic() - started)
                        if reading.is_over:
                            break
                reading.end()
        except httpx.HTTPError as error:
            if reading.parts:
                raise _AskAgain(
                    AnswerIncomplete(f"{self.base_url} closed the connection in the middle of an answer")
                ) from None
            raise _AskAgain(self._unreachable(error)) from None
        except _NO_ADDRESS:
            raise self._no_address() from None
        except _Silent as silent:
            raise AnswerTimedOut(
                f"{self.base_url} sent nothing of {asked.model}'s answer for {silent.seconds:.0f} s; "
                + (
                    "see whether it hangs"
                    if reading.parts
                    else "give the member a longer first_token_timeout if it has to load the model first"
                )
            ) from None
        except _Garbled as garbled:
            raise AnswerUnusable(
                f"{self.base_url} sent what is no stream of chat completions ({self._shown(str(garbled))}); "
                "base_url has to be an OpenAI-compatible server's, with its /v1"
            ) from None
        return self._whole(reading, asked, time.monotonic() - started)

    def _whole(self, reading: _Reading, asked: Asked, elapsed_s: float) -> Answer:
        if reading.is_too_long:
            raise AnswerTooLong(
                f"{asked.model} went on beyond {reading.limit:,} characters, {CHARACTERS_A_TOKEN} for each "
                "token it was allowed; its server seems not to heed max_tokens"
            )
        if reading.error:
            raise _AskAgain(
                EndpointBroken(f"{self.base_url} failed while answering: {self._shown(reading.error)}")
            )
        if not reading.is_over:
            raise _AskAgain(
                AnswerIncomplete(f"{self.base_url} ended the answer of {asked.model} before it was whole")
            )
        text = _joined(reading.parts)
        usage = reading.usage or Usage(
            prompt_tokens=sum(estimated_tokens(message.content) for message in asked.messages),
            completion_tokens=estimated_tokens(text),
            is_estimated=True,
        )
        return Answer(
            text=text,
            usage=usage,
            is_cut=reading.finish_reason == "length",
            elapsed_s=elapsed_s,
            first_token_s=reading.first_s,
        )

    def _client(self) -> httpx.AsyncClient:
        # Parts of an answer are not to wait for what a compressor would gather.
        headers = {"User-Agent": "paceline", "Accept-Encoding": "identity"}
        if self.api_key_env:
            headers["Authorization"] = f"Bearer {self._key()}"
        # Plain http needs no certificates, and loading them takes a while.
        if self._tls is None and self.base_url.startswith("https:"):
            self._tls = ssl.create_default_context()
        return httpx.AsyncClient(
            headers=headers,
            verify=self._tls if self._tls is not None else False,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(None, connect=CONNECT_S),
        )

    def _key(self) -> str:
        key = os.environ.get(self.api_key_env, "").strip()
        if not key:
            raise EndpointRefused(
                f"the environment variable {self.api_key_env} is not set, and {self.base_url} needs the key "
                "it should hold"
            )
        if not (key.isascii() and key.isprintable()):
            raise EndpointRefused(f"the environment variable {self.api_key_env} holds what cannot be a key")
        return key

    @asynccontextmanager
    async def _reply(
        self, client: httpx.AsyncClient, asked: Asked, form: _Form
    ) -> AsyncIterator[httpx.Response]:
        """Send the question; the reply's body is not read yet."""
        request = client.build_request(
            "POST",
            f"{self.base_url}/chat/completions",
            json=_body(asked, form, has_system=self._takes_system),
        )
        try:
            async with asyncio.timeout(asked.first_token_s):
                reply = await client.send(request, stream=True)
        except TimeoutError:
            raise _Silent(asked.first_token_s) from None
        try:
            yield reply
        finally:
            await reply.aclose()

    async def _raise_for(self, reply: httpx.Response, what: str) -> None:
        """Raise what a status other than 200 means, with what the server says and what to do."""
        status = reply.status_code
        if status == httpx.codes.OK:
            return
        said = self._shown(_message_in(await _beginning(reply, ERROR_BYTES)))
        where = f"{self.base_url} answered {status}{f' ({said})' if said else ''} when asked for {what}"
        if status in {401, 403}:
            key = f"the key in {self.api_key_env}" if self.api_key_env else "a key: set api_key_env"
            raise EndpointRefused(f"{where}; it wants {'another than ' if self.api_key_env else ''}{key}")
        if status == 404:
            raise EndpointRefused(
                f"{where}; base_url has to end in /v1, and the server has to know the model by that name: "
                "paceline doctor shows the names it knows"
            )
        if status in {400, 422}:
            if _TOO_LONG.search(said):
                raise PromptTooLong(
                    f"{where}; set the member's context_length to what the server was started with"
                )
            raise _NotUnderstood(EndpointRefused(f"{where}; the request does not suit this server"))
        if status == 429 or status >= 500 or status == 408:
            raise _AskAgain(EndpointBroken(f"{where}; see its log"), after_s=_retry_after(reply))
        raise EndpointRefused(f"{where}; base_url has to be an OpenAI-compatible server's, with its /v1")

    def _unreachable(self, error: httpx.HTTPError) -> EndpointUnreachable:
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
            return EndpointUnreachable(
                f"nothing answers at {self.base_url}; start the model's server, or change base_url "
                f"({self._shown(str(error)) or type(error).__name__})"
            )
        return EndpointUnreachable(
            f"the connection to {self.base_url} was lost before an answer came ({type(error).__name__})"
        )

    def _no_address(self) -> EndpointRefused:
        return EndpointRefused(f"{self.base_url} is no address that can be asked; change base_url")

    def _shown(self, said: str) -> str:
        """Words of a server in one short line, and without the key: some servers repeat it."""
        key = os.environ.get(self.api_key_env, "").strip() if self.api_key_env else ""
        if key:
            said = said.replace(key, "***")
        line = " ".join("".join(c if c.isprintable() else " " for c in said).split())
        return line if len(line) <= ERROR_SHOWN else f"{line[:ERROR_SHOWN]}..."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """Which fields a request has that not every server knows."""

    has_schema: bool
    counts_tokens: bool


def _body(asked: Asked, form: _Form, *, has_system: bool) -> dict[str, Any]:
    messages = asked.messages if has_system else _without_system(asked.messages)
    body: dict[str, Any] = {
        "model": asked.model,
        "messages": [{"role": one.role, "content": one.content} for one in messages],
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "max_tokens": asked.max_tokens,
        "stream": True,
    }
    if form.counts_tokens:
        body["stream_options"] = {"include_usage": True}
    if asked.schema is not None and form.has_schema:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": dict(asked.schema), "strict": True},
        }
    return body


def _without_system(messages: Sequence[Message]) -> list[Message]:
    said = "\n\n".join(one.content for one in messages if one.role == "system")
    first, *rest = [one for one in messages if one.role != "system"]
    return [Message(first.role, f"{said}\n\n{first.content}"), *rest]


@dataclass(slots=True)
class _Clock:
    """What is left of the time for one answer, all attempts together. Stands still outside ``running``."""

    left_s: float

    @contextmanager
    def running(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.left_s -= time.monotonic() - began


class _AskAgain(Exception):
    """This attempt failed in a way that may pass."""

    def __init__(self, failure: ModelFailed, *, after_s: float = 0.0) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.after_s = after_s


class _NotUnderstood(Exception):
    """The server does not take the request's form."""

    def __init__(self, failure: ModelFailed) -> None:
        super().__init__(str(failure))
        self.failure = failure


class _Silent(Exception):
    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class _Garbled(Exception):
    pass


class _Reading:
    """An answer while it comes in. Guards how long it gets."""

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        self.parts: list[str] = []
        self.usage: Usage | None = None
        self.finish_reason = ""
        self.first_s = 0.0
        self.error = ""
        self.is_over = False
        self.is_too_long = False
        self._length = 0

    def take(self, data: str, elapsed_s: float) -> None:
        if data == "[DONE]":
            # Some servers close a stream without a reason; then this is their last word.
            self.is_over = True
            return
        try:
            event = json.loads(data)
        except (ValueError, RecursionError):
            raise _Garbled(f"not JSON: {data[:60]!r}") from None
        if not isinstance(event, dict):
            raise _Garbled("no object")
        if event.get("error"):
            error = event["error"]
            self.error = str(error.get("message", error) if isinstance(error, dict) else error)
            self.is_over = True
            return
        self.usage = _usage(event.get("usage")) or self.usage
        choices = event.get("choices")
        if choices is None:
            # Some servers tell the usage, or that they are there, in an event of its own.
            return
        if not isinstance(choices, list):
            raise _Garbled("no choices in it")
        for choice in choices[:1]:
            self._take_choice(choice, elapsed_s)

    def end(self) -> None:
        """The stream has ended; with a reason, the answer is whole."""
        self.is_over = self.is_over or bool(self.finish_reason)

    def _take_choice(self, choice: object, elapsed_s: float) -> None:
        if not isinstance(choice, dict):
            raise _Garbled("a choice that is no object")
        delta = choice.get("delta") or choice.get("message") or {}
        if not isinstance(delta, dict):
            raise _Garbled("a delta that is no object")
        # What a reasoning model thinks comes beside its answer, and counts for the length only.
        thought = delta.get("reasoning_content") or delta.get("reasoning") or ""
        content = delta.get("content") or ""
        if not isinstance(content, str):
            raise _Garbled("content that is no text")
        self._length += len(content) + len(str(thought))
        if (content or thought) and not self.first_s:
            self.first_s = elapsed_s
        if content:
            self.parts.append(content)
        self.finish_reason = str(choice.get("finish_reason") or self.finish_reason)
        if self._length > self.limit:
            self.is_too_long = self.is_over = True


async def _events(reply: httpx.Response, reading: _Reading, *, by: float) -> AsyncGenerator[str, None]:
    """Yield the data of each server-sent event. Raises _Silent, _Garbled and httpx.HTTPError.

    ``by`` is when the answer must have begun; from then on parts may be SILENCE_S apart. What only keeps the
    connection alive is no part of an answer.
    """
    asked_at = time.monotonic()
    deadline = by
    buffer = bytearray()
    async with aclosing(_chunks(reply)) as chunks:
        while True:
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    chunk = await anext(chunks, None)
            except TimeoutError:
                raise _Silent(SILENCE_S if reading.first_s else deadline - asked_at) from None
            if chunk is not None and b"\n" not in chunk:
                buffer += chunk
                if len(buffer) > LINE_BYTES:
                    raise _Garbled("a line without end")
                continue
            *lines, rest = bytes(buffer + (chunk or b"\n")).split(b"\n")
            buffer = bytearray(rest)
            for line in lines:
                if line.startswith(b"data:"):
                    yield line[5:].strip().decode("utf-8", "replace")
                    if reading.first_s:
                        deadline = time.monotonic() + SILENCE_S
                elif line.strip() and not line.startswith((b":", b"event:", b"id:", b"retry:")):
                    raise _Garbled(f"no event: {line[:60].decode('utf-8', 'replace')!r}")
            if chunk is None:
                return


async def _all_of(reply: httpx.Response) -> AsyncGenerator[str, None]:
    """Yield the answer of a server that does not stream, when it is there."""
    yield await _beginning(reply, LIST_BYTES)


async def _chunks(reply: httpx.Response) -> AsyncGenerator[bytes, None]:
    async for chunk in reply.aiter_bytes():
        yield chunk


def _usage(said: object) -> Usage | None:
    if not isinstance(said, dict):
        return None
    details = said.get("prompt_tokens_details")
    return Usage(
        prompt_tokens=_count(said.get("prompt_tokens")),
        cached_tokens=_count(details.get("cached_tokens")) if isinstance(details, dict) else 0,
        completion_tokens=_count(said.get("completion_tokens")),
    )


def _joined(parts: list[str]) -> str:
    """Put an answer together. A character may come in two halves: some servers count and cut in UTF-16."""
    return "".join(parts).encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _count(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS:
        return value
    return 0


async def _beginning(reply: httpx.Response, limit: int) -> str:
    """The body, or the first part of one that is longer."""
    body = b""
    async for chunk in reply.aiter_bytes():
        body += chunk
        if len(body) > limit:
            break
    return body[:limit].decode("utf-8", "replace")


def _message_in(text: str) -> str:
    """What an error's body says, where it is one of the usual kinds; else the body."""
    try:
        said = json.loads(text)
        error = said.get("error", said)
        return str(error.get("message", "") if isinstance(error, dict) else error)
    except (ValueError, AttributeError, RecursionError):
        return text


def _retry_after(reply: httpx.Response) -> float:
    try:
        return max(0.0, float(reply.headers.get("retry-after", 0)))
    except ValueError:
        return 0.0
