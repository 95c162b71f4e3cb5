"""Numbers to call back, from the user event ``CCOPS_CALLBACK`` (decision 10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ccops.domain.derive.channels import Channel, channels
from ccops.domain.raw import CelRow, QueueRow
from ccops.domain.records import Promise, PromiseKind

CALLBACK = "CCOPS_CALLBACK"
"""Data: ``KIND NUMBER QUEUE``; the queue may be missing."""
LONGEST_NUMBER = 32
LONGEST_QUEUE = 80
"""What is longer is the caller's own invention, and must not keep the journal from going on."""

_KINDS = {kind.value: kind for kind in PromiseKind}


@dataclass(frozen=True)
class Accepted:
    """A callback that a caller has accepted."""

    at: datetime
    kind: PromiseKind
    number: str
    """As the event says."""
    queue: str


def promises(
    cel_rows: Iterable[CelRow], queue_rows: Iterable[QueueRow], number: Callable[[str], str]
) -> tuple[Promise, ...]:
    """The promises in the rows of one call; ``number`` makes E.164 of what was understood.

    A number is promised once in a call: where ccops dies between writing the promise and saying
    what comes next, the dialplan writes it again, and the first one holds.
    """
    entered: dict[str, datetime] = {}
    for row in sorted(queue_rows, key=lambda row: row.at):
        if row.event == "ENTERQUEUE":
            entered.setdefault(row.callid, row.at)
    found: dict[str, Promise] = {}
    for channel in channels(sorted(cel_rows, key=lambda row: row.at)).values():
        for accepted in callbacks(channel):
            to_call = number(accepted.number)
            promise = Promise(
                source=f"call:{channel.uniqueid}:{to_call}",
                kind=accepted.kind,
                call=channel.uniqueid,
                number=to_call,
                line=channel.last_said("CCOPS_LINE") or channel.exten,
                queue=accepted.queue,
                language=channel.last_said("CCOPS_LANG"),
                arrived_at=entered.get(channel.uniqueid, accepted.at),
                at=accepted.at,
            )
            found.setdefault(promise.source, promise)
    return tuple(found.values())


def callbacks(channel: Channel) -> Iterator[Accepted]:
    """The callbacks accepted on a channel. What says no number promises nothing."""
    for event, at, data in channel.said:
        if event != CALLBACK:
            continue
        kind, _, rest = data.partition(" ")
        number, _, queue = rest.partition(" ")
        if kind in _KINDS and any(character.isdigit() for character in number):
            yield Accepted(at, _KINDS[kind], number[:LONGEST_NUMBER], queue[:LONGEST_QUEUE])
