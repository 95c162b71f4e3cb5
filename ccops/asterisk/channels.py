"""Callers' channels over AMI: what they hear, the line they dialled, where they wait."""

from __future__ import annotations

from ccops.asterisk.ami import AmiLink, AmiRefused


class AmiChannels:
    """AmiDown and AmiTimeout leave open whether a language was set."""

    def __init__(self, link: AmiLink) -> None:
        self._link = link

    async def set_language(self, channel: str, language: str) -> bool:
        """Takes effect at the next sound. False: there is no such channel."""
        try:
            await self._link.action(
                "Setvar", Channel=channel, Variable="CHANNEL(language)", Value=language
            )
        except AmiRefused:
            return False
        return True

    async def line(self, channel: str) -> str:
        """The dialled number; empty when the channel has none, or is gone."""
        try:
            reply = await self._link.action("Getvar", Channel=channel, Variable="CCOPS_LINE")
        except AmiRefused:
            return ""
        return reply.get("Value")

    async def wait_anew(self, channel: str) -> bool:
        """Out of the queue and into the one that the dialplan now chooses. False: there is no such
        channel."""
        try:
            await self._link.action(
                "Redirect", Channel=channel, Context="ccops-again", Exten="s", Priority="1"
            )
        except AmiRefused:
            return False
        return True
