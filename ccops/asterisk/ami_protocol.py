"""AMI without I/O: bytes become messages, headers become a checked action.

A message is parsed once, as a whole, so that a character split between two TCP segments survives
and a reply of many megabytes costs time in proportion to its size.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ccops.errors import CcopsError

LARGEST_MESSAGE = 64 * 1024 * 1024
"""Bytes; a peer that sends more without ending its message is not Asterisk."""

_END = b"\r\n\r\n"
_BANNER = b"Asterisk Call Manager/"
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SUCCESS = frozenset({"Success", "Follows", "Goodbye"})


class AmiError(CcopsError):
    """Base of what can go wrong between ccops and Asterisk's manager interface."""

    code = "ami"


class AmiDown(AmiError):  # noqa: N818
    """There is no link, or it was lost before the answer came: the action may have been done."""

    code = "ami_down"


class AmiTimeout(AmiError):  # noqa: N818
    """No answer in time: the action may have been done."""

    code = "ami_timeout"


class AmiRefused(AmiError):  # noqa: N818
    """Asterisk said no; ``message`` holds its words."""

    code = "ami_refused"


class AmiMetrics(Protocol):
    """What the link reports about itself."""

    def observe_action(self, name: str, seconds: float, outcome: str) -> None:
        """An action ended: ``ok``, ``refused``, ``timeout``, ``down`` or ``cancelled``."""
        ...

    def event(self, name: str) -> None:
        """An event arrived, whether anybody listens or not."""
        ...

    def link(self, up: bool) -> None: ...

    def handler_error(self) -> None: ...


class NoAmiMetrics:
    """Reports to nobody."""

    def observe_action(self, name: str, seconds: float, outcome: str) -> None:
        pass

    def event(self, name: str) -> None:
        pass

    def link(self, up: bool) -> None:
        pass

    def handler_error(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Message:
    """Headers as Asterisk sent them; one sent several times holds its values one per line."""

    name: str
    fields: Mapping[str, str]

    def __getitem__(self, header: str) -> str:
        return self.fields[header]

    def get(self, header: str, default: str = "") -> str:
        return self.fields.get(header, default)

    def all(self, header: str) -> list[str]:
        """Every value of a header that may be repeated, such as ``Output`` or ``ChanVariable``."""
        value = self.fields.get(header)
        return [] if value is None else value.split("\n")


class Event(Message):
    """Something that happened; ``name`` is the event's."""

    __slots__ = ()


class Reply(Message):
    """The answer to an action; ``name`` is ``Success``, ``Error``, ``Goodbye``."""

    __slots__ = ()

    @property
    def ok(self) -> bool:
        return self.name in _SUCCESS

    @property
    def message(self) -> str:
        return self.get("Message")


class AmiStream:
    """Cuts the byte stream into messages."""

    def __init__(self) -> None:
        self.version = ""
        """Of the protocol, as the banner says; empty until it has been read."""
        self._buffer = bytearray()
        self._searched = 0
        self._at_start = True

    def feed(self, data: bytes) -> list[bytes]:
        """The messages completed by ``data``, unparsed.

        Raises AmiError when a message grows beyond :data:`LARGEST_MESSAGE`.
        """
        buffer = self._buffer
        buffer += data
        if self._at_start and not self._read_banner():
            return []
        end = buffer.rfind(_END, max(0, self._searched - len(_END) + 1))
        if end < 0:
            self._searched = len(buffer)
            if self._searched > LARGEST_MESSAGE:
                raise AmiError("The manager interface sent a message without an end.")
            return []
        complete = bytes(buffer[:end])
        del buffer[: end + len(_END)]
        self._searched = len(buffer)
        return [block.lstrip(b"\r\n") for block in complete.split(_END)]

    def _read_banner(self) -> bool:
        start = bytes(self._buffer[: len(_BANNER)])
        if start == _BANNER:
            end = self._buffer.find(b"\r\n")
            if end < 0:
                return False
            self.version = self._buffer[len(_BANNER) : end].decode("ascii", "replace")
            del self._buffer[: end + 2]
        elif _BANNER.startswith(start):
            return False
        self._at_start = False
        return True


def event_name(block: bytes) -> str | None:
    """The name of the event in an unparsed message; None when it is not an event."""
    if not block.startswith(b"Event: "):
        return None
    return block[7 : block.find(b"\r\n") if b"\r\n" in block else None].decode("utf-8", "replace")


def parse(block: bytes) -> Event | Reply | None:
    """Read one message; None when it is neither an event nor a reply."""
    lines = block.decode("utf-8", "replace").split("\r\n")
    try:
        fields = dict([line.split(": ", 1) for line in lines])
    except ValueError:
        fields = {}
    if len(fields) != len(lines):
        fields = _parse_uneven(lines)
    if (response := fields.get("Response")) is not None:
        return Reply(response, fields)
    if (event := fields.get("Event")) is not None:
        return Event(event, fields)
    return None


def _parse_uneven(lines: list[str]) -> dict[str, str]:
    """Repeated headers, and lines that are none."""
    values: dict[str, list[str]] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            values.setdefault(name, []).append(value.removeprefix(" "))
    return {name: "\n".join(several) for name, several in values.items()}


def check_headers(headers: Mapping[str, str | list[str]]) -> None:
    """Raises ValueError where a header could be read as anything but itself.

    A line break in a value would start a header, or an action, of its own.
    """
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a header")
        for text in [value] if isinstance(value, str) else value:
            if _CONTROL.search(text):
                raise ValueError(f"the value of {name} holds a control character")
            try:
                text.encode()
            except UnicodeEncodeError:
                raise ValueError(f"the value of {name} is not valid text") from None
