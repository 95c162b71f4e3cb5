"""Operators log in and out, pause and resume; app_queue is made to agree (decision 11)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from ccops.clock import Clock
from ccops.config.model import Hotline
from ccops.domain.live_events import WRAP_UP_REASON, Member
from ccops.domain.operators import Command, difference, end_of_wrap_up
from ccops.domain.wishes import OperatorWish
from ccops.errors import CcopsError

log = structlog.get_logger(__name__)

ROUNDS = 3
"""Looks at app_queue before giving up until the next reconcile."""


class OperatorUnknownError(CcopsError):
    code = "operator_unknown"


class ReasonUnknownError(CcopsError):
    code = "pause_reason_unknown"


class NotLoggedInError(CcopsError):
    code = "not_logged_in"


class OperatorStore(Protocol):
    """Where wishes live."""

    async def wishes(self) -> Mapping[str, OperatorWish]: ...

    async def save(self, wish: OperatorWish) -> None:
        """Replace the operator's wish and add it to the trail, in one transaction."""
        ...


class QueueControl(Protocol):
    """app_queue's members. A CcopsError means that it is not known what was done."""

    async def members(self) -> Sequence[Member]: ...

    async def carry_out(self, command: Command) -> bool:
        """False: refused, nothing was done."""
        ...


@dataclass(frozen=True)
class Wished:
    """What an operator wants from now on, and whether app_queue agrees already.

    Where it does not (no link to Asterisk), the wish is kept and takes effect with the link.
    """

    wish: OperatorWish
    applied: bool


class OperatorService:
    """The operators' wishes and their effect. ``by`` is ``phone``, ``api:<user>`` or ``system``.

    Every method may be called again without harm. Errors: OperatorUnknownError, ReasonUnknownError,
    NotLoggedInError, and what the store raises. Trouble with Asterisk is no error: see ``Wished``.
    """

    def __init__(
        self,
        control: QueueControl,
        store: OperatorStore,
        clock: Clock,
        hotline: Callable[[], Hotline],
    ) -> None:
        self._control = control
        self._store = store
        self._clock = clock
        self._hotline = hotline
        self._lock = asyncio.Lock()

    async def log_in(self, operator: str, by: str) -> Wished:
        """Take calls from all the operator's queues; a pause stays as it was."""
        return await self._wish(operator, by, lambda wish: replace(wish, logged_in=True))

    async def log_out(self, operator: str, by: str) -> Wished:
        """Take no more calls; a call under way goes on. Ends a pause."""
        return await self._wish(
            operator, by, lambda wish: replace(wish, logged_in=False, paused=False, reason="")
        )

    async def pause(self, operator: str, reason: str, by: str) -> Wished:
        """No calls until ``resume``. The reason ``wrap-up`` makes the after-call work longer."""
        known = {item.id for item in self._hotline().pause_reasons.values()} | {WRAP_UP_REASON}
        if reason not in known:
            raise ReasonUnknownError(
                f"There is no pause reason {reason!r}.",
                remedy=f"Use one of: {', '.join(sorted(known))}.",
            )
        return await self._wish(
            operator,
            by,
            lambda wish: replace(_logged_in(wish), paused=True, reason=reason),
        )

    async def resume(self, operator: str, by: str) -> Wished:
        """Ready for the next call: ends a pause and what is left of the wrap-up."""
        return await self._wish(
            operator,
            by,
            lambda wish: replace(_logged_in(wish), paused=False, reason=""),
            end_wrap_up=True,
        )

    async def wishes(self) -> Mapping[str, OperatorWish]:
        """What every operator wants who ever said so."""
        return await self._store.wishes()

    async def reconcile(self) -> bool:
        """Make app_queue agree with all wishes: after each reconnect and change of configuration.

        False when it could not be done; raises what the store raises.
        """
        async with self._lock:
            return await self._settle(await self._store.wishes(), self._assignments())

    async def _wish(
        self,
        operator: str,
        by: str,
        change: Callable[[OperatorWish], OperatorWish],
        *,
        end_wrap_up: bool = False,
    ) -> Wished:
        queues = self._assignments().get(operator)
        if queues is None:
            raise OperatorUnknownError(
                f"There is no operator {operator!r}.", remedy="See operators in hotline.yaml."
            )
        async with self._lock:
            known = (await self._store.wishes()).get(operator)
            now = self._clock.now()
            before = known or OperatorWish(operator, False, False, "", now, by)
            wish = change(before)
            if wish != before:
                wish = replace(wish, since=now, changed_by=by)
                await self._store.save(wish)
                log.info(
                    "operator's wish",
                    operator=operator,
                    logged_in=wish.logged_in,
                    reason=wish.reason,
                    by=by,
                )
            applied = await self._settle(
                {operator: wish}, {operator: queues}, only=operator, end_wrap_up=end_wrap_up
            )
        return Wished(wish, applied)

    async def _settle(
        self,
        wishes: Mapping[str, OperatorWish],
        assignments: Mapping[str, Sequence[str]],
        *,
        only: str | None = None,
        end_wrap_up: bool = False,
    ) -> bool:
        """Look, act on the difference, look again; after a doubt nothing is repeated unseen."""
        for _ in range(ROUNDS):
            try:
                members = await self._control.members()
                own = [m for m in members if only is None or m.operator == only]
                commands = difference(wishes, assignments, own)
                if not commands and end_wrap_up:
                    commands = end_of_wrap_up(own, self._wrap_up(), self._clock.now())
                if not commands:
                    return True
                for command in commands:
                    if not await self._control.carry_out(command):
                        log.warning("asterisk refused", command=command)
            except CcopsError as error:
                log.warning("no answer about the queues' members", code=error.code)
        log.error("the queues' members are not as wished", operator=only or "all")
        return False

    def _assignments(self) -> dict[str, Sequence[str]]:
        return {id_: item.queues for id_, item in self._hotline().operators.items()}

    def _wrap_up(self) -> dict[str, int]:
        return {name: queue.wrap_up for name, queue in self._hotline().queues.items()}


class OperatorDesk:
    """The commands as one speaker gives them, whose wish counts even while Asterisk is away."""

    def __init__(self, service: OperatorService, by: str) -> None:
        self._service = service
        self._by = by

    async def log_in(self, operator: str) -> None:
        await self._service.log_in(operator, self._by)

    async def log_out(self, operator: str) -> None:
        await self._service.log_out(operator, self._by)

    async def pause(self, operator: str, reason: str) -> None:
        await self._service.pause(operator, reason, self._by)

    async def resume(self, operator: str) -> None:
        await self._service.resume(operator, self._by)


def _logged_in(wish: OperatorWish) -> OperatorWish:
    if not wish.logged_in:
        raise NotLoggedInError(
            f"Operator {wish.operator} is not logged in.", remedy="Log in first."
        )
    return wish
