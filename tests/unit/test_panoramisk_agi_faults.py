"""Each fault known of panoramisk 1.4 in FastAGI, shown on the stock library and cured in ours.

As in ``test_panoramisk_faults``.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from contextlib import suppress
from typing import Any

import pytest

from ccops.asterisk.agi import AgiSession
from tests.unit.fake_asterisk import call, eventually
from tests.unit.panoramisk_pair import ask, faulty, served

PROBE = """
import asyncio, signal, sys

async def main(library):
    called = asyncio.Event()
    async def handler(session):
        called.set()
    if library == "stock":
        from panoramisk.fast_agi import Application
        application = Application(loop=asyncio.get_running_loop())
        application.add_route("entry", handler)
        server = await asyncio.start_server(application.handler, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
    else:
        from ccops.asterisk.agi import AgiServer
        server = AgiServer("127.0.0.1", 0, {"entry": handler})
        await server.start()
        port = server.port
    signal.signal(signal.SIGALRM, lambda *_: sys.exit("frozen"))
    signal.setitimer(signal.ITIMER_REAL, 2)
    for _ in range(3):
        _, probe = await asyncio.open_connection("127.0.0.1", port)
        probe.write(b"GET / HTTP/1.0")
        probe.close()
    _, call = await asyncio.open_connection("127.0.0.1", port)
    call.write(b"agi_network: yes\\nagi_network_script: entry\\nagi_request: agi://x/entry\\n\\n")
    await called.wait()
    signal.setitimer(signal.ITIMER_REAL, 0)
    print("alive")

asyncio.run(main(sys.argv[1]))
"""


@faulty()
def test_a_health_probe_does_not_freeze_the_event_loop(library: str) -> None:
    """In a process of its own, since nothing else can end it."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROBE), library],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "alive" in done.stdout


@faulty()
async def test_after_a_hangup_no_reply_is_taken_for_another(library: str) -> None:
    answers: list[str] = []

    async def handler(session: AgiSession) -> None:
        answers.append(await ask(session, "FIRST"))
        answers.append(await ask(session, "SECOND"))

    async with served(library, handler) as port, call(port) as caller:
        await caller.exchange("HANGUP\n200 result=1", "200 result=2")
        await eventually(lambda: len(answers) == 2)
    assert answers == ["AgiHangup", "AgiHangup"]


@faulty()
async def test_a_usage_text_is_one_reply(library: str) -> None:
    answers: list[str] = []

    async def handler(session: AgiSession) -> None:
        answers.append(await ask(session, "FIRST"))
        answers.append(await ask(session, "SECOND"))

    usage = "520-Invalid command syntax.  Proper usage follows:\nUsage: FIRST\n\tto begin\n"
    async with served(library, handler) as port, call(port) as caller:
        await caller.exchange(usage + "520 End of proper usage.", "200 result=2")
        await eventually(lambda: len(answers) == 2)
    assert answers[1] == "2"


@faulty()
@pytest.mark.parametrize(
    "reply",
    [
        pytest.param("", id="closed"),
        pytest.param("511 Command Not Permitted on a dead channel or intercept routine", id="511"),
    ],
)
async def test_the_end_of_a_call_is_told_as_such(library: str, reply: str) -> None:
    answers: list[str] = []

    async def handler(session: AgiSession) -> None:
        answers.append(await ask(session, "FIRST"))

    async with served(library, handler) as port, call(port) as caller:
        await caller.command()
        if reply:
            caller.reply(reply)
        else:
            caller.leave()
        await eventually(lambda: answers)
    assert answers == ["AgiHangup"]


@faulty()
async def test_minus_one_is_a_result(library: str) -> None:
    answers: list[str] = []

    async def handler(session: AgiSession) -> None:
        answers.append(await ask(session, "FIRST"))

    async with served(library, handler) as port, call(port) as caller:
        await caller.exchange("200 result=-1")
        await eventually(lambda: answers)
    assert answers == ["-1"]


@faulty()
async def test_a_session_can_be_cancelled(library: str) -> None:
    tasks: list[asyncio.Task[Any] | None] = []

    async def handler(_session: AgiSession) -> None:
        tasks.append(asyncio.current_task())
        await asyncio.Event().wait()

    async with served(library, handler) as port, call(port):
        await eventually(lambda: tasks)
        (task,) = tasks
        assert task is not None
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled()


@faulty()
async def test_a_command_without_an_answer_ends(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ccops.asterisk.agi_session.MARGIN", 0.05)
    answers: list[str] = []

    async def handler(session: AgiSession) -> None:
        answers.append(await ask(session, "FIRST"))

    async with served(library, handler) as port, call(port) as caller:
        await caller.command()
        await eventually(lambda: answers, timeout=1)
    assert answers == ["AgiTimeout"]


@faulty()
async def test_a_line_break_in_a_command_injects_nothing(library: str) -> None:
    async def handler(session: AgiSession) -> None:
        with suppress(ValueError):
            await session.send_command('SET VARIABLE NAME "x"\nHANGUP')

    async with served(library, handler) as port, call(port) as caller:
        commands = [await caller.command(), ""]
        if commands[0]:
            caller.reply("200 result=1")
            commands[1] = await caller.command()
            caller.reply("200 result=1")
    assert "HANGUP" not in commands
