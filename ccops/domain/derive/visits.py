"""Step 3: the stays in queues and the rings at operators, from queue_log.

From here on a queue is one of ``hotline.yaml``, whichever of app_queue's the caller waited in.
queue_log knows whole seconds; waits are the ones it wrote itself, so that they agree with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ccops.domain.derive.channels import Channel
from ccops.domain.raw import QueueRow
from ccops.domain.records import Evidence, Offer, OfferOutcome, VisitOutcome
from ccops.domain.skills import queue_of

_LEFT = {
    # event: outcome, index of the wait in its data
    "ABANDON": (VisitOutcome.ABANDONED, 2),
    "EXITWITHTIMEOUT": (VisitOutcome.TIMED_OUT, 2),
    "EXITEMPTY": (VisitOutcome.EMPTY, 2),
    "EXITWITHKEY": (VisitOutcome.KEY, 3),
}
_RANG = {"RINGNOANSWER": OfferOutcome.NO_ANSWER, "RINGCANCELED": OfferOutcome.CANCELLED}
_REFUSED = {
    "FULL": VisitOutcome.FULL,
    "JOINEMPTY": VisitOutcome.EMPTY,
    "JOINUNAVAIL": VisitOutcome.EMPTY,
}
"""QUEUESTATUS of a caller who was not let in, as the user event CCOPS_REFUSED carries it."""
_COARSE = timedelta(seconds=2)
"""By how much a moment computed from queue_log's whole seconds can differ from CEL's."""


@dataclass
class Stay:
    """A visit in the making."""

    queue: str
    entered_at: datetime
    position: int | None = None
    left_at: datetime | None = None
    """When the waiting ended: the operator's answer, or leaving without."""
    outcome: VisitOutcome = VisitOutcome.OPEN
    wait: float = 0.0
    operator: str = ""
    operator_channel: str = ""
    """Uniqueid of the channel that answered; a Local half for members reached that way."""
    offers: list[Offer] = field(default_factory=list)
    evidence: Evidence = Evidence.OBSERVED

    def leave(self, at: datetime, outcome: VisitOutcome, wait: int) -> None:
        self.left_at, self.outcome, self.wait = at, outcome, float(wait)
        if self.evidence is Evidence.INFERRED:
            self.entered_at = at - timedelta(seconds=wait)

    def close(self, at: datetime, outcome: VisitOutcome) -> None:
        """End a stay whose end nobody wrote."""
        at = max(at, self.entered_at)
        self.left_at, self.outcome = at, outcome
        self.wait = (at - self.entered_at).total_seconds()
        self.evidence = Evidence.INFERRED


def stays(caller: Channel, rows: Sequence[QueueRow]) -> list[Stay]:
    """The caller's stays, in the order of entering. ``rows`` must be in the order of time."""
    found: list[Stay] = []
    for row in rows:
        if row.callid != caller.uniqueid:
            continue
        if row.event == "ENTERQUEUE":
            found.append(Stay(queue_of(row.queue), row.at, _number(row.data, 2)))
        elif row.event == "CONNECT":
            stay = _current(found, row)
            stay.leave(row.at, VisitOutcome.ANSWERED, _number(row.data, 0) or 0)
            stay.operator = row.member
            stay.operator_channel = row.data[1] if len(row.data) > 1 else ""
            rang = timedelta(seconds=_number(row.data, 2) or 0)
            stay.offers.append(Offer(row.member, row.at - rang, row.at, OfferOutcome.ANSWERED))
        elif row.event in _RANG:
            rang = timedelta(milliseconds=_number(row.data, 0) or 0)
            _current(found, row).offers.append(
                Offer(row.member, row.at - rang, row.at, _RANG[row.event])
            )
        elif row.event in _LEFT:
            outcome, place = _LEFT[row.event]
            _current(found, row).leave(row.at, outcome, _number(row.data, place) or 0)
    return sorted([*found, *_refused(caller)], key=lambda stay: stay.entered_at)


def add_rings(
    visited: Sequence[Stay], own: Mapping[str, Channel], operators: Mapping[str, str]
) -> None:
    """Add the offers of which queue_log says nothing: rings that end because another operator
    answered, and those that go on."""
    for uniqueid, operator in operators.items():
        channel = own[uniqueid]
        began = [stay for stay in visited if stay.entered_at <= channel.started_at]
        if not began or not channel.rung_by_queue:
            continue
        offers = began[-1].offers
        if any(
            offer.operator == operator and abs(offer.offered_at - channel.started_at) <= _COARSE
            for offer in offers
        ):
            continue
        outcome = OfferOutcome.OPEN if channel.ended_at is None else OfferOutcome.CANCELLED
        offers.append(Offer(operator, channel.started_at, channel.ended_at, outcome))


def _current(found: list[Stay], row: QueueRow) -> Stay:
    queue = queue_of(row.queue)
    for stay in reversed(found):
        if stay.queue == queue:
            return stay
    # The row that says when the caller entered was lost.
    stay = Stay(queue, row.at, evidence=Evidence.INFERRED)
    found.append(stay)
    return stay


def _refused(caller: Channel) -> Iterable[Stay]:
    for event, at, data in caller.said:
        queue, _, status = data.partition("=")
        if event == "CCOPS_REFUSED" and status in _REFUSED:
            yield Stay(queue, at, left_at=at, outcome=_REFUSED[status])


def _number(data: Sequence[str], place: int) -> int | None:
    text = data[place] if place < len(data) else ""
    return int(text) if text.isascii() and text.isdigit() else None
