"""A stream of callers and a shift of operators, played out on the telephone network.

What they do was decided in the plan; here it happens. The only thing a caller learns from the
network is that the other side has answered or hung up, so that an operator has taken the call is
told by the operator's telephone, which shows the caller's number.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from functools import partial

import structlog

from ccops.asterisk.ami import AmiError
from ccops.errors import CcopsError
from ccops.simulator import plan
from ccops.simulator.caller import Caller
from ccops.simulator.channel import NotAnsweredError
from ccops.simulator.network import Network
from ccops.simulator.phone import Conduct, Phone, PhoneCall, PhoneTimeoutError
from ccops.simulator.plan import Intent, Options, PlannedCall, PlannedOperator
from ccops.simulator.result import CallTruth, CampaignResult, Talk, outcome_of, with_talks
from ccops.tasks import TaskRunner

log = structlog.get_logger(__name__)

ANSWER = 30.0
"""Seconds in which the hotline must answer a call."""
REGISTER = 15.0
CODE = 15.0
"""Seconds in which a phone code must have been carried out."""
DRAIN = 20.0
"""Seconds after the last minute for calls to come to their own end before everybody hangs up."""
CLOSE = 8.0
"""Seconds for everybody to hang up and log out."""
LOG_IN, LOG_OUT, END_PAUSE = "*11", "*12", "*14"


class HotlineAwayError(CcopsError):
    """The hotline cannot be reached, or does not take the operators' telephones."""

    code = "hotline_unreachable"


class Stage(StrEnum):
    RINGING = "ringing"
    IN_MENU = "in menu"
    WAITING = "waiting"
    TALKING = "talking"


class Live:
    """A call under way."""

    def __init__(self, planned: PlannedCall) -> None:
        self.planned = planned
        self.stage = Stage.RINGING
        self.caller: Caller | None = None
        self.asked_at: datetime | None = None
        self.hung_up = False
        """By the caller."""

    async def hang_up(self) -> None:
        self.hung_up = True
        if self.caller is not None:
            await self.caller.hangup()


