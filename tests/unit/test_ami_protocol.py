"""Bytes into messages, headers into checked actions."""

from __future__ import annotations

import pytest

from ccops.asterisk import ami_protocol
from ccops.asterisk.ami_protocol import (
    AmiError,
    AmiStream,
    Event,
    Reply,
    check_headers,
    event_name,
    parse,
)


def test_the_banner_is_not_part_of_the_first_message() -> None:
    stream = AmiStream()
    assert stream.feed(b"Asterisk Call Man") == []
    assert stream.feed(b"ager/11.0.0\r\nResponse: Success\r\n\r\n") == [b"Response: Success"]
    assert stream.version == "11.0.0"


def test_a_peer_without_a_banner_is_read_all_the_same() -> None:
    assert AmiStream().feed(b"Event: A\r\n\r\nEvent: B\r\n\r\nEv") == [b"Event: A", b"Event: B"]


def test_a_line_break_too_many_does_no_harm() -> None:
    stream = AmiStream()
    assert stream.feed(b"Event: A\r\n\r\n\r\nEvent: B\r\n\r\n") == [b"Event: A", b"Event: B"]


def test_a_message_without_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami_protocol, "LARGEST_MESSAGE", 100)
    stream = AmiStream()
    stream.feed(b"Event: A\r\n" + b"x" * 80)
    with pytest.raises(AmiError):
        stream.feed(b"x" * 80)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (
            b"Event: Hangup\r\nUniqueid: 1.1",
            Event("Hangup", {"Event": "Hangup", "Uniqueid": "1.1"}),
        ),
        (b"Event: A\r\nX: ", Event("A", {"Event": "A", "X": ""})),
        (b"Event: A\r\nX: a: b", Event("A", {"Event": "A", "X": "a: b"})),
        (b"Event: A\r\nX:", Event("A", {"Event": "A", "X": ""})),
        (b"Event: A\r\nno header", Event("A", {"Event": "A"})),
        (b"Event: A\r\nX: \xff", Event("A", {"Event": "A", "X": "\ufffd"})),
        (
            b"Response: Success\r\nOutput: one\r\nOutput: \r\nOutput: two",
            Reply("Success", {"Response": "Success", "Output": "one\n\ntwo"}),
        ),
        (b"nothing known", None),
        (b"X: y", None),
    ],
)
def test_reading_a_message(block: bytes, expected: Event | Reply | None) -> None:
    message = parse(block)
    assert message == expected
    assert type(message) is type(expected)


def test_what_a_message_offers() -> None:
    reply = parse(b"Response: Error\r\nMessage: No such queue\r\nOutput: a\r\nOutput: b")
    assert isinstance(reply, Reply)
    assert not reply.ok
    assert reply.message == "No such queue"
    assert reply.all("Output") == ["a", "b"]
    assert reply.all("Other") == []
    assert reply.get("Other", "none") == "none"
    with pytest.raises(KeyError):
        reply["Other"]


@pytest.mark.parametrize(
    ("block", "name"),
    [
        (b"Event: Hangup\r\nEvent: Other", "Hangup"),
        (b"Event: Hangup", "Hangup"),
        (b"Response: Success", None),
    ],
)
def test_the_name_without_parsing(block: bytes, name: str | None) -> None:
    assert event_name(block) == name


@pytest.mark.parametrize("value", ["a\r\nb", "a\n", "a\x00", "\x7f", "\ud800"])
def test_a_value_that_could_break_out_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="Value"):
        check_headers({"Value": value})
    with pytest.raises(ValueError, match="Value"):
        check_headers({"Value": ["fine", value]})


@pytest.mark.parametrize("name", ["", "A B", "A:", "A\r\n", "Ы"])
def test_a_name_that_could_break_out_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name of a header"):
        check_headers({name: "x"})


def test_ordinary_headers_pass() -> None:
    check_headers({"Variable": ["A=1", "B=два"], "Data": "x,y: {z}", "Presence-State": ""})
