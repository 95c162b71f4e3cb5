"""AGI without I/O: lines to send, replies read so that they can never shift.

Every command has exactly one reply. Whatever breaks that rule (a hang-up, bytes nobody asked for,
a reply that is none, a command abandoned before its reply) ends the conversation for good: a
session that took one reply for another's would send the citizen the wrong way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from ccops.errors import CcopsError

LONGEST_COMMAND = 2000
"""Bytes; an Asterisk that reads a command into 2048 would take the rest for another one."""
LARGEST_REPLY = 64 * 1024
"""Bytes; a variable can be long, but not so long."""

_RESULT = re.compile(
    r"200 result=(?P<result>\S*)(?: \((?P<data>.*)\))?(?: [^(\n][^\n]*)?", re.DOTALL
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_VARIABLE = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_]*(?:\([A-Za-z0-9_-]*\))?")
_MEANS_SOMETHING_TO_APPLICATIONS = re.compile(r'[,"\\]')
_MEANS_SOMETHING_TO_MSET = re.compile(r'[,"\\()\[\]]')


class AgiHangup(CcopsError):  # noqa: N818
    """The caller, or the whole connection, is gone; nothing more can be said."""

    code = "agi_hangup"


class AgiProtocolError(CcopsError):
    """What Asterisk sent cannot be the reply to what was asked; the session is over."""

    code = "agi_protocol"


class AgiRefused(AgiProtocolError):  # noqa: N818
    """Asterisk did not understand, or could not do, this one command; the session can go on."""

    code = "agi_refused"


class AgiTimeout(CcopsError):  # noqa: N818
    """Asterisk did not answer in time; the session is over."""

    code = "agi_timeout"


class AgiMetrics(Protocol):
    """What the server reports about itself."""

    def observe_command(self, name: str, seconds: float, ok: bool) -> None:
        """A command ended; the seconds hold what the caller heard and did."""
        ...

    def session(self, route: str, outcome: str) -> None:
        """A session ended: ``done``, ``hangup``, ``timeout``, ``protocol``, ``error``,
        ``cancelled``; or never began: ``no_route``, ``no_headers``. An unknown route is ``''``.
        """
        ...

    def active(self, change: int) -> None:
        """+1 or −1 sessions."""
        ...


class NoAgiMetrics:
    """Reports to nobody."""

    def observe_command(self, name: str, seconds: float, ok: bool) -> None:
        pass

    def session(self, route: str, outcome: str) -> None:
        pass

    def active(self, change: int) -> None:
        pass


@dataclass(frozen=True, slots=True)
class AgiReply:
    """``200 result=RESULT (DATA)``; ``data`` is None where there are no parentheses."""

    result: str
    data: str | None = None


class Conversation:
    """One session's side of the protocol: command, reply, command, reply."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._waiting = False
        self._over: CcopsError | None = None

    def command(self, line: str) -> bytes:
        """The bytes that send a command.

        Raises the error that ended the conversation, also when it ends here: a command whose reply
        never came, or bytes that answer nothing. ValueError for a line too long.
        """
        if self._over is not None:
            raise self._over
        if self._waiting:
            raise self._end(AgiProtocolError("The last command has not been answered."))
        if self._buffer.startswith(b"HANGUP\n"):
            raise self._end(AgiHangup("The caller has hung up."))
        if self._buffer and not b"HANGUP\n".startswith(self._buffer):
            raise self._end(AgiProtocolError("Asterisk sent what nobody asked for."))
        data = line.encode() + b"\n"
        if len(data) > LONGEST_COMMAND:
            raise ValueError(f"an AGI command holds at most {LONGEST_COMMAND} bytes")
        if b"\n" in data[:-1]:
            raise ValueError("an AGI command is one line")
        self._waiting = True
        return data

    def feed(self, data: bytes) -> None:
        """What Asterisk sent; empty bytes mean that it has closed the connection."""
        if data:
            self._buffer += data
        elif self._over is None:
            self._over = AgiHangup("Asterisk has closed the connection.")

    def reply(self) -> AgiReply | None:
        """The reply to the last command, or None while it is incomplete.

        Raises AgiRefused when Asterisk did not understand, and what ended the conversation.
        """
        while (end := self._buffer.find(b"\n")) >= 0:
            line = self._buffer[:end].decode("utf-8", "replace")
            if line == "HANGUP":
                raise self._end(AgiHangup("The caller has hung up."))
            if line.startswith("100 "):
                del self._buffer[: end + 1]
                continue
            if line.startswith("200 "):
                return self._result(end)
            if line.startswith("520-"):
                self._usage()
                return None
            raise self._failure(line, end)
        self._incomplete()
        return None

    def _result(self, end: int) -> AgiReply | None:
        """A value in parentheses may hold line breaks of its own."""
        while end >= 0:
            text = self._buffer[:end].decode("utf-8", "replace")
            if match := _RESULT.fullmatch(text):
                self._answered(end)
                return AgiReply(match["result"], match["data"])
            if " (" not in text:
                raise self._end(AgiProtocolError("Asterisk sent a reply that is none."))
            end = self._buffer.find(b"\n", end + 1)
        self._incomplete()
        return None

    def _usage(self) -> None:
        """``520-`` opens a text of several lines which a line with ``520 `` ends."""
        start = self._buffer.find(b"\n520 ")
        end = self._buffer.find(b"\n", start + 1) if start >= 0 else -1
        if end >= 0:
            self._answered(end)
            raise AgiRefused("Asterisk did not understand the command: wrong syntax.")
        self._incomplete()

    def _failure(self, line: str, end: int) -> CcopsError:
        if line.startswith("511 "):  # not on a dead channel; what needs no caller still is
            self._answered(end)
            return AgiHangup("The caller has hung up.")
        if line.startswith(("510 ", "520 ")):
            self._answered(end)
            return AgiRefused(f"Asterisk did not understand the command: {line}.")
        return self._end(AgiProtocolError("Asterisk sent a reply that is none."))

    def _answered(self, end: int) -> None:
        if not self._waiting:
            raise self._end(AgiProtocolError("Asterisk sent what nobody asked for."))
        del self._buffer[: end + 1]
        self._waiting = False

    def _incomplete(self) -> None:
        if self._over is not None:
            raise self._over
        if len(self._buffer) > LARGEST_REPLY:
            raise self._end(AgiProtocolError("Asterisk sent a reply without an end."))

    def _end(self, error: CcopsError) -> CcopsError:
        self._over = error
        return error


