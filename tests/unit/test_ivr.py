"""The dialogues carried out over FastAGI: what Asterisk is told, and what may go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from ccops.asterisk.agi import AgiServer, AgiSession
from ccops.asterisk.agi_protocol import AgiHangup, AgiTimeout
from ccops.config.model import Hotline
from ccops.domain.situation import Block, Disturbance, Memory
from ccops.services import ivr as service
from ccops.services.ivr import Ivr
from tests.manual_clock import ManualClock
from tests.unit.dialogue_calls import CLOSING, HOTLINE, KNOWN, SLOW_NET
from tests.unit.fake_asterisk import call

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""Noon in Tashkent."""
SPOKEN = "998712000001"


class Line:
    """A session that answers each question by the next of the keys, and writes down the rest."""

    def __init__(self, *arguments: str, keys: Sequence[str] = (), number: str = SPOKEN) -> None:
        self.env: Mapping[str, str] = {
            "agi_callerid": number,
            **{f"agi_arg_{place}": text for place, text in enumerate(arguments, start=1)},
        }
        self.variables: dict[str, str] = {"CCOPS_LINE": "1100"}
        self.done: list[str] = []
        self.hangs_up_at: str | None = None
        self.failure: Exception = AgiHangup("The caller has hung up.")
        self._keys = iter(keys)

    async def get_data(
        self, sounds: Sequence[str], *, timeout: float, digits: int = 1, alone: str = ""
    ) -> str:
        self._step(f"ask {' '.join(sounds)} {timeout:g} {digits} {alone}".rstrip())
        return next(self._keys, "")

    async def play(self, sounds: Sequence[str], *, keys: str = "") -> str:
        self._step(f"play {' '.join(sounds)} {keys}".rstrip())
        return next(self._keys, "") if keys else ""

    async def set_variables(self, **values: str) -> None:
        self.variables |= values
        self._step("set " + " ".join(f"{name}={value}" for name, value in values.items()))

    async def get_variable(self, expression: str) -> str | None:
        return self.variables.get(expression)

    async def exec(self, application: str, *arguments: str) -> str:
        self.done.append(" ".join((application, *arguments)))
        return "0"

    def _step(self, text: str) -> None:
        self.done.append(text)
        if self.hangs_up_at is not None and self.hangs_up_at in text:
            raise self.failure


class Memories:
    def __init__(self, memory: Memory | None = None) -> None:
        self.memory = memory
        self.noted: list[tuple[str, Memory]] = []
        self.delay = 0.0
        self.broken = False

    async def recall(self, number: str) -> Memory | None:
        assert number == KNOWN
        await asyncio.sleep(self.delay)
        if self.broken:
            raise OSError(number)
        return self.memory

    def note(self, number: str, memory: Memory) -> None:
        if self.broken:
            raise OSError(number)
        self.noted.append((number, memory))


class Disturbed:
    def __init__(self, *now: Disturbance) -> None:
        self.now = now
        self.asked: list[str] = []

    def current(self, line: str) -> tuple[Disturbance, ...]:
        self.asked.append(line)
        return self.now


class Blocks:
    def __init__(self, block: Block | None = None) -> None:
        self.block = block
        self.asked: list[tuple[str, datetime]] = []

    def find(self, number: str, at: datetime) -> Block | None:
        self.asked.append((number, at))
        return self.block


class Broken:
    """Both sync ports, out of order."""

    def current(self, line: str) -> tuple[Disturbance, ...]:
        raise RuntimeError(line)

    def find(self, number: str, at: datetime) -> Block | None:
        raise RuntimeError(number, at)


def ivr(
    hotline: Hotline = HOTLINE,
    *,
    memory: Memories | None = None,
    disturbances: Disturbed | Broken | None = None,
    blocks: Blocks | Broken | None = None,
    at: datetime = MONDAY,
) -> Ivr:
    return Ivr(
        lambda: hotline,
        ManualClock(at),
        memory or Memories(),
        disturbances or Disturbed(),
        blocks or Blocks(),
    )


async def test_a_new_call() -> None:
    memory = Memories()
    line = Line("1100", keys=["2", "7", "", "3", "1"])
    await ivr(memory=memory).entry(line)
    assert line.done == [
        "ask ccops/greeting 5 1",
        "set CHANNEL(language)=ru __CCOPS_LANG=ru __CCOPS_PACE= CCOPS_LANG_CHOSEN=yes",
        "CELGenUserEvent CCOPS_LANG ru",
        "ask ccops/main-menu 5 1",
        "CELGenUserEvent CCOPS_MENU main=7",
        "set CHANNEL(language)=ru_slow __CCOPS_LANG=ru __CCOPS_PACE=_slow CCOPS_LANG_CHOSEN=yes",
        "CELGenUserEvent CCOPS_PACE slow",
        "play ccops/slower-on 0123456789*",
        "ask ccops/main-menu 5 1",
        "CELGenUserEvent CCOPS_MENU main=3",
        "ask ccops/benefits-menu 5 1",
        "CELGenUserEvent CCOPS_MENU benefits=1",
        "set CCOPS_HEAD_START=120 CCOPS_QUEUE=benefits CCOPS_NEXT=queue",
    ]
    assert memory.noted == [(KNOWN, Memory("ru")), (KNOWN, Memory("ru", slow=True))]


