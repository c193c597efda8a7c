"""The client of a model's server, against a real one that behaves in every way that servers do."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import traceback
from typing import Any

import pytest

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
from paceline.team.exchange import Answer, Message
from paceline.team.models import endpoint as endpoint_module
from paceline.team.models.endpoint import Asked, Endpoint
from tests.team.scripted_endpoint import (
    ScriptedEndpoint,
    disconnects_after,
    endless,
    fails,
    hangs,
    keeps_alive,
    says,
    says_at_once,
    sends,
    stalls_after,
)

SECRET = "sk-not-to-be-seen-0123456789"
SCHEMA = {"type": "object", "properties": {"lesson": {"type": "string"}}}


def question(**changes: Any) -> Asked:
    asked: dict[str, Any] = {
        "model": "coder",
        "messages": [Message("system", "be brief"), Message("user", "make it faster")],
        "temperature": 0.2,
        "top_p": 0.95,
        "max_tokens": 100,
        "timeout_s": 20.0,
        "first_token_s": 20.0,
    }
    return Asked(**{**asked, **changes})


def client(server: ScriptedEndpoint, **more: Any) -> Endpoint:
    return Endpoint(server.base_url, backoff_s=0.001, **more)


async def ask(server: ScriptedEndpoint, **changes: Any) -> Answer:
    return await client(server).ask(question(**changes))


async def test_an_answer_comes_in_pieces_and_is_put_together() -> None:
    usage = {
        "prompt_tokens": 40,
        "completion_tokens": 9,
        "prompt_tokens_details": {"cached_tokens": 32},
    }
    async with ScriptedEndpoint([says("use a set, naïvely: ∈", usage=usage)]) as server:
        answer = await ask(server)
    assert answer.text == "use a set, naïvely: ∈"
    assert (answer.usage.prompt_tokens, answer.usage.cached_tokens) == (40, 32)
    assert (answer.usage.completion_tokens, answer.usage.is_estimated) == (9, False)
    assert not answer.is_cut
    (asked,) = server.asked
    assert asked.body == {
        "model": "coder",
        "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": "make it faster"},
        ],
        "temperature": 0.2,
        "top_p": 0.95,
        "max_tokens": 100,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert "authorization" not in asked.headers
    assert server.hung_up == []


async def test_tokens_are_estimated_where_the_server_does_not_say() -> None:
    async with ScriptedEndpoint([says("x" * 30)]) as server:
        usage = (await ask(server)).usage
    assert (usage.completion_tokens, usage.is_estimated) == (10, True)


@pytest.mark.parametrize("said", [-1, 10**400, True, "9", None])
async def test_a_count_that_cannot_be_is_none(said: Any) -> None:
    async with ScriptedEndpoint([says("yes", usage={"completion_tokens": said})]) as server:
        assert (await ask(server)).usage.completion_tokens == 0


async def test_a_character_that_comes_in_two_halves_is_one() -> None:
    halves = [
        json.dumps({"choices": [{"delta": {"content": half}}]}) for half in ("a \ud83d", "\ude00 \ud83d")
    ]
    events = "".join(f"data: {one}\n\n" for one in [*halves, "[DONE]"])
    async with ScriptedEndpoint([sends(events.encode())]) as server:
        assert (await ask(server)).text == "a 😀 \ud83d"


async def test_thoughts_that_come_beside_the_answer_are_no_part_of_it() -> None:
    async with ScriptedEndpoint([says("yes", thinks="hmm")]) as server:
        assert (await ask(server)).text == "yes"


async def test_an_answer_whose_tokens_are_used_up_says_so() -> None:
    async with ScriptedEndpoint([says("def total", finish_reason="length")]) as server:
        assert (await ask(server)).is_cut


async def test_a_server_that_does_not_stream() -> None:
    async with ScriptedEndpoint([says_at_once("yes")]) as server:
        assert (await ask(server)).text == "yes"


async def test_events_without_a_part_of_the_answer() -> None:
    said = [
        '{"id": 1}',
        '{"choices": [{"delta": {"content": "yes"}}]}',
        '{"usage": {"completion_tokens": 1}}',
    ]
    events = "".join(f"data: {one}\n\n" for one in [*said, "[DONE]"])
    async with ScriptedEndpoint([sends(events.encode())]) as server:
        answer = await ask(server)
    assert (answer.text, answer.usage.completion_tokens) == ("yes", 1)


@pytest.mark.parametrize("last", [says("yes", done=False), says("yes", finish_reason=None)])
async def test_a_reason_or_a_last_word_ends_an_answer(last: Any) -> None:
    async with ScriptedEndpoint([last]) as server:
        assert (await ask(server)).text == "yes"


class TestAskedAgain:
    """What may pass is tried again, and no more often than that."""

    @pytest.mark.parametrize(
        "trouble",
        [
            fails(429),
            fails(500),
            fails(503),
            disconnects_after("def"),
            says("def", finish_reason=None, done=False),
        ],
    )
    async def test_and_well_the_next_time(self, trouble: Any) -> None:
        async with ScriptedEndpoint([trouble, trouble, says("yes")]) as server:
            assert (await ask(server)).text == "yes"
        assert len(server.asked) == 3

    @pytest.mark.parametrize(
        ("trouble", "failure", "words"),
        [
            (fails(429, "too many"), EndpointBroken, "429 (too many)"),
            (fails(500, "out of memory"), EndpointBroken, "out of memory"),
            (disconnects_after("def"), AnswerIncomplete, "middle of an answer"),
            (says("def", finish_reason=None, done=False), AnswerIncomplete, "before it was whole"),
            (sends(b'data: {"error": {"message": "engine died"}}\n\n'), EndpointBroken, "engine died"),
        ],
    )
    async def test_and_given_up(self, trouble: Any, failure: type[ModelFailed], words: str) -> None:
        async with ScriptedEndpoint([trouble]) as server:
            with pytest.raises(failure) as raised:
                await ask(server)
        assert words in str(raised.value)
        assert len(server.asked) == endpoint_module.ATTEMPTS
        assert not raised.value.is_lasting

    async def test_as_long_as_there_is_time_only(self) -> None:
        async with ScriptedEndpoint([fails(429, Retry_After="3600")]) as server:
            with pytest.raises(AnswerTimedOut):
                await ask(server, timeout_s=0.3)
        assert len(server.asked) == 1

    async def test_not_where_nobody_was_there_a_moment_ago(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            endpoint = Endpoint(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", backoff_s=0.001)
            attempts: list[Asked] = []
            attempt = endpoint._attempt

            async def counted(asked: Asked) -> Answer:
                attempts.append(asked)
                return await attempt(asked)

            monkeypatch.setattr(endpoint, "_attempt", counted)
            for _ in range(2):
                with pytest.raises(EndpointUnreachable, match="nothing answers at http://127"):
                    await endpoint.ask(question())
        assert len(attempts) == endpoint_module.ATTEMPTS + 1


class TestRefused:
    """What would be refused again is not asked again, and the person is told what to do."""

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            (401, "set api_key_env"),
            (403, "set api_key_env"),
            (404, "paceline doctor"),
            (301, "OpenAI-compatible"),
        ],
    )
    async def test_at_once(self, status: int, words: str) -> None:
        async with ScriptedEndpoint([fails(status)]) as server:
            with pytest.raises(EndpointRefused, match=words) as raised:
                await ask(server)
        assert len(server.asked) == 1
        assert raised.value.is_lasting

    async def test_a_server_that_knows_no_schema_is_asked_without(self) -> None:
        def choose(asked: Any) -> Any:
            return fails(400, "response_format?") if "response_format" in asked.body else says("{}")

        async with ScriptedEndpoint(choose=choose) as server:
            endpoint = client(server)
            assert (await endpoint.ask(question(schema=SCHEMA))).text == "{}"
            assert (await endpoint.ask(question(schema=SCHEMA))).text == "{}"
        assert ["response_format" in asked.body for asked in server.asked] == [True, False, False]
        assert server.asked[0].body["response_format"]["json_schema"]["schema"] == SCHEMA

    async def test_a_server_that_counts_no_tokens_is_asked_without(self) -> None:
        def choose(asked: Any) -> Any:
            return fails(422) if "stream_options" in asked.body else says("yes")

        async with ScriptedEndpoint(choose=choose) as server:
            assert (await ask(server)).text == "yes"

    async def test_a_model_without_a_system_role_is_told_all_the_same(self) -> None:
        def choose(asked: Any) -> Any:
            has_system = any(one["role"] == "system" for one in asked.body["messages"])
            return fails(400, "System role not supported") if has_system else says("yes")

        async with ScriptedEndpoint(choose=choose) as server:
            endpoint = client(server)
            for _ in range(2):
                assert (await endpoint.ask(question(schema=SCHEMA))).text == "yes"
        assert len(server.asked) == 3
        assert server.asked[-1].prompt == "be brief\n\nmake it faster"
        assert "response_format" in server.asked[-1].body

    async def test_a_request_that_suits_no_server_is_no_endless_loop(self) -> None:
        async with ScriptedEndpoint([fails(400, "too long")]) as server:
            with pytest.raises(EndpointRefused, match="too long"):
                await ask(server, schema=SCHEMA)
        assert len(server.asked) == 3

    async def test_what_does_not_fit_says_nothing_of_the_form(self) -> None:
        too_long = fails(400, "This model's maximum context length is 2048 tokens")
        async with ScriptedEndpoint([too_long, says("{}")]) as server:
            endpoint = client(server)
            with pytest.raises(PromptTooLong, match="context_length"):
                await endpoint.ask(question(schema=SCHEMA))
            await endpoint.ask(question(schema=SCHEMA))
        assert ["response_format" in asked.body for asked in server.asked] == [True, True]


class TestTime:
    """No server keeps anybody waiting beyond what was allowed."""

    @pytest.mark.parametrize("reply", [hangs(), keeps_alive()])
    async def test_the_first_token(self, reply: Any) -> None:
        async with ScriptedEndpoint([reply]) as server:
            with pytest.raises(AnswerTimedOut, match="first_token_timeout"):
                await ask(server, first_token_s=0.2)
            await server.until(lambda: len(server.hung_up) == 1)

    async def test_the_whole_answer(self) -> None:
        async with ScriptedEndpoint([stalls_after("def")]) as server:
            with pytest.raises(AnswerTimedOut, match="longer timeout"):
                await ask(server, timeout_s=0.3)
            await server.until(lambda: len(server.hung_up) == 1)

    async def test_a_pause_in_the_middle(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(endpoint_module, "SILENCE_S", 0.2)
        async with ScriptedEndpoint([stalls_after("def")]) as server:
            with pytest.raises(AnswerTimedOut, match="whether it hangs"):
                await ask(server)

    async def test_an_answer_without_end_is_broken_off(self) -> None:
        async with ScriptedEndpoint([endless()]) as server:
            with pytest.raises(AnswerTooLong, match="seems not to heed max_tokens"):
                await ask(server)
            await server.until(lambda: len(server.hung_up) == 1)
        assert len(server.asked) == 1

    async def test_cancelling_closes_the_connection(self) -> None:
        async with ScriptedEndpoint([stalls_after("def")]) as server:
            asking = asyncio.create_task(ask(server))
            await server.until(lambda: len(server.asked) == 1)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            await server.until(lambda: len(server.hung_up) == 1)

    async def test_no_more_at_once_than_the_server_shall_get(self) -> None:
        async with ScriptedEndpoint([stalls_after("def")]) as server:
            endpoint = client(server, concurrency=2)
            asking = [asyncio.create_task(endpoint.ask(question())) for _ in range(5)]
            await server.until(lambda: len(server.asked) == 2)
            # Those who wait would be there by now: this one gets its answer over the same wire.
            assert set(await client(server).models()) == {"coder"}
            assert len(server.asked) == 2
            asking[0].cancel()
            await server.until(lambda: len(server.asked) == 3)
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)


@pytest.mark.parametrize(
    "raw",
    [
        b"<html>hello</html>\n",
        b"data: {nonsense}\n\n",
        b"data: 3\n\n",
        b"data: " + b"[" * 100_000 + b"\n\n",
        b'data: {"choices": 3}\n\n',
        b'data: {"choices": [3]}\n\n',
        b'data: {"choices": [{"delta": 3}]}\n\n',
        b'data: {"choices": [{"delta": {"content": 3}}]}\n\n',
        b"data: \xff\xfe\n\n",
    ],
)
async def test_what_is_no_stream_of_answers(raw: bytes) -> None:
    async with ScriptedEndpoint([sends(raw)]) as server:
        with pytest.raises(AnswerUnusable, match="no stream of chat completions"):
            await ask(server)


async def test_a_line_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_module, "LINE_BYTES", 1000)
    async with ScriptedEndpoint([sends(b"data: " + b"x" * 100_000)]) as server:
        with pytest.raises(AnswerUnusable):
            await ask(server)


class TestSecrets:
    """The key goes to its server, and nowhere else."""

    async def test_never_in_logs_or_exceptions(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("CODER_KEY", SECRET)
        replies = [
            says("yes"),
            fails(401, f"Incorrect API key provided: {SECRET}"),
            fails(400, SECRET),
            fails(500, f"Bearer {SECRET}"),
            sends(b'data: {"error": {"message": "%s"}}\n\n' % SECRET.encode()),
            sends(b"data: {nonsense}\n\n"),
            sends(b"error: %s\n\n" % SECRET.encode()),
            disconnects_after("def"),
            endless(),
        ]
        caplog.set_level(logging.DEBUG)
        seen = []
        for reply in replies:
            async with ScriptedEndpoint([reply]) as server:
                endpoint = client(server, api_key_env="CODER_KEY")
                seen.append(repr(endpoint))
                try:
                    await endpoint.ask(question())
                except ModelFailed as error:
                    seen.append("".join(traceback.format_exception(error)))
                assert server.asked[0].headers["authorization"] == f"Bearer {SECRET}"
        assert any("***" in text for text in seen)
        assert SECRET not in "".join(seen)
        assert caplog.records
        assert SECRET not in caplog.text

    async def test_not_to_where_a_server_points(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CODER_KEY", SECRET)
        async with ScriptedEndpoint([says("stolen")]) as other:
            moved = fails(307, Location=f"{other.base_url}/chat/completions")
            async with ScriptedEndpoint([moved]) as server:
                with pytest.raises(EndpointRefused):
                    await client(server, api_key_env="CODER_KEY").ask(question())
        assert other.asked == []

    async def test_no_proxy_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with ScriptedEndpoint([says("through the proxy")]) as proxy:
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, proxy.base_url.removesuffix("/v1"))
            monkeypatch.delenv("NO_PROXY", raising=False)
            monkeypatch.delenv("no_proxy", raising=False)
            async with ScriptedEndpoint([says("direct")]) as server:
                assert (await ask(server)).text == "direct"
        assert proxy.asked == []

    async def test_a_variable_that_is_not_set_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CODER_KEY", raising=False)
        async with ScriptedEndpoint([says("yes")]) as server:
            with pytest.raises(EndpointRefused, match="CODER_KEY is not set"):
                await client(server, api_key_env="CODER_KEY").ask(question())
        assert server.asked == []


class TestModels:
    """What a server says of its models."""

    async def test_their_names_and_context(self) -> None:
        models = {"coder": {"max_model_len": 2048}, "other": {}}
        async with ScriptedEndpoint(models=models, characters_a_token=4) as server:
            endpoint = client(server)
            assert set(await endpoint.models()) == {"coder", "other"}
            assert await endpoint.context_length("coder") == 2048
            assert await endpoint.context_length("other") == 0
            assert await endpoint.count_tokens("coder", "x" * 40) == 10

    async def test_the_context_that_llama_cpp_was_started_with(self) -> None:
        properties = {"default_generation_settings": {"n_ctx": 3000}}
        async with ScriptedEndpoint(properties=properties) as server:
            assert await client(server).context_length("coder") == 3000

    @pytest.mark.parametrize("properties", [{"default_generation_settings": 3}, {"a": 1}])
    async def test_properties_of_another_kind(self, properties: Any) -> None:
        async with ScriptedEndpoint(properties=properties) as server:
            assert await client(server).context_length("coder") == 0

    async def test_nothing_to_count_with(self) -> None:
        async with ScriptedEndpoint() as server:
            assert await client(server).count_tokens("coder", "x") is None

    @pytest.mark.parametrize("host", ["a..b", "x" * 70, "\u2603..com"])
    async def test_a_host_that_can_be_none(self, host: str) -> None:
        for asking in (
            Endpoint(f"http://{host}/v1", backoff_s=0.001).models(),
            Endpoint(f"http://{host}/v1", backoff_s=0.001).ask(question()),
        ):
            with pytest.raises((EndpointRefused, EndpointUnreachable)):
                await asking

    @pytest.mark.parametrize(
        ("url", "is_local"),
        [
            ("http://127.0.0.1:1/v1", True),
            ("http://[::1]:1/v1", True),
            ("https://localhost/v1", True),
            ("http://127.example.com/v1", False),
            ("http://10.0.0.1/v1", False),
        ],
    )
    def test_what_stays_on_this_machine(self, url: str, is_local: bool) -> None:
        assert Endpoint(url).is_local == is_local

    async def test_an_address_without_its_v1(self) -> None:
        async with ScriptedEndpoint() as server:
            with pytest.raises(EndpointRefused, match="/v1"):
                await Endpoint(server.base_url.removesuffix("/v1")).models()
