"""Shapes that no recorded call shows; the recorded ones are in tests/golden."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ccops.domain.derive import Rules, derive, promises
from ccops.domain.raw import CelRow, QueueRow
from ccops.domain.records import (
    Contact,
    Evidence,
    LostCause,
    OfferOutcome,
    Outcome,
    Promise,
    PromiseKind,
    VisitOutcome,
)
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


PROMISED = cel("CCOPS_CALLBACK", 6.5, extra="queue 998712000001 taxes")
KEY = queue("EXITWITHKEY", 6, "1", "1", "1", "4")


def test_a_callback_accepted_in_the_queue_defers_the_contact() -> None:
    rows = [cel("CHAN_START", 0), PROMISED, cel("CHAN_END", 9)]
    contact = one(rows, [ENTER, KEY])
    assert (contact.outcome, contact.lost_cause, contact.wait) == (Outcome.DEFERRED, None, 4.0)
    assert contact.visits[0].outcome is VisitOutcome.KEY


def test_a_callback_accepted_without_a_queue_belongs_to_the_queue_it_names() -> None:
    event = cel("CCOPS_CALLBACK", 6.5, extra="closed 998712000001 taxes")
    contact = one([cel("CHAN_START", 0), event, cel("CHAN_END", 9)], [])
    assert (contact.outcome, contact.queue, contact.sub_line) == (
        Outcome.DEFERRED,
        "taxes",
        "revenue",
    )


def test_who_talks_after_all_is_answered() -> None:
    rows = [*BEGUN, *bridge("c", 5, 9), *bridge("o", 5, 9), PROMISED, cel("CHAN_END", 9)]
    assert one(rows, [ENTER, CONNECT]).outcome is Outcome.ANSWERED


def test_a_promise_keeps_the_time_of_arrival() -> None:
    line, language = cel("CCOPS_LINE", 0, extra="1900"), cel("CCOPS_LANG", 1, extra="ru")
    rows = [cel("CHAN_START", 0), line, language, PROMISED]
    again = queue("ENTERQUEUE", 5, "", "", "1")
    (promise,) = promises(rows, [ENTER, again], lambda number: f"+{number}")
    assert promise == Promise(
        source="call:c:+998712000001",
        kind=PromiseKind.QUEUE,
        call="c",
        number="+998712000001",
        line="1900",
        queue="taxes",
        language="ru",
        arrived_at=ENTER.at,
        at=T0 + timedelta(seconds=6.5),
    )


def test_a_promise_that_the_dialplan_wrote_again_is_one() -> None:
    again = cel("CCOPS_CALLBACK", 8, extra="queue 998712000001 taxes")
    (promise,) = promises([cel("CHAN_START", 0), PROMISED, again], [], lambda number: number)
    assert promise.at == PROMISED.at
    assert promise.arrived_at == PROMISED.at, "never in a queue: waiting since the promise"


@pytest.mark.parametrize("data", ["", "queue", "queue  taxes", "other 998712000001", "queue x"])
def test_an_event_without_a_number_or_a_known_kind_promises_nothing(data: str) -> None:
    rows = [cel("CHAN_START", 0), cel("CCOPS_CALLBACK", 6, extra=data), cel("CHAN_END", 9)]
    assert promises(rows, [], lambda number: number) == ()
    assert one(rows, []).outcome is Outcome.LEFT_IN_MENU


def test_an_invented_number_can_be_stored() -> None:
    event = cel("CCOPS_CALLBACK", 6, extra=f"queue {'9' * 200} {'q' * 200}")
    (promise,) = promises([cel("CHAN_START", 0), event], [], lambda number: number)
    assert (len(promise.number), len(promise.queue)) == (32, 80)


def test_a_queue_of_one_language_is_the_queue_of_the_hotline() -> None:
    in_russian = [
        QueueRow(row.at, row.callid, "taxes_ru", row.member, row.event, row.data)
        for row in (ENTER, CONNECT)
    ]
    contact = one([*BEGUN, cel("CHAN_END", 9)], in_russian)
    assert [visit.queue for visit in contact.visits] == ["taxes"]
    assert (contact.queue, contact.sub_line) == ("taxes", "revenue")


def test_a_member_of_the_staff_was_reached() -> None:
    rows = [
        cel("CHAN_START", 0),
        cel("CCOPS_STAFF", 2, extra="staff"),
        cel("CHAN_START", 2, "s"),
        cel("ANSWER", 4, "s"),
        *bridge("c", 4, 9),
        *bridge("s", 4, 9),
        cel("CHAN_END", 9),
        cel("CHAN_END", 9, "s"),
    ]
    contact = one(rows, [])
    assert (contact.outcome, contact.talk) == (Outcome.SELF_SERVED, 0.0)
    assert [(leg.role, leg.party) for leg in contact.legs[1:]] == [("staff", "staff")]
    assert len(contact.segments) == 1


def test_staff_who_do_not_answer_serve_nobody() -> None:
    rows = [
        cel("CHAN_START", 0),
        cel("CCOPS_STAFF", 2, extra="staff"),
        cel("CHAN_START", 2, "s"),
        cel("CHAN_END", 22, "s"),
        cel("CHAN_END", 24),
    ]
    assert one(rows, []).outcome is Outcome.LEFT_IN_MENU
