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
from ccops.domain.operators import Command, difference, end_of_wrap_up, served
from ccops.domain.wishes import OperatorWish
from ccops.errors import CcopsError
from ccops.services.live import roster_of

log = structlog.get_logger(__name__)

ROUNDS = 3
"""Looks at app_queue before leaving it to ``run``."""

RETRY = 10.0


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
        *,
        retry: float = RETRY,
    ) -> None:
        """``retry``: seconds before looking again after app_queue could not be made to agree."""
        self.settled = False
        """Whether app_queue agreed with all wishes at the last look at all of them."""
        self._retry = retry
        self._unsettled = asyncio.Event()
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

        False when it could not be done; raises what the store raises. Either way ``run`` tries
        again.
        """
        async with self._lock:
            settled = False
            try:
                wishes = await self._store.wishes()
                settled = await self._settle(wishes, served(self._hotline(), wishes))
            finally:
                self.settled = settled
                if settled:
                    self._unsettled.clear()
                else:
                    self._unsettled.set()
            return settled

    async def run(self) -> None:
        """Reconcile again and again while app_queue does not agree; until cancelled.

        A reconnect is not enough: Asterisk may have been too slow to answer, and still be there.
        """
        while True:
            await self._unsettled.wait()
            await asyncio.sleep(self._retry)
            await self.reconcile()

    async def _wish(
        self,
        operator: str,
        by: str,
        change: Callable[[OperatorWish], OperatorWish],
        *,
        end_wrap_up: bool = False,
    ) -> Wished:
        if operator not in self._hotline().operators:
            raise OperatorUnknownError(
                f"There is no operator {operator!r}.", remedy="See operators in hotline.yaml."
            )
        async with self._lock:
            known = await self._store.wishes()
            now = self._clock.now()
            before = known.get(operator) or OperatorWish(operator, False, False, "", now, by)
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
            queues = served(self._hotline(), {**known, operator: wish})
            applied = await self._settle(
                {operator: wish}, queues, only=operator, end_wrap_up=end_wrap_up
            )
            if queues != served(self._hotline(), known):
                self._unsettled.set()  # others stand in for a language, or no longer do
        return Wished(wish, applied)

    async def _settle(
        self,
        wishes: Mapping[str, OperatorWish],
        queues: Mapping[str, Sequence[str]],
        *,
        only: str | None = None,
        end_wrap_up: bool = False,
    ) -> bool:
        """Look, act on the difference, look again; after a doubt nothing is repeated unseen."""
        trouble = "refused"
        for _ in range(ROUNDS):
            try:
                members = await self._control.members()
                own = [m for m in members if only is None or m.operator == only]
                commands = difference(wishes, queues, own)
                if not commands and end_wrap_up:
                    commands = end_of_wrap_up(
                        own, roster_of(self._hotline()).wrap_up, self._clock.now()
                    )
                if not commands:
                    return True
                for command in commands:
                    await self._control.carry_out(command)
            except CcopsError as error:
                trouble = error.code
        if not self._unsettled.is_set():
            log.warning("queues' members are not as wished", operator=only, trouble=trouble)
            self._unsettled.set()
        return False


def _logged_in(wish: OperatorWish) -> OperatorWish:
    if not wish.logged_in:
        raise NotLoggedInError(
            f"Operator {wish.operator} is not logged in.", remedy="Log in first."
        )
    return wish
