"""Step 4: what it amounts to, as the KPI definitions (version 1) say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ccops.domain.derive.bridges import segments
from ccops.domain.derive.callbacks import callbacks
from ccops.domain.derive.channels import Channel, channels
from ccops.domain.derive.visits import Stay, add_rings, stays
from ccops.domain.raw import CelRow, QueueRow
from ccops.domain.records import (
    Contact,
    Evidence,
    Leg,
    LostCause,
    Outcome,
    Segment,
    Visit,
    VisitOutcome,
)

_CAUSE = {
    VisitOutcome.TIMED_OUT: LostCause.TIMED_OUT,
    VisitOutcome.EMPTY: LostCause.REFUSED,
    VisitOutcome.FULL: LostCause.REFUSED,
    VisitOutcome.DISCONNECTED: LostCause.DISCONNECTED,
}
"""By the last visit's outcome; everything else is the caller's own leaving."""


@dataclass(frozen=True)
class Rules:
    """What the configuration adds to Asterisk's rows."""

    sub_lines: Mapping[str, str]
    """Queue → sub-line."""
    number: Callable[[str], str]
    """A caller's number as received → E.164 where it can be understood; empty when withheld."""


@dataclass(frozen=True)
class _Call:
    """One contact's part of the rows."""

    caller: Channel
    channels: Mapping[str, Channel]
    segments: tuple[Segment, ...]
    stays: Sequence[Stay]
    operators: Mapping[str, str]
    """Uniqueid of an operator's channel → operator."""
    staff: Mapping[str, str]
    """Uniqueid of a staff member's channel → extension."""
    died_at: datetime | None
    """Last evidence of a call that was open when Asterisk died."""


def derive(
    cel_rows: Iterable[CelRow],
    queue_rows: Iterable[QueueRow],
    rules: Rules,
    restarted_at: datetime | None = None,
) -> tuple[Contact, ...]:
    """The contacts in the rows of one call; none where nobody called from outside.

    ``restarted_at``: when Asterisk last started. A call from before is over, whether or not
    somebody wrote so. The rows may come in any order as far as
    their times tell it; rows of one file with the same time must keep theirs.
    """
    cel = sorted(cel_rows, key=lambda row: row.at)
    queue = sorted(queue_rows, key=lambda row: row.at)
    found = channels(cel)
    callers = [channel for channel in found.values() if channel.starts_contact]
    if not callers:
        return ()
    talks = segments(cel, found)
    last = max([cel[-1].at, *(row.at for row in queue)])
    died_at = last if restarted_at is not None and cel[0].at < restarted_at else None
    contacts = []
    for caller in callers:
        own = _own(caller, callers, found)
        visited = stays(caller, queue)
        operators = _operators(caller, own, visited, cel)
        add_rings(visited, own, operators)
        call = _Call(
            caller,
            own,
            tuple(talk for talk in talks if talk.leg_a in own or talk.leg_b in own),
            visited,
            operators,
            _staff(caller, own),
            died_at,
        )
        contacts.append(_contact(call, rules))
    return tuple(contacts)


def _own(
    caller: Channel, callers: Sequence[Channel], found: Mapping[str, Channel]
) -> dict[str, Channel]:
    """The channels of one caller: those that began with the call; others belong to the first."""
    ids = {one.uniqueid for one in callers}
    first = callers[0].uniqueid
    return {
        uniqueid: channel
        for uniqueid, channel in found.items()
        if (channel.linkedid if channel.linkedid in ids else first) == caller.uniqueid
    }


