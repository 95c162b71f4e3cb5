"""A channel of the simulated network learns what becomes of it from its events alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from ccops.simulator.channel import Cause, Channel, NotAnsweredError, StillUpError


@dataclass(frozen=True)
class Event:
    name: str
    fields: dict[str, str] = field(default_factory=dict)

    def get(self, header: str, default: str = "") -> str:
        return self.fields.get(header, default)


def event(name: str, at: float, **fields: str) -> Event:
    return Event(name, {"Timestamp": f"{at:.6f}", **fields})


def hangup(at: float, code: str, text: str) -> Event:
    return event("Hangup", at, **{"Cause": code, "Cause-txt": text})


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


async def test_a_call_is_made_answered_and_ended_at_asterisks_own_times() -> None:
    channel = Channel("call-1")
    channel.feed(event("Newchannel", 100.0, Channel="PJSIP/hotline-1", CallerIDNum="+99800"))
    assert (channel.name, channel.caller_number, channel.up) == ("PJSIP/hotline-1", "+99800", False)
    channel.feed(event("Newstate", 100.5, ChannelState="5"))
    assert not channel.up
    channel.feed(event("Newstate", 101.25, ChannelState="6"))
    assert await channel.answered(1) == at(101.25)
    assert channel.up
    channel.feed(hangup(130.0, "16", "Normal Clearing"))
    assert await channel.ended(1) == Cause(16, "Normal Clearing")
    assert (channel.started_at, channel.ended_at, channel.up) == (at(100), at(130), False)


async def test_a_refused_call_is_not_waited_for() -> None:
    channel = Channel("call-1")
    channel.feed(event("Newchannel", 1.0, Channel="PJSIP/hotline-1"))
    channel.feed(hangup(2.0, "17", "User busy"))
    with pytest.raises(NotAnsweredError, match="17 User busy"):
        await channel.answered(None)


async def test_a_call_that_could_not_be_made_has_ended() -> None:
    channel = Channel("call-1")
    channel.feed(event("OriginateResponse", 1.0, Response="Failure"))
    with pytest.raises(NotAnsweredError, match="no channel"):
        await channel.answered(None)


async def test_a_failed_originate_leaves_the_cause_to_the_hangup() -> None:
    channel = Channel("call-1")
    channel.feed(event("Newchannel", 1.0, Channel="PJSIP/hotline-1"))
    channel.feed(event("OriginateResponse", 1.5, Response="Failure"))
    assert channel.ended_at is None
    channel.feed(hangup(2.0, "34", "Circuit/channel congestion"))
    assert (await channel.ended(1)).code == 34


async def test_only_the_first_end_counts() -> None:
    channel = Channel("call-1")
    channel.feed(hangup(2.0, "16", "Normal Clearing"))
    channel.feed(hangup(3.0, "0", "Unknown"))
    assert (channel.cause, channel.ended_at) == (Cause(16, "Normal Clearing"), at(2))


async def test_time_runs_out() -> None:
    channel = Channel("call-1")
    with pytest.raises(NotAnsweredError, match="within 0 s"):
        await channel.answered(0)
    with pytest.raises(StillUpError, match="after 0 s"):
        await channel.ended(0)


@pytest.mark.parametrize("withheld", ["<unknown>", "anonymous", "Anonymous", ""])
async def test_a_withheld_number_is_empty(withheld: str) -> None:
    channel = Channel("call-1")
    channel.feed(event("Newchannel", 1.0, Channel="PJSIP/tel101-1", CallerIDNum=withheld))
    assert channel.caller_number == ""
