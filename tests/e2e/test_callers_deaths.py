"""ccops killed or frozen while callers are in every phase: what each of them hears (point 8)."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ccops.config.calendar import WEEKDAYS
from ccops.simulator.network import Network
from ccops.simulator.phone import Conduct, Phone
from tests.e2e.countries import COUNTRIES, Site, always_open
from tests.e2e.running import eventually, running, telephone_network

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A copy of its own for each test: its processes get killed."""
    with running(request.param, always_open) as copy:
        yield Site(COUNTRIES[request.param], copy)


def _case(profile: str, blow: signal.Signals, name: str) -> Any:
    marks = [pytest.mark.xdist_group(f"{name} {profile}")]
    return pytest.param(
        profile,
        blow,
        id=f"{profile}-{name}",
        marks=marks if (profile, name) == ("uz", "killed") else [*marks, pytest.mark.long],
    )


@pytest.mark.parametrize(
    ("site", "blow"),
    [
        _case(profile, blow, name)
        for profile in COUNTRIES
        for blow, name in ((signal.SIGKILL, "killed"), (signal.SIGSTOP, "frozen"))
    ],
    indirect=["site"],
)
async def test_nobody_is_dropped_in_any_phase(site: Site, blow: signal.Signals) -> None:
    async with telephone_network(site.hotline) as network:
        await _strike(site, network, blow)


async def _strike(site: Site, network: Network, blow: signal.Signals) -> None:
    keys, extension = site.country.staff
    staff = Phone(network, extension, conduct=Conduct(answer_after=0.5))
    operator = Phone(network, site.country.operator, conduct=Conduct(answer_after=0.2))
    await staff.registered()
    await operator.registered()
    await (await operator.dial("*11")).ended()

    with_operator = await site.talking(network, operator)
    with_staff = await site.in_menu(network)
    await site.follow(with_staff, keys)
    staff_call = await staff.talking(20)
    waits = await site.in_queue(network)
    in_dialogue = await site.in_queue(network)
    await asyncio.to_thread(site.hotline.put_in_force, _closed)
    in_closed = await site.call(network)
    await in_closed.press("2")
    await site.heard(in_closed, "closed", timeout=10)
    await asyncio.to_thread(site.hotline.put_in_force, always_open)
    site.hotline.post("/api/v1/disturbances", {"line": "", "reason": "reason-data"})
    in_disturbance = await site.call(network)
    await in_disturbance.press("2")
    await site.heard(in_disturbance, "disturbance-now", timeout=10)
    in_menu = await site.call(network)
    await in_menu.press("2")
    await site.heard(in_menu, "disturbance-now", timeout=10)
    await in_menu.press(site.country.submenu[0])
    await site.heard(in_menu, site.country.submenu[1], timeout=10)
    greeted = await site.call(network)
    await site.heard(greeted, f"{site.first}/greeting")
    await in_dialogue.press("1")
    await site.heard(in_dialogue, "callback-offer", timeout=10)

    before = site.hotline.pid("ccops")
    site.hotline.signal("ccops", blow)
    for caller in (in_menu, in_disturbance, in_closed):
        said = await site.heard(caller, "disturbance", timeout=20)
        await site.heard(caller, "other-channels", after=said.at, timeout=15)
    for language in site.country.languages:
        await site.heard(greeted, f"{language}/disturbance", timeout=30)
    await site.heard(in_dialogue, "callback-promised", timeout=15)
    await in_dialogue.ended(15)

    await eventually(
        lambda: site.hotline.pid("ccops") != before and site.hotline.ready(), 20, "ccops is back"
    )
    for caller in (with_operator, with_staff, waits):
        assert caller.up, "who talks or waits notices nothing"
    assert staff_call.ended_at is None
    await eventually(lambda: site.waiting() == 5, 30, "all the others wait for an operator")
    await staff.hangup()
    await site.heard(with_staff, "goodbye", timeout=10)
    # Who talks hangs up last: the operator would take one of those who wait.
    for caller in (waits, in_closed, in_disturbance, in_menu, greeted):
        await caller.hangup()
        assert (await site.hotline.contact(caller.number))["outcome"] == "lost"
    await with_staff.hangup()
    assert (await site.hotline.contact(with_staff.number))["outcome"] == "self_served"
    await with_operator.hangup()
    assert (await site.hotline.contact(with_operator.number))["outcome"] == "answered"
    assert (await site.hotline.contact(in_dialogue.number))["outcome"] == "deferred"
    (promise,) = site.hotline.rows("SELECT * FROM promises")
    assert promise["number"] == in_dialogue.number
    assert len(site.hotline.rows("SELECT 1 FROM contacts")) == 8


def _closed(content: dict[str, Any]) -> None:
    """Every line, until tomorrow at nine."""
    today = datetime.now(ZoneInfo(content["time_zone"])).weekday()
    content["calendars"]["test"] = {"week": {WEEKDAYS[(today + 1) % 7]: "09:00-18:00"}}
    for line in content["lines"].values():
        line["hours"] = "test"
