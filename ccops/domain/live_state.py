"""How the picture of this moment changes: a pure reducer over what Asterisk tells.

``LiveState`` is fed with events and gives a :class:`Snapshot` for any moment. It is
forgiving by design: after a reconnect the same fact may be told twice, or late, and the picture
must neither hold a ghost nor lose a caller. Times are aware UTC datetimes, durations are seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ccops.domain.live import OperatorState, OperatorView, QueueView, Snapshot, Waiting
from ccops.domain.live_events import (
    WRAP_UP_REASON,
    AnnouncementStarted,
    CallerGaveUp,
    CallerJoined,
    CallerLeft,
    Device,
    LiveEvent,
    Member,
    MemberChanged,
    MemberRemoved,
    OperatorCompleted,
    OperatorConnected,
    Resync,
    Roster,
)

SAME_STAY = timedelta(seconds=2)


class LiveState:
    """Who waits where and what each operator does, as told by the events so far."""

    def __init__(self, roster: Roster | None = None) -> None:
        self.roster = roster or Roster()
        self._waiting: dict[str, list[Waiting]] = {}
        self._members: dict[str, dict[str, Member]] = {}
        """Operator → queue → membership."""
        self._last_queue: dict[str, str] = {}
        """Operator → queue of the last call, whose wrap-up time counts."""
        self._shown: dict[str, tuple[OperatorState, datetime]] = {}

    def apply(self, event: LiveEvent) -> None:
        """Take in one event. Facts already known, or about somebody unknown, change nothing."""
        match event:
            case CallerJoined(caller):
                self._join(caller)
            case CallerLeft(queue, call):
                self._leave(queue, call)
            case MemberChanged(member, at):
                self._see(member)
                self._note(member.operator, at)
            case MemberRemoved(queue, operator, at):
                self._members.get(operator, {}).pop(queue, None)
                self._note(operator, at)
            case OperatorConnected(queue, operator, _, at):
                self._update(operator, queue, device=Device.BUSY, in_call=True)
                self._note(operator, at)
            case OperatorCompleted(queue, operator, at):
                self._last_queue[operator] = queue
                ended = at.replace(microsecond=0)
                for name in self._members.get(operator, {}):
                    self._update(operator, name, in_call=False, last_call=ended)
                self._note(operator, at)
            case Resync(members, waiting, at):
                self._replace(members, waiting, at)
            case CallerGaveUp() | AnnouncementStarted():
                pass  # for the wait estimates and the announcements; the picture is the same

    def snapshot(
        self, at: datetime, *, link_up: bool = True, calls_today: Mapping[str, int] | None = None
    ) -> Snapshot:
        """The picture at ``at``: configured queues and operators first, then any others."""
        ids = [*self.roster.names, *sorted(self._members.keys() - self.roster.names.keys())]
        counts = calls_today or {}
        operators = tuple(
            self._operator(id_, at, counts.get(id_, 0))
            for id_ in ids
            if id_ in self.roster.names or self._members[id_]
        )
        seen = {queue for memberships in self._members.values() for queue in memberships}
        seen.update(queue for queue, callers in self._waiting.items() if callers)
        names = [*self.roster.wrap_up, *sorted(seen - self.roster.wrap_up.keys())]
        queues = tuple(self._queue(name, operators) for name in names)
        return Snapshot(at=at, link_up=link_up, queues=queues, operators=operators)

    def capacity(self, queue: str) -> float:
        """Operators able to take this queue's callers (``s`` of the expected wait).

        Logged in, not paused, reachable, talking or not. One who serves several queues counts as
        a fraction: shared among those of them in which somebody waits, this one included.
        """
        total = 0.0
        for memberships in self._members.values():
            own = memberships.get(queue)
            if own is None or own.paused or own.device is Device.GONE:
                continue
            total += 1 / sum(name == queue or bool(self._waiting.get(name)) for name in memberships)
        return total

    def waiting(self) -> Iterable[Waiting]:
        """All waiting callers, queue by queue, from the head."""
        for callers in self._waiting.values():
            yield from callers

    # -- callers

    def _join(self, caller: Waiting) -> None:
        callers = self._waiting.setdefault(caller.queue, [])
        if any(known.call == caller.call for known in callers):
            return
        callers.insert(max(caller.position, 1) - 1, caller)
        self._number(caller.queue)

    def _leave(self, queue: str, call: str) -> None:
        callers = self._waiting.get(queue, [])
        remaining = [caller for caller in callers if caller.call != call]
        if len(remaining) != len(callers):
            self._waiting[queue] = remaining
            self._number(queue)

    def _number(self, queue: str) -> None:
        self._waiting[queue] = [
            caller if caller.position == place else replace(caller, position=place)
            for place, caller in enumerate(self._waiting[queue], start=1)
        ]

    # -- operators

    def _see(self, member: Member) -> None:
        """A membership as told by Asterisk, less what may be older than what is known already.

        The device's change and the end of the call reach us by different ways: a status told
        before the call's end was noted must not take back that end, nor one from before the
        connection put an operator who talks back to none.
        """
        memberships = self._members.setdefault(member.operator, {})
        known = memberships.get(member.queue)
        if known is not None:
            if known.last_call and (not member.last_call or member.last_call < known.last_call):
                member = replace(member, last_call=known.last_call)
            if known.in_call and member.device is Device.BUSY:
                member = replace(member, in_call=True)
        memberships[member.queue] = member
        for name, other in memberships.items():
            if other.device is not member.device:
                memberships[name] = replace(other, device=member.device)

    def _update(
        self,
        operator: str,
        queue: str,
        *,
        in_call: bool,
        device: Device | None = None,
        last_call: datetime | None = None,
    ) -> None:
        known = self._members.get(operator, {}).get(queue)
        if known is not None:
            self._members[operator][queue] = replace(
                known,
                in_call=in_call,
                device=device or known.device,
                last_call=last_call or known.last_call,
            )

    def _replace(
        self, members: tuple[Member, ...], waiting: tuple[Waiting, ...], at: datetime
    ) -> None:
        before = set(self._members)
        known = {(caller.queue, caller.call): caller for caller in self.waiting()}
        self._members = {}
        for member in members:
            self._members.setdefault(member.operator, {})[member.queue] = member
        self._waiting = {}
        for caller in sorted(waiting, key=lambda caller: caller.position):
            caller = _same_stay(known.get((caller.queue, caller.call)), caller)
            self._waiting.setdefault(caller.queue, []).append(caller)
        for queue in self._waiting:
            self._number(queue)
        for operator in before | self._members.keys() | self.roster.names.keys():
            self._note(operator, at)

    def _note(self, operator: str, at: datetime) -> None:
        """Remember since when the operator is in the state now known."""
        self._shown[operator] = self._since(operator, at)

    def _since(self, operator: str, at: datetime) -> tuple[OperatorState, datetime]:
        state = self._state(operator, at)
        shown = self._shown.get(operator)
        if shown is not None and shown[0] is state:
            return shown
        ended = self._wrap_up_end(operator)
        if state is OperatorState.READY and shown and shown[0] is OperatorState.WRAP_UP and ended:
            return state, min(ended, at)  # it ran out without anything being told
        return state, at

    def _state(self, operator: str, at: datetime) -> OperatorState:
        memberships = self._members.get(operator)
        if not memberships:
            return OperatorState.LOGGED_OUT
        devices = {member.device for member in memberships.values()}
        if Device.BUSY in devices or any(member.in_call for member in memberships.values()):
            return OperatorState.TALKING
        if Device.RINGING in devices:
            return OperatorState.RINGING
        if (reason := self._pause(operator)) is not None:
            return OperatorState.WRAP_UP if reason == WRAP_UP_REASON else OperatorState.PAUSED
        if Device.GONE in devices:
            return OperatorState.UNREACHABLE
        ended = self._wrap_up_end(operator)
        return OperatorState.WRAP_UP if ended and at < ended else OperatorState.READY

    def _pause(self, operator: str) -> str | None:
        members = self._members.get(operator, {}).values()
        return next((member.reason for member in members if member.paused), None)

    def _wrap_up_end(self, operator: str) -> datetime | None:
        """End of the after-call work as app_queue reckons it: in whole seconds, by the wrap-up
        time of the last call's queue; where that is not known, of the operator's longest."""
        memberships = self._members.get(operator, {})
        ends = [member.last_call for member in memberships.values() if member.last_call]
        if not ends:
            return None
        queue = self._last_queue.get(operator)
        queues = [queue] if queue in self.roster.wrap_up else list(memberships)
        seconds = max(self.roster.wrap_up.get(name or "", 0) for name in queues)
        return max(ends).astimezone(UTC) + timedelta(seconds=seconds)

    # -- views

    def _operator(self, id_: str, at: datetime, calls_today: int) -> OperatorView:
        state, since = self._since(id_, at)
        paused = self._pause(id_)
        runs_out = state is OperatorState.WRAP_UP and paused is None
        return OperatorView(
            id=id_,
            name=self.roster.names.get(id_, id_),
            state=state,
            since=since,
            until=self._wrap_up_end(id_) if runs_out else None,
            reason=paused or "",
            queues=tuple(self._members.get(id_, {})),
            calls_today=calls_today,
        )

    def _queue(self, name: str, operators: tuple[OperatorView, ...]) -> QueueView:
        own = [operator for operator in operators if name in operator.queues]
        return QueueView(
            name=name,
            waiting=tuple(self._waiting.get(name, ())),
            operators_logged_in=len(own),
            operators_ready=sum(operator.state is OperatorState.READY for operator in own),
            talking=sum(self._members[operator.id][name].in_call for operator in own),
        )


def _same_stay(known: Waiting | None, told: Waiting) -> Waiting:
    """The truth of a caller, with the exact time of joining where it was seen: the truth comes in
    whole seconds of waiting. Another time means that the caller had left and come again."""
    if known is None or abs(known.joined_at - told.joined_at) > SAME_STAY:
        return told
    if not told.language:
        told = replace(told, language=known.language, slow=known.slow)
    return replace(told, joined_at=known.joined_at)
