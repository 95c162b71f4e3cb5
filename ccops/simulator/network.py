"""The telephone network: a second Asterisk, where citizens call from and operators' phones stand.

It is a child process with its own folders in the home, spoken to over AMI only. To the hotline it
is the telephone company (by the address of its trunk side) and one registered telephone per
operator and member of the staff.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import secrets
import shutil
import socket
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from ccops.asterisk.ami import AmiLink, AmiRefused, Event
from ccops.asterisk.render import check, environment
from ccops.clock import Clock, SystemClock
from ccops.config.model import Hotline
from ccops.config.types import split_address
from ccops.errors import CcopsError
from ccops.home import Home
from ccops.provision.toolchain import Toolchain
from ccops.resources import asterisk_conf
from ccops.simulator import voices
from ccops.simulator.channel import Channel
from ccops.tasks import TaskRunner

log = structlog.get_logger(__name__)

AMI_USER = "network"
KEYPAD_USER = "keypad"
KEYPADS = 4
"""Sessions for pressing keys: PlayDTMF holds its whole session for 0.1 s, the length of a key."""
KEY_LENGTH = 100
"""Milliseconds."""
FILES = (
    "asterisk.conf",
    "modules.conf",
    "logger.conf",
    "manager.conf",
    "pjsip.conf",
    "rtp.conf",
    "musiconhold.conf",
    "extensions.conf",
    "cdr.conf",
    "cel.conf",
)
UNUSED = ("acl", "ccss", "features", "indications", "pjproject", "stasis", "udptl")
"""Asterisk complains when these files are missing; empty ones mean its defaults."""
START = 20.0
"""Seconds within which the network's Asterisk must answer on AMI."""
HANG_UP = 3.0
"""Seconds for the calls still up to end when the network stops."""
END = 5.0
"""Seconds for the process to end by itself before it is killed."""


class NetworkError(CcopsError):
    """The telephone network did not come up, or went away."""

    code = "simulator_network_failed"


