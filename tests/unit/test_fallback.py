"""The script that takes a number while ccops is away, spoken to as Asterisk does, and its spool."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ccops.services.promises import Promise, PromiseSpool

CALLER = "+998905550199"


def session(spool: Path, caller: str, *replies: str) -> subprocess.CompletedProcess[str]:
    """Run the script with AGI on its stdin; ``replies`` answer its commands in turn."""
    environment = f"agi_request: take-number\nagi_callerid: {caller}\nagi_uniqueid: 1.1\n\n"
    return subprocess.run(
        [sys.executable, "-m", "ccops.fallback", str(spool), "1176", "ru"],
        input=environment + "".join(f"{reply}\n" for reply in replies),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def promises(spool: Path) -> list[dict[str, object]]:
    return [json.loads(file.read_text()) for file in sorted(spool.glob("*.json"))]


def names(spool: Path) -> list[str]:
    return sorted(file.name for file in spool.iterdir())


def test_a_known_number_is_taken_with_key_1(tmp_path: Path) -> None:
    done = session(tmp_path, CALLER, "200 result=1", "200 result=0 endpos=1", "200 result=1")
    assert done.returncode == 0, done.stderr
    commands = done.stdout.splitlines()
    assert commands[0].startswith("GET DATA ccops/callback-offer")
    assert "ccops/callback-promised" in commands[1]
    assert commands[2] == 'SET VARIABLE "CCOPS_NEXT" "hangup"'
    (promise,) = promises(tmp_path)
    assert (promise["number"], promise["line"], promise["language"]) == (CALLER, "1176", "ru")


@pytest.mark.parametrize("reply", ["200 result= (timeout)", "200 result=5"])
def test_who_does_not_press_1_goes_on_waiting(tmp_path: Path, reply: str) -> None:
    done = session(tmp_path, CALLER, reply)
    assert "CCOPS_NEXT" not in done.stdout
    assert promises(tmp_path) == []


def test_a_withheld_number_is_typed_in(tmp_path: Path) -> None:
    done = session(tmp_path, "unknown", "200 result=998905550123", "200 result=0", "200 result=1")
    assert "ccops/callback-number" in done.stdout
    assert promises(tmp_path)[0]["number"] == "998905550123"


def test_a_number_never_reaches_the_log(tmp_path: Path) -> None:
    done = session(tmp_path, CALLER, "200 result=1", "200 result=0", "200 result=1")
    assert done.stderr == ""


def test_a_promise_stands_when_the_caller_hangs_up_after_it(tmp_path: Path) -> None:
    done = session(tmp_path, CALLER, "200 result=1", "200 result=-1 endpos=0")
    assert done.returncode == 0, done.stderr
    assert len(promises(tmp_path)) == 1


async def test_the_spool_is_taken_in_once_and_nonsense_is_kept_aside(tmp_path: Path) -> None:
    session(tmp_path, CALLER, "200 result=1", "200 result=0", "200 result=1")
    nonsense = ("{not json", "[]", '{"number": "1", "line": "2", "at": 1e300}', "{}")
    for place, content in enumerate(nonsense):
        (tmp_path / f"{place}-bad.json").write_text(content)
    (tmp_path / "9-bad.json").mkdir()
    taken: list[Promise] = []

    async def save(promise: Promise) -> None:
        taken.append(promise)

    spool = PromiseSpool(tmp_path, save)
    assert await spool.take_in() == 1
    assert await spool.take_in() == 0
    assert [(promise.number, promise.line) for promise in taken] == [(CALLER, "1176")]
    assert names(tmp_path) == [f"{place}-bad.rejected" for place in (0, 1, 2, 3, 9)]


async def test_a_promise_that_cannot_be_stored_stays_in_the_spool(tmp_path: Path) -> None:
    session(tmp_path, CALLER, "200 result=1", "200 result=0", "200 result=1")

    async def fails(_promise: Promise) -> None:
        raise OSError("database away")

    with pytest.raises(OSError, match="away"):
        await PromiseSpool(tmp_path, fails).take_in()
    assert len(promises(tmp_path)) == 1
