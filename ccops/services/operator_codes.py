"""Operators' telephone codes: ``*11`` in, ``*12`` out, ``*13<key>`` pause, ``*14`` ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog

from ccops.config.model import Hotline
from ccops.domain.operators import operator_of
from ccops.errors import CcopsError
from ccops.services.operators import OperatorService

log = structlog.get_logger(__name__)

BY_PHONE = "phone"


class PhoneSession(Protocol):
    """An operator's call, over FastAGI."""

    @property
    def env(self) -> Mapping[str, str]: ...

    async def play(self, sounds: Sequence[str], *, keys: str = "") -> str: ...

    async def set_variables(self, **values: str) -> None: ...


class OperatorCodes:
    """The route ``/operator`` of the FastAGI server; the dialled code is its argument."""

    def __init__(self, service: OperatorService, hotline: Callable[[], Hotline]) -> None:
        self._service = service
        self._hotline = hotline

    async def handle(self, session: PhoneSession) -> None:
        """Do what was dialled and say what came of it, in the operator's language."""
        hotline = self._hotline()
        operator = operator_of(session.env.get("agi_channel", ""))
        known = hotline.operators.get(operator)
        language = (known and known.language) or hotline.default_language
        prompt = await self._carry_out(session.env.get("agi_arg_1", ""), operator)
        await session.set_variables(**{"CHANNEL(language)": language})
        await session.play([f"ccops/{prompt}"])
        await session.set_variables(CCOPS_NEXT="hangup")

    async def _carry_out(self, code: str, operator: str) -> str:
        """The prompt that tells the result."""
        try:
            match code[:3], code[3:]:
                case "*11", "":
                    prompt, done = "op-logged-in", await self._service.log_in(operator, BY_PHONE)
                case "*12", "":
                    prompt, done = "op-logged-out", await self._service.log_out(operator, BY_PHONE)
                case "*13", key if reason := self._hotline().pause_reasons.get(key):
                    done = await self._service.pause(operator, reason.id, BY_PHONE)
                    prompt = "op-paused"
                case "*14", "":
                    prompt, done = "op-pause-ended", await self._service.resume(operator, BY_PHONE)
                case _:
                    return "op-unknown-code"
        except CcopsError as error:
            log.info("telephone code not possible", code=code, reason=error.code)
            return "op-not-possible"
        return prompt if done.applied else "op-not-possible"
