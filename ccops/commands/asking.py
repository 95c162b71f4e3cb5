"""Where a command goes: to the ccops that runs, or, where none does, into its database."""

from __future__ import annotations

import asyncio
import getpass
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from ccops.clock import SystemClock
from ccops.config.loader import load
from ccops.config.model import Hotline
from ccops.config.secrets import Secrets
from ccops.config.types import split_address
from ccops.errors import CcopsError
from ccops.home import Home
from ccops.log import configure
from ccops.prepare import kept
from ccops.reception import reception
from ccops.store.session import Database, sqlite_url
from ccops.web.desk import Desk

Json = dict[str, Any]
Work = Callable[[Desk], Awaitable[Json]]

PATIENCE = 30.0
"""Seconds for an answer: a text that is to be spoken first takes a few."""

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="The hotline's configuration; the one in force in the home folder by default.",
    ),
]


class NoAnswerError(CcopsError):
    """Somebody listens at the hotline's address, and does not answer as ccops would."""

    code = "no_answer"


@dataclass(frozen=True)
class Counter:
    """Where one hotline is asked."""

    home: Home
    hotline: Hotline

    @classmethod
    def of(cls, config: Path | None) -> Counter:
        """The one in force in the home folder, or that of ``config``."""
        home = Home.default()
        hotline = load(config) if config else kept(home) or load(home.config)
        return cls(home, hotline)

    def ask(self, path: str, body: Json | None, work: Work) -> tuple[Json, bool]:
        """The answer, and whether ccops runs: without it ``work`` is done on its database.

        ``body``: of a POST; None for a GET. Raises CcopsError, the running one's own included.
        """
        try:
            return self._request(path, body), True
        except ConnectionRefusedError:
            # The service says what it does in its log; here a person is told.
            configure(level=logging.ERROR)
            return asyncio.run(self._work(work)), False

    def local(self, time: str) -> str:
        """A time of an answer on the hotline's clock."""
        moment = datetime.fromisoformat(time).astimezone(ZoneInfo(self.hotline.time_zone))
        return f"{moment:%Y-%m-%d %H:%M}"

    def _request(self, path: str, body: Json | None) -> Json:
        address = self._address()
        request = urllib.request.Request(f"{address}{path}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        secrets = Secrets.load_or_create(self.home.secrets, self.hotline)
        request.add_header("Authorization", f"Bearer {secrets.api_token}")
        # The address is the machine's own: no proxy of the environment leads there.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=PATIENCE) as answer:
                return _object(answer.read(), address)
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, error.read(), address) from None
        except urllib.error.URLError as error:
            if isinstance(error.reason, ConnectionRefusedError):
                raise error.reason from None
            raise _silent(address, str(error.reason)) from None
        except OSError as error:
            raise _silent(address, str(error)) from None

    def _address(self) -> str:
        host, port = split_address(self.hotline.listen.http)
        where = ip_address(host)
        if where.is_unspecified:
            where = ip_address("127.0.0.1" if where.version == 4 else "::1")
        return f"http://[{where}]:{port}" if where.version == 6 else f"http://{where}:{port}"

    async def _work(self, work: Work) -> Json:
        database = await Database.open(self.hotline.database or sqlite_url(self.home.database))
        try:
            clock = SystemClock()
            ports = reception(self.home, database, clock, lambda: self.hotline)
            await ports.disturbances.load()
            await ports.blocks.load()
            return await work(Desk(ports, lambda: self.hotline, clock))
        finally:
            await database.close()


def by() -> str:
    """Who types, for the record."""
    try:
        return f"cli:{getpass.getuser()}"[:60]
    except (KeyError, OSError):  # a user without a name, as in containers
        return "cli"


def _object(answer: bytes, address: str) -> Json:
    try:
        found = json.loads(answer)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NoAnswerError(
            f"What answers at {address} is not ccops.",
            remedy="See which program listens there, or give another address under listen:.",
        )
    return found


def _refusal(status: int, answer: bytes, address: str) -> CcopsError:
    error = _object(answer, address).get("error")
    if status == 401 or not isinstance(error, dict):
        return NoAnswerError(
            f"The ccops at {address} does not accept the access token of this home folder.",
            remedy="Set CCOPS_HOME to the home folder of the ccops that runs.",
        )
    return CcopsError(error["message"], remedy=error["remedy"], code=error["code"])


def _silent(address: str, reason: str) -> NoAnswerError:
    return NoAnswerError(
        f"The ccops at {address} does not answer ({reason}).",
        remedy="See whether it is busy or frozen; its supervisor starts it again within seconds.",
    )
