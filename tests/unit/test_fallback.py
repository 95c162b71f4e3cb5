"""The script that takes a number while ccops is away, spoken to as Asterisk does."""

from __future__ import annotations

import subprocess
import sys

import pytest

CALLER = "+998905550199"
PROMISE = 'EXEC CELGenUserEvent "CCOPS_CALLBACK,{kind} {number} support"'


def session(caller: str, *replies: str, kind: str = "fallback") -> subprocess.CompletedProcess[str]:
    """Run the script with AGI on its stdin; ``replies`` answer its commands in turn."""
    environment = f"agi_request: take-number\nagi_callerid: {caller}\nagi_uniqueid: 1.1\n\n"
    return subprocess.run(
        [sys.executable, "-m", "ccops.fallback", kind, "support"],
        input=environment + "".join(f"{reply}\n" for reply in replies),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_a_known_number_is_taken_with_key_1() -> None:
    done = session(CALLER, "200 result=1", "200 result=0", "200 result=0 endpos=1", "200 result=1")
    assert done.returncode == 0, done.stderr
    commands = done.stdout.splitlines()
    assert commands[0].startswith("GET DATA ccops/callback-offer")
    assert commands[1] == PROMISE.format(kind="fallback", number=CALLER)
    assert "ccops/callback-promised" in commands[2]
    assert commands[3] == 'SET VARIABLE "CCOPS_NEXT" "hangup"'


@pytest.mark.parametrize("reply", ["200 result= (timeout)", "200 result=5"])
def test_who_does_not_press_1_goes_on_waiting(reply: str) -> None:
    done = session(CALLER, reply)
    assert len(done.stdout.splitlines()) == 1


def test_a_withheld_number_is_typed_in() -> None:
    replies = ("200 result=998905550123", "200 result=0", "200 result=0", "200 result=1")
    commands = session("unknown", *replies, kind="queue").stdout.splitlines()
    assert commands[0].startswith("GET DATA ccops/callback-number")
    assert commands[1] == PROMISE.format(kind="queue", number="998905550123")


@pytest.mark.parametrize("typed", ["", "12", "1*2#3456"])
def test_what_is_no_number_is_no_promise(typed: str) -> None:
    assert "CCOPS_CALLBACK" not in session("unknown", f"200 result={typed}").stdout


def test_a_number_never_reaches_the_log() -> None:
    done = session(CALLER, "200 result=1", "200 result=0", "200 result=0", "200 result=1")
    assert done.stderr == ""


def test_a_promise_stands_when_the_caller_hangs_up_after_it() -> None:
    done = session(CALLER, "200 result=1", "200 result=0", "200 result=-1 endpos=0")
    assert done.returncode == 0, done.stderr
    assert PROMISE.format(kind="fallback", number=CALLER) in done.stdout
    assert "CCOPS_NEXT" not in done.stdout
