"""What is known when a call comes in, beside what ``hotline.yaml`` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ccops.config.types import Lang


@dataclass(frozen=True)
class Disturbance:
    """Service is interrupted or impaired (T10)."""

    id: int
    line: str
    """Empty: all lines."""
    reason: str
    """Prompt that says what is wrong; empty: nothing more than that something is."""
    texts: Mapping[str, str]
    """What is wrong in free words, by language, where it was typed; else empty."""
    stops_calls: bool
    """Callers are told and can leave their number, but reach no operator."""
    resumes_at: datetime | None
    """UTC; None: not known yet."""
    started_at: datetime
    started_by: str
    """``cli``, ``api``, ``page``, with a name where it is known."""
    ended_at: datetime | None = None
    ended_by: str = ""

    def concerns(self, line: str) -> bool:
        return self.line in ("", line)


@dataclass(frozen=True)
class Block:
    """A number that may not call for a while, or at all."""

    id: int
    number: str
    """E.164."""
    reason: str
    blocked_at: datetime
    blocked_by: str
    until: datetime | None
    """UTC; None: until it is lifted."""
    lifted_at: datetime | None = None
    lifted_by: str = ""

    def holds(self, at: datetime) -> bool:
        """Whether calls are refused at ``at``."""
        return self.lifted_at is None and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Memory:
    """How a number's caller was spoken to last time."""

    language: Lang
    slow: bool = False


@dataclass(frozen=True)
class Situation:
    """One caller at one moment."""

    now: datetime
    """In the hotline's time zone."""
    number: str = ""
    """E.164, or as received where it could not be understood; empty when withheld."""
    memory: Memory | None = None
    disturbances: tuple[Disturbance, ...] = field(default=())
    """Those that concern the line."""
    block: Block | None = None