async def test_a_remembered_number() -> None:
    line = Line("1100", keys=["0"])
    await ivr(memory=Memories(Memory("ru", slow=True))).entry(line)
    assert line.done[:2] == [
        "set CHANNEL(language)=ru_slow __CCOPS_LANG=ru __CCOPS_PACE=_slow CCOPS_LANG_CHOSEN=yes",
        "ask ccops/greeting-known 1 1",
    ]
    assert line.done[-1] == "set CCOPS_QUEUE=anyone CCOPS_NEXT=queue"


@pytest.mark.parametrize("number", ["", "anonymous", "unknown"])
async def test_a_withheld_number_is_neither_looked_up_nor_remembered(number: str) -> None:
    memory, blocks = Memories(), Blocks()
    line = Line("1100", keys=["1", "0"], number=number)
    await ivr(memory=memory, blocks=blocks).entry(line)
    assert line.done[0] == "ask ccops/greeting 5 1"
    assert (memory.noted, blocks.asked) == ([], [])


async def test_a_blocked_number() -> None:
    blocks = Blocks(Block(5, KNOWN, "threats", MONDAY, "page", None))
    line = Line("1100")
    await ivr(blocks=blocks, memory=Memories(Memory("ru"))).entry(line)
    assert blocks.asked == [(KNOWN, MONDAY)]
    assert line.done[0] == "CELGenUserEvent CCOPS_BLOCKED 5"
    assert line.done[2:] == ["play ccops/blocked", "set CCOPS_NEXT=hangup"]


async def test_the_hours_are_those_of_the_hotlines_zone() -> None:
    by_day, by_night = Line("1100", keys=["1", "1"]), Line("1100", keys=["1", "", "1"])
    await ivr(CLOSING).entry(by_day)
    assert by_day.done[-1] == "set CCOPS_QUEUE=jobs CCOPS_NEXT=queue"
    await ivr(CLOSING, at=MONDAY + timedelta(hours=6)).entry(by_night)
    assert by_night.done[3:] == [
        "CELGenUserEvent CCOPS_CLOSED ",
        "play ccops/closed ccops/opens ccops/tomorrow ccops/hour-9 0123456789*",
        "ask ccops/callback-offer ccops/callback-other 5 1",
        f"CELGenUserEvent CCOPS_CALLBACK closed {KNOWN} anyone",
        "set CCOPS_NEXT=promised",
        "play ccops/callback-promised",
        "set CCOPS_NEXT=hangup",
    ]


async def test_what_is_wrong_with_the_line() -> None:
    disturbed = Disturbed(SLOW_NET)
    line = Line("1100", keys=["1", "1"])
    await ivr(disturbances=disturbed).entry(line)
    assert disturbed.asked == ["1100"]
    assert "CELGenUserEvent CCOPS_DISTURBANCE 7" in line.done


async def test_trouble_with_what_ccops_knows_never_costs_the_call() -> None:
    memory = Memories()
    memory.broken = True
    line = Line("1100", keys=["1", "1"])
    with capture_logs() as logs:
        await ivr(memory=memory, disturbances=Broken(), blocks=Broken()).entry(line)
    assert line.done[0] == "ask ccops/greeting 5 1"
    assert line.done[-1] == "set CCOPS_QUEUE=jobs CCOPS_NEXT=queue"
    assert {entry.get("part", "recall") for entry in logs} == {
        "recall",
        "disturbances",
        "blocks",
        "memory",
    }
    told = {key: value for entry in logs for key, value in entry.items() if key != "exc_info"}
    assert SPOKEN not in str(told)


async def test_a_slow_memory_does_not_keep_the_caller_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "RECALL_WITHIN", 0.001)
    memory = Memories(Memory("ru"))
    memory.delay = 60
    line = Line("1100", keys=["1", "1"])
    with capture_logs() as logs:
        await ivr(memory=memory).entry(line)
    assert line.done[0] == "ask ccops/greeting 5 1"
    assert [entry["reason"] for entry in logs] == ["TimeoutError"]


