"""Which rows belong to one call: those that share a linkedid or a channel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from ccops.domain.raw import CelRow, Place, QueueRow, RawLine
from ccops.domain.records import Contact

NO_CALL = frozenset({"NONE", "MANAGER", "REALTIME", "CLI", ""})
"""What queue_log writes as callid where no caller is concerned."""


@dataclass(eq=False)
class Call:
    """The rows of one call, in the order in which they were stored."""

    cel: list[CelRow] = field(default_factory=list)
    queue: list[QueueRow] = field(default_factory=list)
    linkedids: set[str] = field(default_factory=set)
    uniqueids: set[str] = field(default_factory=set)
    contacts: dict[str, Contact] = field(default_factory=dict)
    """As they are in the database."""
    places: set[Place] = field(default_factory=set)
    """Of the rows that are held."""

    @property
    def over(self) -> bool:
        """Whether a contact of this call has ended, as far as the database knows."""
        return any(contact.ended_at is not None for contact in self.contacts.values())

    def add(self, line: RawLine, row: CelRow | QueueRow) -> None:
        """Take a row in; one that is held already changes nothing."""
        place = line.place
        if place in self.places:
            return
        self.places.add(place)
        if isinstance(row, CelRow):
            self.cel.append(row)
        else:
            self.queue.append(row)

    def absorb(self, other: Call) -> None:
        """Two calls turn out to be one."""
        self.cel.extend(other.cel)
        self.queue.extend(other.queue)
        self.linkedids |= other.linkedids
        self.uniqueids |= other.uniqueids
        self.contacts |= other.contacts
        self.places |= other.places


class Calls:
    """The calls in memory: found by linkedid and by channel, the one touched last at the end."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._calls: dict[Call, None] = {}
        self._of_linkedid: dict[str, Call] = {}
        self._of_uniqueid: dict[str, Call] = {}

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)

    def __contains__(self, call: Call) -> bool:
        return call in self._calls

    def clear(self) -> None:
        self._calls.clear()
        self._of_linkedid.clear()
        self._of_uniqueid.clear()

    def unknown(self, lines: list[RawLine]) -> tuple[set[str], set[str]]:
        """Linkedids and uniqueids of ``lines`` of which nothing is in memory."""
        linkedids, uniqueids = set(), set()
        for line in lines:
            if line.linkedid and line.linkedid not in self._of_linkedid:
                linkedids.add(line.linkedid)
            if line.uniqueid not in self._of_uniqueid and line.uniqueid not in NO_CALL:
                uniqueids.add(line.uniqueid)
        return linkedids, uniqueids

    def add(self, line: RawLine, row: CelRow | QueueRow) -> Call | None:
        """The call that a row belongs to, now with it; None for a row of no call."""
        if line.uniqueid in NO_CALL:
            return None
        call = self._of_uniqueid.get(line.uniqueid)
        other = self._of_linkedid.get(line.linkedid) if line.linkedid else None
        if call is None:
            call = other or Call()
        elif other is not None and other is not call:
            self.forget(other)
            call.absorb(other)
            self._of_linkedid.update(dict.fromkeys(other.linkedids, call))
            self._of_uniqueid.update(dict.fromkeys(other.uniqueids, call))
        call.add(line, row)
        call.uniqueids.add(line.uniqueid)
        self._of_uniqueid[line.uniqueid] = call
        if line.linkedid:
            call.linkedids.add(line.linkedid)
            self._of_linkedid[line.linkedid] = call
        self._calls.pop(call, None)
        self._calls[call] = None
        return call

    def forget(self, call: Call) -> None:
        """Drop a call from memory; it is read from the database when it is needed again."""
        self._calls.pop(call, None)
        for index, keys in (
            (self._of_linkedid, call.linkedids),
            (self._of_uniqueid, call.uniqueids),
        ):
            for key in keys:
                if index.get(key) is call:
                    del index[key]

    def trim(self) -> None:
        """Drop the calls that were touched longest ago."""
        surplus = max(0, len(self._calls) - self._limit)
        for call in list(islice(self._calls, surplus)):
            self.forget(call)
