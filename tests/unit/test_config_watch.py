"""A bad file never replaces a good one; a change is taken once it is stable."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from ccops.config.faults import Fault
from ccops.config.loader import load
from ccops.config.model import Hotline
from ccops.config.watch import ConfigWatch
from ccops.errors import CcopsError
from ccops.tasks import TaskRunner
from tests.unit.config_samples import GOOD


class Application:
    """What the watcher reports to."""

    def __init__(self, path: Path, *, started: bool = True) -> None:
        self.path = path
        self.write(GOOD)
        self.good: list[int] = []
        self.bad: list[list[int]] = []
        self.refuse: Exception | None = None
        self.heard, self.refused = asyncio.Event(), asyncio.Event()
        in_force = load(path) if started else None
        self.watch = ConfigWatch(
            path, in_force, self.take, self.complain, interval=0.001, again=0.002
        )

    def write(self, text: str) -> None:
        self.path.write_text(text, encoding="utf-8")

    def replace(self, text: str) -> None:
        """As most editors save."""
        draft = self.path.with_suffix(".new")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.path)

    async def take(self, hotline: Hotline) -> None:
        if self.refuse:
            self.refused.set()
            raise self.refuse
        self.good.append(hotline.queues["jobs"].ring)
        self.heard.set()

    async def complain(self, faults: Sequence[Fault]) -> None:
        self.bad.append([fault.line for fault in faults])

    async def settle(self) -> None:
        await self.watch.poll()
        await self.watch.poll()


@pytest.fixture
async def application(tmp_path: Path) -> Application:
    application = Application(tmp_path / "hotline.yaml")
    await application.settle()
    assert (application.good, application.bad) == ([], []), "what is in force is not news"
    return application


def ring(seconds: int) -> str:
    return GOOD.replace("ring: 20", f"ring: {seconds}")


async def test_a_good_file_is_taken_over_once(application: Application) -> None:
    application.replace(ring(25))
    await application.settle()
    await application.settle()
    assert application.good == [25]


async def test_a_bad_file_is_reported_once_and_changes_nothing(application: Application) -> None:
    application.replace(ring(1))
    await application.settle()
    await application.settle()
    assert (application.good, application.bad) == ([], [[27]])


async def test_the_old_file_brought_back_ends_the_fault(application: Application) -> None:
    application.replace(ring(1))
    await application.settle()
    application.replace(GOOD)
    await application.settle()
    assert (application.good, application.bad) == ([20], [[27]])


async def test_a_half_written_file_is_not_taken(application: Application) -> None:
    application.write(GOOD[:300])
    await application.watch.poll()
    application.write(ring(30))
    await application.settle()
    assert (application.good, application.bad) == ([30], [])


async def test_the_gap_while_an_editor_replaces_the_file_is_not_taken(
    application: Application,
) -> None:
    application.path.unlink()
    await application.watch.poll()
    application.write(ring(35))
    await application.settle()
    assert (application.good, application.bad) == ([35], [])


async def test_a_removed_file_is_a_fault(application: Application) -> None:
    application.path.unlink()
    await application.settle()
    await application.settle()
    assert (application.good, application.bad) == ([], [[1]])


async def test_a_comment_is_no_change(application: Application) -> None:
    application.replace(GOOD + "# a remark\n")
    await application.settle()
    assert (application.good, application.bad) == ([], [])


async def test_a_change_before_the_first_poll_is_noticed(tmp_path: Path) -> None:
    application = Application(tmp_path / "hotline.yaml")
    application.write(ring(40))
    await application.settle()
    assert application.good == [40]


@pytest.mark.parametrize("trouble", [OSError("disk full"), CcopsError("No link to Asterisk.")])
async def test_what_could_not_take_effect_is_tried_until_it_does(
    application: Application, trouble: Exception
) -> None:
    application.refuse = trouble
    application.replace(ring(45))
    await application.watch.poll()
    assert [await application.watch.poll() for _ in range(3)] == [False] * 3
    application.refuse = None
    assert await application.watch.poll()
    await application.settle()
    assert application.good == [45], "once, although nobody touched the file again"


async def test_what_could_not_take_effect_is_replaced_by_the_next_good_file(
    application: Application,
) -> None:
    application.refuse = OSError("disk full")
    application.replace(ring(45))
    await application.settle()
    application.refuse = None
    application.replace(GOOD + "\n")
    await application.settle()
    assert application.good == [20], "although it equals what was in force before"


async def test_it_goes_on_trying_by_itself(application: Application) -> None:
    runner = TaskRunner("test")
    application.refuse = OSError("disk full")
    runner.start("config", application.watch.run)
    application.replace(ring(55))
    async with asyncio.timeout(10):
        await application.refused.wait()
        application.refuse = None
        await application.heard.wait()
    await runner.stop()
    assert application.good == [55]


async def test_with_nothing_in_force_the_first_good_file_is_taken(tmp_path: Path) -> None:
    application = Application(tmp_path / "hotline.yaml", started=False)
    await application.settle()
    await application.settle()
    assert application.good == [20]


async def test_it_runs_as_a_task(application: Application) -> None:
    runner = TaskRunner("test")
    runner.start("config", application.watch.run)
    application.replace(ring(50))
    await asyncio.wait_for(application.heard.wait(), 10)
    assert await runner.stop() == []
    assert application.good == [50]
