"""hotline.yaml is changed while calls are under way."""

from __future__ import annotations

import signal
from copy import deepcopy
from typing import Any

import pytest

from ccops.simulator.caller import Caller
from ccops.simulator.network import Network
from ccops.simulator.phone import Conduct, Phone
from tests.e2e.listening import heard
from tests.e2e.running import Running, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("configuration")]


async def test_a_bad_file_is_refused_and_a_good_one_takes_effect_without_dropping_a_call(
    hotline: Running, network: Network
) -> None:
    phone = Phone(network, "201", conduct=Conduct())
    await phone.registered()
    await (await phone.dial("*11")).ended()
    talks = await _call(network, "+998905550131")
    await phone.talking()
    waits = await _call(network, "+998905550132")

    good = hotline.home.config.read_text(encoding="utf-8")
    hotline.home.config.write_text(good.replace("menu: main", "menu: nowhere"), encoding="utf-8")
    log = hotline.home.logs / "ccops.log"
    await eventually(lambda: "nowhere" in log.read_text(), 10, "the fault in the log")
    hotline.signal("ccops", signal.SIGKILL)
    await eventually(
        lambda: hotline.part("ccops")["restarts"] == 1 and hotline.ready(), 20, "ccops again"
    )
    unharmed = await Caller.dial(network, "+998905550133", "1176")
    await unharmed.answered()
    await heard(hotline, unharmed, "uz/greeting")
    await unharmed.hangup()

    hotline.home.config.write_text(good, encoding="utf-8")

    def change(content: dict[str, Any]) -> None:
        content["menus"]["main"]["keys"]["5"] = {"queue": "benefits"}
        content["queues"]["benefits"] = deepcopy(content["queues"]["support"])
        content["queues"]["benefits"]["max_callers"] = 1
        content["operators"]["205"] = {"name": "New Operator", "queues": ["benefits"]}
        content["prompts"]["main-menu"]["ru"] = "Новое меню. Пособия — пять."

    hotline.rewrite(change)
    await eventually(lambda: "benefits" in hotline.get("/api/v1/live")[1], 20, "the new queue")
    caller = await Caller.dial(network, "+998905550134", "1176")
    await caller.answered()
    await caller.press("2")
    await heard(hotline, caller, "ru/main-menu")
    await caller.press("5")

    def in_new_queue() -> bool:
        queues = {queue["name"]: queue for queue in hotline.live()["queues"]}
        return len(queues["benefits"]["waiting"]) == 1

    await eventually(in_new_queue, 10, "a caller in the new queue")
    refused = await Caller.dial(network, "+998905550135", "1176")
    await refused.answered()
    await refused.press("25")
    await heard(hotline, refused, "ru/queue-full")
    await refused.ended()
    assert hotline.post("/api/v1/operators/205/login")[0] in (200, 202)
    assert talks.up, "the call under way goes on"
    assert waits.up, "who waits keeps waiting"
    assert hotline.part("asterisk")["restarts"] == 0
    for one in (caller, waits, talks):
        await one.hangup()
    assert (await hotline.contact("+998905550131"))["outcome"] == "answered"
    assert (await hotline.contact("+998905550134"))["lost_cause"] == "abandoned"
    assert (await hotline.contact("+998905550135"))["lost_cause"] == "refused"


@pytest.mark.long
@pytest.mark.timeout(240)
async def test_who_waits_in_a_queue_that_is_taken_away_goes_on_in_the_lines_own(
    hotline: Running, network: Network
) -> None:
    before = hotline.home.config.read_text(encoding="utf-8")

    def add(content: dict[str, Any]) -> None:
        content["menus"]["main"]["keys"]["6"] = {"queue": "pensions"}
        content["queues"]["pensions"] = deepcopy(content["queues"]["support"])
        content["queues"]["pensions"]["max_wait"] = 60
        content["operators"]["206"] = {"name": "New Operator", "queues": ["pensions"]}

    hotline.rewrite(add)
    await eventually(lambda: "pensions" in hotline.get("/api/v1/live")[1], 20, "the new queue")
    caller = await Caller.dial(network, "+998905550136", "1176")
    await caller.answered()
    await caller.press("26")

    def waits_in(queue: str) -> bool:
        waiting = {each["name"]: len(each["waiting"]) for each in hotline.live()["queues"]}
        return waiting.get(queue) == 1

    await eventually(lambda: waits_in("pensions"), 15, "a caller in the new queue")
    hotline.home.config.write_text(before, encoding="utf-8")
    await eventually(lambda: waits_in("employment"), 100, "the caller in the line's own queue")
    assert caller.up
    await caller.hangup()


async def _call(network: Network, number: str) -> Caller:
    caller = await Caller.dial(network, number, "1176")
    await caller.answered()
    await caller.press("2")
    await caller.press("2")
    return caller
