"""Operators log in, out, pause and rest: by phone code, over the API, across restarts."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from ccops.simulator.caller import Caller
from ccops.simulator.network import Network
from ccops.simulator.phone import Conduct, Phone
from tests.e2e.listening import heard_by_phone
from tests.e2e.running import Running, eventually, running

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("operators")]


@pytest.fixture(scope="module")
def hotline(request: pytest.FixtureRequest) -> Iterator[Running]:
    def longer_wrap_up(content: dict[str, Any]) -> None:
        for queue in content["queues"].values():
            queue["wrap_up"] = 20

    failed = request.session.testsfailed
    with running(change=longer_wrap_up) as copy:
        yield copy
        copy.keep = request.session.testsfailed > failed


async def _state(hotline: Running, operator: str, state: str, timeout: float = 10) -> None:
    def shown() -> bool:
        return any(
            one["id"] == operator and one["state"] == state for one in hotline.live()["operators"]
        )

    await eventually(shown, timeout, f"operator {operator} {state}")


async def test_phone_codes(hotline: Running, network: Network) -> None:
    """Each code is answered in words, in the operator's language, and shows on the page."""
    phone = Phone(network, "204", conduct=Conduct())
    await phone.registered()
    for code, says, state in (
        ("*14", "ru/op-not-possible", "logged_out"),
        ("*11", "ru/op-logged-in", "ready"),
        ("*132", "ru/op-paused", "paused"),
        ("*14", "ru/op-pause-ended", "ready"),
        ("*139", "ru/op-unknown-code", "ready"),
        ("*12", "ru/op-logged-out", "logged_out"),
    ):
        call = await phone.dial(code)
        await call.ended()
        await heard_by_phone(hotline, call, says)
        await _state(hotline, "204", state)


async def test_the_api_does_the_same_and_says_what_is_wrong(
    hotline: Running, network: Network
) -> None:
    phone = Phone(network, "202")
    await phone.registered()
    base = "/api/v1/operators/202"
    assert hotline.post(f"{base}/login")[0] == 200
    await _state(hotline, "202", "ready")
    assert hotline.post(f"{base}/pause", {"reason": "lunch"})[0] == 200
    await _state(hotline, "202", "paused")
    status, body = hotline.post(f"{base}/pause", {"reason": "siesta"})
    assert (status, body["error"]["code"]) == (422, "pause_reason_unknown")
    assert "lunch" in body["error"]["remedy"]
    assert hotline.post(f"{base}/resume")[0] == 200
    await _state(hotline, "202", "ready")
    status, body = hotline.post("/api/v1/operators/999/login")
    assert (status, body["error"]["code"]) == (404, "operator_unknown")
    assert hotline.post(f"{base}/login", token="wrong")[0] == 401
    assert hotline.post(f"{base}/logout")[0] == 200
    await _state(hotline, "202", "logged_out")


async def test_wrap_up_follows_a_call_and_can_be_ended(hotline: Running, network: Network) -> None:
    phone = Phone(network, "204", conduct=Conduct(answer_after=0.1, talk=1.0))
    await phone.registered()
    await (await phone.dial("*11")).ended()
    first = await _waiting_caller(network, "+998905550121")
    await first.ended(30)
    await _state(hotline, "204", "wrap_up")
    second = await _waiting_caller(network, "+998905550122")
    await (await phone.dial("*14")).ended()
    await second.ended(15)
    contact = await hotline.contact("+998905550122")
    assert contact["outcome"] == "answered"
    assert contact["wait"] < 15, "answered before the wrap-up of 20 s was over"
    await (await phone.dial("*12")).ended()


async def test_wishes_survive_the_restart_of_either_side(
    hotline: Running, network: Network
) -> None:
    phone, other = Phone(network, "201"), Phone(network, "202")
    await phone.registered()
    await other.registered()
    await (await phone.dial("*11")).ended()
    await (await other.dial("*11")).ended()
    await (await other.dial("*131")).ended()
    for part in ("ccops", "asterisk"):
        before = hotline.pid(part)
        hotline.signal(part, signal.SIGKILL)
        await eventually(lambda: hotline.pid(part) not in (0, before), 15, f"a new {part}")  # noqa: B023
        await eventually(hotline.ready, 20, "ready again")
        await phone.plug_in()
        await other.plug_in()
        await _state(hotline, "201", "ready", timeout=40)
        await _state(hotline, "202", "paused", timeout=40)
    trail = hotline.rows(
        "SELECT logged_in, paused, reason, changed_by FROM operator_events"
        " WHERE operator = '202' ORDER BY id DESC LIMIT 2"
    )
    assert [tuple(row) for row in trail] == [(1, 1, "lunch", "phone"), (1, 0, "", "phone")]
    for operator in (phone, other):
        await (await operator.dial("*12")).ended()


async def test_a_ring_without_answer_goes_to_the_next_operator(
    hotline: Running, network: Network
) -> None:
    """Declined by one, taken by the other: two offers, one answered call, no second contact."""
    declines = Phone(network, "201", conduct=Conduct(decline_after=0.5))
    takes = Phone(network, "204", conduct=Conduct(answer_after=0.5, talk=1.0))
    for phone in (declines, takes):
        await phone.registered()
    await (await declines.dial("*11")).ended()
    number = "+998905550123"
    caller = await _waiting_caller(network, number)
    await declines.ringing()
    await (await takes.dial("*11")).ended()
    await takes.talking(40)
    await caller.ended(20)
    contact = await hotline.contact(number)
    assert contact["outcome"] == "answered"
    offers = hotline.rows(
        "SELECT operator, outcome FROM offers WHERE contact_id = ?", contact["id"]
    )
    found = {(row["operator"], row["outcome"]) for row in offers}
    assert ("204", "answered") in found
    assert ("201", "no_answer") in found
    assert len(hotline.rows("SELECT 1 FROM contacts WHERE number = ?", number)) == 1
    for phone in (declines, takes):
        await (await phone.dial("*12")).ended()


async def _waiting_caller(network: Network, number: str) -> Caller:
    """Chooses Russian and the second queue without listening to the end."""
    caller = await Caller.dial(network, number, "1176")
    await caller.answered()
    await caller.press("2")
    await caller.press("2")
    return caller
