"""Calendars: each opens some time, and whoever needs one has one."""

from __future__ import annotations

from collections.abc import Iterator

from ccops.config.menu_rules import actions
from ccops.config.model import Hotline
from ccops.config.wording import Finding


def calendars_open(hotline: Hotline) -> Iterator[Finding]:
    """A calendar without a single hour is a slip, not a plan."""
    for name, calendar in hotline.calendars.items():
        hours = (*calendar.week.values(), *(day.hours for day in calendar.days.values()))
        if not any(hours):
            yield Finding(
                ("calendars", name),
                "this calendar never opens",
                'Give a weekday its hours, for example mon-fri: "09:00-18:00"',
                of_key=True,
            )


def offices_known(hotline: Hotline) -> Iterator[Finding]:
    """What is said of the offices, and when staff can be called, follows a calendar."""
    if hotline.offices is not None:
        return
    for path, action in actions(hotline):
        if action.do == "offices":
            yield Finding(
                (*path, "do"),
                "nothing says when the ministry's offices are open",
                'Add "offices:" with the name of a calendar',
            )
    for number, member in hotline.staff.items():
        if member.hours is None:
            yield Finding(
                ("staff", number),
                "nothing says when this person can be called",
                'Add "hours:" here, or "offices:" for everybody, with the name of a calendar',
                of_key=True,
                refers=("staff", number, "hours"),
            )


def closing_lines(hotline: Hotline) -> Iterator[Finding]:
    """A menu for closed hours needs hours."""
    for number, line in hotline.lines.items():
        if line.closed_menu is not None and line.hours is None:
            yield Finding(
                ("lines", number, "closed_menu"),
                "a line without hours never closes, so nobody hears this menu",
                'Add "hours:" with the name of a calendar, or remove closed_menu',
                refers=("lines", number, "hours"),
            )
