"""One call's FastAGI session: a panoramisk request with time-outs, quoting and exact replies."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import structlog
from panoramisk.fast_agi import Application, Request

from ccops.asterisk.agi_protocol import (
    AgiHangup,
    AgiMetrics,
    AgiProtocolError,
    AgiRefused,
    AgiReply,
    AgiTimeout,
    Conversation,
    application_arguments,
    assignments,
    quote,
)
from ccops.clock import Clock

log = structlog.get_logger(__name__)

ALL_KEYS = "0123456789*#"
MARGIN = 5.0
"""Seconds that Asterisk may take beyond what a command itself lasts."""
LONGEST_SOUND = 180.0
"""Seconds; how long a sound lasts is not known here, only that none lasts longer."""


class AgiSession(Request):  # type: ignore[misc]
    """What a route's handler talks to.

    Any command raises AgiHangup when the caller is gone, AgiTimeout when Asterisk does not answer,
    AgiProtocolError when its answer makes no sense (all three: the session is over), AgiRefused
    when it could not do this one command, ValueError for an argument that cannot be sent.

    After AgiHangup, where AGISIGHUP is ``no``, :meth:`exec` can still note something for the
    records: the channel lives as long as the session.
    """

    def __init__(
        self,
        app: Application,
        env: Mapping[str, str],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        clock: Clock,
        metrics: AgiMetrics,
    ) -> None:
        super().__init__(app, env, reader, writer)
        self._clock = clock
        self._metrics = metrics
        self._conversation = Conversation()

    @property
    def env(self) -> Mapping[str, str]:
        """``agi_callerid``, ``agi_uniqueid``, ``agi_arg_1`` and so on, as Asterisk sent them."""
        headers: Mapping[str, str] = self.headers
        return headers

    @property
    def path(self) -> str:
        """The route: ``entry`` for ``agi://host:port/entry``."""
        return route_of(self.env)

    async def get_data(
        self, sounds: Sequence[str], *, timeout: float, digits: int = 1, alone: str = ""
    ) -> str:
        """Play the sounds and collect keys; the first key ends the playing.

        ``timeout`` seconds of silence after the last sound, or after a key, end the waiting.
        Returns at most ``digits`` keys (``#`` ends the input and is not among them); '' on
        silence. One of ``alone`` as the first key is the whole answer: no others are waited for.
        One AGI command for each sound. A sound that is missing is logged and left out.
        """
        first = ""
        for sound in sounds if alone else sounds[:-1]:  # GET DATA takes one, and no lone keys
            if first := await self._stream(sound, ALL_KEYS):
                break
        if alone and not first:
            milliseconds = max(1, round(timeout * 1000))
            reply = await self._command("WAIT FOR DIGIT", str(milliseconds), timeout)
            first = _key(reply) or "#"
        if first == "#":
            return ""
        if len(first) == digits or (first and first in alone):
            return first
        last = sounds[-1] if sounds and not first else ""
        return first + await self._collect(last, timeout, digits - len(first))

    async def play(self, sounds: Sequence[str], *, keys: str = "") -> str:
        """Play the sounds one after the other; the first of ``keys`` pressed ends it.

        Returns the key, or '' when all were heard. A sound that is missing is logged and left out.
        """
        for sound in sounds:
            if key := await self._stream(sound, keys):
                return key
        return ""

    async def set_variables(self, **values: str) -> None:
        """Set channel variables, and functions such as ``CHANNEL(language)``, in this order.

        One AGI command. ValueError for a value with a comma, quote, backslash or bracket.
        """
        await self.exec_raw("MSet", assignments(values))

    async def get_variable(self, expression: str) -> str | None:
        """A variable (``CCOPS_LANG``), a function (``CHANNEL(state)``), or a text with ``${…}``.

        None where it is not set.
        """
        name = "GET FULL VARIABLE" if "${" in expression else "GET VARIABLE"
        reply = await self._command(name, quote(expression))
        return reply.data or "" if reply.result == "1" else None

    async def exec(self, application: str, *arguments: str, timeout: float = 60.0) -> str:
        """Run a dialplan application that lasts at most ``timeout`` seconds; returns its result.

        ValueError for an argument with a comma, quote or backslash.
        """
        return await self.exec_raw(application, application_arguments(arguments), timeout=timeout)

    async def exec_raw(self, application: str, arguments: str, *, timeout: float = 60.0) -> str:
        """As :meth:`exec`, with the arguments as the application is to read them."""
        reply = await self._command("EXEC", f"{quote(application)} {quote(arguments)}", timeout)
        if reply.result == "-2":
            raise AgiRefused(f"Asterisk has no application {application}.")
        return reply.result

    async def hangup(self) -> None:
        """End the call."""
        await self._command("HANGUP", "")

    async def send_command(self, command: str, *, timeout: float = 0.0) -> AgiReply:
        """Send a line as it is and wait ``timeout`` seconds, and a margin, for its reply."""
        self.writer.write(self._conversation.command(command))
        try:
            async with asyncio.timeout(timeout + MARGIN):
                await self.writer.drain()
                while (reply := self._conversation.reply()) is None:
                    self._conversation.feed(await self.reader.read(4096))
        except TimeoutError:
            raise AgiTimeout("Asterisk did not answer an AGI command in time.") from None
        except ConnectionError:
            raise AgiHangup("The connection to Asterisk broke.") from None
        return reply

    async def _stream(self, sound: str, keys: str) -> str:
        try:
            arguments = f"{quote(sound)} {quote(keys)}"
            reply = await self._command("STREAM FILE", arguments, LONGEST_SOUND)
        except AgiRefused:
            self._log_missing(sound)
            return ""
        return _key(reply)

    async def _collect(self, sound: str, timeout: float, digits: int) -> str:
        arguments = f"{quote(sound)} {max(1, round(timeout * 1000))} {digits}"
        try:
            reply = await self._command("GET DATA", arguments, LONGEST_SOUND + timeout * digits)
        except AgiRefused:
            if not sound:
                raise
            self._log_missing(sound)
            return await self._collect("", timeout, digits)
        return reply.result

    def _log_missing(self, sound: str) -> None:
        log.error("sound cannot be played", sound=sound, language=self.env.get("agi_language"))

    async def _command(self, name: str, arguments: str, timeout: float = 0.0) -> AgiReply:
        started = self._clock.monotonic()
        ok = False
        try:
            reply = await self.send_command(f"{name} {arguments}".rstrip(), timeout=timeout)
            if reply.result == "-1":
                await self.send_command("CHANNEL STATUS")  # AgiHangup when the channel is dead
                raise AgiRefused(f"Asterisk could not do {name}.")
            ok = True
        finally:
            self._metrics.observe_command(name, self._clock.monotonic() - started, ok)
        return reply


def _key(reply: AgiReply) -> str:
    """The key whose code Asterisk answers; '' for none."""
    if not reply.result.isdecimal():
        raise AgiProtocolError("Asterisk sent a key that is none.")
    return "" if reply.result == "0" else chr(int(reply.result))


def route_of(env: Mapping[str, str]) -> str:
    """The script's name without slashes and query; '' where there is none."""
    return env.get("agi_network_script", "").partition("?")[0].strip("/")
