"""``ccops simulate``: a telephone network, a campaign on it, and what came of it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from ccops.config.model import Hotline
from ccops.config.secrets import Secrets
from ccops.home import Home
from ccops.provision.toolchain import Toolchain
from ccops.simulator import show
from ccops.simulator.campaign import Campaign
from ccops.simulator.network import Network
from ccops.simulator.plan import Options
from ccops.simulator.result import CallOutcome, CampaignResult


async def simulate(
    hotline: Hotline,
    secrets: Secrets,
    toolchain: Toolchain,
    home: Home,
    options: Options,
    console: Console,
) -> CampaignResult:
    """Play a campaign against the running hotline; shows its progress and ends with a summary.

    When cancelled (Ctrl-C) it hangs everybody up, prints the summary of what there was, leaves no
    process, and passes the cancellation on; after SIGTERM it does the same and returns.
    Raises ``NetworkError``, ``PlanError`` and ``HotlineAwayError``.
    """
    network = Network(hotline, secrets.sip, toolchain, home)
    campaign = Campaign(network, options)
    await network.start()
    try:
        with show.live(campaign, console), _cancelled_by(signal.SIGTERM) as terminated:
            await campaign.run()
    except asyncio.CancelledError:
        if not terminated.is_set():
            raise
    finally:
        await network.stop()
        _tell(campaign.result(), hotline, console)
    return campaign.result()


@contextmanager
def _cancelled_by(number: signal.Signals) -> Iterator[asyncio.Event]:
    """A signal cancels the current task; the event tells that it was the signal."""
    task = asyncio.current_task()
    assert task is not None
    came = asyncio.Event()

    def cancel() -> None:
        if not came.is_set():
            came.set()
            task.cancel()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(number, cancel)
    try:
        yield came
    finally:
        loop.remove_signal_handler(number)
        if came.is_set():
            task.uncancel()


def _tell(result: CampaignResult, hotline: Hotline, console: Console) -> None:
    if not result.calls:
        return
    console.print(show.summary(result))
    if result.count(CallOutcome.REFUSED) == len(result.calls):
        console.print(
            f"The hotline at {hotline.listen.sip} answered none of the calls: is it running?",
            style="red",
        )
