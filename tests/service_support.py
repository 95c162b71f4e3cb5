"""Disturbances, blocks and prompts for the web part's tests: the real services over memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from ccops.clock import Clock
from ccops.config.model import Hotline
from ccops.domain.situation import Block, Disturbance
from ccops.errors import CcopsError
from ccops.prompts.wav import write_wav
from ccops.services.blocks import Blocks
from ccops.services.disturbances import Disturbances
from ccops.web.ports import ServicePorts


class DisturbancesInMemory:
    def __init__(self) -> None:
        self.rows: dict[int, Disturbance] = {}

    async def current(self) -> list[Disturbance]:
        return [each for each in self._latest_first() if each.ended_at is None]

    async def ended(self, limit: int) -> list[Disturbance]:
        return [each for each in self._latest_first() if each.ended_at is not None][:limit]

    async def start(self, begun: Disturbance) -> Disturbance:
        for each in await self.current():
            if each.line == begun.line:
                await self.end(each.id, begun.started_at, begun.started_by)
        begun = replace(begun, id=len(self.rows) + 1)
        self.rows[begun.id] = begun
        return begun

    async def end(self, id_: int, at: datetime, by: str) -> Disturbance | None:
        row = self.rows.get(id_)
        if row is not None and row.ended_at is None:
            self.rows[id_] = replace(row, ended_at=at, ended_by=by)
        return self.rows.get(id_)

    def _latest_first(self) -> list[Disturbance]:
        return sorted(self.rows.values(), key=lambda each: -each.id)


class BlocksInMemory:
    def __init__(self) -> None:
        self.rows: dict[int, Block] = {}

    async def holding(self, at: datetime) -> list[Block]:
        return [each for each in self._latest_first() if each.holds(at)]

    async def past(self, at: datetime, limit: int) -> list[Block]:
        return [each for each in self._latest_first() if not each.holds(at)][:limit]

    async def add(self, block: Block) -> Block:
        for each in await self.holding(block.blocked_at):
            if each.number == block.number:
                await self.lift(each.id, block.blocked_at, block.blocked_by)
        block = replace(block, id=len(self.rows) + 1)
        self.rows[block.id] = block
        return block

    async def lift(self, id_: int, at: datetime, by: str) -> Block | None:
        row = self.rows.get(id_)
        if row is not None and row.holds(at):
            self.rows[id_] = replace(row, lifted_at=at, lifted_by=by)
        return self.rows.get(id_)

    def _latest_first(self) -> list[Block]:
        return sorted(self.rows.values(), key=lambda each: -each.id)


class Voice:
    """Says nothing, and gives each text a name."""

    async def speak(self, texts: Mapping[str, str]) -> str:
        return f"said-{len(''.join(texts.values()))}"


@dataclass(frozen=True)
class Prompt:
    name: str
    language: str
    text: str
    recorded: bool
    seconds: float | None
    slow: bool = True


SPOKEN = {
    "welcome": ("Assalomu alaykum!", "Здравствуйте!"),
    "main-menu": ("Ish masalalari boʻyicha birni bosing.", "По вопросам работы нажмите один."),
    "wait": ("Operatorlar band. Iltimos, kuting.", "Операторы заняты. Пожалуйста, подождите."),
    "position-1": ("Navbatda birinchisiz.", "Вы первый в очереди."),
    "disturbance-now": ("Diqqat! Xizmatda uzilish bor.", "Внимание! В работе службы перебои."),
    "reason-technical": ("Sababi — texnik nosozlik.", "Причина — неисправность."),
    "reason-power": ("Sababi — elektr uzilishi.", "Причина — отключение электричества."),
    "other-channels": ("Saytdan foydalaning.", "Воспользуйтесь сайтом."),
    "resumes": ("Xizmat qayta tiklanadi:", "Работа возобновится"),
    "resumes-unknown": ("Qachon tiklanishi nomaʼlum.", "Срок пока неизвестен."),
    "tomorrow": ("ertaga", "завтра"),
    "hour-15": ("soat oʻn beshda.", "в пятнадцать часов."),
    "op-paused": ("Siz tanaffusdasiz.", "Вы на перерыве."),
}
RECORDED, NOT_MADE = "welcome", "position-1"
PROMPTS = tuple(
    Prompt(name, language, text, name == RECORDED, None if name == NOT_MADE else 2.5)
    for name, texts in SPOKEN.items()
    for language, text in zip(("uz", "ru"), texts, strict=True)
)


class Inventory:
    """A tone for each prompt; the slow one is longer."""

    def prompts(self) -> Sequence[Prompt]:
        return PROMPTS

    def wav(self, language: str, name: str, *, slow: bool = False) -> bytes:
        if not any((name, language) == (each.name, each.language) for each in PROMPTS):
            raise CcopsError("There is no sound.", remedy="Look.", code="unknown_prompt")
        second = np.sin(np.arange(8000) * 0.3).astype(np.float32) / 4
        return write_wav(np.tile(second, 2 if slow else 1), 8000)


def service_ports(hotline: Callable[[], Hotline], clock: Clock) -> ServicePorts:
    """Nothing announced, nobody blocked."""
    return ServicePorts(
        disturbances=Disturbances(DisturbancesInMemory(), Voice(), clock, hotline),
        blocks=Blocks(BlocksInMemory(), clock, hotline),
        inventory=lambda _hotline: Inventory(),
    )
