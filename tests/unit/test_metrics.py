"""The metrics: what they say, and that Prometheus is pleased with them."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from dataclasses import replace

import pytest

from ccops.asterisk.agi import AgiMetrics
from ccops.asterisk.ami import AmiMetrics
from ccops.domain.figures import ContactCount
from ccops.domain.ledger import Result
from ccops.domain.records import Outcome
from ccops.metrics import Metrics
from ccops.provision import Program, find
from ccops.services.ledger import LedgerMetrics
from ccops.web.exposition import Exposition
from tests.web_support import NUMBERS, ScriptedHotline, scripted


class Scrape:
    """A process with its metrics, for a test to use and to ask."""

    def __init__(self) -> None:
        self.hotline: ScriptedHotline = scripted(busy=True)
        self.metrics = Metrics()
        self.contacts = [
            ContactCount("1176", "employment", Outcome.ANSWERED, 40),
            ContactCount("1176", "employment", Outcome.LOST, 3),
            ContactCount("1176", "employment", Outcome.OPEN, 2),
            ContactCount("1176", "", Outcome.SELF_SERVED, 7),
        ]
        self.exposition = Exposition(
            self.metrics.registry,
            snapshot=self.hotline.live.snapshot,
            figures=self.hotline.ports().figures,
            contacts=self._contacts,
            restarts=lambda: {"ccops": 1, "asterisk": 0},
            disturbances=self.hotline.service.disturbances.by_line,
        )

    async def _contacts(self) -> list[ContactCount]:
        return self.contacts

    async def text(self) -> str:
        return (await self.exposition()).decode()

    async def value(self, sample: str) -> float | None:
        for line in (await self.text()).splitlines():
            name, _, value = line.rpartition(" ")
            if name == sample:
                return float(value)
        return None


@pytest.fixture
def scrape() -> Scrape:
    return Scrape()


def use_everything(metrics: Metrics) -> None:
    ami: AmiMetrics = metrics.ami
    agi: AgiMetrics = metrics.agi
    ami.link(True)
    ami.event("QueueCallerJoin")
    ami.observe_action("QueueAdd", 0.004, "ok")
    ami.observe_action("QueueAdd", 5.0, "timeout")
    ami.handler_error()
    agi.active(1)
    agi.observe_command("GET DATA", 4.2, True)
    agi.observe_command("EXEC", 0.002, False)
    agi.session("entry", "done")
    agi.session("", "no_route")
    metrics.journal.lag("cel", 0.4)
    metrics.journal.rows("cel", 12)
    ledger: LedgerMetrics = metrics.ledger
    ledger.settled("employment", Result.KEPT, -45.5)
    ledger.settled("employment", Result.KEPT, 20.0)
    ledger.settled("employment", Result.NO_TIME, None)
    ledger.given_up(3)


async def test_a_disturbance_is_counted_for_each_line_and_gone_when_it_ends(
    scrape: Scrape,
) -> None:
    disturbances = scrape.hotline.service.disturbances
    assert await scrape.value('ccops_disturbance{line="1176"}') == 0
    begun = await disturbances.start("", "reason-power", {}, False, None, "cli")
    assert await scrape.value('ccops_disturbance{line="1176"}') == 1
    await disturbances.end(begun.id, "cli")
    assert await scrape.value('ccops_disturbance{line="1176"}') == 0


async def test_the_brief_families_are_there(scrape: Scrape) -> None:
    use_everything(scrape.metrics)
    expected = {
        'ccops_contacts_total{line="1176",outcome="answered",sub_line="employment"}': 40,
        'ccops_contacts_total{line="1176",outcome="self_served",sub_line=""}': 7,
        'ccops_queue_waiting{queue="employment"}': 3,
        'ccops_operators{state="talking"}': 2,
        'ccops_operators{state="logged_out"}': 1,
        "ccops_ami_link_up": 1,
        'ccops_ami_events_total{event="QueueCallerJoin"}': 1,
        'ccops_ami_action_duration_seconds_count{action="QueueAdd"}': 2,
        'ccops_ami_action_errors_total{action="QueueAdd",outcome="timeout"}': 1,
        'ccops_agi_command_duration_seconds_sum{command="GET DATA"}': 4.2,
        'ccops_agi_sessions_total{outcome="done",route="entry"}': 1,
        'ccops_agi_sessions_total{outcome="no_route",route="unknown"}': 1,
        "ccops_agi_sessions_active": 1,
        'ccops_journal_lag_seconds{source="cel"}': 0.4,
        'ccops_journal_rows_total{source="cel"}': 12,
        'ccops_announcements_total{queue="employment",result="kept"}': 2,
        'ccops_announcements_total{queue="employment",result="no_time"}': 1,
        'ccops_announcement_error_seconds_bucket{le="-30.0",queue="employment"}': 1,
        'ccops_announcement_error_seconds_count{queue="employment"}': 2,
        "ccops_announcements_given_up_total": 3,
        'ccops_supervisor_restarts_total{part="ccops"}': 1,
        "ccops_event_loop_lag_seconds": 0,
    }
    for sample, value in expected.items():
        assert await scrape.value(sample) == value, sample
    longest = await scrape.value('ccops_queue_longest_wait_seconds{queue="employment"}')
    assert longest == pytest.approx(96, abs=5)
    level = await scrape.value('ccops_service_level_ratio{queue="support"}')
    assert level is None or 0 < level <= 1
    text = await scrape.text()
    assert re.search(r'ccops_build_info\{python="3\.\d+\.\d+",version="[\d.]+"\} 1\.0', text)
    assert "process_resident_memory_bytes" in text
    assert "_created" not in text


@pytest.fixture
def promtool() -> Program:
    found = find().promtool
    assert found is not None, "make setup-tests brings promtool"
    return found


async def test_promtool_is_pleased(scrape: Scrape, promtool: Program) -> None:
    use_everything(scrape.metrics)
    process = await asyncio.create_subprocess_exec(
        *promtool.command,
        "check",
        "metrics",
        env={**os.environ, **promtool.env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said, _ = await process.communicate(await scrape.exposition())
    assert (process.returncode, said.decode()) == (0, "")


async def test_contacts_never_run_backwards(scrape: Scrape) -> None:
    sample = 'ccops_contacts_total{line="1176",outcome="lost",sub_line="employment"}'
    assert await scrape.value(sample) == 3
    scrape.contacts = [replace(each, count=each.count - 1) for each in scrape.contacts]
    assert await scrape.value(sample) == 3
    scrape.contacts = [replace(each, count=each.count + 5) for each in scrape.contacts]
    assert await scrape.value(sample) == 7


async def test_contacts_under_way_are_not_counted_yet(scrape: Scrape) -> None:
    assert 'outcome="open"' not in await scrape.text()


async def test_without_the_database_the_rest_is_told(scrape: Scrape) -> None:
    scrape.hotline.figures = None
    text = await scrape.text()
    assert "ccops_contacts_total" not in text
    assert 'ccops_queue_waiting{queue="employment"} 3.0' in text


async def test_no_caller_and_no_operator_in_a_label(scrape: Scrape) -> None:
    use_everything(scrape.metrics)
    text = await scrape.text()
    for number in filter(None, NUMBERS):
        assert number[4:] not in text
    for identity, operator in scrape.hotline.hotline.operators.items():
        assert operator.name not in text
        assert f'"{identity}"' not in text


async def test_two_processes_in_one_do_not_share_instruments() -> None:
    one, other = Metrics(), Metrics()
    one.ami.event("Newchannel")
    assert (
        other.registry.get_sample_value("ccops_ami_events_total", {"event": "Newchannel"}) is None
    )
