"""AMI's words into the domain's; the events are Asterisk 22's own, shortened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from ccops.asterisk.access import MANAGER_ACCESS
from ccops.asterisk.ami import AmiLink, Event
from ccops.asterisk.live import EVENTS, LiveFeed, picture, translate
from ccops.domain.live import Waiting
from ccops.domain.live_events import (
    AnnouncementStarted,
    CallerGaveUp,
    CallerJoined,
    CallerLeft,
    Device,
    LiveEvent,
    Member,
    MemberChanged,
    MemberRemoved,
    OperatorCompleted,
    OperatorConnected,
    Resync,
)
from ccops.domain.operators import operator_of
from tests.manual_clock import ManualClock

AT = datetime(2026, 11, 22, 1, 14, 2, tzinfo=UTC)
CHANNEL = """
Channel: PJSIP/trunk-00000004
CallerIDNum: +998900000001
Language: uz_p3_m5
Uniqueid: 1795310041.4
Linkedid: 1795310041.4
"""
MEMBER = """
Queue: support
MemberName: 101
Interface: PJSIP/101
StateInterface: PJSIP/101
Membership: dynamic
CallsTaken: 1
LastCall: 1795310044
LastPause: 1795310048
InCall: 0
Status: 6
Paused: 1
PausedReason: lunch
Wrapuptime: 0
"""
MEMBER_101 = Member(
    "support",
    "101",
    Device.RINGING,
    True,
    "lunch",
    False,
    datetime(2026, 11, 22, 1, 14, 4, tzinfo=UTC),
)
CALLER = Waiting(
    call="1795310041.4",
    channel="PJSIP/trunk-00000004",
    queue="support",
    number="+998900000001",
    language="uz",
    joined_at=AT,
    position=2,
)


def ami(name: str, *blocks: str) -> Event:
    lines = [line.partition(": ") for block in blocks for line in block.strip().splitlines()]
    return Event(name, {header: value for header, _, value in lines})


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            ami("QueueCallerJoin", CHANNEL, "Queue: support\nPosition: 2\nCount: 2"),
            CallerJoined(CALLER),
        ),
        (
            ami("QueueCallerLeave", CHANNEL, "Queue: support\nPosition: 1\nCount: 0"),
            CallerLeft("support", "1795310041.4", AT),
        ),
        (
            ami("QueueCallerAbandon", CHANNEL, "Queue: support\nPosition: 1\nHoldTime: 12"),
            CallerGaveUp("support", "1795310041.4", AT),
        ),
        (ami("MusicOnHoldStop", CHANNEL), AnnouncementStarted("1795310041.4", AT)),
        (ami("QueueMemberAdded", MEMBER), MemberChanged(MEMBER_101, AT)),
        (ami("QueueMemberStatus", MEMBER), MemberChanged(MEMBER_101, AT)),
        (ami("QueueMemberPause", MEMBER), MemberChanged(MEMBER_101, AT)),
        (ami("QueueMemberRemoved", MEMBER), MemberRemoved("support", "101", AT)),
        (
            ami("AgentConnect", CHANNEL, "Queue: support\nInterface: PJSIP/101\nHoldTime: 9"),
            OperatorConnected("support", "101", "1795310041.4", AT),
        ),
        (  # without the caller's channel when the caller hung up
            ami(
                "AgentComplete", "Queue: support\nInterface: PJSIP/101\nTalkTime: 3\nReason: caller"
            ),
            OperatorCompleted("support", "101", AT, talk=3),
        ),
    ],
)
def test_each_event(event: Event, expected: LiveEvent) -> None:
    assert translate(event, AT) == expected


@pytest.mark.parametrize(
    ("status", "device"),
    [
        ("0", Device.FREE),
        ("1", Device.FREE),
        ("2", Device.BUSY),
        ("3", Device.BUSY),
        ("4", Device.GONE),
        ("5", Device.GONE),
        ("6", Device.RINGING),
        ("7", Device.BUSY),
        ("8", Device.BUSY),
        ("99", Device.GONE),
    ],
)
def test_the_state_of_a_telephone(status: str, device: Device) -> None:
    event = translate(
        ami("QueueMemberStatus", MEMBER.replace("Status: 6", f"Status: {status}")), AT
    )
    assert isinstance(event, MemberChanged)
    assert event.member.device is device


@pytest.mark.parametrize(
    ("channel", "language", "slow"),
    [("ru", "ru", False), ("ru_slow", "ru", True), ("ru_p3_m5_free_slow", "ru", True)],
)
def test_the_pace_stands_last_in_a_channel_s_language(
    channel: str, language: str, slow: bool
) -> None:
    entry = ami(
        "QueueEntry",
        "Queue: support\nUniqueid: 1.1\nChannel: PJSIP/trunk-1\nCallerIDNum: 1\nWait: 1"
        "\nPosition: 1",
    )
    (waiting,) = picture([entry], {"1.1": channel}, AT).waiting
    assert (waiting.language, waiting.slow) == (language, slow)


def test_a_withheld_number_is_empty_and_no_call_yet_is_none() -> None:
    joined = translate(
        ami(
            "QueueCallerJoin",
            CHANNEL.replace("+998900000001", "<unknown>"),
            "Queue: q\nPosition: 1",
        ),
        AT,
    )
    assert isinstance(joined, CallerJoined)
    assert joined.caller.number == ""
    added = translate(ami("QueueMemberAdded", MEMBER.replace("1795310044", "0")), AT)
    assert isinstance(added, MemberChanged)
    assert added.member.last_call is None


STATUS = [
    ami("QueueParams", "Queue: support\nCalls: 1"),
    ami("QueueMember", MEMBER.replace("MemberName", "Name").replace("\nInterface", "\nLocation")),
    ami("QueueEntry", CHANNEL.replace("Language", "X"), "Queue: support\nPosition: 2\nWait: 30"),
]


def test_the_whole_picture() -> None:
    truth = picture(STATUS, {"1795310041.4": "ru_p3"}, AT)
    joined = AT - timedelta(seconds=30)
    assert truth.members == (MEMBER_101,)
    assert [(c.call, c.language, c.joined_at) for c in truth.waiting] == [
        ("1795310041.4", "ru", joined)
    ]
    assert [c.language for c in picture(STATUS, {}, AT).waiting] == [""]


class Link:
    """Answers lists and hands out events, as AmiLink does."""

    connected = True

    def __init__(self) -> None:
        self.handlers: dict[str, Any] = {}

    def subscribe(self, handler: Any, *names: str) -> Any:
        self.handlers.update(dict.fromkeys(names, handler))
        return self.handlers.clear

    async def list(self, name: str) -> list[Event]:
        return {"CoreShowChannels": [ami("CoreShowChannel", CHANNEL)], "QueueStatus": STATUS}[name]


async def test_the_feed_reads_and_subscribes() -> None:
    link = Link()
    feed = LiveFeed(cast("AmiLink", link), ManualClock(AT))
    seen: list[LiveEvent] = []
    end = feed.subscribe(seen.append)
    link.handlers["QueueCallerLeave"](ami("QueueCallerLeave", CHANNEL, "Queue: support"))
    assert seen == [CallerLeft("support", "1795310041.4", AT)]
    assert set(link.handlers) == set(EVENTS)
    end()
    assert not link.handlers
    truth = await feed.picture()
    assert isinstance(truth, Resync)
    assert [c.language for c in truth.waiting] == ["uz"]
    assert feed.connected


def test_manager_access_covers_what_is_listened_to() -> None:
    assert set(EVENTS) < set(MANAGER_ACCESS.events)


@pytest.mark.parametrize(
    ("name", "operator"),
    [
        ("PJSIP/101", "101"),
        ("PJSIP/101-0000002a", "101"),
        ("PJSIP/lobby-2-0000002a", "lobby-2"),
        ("PJSIP/trunk/sip:101@192.0.2.1", ""),
        ("Local/101@operators-00000001;1", ""),
        ("", ""),
    ],
)
def test_the_operator_of_a_telephone(name: str, operator: str) -> None:
    assert operator_of(name) == operator
