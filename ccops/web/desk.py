"""Where disturbances and blocks are asked for and switched: by the API, the page, and the command
line when ccops does not run. What comes in is JSON, and what goes out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ccops.clock import Clock
from ccops.config.model import Hotline
from ccops.domain.dialogue_caller import Caller, disturbances
from ccops.domain.dialogue_steps import Tell
from ccops.domain.situation import Disturbance, Situation
from ccops.domain.wall_time import read_moment
from ccops.errors import CcopsError
from ccops.web.errors import invalid
from ccops.web.ports import ServicePorts
from ccops.web.shelf import Shelf, Texts
from ccops.web.views import Json, block_view, disturbance_view

By = Annotated[str, Field(pattern=r"^(api|cli|page)(:[^\x00-\x1f\x7f]{1,60})?$")]


class Body(BaseModel):
    """Fields that are not known are refused: a misspelt one must not pass for a default."""

    model_config = ConfigDict(extra="forbid", strict=True)
    by: By = "api"


class Start(Body):
    line: str = ""
    reason: str = ""
    texts: dict[str, str] = {}
    stops_calls: bool = False
    resumes_at: str | None = None


class Add(Body):
    number: str
    reason: str
    until: str | None = None


B = TypeVar("B", bound=Body)


class Desk:
    """Answers and commands; each raises a ``CcopsError`` when it cannot be done."""

    def __init__(self, ports: ServicePorts, hotline: Callable[[], Hotline], clock: Clock) -> None:
        self._ports = ports
        self.shelf = Shelf(ports.inventory, hotline)
        self._hotline = hotline
        self._clock = clock

    async def disturbances(self) -> Json:
        """What holds, with what callers hear of it, and what has ended."""
        texts, now = await self.shelf.texts(), await self._now()
        service = self._ports.disturbances
        return {
            "in_force": [self._heard(each, texts, now) for each in service.all()],
            "past": [disturbance_view(each, now) for each in await service.history()],
        }

    async def start(self, body: object) -> Json:
        asked, now = _read(Start, body), await self._now()
        if asked.texts and not any(text.strip() for text in asked.texts.values()):
            raise CcopsError(
                "The text of the disturbance holds no words.",
                remedy="Write what is wrong, or give no text: callers are then told no reason.",
                code="disturbance_text",
            )
        begun = await self._ports.disturbances.start(
            asked.line,
            asked.reason,
            asked.texts,
            asked.stops_calls,
            None if asked.resumes_at is None else read_moment(asked.resumes_at, now),
            asked.by,
        )
        return self._heard(begun, await self.shelf.texts(), now)

    async def end(self, id_: int, body: object) -> Json:
        by = _read(Body, body).by
        ended = await self._ports.disturbances.end(id_, by)
        return disturbance_view(ended, self._clock.now())

    async def blocks(self, *, masked: bool = False) -> Json:
        country = self._hotline().organisation.country if masked else ""
        return {
            "in_force": [block_view(each, country) for each in self._ports.blocks.all()],
            "past": [block_view(each, country) for each in await self._ports.blocks.history()],
        }

    async def block(self, body: object) -> Json:
        asked = _read(Add, body)
        until = None if asked.until is None else read_moment(asked.until, await self._now())
        return block_view(await self._ports.blocks.add(asked.number, asked.reason, until, asked.by))

    async def lift(self, id_: int, body: object) -> Json:
        return block_view(await self._ports.blocks.lift(id_, _read(Body, body).by))

    async def _now(self) -> datetime:
        """In the hotline's zone, whose file is read the first time."""
        zone = await asyncio.to_thread(ZoneInfo, self._hotline().time_zone)
        return self._clock.now().astimezone(zone)

    def _heard(self, each: Disturbance, texts: Texts, now: datetime) -> Json:
        hotline = self._hotline()
        line = hotline.lines.get(each.line) or next(iter(hotline.lines.values()))
        situation = Situation(now, disturbances=(each,))
        heard: dict[str, str] = {}
        for language in hotline.languages:
            steps = disturbances(Caller(hotline, line, situation, language))
            names = [name for step in steps if isinstance(step, Tell) for name in step.prompts]
            words = {**texts[language]}
            if each.texts:
                words[each.reason] = each.texts.get(language, "")
            heard[language] = " ".join(words.get(name, name) for name in names)
        return disturbance_view(each, now, heard)


def _read(form: type[B], body: object) -> B:
    try:
        return form.model_validate(body)
    except ValidationError as error:
        first: Any = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "body"
        raise invalid(
            f"The field {name!r} is not as it should be: {first['msg']}.",
            "See /api/openapi.json.",
        ) from None
