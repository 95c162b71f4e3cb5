"""AMI's live view in the domain's words: events as they come, and the whole picture when asked.

``EVENTS`` are those that the AMI user must be allowed to hear (``access``). Tried on Asterisk 22.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from ccops.asterisk.ami import AmiLink, Event
from ccops.clock import Clock
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
from ccops.domain.variants import SLOW
from ccops.numbers import told

Fields = Mapping[str, str]

_DEVICE = {
    "0": Device.FREE,  # unknown: app_queue rings such a telephone
    "1": Device.FREE,
    "2": Device.BUSY,
    "3": Device.BUSY,
    "4": Device.GONE,
    "5": Device.GONE,
    "6": Device.RINGING,
    "7": Device.BUSY,  # rings during a call
    "8": Device.BUSY,  # on hold
}


class LiveFeed:
    """The live picture of one Asterisk, over its AMI link."""

    def __init__(self, link: AmiLink, clock: Clock) -> None:
        self._link = link
        self._clock = clock

    @property
    def connected(self) -> bool:
        return self._link.connected

    def subscribe(self, handler: Callable[[LiveEvent], None]) -> Callable[[], None]:
        """Hand every live event to ``handler``; returns what ends it."""

        def receive(event: Event) -> None:
            handler(translate(event, self._clock.now()))

        return self._link.subscribe(receive, *EVENTS)

    async def picture(self) -> Resync:
        """Everything now. Two questions: QueueStatus does not tell the callers' languages."""
        channels = await self._link.list("CoreShowChannels")
        languages = {item["Uniqueid"]: item["Language"] for item in channels}
        status = await self._link.list("QueueStatus")
        return picture(status, languages, self._clock.now())


def translate(event: Event, at: datetime) -> LiveEvent:
    """The domain event that an AMI event named in ``EVENTS`` means; ``at`` is when it came."""
    return _TRANSLATORS[event.name](event.fields, at)


def picture(status: list[Event], languages: Mapping[str, str], at: datetime) -> Resync:
    """The truth as QueueStatus lists it; ``languages`` are of channels, by Uniqueid."""
    members = [
        _member(item.fields, item["Location"]) for item in status if item.name == "QueueMember"
    ]
    waiting = [
        _waiting(
            item.fields,
            language=languages.get(item.fields["Uniqueid"], ""),
            joined_at=at - timedelta(seconds=int(item.fields["Wait"])),
        )
        for item in status
        if item.name == "QueueEntry"
    ]
    return Resync(members=tuple(members), waiting=tuple(waiting), at=at)


def _joined(fields: Fields, at: datetime) -> LiveEvent:
    return CallerJoined(_waiting(fields, language=fields["Language"], joined_at=at))


def _left(fields: Fields, at: datetime) -> LiveEvent:
    return CallerLeft(fields["Queue"], fields["Uniqueid"], at)


def _gave_up(fields: Fields, at: datetime) -> LiveEvent:
    return CallerGaveUp(fields["Queue"], fields["Uniqueid"], at)


def _announcing(fields: Fields, at: datetime) -> LiveEvent:
    return AnnouncementStarted(fields["Uniqueid"], at)


def _changed(fields: Fields, at: datetime) -> LiveEvent:
    return MemberChanged(_member(fields, fields["Interface"]), at)


def _removed(fields: Fields, at: datetime) -> LiveEvent:
    return MemberRemoved(fields["Queue"], _operator(fields["Interface"]), at)


def _connected(fields: Fields, at: datetime) -> LiveEvent:
    return OperatorConnected(
        fields["Queue"], _operator(fields["Interface"]), fields["Uniqueid"], at
    )


def _completed(fields: Fields, at: datetime) -> LiveEvent:
    return OperatorCompleted(
        fields["Queue"], _operator(fields["Interface"]), at, int(fields["TalkTime"])
    )


_TRANSLATORS: dict[str, Callable[[Fields, datetime], LiveEvent]] = {
    "QueueCallerJoin": _joined,
    "QueueCallerLeave": _left,
    "QueueCallerAbandon": _gave_up,
    "MusicOnHoldStop": _announcing,
    "QueueMemberAdded": _changed,
    "QueueMemberStatus": _changed,
    "QueueMemberPause": _changed,
    "QueueMemberRemoved": _removed,
    "AgentConnect": _connected,
    "AgentComplete": _completed,
}

EVENTS = tuple(_TRANSLATORS)
"""All that is listened to. Not needed: AgentCalled and RingNoAnswer (QueueMemberStatus says 6 while
a telephone rings) and DeviceStateChange, ContactStatus (it says 5 when one is not reachable)."""


def _operator(interface: str) -> str:
    """Members that are nobody's telephone go by their interface's own name."""
    return operator_of(interface) or interface


def _member(fields: Fields, interface: str) -> Member:
    last_call = int(fields["LastCall"])
    return Member(
        queue=fields["Queue"],
        operator=_operator(interface),
        device=_DEVICE.get(fields["Status"], Device.GONE),
        paused=fields["Paused"] == "1",
        reason=fields["PausedReason"],
        in_call=fields["InCall"] == "1",
        last_call=datetime.fromtimestamp(last_call, UTC) if last_call else None,
    )


def _waiting(fields: Fields, *, language: str, joined_at: datetime) -> Waiting:
    return Waiting(
        call=fields["Uniqueid"],
        channel=fields["Channel"],
        queue=fields["Queue"],
        number=told(fields["CallerIDNum"]),
        language=language.partition("_")[0],
        joined_at=joined_at,
        position=int(fields["Position"]),
        slow=language.endswith(SLOW),
    )
