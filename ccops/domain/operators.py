"""Making app_queue agree with what the operators want: pure rules (decision 11).

Nothing is ever commanded twice because of a doubt: commands always follow from a fresh look at
app_queue, by the difference to what is wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ccops.config.model import Hotline
from ccops.domain.live_events import Member
from ccops.domain.skills import assignments, skill_queues
from ccops.domain.wishes import OperatorWish


@dataclass(frozen=True)
class Add:
    """Into the queue; paused from the start where there is a reason."""

    queue: str
    operator: str
    reason: str = ""


@dataclass(frozen=True)
class Remove:
    queue: str
    operator: str


@dataclass(frozen=True)
class Pause:
    """With a reason: pause, or change the reason; without: end the pause."""

    queue: str
    operator: str
    reason: str = ""


Command = Add | Remove | Pause


def operator_of(interface: str) -> str:
    """The operator whose telephone this is: ``PJSIP/101`` and ``PJSIP/101-0000002a`` are 101's.

    By the authenticated SIP endpoint, as a caller id can be forged. Empty when it is no operator's
    kind of interface or channel.
    """
    match = re.fullmatch(r"PJSIP/([^/@]+?)(-[0-9a-f]{8,})?", interface)
    return match[1] if match else ""


def served(hotline: Hotline, wishes: Mapping[str, OperatorWish]) -> dict[str, tuple[str, ...]]:
    """Operator → the queues, as Asterisk has them, to serve while logged in.

    Those of the languages that the operator speaks; and of another language while nobody who
    speaks it is logged in, so that those who wait in it already do not wait for nobody.
    """
    own = assignments(hotline)
    attended = {
        queue
        for operator, queues in own.items()
        if (wish := wishes.get(operator)) is not None and wish.logged_in
        for queue in queues
    }
    return {
        id_: tuple(
            one.name
            for one in skill_queues(hotline)
            if one.queue in operator.queues and (one.name in own[id_] or one.name not in attended)
        )
        for id_, operator in hotline.operators.items()
    }


def difference(
    wishes: Mapping[str, OperatorWish],
    assignments: Mapping[str, Sequence[str]],
    members: Iterable[Member],
) -> list[Command]:
    """The commands that make ``members`` into what is wished, within ``assignments``.

    ``assignments`` are the operators of the configuration and the queues they serve: who is not
    in it may not be a member of anything.
    """
    wanted = {
        (queue, operator): wish
        for operator, queues in assignments.items()
        if (wish := wishes.get(operator)) is not None and wish.logged_in
        for queue in queues
    }
    present = {(member.queue, member.operator): member for member in members}
    commands: list[Command] = [Remove(*key) for key in present.keys() - wanted.keys()]
    for key, wish in wanted.items():
        member = present.get(key)
        reason = wish.reason if wish.paused else ""
        if member is None:
            commands.append(Add(*key, reason))
        elif (member.paused, member.reason if member.paused else "") != (wish.paused, reason):
            commands.append(Pause(*key, reason))
    return sorted(commands, key=_order)


def end_of_wrap_up(
    members: Iterable[Member], wrap_up: Mapping[str, int], now: datetime
) -> list[Command]:
    """Commands that end one operator's wrap-up at ``now``; none where there is none.

    app_queue reckons wrap-up from a member's last call, and only a new member has none: so the
    operator leaves and enters again (tried on Asterisk 22: the next caller rings at once).
    """
    own = list(members)
    longest = max((wrap_up.get(member.queue, 0) for member in own), default=0)
    if any(member.in_call for member in own):
        return []
    return [
        command
        for member in own
        if member.last_call and now < member.last_call + timedelta(seconds=longest)
        for command in (
            Remove(member.queue, member.operator),
            Add(member.queue, member.operator, member.reason if member.paused else ""),
        )
    ]


def _order(command: Command) -> tuple[str, str]:
    return command.operator, command.queue
