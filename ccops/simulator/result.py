"""What happened in a campaign, as the telephone network saw it: the truth to compare records with.

The network knows who called, which keys were pressed, which telephone was answered for whom and
when each call ended. Waits run from the last key, so they hold the hotline's few tenths of a
second between that key and the queue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ccops.simulator.plan import Intent, PlannedCall


class CallOutcome(StrEnum):
    ANSWERED = "answered"
    """An operator lifted the receiver."""
    ABANDONED = "abandoned"
    """Asked for an operator and hung up before one answered."""
    LEFT_IN_MENU = "left_in_menu"
    """Hung up without having asked for an operator; may have heard the information wanted."""
    CUT_OFF = "cut_off"
    """The hotline ended the call before an operator answered."""
    REFUSED = "refused"
    """The hotline never answered."""


@dataclass(frozen=True)
class CallTruth:
    """One call. Seconds are None where there was nothing to measure."""

    planned: PlannedCall
    started_at: datetime
    answered_at: datetime | None
    """By the hotline."""
    asked_at: datetime | None
    """Last key of those who ask for an operator."""
    ended_at: datetime
    outcome: CallOutcome
    answered_by: str = ""
    """Operator's id."""
    wait: float | None = None
    talk: float | None = None

    @property
    def number(self) -> str:
        return self.planned.number


@dataclass(frozen=True)
class Talk:
    """One talk, as the operator's telephone saw it."""

    operator: str
    number: str
    answered_at: datetime
    ended_at: datetime

    @property
    def seconds(self) -> float:
        return (self.ended_at - self.answered_at).total_seconds()


@dataclass(frozen=True)
class CampaignResult:
    """Every call that was placed, in the order in which they began, and every talk."""

    calls: tuple[CallTruth, ...]
    talks: tuple[Talk, ...]
    seconds: float
    """How long the campaign lasted."""

    def count(self, outcome: CallOutcome) -> int:
        return self.outcomes[outcome]

    @property
    def outcomes(self) -> Counter[CallOutcome]:
        return Counter(call.outcome for call in self.calls)

    def waits(self, *outcomes: CallOutcome) -> list[float]:
        """Waits of the calls with these outcomes."""
        return [c.wait for c in self.calls if c.outcome in outcomes and c.wait is not None]

    @property
    def talk_seconds(self) -> list[float]:
        return [call.talk for call in self.calls if call.talk is not None]


def outcome_of(planned: PlannedCall, *, answered: bool, asked: bool, hung_up: bool) -> CallOutcome:
    """Outcome of a call that no operator answered; ``hung_up``: the caller ended it."""
    if not answered:
        return CallOutcome.REFUSED
    if asked:
        return CallOutcome.ABANDONED if hung_up else CallOutcome.CUT_OFF
    left = hung_up or planned.intent is not Intent.OPERATOR
    return CallOutcome.LEFT_IN_MENU if left else CallOutcome.CUT_OFF


def with_talks(calls: Sequence[CallTruth], talks: Iterable[Talk]) -> list[CallTruth]:
    """Give each talk to its call: by the number, or, where it is withheld, by the end.

    When the operator hangs up, the hotline still says goodbye to the caller; so a talk with a
    withheld number belongs to the first withheld call that ended after it (or, when the caller
    hung up, at the same moment), of those that began to wait before it.
    """
    result = list(calls)
    for talk in sorted(talks, key=lambda talk: talk.ended_at):
        place = _call_of(result, talk)
        if place is not None:
            call = result[place]
            wait = (talk.answered_at - (call.asked_at or call.started_at)).total_seconds()
            result[place] = replace(
                call,
                outcome=CallOutcome.ANSWERED,
                answered_by=talk.operator,
                wait=max(wait, 0.0),
                talk=talk.seconds,
            )
    return result


def _call_of(calls: Sequence[CallTruth], talk: Talk) -> int | None:
    margin = timedelta(seconds=1)
    candidates = [
        (call.ended_at, place)
        for place, call in enumerate(calls)
        if call.number == talk.number
        and call.outcome is not CallOutcome.ANSWERED
        and call.asked_at is not None
        and call.asked_at <= talk.answered_at
        and call.ended_at >= talk.ended_at - margin
    ]
    return min(candidates)[1] if candidates else None
