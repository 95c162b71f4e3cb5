"""After a change of configuration: who waits in a queue that is not there any more waits anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import structlog

from ccops.config.model import Hotline
from ccops.domain.live import Waiting
from ccops.domain.skills import skill_queues

log = structlog.get_logger(__name__)


class Channels(Protocol):
    """Callers' channels. A CcopsError means that it is not known what was done."""

    async def wait_anew(self, channel: str) -> bool:
        """False: there is no such channel any more."""
        ...


async def regroup(waiting: Iterable[Waiting], channels: Channels, hotline: Hotline) -> int:
    """Have the callers choose their queue again whose queue ``hotline`` does not have; returns how
    many. Raises what the channels raise.

    Asterisk keeps a queue that was taken away while somebody waits in it, but tells its members
    nothing any more: whoever was busy then stays busy there for ever, and the callers would wait
    until their time is up (tried on Asterisk 22). One operator more or less who speaks a language
    can do that, as it makes ``support`` into ``support_uz`` and ``support_ru``, or back. The place
    is kept: it is the time of arrival.
    """
    there = {one.name for one in skill_queues(hotline)}
    moved = 0
    for caller in [caller for caller in waiting if caller.queue not in there]:
        moved += await channels.wait_anew(caller.channel)
    if moved:
        log.info("callers of queues that are gone wait anew", callers=moved)
    return moved