@pytest.mark.parametrize("number", ["", "9999"])
async def test_a_line_that_is_not_there_is_left_to_the_fallback(number: str) -> None:
    line = Line(number)
    line.variables["CCOPS_LINE"] = number
    with capture_logs() as logs:
        await ivr().entry(line)
        await ivr().staff(line)
    assert line.done == []
    assert len(logs) == 2


async def test_staff() -> None:
    line = Line("1100", keys=["1", "4"])
    await ivr().entry(line)
    assert line.done[-3:] == [
        "CELGenUserEvent CCOPS_STAFF 301",
        "play ccops/connecting-staff",
        "set CCOPS_STAFF=301 CCOPS_QUEUE=anyone CCOPS_NEXT=staff",
    ]


@pytest.mark.parametrize(
    ("status", "done"),
    [
        ("ANSWER", ["play ccops/goodbye", "set CCOPS_NEXT=hangup"]),
        ("BUSY", ["play ccops/staff-absent", "set CCOPS_QUEUE=anyone CCOPS_NEXT=queue"]),
    ],
)
async def test_after_staff(status: str, done: list[str]) -> None:
    line = Line(status, "301")
    await ivr().staff(line)
    assert line.done == done


@pytest.mark.parametrize(
    ("status", "done"),
    [
        ("CONTINUE", ["play ccops/goodbye", "set CCOPS_NEXT=hangup"]),
        (
            "TIMEOUT",
            [
                "play ccops/still-busy",
                "set CCOPS_HEAD_START=100000000 CCOPS_QUEUE=jobs CCOPS_NEXT=queue",
            ],
        ),
    ],
)
async def test_after_the_queue(status: str, done: list[str]) -> None:
    line = Line(status, "jobs")
    await ivr().after(line)
    assert line.done == done


ASKED = "ask ccops/callback-offer ccops/callback-other ccops/callback-stay 5 1"
PROMISE = f"CELGenUserEvent CCOPS_CALLBACK queue {KNOWN} jobs"


async def test_key_1_in_the_queue() -> None:
    line = Line("jobs", keys=["1"])
    await ivr().callback(line)
    assert line.done == [
        ASKED,
        PROMISE,
        "set CCOPS_NEXT=promised",
        "play ccops/callback-promised",
        "set CCOPS_NEXT=hangup",
    ]


async def test_back_to_the_same_place() -> None:
    line = Line("jobs", keys=["*"])
    await ivr().callback(line)
    assert line.done[-1] == "set CCOPS_QUEUE=jobs CCOPS_NEXT=queue", "no other head start"


async def test_a_number_is_typed() -> None:
    line = Line("jobs", keys=["901234567", "1"], number="anonymous")
    await ivr().callback(line)
    assert line.done[0] == "ask ccops/callback-number ccops/callback-stay 7 16 *"
    assert "CELGenUserEvent CCOPS_CALLBACK queue +998901234567 jobs" in line.done


async def test_who_hangs_up_after_pressing_1_is_called_back() -> None:
    line = Line("jobs")
    line.hangs_up_at = "callback-offer"
    with pytest.raises(AgiHangup):
        await ivr().callback(line)
    assert line.done == [ASKED, PROMISE]


async def test_who_hangs_up_at_an_offer_has_accepted_nothing() -> None:
    line = Line("1100", keys=["1", ""])
    line.hangs_up_at = "callback-offer"
    with pytest.raises(AgiHangup):
        await ivr(CLOSING, at=MONDAY + timedelta(hours=6)).entry(line)
    assert line.done[-1] == "ask ccops/callback-offer ccops/callback-other 5 1"


async def test_an_asterisk_that_does_not_answer_is_no_caller_who_hung_up() -> None:
    line = Line("jobs")
    line.hangs_up_at, line.failure = "callback-offer", AgiTimeout("Too late.")
    with pytest.raises(AgiTimeout):
        await ivr().callback(line)
    assert line.done == [ASKED]


async def test_the_promise_of_who_hung_up_reaches_asterisk() -> None:
    """As Asterisk answers for a channel that has been hung up while a sound played."""

    async def key_1(session: AgiSession) -> None:
        session.headers |= {"agi_callerid": SPOKEN, "agi_arg_1": "jobs"}
        await ivr().callback(session)

    server = AgiServer("127.0.0.1", 0, {"entry": key_1})
    await server.start()
    try:
        async with call(server.port) as caller:
            commands = await caller.exchange(
                "200 result=-1 endpos=12000",
                "511 Command Not Permitted on a dead channel or intercept routine",
                "200 result=0",
            )
            assert await caller.command() == "", "the session ends"
    finally:
        await server.stop()
    assert commands[-1] == f'EXEC "CELGenUserEvent" "CCOPS_CALLBACK,queue {KNOWN} jobs"'
