"""app_queue's members over AMI: who they are, and the commands that change them."""

from __future__ import annotations

from functools import partial

import structlog

from ccops.asterisk.ami import AmiLink, AmiRefused
from ccops.asterisk.live import picture
from ccops.clock import Clock
from ccops.domain.live_events import Member
from ccops.domain.operators import Add, Command, Pause, Remove, operator_of

log = structlog.get_logger(__name__)


class AmiQueueControl:
    """Commands are sent once. AmiDown and AmiTimeout leave open whether one was carried out."""

    def __init__(self, link: AmiLink, clock: Clock) -> None:
        self._link = link
        self._clock = clock

    async def members(self) -> tuple[Member, ...]:
        """Every member of every queue, as app_queue has them now."""
        status = await self._link.list("QueueStatus")
        return picture(status, {}, self._clock.now()).members

    async def carry_out(self, command: Command) -> bool:
        """False: Asterisk refused (already there, not there), and nothing was done."""
        queue, interface = command.queue, interface_of(command.operator)
        send = partial(self._link.action, Queue=queue, Interface=interface)
        try:
            match command:
                case Add(_, operator, reason):
                    paused = _yes_no(bool(reason))
                    await send("QueueAdd", MemberName=operator, Paused=paused, Reason=reason)
                case Pause(_, _, reason):
                    await send("QueuePause", Paused=_yes_no(bool(reason)), Reason=reason)
                case Remove():
                    await send("QueueRemove")
        except AmiRefused as error:
            log.info("asterisk refused a command", command=command, answer=error.message)
            return False
        return True


def interface_of(operator: str) -> str:
    """The interface as which an operator is a member; see ``operator_of``."""
    return operator if "/" in operator and not operator_of(operator) else f"PJSIP/{operator}"


def _yes_no(value: bool) -> str:
    return "true" if value else "false"
