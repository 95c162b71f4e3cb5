"""What ``hotline.yaml`` holds, once it has been read and found good.

Durations are whole seconds, texts are given per language, keys of the telephone are strings.
References between sections (a menu's queue, a queue's sub-line) are checked by ``rules``.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Lang = Literal["uz", "ru", "kk", "az", "en"]
Key = Annotated[str, Field(pattern=r"^[0-9*]$")]
Number = Annotated[str, Field(pattern=r"^\+?[0-9]{2,15}$")]
Text = dict[Lang, Annotated[str, Field(min_length=1)]]
Seconds = Annotated[int, Field(ge=0)]


def _host_port(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("write it as ADDRESS:PORT, for example 127.0.0.1:8080")
    return value


def _bind(value: str) -> str:
    _host_port(value)
    try:
        ip_address(value.rpartition(":")[0].strip("[]"))
    except ValueError:
        raise ValueError(
            "an address to listen on must be an IP address, for example 127.0.0.1:8080"
        ) from None
    return value


def _port_range(value: str) -> str:
    match = re.fullmatch(r"(\d+)-(\d+)", value)
    if not match or not 1024 <= int(match[1]) < int(match[2]) < 65536:
        raise ValueError("write it as FIRST-LAST, for example 10000-10999")
    return value


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("name a zone of the IANA database, for example Asia/Tashkent")
    return value


HostPort = Annotated[str, AfterValidator(_host_port)]
Bind = Annotated[str, AfterValidator(_bind)]
PortRange = Annotated[str, AfterValidator(_port_range)]
Zone = Annotated[str, AfterValidator(_zone)]


class Part(BaseModel):
    """Base of every section: unknown fields are faults, values never change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Organisation(Part):
    name: Text
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    """ISO 3166 code; callers' numbers are read as numbers of this country."""


class Listen(Part):
    http: Bind = "127.0.0.1:8080"
    sip: Bind = "127.0.0.1:5060"
    ami: Bind = "127.0.0.1:5038"
    agi: Bind = "127.0.0.1:4573"
    rtp: PortRange = "10000-10999"


class Trunk(Part):
    """A SIP line of the telephone company, known by its address; with a user name it registers."""

    host: HostPort
    username: str = ""
    password_file: str = ""
    codecs: tuple[Literal["alaw", "ulaw", "g722"], ...] = ("alaw", "ulaw")


class SubLine(Part):
    """A body of the ministry with its own figures (T3)."""

    label: str
    name: Text


class Line(Part):
    """A number that citizens dial."""

    name: Text
    menu: Name
    fallback_queue: Name
    """Where calls go when ccops cannot answer."""
    wait_is_paid: bool = False


class Action(Part):
    """What a key does: exactly one of the fields."""

    queue: Name | None = None
    menu: Name | None = None
    say: Name | None = None
    do: Literal["repeat", "back", "language", "hangup"] | None = None

    @model_validator(mode="after")
    def _one(self) -> Action:
        if sum(value is not None for value in (self.queue, self.menu, self.say, self.do)) != 1:
            raise ValueError("give exactly one of queue, menu, say, do")
        return self


class Menu(Part):
    prompt: Name
    keys: dict[Key, Action] = Field(min_length=1)
    wait_for_key: Annotated[int, Field(ge=1, le=30)] = 5
    repeats: Annotated[int, Field(ge=0, le=5)] = 2
    otherwise: Action
    """After the repeats: usually an operator's queue."""


class Queue(Part):
    name: Text
    sub_line: Name
    strategy: Literal["rrmemory", "leastrecent", "fewestcalls", "ringall", "random"] = "rrmemory"
    ring: Annotated[int, Field(ge=5, le=120)] = 20
    wrap_up: Seconds = 10
    max_wait: Annotated[int, Field(ge=60)] = 3600
    max_callers: Annotated[int, Field(ge=0)] = 0
    """0 means no limit."""
    first_announcement: Annotated[int, Field(ge=1)] = 3
    announce_every: Annotated[int, Field(ge=60)] = 60
    """KZ 12.1: not less than one minute."""
    service_level: Annotated[int, Field(ge=1)] = 30
    """Seconds of waiting within which an answer counts as in time."""


class Operator(Part):
    """Somebody who takes queue calls; the id is also the SIP user name and the extension."""

    name: str
    queues: tuple[Name, ...] = Field(min_length=1)
    language: Lang | None = None
    """Language of what the telephone tells the operator; the hotline's first one by default."""


class PauseReason(Part):
    id: Name
    name: Text


class Voice(Part):
    """How the default voice speaks a language."""

    name: str
    words_per_minute: Annotated[int, Field(ge=80, le=300)] = 150
    pitch: Annotated[int, Field(ge=0, le=99)] = 45


class Simulator(Part):
    """Addresses of the simulated telephone network; remove the section in production."""

    sip: Bind = "127.0.0.1:5070"
    phones: Bind = "127.0.0.1:5071"
    ami: Bind = "127.0.0.1:5039"
    rtp: PortRange = "20000-20999"


class Hotline(Part):
    """The whole file."""

    version: Literal[1]
    organisation: Organisation
    time_zone: Zone
    languages: tuple[Lang, ...] = Field(min_length=1)
    """In the order of the keys at the greeting; the first is the default."""
    listen: Listen = Listen()
    database: str = ""
    """SQLAlchemy address; empty means SQLite in the home folder."""
    trunks: dict[Name, Trunk] = {}
    sub_lines: dict[Name, SubLine] = Field(min_length=1)
    lines: dict[Number, Line] = Field(min_length=1)
    menus: dict[Name, Menu] = Field(min_length=1)
    queues: dict[Name, Queue] = Field(min_length=1)
    operators: dict[Number, Operator] = {}
    pause_reasons: dict[Key, PauseReason] = {}
    voices: dict[Lang, Voice] = {}
    prompts: dict[Name, Text] = {}
    """The ministry's own texts; those of the product are in ivr-prompts/."""
    simulator: Simulator | None = None

    @property
    def default_language(self) -> Lang:
        return self.languages[0]
