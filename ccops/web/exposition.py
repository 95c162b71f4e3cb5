"""What /metrics says: the process's own instruments, and what is read at the moment of asking."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from ccops.domain.figures import ContactCount, DayFigures
from ccops.domain.live import OperatorState, Snapshot
from ccops.domain.records import Outcome

log = structlog.get_logger(__name__)


class Exposition:
    """Called once per scrape. Without the database the families that come from it are left out."""

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        snapshot: Callable[[], Snapshot],
        figures: Callable[[], Awaitable[DayFigures]],
        contacts: Callable[[], Awaitable[Iterable[ContactCount]]],
        restarts: Callable[[], Mapping[str, int]],
        disturbances: Callable[[], Mapping[str, int]],
    ) -> None:
        """``restarts`` is called in a thread: it may read a file. ``disturbances``: how many
        the callers of each line are told of."""
        self._registry = registry
        self._snapshot, self._restarts = snapshot, restarts
        self._disturbances = disturbances
        self._figures, self._contacts = figures, contacts
        self._contact_totals: dict[tuple[str, str, str], int] = {}
        self._turn = asyncio.Lock()

    async def __call__(self) -> bytes:
        async with self._turn:
            families = list(live_families(self._snapshot()))
            families.append(disturbance_family(self._disturbances()))
            try:
                families += [
                    service_level_family(await self._figures()),
                    self._contacts_family(await self._contacts()),
                ]
            except Exception:
                log.exception("figures for the metrics cannot be read")
            return await asyncio.to_thread(self._text, families)

    def _text(self, families: list[Metric]) -> bytes:
        once = CollectorRegistry()
        once.register(_Given([*families, restarts_family(self._restarts())]))
        return generate_latest(self._registry) + generate_latest(once)

    def _contacts_family(self, counts: Iterable[ContactCount]) -> Metric:
        family = CounterMetricFamily(
            "ccops_contacts",
            "Contacts whose outcome is known, by line, sub-line and outcome.",
            labels=["line", "sub_line", "outcome"],
        )
        for each in counts:
            if each.outcome is Outcome.OPEN:
                continue
            key = (each.line, each.sub_line, each.outcome.value)
            # A contact that is derived again may change its outcome, and old ones are deleted
            # one day: Prometheus would take a smaller number for a restart and count all anew.
            self._contact_totals[key] = max(each.count, self._contact_totals.get(key, 0))
        for key, total in sorted(self._contact_totals.items()):
            family.add_metric(key, total)
        return family


def live_families(snapshot: Snapshot) -> Iterator[Metric]:
    """Queues and operators at this moment."""
    waiting = GaugeMetricFamily(
        "ccops_queue_waiting", "Callers waiting in a queue.", labels=["queue"]
    )
    longest = GaugeMetricFamily(
        "ccops_queue_longest_wait_seconds",
        "How long the caller has waited who has waited longest; 0 when nobody waits.",
        labels=["queue"],
    )
    for queue in snapshot.queues:
        waits = [(snapshot.at - caller.joined_at).total_seconds() for caller in queue.waiting]
        waiting.add_metric([queue.name], len(waits))
        longest.add_metric([queue.name], max(0.0, *waits) if waits else 0.0)
    yield waiting
    yield longest
    operators = GaugeMetricFamily("ccops_operators", "Operators by state.", labels=["state"])
    states = [operator.state for operator in snapshot.operators]
    for state in OperatorState:
        operators.add_metric([state.value], states.count(state))
    yield operators


def disturbance_family(by_line: Mapping[str, int]) -> Metric:
    """Each line, so that an alert can also tell that it is over."""
    family = GaugeMetricFamily(
        "ccops_disturbance",
        "Disturbances that callers of a line are told of at this moment.",
        labels=["line"],
    )
    for line, count in by_line.items():
        family.add_metric([line], count)
    return family


def service_level_family(day: DayFigures) -> Metric:
    """Today's service level of each queue that had a contact."""
    family = GaugeMetricFamily(
        "ccops_service_level_ratio",
        "Contacts answered in time / incoming contacts, since midnight.",
        labels=["queue"],
    )
    for queue, figures in day.by_queue.items():
        if figures.service_level is not None:
            family.add_metric([queue], figures.service_level)
    return family


def restarts_family(restarts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(
        "ccops_supervisor_restarts",
        "How often the supervisor has started a part again.",
        labels=["part"],
    )
    for part, count in restarts.items():
        family.add_metric([part], count)
    return family


class _Given:
    """A collector of families that are there already."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families
