"""Step 1: the channels that took part, from CEL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ccops.domain.raw import CelRow

INCOMING = "incoming"
"""Context of calls from trunks: the only one whose channels start contacts."""
LOCAL = "Local/"
QUEUE_CALLS = "AppQueue"
"""Application of a channel that app_queue has called."""


@dataclass
class Channel:
    """One channel, as far as its rows tell."""

    uniqueid: str
    linkedid: str
    """The one it began with."""
    name: str
    number: str
    exten: str
    context: str
    started_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    hangup_cause: int | None = None
    hangup_source: str = ""
    rung_by_queue: bool = False
    """app_queue called it: an operator's telephone, or a Local channel on the way to one."""
    said: list[tuple[str, datetime, str]] = field(default_factory=list)
    """User events of the dialplan: name, time, data."""

    @property
    def local_pair(self) -> str:
        """What the two halves of a Local channel have in common; empty for a real channel."""
        return self.name.rpartition(";")[0] if self.name.startswith(LOCAL) else ""

    @property
    def endpoint(self) -> str:
        """``701`` of ``PJSIP/701-00000003``."""
        return self.name.partition("/")[2].rpartition("-")[0]

    def all_said(self, event: str) -> list[str]:
        """The data of that user event, oldest first."""
        return [data for name, _, data in self.said if name == event]

    def last_said(self, event: str) -> str:
        """Empty where the event never came."""
        return next(reversed(self.all_said(event)), "")

    @property
    def starts_contact(self) -> bool:
        return self.context == INCOMING and not self.local_pair


def channels(rows: Sequence[CelRow]) -> dict[str, Channel]:
    """The channels by uniqueid, oldest first. ``rows`` must be in the order of time."""
    found: dict[str, Channel] = {}
    for row in rows:
        channel = found.get(row.uniqueid)
        if channel is None:
            # The first row is CHAN_START, unless that one was lost.
            channel = found[row.uniqueid] = Channel(
                row.uniqueid,
                row.linkedid,
                row.channel,
                row.number,
                row.exten,
                row.context if row.event == "CHAN_START" else "",
                row.at,
            )
        if row.app == QUEUE_CALLS:
            channel.rung_by_queue = True
        if row.event == "ANSWER":
            channel.answered_at = channel.answered_at or row.at
        elif row.event in ("HANGUP", "CHAN_END"):
            channel.ended_at = row.at
            if row.event == "HANGUP":
                cause = row.extra.get("hangupcause", "")
                channel.hangup_cause = int(cause) if cause.isdigit() else None
                channel.hangup_source = row.extra.get("hangupsource", "")
        elif row.event.startswith("CCOPS_"):
            channel.said.append((row.event, row.at, row.extra.get("extra", "")))
    return found
