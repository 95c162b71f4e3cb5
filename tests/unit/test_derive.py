"""Shapes that no recorded call shows; the recorded ones are in tests/golden."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ccops.domain.derive import Rules, derive
from ccops.domain.raw import CelRow, QueueRow
from ccops.domain.records import Contact, Evidence, LostCause, OfferOutcome, Outcome, VisitOutcome
from ccops.numbers import e164

T0 = datetime(2025, 3, 3, 4, 0, tzinfo=UTC)
RULES = Rules({"taxes": "revenue"}, lambda number: number)


def cel(event: str, after: float, channel: str = "c", **more: str) -> CelRow:
    name = {"c": "PJSIP/trunk-1", "o": "PJSIP/701-2", "p": "PJSIP/702-3", "s": "PJSIP/staff-4"}
    extra = {key: more[key] for key in ("bridge_id", "bridge_technology", "extra") if key in more}
    return CelRow(
        event,
        T0 + timedelta(seconds=after),
        channel,
        "c",
        name[channel],
        "998712000001" if channel == "c" else "",
        "1900",
        "incoming" if channel == "c" else "operators",
        "AppQueue" if channel in "op" and event != "CHAN_START" else "",
        "",
        "",
        extra,
        "",
    )


def bridge(channel: str, start: float, end: float | None, **more: str) -> list[CelRow]:
    more = {"bridge_id": "b", "bridge_technology": "simple_bridge", **more}
    rows = [cel("BRIDGE_ENTER", start, channel, **more)]
    return rows if end is None else [*rows, cel("BRIDGE_EXIT", end, channel, **more)]


def queue(event: str, after: int, *data: str, member: str = "NONE") -> QueueRow:
    return QueueRow(T0 + timedelta(seconds=after), "c", "taxes", member, event, data)


def one(cel_rows: list[CelRow], queue_rows: list[QueueRow]) -> Contact:
    (contact,) = derive(cel_rows, queue_rows, RULES)
    return contact


ENTER = queue("ENTERQUEUE", 2, "", "", "1")
CONNECT = queue("CONNECT", 5, "3", "o", "2", member="701")
BEGUN = [cel("CHAN_START", 0), cel("CHAN_START", 3, "o"), cel("ANSWER", 5, "o")]


def test_no_rows_no_contact() -> None:
    assert derive([], [ENTER], RULES) == ()


def test_a_call_in_conversation_is_answered_and_not_ended() -> None:
    contact = one([*BEGUN, *bridge("o", 5, None), *bridge("c", 5, None)], [ENTER, CONNECT])
    assert contact.outcome is Outcome.ANSWERED
    assert contact.ended_at is None
    assert contact.talk == 0
    assert contact.segments[0].ended_at is None


def test_an_operator_who_answers_too_late_has_not_answered() -> None:
    """CONNECT is written, the caller is gone, they never share a bridge."""
    contact = one([*BEGUN, *bridge("o", 5, 5.1), cel("CHAN_END", 5.05)], [ENTER, CONNECT])
    assert contact.outcome is Outcome.LOST
    assert contact.lost_cause is LostCause.ABANDONED
    assert contact.talk == 0


def test_music_in_a_holding_bridge_is_no_talk() -> None:
    held = {"bridge_technology": "holding_bridge"}
    contact = one(
        [*BEGUN, *bridge("o", 5, 9, **held), *bridge("c", 5, 9, **held), cel("CHAN_END", 9)],
        [ENTER, CONNECT],
    )
    assert contact.segments == ()
    assert contact.outcome is Outcome.LOST


def test_a_conference_is_talked_in_once() -> None:
    rows = [
        *BEGUN,
        cel("CHAN_START", 6, "s"),
        *bridge("c", 5, 15),
        *bridge("o", 5, 12),
        *bridge("s", 8, 15),
        cel("CHAN_END", 15),
    ]
    contact = one(rows, [ENTER, CONNECT])
    spans = {
        (talk.leg_a, talk.leg_b): (
            (talk.started_at - T0).total_seconds(),
            talk.ended_at and (talk.ended_at - T0).total_seconds(),
        )
        for talk in contact.segments
    }
    assert spans == {("c", "o"): (5, 12), ("o", "s"): (8, 12), ("c", "s"): (8, 15)}
    # Staff are no operators: the talk with them is a segment, not talk with an operator.
    assert contact.talk == 7
    assert contact.visits[0].talk == 7


def test_a_lost_end_of_the_bridge_is_the_end_of_the_channel() -> None:
    contact = one(
        [*BEGUN, *bridge("o", 5, None), *bridge("c", 5, None), cel("CHAN_END", 11)],
        [ENTER, CONNECT],
    )
    assert contact.talk == 6


def test_a_lost_line_of_leaving_is_inferred_from_the_end() -> None:
    contact = one([cel("CHAN_START", 0), cel("CHAN_END", 9.5)], [ENTER])
    (visit,) = contact.visits
    assert visit.outcome is VisitOutcome.ABANDONED
    assert visit.evidence is Evidence.INFERRED
    assert contact.evidence is Evidence.INFERRED
    assert contact.wait == 7.5


def test_a_lost_line_of_entering_is_inferred_from_the_wait() -> None:
    contact = one([cel("CHAN_START", 0), cel("CHAN_END", 9)], [queue("ABANDON", 9, "1", "1", "7")])
    (visit,) = contact.visits
    assert visit.entered_at == T0 + timedelta(seconds=2)
    assert visit.wait == 7
    assert visit.evidence is Evidence.INFERRED


def test_a_telephone_that_rings_beside_another_is_an_offer() -> None:
    rows = [*BEGUN, cel("CHAN_START", 3, "p"), cel("CHAN_END", 5, "p")]
    offers = one(rows, [ENTER, CONNECT]).visits[0].offers
    assert [(offer.operator, offer.outcome) for offer in offers] == [
        ("701", OfferOutcome.ANSWERED),
        ("702", OfferOutcome.CANCELLED),
    ]


def test_empty_while_waiting_is_refused() -> None:
    rows = [cel("CHAN_START", 0), cel("CHAN_END", 9)]
    contact = one(rows, [ENTER, queue("EXITEMPTY", 8, "1", "1", "6")])
    assert contact.lost_cause is LostCause.REFUSED
    assert contact.wait == 6


@pytest.mark.parametrize(
    ("number", "country", "same"),
    [
        ("998712000001", "UZ", "+998712000001"),
        ("+998712000001", "UZ", "+998712000001"),
        ("712000001", "UZ", "+998712000001"),
        ("00998712000001", "UZ", "+998712000001"),
        ("87172000001", "KZ", "+77172000001"),
        ("0125000001", "AZ", "+994125000001"),
        ("701", "UZ", "701"),
        ("", "UZ", ""),
    ],
)
def test_numbers_as_identity(number: str, country: str, same: str) -> None:
    assert e164(number, country) == same
