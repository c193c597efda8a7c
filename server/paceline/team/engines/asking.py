"""Asking an engine on this machine how it does: whether it is well, asleep, and busy."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

import httpx

ANSWER_BYTES = 4_000_000

_SAMPLE = re.compile(r"^(?:vllm:)?(?P<name>[a-z_:]+)(?:\{[^}]*\})? (?P<value>[0-9.eE+-]+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What an engine's metrics say of its work, since it was started."""

    running: float
    """Requests in work or waiting now."""
    finished: float
    """Requests that are over."""
    tokens: float
    """Of prompts and answers."""
    prefix_queries: float
    """Tokens of prompts that were looked up in the prefix cache."""
    prefix_hits: float
    """Those of them that were there."""


async def is_well(address: str, *, timeout_s: float) -> bool:
    """Whether the engine says at /health that it is ready and well."""
    return await _asked("GET", f"{address}/health", timeout_s) is not None


async def load_of(address: str, *, timeout_s: float) -> Load | None:
    """Return the engine's load, None where it does not tell."""
    text = await _asked("GET", f"{address}/metrics", timeout_s)
    return None if text is None else load_in(text)


async def is_asleep(address: str, *, timeout_s: float) -> bool | None:
    """Whether the engine sleeps, None where it does not tell."""
    text = await _asked("GET", f"{address}/is_sleeping", timeout_s)
    return None if text is None else '"is_sleeping":true' in text.replace(" ", "")


async def put_to_sleep(address: str, *, timeout_s: float) -> bool:
    """Have the engine move its weights to main memory, when its requests are over; whether it did."""
    return await _asked("POST", f"{address}/sleep?level=1&mode=wait", timeout_s) is not None


async def wake(address: str, *, timeout_s: float) -> bool:
    """Have the engine take its weights back; whether it did."""
    return await _asked("POST", f"{address}/wake_up", timeout_s) is not None


def load_in(text: str) -> Load | None:
    """Read the load from metrics in Prometheus' text format, None where they are no vLLM's."""
    sums: dict[str, float] = {}
    for sample in _SAMPLE.finditer(text):
        try:
            sums[sample["name"]] = sums.get(sample["name"], 0.0) + float(sample["value"])
        except ValueError:
            continue
    if "num_requests_running" not in sums:
        return None
    return Load(
        running=sums["num_requests_running"] + sums.get("num_requests_waiting", 0.0),
        finished=sums.get("request_success_total", 0.0),
        tokens=sums.get("prompt_tokens_total", 0.0) + sums.get("generation_tokens_total", 0.0),
        prefix_queries=sums.get("prefix_cache_queries_total", 0.0),
        prefix_hits=sums.get("prefix_cache_hits_total", 0.0),
    )


async def _asked(method: str, url: str, timeout_s: float) -> str | None:
    """Return what the engine answers with 200, None for anything else."""
    try:
        async with (
            asyncio.timeout(timeout_s),
            # A loopback address needs no certificates, no proxy, and follows nobody elsewhere.
            httpx.AsyncClient(trust_env=False, verify=False, timeout=None) as client,  # noqa: S113, S501
            client.stream(method, url) as reply,
        ):
            if reply.status_code != httpx.codes.OK:
                return None
            body = b""
            async for chunk in reply.aiter_bytes():
                body += chunk
                if len(body) > ANSWER_BYTES:
                    break
            return body.decode("utf-8", "replace")
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        return None
