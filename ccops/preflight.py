"""What must hold before anything is started, so that a start fails at once and with a reason."""

from __future__ import annotations

import fcntl
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ccops.config.model import Hotline
from ccops.config.types import split_address
from ccops.errors import CcopsError
from ccops.home import Home

TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM
PATIENCE = 3.0
"""Seconds within which a hotline that runs takes a connection."""


class PortTakenError(CcopsError):
    """Somebody else listens where the hotline should."""

    code = "port_taken"


class RunsAlreadyError(CcopsError):
    """Another ``ccops run`` works in this home."""

    code = "runs_already"


class NoSimulatorError(CcopsError):
    """The configuration gives the simulated telephone network no addresses."""

    code = "no_simulator"


class NotRunningError(CcopsError):
    """There is no hotline to call."""

    code = "not_running"


@contextmanager
def only_one(home: Home) -> Iterator[None]:
    """Hold the home for this process, until it ends: two Asterisks in one folder destroy both.

    Raises :class:`RunsAlreadyError`; CcopsError when the home cannot be written.
    """
    path = home.supervisor.with_name("lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("w")
    except OSError as error:
        raise CcopsError(
            f"The home folder {home.root} cannot be written: {error.strerror}.",
            remedy="Let CCOPS_HOME name a folder that you may write to.",
            code="not_writable",
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunsAlreadyError(
                f"A hotline runs already in {home.root}.",
                remedy="Stop it first, or let CCOPS_HOME name another folder for a second copy "
                "(with other ports in its hotline.yaml).",
            ) from None
        yield


def check_ports(hotline: Hotline, *, asterisk: bool, simulator: bool) -> None:
    """Name every address that is in use, with its field; raises :class:`PortTakenError`."""
    taken = []
    for field, address, kind in _addresses(hotline, asterisk=asterisk, simulator=simulator):
        if (reason := _bind(address, kind)) is not None:
            taken.append((f"{address} ({field})", field, reason))
    if taken:
        places, fields, reasons = zip(*taken, strict=True)
        raise PortTakenError(
            f"{_and(places)} cannot be used: {_and(dict.fromkeys(reasons))}.",
            remedy=f"Stop what uses {'it' if len(taken) == 1 else 'them'}, or write other "
            f"addresses in hotline.yaml under {_and(fields)}.",
        )


def check_simulator(hotline: Hotline) -> None:
    """Whether callers can be simulated; raises :class:`NoSimulatorError`."""
    if hotline.simulator is None:
        raise NoSimulatorError(
            "The configuration has no section simulator, so nobody can be simulated.",
            remedy="Add the line  simulator: {}  to it; or run the hotline alone "
            "(make run SIMULATOR=off, ccops run without --simulator).",
        )


def check_runs(hotline: Hotline) -> None:
    """Whether there is a hotline to call; raises :class:`NotRunningError`."""
    host, port = split_address(hotline.listen.http)
    try:
        socket.create_connection((host, port), PATIENCE).close()
    except OSError:
        raise NotRunningError(
            f"No hotline answers at http://{hotline.listen.http}/.",
            remedy="Start it first (ccops run), with the same hotline.yaml and the same home.",
        ) from None


def _addresses(
    hotline: Hotline, *, asterisk: bool, simulator: bool
) -> Iterator[tuple[str, str, socket.SocketKind]]:
    listen = hotline.listen
    yield "listen.http", listen.http, TCP
    yield "listen.agi", listen.agi, TCP
    if asterisk:
        yield "listen.ami", listen.ami, TCP
        yield "listen.sip", listen.sip, UDP
    if simulator and hotline.simulator is not None:
        yield "simulator.sip", hotline.simulator.sip, UDP
        yield "simulator.phones", hotline.simulator.phones, UDP
        yield "simulator.ami", hotline.simulator.ami, TCP


def _bind(address: str, kind: socket.SocketKind) -> str | None:
    """Why the address cannot be listened on; None when it can."""
    host, port = split_address(address)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
        if kind == TCP:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return None


def _and(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
