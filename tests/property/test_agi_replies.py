"""Replies never shift, however the network cuts them and whatever lies between."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ccops.asterisk.agi_protocol import (
    AgiHangup,
    AgiProtocolError,
    AgiRefused,
    AgiReply,
    Conversation,
    quote,
)

RESULTS = st.text("0123456789*-", max_size=6)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="()\n\r"), max_size=20)


@dataclass(frozen=True)
class Answer:
    """What Asterisk sends, and what must be read from it: None is a refusal."""

    text: str
    reply: AgiReply | None


def good(result: str, data: str | None, endpos: bool, trying: int) -> Answer:
    text = "100 result=0 Trying...\n" * trying + f"200 result={result}"
    text += f" ({data})" if data is not None else ""
    return Answer(text + (" endpos=800" if endpos else ""), AgiReply(result, data))


def usage(lines: list[str]) -> Answer:
    text = "\n".join(["520-Invalid command syntax.  Proper usage follows:", *lines])
    return Answer(text + "\n520 End of proper usage.", None)


USAGE_LINES = st.lists(
    st.sampled_from(["Usage: NOOP", "", "\tDoes nothing", "200 result=1", "HANGUP", "510 no"])
)
ANSWERS = st.one_of(
    st.builds(good, RESULTS, st.none() | WORDS, st.booleans(), st.integers(0, 2)),
    st.builds(usage, USAGE_LINES),
    st.sampled_from(["510 Invalid or unknown command", "520 Proper usage not available."]).map(
        lambda text: Answer(text, None)
    ),
)


def read(conversation: Conversation, data: bytes, cuts: list[int]) -> AgiReply | None:
    """Send a command and feed the answer in pieces; None for a refusal."""
    conversation.command("NOOP")
    edges = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    for start, end in pairwise(edges):
        conversation.feed(data[start:end])
        try:
            reply = conversation.reply()
        except AgiRefused:
            assert end == len(data), "decided before all was there"
            return None
        if reply is not None:
            assert end == len(data), "decided before all was there"
            return reply
    raise AssertionError("no reply was read")


CUTS = st.lists(st.integers(0, 10_000), max_size=12)


@settings(deadline=None)
@given(st.lists(st.tuples(ANSWERS, CUTS), max_size=8))
@example([(good("1", "Иван", False, 0), list(range(40))), (good("2", None, False, 0), [])])
def test_every_command_gets_its_own_reply(session: list[tuple[Answer, list[int]]]) -> None:
    conversation = Conversation()
    for answer, cuts in session:
        assert read(conversation, f"{answer.text}\n".encode(), cuts) == answer.reply


@settings(deadline=None)
@given(ANSWERS, st.lists(ANSWERS, max_size=3), CUTS)
def test_after_a_hangup_nothing_is_read(
    first: Answer, later: list[Answer], cuts: list[int]
) -> None:
    conversation = Conversation()
    read(conversation, f"{first.text}\n".encode(), cuts)
    conversation.feed(b"HANGUP\n" + "".join(f"{answer.text}\n" for answer in later).encode())
    for _ in range(2):
        try:
            conversation.command("NOOP")
        except AgiHangup:
            continue
        raise AssertionError("a command was sent after the hang-up")


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_whatever_comes_ends_in_a_reply_or_an_error_of_ours(data: bytes) -> None:
    conversation = Conversation()
    conversation.command("NOOP")
    conversation.feed(data)
    conversation.feed(b"")
    with suppress(AgiHangup, AgiProtocolError):
        assert conversation.reply() is not None, "waiting for more where no more can come"


def split_as_asterisk_does(line: str) -> list[str]:
    """``parse_args`` of res_agi.c: words, quotes, backslashes."""
    words, word, quoted, escaped, blank = list[str](), "", False, False, True
    for letter in line:
        if letter == '"' and not escaped:
            quoted = not quoted
            if quoted and blank:
                blank = False
        elif letter in " \t" and not quoted and not escaped:
            if not blank:
                words.append(word)
                word, blank = "", True
        elif letter == "\\" and not escaped:
            escaped = True
            continue
        else:
            word, blank = word + letter, False
        escaped = False
    return words if blank else [*words, word]


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20), min_size=1))
def test_quoted_arguments_arrive_as_they_were(arguments: list[str]) -> None:
    assert split_as_asterisk_does(" ".join(map(quote, arguments))) == arguments
