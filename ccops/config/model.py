"""What ``hotline.yaml`` holds, once it has been read and found good.

Durations are whole seconds, texts are given per language, keys of the telephone are strings.
References between sections (a menu's queue, a queue's sub-line) are checked by ``rules``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, ClassVar, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator


@dataclass(frozen=True)
class Wanted:
    """What belongs in a field, in plain words that follow "write ..."."""

    words: str


Name = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9-]{0,30}$"),
    Wanted(
        "a short name of lower-case letters a-z, digits and hyphens that begins with a letter,"
        " for example jobs"
    ),
]
Lang = Literal["uz", "ru", "kk", "az", "en"]
Key = Annotated[str, Field(pattern=r"^[0-9*]$"), Wanted("one key of the telephone: 0 to 9 or *")]
Number = Annotated[
    str, Field(pattern=r"^\+?[0-9]{2,15}$"), Wanted("a telephone number of 2 to 15 digits")
]
OneLine = Annotated[
    str, Field(pattern=r"^[^\x00-\x1f\x7f]+$"), Wanted("a text that stays on one line")
]
Spoken = Annotated[str, Field(pattern=r"\S"), Wanted("the text in this language")]
Text = Annotated[
    dict[Lang, Spoken], Wanted('the text in each language, for example {uz: "...", ru: "..."}')
]
Seconds = Annotated[int, Field(ge=0), Wanted("a whole number of seconds, 0 or more")]


def split_address(address: str) -> tuple[str, int]:
    """The host, without the brackets of IPv6, and the port of a checked ``ADDRESS:PORT``."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _host_port(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise ValueError("this is not an address with a port")
    if re.search(r"[\s;,]", host):
        raise ValueError("an address holds no spaces, commas or semicolons")
    return value


def _bind(value: str) -> str:
    _host_port(value)
    try:
        ip_address(value.rpartition(":")[0].strip("[]"))
    except ValueError:
        raise ValueError("an address to listen on must be an IP address, not a name") from None
    return value


def _port_range(value: str) -> str:
    match = re.fullmatch(r"([0-9]{1,5})-([0-9]{1,5})", value)
    if not match or not 1024 <= int(match[1]) < int(match[2]) < 65536:
        raise ValueError("this is not a range of ports between 1024 and 65535")
    return value


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f"there is no time zone {value!r}")
    return value


def _version(value: object) -> object:
    """The file's reader hands over every value as text; a literal does not convert by itself."""
    return 1 if value == "1" else value


HostPort = Annotated[
    str, AfterValidator(_host_port), Wanted("ADDRESS:PORT, for example sip.example.uz:5060")
]
Bind = Annotated[str, AfterValidator(_bind), Wanted("IP-ADDRESS:PORT, for example 127.0.0.1:8080")]
PortRange = Annotated[
    str,
    AfterValidator(_port_range),
    Wanted("FIRST-LAST with the smaller port first, for example 10000-10999"),
]
Zone = Annotated[
    str,
    AfterValidator(_zone),
    Wanted("a zone of the IANA database, for example Asia/Tashkent"),
]


class Part(BaseModel):
    """Base of every section: unknown fields are faults, values never change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
    wanted: ClassVar[str] = ""
    """What to write, where the list of the fields does not say enough."""

    @model_validator(mode="before")
    @classmethod
    def _empty_means_default(cls, data: object) -> object:
        """``trunks:`` with nothing behind it is the same as no ``trunks:`` at all."""
        if not isinstance(data, dict):
            return data
        return {
            name: value
            for name, value in data.items()
            if value is not None or name not in cls.model_fields
        }


class Organisation(Part):
    name: Text
    country: Annotated[
        str,
        Field(pattern=r"^[A-Z]{2}$"),
        Wanted("the two capital letters of the country, for example UZ"),
    ]
    """ISO 3166 code; callers' numbers are read as numbers of this country."""


