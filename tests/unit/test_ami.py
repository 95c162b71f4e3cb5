"""The link as its users see it, against a manager interface on a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import structlog

from ccops.asterisk.ami import AmiDown, AmiLink, AmiRefused, AmiTimeout, Event, LinkState
from tests.unit.fake_asterisk import FakeAmi, error, eventually, listing, ok, said, silence


class Recorder:
    """Metrics that remember."""

    def __init__(self) -> None:
        self.actions: list[tuple[str, str]] = []
        self.events: list[str] = []
        self.links: list[bool] = []
        self.errors = 0

    def observe_action(self, name: str, seconds: float, outcome: str) -> None:
        assert seconds >= 0
        self.actions.append((name, outcome))

    def event(self, name: str) -> None:
        self.events.append(name)

    def link(self, up: bool) -> None:
        self.links.append(up)

    def handler_error(self) -> None:
        self.errors += 1


@pytest.fixture
async def ami() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as server:
        yield server


@asynccontextmanager
async def running(link: AmiLink, *, wait: bool = True) -> AsyncIterator[AmiLink]:
    task = asyncio.create_task(link.run())
    try:
        if wait:
            await link.wait_connected(5)
        yield link
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def link_to(ami: FakeAmi, **options: Any) -> AmiLink:
    return AmiLink("127.0.0.1", ami.port, "ccops", "invented", **options)


async def test_an_action_gets_its_own_reply(ami: FakeAmi) -> None:
    ami.answers["First"] = silence
    ami.answers["Second"] = lambda action: (
        said("two")(action) + said("one")({"ActionID": ami.received[-2]["ActionID"]})
    )
    async with running(link_to(ami)) as link:
        first = asyncio.create_task(link.action("First"))
        await ami.got("First")
        assert (await link.action("Second")).message == "two"
        assert (await first).message == "one"


async def test_what_is_sent(ami: FakeAmi) -> None:
    async with running(link_to(ami)) as link:
        await link.action("Originate", ActionID="callback-7", Channel="PJSIP/101", Timeout="30000")
        sent = await ami.got("Originate")
    assert sent == {
        "Action": "Originate",
        "ActionID": "callback-7",
        "Channel": "PJSIP/101",
        "Timeout": "30000",
    }


async def test_a_refusal_carries_the_words_of_asterisk(ami: FakeAmi) -> None:
    metrics = Recorder()
    ami.answers["QueueAdd"] = error("Already there")
    async with running(link_to(ami, metrics=metrics)) as link:
        with pytest.raises(AmiRefused, match="Already there"):
            await link.action("QueueAdd")
    assert ("QueueAdd", "refused") in metrics.actions


async def test_a_late_reply_is_dropped(ami: FakeAmi) -> None:
    ami.answers["Slow"] = silence
    async with running(link_to(ami)) as link:
        with pytest.raises(AmiTimeout):
            await link.action("Slow", timeout=0.02)
        slow = await ami.got("Slow")
        await ami.send(said("late")(slow))
        assert (await link.action("Next")).message == "done"


async def test_an_id_is_used_by_one_action_at_a_time(ami: FakeAmi) -> None:
    ami.answers["Slow"] = silence
    async with running(link_to(ami)) as link:
        first = asyncio.create_task(link.action("Slow", ActionID="7"))
        await ami.got("Slow")
        with pytest.raises(ValueError, match="under way"):
            await link.action("Other", ActionID="7")
        first.cancel()
        await asyncio.wait([first])
        assert (await link.action("Other", ActionID="7")).ok


async def test_a_cancelled_caller_leaves_nothing_behind(ami: FakeAmi) -> None:
    metrics = Recorder()
    ami.answers["Slow"] = silence
    async with running(link_to(ami, metrics=metrics)) as link:
        task = asyncio.create_task(link.action("Slow"))
        await ami.got("Slow")
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
    assert ("Slow", "cancelled") in metrics.actions


async def test_a_list_comes_without_its_end(ami: FakeAmi) -> None:
    seen: list[Event] = []
    ami.answers["QueueStatus"] = listing(
        "Event: QueueParams\r\nQueue: main", "Event: QueueMember\r\nQueue: main"
    )
    async with running(link_to(ami)) as link:
        link.subscribe(seen.append, "QueueParams", "QueueMember", "ListComplete")
        items = await link.list("QueueStatus")
    assert [item.name for item in items] == ["QueueParams", "QueueMember"]
    assert seen == [], "a list belongs to who asked for it"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(listing(), []), (listing(end="cancelled"), []), (ok, [])],
    ids=["empty", "cancelled", "no list at all"],
)
async def test_a_list_that_holds_nothing(ami: FakeAmi, answer: Any, expected: list[Event]) -> None:
    ami.answers["CoreShowChannels"] = answer
    async with running(link_to(ami)) as link:
        assert await link.list("CoreShowChannels") == expected


async def test_a_refused_list(ami: FakeAmi) -> None:
    ami.answers["QueueStatus"] = error("No such queue")
    async with running(link_to(ami)) as link:
        with pytest.raises(AmiRefused):
            await link.list("QueueStatus")


async def test_late_items_of_a_list_are_not_taken_for_news(ami: FakeAmi) -> None:
    seen: list[str] = []
    item = "Event: QueueMember\r\nName: {}"
    ami.answers["QueueStatus"] = listing(item.format("first"), end="")
    async with running(link_to(ami)) as link:
        link.subscribe(lambda event: seen.append(event["Name"]), "QueueMember")
        with pytest.raises(AmiTimeout):
            await link.list("QueueStatus", timeout=0.05)
        action_id = (await ami.got("QueueStatus"))["ActionID"]
        late = f"{item.format('late')}\r\nActionID: {action_id}\r\n"
        await ami.send(f"{late}\r\n{late}EventList: Complete\r\n\r\n")
        await ami.send(f"{item.format('news')}\r\n\r\n")
        await eventually(lambda: seen)
    assert seen == ["news"]


async def test_the_end_of_an_originate_is_news(ami: FakeAmi) -> None:
    """It carries the ActionID, and comes after the reply to the action."""
    seen: list[Event] = []
    async with running(link_to(ami)) as link:
        link.subscribe(seen.append, "OriginateResponse")
        await link.action("Originate", ActionID="7", Async="true")
        await ami.send("Event: OriginateResponse\r\nActionID: 7\r\nResponse_: x\r\n\r\n")
        await eventually(lambda: seen)
    assert seen[0]["ActionID"] == "7"


async def test_a_list_returns_in_step_with_the_events(ami: FakeAmi) -> None:
    """Before: all handled. After: none yet. So a picture read from it misses nothing."""
    order: list[str] = []
    joined = "Event: Join\r\nN: {}\r\n\r\n"
    ami.answers["QueueStatus"] = lambda action: (
        joined.format(1) * 3 + listing("Event: QueueEntry")(action) + joined.format(2)
    )
    async with running(link_to(ami)) as link:
        link.subscribe(lambda event: order.append(event["N"]), "Join")
        await link.list("QueueStatus")
        order.append("list")
        await eventually(lambda: order[-1] == "2")
    assert order == ["1", "1", "1", "list", "2"]


async def test_handlers_are_called_in_order_and_each_for_itself(ami: FakeAmi) -> None:
    metrics, seen = Recorder(), list[str]()

    def failing(_event: Event) -> None:
        raise RuntimeError("a handler's own fault")

    async with running(link_to(ami, metrics=metrics)) as link:
        link.subscribe(failing, "A")
        link.subscribe(lambda event: seen.append(event["N"]), "A", "B")
        stop = link.subscribe(lambda _event: seen.append("stopped"), "A")
        stop()
        events = "".join(f"Event: {name}\r\nN: {n}\r\n\r\n" for n, name in enumerate("ABCAB"))
        with structlog.testing.capture_logs() as logs:
            await ami.send(events)
            await eventually(lambda: len(seen) == 4)
    assert seen == ["0", "1", "3", "4"]
    assert link.handler_errors == metrics.errors == 2
    assert [entry["log_level"] for entry in logs] == ["error", "error"]
    assert metrics.events.count("C") == 1, "counted although nobody listens"


async def test_subscribing_to_nothing_is_a_mistake(ami: FakeAmi) -> None:
    with pytest.raises(ValueError, match="name the events"):
        link_to(ami).subscribe(lambda _event: None)


async def test_too_many_events_are_dropped_and_the_state_is_read_anew(ami: FakeAmi) -> None:
    reads = 0
    link = link_to(ami, queue_limit=10)
    link.subscribe(lambda _event: None, "A")

    async def read() -> None:
        nonlocal reads
        await link.list("QueueStatus")
        reads += 1

    ami.answers["QueueStatus"] = listing()
    link.on_connect.append(read)
    async with running(link):
        await ami.send("Event: A\r\n\r\n" * 500)
        await eventually(lambda: reads >= 2)
        assert link.overflows > 0
        assert link.connected
    assert ami.connections == 1


async def test_on_connect_comes_before_connected_is_announced(ami: FakeAmi) -> None:
    told: list[tuple[str, bool, LinkState]] = []
    link = link_to(ami)

    def callback(name: str) -> Any:
        async def call() -> None:
            await link.action("QueueStatus")
            told.append((name, link.connected, link.state))

        return call

    link.on_connect += [callback("first"), callback("second")]
    async with running(link):
        assert told == [
            ("first", False, LinkState.SYNCHRONISING),
            ("second", False, LinkState.SYNCHRONISING),
        ]
        await ami.drop()
        await eventually(lambda: len(told) == 4)


async def test_a_failing_on_connect_does_not_keep_the_link_down(ami: FakeAmi) -> None:
    link = link_to(ami)

    async def failing() -> None:
        raise RuntimeError("its own fault")

    link.on_connect.append(failing)
    async with running(link):
        assert link.connected
    assert link.handler_errors == 1


async def test_a_state_that_could_not_be_read_is_read_again(ami: FakeAmi) -> None:
    answers = [silence, ok]
    ami.answers["CoreStatus"] = lambda action: answers.pop(0)(action)
    link = link_to(ami)

    async def read() -> None:
        await link.action("CoreStatus", timeout=0.02)

    link.on_connect.append(read)
    async with running(link):
        assert ami.connections == 2


async def test_it_waits_until_asterisk_has_booted(ami: FakeAmi) -> None:
    ami.boots = False
    async with running(link_to(ami), wait=False) as link:
        await eventually(lambda: link.state is LinkState.SYNCHRONISING)
        assert not link.connected
        await ami.send("Event: FullyBooted\r\n\r\n")
        await link.wait_connected(1)


async def test_an_asterisk_that_does_not_tell_is_used_after_a_while(ami: FakeAmi) -> None:
    ami.boots = False
    async with running(link_to(ami, boot_wait=0.02)) as link:
        assert link.connected


async def test_a_refused_login_shows_and_is_tried_again(
    ami: FakeAmi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ccops.asterisk.ami.BACKOFF", (0.01, 0.02))
    ami.answers["Login"] = error("Authentication failed")
    with structlog.testing.capture_logs() as logs:
        async with running(link_to(ami), wait=False) as link:
            await ami.got("Login", times=3)
            with pytest.raises(AmiDown, match="login_refused"):
                await link.wait_connected(0.01)
            assert link.state is LinkState.LOGIN_REFUSED
            del ami.answers["Login"]
            await link.wait_connected(5)
    told = [entry for entry in logs if "refused the login of 'ccops'" in entry.get("trouble", "")]
    assert len(told) == 1, "said once, not at each attempt"
    assert "invented" not in repr(logs)


async def test_losing_and_finding_the_link(ami: FakeAmi) -> None:
    metrics = Recorder()
    async with running(link_to(ami, metrics=metrics)) as link:
        await ami.shut()
        await eventually(lambda: not link.connected)
        with pytest.raises(AmiDown):
            await link.action("Ping")
        await ami.listen()
        await link.wait_connected(5)
    assert metrics.links == [True, False, True, False]
    assert link.state is LinkState.DOWN


async def test_a_silent_asterisk_is_noticed(ami: FakeAmi) -> None:
    async with running(link_to(ami, ping_every=0.01, ping_timeout=0.05)) as link:
        ami.answers["Ping"] = ami.answers["Originate"] = silence
        with pytest.raises(AmiDown):
            await link.action("Originate", timeout=5)
    assert ami.names().count("Originate") == 1


async def test_a_stream_that_is_not_ami_ends_the_connection(
    ami: FakeAmi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ccops.asterisk.ami_protocol.LARGEST_MESSAGE", 1000)
    async with running(link_to(ami)):
        await ami.send(b"x" * 2000)
        await eventually(lambda: ami.connections == 2)


async def test_a_line_break_never_leaves(ami: FakeAmi) -> None:
    async with running(link_to(ami)) as link:
        with pytest.raises(ValueError, match="control character"):
            await link.action("Setvar", Value="x\r\nAction: Originate")
        await link.action("CoreStatus")
    assert "Setvar" not in ami.names()
