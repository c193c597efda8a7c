"""A model as a member of the team: it is shown the target and the lessons, and says what it would do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self, TypeVar

from lessonbank.lesson import Lesson
from paceline.errors import ModelFailed
from paceline.syntax.target import Target
from paceline.team.exchange import Answer, Exchange, Hear, Message
from paceline.team.member import Candidate, Judged, Turn, hash_of
from paceline.team.models.answers import read_lesson, read_rewrite
from paceline.team.models.endpoint import Asked, Door, Endpoint
from paceline.team.models.prompting import (
    all_about,
    has_room_for,
    propose_messages,
    reflect_messages,
)
from paceline.team.models.room import Room, room_for
from paceline.team.models.templates import Prompts, prompts_for
from paceline.team.reflection import lesson_of
from paceline.workspace import ModelSettings

_Read = TypeVar("_Read")

LESSON_TOKENS = 1024
"""Enough for two sentences, and for a model that thinks before it writes them."""


def model_team(
    members: Iterable[ModelSettings], *, doors: Mapping[str, Door] | None = None
) -> tuple[ModelMember, ...]:
    """Return the members, those of one server behind one endpoint. Talks to nobody yet.

    ``doors`` stand before the servers that the launcher runs, by address.
    """
    settings = tuple(members)
    endpoints = {
        (one.base_url, one.api_key_env): Endpoint(
            one.base_url,
            api_key_env=one.api_key_env,
            concurrency=min(each.concurrency for each in settings if each.base_url == one.base_url),
            door=(doors or {}).get(one.base_url),
        )
        for one in settings
    }
    return tuple(
        ModelMember(settings=one, endpoint=endpoints[one.base_url, one.api_key_env]) for one in settings
    )


def _nobody_hears(_: Exchange) -> None:
    """Nobody asked to hear what is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelMember:
    """One model, asked in one way. What goes wrong with it is a ModelFailed, and costs its turn."""

    settings: ModelSettings
    endpoint: Endpoint
    hear: Hear = _nobody_hears

    @property
    def name(self) -> str:
        """Shown to people, and the member's name in lessons."""
        return self.settings.name

    @property
    def deliberates(self) -> bool:
        """An answer takes seconds."""
        return True

    def heard_by(self, hear: Hear) -> Self:
        """Return the same member, whose exchanges with its model are told to somebody."""
        return replace(self, hear=hear)

    async def propose(self, target: Target, turn: Turn) -> Candidate | None:
        """Return the model's rewrite, None where it left the function as it is. Raises ModelFailed."""
        prompts = prompts_for(target.language)
        if prompts is None:
            return None
        room = await self._room(prompts, target)
        messages = await asyncio.to_thread(
            propose_messages, prompts, target, turn, room, role=self.settings.role
        )
        found = await self._ask(
            "propose", messages, room.answer, read=lambda answer: read_rewrite(answer, target)
        )
        replacement = found.replacement
        if not replacement.helpers and hash_of(replacement, target.language) == target.hash:
            return None
        return Candidate(
            member=self.name,
            target=target,
            replacement=replacement,
            hash=hash_of(replacement, target.language),
            title=found.title or f"as {self.name} rewrote it",
            lessons=tuple(lesson.id for lesson in turn.lessons),
        )

    async def reflect(self, judged: Judged) -> Lesson | None:
        """Return what the model learnt from the verdict, None where there is nothing to learn.

        The lesson's words are the model's, its evidence the judge's. Raises ModelFailed.
        """
        target = judged.candidate.target
        prompts = prompts_for(target.language)
        if prompts is None or not prompts.asks_about(judged.verdict.outcome):
            return None
        room = await self._room(prompts, target)
        messages = await asyncio.to_thread(reflect_messages, prompts, judged, room)
        learnt = await self._ask(
            "reflect",
            messages,
            min(LESSON_TOKENS, room.answer),
            schema=_lesson_schema(prompts),
            read=lambda answer: read_lesson(answer, categories=prompts.categories),
        )
        return lesson_of(judged, text=learnt.text, category=learnt.category, language=target.language)

    async def _room(self, prompts: Prompts, target: Target) -> Room:
        settings = self.settings
        said = await self.endpoint.context_length(settings.model)
        # A server knows best what it was started with; a person may want less of it.
        length = min(said, settings.context_length or said) if said else settings.context_length
        room = room_for(context_length=length, max_tokens=settings.max_tokens)
        if said and not has_room_for(prompts, target, room):
            # It gets tight: the server's own count may show that there is more room than the estimate has.
            text = all_about(prompts, target)
            if count := await self.endpoint.count_tokens(settings.model, text):
                room = replace(room, characters_a_token=max(1.0, 0.95 * len(text) / count))
        return room

    async def _ask(
        self,
        purpose: str,
        messages: tuple[Message, ...],
        max_tokens: int,
        *,
        read: Callable[[Answer], _Read],
        schema: Mapping[str, object] | None = None,
    ) -> _Read:
        """Ask, read the answer off the event loop, and tell whoever listens how it went."""
        settings, answer, failure = self.settings, None, "broken off"
        try:
            answer = await self.endpoint.ask(
                Asked(
                    model=settings.model,
                    messages=messages,
                    temperature=settings.temperature,
                    top_p=settings.top_p,
                    max_tokens=max_tokens,
                    timeout_s=settings.timeout,
                    first_token_s=min(settings.first_token_timeout, settings.timeout),
                    schema=schema,
                )
            )
            found = await asyncio.to_thread(read, answer)
            failure = ""
        except ModelFailed as error:
            failure = str(error)
            raise
        finally:
            self.hear(
                Exchange(
                    member=self.name,
                    model=settings.model,
                    purpose=purpose,
                    messages=messages,
                    answer=answer,
                    failure=failure,
                )
            )
        return found


def _lesson_schema(prompts: Prompts) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {
            "lesson": {"type": "string"},
            "category": {"type": "string", "enum": list(prompts.categories)},
        },
        "required": ["lesson", "category"],
        "additionalProperties": False,
    }