class Listen(Part):
    """Where the hotline listens. Addresses other than loopback are open to the network."""

    http: Bind = "127.0.0.1:8080"
    """The page, the API and the metrics."""
    sip: Bind = "127.0.0.1:5060"
    """Telephone calls: trunks and operators' phones."""
    ami: Bind = "127.0.0.1:5038"
    """Between ccops and Asterisk; keep it on loopback."""
    agi: Bind = "127.0.0.1:4573"
    """Between Asterisk and ccops; keep it on loopback."""
    rtp: PortRange = "10000-10999"
    """UDP ports for speech: two for each call leg."""


class Trunk(Part):
    """A SIP line of the telephone company, known by its address; with a user name it registers."""

    host: HostPort
    username: str = ""
    """Empty: the line is known by its address alone."""
    password_file: str = ""
    """A file that holds the password and nothing else."""
    codecs: tuple[Literal["alaw", "ulaw", "g722"], ...] = ("alaw", "ulaw")


class SubLine(Part):
    """A body of the ministry with its own figures (T3)."""

    label: OneLine
    """As the ministry writes it, for example 195-1-1."""
    name: Text


class Line(Part):
    """A number that citizens dial."""

    name: Text
    menu: Name
    """The menu that callers of this number hear first."""
    fallback_queue: Name
    """Where calls go when ccops cannot answer."""
    wait_is_paid: bool = False
    """Whether callers pay for the time they wait; they are told which (KZ 12.2)."""


class Action(Part):
    """What a key does: exactly one of the fields."""

    wanted: ClassVar[str] = (
        "one of {queue: NAME}, {menu: NAME}, {say: PROMPT}, {do: repeat}, {do: back},"
        " {do: language}, {do: hangup}"
    )
    queue: Name | None = None
    """Wait for an operator of this queue."""
    menu: Name | None = None
    """Go to this menu."""
    say: Name | None = None
    """Play this prompt, then the menu again."""
    do: Literal["repeat", "back", "language", "hangup"] | None = None

    @model_validator(mode="after")
    def _one(self) -> Action:
        if sum(value is not None for value in (self.queue, self.menu, self.say, self.do)) != 1:
            raise ValueError("a key does exactly one thing")
        return self


class Menu(Part):
    prompt: Name
    """The prompt that names the keys."""
    keys: dict[Key, Action] = Field(min_length=1)
    wait_for_key: Annotated[int, Field(ge=1, le=30)] = 5
    """Seconds of silence, after the prompt, before it is repeated."""
    repeats: Annotated[int, Field(ge=0, le=5)] = 2
    """How often the prompt is repeated to a caller who presses nothing."""
    otherwise: Action
    """After the repeats: usually an operator's queue."""


class Queue(Part):
    name: Text
    sub_line: Name
    """Whose figures the calls of this queue belong to."""
    strategy: Literal["rrmemory", "leastrecent", "fewestcalls", "ringall", "random"] = "rrmemory"
    ring: Annotated[int, Field(ge=5, le=120)] = 20
    """Seconds that one operator's telephone rings before the next is tried."""
    wrap_up: Seconds = 10
    """Seconds of rest for the operator after each call."""
    max_wait: Annotated[int, Field(ge=60)] = 3600
    """Seconds after which a caller no longer waits."""
    max_callers: Annotated[int, Field(ge=0)] = 0
    """0 means no limit."""
    first_announcement: Annotated[int, Field(ge=1)] = 3
    """Seconds after joining until position and waiting time are first told."""
    announce_every: Annotated[
        int,
        Field(ge=60),
        Wanted(
            "60 or more: callers are told the waiting time at intervals of not less than"
            " one minute (KZ 12.1)"
        ),
    ] = 60
    """Seconds between announcements. KZ 12.1: not less than one minute."""
    service_level: Annotated[int, Field(ge=1)] = 30
    """Seconds of waiting within which an answer counts as in time."""


class Operator(Part):
    """Somebody who takes queue calls; the id is also the SIP user name and the extension."""

    name: OneLine
    queues: tuple[Name, ...] = Field(min_length=1)
    language: Lang | None = None
    """Language of what the telephone tells the operator; the hotline's first one by default."""


class PauseReason(Part):
    id: Name
    name: Text


class Voice(Part):
    """How the default voice speaks a language."""

    name: OneLine
    """A voice of espeak-ng."""
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

    version: Annotated[Literal[1], BeforeValidator(_version)]
    """Of this format."""
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
