"""Real calls: what Asterisk 22 wrote about them, and what is derived from it.

Each file in ``cases`` tells one story in a sentence, then the recorded rows (an empty column is
``-``; of the CEL columns those that the derivation never reads are left out), then the contacts
and the promises to call back. Times in them are seconds from the first row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from ccops.asterisk.rows import parse_cel, parse_queue
from ccops.domain.calls import Calls
from ccops.domain.derive import Rules, derive, promises
from ccops.domain.raw import CelRow, QueueRow, RawLine
from ccops.domain.records import Contact, Promise
from ccops.numbers import e164

CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))
RULES = Rules(
    {"taxes": "revenue", "labour": "work", "all": "work", "full": "work", "employment": "work"},
    lambda number: e164(number, "UZ"),
)


@dataclass(frozen=True)
class Case:
    cel: Sequence[CelRow]
    queue: Sequence[QueueRow]
    expected: str


def read(path: Path) -> Case:
    _story, cel, queue, contacts = path.read_text().split("\n-- ")
    return Case(
        [_cel(line.split(maxsplit=9)) for line in cel.strip().splitlines()[1:]],
        [parse_queue(line) for line in queue.strip().splitlines()[1:]],
        contacts.partition("\n")[2].strip(),
    )


def contacts_of(case: Case) -> list[Contact]:
    """As the journal does it: rows into calls, calls into contacts."""
    calls = Calls(1000)
    for number, row in enumerate([*case.cel, *case.queue]):
        ids = (row.uniqueid, row.linkedid) if isinstance(row, CelRow) else (row.callid, "")
        calls.add(RawLine("file", "", number, *ids, row.event, row.at, ""), row)
    starts = [row.at for row in case.queue if row.event == "QUEUESTART"]
    found = [
        contact
        for call in calls
        for contact in derive(call.cel, call.queue, RULES, max(starts, default=None))
    ]
    return sorted(found, key=lambda contact: contact.started_at)


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_case(path: Path) -> None:
    case = read(path)
    zero = min(row.at for row in case.cel)
    told = [tell(contact, zero) for contact in contacts_of(case)]
    told += [tell_promise(one, zero) for one in promises(case.cel, case.queue, RULES.number)]
    assert "\n\n".join(told) == case.expected


def test_there_are_cases() -> None:
    assert len(CASES) >= 21


def tell(contact: Contact, zero: datetime) -> str:
    """A contact as text that a person can check."""

    def after(moment: datetime | None) -> str:
        return "open" if moment is None else f"{(moment - zero).total_seconds():.3f}"

    cause = f" ({contact.lost_cause})" if contact.lost_cause else ""
    lines = [
        f"{contact.outcome}{cause}, wait {contact.wait:.3f}, talk {contact.talk:.3f}, "
        f"{contact.evidence}",
        f"  contact {contact.id} from {after(contact.started_at)} to {after(contact.ended_at)}",
        f"  line {contact.line}, number {contact.number or '-'}, "
        f"language {contact.language or '-'}, sub-line {contact.sub_line or '-'}, "
        f"choices {' '.join(contact.choices) or '-'}",
    ]
    lines.extend(
        f"  leg {leg.role} {leg.party or '-'} {leg.channel} from {after(leg.started_at)}, "
        f"answered {after(leg.answered_at) if leg.answered_at else '-'}, "
        f"to {after(leg.ended_at)}, cause {leg.hangup_cause} by {leg.hangup_source or '-'}, "
        f"{leg.evidence}"
        for leg in contact.legs
    )
    for visit in contact.visits:
        lines.append(
            f"  visit {visit.queue} from {after(visit.entered_at)} to {after(visit.left_at)}, "
            f"position {visit.position}, {visit.outcome} {visit.operator}".rstrip()
            + f", wait {visit.wait:.3f}, talk {visit.talk:.3f}, {visit.evidence}"
        )
        lines.extend(
            f"    offer {offer.operator} {offer.outcome}, from {after(offer.offered_at)} "
            f"to {after(offer.ended_at)}"
            for offer in visit.offers
        )
    lines.extend(
        f"  talk {segment.leg_a} with {segment.leg_b} from {after(segment.started_at)} "
        f"to {after(segment.ended_at)}"
        for segment in contact.segments
    )
    return "\n".join(lines)


def tell_promise(promise: Promise, zero: datetime) -> str:
    return (
        f"promise ({promise.kind}) to call {promise.number} in {promise.language}, "
        f"line {promise.line}, queue {promise.queue}, "
        f"at {(promise.at - zero).total_seconds():.3f}, "
        f"waiting since {(promise.arrived_at - zero).total_seconds():.3f}"
    )


def _cel(columns: list[str]) -> CelRow:
    event, at, uniqueid, linkedid, channel, number, exten, context, app, extra = (
        "" if column == "-" else column for column in columns
    )
    line = [
        *(event, at, uniqueid, linkedid, channel, number, exten, context),
        *(app, "", ""),
        extra.replace('"', '""'),
        "",
    ]
    return parse_cel(",".join(f'"{column}"' for column in line))