class Network:
    """Starts and stops the second Asterisk, makes calls, and tells each channel its events."""

    def __init__(
        self,
        hotline: Hotline,
        passwords: Mapping[str, str],
        toolchain: Toolchain,
        home: Home,
        *,
        clock: Clock | None = None,
    ) -> None:
        """``passwords`` are those of the operators' and the staff's telephones, by extension."""
        if hotline.simulator is None:
            raise NetworkError(
                "hotline.yaml has no section simulator, so there are no addresses for the network.",
                remedy="Add the section simulator: {} to hotline.yaml.",
            )
        self.hotline = hotline
        self.clock = clock or SystemClock()
        self.folder = home.network
        self.recordings = self.folder / "recordings"
        self._passwords = {id_: passwords[id_] for id_ in (*hotline.operators, *hotline.staff)}
        self._addresses = hotline.simulator
        self._toolchain = toolchain
        self._secret = secrets.token_hex(16)
        host, port = split_address(self._addresses.ami)
        self.link = AmiLink(host, port, AMI_USER, self._secret, clock=self.clock)
        self.link.subscribe(self._on_event, "Newchannel", "Newstate", "Hangup")
        self.link.subscribe(self._on_originated, "OriginateResponse")
        self.link.subscribe(self._on_registry, "Registry")
        self._keypads = [
            AmiLink(host, port, KEYPAD_USER, self._secret, clock=self.clock) for _ in range(KEYPADS)
        ]
        self.tasks = TaskRunner("simulator")
        """What callers and telephones do by themselves; ends with the network."""
        self._process: asyncio.subprocess.Process | None = None
        self._channels: dict[str, Channel] = {}
        self._phones: dict[str, Callable[[Channel], None]] = {}
        self._registered = {id_: asyncio.Event() for id_ in self._passwords}
        self._ids = itertools.count(1)

    async def start(self) -> None:
        """Bring the network up. Raises :class:`NetworkError`, having stopped what was started."""
        self._check_free()
        self._write_files()
        try:
            self._process = await self._spawn()
            self.tasks.start("ami link", self.link.run)
            await self._wait_ready()
            for keypad in self._keypads:
                self.tasks.start("keypad", keypad.run)
            for keypad in self._keypads:
                await keypad.wait_connected(START)
            for row in await self.link.list("PJSIPShowRegistrationsOutbound"):
                self._set_registered(row.get("ClientUri"), row.get("Status"))
        except BaseException:
            await self.stop()
            raise
        log.info("telephone network started", telephones=len(self._passwords))

    async def stop(self) -> None:
        """End all calls, then the process. Safe to call at any time, and twice."""
        if self.link.connected:
            await self._end_calls()
        await self.tasks.stop()
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(END):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def check(self) -> None:
        """Raises :class:`NetworkError` when the network's Asterisk has ended."""
        if self._process is None or self._process.returncode is not None:
            raise NetworkError(
                "The simulator's Asterisk is not running.",
                remedy=f"Its log is in {self.folder / 'log'}.",
            )

    def new_call(self, *, record: bool) -> tuple[str, Path | None]:
        """An id for a call, and where its recording will be."""
        name = f"{'call' if record else 'mute'}-{next(self._ids):06d}"
        return name, self.recordings / f"{name}.wav" if record else None

    async def originate(self, call: str, target: str, *, caller_id: str) -> Channel:
        """Call ``target`` (a channel to be made); once answered it goes on in ``calling``.

        Returns as soon as Asterisk has taken the order.
        """
        channel = self._channels[call] = Channel(call)
        await self.link.action(
            "Originate",
            Channel=target,
            ChannelId=call,
            Context="calling",
            Exten=call,
            Priority="1",
            Async="true",
            Timeout="120000",
            CallerID=f"<{caller_id}>",
        )
        return channel

    async def hang_up(self, channel: Channel, cause: int = 16) -> None:
        """Hang up unless it has ended already."""
        if not channel.name or channel.ended_at is not None:
            return
        try:
            await self.link.action("Hangup", Channel=channel.name, Cause=str(cause))
        except AmiRefused:
            log.debug("the call had ended already")

    async def press(self, channel: Channel, key: str) -> None:
        """Press a key for 0.1 s. Raises ``AmiRefused`` when the call has ended."""
        keypad = self._keypads[hash(channel.uniqueid) % KEYPADS]
        await keypad.action("PlayDTMF", Channel=channel.name, Digit=key, Duration=str(KEY_LENGTH))

    async def redirect(self, channel: Channel, context: str, extension: str) -> None:
        """Send a channel to another place of the network's dialplan, unless it has ended."""
        try:
            await self.link.action(
                "Redirect", Channel=channel.name, Context=context, Exten=extension, Priority="1"
            )
        except AmiRefused:
            log.debug("the call had ended already")

    async def registered(self, extension: str) -> None:
        """Wait until the hotline knows where that telephone is."""
        await self._registered[extension].wait()

    def incoming(self, endpoint: str, handler: Callable[[Channel], None]) -> None:
        """Tell ``handler`` of each call that the hotline makes to this telephone."""
        self._phones[endpoint] = handler

    def now(self) -> datetime:
        return self.clock.now()

    def _on_event(self, event: Event) -> None:
        uniqueid = event["Uniqueid"]
        channel = self._channels.get(uniqueid)
        if channel is None and event.name == "Newchannel" and event["Context"] == "phones":
            handler = self._phones.get(_endpoint(event["Channel"]))
            if handler is not None:
                channel = self._channels[uniqueid] = Channel(uniqueid)
                channel.feed(event)
                handler(channel)
                return
        if channel is None:
            return
        channel.feed(event)
        if channel.ended_at is not None:
            del self._channels[uniqueid]

    def _on_originated(self, event: Event) -> None:
        # A failed Originate may have made no channel; the extension holds our id all the same.
        channel = self._channels.get(event.get("Exten"))
        if channel is not None:
            channel.feed(event)
            if channel.ended_at is not None:
                del self._channels[channel.uniqueid]

    def _on_registry(self, event: Event) -> None:
        self._set_registered(event.get("Username"), event.get("Status"))

    def _set_registered(self, uri: str, status: str) -> None:
        known = self._registered.get(uri.removeprefix("sip:").partition("@")[0])
        if known is not None and status == "Registered":
            known.set()
        elif known is not None:
            known.clear()

    async def _end_calls(self) -> None:
        channels = list(self._channels.values())
        try:
            await self.link.action("PJSIPUnregister", Registration="*all")
            for channel in channels:
                await self.hang_up(channel)
            async with asyncio.timeout(HANG_UP):
                for channel in channels:
                    await channel.ended(None)
        except (CcopsError, TimeoutError) as error:
            log.warning("calls still up as the network stops", reason=str(error))

    def _check_free(self) -> None:
        addresses = self._addresses
        for address, kind in (
            (addresses.sip, socket.SOCK_DGRAM),
            (addresses.phones, socket.SOCK_DGRAM),
            (addresses.ami, socket.SOCK_STREAM),
        ):
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(split_address(address))
                except OSError as error:
                    raise NetworkError(
                        f"The simulator cannot listen on {address}: {error.strerror}.",
                        remedy="Stop what uses it, or change the section simulator in "
                        "hotline.yaml.",
                    ) from error

    def _write_files(self) -> None:
        for folder in ("etc", "lib", "spool", "run", "log", "recordings"):
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.recordings)
        self.recordings.mkdir()
        voices.write_all(self.folder / "voices")
        env = environment(asterisk_conf() / "network")
        values = self._values()
        files = {name: env.get_template(f"{name}.j2").render(values) for name in FILES}
        check(files)
        files |= dict.fromkeys((f"{name}.conf" for name in UNUSED), "")
        for name, text in files.items():
            file = self.folder / "etc" / name
            file.touch(mode=0o600)
            file.write_text(text, encoding="utf-8")

    def _values(self) -> dict[str, Any]:
        addresses = self._addresses
        first, _, last = addresses.rtp.partition("-")
        return {
            "home": self.folder,
            "modules": self._toolchain.asterisk_modules,
            "share": self._toolchain.asterisk_share,
            "ami_user": AMI_USER,
            "keypad_user": KEYPAD_USER,
            "ami_secret": self._secret,
            "ami": addresses.ami,
            "sip": addresses.sip,
            "phones": addresses.phones,
            "hotline": self.hotline.listen.sip,
            "rtp": {"first": first, "last": last},
            "telephones": self._passwords,
            "voices": voices.NAMES,
        }

    async def _spawn(self) -> asyncio.subprocess.Process:
        etc = self.folder / "etc" / "asterisk.conf"
        command = [*self._toolchain.asterisk.command, "-C", str(etc), "-f", "-n"]
        setpriv = shutil.which("setpriv")
        if setpriv:  # so that it dies with us, even when we are killed
            command = [setpriv, "--pdeathsig", "TERM", "--", *command]
        with (self.folder / "log" / "console.log").open("wb") as console:
            return await asyncio.create_subprocess_exec(
                *command,
                env={**os.environ, **self._toolchain.asterisk.env},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,  # Ctrl-C is for us; we then stop it in order
            )

    async def _wait_ready(self) -> None:
        assert self._process is not None
        exited = self.tasks.start("watch process", self._exited, restart=False)
        ready = self.tasks.start(
            "wait for ami", lambda: self.link.wait_connected(START), restart=False
        )
        await asyncio.wait({exited, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not self.link.connected:
            raise NetworkError(
                "The simulator's Asterisk did not start.",
                remedy=f"Its log is {self.folder / 'log'}.",
            )

    async def _exited(self) -> None:
        assert self._process is not None
        code = await self._process.wait()
        log.error("the simulator's Asterisk has ended", code=code)


def _endpoint(channel: str) -> str:
    """``tel101`` of ``PJSIP/tel101-0000002a``."""
    return channel.partition("/")[2].rpartition("-")[0]
