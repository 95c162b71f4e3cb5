"""Following a file across everything that happens to log files."""

# ruff: noqa: ASYNC240 -- the test plays the other process, which does not care for our loop

from __future__ import annotations

from pathlib import Path

import pytest

from ccops.asterisk.tail import CHUNK, Tail
from ccops.domain.raw import Checkpoint


class Reader:
    """Reads to the end and remembers lines by where they stood."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[bytes] = []
        self.places: set[tuple[str, int]] = set()
        self.point: Checkpoint | None = None
        self.tail = Tail(path, "log")

    async def read(self) -> list[bytes]:
        fresh = []
        while (batch := await self.tail.read()) is not None:
            self.point = batch.reached
            for offset, line in batch.lines:
                fresh.append(line)
                self.places.add((batch.reached.generation, offset))
        self.lines += fresh
        assert len(self.places) == len(self.lines), "a place was handed out twice"
        return fresh

    def restart(self) -> None:
        self.tail.close()
        self.tail = Tail(self.path, "log", self.point)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue_log"


@pytest.fixture(params=["running", "restarted"])
async def reader(path: Path, request: pytest.FixtureRequest) -> Reader:
    """In one variant ccops restarts before each look: both must see the same."""
    reader = Reader(path)
    if request.param == "restarted":
        original = reader.read

        async def read() -> list[bytes]:
            reader.restart()
            return await original()

        reader.read = read  # type: ignore[method-assign]
    return reader


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


async def test_an_absent_file_is_waited_for(path: Path, reader: Reader) -> None:
    assert await reader.read() == []
    append(path, "")
    assert await reader.read() == []
    append(path, "one\n")
    assert await reader.read() == [b"one"]
    assert await reader.read() == []


async def test_only_whole_lines_are_handed_out(path: Path, reader: Reader) -> None:
    append(path, "one\ntw")
    assert await reader.read() == [b"one"]
    assert reader.tail.behind == 2
    append(path, "o\n\nthree\r\n")
    assert await reader.read() == [b"two", b"", b"three"]
    assert reader.tail.behind == 0


async def test_a_renamed_file_is_drained_before_the_new_one(path: Path, reader: Reader) -> None:
    append(path, "one\n")
    await reader.read()
    old = path.rename(path.with_name("queue_log.0"))
    append(old, "two\n")
    # Asterisk writes to the old file until it opens a new one, and some tool made an empty one.
    assert await reader.read() == [b"two"]
    path.touch()
    append(old, "three\n")
    assert await reader.read() == [b"three"]
    append(old, "four\n")
    append(path, "five\n")
    assert await reader.read() == [b"four", b"five"]
    assert reader.tail.gaps == 0


async def test_several_rotations_in_between_are_read_in_order(path: Path, reader: Reader) -> None:
    append(path, "one\n")
    await reader.read()
    append(path, "two\n")
    path.rename(path.with_name("queue_log.0"))
    append(path, "three\n")
    path.rename(path.with_name("queue_log.1"))
    append(path, "four\n")
    path.with_name("queue_log.2.gz").write_bytes(b"\x1f\x8bpacked\n")
    assert await reader.read() == [b"two", b"three", b"four"]
    assert reader.tail.gaps == 0


async def test_a_last_line_cut_by_rotation_is_handed_out_as_it_is(
    path: Path, reader: Reader
) -> None:
    append(path, "one\ncut")
    await reader.read()
    path.rename(path.with_name("queue_log.0"))
    append(path, "new\n")
    assert await reader.read() == [b"cut", b"new"]


async def test_truncation_begins_anew(path: Path, reader: Reader) -> None:
    append(path, "one\ntwo\n")
    await reader.read()
    path.write_text("three\nfour\nfive\n")
    assert await reader.read() == [b"three", b"four", b"five"]


async def test_copytruncate_drains_the_copy(path: Path, reader: Reader) -> None:
    append(path, "one\n")
    await reader.read()
    append(path, "two\n")
    path.with_name("queue_log.1").write_bytes(path.read_bytes())
    path.write_text("three\n")
    assert await reader.read() == [b"two", b"three"]
    assert reader.tail.gaps == 0


async def test_a_new_file_that_begins_with_the_same_line_is_another_one(
    path: Path, reader: Reader
) -> None:
    append(path, "start\none\n")
    await reader.read()
    path.rename(path.with_name("queue_log.0"))
    append(path, "start\ntwo\n")
    assert await reader.read() == [b"start", b"two"]
    append(path, "three\n")
    assert await reader.read() == [b"three"]


async def test_a_reused_inode_does_not_deceive(path: Path) -> None:
    reader = Reader(path)
    append(path, "one\ntwo\n")
    await reader.read()
    reader.tail.close()
    path.unlink()
    append(path, "other\nlines\nhere\n")
    reader.restart()
    assert await reader.read() == [b"other", b"lines", b"here"]
    assert reader.tail.gaps == 1


async def test_an_absent_file_of_the_checkpoint_is_a_gap_once(path: Path) -> None:
    reader = Reader(path)
    append(path, "one\n")
    await reader.read()
    path.unlink()
    reader.restart()
    assert await reader.read() == []
    assert reader.tail.gaps == 0
    append(path, "two\n")
    assert await reader.read() == [b"two"]
    assert await reader.read() == []
    assert reader.tail.gaps == 1


async def test_reading_is_bounded_and_tells_how_much_is_left(path: Path) -> None:
    line = "x" * 999 + "\n"
    append(path, line * 200)
    tail = Tail(path, "log")
    batch = await tail.read()
    assert batch is not None
    assert len(batch.lines) == CHUNK // 1000
    assert tail.behind == 200_000 - batch.reached.offset
    tail.close()


async def test_a_line_longer_than_any_is_handed_out_in_pieces(path: Path) -> None:
    reader = Reader(path)
    append(path, "x" * (CHUNK + 10) + "\nafter\n")
    assert [len(line) for line in await reader.read()] == [CHUNK, 10, 5]


async def test_a_file_already_read_is_not_read_again_after_restart(path: Path) -> None:
    append(path.with_name("queue_log.0"), "history\n")
    append(path, "one\n")
    reader = Reader(path)
    assert await reader.read() == [b"one"]
    reader.restart()
    assert await reader.read() == []
