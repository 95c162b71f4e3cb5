"""A scripted hotline behind the web part's ports: real implementations of each, no Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from ccops.clock import Clock, SystemClock
from ccops.config.model import Hotline
from ccops.domain.figures import Cell, DayFigures, day_figures
from ccops.domain.live import OperatorState, OperatorView, QueueView, Snapshot, Waiting
from ccops.domain.records import Outcome
from ccops.domain.wishes import OperatorWish
from ccops.services.health import Finding, Health, Probe
from ccops.services.operators import Wished
from ccops.web.ports import ServicePorts, WebPorts
from tests.service_support import service_ports

LONG_AGO = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
TOKEN = "a-token-of-the-tests"
NUMBERS = ("+998901234542", "+998935550117", "+998712000388", "", "+998946661203")

CALLS_BY_HOUR = (3, 2, 1, 1, 2, 4, 9, 24, 62, 98, 117, 108)
CALLS_BY_HOUR += (74, 69, 88, 92, 81, 57, 36, 25, 18, 12, 8, 5)

HOTLINE = Hotline.model_validate(
    {
        "version": 1,
        "organisation": {
            "name": {
                "uz": "Bandlik va kambagʻallikni qisqartirish vazirligi",
                "ru": "Министерство занятости и сокращения бедности",
            },
            "country": "UZ",
        },
        "time_zone": "Asia/Tashkent",
        "languages": ["uz", "ru"],
        "sub_lines": {
            "employment": {
                "label": "1",
                "name": {"uz": "Bandlik va mehnat", "ru": "Занятость и трудовые отношения"},
            },
            "support": {
                "label": "2",
                "name": {"uz": "Ijtimoiy yordam", "ru": "Социальная помощь и субсидии"},
            },
        },
        "lines": {
            "1176": {
                "name": {"uz": "Ishonch telefoni", "ru": "Телефон доверия"},
                "menu": "main",
                "fallback_queue": "employment",
            }
        },
        "menus": {
            "main": {
                "prompt": "main-menu",
                "keys": {"1": {"queue": "employment"}, "2": {"queue": "support"}},
                "otherwise": {"queue": "employment"},
            }
        },
        "queues": {
            "employment": {
                "name": {"uz": "Bandlik masalalari", "ru": "Вопросы занятости"},
                "sub_line": "employment",
                "service_level": 20,
            },
            "support": {
                "name": {"uz": "Ijtimoiy yordam", "ru": "Социальная помощь"},
                "sub_line": "support",
                "service_level": 20,
            },
        },
        "operators": {
            number: {"name": name, "queues": ["employment", "support"]}
            for number, name in {
                "201": "Dilnoza Ergasheva",
                "202": "Sherzod Qodirov",
                "203": "Malika Tursunova",
                "204": "Olga Sokolova",
                "205": "Jasur Rahimov",
                "206": "Nodira Yusupova",
                "207": "Rustam Aliyev",
                "208": "Zilola Karimova",
            }.items()
        },
        "pause_reasons": {
            "1": {"id": "lunch", "name": {"uz": "Tushlik", "ru": "Обед"}},
            "2": {"id": "training", "name": {"uz": "Oʻquv", "ru": "Обучение"}},
        },
    }
)


class ScriptedLive:
    """A live picture that a test writes."""

    def __init__(self, picture: Snapshot, clock: Clock) -> None:
        self._picture = picture
        self._clock = clock
        self._change = asyncio.Event()

    def snapshot(self) -> Snapshot:
        return replace(self._picture, at=self._clock.now())

    def show(self, picture: Snapshot) -> None:
        self._picture = picture
        self._change.set()

    async def changes(self) -> AsyncIterator[None]:
        while True:
            await self._change.wait()
            self._change.clear()
            yield


@dataclass
class ScriptedOperators:
    """Commands as they came; raises ``refusal`` instead while it is set."""

    said: list[tuple[str, ...]] = field(default_factory=list)
    refusal: Exception | None = None
    applied: bool = True

    async def log_in(self, operator: str, by: str) -> Wished:
        return self._note(OperatorWish(operator, True, False, "", LONG_AGO, by), "login")

    async def log_out(self, operator: str, by: str) -> Wished:
        return self._note(OperatorWish(operator, False, False, "", LONG_AGO, by), "logout")

    async def pause(self, operator: str, reason: str, by: str) -> Wished:
        wish = OperatorWish(operator, True, True, reason, LONG_AGO, by)
        return self._note(wish, "pause", reason)

    async def resume(self, operator: str, by: str) -> Wished:
        return self._note(OperatorWish(operator, True, False, "", LONG_AGO, by), "resume")

    def _note(self, wish: OperatorWish, *command: str) -> Wished:
        if self.refusal is not None:
            raise self.refusal
        self.said.append((wish.operator, *command))
        return Wished(wish, self.applied)


@dataclass
class ScriptedHotline:
    """Everything a page, the API and the metrics can see, for a test to change."""

    live: ScriptedLive
    operators: ScriptedOperators
    findings: dict[str, Finding]
    figures: DayFigures | None
    clock: Clock
    metrics_text: bytes = b"# nothing\n"
    hotline: Hotline = HOTLINE

    @cached_property
    def service(self) -> ServicePorts:
        return service_ports(lambda: self.hotline, self.clock)

    def ports(self, *, token: str = TOKEN) -> WebPorts:
        async def figures() -> DayFigures:
            if self.figures is None:
                raise RuntimeError("the database is away")
            return self.figures

        async def exposition() -> bytes:
            return self.metrics_text

        return WebPorts(
            hotline=lambda: self.hotline,
            live=self.live,
            figures=figures,
            operators=self.operators,
            health=Health({part: self._probe(part) for part in self.findings}, self.clock),
            exposition=exposition,
            token=token,
            clock=self.clock,
            service=self.service,
        )

    def _probe(self, part: str) -> Probe:
        async def probe() -> Finding:
            return self.findings[part]

        return probe


def scripted(*, busy: bool, clock: Clock | None = None) -> ScriptedHotline:
    """A hotline in the middle of a working day, or in the quiet of its first minute."""
    clock = clock or SystemClock()
    now = clock.now()
    return ScriptedHotline(
        live=ScriptedLive(busy_picture(now) if busy else quiet_picture(now), clock),
        operators=ScriptedOperators(),
        findings=dict.fromkeys(
            ("asterisk", "agi", "operators", "journal", "database"), Finding("up")
        ),
        figures=busy_day(now) if busy else day_figures(*_day(now), []),
        clock=clock,
    )


def quiet_picture(now: datetime) -> Snapshot:
    operators = tuple(
        OperatorView(number, operator.name, OperatorState.LOGGED_OUT, now, "", operator.queues)
        for number, operator in HOTLINE.operators.items()
    )
    queues = tuple(QueueView(name, (), 0, 0, 0) for name in HOTLINE.queues)
    return Snapshot(now, True, queues, operators)


def busy_picture(now: datetime) -> Snapshot:
    states = (
        (OperatorState.TALKING, 134, "", 31),
        (OperatorState.TALKING, 47, "", 28),
        (OperatorState.RINGING, 6, "", 35),
        (OperatorState.READY, 21, "", 30),
        (OperatorState.PAUSED, 1260, "lunch", 19),
        (OperatorState.WRAP_UP, 5, "", 26),
        (OperatorState.UNREACHABLE, 388, "", 4),
        (OperatorState.LOGGED_OUT, 31_200, "", 0),
    )
    operators = tuple(
        OperatorView(
            number,
            operator.name,
            state,
            now - timedelta(seconds=ago),
            reason,
            operator.queues,
            calls,
        )
        for (number, operator), (state, ago, reason, calls) in zip(
            HOTLINE.operators.items(), states, strict=True
        )
    )
    waits = (("employment", 1, 96), ("employment", 2, 41), ("support", 1, 24), ("employment", 3, 9))
    waiting = [
        caller(number, queue, now - timedelta(seconds=ago), name=f"call-{ago}", place=place)
        for (queue, place, ago), number in zip(waits, NUMBERS, strict=False)
    ]
    queues = tuple(
        QueueView(name, tuple(each for each in waiting if each.queue == name), 7, 1, 2)
        for name in HOTLINE.queues
    )
    return Snapshot(now, True, queues, operators)


def caller(
    number: str, queue: str, since: datetime, *, name: str = "call-1", place: int = 1
) -> Waiting:
    language = "ru" if place % 3 == 0 else "uz"
    return Waiting(name, f"PJSIP/network-{place:08x}", queue, number, language, since, place)


def busy_day(now: datetime) -> DayFigures:
    """Figures of a day whose calls came as they do: few at night, most before noon."""
    since, until, hours = _day(now)
    cells = []
    for hour, calls in zip(hours, CALLS_BY_HOUR, strict=True):
        if hour > now:
            break
        for queue, part in (("employment", 0.62), ("support", 0.38)):
            answered, lost = round(calls * part * 0.93), round(calls * part * 0.07)
            cells += [
                _cell(hour, queue, Outcome.ANSWERED, answered, answered * 17.4, answered * 204.0),
                _cell(hour, queue, Outcome.LOST, lost, lost * 31.0, 0.0),
            ]
        cells.append(_cell(hour, "", Outcome.SELF_SERVED, calls // 6, 0.0, 0.0))
    return day_figures(since, until, hours, cells)


def _cell(
    hour: datetime, queue: str, outcome: Outcome, contacts: int, wait: float, talk: float
) -> Cell:
    return Cell(
        hour=hour,
        queue=queue,
        sub_line=queue,
        outcome=outcome,
        contacts=contacts,
        ended=contacts,
        short=contacts // 3,
        in_time=round(contacts * 0.86),
        wait=wait,
        max_wait=8 * wait / contacts if contacts else 0.0,
        talk=talk,
    )


def _day(now: datetime) -> tuple[datetime, datetime, list[datetime]]:
    zone_offset = timedelta(hours=5)
    midnight = (now + zone_offset).replace(hour=0, minute=0, second=0, microsecond=0)
    since = (midnight - zone_offset).astimezone(UTC)
    return since, since + timedelta(days=1), [since + timedelta(hours=hour) for hour in range(24)]
