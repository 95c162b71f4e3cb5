"""Addresses that collide: where ccops listens, the speech ports, the telephone company's lines."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from itertools import combinations

from ccops.config.document import Path
from ccops.config.model import Hotline
from ccops.config.wording import Finding


def addresses(hotline: Hotline) -> Iterator[Finding]:
    binds: list[tuple[Path, str]] = [
        (("listen", field), getattr(hotline.listen, field))
        for field in ("http", "sip", "ami", "agi")
    ]
    ranges: list[tuple[Path, str]] = [(("listen", "rtp"), hotline.listen.rtp)]
    if hotline.simulator is not None:
        binds += [
            (("simulator", field), getattr(hotline.simulator, field))
            for field in ("sip", "phones", "ami")
        ]
        ranges.append((("simulator", "rtp"), hotline.simulator.rtp))
    for (first, one), (second, other) in combinations(binds, 2):
        if _same_socket(one, other):
            yield Finding(
                second,
                f"{other} is already taken by {'.'.join(map(str, first))}",
                "Give each its own port",
                refers=first,
            )
    for (first, one), (second, other) in combinations(ranges, 2):
        if _ports(one)[0] <= _ports(other)[1] and _ports(other)[0] <= _ports(one)[1]:
            yield Finding(
                second,
                f"the ports {other} overlap with those of {'.'.join(map(str, first))} ({one})",
                f"Begin after {_ports(one)[1]}",
                refers=first,
            )
    for path, address in binds:
        port = int(address.rpartition(":")[2])
        for owner, ports in ranges:
            low, high = _ports(ports)
            if path[-1] in {"sip", "phones"} and low <= port <= high:
                yield Finding(
                    path,
                    f"port {port} belongs to the speech ports {ports}"
                    f" of {'.'.join(map(str, owner))}",
                    f"Write a port outside {ports}",
                    refers=owner,
                )


def trunks(hotline: Hotline) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    if hotline.simulator is not None:
        seen[hotline.simulator.sip] = "simulator"
    for name, trunk in hotline.trunks.items():
        if trunk.username and not trunk.password_file:
            yield Finding(
                ("trunks", name),
                "a line that registers needs a password",
                'Add "password_file:" with the path of a file that holds the password',
                of_key=True,
                refers=("trunks", name, "password_file"),
            )
        if trunk.password_file and not trunk.username:
            yield Finding(
                ("trunks", name),
                "a password without a user name is never used",
                'Add "username:", or remove password_file',
                of_key=True,
                refers=("trunks", name, "username"),
            )
        if trunk.username:
            continue
        if trunk.host in seen:
            yield Finding(
                ("trunks", name, "host"),
                f"{seen[trunk.host]!r} has the same address, so their calls cannot be told apart",
                "Remove one of the two, or give each its own username",
                refers=("trunks", seen[trunk.host]),
            )
        seen.setdefault(trunk.host, name)


def _same_socket(one: str, other: str) -> bool:
    (host, _, port), (host2, _, port2) = one.rpartition(":"), other.rpartition(":")
    if int(port) != int(port2):
        return False
    first, second = ip_address(host.strip("[]")), ip_address(host2.strip("[]"))
    return first == second or first.is_unspecified or second.is_unspecified


def _ports(ports: str) -> tuple[int, int]:
    low, _, high = ports.partition("-")
    return int(low), int(high)
