"""After 200 simulated calls the tables say what Asterisk's own files and the network say."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from rich.console import Console

from ccops.provision import find
from ccops.simulator.plan import Options
from ccops.simulator.result import CallOutcome, CampaignResult
from ccops.simulator.simulate import simulate
from tests.e2e.running import Running, eventually, running

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.xdist_group("records")]

OPERATORS = 12
CAMPAIGN = Options(
    calls_per_hour=8400, operators=OPERATORS, minutes=1.5, seed=7, talk=4.0, patience=12.0
)


@pytest.fixture(scope="module")
def hotline(request: pytest.FixtureRequest) -> Iterator[Running]:
    def busy(content: dict[str, Any]) -> None:
        for queue in content["queues"].values():
            queue["wrap_up"] = 1
        content["operators"] = {
            str(500 + number): {"name": f"Operator {number}", "queues": list(content["queues"])}
            for number in range(OPERATORS)
        }

    failed = request.session.testsfailed
    with running(change=busy) as copy:
        yield copy
        copy.keep = request.session.testsfailed > failed


@dataclass
class LoggedVisit:
    """One stay in a queue as queue_log tells it, read here without any of ccops's code."""

    queue: str
    outcome: str = "open"
    wait: int = -1
    operator: str = ""
    talk: int = 0


def queue_log(hotline: Running) -> dict[str, list[LoggedVisit]]:
    visits: dict[str, list[LoggedVisit]] = {}
    for line in hotline.home.queue_log.read_text(encoding="utf-8").splitlines():
        _time, call, queue, agent, event, *data = line.split("|")
        if event == "ENTERQUEUE":
            visits.setdefault(call, []).append(LoggedVisit(queue))
            continue
        if call not in visits:
            continue
        visit = visits[call][-1]
        if event == "CONNECT":
            visit.outcome, visit.operator, visit.wait = "answered", agent, int(data[0])
        elif event in ("COMPLETEAGENT", "COMPLETECALLER"):
            visit.talk = int(data[1])
        elif event == "ABANDON":
            visit.outcome, visit.wait = "abandoned", int(data[2])
    return visits


@pytest.mark.timeout(400)
async def test_the_tables_match_asterisk_and_the_network(hotline: Running) -> None:
    result = await simulate(
        hotline.hotline, hotline.secrets, find(), hotline.home, CAMPAIGN, Console(quiet=True)
    )
    assert len(result.calls) >= 200
    await eventually(lambda: _settled(hotline, result), 30, "every call in the database, closed")
    _matches_queue_log(hotline)
    _matches_cel(hotline)
    _matches_network(hotline, result)


def _settled(hotline: Running, result: CampaignResult) -> bool:
    accepted = sum(call.outcome is not CallOutcome.REFUSED for call in result.calls)
    ((total, still_open),) = hotline.rows(
        "SELECT count(*), coalesce(sum(outcome = 'open'), 0) FROM contacts"
    )
    return (total, still_open) == (accepted, 0)


def _matches_queue_log(hotline: Running) -> None:
    logged = queue_log(hotline)
    rows = hotline.rows("SELECT * FROM visits ORDER BY contact_id, ordinal")
    stored: dict[str, list[Any]] = {}
    for row in rows:
        stored.setdefault(row["contact_id"], []).append(row)
    assert stored.keys() == logged.keys()
    for call, visits in logged.items():
        assert len(stored[call]) == len(visits)
        for row, visit in zip(stored[call], visits, strict=True):
            told = (row["queue"], row["outcome"], row["operator"])
            assert told == (visit.queue, visit.outcome, visit.operator), call
            # queue_log counts in whole seconds of the clock, the tables in microseconds
            assert row["wait"] == pytest.approx(visit.wait, abs=1.0), call
            assert row["talk"] == pytest.approx(visit.talk, abs=1.0), call


def _matches_cel(hotline: Running) -> None:
    """One contact for each channel that began in the context of incoming calls, and every leg."""
    with hotline.home.cel.open(encoding="utf-8", newline="") as file:
        starts = [row for row in csv.reader(file) if row[0] == "CHAN_START"]
    incoming = {row[3] for row in starts if row[7] == "incoming"}
    contacts = hotline.rows("SELECT id FROM contacts")
    assert {row["id"] for row in contacts} == incoming
    legs = hotline.rows("SELECT uniqueid FROM legs")
    assert sorted(row["uniqueid"] for row in legs) == sorted(
        row[2] for row in starts if row[3] in incoming
    )


def _matches_network(hotline: Running, result: CampaignResult) -> None:
    contacts = hotline.rows("SELECT * FROM contacts")
    outcomes = Counter(row["outcome"] for row in contacts)
    truth = result.outcomes
    assert outcomes["answered"] == truth[CallOutcome.ANSWERED] > 50
    assert outcomes["lost"] == truth[CallOutcome.ABANDONED] + truth[CallOutcome.CUT_OFF] > 5
    assert outcomes["self_served"] + outcomes["left_in_menu"] == truth[CallOutcome.LEFT_IN_MENU] > 5
    by_number = {row["number"]: row for row in contacts if row["number"]}
    for call in result.calls:
        if call.outcome is CallOutcome.ANSWERED and call.number:
            row = by_number[call.number]
            assert row["talk"] == pytest.approx(call.talk, abs=0.5), call.number
            assert row["wait"] == pytest.approx(call.wait, abs=1.5), call.number
            visits = hotline.rows("SELECT * FROM visits WHERE contact_id = ?", row["id"])
            assert visits[-1]["operator"] == call.answered_by
