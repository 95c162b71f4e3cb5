"""Closed lines and offices, disturbances and blocked numbers (issue 3, points 3 and 4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ccops.config.calendar import WEEKDAYS
from ccops.simulator.network import Network
from tests.e2e.countries import Site, always_open, each_profile

pytestmark = [pytest.mark.e2e]


@each_profile("hours")
async def test_a_closed_line_says_when_it_opens_and_takes_the_number(
    site: Site, citizens: Network
) -> None:
    """Closed today: it opens tomorrow at nine. The number is left for a callback."""
    with _closed_until_tomorrow(site):
        caller = await site.call(citizens)
        await caller.press("2")
        told = await site.heard(caller, "closed", timeout=10)
        await site.heard(caller, "opens", after=told.at, timeout=10)
        day = await site.heard(caller, "tomorrow", after=told.at, timeout=10)
        hour = await site.heard(caller, "hour-9", after=day.at, timeout=10)
        if site.country.closed_menu:
            await site.heard(caller, site.country.closed_menu, after=hour.at, timeout=10)
            await caller.press("1")
        offered = await site.heard(caller, "callback-offer", after=hour.at, timeout=10)
        await caller.press("1")
        await site.heard(caller, "callback-promised", after=offered.at)
        await caller.ended(15)
        contact = await site.hotline.contact(caller.number)
        assert contact["outcome"] == "deferred"
        (promise,) = site.hotline.rows("SELECT * FROM promises WHERE number = ?", caller.number)
        assert (promise["kind"], promise["line"], promise["language"]) == (
            "closed",
            site.country.line,
            site.second,
        )

        caller = await site.call(citizens)
        await caller.press("2")
        closed = await site.heard(caller, "closed", timeout=10)
        offer = site.country.closed_menu or "callback-offer"
        await site.heard(caller, offer, after=closed.at, timeout=30)
        await caller.press("0")  # who asks for an operator all the same is told, and not queued
        await caller.hangup()
        assert (await site.hotline.contact(caller.number))["outcome"] == "left_in_menu"


@each_profile("hours")
async def test_the_offices_hours_are_told_by_their_own_calendar(
    site: Site, citizens: Network
) -> None:
    """The line is open, the offices are not; then they are."""
    with _closed_until_tomorrow(site, line=False):
        caller = await site.in_menu(citizens)
        await site.follow(caller, site.country.offices)
        told = await site.heard(caller, "offices-closed", timeout=12)
        day = await site.heard(caller, "tomorrow", after=told.at, timeout=10)
        await site.heard(caller, "hour-9", after=day.at)
        await caller.hangup()
    caller = await site.in_menu(citizens)
    await site.follow(caller, site.country.offices)
    await site.heard(caller, "offices-open", timeout=12)
    await caller.hangup()


@each_profile("hours")
async def test_a_disturbance_is_announced_at_once_and_ended(site: Site, citizens: Network) -> None:
    """From the command line, with reason and time; over the API, in own words, for all lines."""
    soon = _now(site) + timedelta(days=1)
    said = site.hotline.command(
        "disturbance",
        "on",
        "--reason",
        "reason-power",
        "--until",
        soon.replace(hour=15, minute=30).strftime("%Y-%m-%d %H:%M"),
    )
    assert "reason-power" in said or "disturbance" in said.lower()
    caller = await site.call(citizens)
    await caller.press("2")
    last = await site.heard(caller, "disturbance-now", timeout=10)
    parts = ("reason-power", "other-channels", "resumes", "tomorrow", "hour-and-15", "minute-30")
    for prompt in parts:
        last = await site.heard(caller, prompt, after=last.at, timeout=15)
    menu = await site.heard(caller, "main-menu", after=last.at, timeout=10)
    assert menu.at > last.at, "the call goes on"
    await caller.hangup()
    site.hotline.command("disturbance", "off", "--all")

    texts = dict.fromkeys(site.country.languages, "Test 1 2 3, test 1 2 3.")
    status, body = site.hotline.post(
        "/api/v1/disturbances", {"line": "", "texts": texts, "stops_calls": True}
    )
    assert status in (200, 201), body
    caller = await site.call(citizens)
    await caller.press("2")
    told = await site.heard(caller, "disturbance-now", timeout=10)
    own = await site.heard(caller, body["reason"], after=told.at, timeout=10)
    offered = await site.heard(caller, "callback-offer", after=own.at, timeout=30)
    await caller.press("1")
    await site.heard(caller, "callback-promised", after=offered.at)
    await caller.ended(15)
    await site.hotline.contact(caller.number)
    (promise,) = site.hotline.rows("SELECT kind FROM promises WHERE number = ?", caller.number)
    assert promise["kind"] == "disturbance"
    status, _ = site.hotline.post(f"/api/v1/disturbances/{body['id']}/end")
    assert status == 200
    caller = await site.call(citizens)
    await caller.press("2")
    menu = await site.heard(caller, "main-menu")
    assert menu.at < 4, "nothing is told any more"
    await caller.hangup()


@each_profile("hours")
async def test_a_blocked_number_is_told_so_until_the_block_is_lifted(
    site: Site, citizens: Network
) -> None:
    number = site.new_number()
    site.hotline.command("block", "add", number, "--for", "7d", "--reason", "threats")
    caller = await site.call(citizens, number)
    for language in site.country.languages:
        await site.heard(caller, f"{language}/blocked", timeout=15)
    await caller.ended(20)
    assert (await site.hotline.contact(number))["outcome"] == "left_in_menu"
    other = await site.in_menu(citizens)
    await other.hangup()
    site.hotline.command("block", "lift", number)
    caller = await site.in_menu(citizens, number)
    await caller.hangup()
    (block,) = site.hotline.rows("SELECT * FROM blocks WHERE number = ?", number)
    assert block["lifted_at"]
    assert block["reason"] == "threats"


@contextmanager
def _closed_until_tomorrow(site: Site, *, line: bool = True) -> Iterator[None]:
    """The line, or only the offices, open tomorrow from nine to eighteen, and not today."""
    tomorrow = WEEKDAYS[(_now(site).weekday() + 1) % 7]

    def close(content: dict[str, Any]) -> None:
        content["calendars"]["test"] = {"week": {tomorrow: "09:00-18:00"}}
        content["offices"] = "test"
        if line:
            content["lines"][site.country.line]["hours"] = "test"

    def reopen(content: dict[str, Any]) -> None:
        del content["calendars"]["test"]
        always_open(content)

    site.hotline.put_in_force(close)
    try:
        yield
    finally:
        site.hotline.put_in_force(reopen)


def _now(site: Site) -> datetime:
    return datetime.now(ZoneInfo(site.hotline.hotline.time_zone))
