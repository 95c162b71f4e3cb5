"""The composition root of the service: builds the parts, starts and stops them in order.

Order of starting: records first (so that nothing is missed), then what calls need, then what
people look at, and the heartbeat last. Stopping is the reverse, each step with its deadline.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from aiohttp import web

from ccops import heartbeat
from ccops.asterisk.agi import AgiServer
from ccops.asterisk.ami import AmiLink
from ccops.asterisk.channels import AmiChannels
from ccops.asterisk.live import LiveFeed
from ccops.asterisk.queue_control import AmiQueueControl
from ccops.asterisk.reload import Reloader
from ccops.asterisk.render import AMI_USER
from ccops.asterisk.rows import parse_cel, parse_queue
from ccops.asterisk.tail import Tail
from ccops.clock import SystemClock
from ccops.config.faults import Fault
from ccops.config.model import Hotline
from ccops.config.secrets import Secrets
from ccops.config.types import split_address
from ccops.config.watch import ConfigWatch
from ccops.domain.derive import Rules
from ccops.home import Home
from ccops.log import configure
from ccops.metrics import Metrics
from ccops.numbers import e164
from ccops.prepare import begin_with, keep, kept, prepare_hotline
from ccops.reception import reception
from ccops.services import health
from ccops.services.announcements import AnnouncementService
from ccops.services.ivr import Ivr
from ccops.services.journal import Journal, Source
from ccops.services.ledger import Ledger
from ccops.services.live import LiveService, roster_of
from ccops.services.memory import CallerMemory
from ccops.services.operator_codes import OperatorCodes
from ccops.services.operators import OperatorService
from ccops.services.regroup import regroup
from ccops.services.today import Today
from ccops.store.journal import SqlJournalStore
from ccops.store.ports import (
    StoredCallers,
    StoredFigures,
    StoredLedger,
    StoredWishes,
    Writable,
)
from ccops.store.session import Database, sqlite_url
from ccops.tasks import TaskRunner
from ccops.web.app import create_app
from ccops.web.exposition import Exposition
from ccops.web.ports import WebPorts

log = structlog.get_logger(__name__)

STOP_WEB_WITHIN = 2.0


async def serve(home: Home, config: Path) -> None:
    """Run the service until SIGINT or SIGTERM."""
    configure()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with running(home, config):
        log.info("ccops is running")
        await stopped.wait()
        log.info("ccops stops")


@asynccontextmanager
async def running(home: Home, config: Path) -> AsyncIterator[None]:
    """Everything built and started; stopped again on leaving."""
    hotline = await asyncio.to_thread(begin_with, home, config)
    in_force = await asyncio.to_thread(kept, home)
    secrets = await asyncio.to_thread(Secrets.load_or_create, home.secrets, hotline)
    database = await Database.open(hotline.database or sqlite_url(home.database))
    try:
        service = Service(home, config, hotline, in_force, secrets, database)
        try:
            await service.start()
            yield
        finally:
            await service.stop()
    finally:
        await database.close()


class Service:
    """The parts of a running ccops, wired together."""

    def __init__(
        self,
        home: Home,
        config: Path,
        hotline: Hotline,
        in_force: Hotline | None,
        secrets: Secrets,
        database: Database,
    ) -> None:
        """``in_force``: what Asterisk's files were made from, when that is known."""
        self.hotline = hotline
        self._home = home
        self._clock = clock = SystemClock()
        self._tasks = TaskRunner("service")
        self._metrics = metrics = Metrics()

        self._journal = Journal(
            [
                Source("cel", lambda point: Tail(home.cel, "cel", point), parse_cel),
                Source(
                    "queue_log", lambda point: Tail(home.queue_log, "queue_log", point), parse_queue
                ),
            ],
            SqlJournalStore(database),
            lambda: rules(self.hotline),
            clock=clock,
            metrics=metrics.journal,
        )

        host, port = split_address(hotline.listen.ami)
        self._link = AmiLink(host, port, AMI_USER, secrets.ami, clock=clock, metrics=metrics.ami)
        self._reloader = Reloader(self._link)
        figures = StoredFigures(database)
        self._today = Today(figures, clock, self._in_force)
        self._live = LiveService(
            LiveFeed(self._link, clock), clock, roster_of(hotline), self._today.calls_by_operator
        )
        self._operators = OperatorService(
            AmiQueueControl(self._link, clock), StoredWishes(database), clock, self._in_force
        )
        self._ledger = Ledger(StoredLedger(database), clock, metrics.ledger)
        self._channels = AmiChannels(self._link)
        self._announcements = AnnouncementService(
            self._live, self._channels, clock, self._in_force, self._ledger
        )
        self._link.on_connect += [self._live.resync, self._operators.reconcile]

        self._reception = reception(home, database, clock, self._in_force)
        disturbances, blocks = self._reception.disturbances, self._reception.blocks
        self._memory = CallerMemory(StoredCallers(database), clock, self._in_force)
        ivr = Ivr(self._in_force, clock, self._memory, disturbances, blocks)
        host, port = split_address(hotline.listen.agi)
        self._agi = AgiServer(
            host,
            port,
            {
                "entry": ivr.entry,
                "after": ivr.after,
                "callback": ivr.callback,
                "staff": ivr.staff,
                "operator": OperatorCodes(self._operators, self._in_force).handle,
            },
            metrics=metrics.agi,
            clock=clock,
        )

        self._watch = ConfigWatch(config, in_force, self._take_over, self._refuse)
        self._health = health.Health(
            {
                "asterisk": health.link_probe(lambda: self._link.connected),
                "agi": health.agi_probe(lambda: self._listening),
                "operators": health.operators_probe(lambda: self._operators.settled),
                "journal": health.journal_probe(self._journal.lags),
                "database": health.database_probe(Writable(database)),
            },
            clock,
        )
        exposition = Exposition(
            metrics.registry,
            snapshot=self._live.snapshot,
            figures=self._today.figures,
            contacts=figures.contact_counts,
            restarts=self._restarts,
            disturbances=disturbances.by_line,
        )
        self._web = web.AppRunner(
            create_app(
                WebPorts(
                    hotline=self._in_force,
                    live=self._live,
                    figures=self._today.figures,
                    operators=self._operators,
                    health=self._health,
                    exposition=exposition,
                    token=secrets.api_token,
                    clock=clock,
                    service=self._reception,
                )
            ),
            access_log=None,
            shutdown_timeout=STOP_WEB_WITHIN,
        )
        self._listening = False

    async def start(self) -> None:
        self._tasks.start("journal", self._journal.run)
        await self._agi.start()
        self._listening = True
        self._tasks.start("ledger", self._ledger.run)
        self._tasks.start("ami link", self._link.run)
        self._tasks.start("operators", self._operators.run)
        self._tasks.start("announcements", self._announcements.run)
        self._tasks.start("disturbances", self._reception.disturbances.run)
        self._tasks.start("blocks", self._reception.blocks.run)
        self._tasks.start("memory", self._memory.run)
        self._tasks.start("configuration", self._watch.run)
        self._tasks.start("health", self._health.run)
        self._tasks.start("loop lag", self._metrics.watch_loop)
        await self._web.setup()
        host, port = split_address(self.hotline.listen.http)
        await web.TCPSite(self._web, host, port).start()
        self._tasks.start("heartbeat", heartbeat.beat)

    async def stop(self) -> None:
        """No new calls, the page, then everything else; what waits in the journal is on disk."""
        self._listening = False
        await self._agi.stop()
        await self._web.cleanup()
        await self._tasks.stop()
        await self._ledger.close()

    def _in_force(self) -> Hotline:
        return self.hotline

    async def _take_over(self, hotline: Hotline) -> None:
        """A good configuration takes effect; calls under way go on. May fail and be tried again."""
        prepared = await asyncio.to_thread(prepare_hotline, self._home, hotline)
        if hotline.listen != self.hotline.listen or hotline.database != self.hotline.database:
            log.warning("listen and database take effect at the next start of the hotline")
        self.hotline = hotline
        self._live.configure(roster_of(hotline))
        await self._reloader.reload(prepared.changed)
        await self._operators.reconcile()
        await regroup(self._live.state.waiting(), self._channels, hotline)
        await asyncio.to_thread(keep, self._home, hotline)

    async def _refuse(self, faults: Sequence[Fault]) -> None:
        for fault in faults:
            log.error("hotline.yaml", line=fault.line, fault=fault.message, remedy=fault.remedy)

    def _restarts(self) -> Mapping[str, int]:
        try:
            content = json.loads(self._home.supervisor.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}  # not under our own supervisor
        return {part["part"]: part["restarts"] for part in content["parts"]}


def rules(hotline: Hotline) -> Rules:
    """What the configuration adds to Asterisk's records."""
    return Rules(
        sub_lines={name: queue.sub_line for name, queue in hotline.queues.items()},
        number=lambda received: e164(received, hotline.organisation.country),
    )
