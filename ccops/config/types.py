"""The values that a field of ``hotline.yaml`` can hold, and the base of every section.

Each type says in plain words what belongs there; ``wording`` makes remedies of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, ClassVar, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


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
HeadStart = Annotated[
    int, Field(ge=0, le=86400), Wanted("a whole number of seconds, 0 to 86400 (one day)")
]


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
