"""A citizen's call from the greeting to the record of it, heard with the citizen's ears."""

from __future__ import annotations

import pytest

from ccops.simulator import voices
from ccops.simulator.caller import Caller
from ccops.simulator.ear import Ear
from ccops.simulator.network import Network
from ccops.simulator.phone import Conduct, Phone
from tests.e2e.listening import heard
from tests.e2e.running import Running, eventually

pytestmark = [pytest.mark.e2e]

NUMBER = "+998905550101"
SPEAKERS = ("operator", "citizen")
QUIET = -50.0
"""dB relative to full scale; silence is far below."""


@pytest.mark.xdist_group("call")
@pytest.mark.timeout(240)
async def test_a_call_in_russian_waits_is_answered_and_recorded(
    hotline: Running, network: Network
) -> None:
    """Language by key, menu, queue with an announcement after 3 s and 60 s later, an operator."""
    caller = await Caller.dial(network, NUMBER, "1176")
    answered = await caller.answered()
    await heard(hotline, caller, "uz/greeting", at=0.0)
    await caller.press("2")
    menu = await heard(hotline, caller, "ru/main-menu", after=0.5)
    assert menu.at < 4, "the greeting stops at the key"
    await caller.press("1")
    await _waiting(hotline, 1)

    first = await heard(hotline, caller, "ru_p1/wait", timeout=10)
    queued = menu.at + (caller.presses[1].at - caller.presses[0].at).total_seconds()
    assert first.at == pytest.approx(queued + 3, abs=1.0)
    second = await heard(hotline, caller, "ru_p1/wait", after=first.at + 5, timeout=70)
    # app_queue counts in whole seconds of the clock, and looks once a second.
    assert second.at - first.at == pytest.approx(60, abs=1.6), "every minute, to the second"
    assert caller.recording is not None
    music = Ear(caller.recording).level(first.at + 10, second.at - 2)
    assert music > QUIET, "music between the announcements"

    # Longer than a voice's melody and a second: its beginning, by which it is found, is then heard.
    phone = Phone(network, "201", conduct=Conduct(answer_after=1.0, talk=6.0))
    await phone.registered()
    code = await phone.dial("*11")
    await code.ended()
    call = await phone.talking()
    assert call.caller_number.endswith("905550101"), "the operator sees who calls"
    await call.ended()
    await heard(hotline, caller, "ru/goodbye", after=second.at, timeout=10)
    assert call.recording is not None
    operator, citizen = (voices.file(network.folder / "voices", name) for name in SPEAKERS)
    assert Ear(caller.recording).find(operator), "the caller heard the operator"
    assert Ear(call.recording).find(citizen), "the operator heard the caller"
    await caller.ended()
    assert caller.ended_at is not None

    contact = await hotline.contact(NUMBER)
    assert contact["outcome"] == "answered"
    assert contact["language"] == "ru"
    assert contact["line"] == "1176"
    assert contact["sub_line"] == "employment"
    assert contact["wait"] == pytest.approx(
        (call.answered_at - answered).total_seconds() - queued, abs=1.5
    )
    assert contact["talk"] == pytest.approx(6, abs=1)
    legs = hotline.rows(
        "SELECT role, party FROM legs WHERE contact_id = ? ORDER BY started_at", contact["id"]
    )
    assert [(leg["role"], leg["party"]) for leg in legs] == [
        ("caller", NUMBER),
        ("operator", "201"),
    ]
    visits = hotline.rows("SELECT * FROM visits WHERE contact_id = ?", contact["id"])
    assert [(visit["queue"], visit["outcome"], visit["operator"]) for visit in visits] == [
        ("employment", "answered", "201")
    ]
    assert hotline.metric(
        "ccops_contacts_total", line="1176", sub_line="employment", outcome="answered"
    ) == len(hotline.rows("SELECT 1 FROM contacts WHERE outcome = 'answered'"))


@pytest.mark.xdist_group("short calls")
async def test_the_first_language_and_giving_up(hotline: Running, network: Network) -> None:
    """In Uzbek, without an operator: the caller hangs up and is recorded as lost."""
    number = "+998905550102"
    caller = await Caller.dial(network, number, "1176")
    await caller.answered()
    await caller.press("1")
    await heard(hotline, caller, "uz/main-menu")
    await caller.press("2")
    await _waiting(hotline, 1)
    await heard(hotline, caller, "uz_p1/wait", timeout=10)
    await caller.hangup()
    contact = await hotline.contact(number)
    assert (contact["outcome"], contact["lost_cause"]) == ("lost", "abandoned")
    assert (contact["language"], contact["sub_line"]) == ("uz", "support")
    assert contact["wait"] > 3


@pytest.mark.xdist_group("short calls")
async def test_the_page_shows_who_waits_with_a_masked_number(
    hotline: Running, network: Network
) -> None:
    callers = []
    for number in ("+998905550103", "+998905550104"):
        caller = await Caller.dial(network, number, "1176")
        await caller.answered()
        await caller.press("2")
        await heard(hotline, caller, "ru/main-menu")
        await caller.press("2")
        callers.append(caller)
        await _waiting(hotline, len(callers))
    await heard(hotline, callers[1], "ru_p2/wait", timeout=10)
    body = hotline.get("/api/v1/live")[1]
    assert "905550103" not in body
    assert "905550103" not in hotline.get("/")[1]
    assert hotline.metric("ccops_queue_waiting", queue="support") == 2
    assert hotline.metric("ccops_queue_longest_wait_seconds", queue="support") > 0
    for caller in callers:
        await caller.hangup()
    await _waiting(hotline, 0)


@pytest.mark.xdist_group("short calls")
async def test_a_withheld_number_and_information_only(hotline: Running, network: Network) -> None:
    """Information heard to its end, then the caller leaves: self-served, nobody was asked for."""
    before = len(hotline.rows("SELECT 1 FROM contacts WHERE outcome = 'self_served'"))
    caller = await Caller.dial(network, None, "1176")
    await caller.answered()
    await caller.press("2")
    await heard(hotline, caller, "ru/main-menu")
    await caller.press("3")
    await heard(hotline, caller, "ru/information-menu")
    await caller.press("3")
    told = await heard(hotline, caller, "ru/working-hours", timeout=25, whole=True)
    await heard(hotline, caller, "ru/information-menu", after=told.at + 1, timeout=10)
    await caller.hangup()

    def recorded() -> bool:
        rows = hotline.rows("SELECT number FROM contacts WHERE outcome = 'self_served'")
        return len(rows) == before + 1 and rows[-1]["number"] == ""

    await eventually(recorded, 15, "a self-served contact without a number")


@pytest.mark.xdist_group("silence")
async def test_silence_at_the_greeting_reaches_an_operator(
    hotline: Running, network: Network
) -> None:
    caller = await Caller.dial(network, "+998905550105", "1176")
    await caller.answered()
    await _waiting(hotline, 1, timeout=60)
    await caller.hangup()
    contact = await hotline.contact("+998905550105")
    assert contact["outcome"] == "lost"
    assert contact["sub_line"] == "employment"


async def _waiting(hotline: Running, callers: int, timeout: float = 10) -> None:
    def waiting() -> bool:
        return sum(len(queue["waiting"]) for queue in hotline.live()["queues"]) == callers

    await eventually(waiting, timeout, f"{callers} callers waiting on the live page")