def _operators(
    caller: Channel,
    own: Mapping[str, Channel],
    visited: Sequence[Stay],
    cel: Sequence[CelRow],
) -> dict[str, str]:
    operators = {
        uniqueid: channel.endpoint
        for uniqueid, channel in own.items()
        if channel.rung_by_queue and not channel.local_pair
    }
    for stay in visited:
        answered = own.get(stay.operator_channel)
        if answered is not None and answered.local_pair:
            # The operator's telephone is whatever shares a bridge with the Local channel.
            rooms = _rooms(cel)
            halves = [one for one in own.values() if one.local_pair == answered.local_pair]
            for uniqueid in {other for half in halves for other in rooms[half.uniqueid]}:
                channel = own.get(uniqueid)
                if channel is not None and channel is not caller and not channel.local_pair:
                    operators[uniqueid] = stay.operator
        elif answered is not None:
            operators[stay.operator_channel] = stay.operator
    return operators


def _staff(caller: Channel, own: Mapping[str, Channel]) -> dict[str, str]:
    """The telephones that the dialplan rang because the caller chose a member of the staff."""
    chosen = set(caller.all_said("CCOPS_STAFF"))
    return {
        uniqueid: channel.endpoint
        for uniqueid, channel in own.items()
        if channel.endpoint in chosen and not channel.rung_by_queue and channel is not caller
    }


def _rooms(cel: Sequence[CelRow]) -> dict[str, set[str]]:
    """Channel → all that were ever in a bridge with it."""
    bridges: dict[str, set[str]] = {}
    for row in cel:
        if row.event == "BRIDGE_ENTER":
            bridges.setdefault(row.extra.get("bridge_id", ""), set()).add(row.uniqueid)
    rooms: dict[str, set[str]] = {row.uniqueid: set() for row in cel}
    for members_ in bridges.values():
        for one in members_:
            rooms[one] |= members_
    return rooms


def _contact(call: _Call, rules: Rules) -> Contact:
    caller = call.caller
    ended_at = caller.ended_at or call.died_at
    inferred = caller.ended_at is None and ended_at is not None
    talks = tuple(_closed(talk, ended_at) for talk in call.segments)
    visits = tuple(_visit(stay, call, talks, ended_at, inferred) for stay in call.stays)
    with_operators = [talk for talk in talks if _with(call.operators, talk, call)]
    accepted = next(callbacks(caller), None)
    queue = visits[0].queue if visits else accepted.queue if accepted else ""
    if with_operators:
        outcome = Outcome.ANSWERED
    elif ended_at is None:
        outcome = Outcome.OPEN
    elif accepted:
        outcome = Outcome.DEFERRED
    elif visits:
        outcome = Outcome.LOST
    elif caller.all_said("CCOPS_INFO") or any(_with(call.staff, talk, call) for talk in talks):
        outcome = Outcome.SELF_SERVED
    else:
        outcome = Outcome.LEFT_IN_MENU
    number = rules.number(caller.number) if caller.number else ""
    return Contact(
        id=caller.uniqueid,
        line=caller.last_said("CCOPS_LINE") or caller.exten,
        number=number,
        language=caller.last_said("CCOPS_LANG"),
        queue=queue,
        sub_line=rules.sub_lines.get(queue, ""),
        started_at=caller.started_at,
        ended_at=ended_at,
        outcome=outcome,
        lost_cause=_cause(visits, inferred) if outcome is Outcome.LOST else None,
        wait=sum((visit.wait for visit in visits), 0.0),
        talk=_seconds(with_operators),
        legs=_legs(call, number),
        visits=visits,
        segments=talks,
        choices=tuple(caller.all_said("CCOPS_MENU")),
        evidence=Evidence.INFERRED
        if inferred or any(visit.evidence is Evidence.INFERRED for visit in visits)
        else Evidence.OBSERVED,
    )


def _cause(visits: Sequence[Visit], died: bool) -> LostCause:
    return LostCause.DISCONNECTED if died else _CAUSE.get(visits[-1].outcome, LostCause.ABANDONED)