class Campaign:
    """Plays one campaign; :meth:`run` once."""

    def __init__(self, network: Network, options: Options) -> None:
        """Raises ``PlanError`` for what the hotline does not have."""
        self.options = options
        self.placed = 0
        self._network = network
        self._hotline = network.hotline
        self._shift = plan.operators(self._hotline, options)
        self._tasks = TaskRunner("campaign")
        self._shift_tasks = TaskRunner("campaign shift")
        self._running: set[asyncio.Task[None]] = set()
        """Calls and talks under way."""
        self._live: set[Live] = set()
        self._by_number: dict[str, Live] = {}
        self._phones: list[Phone] = []
        self._done: list[CallTruth] = []
        self._talks: list[Talk] = []
        self._began = network.clock.monotonic()

    @property
    def stages(self) -> Counter[Stage]:
        """Calls under way, by stage."""
        return Counter(live.stage for live in self._live)

    @property
    def done(self) -> int:
        return len(self._done)

    @property
    def elapsed(self) -> float:
        return self._network.clock.monotonic() - self._began

    async def run(self) -> None:
        """Play the campaign: its minutes, and ``DRAIN`` seconds more at most for the last calls.

        However it ends (also by cancellation), nobody is left on the telephone, and
        :meth:`result` holds what happened. Raises :class:`HotlineAwayError`.
        """
        self._began = self._network.clock.monotonic()
        try:
            await self._begin_shift()
            await self._place_calls()
            if self._running:
                left = 60 * (self.options.minutes or 0) - self.elapsed
                await asyncio.wait(self._running, timeout=max(left, 0) + DRAIN)
        finally:
            await self._close()

    def result(self) -> CampaignResult:
        """What has happened so far: every call that has ended."""
        calls = with_talks(self._done, self._talks)
        calls.sort(key=lambda call: call.started_at)
        return CampaignResult(tuple(calls), tuple(self._talks), self.elapsed)

    async def _begin_shift(self) -> None:
        for operator in self._shift:
            phone = Phone(self._network, operator.id, record=self.options.record)
            phone.conduct = partial(self._ring, operator, phone)
            self._phones.append(phone)
        try:
            for phone in self._phones:
                await phone.registered(REGISTER)
        except PhoneTimeoutError as error:
            raise HotlineAwayError(
                f"The hotline at {self._hotline.listen.sip} did not take the registration of the "
                f"telephone {phone.extension}.",
                remedy="Start it first (ccops run), with the same hotline.yaml and the same home.",
            ) from error
        for operator, phone in zip(self._shift, self._phones, strict=True):
            self._shift_tasks.start(
                f"operator {operator.id}", partial(self._work, operator, phone), restart=False
            )

    async def _place_calls(self) -> None:
        """Place each call at its time."""
        for planned in plan.calls(self._hotline, self.options):
            await asyncio.sleep(planned.at - self.elapsed)
            self._network.check()
            self.placed += 1
            self._start(f"call {self.placed}", partial(self._call, planned))

    async def _call(self, planned: PlannedCall) -> None:
        """One citizen's call, from dialling to the end."""
        live = Live(planned)
        began = self._network.now()
        self._live.add(live)
        if planned.number:
            self._by_number[planned.number] = live
        try:
            live.caller = await Caller.dial(
                self._network, planned.number or None, planned.line, record=self.options.record
            )
            await self._talk_to_hotline(live, live.caller)
        except NotAnsweredError:
            await live.hang_up()
        except AmiError as error:  # for one, the call ended as a key was pressed
            log.debug("a call could not go on", why=str(error))
        finally:
            self._live.discard(live)
            self._by_number.pop(planned.number, None)
            self._done.append(_truth(live, began, self._network.now()))

    async def _talk_to_hotline(self, live: Live, caller: Caller) -> None:
        planned = live.planned
        asked_at = await caller.answered(ANSWER)
        live.stage = Stage.IN_MENU
        for key in planned.keys:
            if await caller.ended_within(key.after):
                return
            await caller.press(key.key)
            asked_at = caller.presses[-1].at
        if planned.intent is not Intent.OPERATOR:
            if not await caller.ended_within(planned.stays):
                await live.hang_up()
        else:
            live.asked_at = asked_at
            live.stage = Stage.WAITING
            if await caller.ended_within(planned.patience):
                return
            if live.stage is Stage.WAITING:
                await live.hang_up()
        await caller.ended(None)

    def _ring(self, operator: PlannedOperator, phone: Phone, call: PhoneCall) -> Conduct:
        """A call begins to ring: the operator's part is played here, the telephone does nothing."""
        nth = len(phone.calls)
        self._start(
            f"operator {operator.id} call {nth}", partial(self._attend, operator, phone, call, nth)
        )
        return Conduct(answer_after=None)

    async def _attend(
        self, operator: PlannedOperator, phone: Phone, call: PhoneCall, nth: int
    ) -> None:
        """An operator's part in one call."""
        live = self._by_number.get(call.caller_number)
        after = operator.answers_after(nth)
        if await call.ended_within(after) or (live is not None and live.hung_up):
            return  # nobody lifts the receiver as the caller hangs up: it would be neither
        if live is not None:
            live.stage = Stage.TALKING
        await phone.answer()
        try:
            answered_at = await call.answered(None)
        except NotAnsweredError:
            return
        talk = live.planned.talk if live else operator.talks(nth, self.options.talk)
        if not await call.ended_within(talk):
            if live is not None and live.planned.caller_ends:
                await live.hang_up()
            else:
                await phone.hangup()
        await call.ended(None)
        number = live.planned.number if live else ""
        self._talks.append(Talk(operator.id, number, answered_at, call.ended_at or answered_at))

    async def _work(self, operator: PlannedOperator, phone: Phone) -> None:
        """An operator's day: log in, and now and then a pause."""
        await asyncio.sleep(operator.login_at - self.elapsed)
        await self._dial(phone, LOG_IN)
        for pause in operator.pauses:
            await asyncio.sleep(pause.at - self.elapsed)
            await self._dial(phone, pause.code)
            await asyncio.sleep(pause.seconds)
            await self._dial(phone, END_PAUSE)

    async def _dial(self, phone: Phone, code: str) -> None:
        """Dial a code as soon as the telephone is free."""
        try:
            await phone.idle(None)
            call = await phone.dial(code)
            await call.answered(CODE)
            await call.ended(CODE)
        except CcopsError as error:
            log.warning("a phone code failed", operator=phone.extension, code=code, why=str(error))
            await phone.hangup()

    async def _close(self) -> None:
        """Everybody hangs up, the operators log out."""
        await self._shift_tasks.stop()
        try:
            async with asyncio.timeout(CLOSE):
                for live in tuple(self._live):
                    await live.hang_up()
                for phone in self._phones:
                    await phone.hangup()
                if self._running:
                    await asyncio.wait(self._running)
                codes = [
                    self._start(f"log out {phone.extension}", partial(self._dial, phone, LOG_OUT))
                    for phone in self._phones
                ]
                if codes:
                    await asyncio.wait(codes)
        except (CcopsError, TimeoutError) as error:
            log.warning("the campaign did not end in order", why=str(error) or "time ran out")
        await self._tasks.stop()

    def _start(self, name: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        task = self._tasks.start(name, work, restart=False)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task


def _truth(live: Live, began: datetime, ended: datetime) -> CallTruth:
    caller = live.caller
    started_at = (caller and caller.started_at) or began
    answered_at = caller.answered_at if caller else None
    ended_at = (caller and caller.ended_at) or ended
    outcome = outcome_of(
        live.planned,
        answered=answered_at is not None,
        asked=live.asked_at is not None,
        hung_up=live.hung_up,
    )
    wait = (ended_at - live.asked_at).total_seconds() if live.asked_at else None
    return CallTruth(
        live.planned, started_at, answered_at, live.asked_at, ended_at, outcome, wait=wait
    )
