"""Whether calls can be taken, part by part, told as it is.

Each part has a probe; the service asks them all, remembers since when each is in its state, and
says whether the hotline is ready. The wording (what it means, what to do) lives in the catalogues
under ``health.<part>.<code>``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import structlog

from ccops.clock import Clock, SystemClock

log = structlog.get_logger(__name__)

CHECK_EVERY = 2.0
"""Seconds between two rounds of ``run``."""
FRESH = 1.0
"""Seconds for which an answer is given again without asking the parts."""
PROBE_TIMEOUT = 2.0
"""Seconds after which a part that does not answer counts as down."""
JOURNAL_LATE = 30.0
"""Seconds the journal may lag behind Asterisk's files before the figures count as old."""


ESSENTIAL = frozenset({"asterisk", "agi", "operators"})
"""Parts without which calls cannot be taken. The journal and the database are not among them:
Asterisk goes on without either, and its own files are read again later (decision 4)."""


class PartState(StrEnum):
    UP = "up"
    DEGRADED = "degraded"
    """Calls are taken, something beside them suffers."""
    DOWN = "down"


@dataclass(frozen=True)
class Finding:
    """What a probe saw. ``code`` names the text, ``parameters`` fill it."""

    code: str
    parameters: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return self.code == "up"


UP = Finding("up")


@dataclass(frozen=True)
class PartStatus:
    """A part, its state, and since when."""

    part: str
    state: PartState
    since: datetime
    finding: Finding


@dataclass(frozen=True)
class HealthReport:
    """All parts at one moment; ``ready`` says whether calls can be taken."""

    at: datetime
    parts: tuple[PartStatus, ...]

    @property
    def ready(self) -> bool:
        return all(part.state is not PartState.DOWN for part in self.parts)


Probe = Callable[[], Awaitable[Finding]]


class Health:
    """Asks the probes and keeps the last report."""

    def __init__(self, probes: Mapping[str, Probe], clock: Clock | None = None) -> None:
        self._probes = dict(probes)
        self._clock = clock or SystemClock()
        self._report: HealthReport | None = None
        self._asked = float("-inf")
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Check for ever, so that ``since`` is right even when nobody looks."""
        while True:
            await self.check()
            await asyncio.sleep(CHECK_EVERY)

    async def check(self) -> HealthReport:
        """The state of each part, not older than a second."""
        async with self._turn:
            if self._report is not None and self._clock.monotonic() - self._asked < FRESH:
                return self._report
            findings = await asyncio.gather(
                *(self._ask(part, probe) for part, probe in self._probes.items())
            )
            self._asked = self._clock.monotonic()
            self._report = self._renewed(dict(zip(self._probes, findings, strict=True)))
            return self._report

    async def _ask(self, part: str, probe: Probe) -> Finding:
        try:
            async with asyncio.timeout(PROBE_TIMEOUT):
                return await probe()
        except TimeoutError:
            return Finding("no_answer")
        except Exception:
            log.exception("health probe failed", part=part)
            return Finding("no_answer")

    def _renewed(self, findings: Mapping[str, Finding]) -> HealthReport:
        now = self._clock.now()
        before = {status.part: status for status in self._report.parts} if self._report else {}
        parts = []
        for part, finding in findings.items():
            state = _state(part, finding)
            old = before.get(part)
            if old is not None and old.state is not state:
                tell = log.info if finding.good else log.warning
                tell("part changed its state", part=part, state=state, code=finding.code)
            since = old.since if old is not None and old.state is state else now
            parts.append(PartStatus(part, state, since, finding))
        return HealthReport(now, tuple(parts))


def _state(part: str, finding: Finding) -> PartState:
    if finding.good:
        return PartState.UP
    return PartState.DOWN if part in ESSENTIAL else PartState.DEGRADED


def link_probe(connected: Callable[[], bool]) -> Probe:
    """The AMI link: without it nobody can be logged in and nothing live is seen."""

    async def probe() -> Finding:
        return UP if connected() else Finding("down")

    return probe


def agi_probe(listening: Callable[[], bool]) -> Probe:
    """The FastAGI server: without it callers hear the fallback instead of the menu."""

    async def probe() -> Finding:
        return UP if listening() else Finding("down")

    return probe


def journal_probe(lags: Callable[[], Mapping[str, float]]) -> Probe:
    """The journal; ``lags`` gives seconds behind Asterisk's file by source."""

    async def probe() -> Finding:
        worst = max(lags().values(), default=0.0)
        if worst <= JOURNAL_LATE:
            return UP
        return Finding("late", {"seconds": round(worst)})

    return probe


def database_probe(write: Callable[[], Awaitable[None]]) -> Probe:
    """The database; ``write`` changes a row and commits, or raises."""

    async def probe() -> Finding:
        try:
            async with asyncio.timeout(PROBE_TIMEOUT / 2):
                await write()
        except Exception as error:
            log.warning("database cannot be written", error=type(error).__name__)
            return Finding("not_writable")
        return UP

    return probe


def operators_probe(reconciled: Callable[[], bool]) -> Probe:
    """The queues' members: until they are as wished, callers may wait before an empty queue."""

    async def probe() -> Finding:
        return UP if reconciled() else Finding("not_reconciled")

    return probe