def parse_environment(block: bytes) -> dict[str, str]:
    """The headers of a session, ``agi_…``.

    Raises AgiProtocolError when one comes twice: a line break in a caller's name could otherwise
    speak for Asterisk.
    """
    env: dict[str, str] = {}
    for line in block.decode("utf-8", "replace").split("\n"):
        name, colon, value = line.partition(":")
        if not colon:
            continue
        if name in env:
            raise AgiProtocolError("A header came twice.")
        env[name] = value.removeprefix(" ")
    return env


def quote(argument: str) -> str:
    """An argument as Asterisk's own splitting gives it back. Raises ValueError for line breaks."""
    if _CONTROL.search(argument):
        raise ValueError("an AGI argument holds a control character")
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def application_arguments(arguments: tuple[str, ...]) -> str:
    """Arguments of a dialplan application, joined by commas.

    Raises ValueError for an argument that holds a comma, a quote or a backslash, which applications
    read in ways of their own.
    """
    for argument in arguments:
        if _MEANS_SOMETHING_TO_APPLICATIONS.search(argument):
            raise ValueError("an application's argument holds a comma, a quote or a backslash")
    return ",".join(arguments)


def assignments(values: dict[str, str]) -> str:
    """What MSet takes, in the order given. Raises ValueError for what it would read differently."""
    if not values:
        raise ValueError("no variable to set")
    for name, value in values.items():
        if not _VARIABLE.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a variable")
        if _MEANS_SOMETHING_TO_MSET.search(value):
            raise ValueError(f"the value of {name} holds a comma, quote, backslash or bracket")
    return ",".join(f"{name}={value}" for name, value in values.items())
