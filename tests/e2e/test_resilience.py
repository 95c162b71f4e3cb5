"""ccops dies or freezes in the middle of calls (decision 3): nobody is dropped, nothing is lost."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from ccops.simulator.caller import Caller
from ccops.simulator.network import Network
from ccops.simulator.phone import Conduct, Phone
from tests.e2e.listening import heard
from tests.e2e.running import Running, eventually, running

pytestmark = [pytest.mark.e2e]


@pytest.fixture
def hotline() -> Iterator[Running]:
    """A copy of its own for each test: its processes get killed."""
    with running() as copy:
        yield copy


@pytest.mark.parametrize(
    ("blow", "in_queue_within"),
    [
        pytest.param(signal.SIGKILL, 13.0, id="killed", marks=pytest.mark.xdist_group("killed")),
        # 5 s until the supervisor is sure, then what is announced
        pytest.param(signal.SIGSTOP, 19.0, id="frozen", marks=pytest.mark.xdist_group("frozen")),
    ],
)
async def test_callers_in_every_phase_survive_ccops(
    hotline: Running, network: Network, blow: signal.Signals, in_queue_within: float
) -> None:
    phone = Phone(network, "201", conduct=Conduct(answer_after=0.2))
    await phone.registered()
    await (await phone.dial("*11")).ended()
    talks = await _into_queue(hotline, network, "+998905550111")
    call = await phone.talking()
    waits = await _into_queue(hotline, network, "+998905550112")
    in_menu = await Caller.dial(network, "+998905550113", "1176")
    await in_menu.answered()
    await in_menu.press("2")
    await heard(hotline, in_menu, "ru/main-menu")

    before = hotline.pid("ccops")
    struck = datetime.now(UTC)
    hotline.signal("ccops", blow)
    entered = await eventually(
        lambda: _entered(hotline, 3), in_queue_within + 3, "the caller of the menu in the queue"
    )
    assert (entered - struck).total_seconds() < in_queue_within
    said = await heard(hotline, in_menu, "ru/disturbance")
    await heard(hotline, in_menu, "ru/other-channels", after=said.at)

    await eventually(
        lambda: hotline.pid("ccops") != before and hotline.ready(), 20, "ccops is back"
    )
    assert talks.up, "who talks notices nothing"
    assert waits.up, "who waits notices nothing"
    assert call.ended_at is None
    assert hotline.part("ccops")["restarts"] == 1
    assert hotline.part("asterisk")["restarts"] == 0
    assert hotline.metric("ccops_supervisor_restarts_total", part="ccops") == 1

    def both_wait() -> bool:
        return sum(len(queue["waiting"]) for queue in hotline.live()["queues"]) == 2

    await eventually(both_wait, 10, "both waiting callers on the page of the new ccops")
    for caller in (in_menu, waits, talks):
        await caller.hangup()
    assert (await hotline.contact("+998905550111"))["outcome"] == "answered"
    for number in ("+998905550112", "+998905550113"):
        contact = await hotline.contact(number)
        assert (contact["outcome"], contact["language"]) == ("lost", "ru")
    assert len(hotline.rows("SELECT 1 FROM contacts")) == 3


@pytest.mark.xdist_group("frozen-nobody")
async def test_frozen_with_nobody_logged_in_the_number_is_taken_for_a_callback(
    hotline: Running, network: Network
) -> None:
    """The language is not known yet, so the disturbance is announced in both."""
    hotline.signal("ccops", signal.SIGSTOP)
    number = "+998905550114"
    caller = await Caller.dial(network, number, "1176")
    await caller.answered()
    await heard(hotline, caller, "uz/disturbance", timeout=15)
    await heard(hotline, caller, "ru/disturbance", timeout=15)
    await heard(hotline, caller, "uz/callback-offer", timeout=15)
    await caller.press("1")
    await heard(hotline, caller, "uz/callback-promised")
    await caller.ended(15)

    def promised() -> bool:
        return [row["number"] for row in hotline.rows("SELECT number FROM promises")] == [number]

    await eventually(promised, 20, "the promise in the database of the new ccops")
    assert (await hotline.contact(number))["outcome"] == "deferred"


async def _into_queue(hotline: Running, network: Network, number: str) -> Caller:
    """A caller who has chosen Russian and the second queue."""
    before = len(_entries(hotline))
    caller = await Caller.dial(network, number, "1176")
    await caller.answered()
    await caller.press("2")
    await heard(hotline, caller, "ru/main-menu")
    await caller.press("2")
    await eventually(lambda: len(_entries(hotline)) > before, 10, "the caller in the queue")
    return caller


def _entries(hotline: Running) -> list[datetime]:
    """When callers entered queues, as Asterisk itself wrote it."""
    lines = hotline.home.queue_log.read_text(encoding="utf-8").splitlines()
    return [
        datetime.fromtimestamp(int(line.split("|")[0]), UTC)
        for line in lines
        if line.split("|")[4] == "ENTERQUEUE"
    ]


def _entered(hotline: Running, callers: int) -> datetime | None:
    entries = _entries(hotline)
    return entries[-1] if len(entries) >= callers else None
