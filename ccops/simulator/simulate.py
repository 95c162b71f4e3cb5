"""``ccops simulate``: a telephone network, a campaign on it, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from rich.console import Console

from ccops.config.model import Hotline
from ccops.home import Home
from ccops.provision.toolchain import Toolchain
from ccops.simulator import show
from ccops.simulator.campaign import Campaign
from ccops.simulator.network import Network
from ccops.simulator.plan import Options
from ccops.simulator.result import CallOutcome, CampaignResult


class Secrets(Protocol):
    """What the simulator needs of the hotline's secrets."""

    @property
    def sip(self) -> Mapping[str, str]:
        """Password per operator id."""
        ...


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
    process, and passes the cancellation on. Raises ``NetworkError``, ``PlanError`` and
    ``HotlineAwayError``.
    """
    network = Network(hotline, secrets.sip, toolchain, home)
    campaign = Campaign(network, options)
    await network.start()
    try:
        try:
            with show.live(campaign, console):
                await campaign.run()
        finally:
            await network.stop()
    finally:
        result = campaign.result()
        if result.calls:
            console.print(show.summary(result))
        if result.calls and result.count(CallOutcome.REFUSED) == len(result.calls):
            console.print(
                f"The hotline at {hotline.listen.sip} answered none of the calls: is it running?",
                style="red",
            )
    return result
