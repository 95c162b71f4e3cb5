"""What the web part needs from the rest, and what a test puts in its place."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ccops.clock import Clock
from ccops.config.model import Hotline
from ccops.domain.figures import DayFigures
from ccops.domain.live import Snapshot
from ccops.services.blocks import Blocks
from ccops.services.disturbances import Disturbances
from ccops.services.health import HealthReport
from ccops.services.operators import Wished


class LivePicture(Protocol):
    """The picture of this moment."""

    def snapshot(self) -> Snapshot: ...

    def changes(self) -> AsyncIterator[None]:
        """Yields after something has changed; many changes may wake once."""
        ...


class OperatorCommands(Protocol):
    """Operators' wishes. Each raises a ``CcopsError`` when it cannot be done."""

    async def log_in(self, operator: str, by: str) -> Wished: ...

    async def log_out(self, operator: str, by: str) -> Wished: ...

    async def pause(self, operator: str, reason: str, by: str) -> Wished: ...

    async def resume(self, operator: str, by: str) -> Wished: ...


class HealthSource(Protocol):
    async def check(self) -> HealthReport: ...


class SpokenPrompt(Protocol):
    """One prompt in one language."""

    @property
    def name(self) -> str: ...

    @property
    def language(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def recorded(self) -> bool:
        """Whether a studio's recording stands for the voice."""
        ...

    @property
    def seconds(self) -> float | None:
        """How long it plays; None until it has been made."""
        ...

    @property
    def slow(self) -> bool:
        """Whether there is a slow version."""
        ...


class PromptInventory(Protocol):
    """The prompts of one configuration. Blocks: called in a thread."""

    def prompts(self) -> Sequence[SpokenPrompt]: ...

    def wav(self, language: Any, name: str, *, slow: bool = False) -> bytes:
        """Raises a ``CcopsError`` with the code ``unknown_prompt``."""
        ...


@dataclass(frozen=True)
class ServicePorts:
    """What the pages ``/service`` and ``/prompts`` and their routes are built from."""

    disturbances: Disturbances
    blocks: Blocks
    inventory: Callable[[Hotline], PromptInventory]
    """Made anew for each configuration; in a thread."""


@dataclass(frozen=True)
class Targets:
    """Shares that today's figures are measured against (AZ: 90 % answered, 80 % in time)."""

    answered: float = 0.90
    in_time: float = 0.80


@dataclass(frozen=True)
class WebPorts:
    """Everything the web part is built from."""

    hotline: Callable[[], Hotline]
    """The configuration in force; asked each time, because it changes without a restart."""
    live: LivePicture
    figures: Callable[[], Awaitable[DayFigures]]
    """Figures of the hotline's current day."""
    operators: OperatorCommands
    health: HealthSource
    exposition: Callable[[], Awaitable[bytes]]
    """The text of /metrics."""
    token: str
    """Bearer token for commands and for full numbers; an empty one refuses both."""
    clock: Clock
    service: ServicePorts
    targets: Targets = Targets()
