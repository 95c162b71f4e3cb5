"""Who waits in a queue that a new configuration has taken away."""

from __future__ import annotations

from datetime import UTC, datetime

from ccops.domain.live import Waiting
from ccops.services.regroup import regroup
from tests.unit.hotline_sample import hotline

T0 = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WAITING = [
    Waiting(str(place), f"PJSIP/trunk-{place}", queue, "", "ru", T0, place)
    for place, queue in enumerate(("support", "support_ru", "tax", "pensions"), start=1)
]


class Channels:
    """The one of place 4 has hung up meanwhile."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def wait_anew(self, channel: str) -> bool:
        self.sent.append(channel)
        return not channel.endswith("4")


async def test_only_whoever_waits_in_a_queue_that_is_gone_is_sent() -> None:
    vera = {"name": "Vera", "queues": ["support"], "languages": ["ru"]}
    channels = Channels()
    assert await regroup(WAITING, channels, hotline(**{"101": vera})) == 1
    assert channels.sent == ["PJSIP/trunk-1", "PJSIP/trunk-4"]


async def test_where_languages_are_together_again_nobody_waits_apart() -> None:
    channels = Channels()
    await regroup(iter(WAITING), channels, hotline())
    assert channels.sent == ["PJSIP/trunk-2", "PJSIP/trunk-4"]
