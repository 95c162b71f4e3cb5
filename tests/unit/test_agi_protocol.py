"""The AGI conversation without I/O: sends this, gets that."""

from __future__ import annotations

import pytest

from ccops.asterisk import agi_protocol
from ccops.asterisk.agi_protocol import (
    AgiHangup,
    AgiProtocolError,
    AgiRefused,
    AgiReply,
    Conversation,
    application_arguments,
    assignments,
    parse_environment,
    quote,
)

USAGE = (
    "520-Invalid command syntax.  Proper usage follows:\n"
    "Usage: STREAM FILE <filename> <escape digits>\n\n200 result=1\n"
    "520 End of proper usage.\n"
)


def asked(text: str = "") -> Conversation:
    conversation = Conversation()
    conversation.command("NOOP")
    if text:
        conversation.feed(text.encode())
    return conversation


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("200 result=0", AgiReply("0")),
        ("200 result=12", AgiReply("12")),
        ("200 result=*1", AgiReply("*1")),
        ("200 result=", AgiReply("")),
        ("200 result= (timeout)", AgiReply("", "timeout")),
        ("200 result=1 (timeout)", AgiReply("1", "timeout")),
        ("200 result=-1", AgiReply("-1")),
        ("200 result=49 endpos=11200", AgiReply("49")),
        ("200 result=0 (timeout) endpos=7", AgiReply("0", "timeout")),
        ("200 result=0 Gosub complete", AgiReply("0")),
        ("200 result=1 ()", AgiReply("1", "")),
        ("200 result=1 (two words)", AgiReply("1", "two words")),
        ("200 result=1 (a (b) c)", AgiReply("1", "a (b) c")),
        ("200 result=1 (one\ntwo)", AgiReply("1", "one\ntwo")),
        ("200 result=1 (one\nHANGUP\ntwo)", AgiReply("1", "one\nHANGUP\ntwo")),
        ("200 result=1 (Санжар)", AgiReply("1", "Санжар")),
        ("100 result=0 Trying...\n200 result=5", AgiReply("5")),
    ],
)
def test_replies(text: str, expected: AgiReply) -> None:
    conversation = asked(text + "\n")
    assert conversation.reply() == expected
    conversation.command("NOOP")  # and nothing is left over


@pytest.mark.parametrize("text", ["", "200", "200 result=1 (one", "520-Invalid\nUsage", "HANG"])
def test_a_part_of_a_reply_is_none_yet(text: str) -> None:
    assert asked(text).reply() is None


@pytest.mark.parametrize(
    "text",
    [
        "510 Invalid or unknown command\n",
        "520 Invalid command syntax.  Proper usage not available.\n",
        USAGE,
    ],
)
def test_after_a_refusal_the_conversation_goes_on(text: str) -> None:
    conversation = asked(text)
    with pytest.raises(AgiRefused):
        conversation.reply()
    conversation.command("NOOP")
    conversation.feed(b"200 result=7\n")
    assert conversation.reply() == AgiReply("7")


@pytest.mark.parametrize(
    "text",
    [
        "HANGUP\n",
        "HANGUP\n200 result=1\n",
    ],
)
def test_a_hangup_is_the_end(text: str) -> None:
    conversation = asked(text)
    for _ in range(2):
        with pytest.raises(AgiHangup):
            conversation.reply()
        conversation.feed(b"200 result=1\n")
        with pytest.raises(AgiHangup):
            conversation.command("NOOP")


def test_on_a_dead_channel_something_can_still_be_noted() -> None:
    conversation = asked("511 Command Not Permitted on a dead channel or intercept routine\n")
    with pytest.raises(AgiHangup):
        conversation.reply()
    conversation.command('EXEC "CELGenUserEvent" "CCOPS_X,1"')
    conversation.feed(b"200 result=0\n")
    assert conversation.reply() == AgiReply("0")


@pytest.mark.parametrize("text", ["", "200 resu", "520-Invalid\nUs"])
def test_a_closed_connection_is_a_hangup(text: str) -> None:
    conversation = asked(text)
    conversation.feed(b"")
    with pytest.raises(AgiHangup):
        conversation.reply()


def test_a_reply_before_the_connection_closed_still_counts() -> None:
    conversation = asked("200 result=1\n")
    conversation.feed(b"")
    assert conversation.reply() == AgiReply("1")
    with pytest.raises(AgiHangup):
        conversation.command("NOOP")