def _visit(
    stay: Stay, call: _Call, talks: Sequence[Segment], ended_at: datetime | None, died: bool
) -> Visit:
    if stay.left_at is None and ended_at is not None:
        stay.close(ended_at, VisitOutcome.DISCONNECTED if died else VisitOutcome.ABANDONED)
    talk = [
        talk
        for talk in talks
        if _with(call.operators, talk, call)
        and stay.operator
        and stay.left_at is not None
        and any(call.operators.get(leg) == stay.operator for leg in (talk.leg_a, talk.leg_b))
        and _belongs(talk, stay, call.stays)
    ]
    return Visit(
        queue=stay.queue,
        entered_at=stay.entered_at,
        left_at=stay.left_at,
        position=stay.position,
        outcome=stay.outcome,
        wait=stay.wait,
        operator=stay.operator,
        talk=_seconds(talk),
        offers=tuple(sorted(stay.offers, key=lambda offer: (offer.offered_at, offer.operator))),
        evidence=Evidence.INFERRED if died and talk else stay.evidence,
    )


def _belongs(talk: Segment, stay: Stay, all_stays: Sequence[Stay]) -> bool:
    """Whether the talk came of this stay: the last one answered before it, to the second."""
    moment = talk.started_at + timedelta(seconds=1)
    answered = [
        one
        for one in all_stays
        if one.operator and one.left_at is not None and one.left_at < moment
    ]
    return bool(answered) and answered[-1] is stay


def _with(others: Mapping[str, str], talk: Segment, call: _Call) -> bool:
    """Whether the caller talks with one of ``others``."""
    legs = (talk.leg_a, talk.leg_b)
    return call.caller.uniqueid in legs and any(leg in others for leg in legs)


def _closed(talk: Segment, ended_at: datetime | None) -> Segment:
    if talk.ended_at is not None or ended_at is None:
        return talk
    return replace(talk, ended_at=max(ended_at, talk.started_at))


def _seconds(talks: Iterable[Segment]) -> float:
    """Time covered by segments that have ended, counted once where they overlap."""
    total = 0.0
    reached: datetime | None = None
    for talk in sorted(talks, key=lambda one: one.started_at):
        if talk.ended_at is None:
            continue
        start = talk.started_at if reached is None else max(talk.started_at, reached)
        total += max(0.0, (talk.ended_at - start).total_seconds())
        reached = talk.ended_at if reached is None else max(reached, talk.ended_at)
    return total


def _legs(call: _Call, number: str) -> tuple[Leg, ...]:
    legs: dict[str, Leg] = {}
    for channel in call.channels.values():
        key = channel.local_pair or channel.uniqueid
        leg = _leg(channel, call, number)
        legs[key] = leg if key not in legs else _together(legs[key], leg)
    return tuple(sorted(legs.values(), key=lambda leg: (leg.started_at, leg.uniqueid)))


def _leg(channel: Channel, call: _Call, number: str) -> Leg:
    if channel is call.caller:
        role, party = "caller", number
    elif channel.uniqueid in call.operators:
        role, party = "operator", call.operators[channel.uniqueid]
    elif channel.uniqueid in call.staff:
        role, party = "staff", call.staff[channel.uniqueid]
    else:
        role, party = "other", ""
    died = channel.ended_at is None and call.died_at is not None
    return Leg(
        uniqueid=channel.uniqueid,
        channel=channel.local_pair or channel.name,
        role=role,
        party=party,
        started_at=channel.started_at,
        answered_at=channel.answered_at,
        ended_at=call.died_at if died else channel.ended_at,
        hangup_cause=channel.hangup_cause,
        hangup_source=channel.hangup_source,
        evidence=Evidence.INFERRED if died else Evidence.OBSERVED,
    )


def _together(one: Leg, other: Leg) -> Leg:
    """The two halves of a Local channel as one leg, known by its older half."""
    first, second = sorted((one, other), key=lambda leg: (leg.started_at, leg.uniqueid))
    ends = [leg.ended_at for leg in (first, second) if leg.ended_at is not None]
    answers = [leg.answered_at for leg in (first, second) if leg.answered_at is not None]
    return replace(
        first,
        answered_at=min(answers, default=None),
        ended_at=max(ends) if len(ends) == 2 else None,
        hangup_source=first.hangup_source or second.hangup_source,
    )
