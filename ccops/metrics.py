"""What ccops counts and times about itself, for Prometheus.

The instruments are handed to the parts that report; nothing here is global. A label never holds a
caller, an operator, or anything that a caller sent. What is read from elsewhere at the moment of
asking (queues, contacts) is added in ``ccops.web.exposition``.
"""

from __future__ import annotations

import asyncio
import platform
import time
from collections import deque

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)

from ccops import __version__

disable_created_metrics()  # type: ignore[no-untyped-call]
"""The text format has no place for creation times; the library would add a gauge to each family."""

QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds; for what only machines take part in."""
SPOKEN = (*QUICK, 10.0, 20.0, 40.0)
"""Seconds; some AGI commands last as long as what the caller hears."""
ERRORS = (-600.0, -300.0, -180.0, -120.0, -60.0, -30.0, 0.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0)
"""Seconds by which a wait differs from what was expected; below 0 it was shorter."""
LAG_EVERY = 0.5
LAG_KEPT = 30
"""Measurements of the loop's lag that are kept: the gauge tells the worst of the last 15 s."""


class Metrics:
    """All instruments of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.ami = AmiInstruments(self.registry)
        self.agi = AgiInstruments(self.registry)
        self.journal = JournalInstruments(self.registry)
        self.ledger = LedgerInstruments(self.registry)
        self._loop_lag = Gauge(
            "ccops_event_loop_lag_seconds",
            "Longest delay of the event loop in the last 15 seconds.",
            registry=self.registry,
        )
        Info("ccops_build", "Version of ccops and of Python.", registry=self.registry).info(
            {"version": __version__, "python": platform.python_version()}
        )
        ProcessCollector(registry=self.registry)

    async def watch_loop(self) -> None:
        """Measure for ever how late the event loop wakes what has slept."""
        worst: deque[float] = deque(maxlen=LAG_KEPT)
        while True:
            asleep = time.monotonic()
            await asyncio.sleep(LAG_EVERY)
            worst.append(max(0.0, time.monotonic() - asleep - LAG_EVERY))
            self._loop_lag.set(max(worst))


class AmiInstruments:
    """What the AMI link reports; implements its ``AmiMetrics``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._actions = Histogram(
            "ccops_ami_action_duration_seconds",
            "Time from sending an AMI action to its last answer.",
            ["action"],
            buckets=QUICK,
            registry=registry,
        )
        self._errors = Counter(
            "ccops_ami_action_errors",
            "AMI actions that were not answered with success, by what happened instead.",
            ["action", "outcome"],
            registry=registry,
        )
        self._events = Counter(
            "ccops_ami_events",
            "AMI events received.",
            ["event"],
            registry=registry,
        )
        self._handler_errors = Counter(
            "ccops_ami_handler_errors",
            "AMI events whose handler failed.",
            registry=registry,
        )
        self._up = Gauge(
            "ccops_ami_link_up",
            "Whether the AMI link is logged in and answers (1) or not (0).",
            registry=registry,
        )

    def observe_action(self, name: str, seconds: float, outcome: str) -> None:
        self._actions.labels(name).observe(seconds)
        if outcome != "ok":
            self._errors.labels(name, outcome).inc()

    def event(self, name: str) -> None:
        self._events.labels(name).inc()

    def link(self, up: bool) -> None:
        self._up.set(up)

    def handler_error(self) -> None:
        self._handler_errors.inc()


class AgiInstruments:
    """What the FastAGI server reports; implements its ``AgiMetrics``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._commands = Histogram(
            "ccops_agi_command_duration_seconds",
            "Time from sending an AGI command to its answer, what the caller hears included.",
            ["command"],
            buckets=SPOKEN,
            registry=registry,
        )
        self._errors = Counter(
            "ccops_agi_command_errors",
            "AGI commands that ended without a good answer.",
            ["command"],
            registry=registry,
        )
        self._sessions = Counter(
            "ccops_agi_sessions",
            "AGI sessions that ended, by route and outcome.",
            ["route", "outcome"],
            registry=registry,
        )
        self._active = Gauge(
            "ccops_agi_sessions_active",
            "AGI sessions under way.",
            registry=registry,
        )

    def observe_command(self, name: str, seconds: float, ok: bool) -> None:
        self._commands.labels(name).observe(seconds)
        if not ok:
            self._errors.labels(name).inc()

    def session(self, route: str, outcome: str) -> None:
        self._sessions.labels(route or "unknown", outcome).inc()

    def active(self, change: int) -> None:
        self._active.inc(change)


class JournalInstruments:
    """What the journal reports about each of Asterisk's files."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lag = Gauge(
            "ccops_journal_lag_seconds",
            "How far the records are behind Asterisk's file.",
            ["source"],
            registry=registry,
        )
        self._rows = Counter(
            "ccops_journal_rows",
            "Rows of Asterisk's files that were stored.",
            ["source"],
            registry=registry,
        )

    def lag(self, source: str, seconds: float) -> None:
        self._lag.labels(source).set(seconds)

    def rows(self, source: str, count: int) -> None:
        self._rows.labels(source).inc(count)


class LedgerInstruments:
    """What the ledger of announcements reports; implements its ``LedgerMetrics``.

    ``ccops.domain.ledger`` defines the results and the error.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._announcements = Counter(
            "ccops_announcements",
            "Announcements to waiting callers whose wait is over, by what the promise was worth.",
            ["queue", "result"],
            registry=registry,
        )
        self._error = Histogram(
            "ccops_announcement_error_seconds",
            "Actual wait less the expected one, from each announcement on.",
            ["queue"],
            buckets=ERRORS,
            registry=registry,
        )
        self._given_up = Counter(
            "ccops_announcements_given_up",
            "Announcements that could not be written down: the database was away for too long.",
            registry=registry,
        )

    def settled(self, queue: str, result: str, error: float | None) -> None:
        self._announcements.labels(queue, result).inc()
        if error is not None:
            self._error.labels(queue).observe(error)

    def given_up(self, count: int) -> None:
        self._given_up.inc(count)