@pytest.mark.parametrize("text", ["junk\n", "200 nonsense\n", "200\n", "\n", "300 result=1\n"])
def test_nonsense_is_the_end(text: str) -> None:
    conversation = asked(text)
    with pytest.raises(AgiProtocolError):
        conversation.reply()
    with pytest.raises(AgiProtocolError):
        conversation.command("NOOP")


def test_a_hangup_between_commands() -> None:
    conversation = asked("200 result=1\nHANGUP\n")
    conversation.reply()
    with pytest.raises(AgiHangup):
        conversation.command("NOOP")


def test_the_beginning_of_a_hangup_is_waited_for() -> None:
    conversation = asked("200 result=1\nHANG")
    conversation.reply()
    conversation.command("NOOP")
    conversation.feed(b"UP\n")
    with pytest.raises(AgiHangup):
        conversation.reply()


def test_a_second_reply_nobody_asked_for_is_the_end() -> None:
    """As a variable's value with line breaks could forge one."""
    conversation = asked("200 result=1 (a)\n200 result=1 (forged)\n")
    assert conversation.reply() == AgiReply("1", "a")
    with pytest.raises(AgiProtocolError):
        conversation.command("NOOP")


def test_a_reply_without_a_command_is_the_end() -> None:
    conversation = Conversation()
    conversation.feed(b"200 result=1\n")
    with pytest.raises(AgiProtocolError):
        conversation.reply()


def test_an_abandoned_command_is_the_end() -> None:
    """Its reply could be taken for the next one's."""
    conversation = asked()
    with pytest.raises(AgiProtocolError):
        conversation.command("NOOP")


def test_a_reply_without_end_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agi_protocol, "LARGEST_REPLY", 50)
    conversation = asked("200 result=1 (" + "x" * 60)
    with pytest.raises(AgiProtocolError):
        conversation.reply()


@pytest.mark.parametrize("line", ["A\nB", "x" * 2000, "ы" * 1000])
def test_a_command_that_asterisk_would_read_as_two(line: str) -> None:
    conversation = Conversation()
    with pytest.raises(ValueError, match="an AGI command"):
        conversation.command(line)
    assert conversation.command("NOOP") == b"NOOP\n", "nothing was sent"


@pytest.mark.parametrize(
    ("argument", "sent"),
    [
        ("", '""'),
        ("ccops/one", '"ccops/one"'),
        ("two words", '"two words"'),
        ('say "x"', r'"say \"x\""'),
        ("back\\slash", r'"back\\slash"'),
        ("сўз", '"сўз"'),
    ],
)
def test_quoting(argument: str, sent: str) -> None:
    assert quote(argument) == sent


@pytest.mark.parametrize("argument", ["a\nb", "a\r", "\x00", "\t"])
def test_what_cannot_be_quoted(argument: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        quote(argument)


def test_arguments_of_an_application() -> None:
    assert application_arguments(("main", "", "tc")) == "main,,tc"
    assert application_arguments(()) == ""
    for bad in ("a,b", 'a"b', "a\\b"):
        with pytest.raises(ValueError, match="comma"):
            application_arguments(("fine", bad))


def test_assignments_keep_their_order() -> None:
    values = {"__CCOPS_LANG": "ru", "CHANNEL(language)": "ru", "A": "", "CCOPS_NEXT": "queue"}
    expected = "__CCOPS_LANG=ru,CHANNEL(language)=ru,A=,CCOPS_NEXT=queue"
    assert assignments(values) == expected


@pytest.mark.parametrize("value", ["a,b", 'a"', "a\\", "(x", "x)", "[", "]"])
def test_values_that_mset_reads_differently(value: str) -> None:
    """Asterisk 22 made ``(x,B=2`` of ``A=(x,B=2``."""
    with pytest.raises(ValueError, match="value of A"):
        assignments({"A": value})


@pytest.mark.parametrize("name", ["", "1A", "A B", "A=B", "___A", "A,B", "F(x,y)", "Ы"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        assignments({name: "x"})
    with pytest.raises(ValueError, match="no variable"):
        assignments({})


def test_the_environment() -> None:
    block = b"agi_network: yes\nagi_callerid: +998901234567\nagi_accountcode: \nnothing\n\n"
    assert parse_environment(block) == {
        "agi_network": "yes",
        "agi_callerid": "+998901234567",
        "agi_accountcode": "",
    }


def test_a_header_that_comes_twice_is_refused() -> None:
    with pytest.raises(AgiProtocolError):
        parse_environment(b"agi_network_script: entry\nagi_network_script: operator\n\n")
