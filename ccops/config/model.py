"""What ``hotline.yaml`` holds, once it has been read and found good.

Durations are whole seconds, texts are given per language, keys of the telephone are strings.
References between sections (a menu's queue, a queue's sub-line) are checked by ``rules``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from ccops.config.calendar import Calendar
from ccops.config.types import (
    Bind,
    HeadStart,
    HostPort,
    Key,
    Lang,
    Name,
    Number,
    OneLine,
    Part,
    PortRange,
    Seconds,
    Text,
    Wanted,
    Zone,
)


def _version(value: object) -> object:
    """The file's reader hands over every value as text; a literal does not convert by itself."""
    return 1 if value == "1" else value


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
    hours: Name | None = None
    """The calendar by which operators answer; without it the line is always open."""
    closed_menu: Name | None = None
    """The menu that callers hear while the line is closed; without it they are told when it opens
    and can leave their number."""
    head_start: HeadStart = 0
    """Callers of this line are let ahead as if they had come so many seconds earlier."""


class Action(Part):
    """What a key does: exactly one of the fields."""

    wanted: ClassVar[str] = (
        "one of {queue: NAME}, {menu: NAME}, {say: PROMPT}, {staff: NUMBER}, {do: operator},"
        " {do: repeat}, {do: back}, {do: language}, {do: slower}, {do: callback},"
        " {do: offices}, {do: hangup}"
    )
    queue: Name | None = None
    """Wait for an operator of this queue."""
    menu: Name | None = None
    """Go to this menu."""
    say: Name | None = None
    """Play this prompt, then the menu again."""
    staff: Number | None = None
    """Ring this member of the ministry's staff; who is not there is replaced by an operator."""
    do: (
        Literal["operator", "repeat", "back", "language", "slower", "callback", "offices", "hangup"]
        | None
    ) = None
    """operator: the line's own queue · back: the menu before, or the choice of language · slower:
    speak slowly, or again at the usual pace · callback: leave the number · offices: whether the
    ministry's offices are open, and when they open."""
    head_start: HeadStart = 0
    """With ``queue``: let ahead as if the caller had come so many seconds earlier."""

    @model_validator(mode="after")
    def _one(self) -> Action:
        does = (self.queue, self.menu, self.say, self.staff, self.do)
        if sum(value is not None for value in does) != 1:
            raise ValueError("a key does exactly one thing")
        if self.head_start and self.queue is None:
            raise ValueError("a head start is for waiting in a queue")
        return self


COMMON_KEYS: Mapping[str, Action] = MappingProxyType(
    {
        "0": Action(do="operator"),
        "*": Action(do="back"),
        "9": Action(do="repeat"),
        "8": Action(do="language"),
        "7": Action(do="slower"),
    }
)
"""What these keys do in every menu that gives them no other meaning."""


class Menu(Part):
    prompt: Name
    """The prompt that names the keys."""
    keys: dict[Key, Action] = Field(min_length=1)
    wait_for_key: Annotated[int, Field(ge=1, le=30)] = 5
    """Seconds of silence, after the prompt, before it is repeated."""
    repeats: Annotated[int, Field(ge=0, le=5)] = 2
    """How often the prompt is repeated to a caller who presses nothing."""
    otherwise: Action = Action(do="operator")
    """After the repeats: usually an operator."""


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
    languages: tuple[Lang, ...] = ()
    """Languages in which the operator serves callers; all of the hotline's when left out."""


class Staff(Part):
    """Somebody of the ministry whom a menu can reach; the key is the telephone's extension."""

    name: OneLine
    title: Text
    """Department or post."""
    hours: Name | None = None
    """The calendar by which the person can be called; the offices' when left out."""


class Callbacks(Part):
    """Calling back who does not want to wait."""

    offer_from: Seconds = 180
    """Callers who are told a wait of at least so many seconds are told of key 1; the key works for
    everybody who waits."""


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
    calendars: dict[Name, Calendar] = {}
    offices: Name | None = None
    """The calendar of the ministry's offices; without it nothing is said of their hours."""
    staff: dict[Number, Staff] = {}
    callbacks: Callbacks = Callbacks()
    common_keys: dict[Key, Action] = dict(COMMON_KEYS)
    """What keys do in every menu that gives them no other meaning."""
    remember_language: Annotated[int, Field(ge=0)] = 90
    """Days for which the language chosen is remembered for a caller's number; 0: never."""
    voices: dict[Lang, Voice] = {}
    prompts: dict[Name, Text] = {}
    """The ministry's own texts; those of the product are in ivr-prompts/."""
    simulator: Simulator | None = None

    @property
    def default_language(self) -> Lang:
        return self.languages[0]

    def keys_of(self, menu: Menu) -> Mapping[Key, Action]:
        """What each key does in this menu, the common ones included."""
        return {**self.common_keys, **menu.keys}
