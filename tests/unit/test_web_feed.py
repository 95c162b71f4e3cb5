"""The feed of pictures: shared, at most so often, and none while nobody looks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from ccops.domain.live import Snapshot
from ccops.tasks import TaskRunner
from ccops.web.feed import Feed
from tests.web_support import ScriptedHotline, scripted


def count_pictures(hotline: ScriptedHotline) -> list[Snapshot]:
    """The snapshots taken from now on."""
    taken: list[Snapshot] = []
    look = hotline.live.snapshot

    def snapshot() -> Snapshot:
        taken.append(look())
        return taken[-1]

    hotline.live.snapshot = snapshot  # type: ignore[method-assign]
    return taken


@asynccontextmanager
async def running(hotline: ScriptedHotline, *, at_most_every: float) -> AsyncIterator[Feed]:
    feed = Feed(hotline.ports(), at_most_every=at_most_every, at_least_every=30.0)
    tasks = TaskRunner("test")
    tasks.start("feed", feed.run)
    tasks.start("watch", feed.watch)
    yield feed
    assert await tasks.stop() == []


async def many_changes(hotline: ScriptedHotline) -> None:
    picture = hotline.live.snapshot()
    for _ in range(200):
        hotline.live.show(picture)
        await asyncio.sleep(0)


async def test_nobody_looks_and_nothing_is_made() -> None:
    hotline = scripted(busy=True)
    async with running(hotline, at_most_every=0.001):
        picture = hotline.live.snapshot()
        taken = count_pictures(hotline)
        for _ in range(200):
            hotline.live.show(picture)
            await asyncio.sleep(0)
    assert taken == []


async def test_many_changes_are_one_picture_for_all_viewers() -> None:
    hotline = scripted(busy=True)
    async with running(hotline, at_most_every=20.0) as feed:
        viewers = [feed.follow() for _ in range(5)]
        for viewer in viewers:
            await anext(viewer)
        taken = count_pictures(hotline)
        await asyncio.gather(*(anext(viewer) for viewer in viewers))
        await many_changes(hotline)
        # One that the test itself took to show, and one for all five viewers.
        assert len(taken) <= 2
        for viewer in viewers:
            await viewer.aclose()


async def test_a_slow_viewer_gets_the_newest_picture_and_not_the_old_ones() -> None:
    hotline = scripted(busy=True)
    async with running(hotline, at_most_every=0.001) as feed:
        slow, quick = feed.follow(), feed.follow()
        await anext(slow)
        await anext(quick)
        picture = hotline.live.snapshot()
        hotline.live.show(replace(picture, operators=picture.operators[:3]))
        while len(json.loads(await anext(quick))["operators"]) != 3:
            pass
        hotline.live.show(replace(picture, operators=picture.operators[:2]))
        while len(json.loads(await anext(quick))["operators"]) != 2:
            pass
        assert len(json.loads(await anext(slow))["operators"]) == 2
        await slow.aclose()
        await quick.aclose()


async def test_closing_ends_every_stream() -> None:
    async with running(scripted(busy=True), at_most_every=20.0) as feed:
        viewer = feed.follow()
        await anext(viewer)
        feed.close()
        assert [picture async for picture in viewer] == []
