"""A stream of messages reads the same however the network cuts it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.asterisk.ami_protocol import AmiStream, Event, Reply, check_headers, event_name, parse

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
NAMES = st.from_regex(r"[A-Z][A-Za-z0-9-]{0,10}", fullmatch=True).filter(
    lambda name: name not in ("Event", "Response")
)
VALUES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=8)
MESSAGES = st.tuples(st.sampled_from(["Event", "Response"]), NAMES, HEADERS)


def written(kind: str, name: str, headers: list[tuple[str, str]]) -> bytes:
    lines = [f"{kind}: {name}", *(f"{header}: {value}" for header, value in headers)]
    return "\r\n".join(lines).encode()


@settings(deadline=None)
@given(st.lists(MESSAGES, max_size=6), st.booleans(), st.lists(st.integers(0, 5_000), max_size=20))
def test_cutting_changes_nothing(
    messages: list[tuple[str, str, list[tuple[str, str]]]], banner: bool, cuts: list[int]
) -> None:
    data = BANNER * banner + b"".join(written(*message) + b"\r\n\r\n" for message in messages)
    stream, blocks = AmiStream(), list[bytes]()
    edges = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    for start, end in pairwise(edges):
        blocks += stream.feed(data[start:end])
    read = [parse(block) for block in blocks]
    assert len(read) == len(messages)
    for block, message, (kind, name, headers) in zip(blocks, read, messages, strict=True):
        assert isinstance(message, Event if kind == "Event" else Reply)
        assert message.name == name
        assert event_name(block) == (name if kind == "Event" else None)
        for header, _ in headers:
            assert message.all(header) == [value for other, value in headers if other == header]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_break_nothing(data: bytes) -> None:
    for block in AmiStream().feed(data):
        event_name(block)
        parse(block)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_a_header_is_refused_or_stays_one_line(value: str) -> None:
    try:
        check_headers({"Value": value})
    except ValueError:
        return
    message = parse(f"Event: A\r\nValue: {value}".encode())
    assert message is not None
    assert message["Value"] == value
