"""Languages and menus, as callers of each profile hear them (issue 3, points 1 and 2)."""

from __future__ import annotations

import pytest

from ccops.simulator.network import Network
from ccops.simulator.phone import Conduct, Phone
from tests.e2e.countries import Site, each_profile
from tests.e2e.running import eventually

pytestmark = [pytest.mark.e2e]


@each_profile("menus")
async def test_the_language_is_chosen_remembered_and_changed_in_any_menu(
    site: Site, citizens: Network
) -> None:
    number = site.new_number()
    caller = await site.call(citizens, number)
    await site.heard(caller, f"{site.first}/greeting", at=0.0)
    await caller.press("2")
    menu = await site.heard(caller, "main-menu", after=0.5)
    assert menu.at < 4, "the greeting stops at the key"
    await caller.hangup()

    await eventually(lambda: _remembered(site, number) == site.second, 5, "the language is kept")
    caller = await site.call(citizens, number)
    known = await site.heard(caller, "greeting-known", at=0.0, timeout=20, whole=True)
    menu = await site.heard(caller, "main-menu", after=known.at + known.duration - 0.5, timeout=6)
    assert menu.at < known.at + known.duration + 2, "no key is waited for"
    await caller.press(site.country.submenu[0])
    await site.heard(caller, site.country.submenu[1])
    await caller.press("8")
    await site.heard(caller, "language", after=menu.at + 1)
    await caller.press("1")
    await site.heard(caller, f"{site.first}/{site.country.submenu[1]}")
    await caller.hangup()

    await eventually(lambda: _remembered(site, number) == site.first, 5, "the change is kept")
    caller = await site.call(citizens, number)
    await site.heard(caller, f"{site.first}/greeting-known", at=0.0)
    await caller.press("2")  # the same key as at the first greeting, as fingers have learnt it
    await site.heard(caller, "main-menu")
    await caller.hangup()


@each_profile("menus")
async def test_menus_of_three_levels_information_and_the_keys_that_hold_everywhere(
    site: Site, citizens: Network
) -> None:
    caller = await site.in_menu(citizens)
    keys, information = site.country.deepest
    await site.follow(caller, keys[:1])
    first = await site.heard(caller, site.country.submenu[1])
    await site.follow(caller, keys[1:])
    told = await site.heard(caller, information, after=first.at, timeout=25, whole=True)
    third = await site.heard(caller, "branches-menu", after=told.at, timeout=10)
    await caller.press("9")
    again = await site.heard(caller, "branches-menu", after=third.at + 0.8)
    await caller.press("*")
    second = await site.heard(caller, site.country.submenu[1], after=again.at + 0.5)
    await caller.press("7")
    slowly = await site.heard(caller, f"{site.second}_slow/slower-on", after=second.at)
    submenu = f"{site.second}_slow/{site.country.submenu[1]}"
    await site.heard(caller, submenu, after=slowly.at, timeout=12)
    await caller.press("7")
    usual = await site.heard(caller, "slower-off", after=slowly.at + 1)
    await caller.press("*")
    top = await site.heard(caller, "main-menu", after=usual.at + 0.5, timeout=10)
    await site.follow(caller, site.country.complaints)
    await site.heard(caller, "complaints", after=top.at, timeout=12)
    await caller.press("0")
    await eventually(lambda: site.waiting() == 1, 10, "key 0 leads to an operator")
    await caller.hangup()
    contact = await site.hotline.contact(caller.number)
    assert contact["outcome"] == "lost"
    assert contact["language"] == site.second


@each_profile("menus")
async def test_wrong_keys_are_told_twice_and_then_lead_to_an_operator(
    site: Site, citizens: Network
) -> None:
    caller = await site.in_menu(citizens)
    heard_at = 0.0
    for _ in range(2):
        await caller.press(site.country.unused)
        wrong = await site.heard(caller, "wrong-key", after=heard_at)
        menu = await site.heard(caller, "main-menu", after=wrong.at)
        heard_at = menu.at
    await caller.press(site.country.unused)
    await eventually(lambda: site.waiting() == 1, 10, "an operator after the third")
    await caller.hangup()


@each_profile("menus")
async def test_staff_are_reached_from_the_menu_and_replaced_by_an_operator_when_away(
    site: Site, citizens: Network
) -> None:
    keys, extension = site.country.staff
    phone = Phone(citizens, extension, conduct=Conduct(answer_after=1.0, talk=3.0))
    await phone.registered()
    caller = await site.in_menu(citizens)
    await site.follow(caller, keys)
    await site.heard(caller, "connecting-staff", timeout=12)
    call = await phone.talking()
    await call.ended()
    await site.heard(caller, "goodbye", timeout=10)
    await caller.ended()
    contact = await site.hotline.contact(caller.number)
    legs = site.hotline.rows(
        "SELECT role, party FROM legs WHERE contact_id = ? ORDER BY started_at", contact["id"]
    )
    assert [tuple(leg) for leg in legs] == [("caller", caller.number), ("staff", extension)]
    assert contact["outcome"] == "self_served"

    phone.conduct = Conduct(answer_after=None, decline_after=1.0)
    caller = await site.in_menu(citizens)
    await site.follow(caller, keys)
    await site.heard(caller, "staff-absent", timeout=15)
    await eventually(lambda: site.waiting() == 1, 10, "an operator instead")
    await caller.hangup()
    assert (await site.hotline.contact(caller.number))["outcome"] == "lost"


def _remembered(site: Site, number: str) -> str:
    rows = site.hotline.rows("SELECT language FROM callers WHERE number = ?", number)
    return str(rows[0]["language"]) if rows else ""
