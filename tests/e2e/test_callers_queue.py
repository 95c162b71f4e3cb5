"""Waiting: place, time, price, key 1, returning, skills; the ledger of it (points 5 and 6)."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from ccops.simulator.caller import Caller
from ccops.simulator.ear import Heard
from ccops.simulator.matching import RATE
from ccops.simulator.network import Network
from ccops.simulator.phone import Conduct, Phone
from tests.e2e.countries import Site, each_profile
from tests.e2e.listening import heard_after, sound_of
from tests.e2e.running import eventually

pytestmark = [pytest.mark.e2e]

LONGEST = 16.0
"""Seconds; no announcement is longer."""
NOBODY = "_x"
"""Marks an announcement made while no operator is at work."""


@pytest.mark.long  # the minute itself is in test_call
@each_profile("minute")
async def test_place_time_and_price_after_three_seconds_and_then_each_minute(
    site: Site, citizens: Network
) -> None:
    """One operator, who talks; two wait. The second asked for slower speech."""
    phone = await _operator(site, citizens, Conduct(answer_after=0.2))
    talks = await site.talking(citizens, phone)
    head = await site.in_queue(citizens)
    slow = await site.in_menu(citizens)
    await slow.press("7")
    await site.heard(slow, f"{site.second}_slow/slower-on")
    await site.follow(slow, site.country.to_queue)
    await eventually(lambda: site.waiting() == 2, 10, "the second waits")

    first = await _announced(site, head, f"{site.second}_p1_m", timeout=10)
    assert sound_length(site, first.name) <= 3.0, "the next caller's is short"
    second_caller = await _announced(site, slow, f"{site.second}_p2_m", timeout=10)
    assert second_caller.name.endswith("_free_slow/wait"), second_caller.name
    again = await _announced(site, head, f"{site.second}_p1_m", after=first.at + 5, timeout=70)
    assert again.at - first.at == pytest.approx(60, abs=1.6), "each minute"

    def kept() -> list[Any]:
        return [
            row
            for row in site.hotline.rows(
                "SELECT * FROM announcements WHERE call = ?", _call(site, 0)
            )
            if row["spoken"] is not None
        ]

    rows = await eventually(lambda: len(kept()) >= 2 and kept(), 10, "the ledger has both")
    assert rows[0]["waited"] == pytest.approx(3, abs=1.5)
    assert rows[0]["promised"] >= rows[0]["expected"] > 0
    assert {row["queue"] for row in rows} == {site.country.queue}
    await talks.hangup()
    await phone.talking()
    answered = await eventually(
        lambda: [row for row in kept() if row["fate"] == "answered"], 15, "what happened is kept"
    )
    assert answered[0]["actual"] > answered[-1]["actual"] >= 0
    await head.hangup()
    await slow.hangup()
    await _log_out(phone)


@each_profile("queue")
async def test_key_1_takes_a_callback_and_star_keeps_the_place(
    site: Site, citizens: Network
) -> None:
    """Nobody at work. The first presses 1 and thinks better of it; the second takes a callback."""
    first = await site.in_queue(citizens)
    second = await site.in_queue(citizens)
    told = await _announced(site, first, f"{site.second}_p1", timeout=10)
    assert NOBODY in told.name, "that nobody is at work is said"
    await first.press("1")
    offer = await site.heard(first, "callback-offer", after=told.at)
    await first.press("*")
    declined = await site.heard(first, "callback-declined", after=offer.at)
    back = await _announced(site, first, f"{site.second}_p1", after=declined.at, timeout=12)
    length = sound_length(site, f"{site.second}/callback-declined")
    assert back.at - (declined.at + length) < 5.5, "told the place again within five seconds"
    order = [
        caller["number"] for queue in site.hotline.live()["queues"] for caller in queue["waiting"]
    ]
    assert [number[-2:] for number in order] == [first.number[-2:], second.number[-2:]]

    await second.press("1")
    await site.heard(second, "callback-offer")
    await second.press("1")
    await site.heard(second, "callback-promised")
    await second.ended(15)
    contact = await site.hotline.contact(second.number)
    assert contact["outcome"] == "deferred"
    visits = site.hotline.rows("SELECT * FROM visits WHERE contact_id = ?", contact["id"])
    assert [(visit["queue"], visit["outcome"]) for visit in visits] == [(site.country.queue, "key")]
    (promise,) = site.hotline.rows("SELECT * FROM promises WHERE number = ?", second.number)
    assert (promise["kind"], promise["queue"]) == ("queue", site.country.queue)
    assert promise["arrived_at"][:19] == visits[0]["entered_at"][:19], "the place is kept"
    await first.hangup()
    await site.hotline.contact(first.number)


@each_profile("queue")
async def test_callers_wait_for_somebody_who_speaks_their_language(
    site: Site, citizens: Network
) -> None:
    """Where the operators of a queue differ; an operator of one language hears no other caller."""
    if site.country.skill_queue == site.country.queue:
        names = {queue["name"] for queue in site.hotline.live()["queues"]}
        assert site.country.queue in names
        assert not any("_" in name for name in names), "one queue where everybody speaks everything"
        return
    only = {"kz": ("204", "2"), "az": ("205", "1")}[site.country.profile]
    operator, language_key = only
    bilingual = await _operator(site, citizens, Conduct(answer_after=None))
    phone = Phone(citizens, operator, conduct=Conduct(answer_after=0.2, talk=2.0))
    await phone.registered()
    await (await phone.dial("*11")).ended()
    await _pause(bilingual)
    other_key = "1" if language_key == "2" else "2"
    stranger = await _waits(site, citizens, other_key)
    await eventually(lambda: site.waiting() == 1, 10, "the stranger waits")
    understood = await _waits(site, citizens, language_key)
    call = await phone.talking()
    assert call.caller_number[-7:] == understood.number[-7:]
    await call.ended()
    assert site.waiting() == 1, "nobody who does not understand is called"
    assert len(phone.calls) == 1
    await stranger.hangup()
    await _log_out(phone)
    await _log_out(bilingual)


@each_profile("queue")
async def test_what_was_announced_and_what_happened_is_reported(
    site: Site, citizens: Network
) -> None:
    """One who is answered, one who gives up: command, metrics."""
    phone = await _operator(site, citizens, Conduct(answer_after=0.2))
    talks = await site.talking(citizens, phone)
    waits, leaves = await site.in_queue(citizens), await site.in_queue(citizens)
    await _announced(site, waits, f"{site.second}_p1_m", timeout=10)
    await _announced(site, leaves, f"{site.second}_p2_m", timeout=10)
    await leaves.hangup()
    await talks.hangup()
    await phone.talking()
    await eventually(lambda: _reported(site) >= {"answered", "left"}, 20, "both fates are kept")
    await waits.hangup()
    done = await asyncio.to_thread(site.hotline.command, "report", "announcements")
    assert site.country.queue in done
    assert site.hotline.metric("ccops_announcements_total", queue=site.country.queue, result="kept")
    csv = await asyncio.to_thread(
        site.hotline.command, "report", "announcements", "--format", "csv"
    )
    assert site.country.prefix[1:] not in csv, "no caller's number"
    rows = site.hotline.rows("SELECT 1 FROM announcements")
    assert len(csv.strip().splitlines()) == len(rows) + 1
    await _log_out(phone)


def _reported(site: Site) -> set[str]:
    return {row["fate"] for row in site.hotline.rows("SELECT fate FROM announcements")}


async def _operator(site: Site, citizens: Network, conduct: Conduct) -> Phone:
    phone = Phone(citizens, site.country.operator, conduct=conduct)
    await phone.registered()
    await (await phone.dial("*11")).ended()
    return phone


async def _pause(phone: Phone) -> None:
    await (await phone.dial("*131")).ended()


async def _log_out(phone: Phone) -> None:
    """Also ends a pause, so that the next test finds nobody at work."""
    await phone.idle()
    await (await phone.dial("*12")).ended()


async def _waits(site: Site, citizens: Network, language_key: str) -> Caller:
    caller = await site.call(citizens)
    await caller.press(language_key)
    language = site.country.languages[int(language_key) - 1]
    await site.heard(caller, f"{language}/main-menu")
    await site.follow(caller, site.country.to_queue)
    return caller


def _call(site: Site, place: int) -> str:
    """Uniqueid of the caller whose announcements came first or later in the ledger's order."""
    rows = site.hotline.rows(
        "SELECT call, MIN(id) AS first FROM announcements GROUP BY call ORDER BY 2"
    )
    return str(rows[place]["call"])


async def _announced(
    site: Site, caller: Caller, beginning: str, *, after: float = 0.0, timeout: float
) -> Heard:
    """The announcement whose variant begins like that, once enough of it was heard to know."""
    assert caller.recording is not None
    recording = caller.recording
    sounds = {
        f"{path.parent.parent.name}/wait": path
        for path in site.hotline.home.sounds.glob(f"{beginning}*/ccops/wait.alaw")
    }
    assert sounds, f"there is no announcement {beginning}"

    def find() -> Heard | None:
        """The longest that fits, once so much more was recorded that none can go on."""
        hits = [hit for hit in heard_after(recording, sounds, after) if not hit.cut]
        return hits[0] if hits and _seconds(recording) > hits[0].at + LONGEST else None

    end = time.monotonic() + timeout + LONGEST
    while (found := await asyncio.to_thread(find)) is None:
        assert time.monotonic() < end, f"the announcement {beginning} was not heard"
        await asyncio.sleep(1.0)
    return found


def _seconds(recording: Path) -> float:
    return recording.stat().st_size / 2 / RATE


def sound_length(site: Site, name: str) -> float:
    """Seconds."""
    return sound_of(site.hotline, name).stat().st_size / RATE
