"""What the studio still has to record, and what is wrong with what it has delivered."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ccops.commands import prompts as command
from ccops.config.model import Hotline
from ccops.prompts import catalogue
from ccops.prompts.inventory import Inventory, Prompt, UnknownPromptError
from ccops.prompts.recordings import faults
from ccops.prompts.wav import read_wav, write_wav
from tests.unit.prompts_support import TEXTS, NoProgram, Workshop, hotline


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Few places and days, and texts beside which recordings can be dropped."""
    monkeypatch.setattr("ccops.domain.variants.POSITIONS", (1, 2, 99))
    for row in ("day", "month", "hour", "hour-and", "minute"):
        monkeypatch.setitem(catalogue._ROWS, row, (5, 10))
    workshop = Workshop(tmp_path, texts=tmp_path / "texts")
    shutil.copytree(TEXTS, workshop.texts, ignore=shutil.ignore_patterns("*.wav"))
    return workshop


def inventory(workshop: Workshop, what: Hotline | None = None) -> Inventory:
    engines = {"espeak-ng": workshop.voice}
    cache = workshop.root / "cache"
    return Inventory(what or hotline(), NoProgram(), cache, workshop.texts, engines=engines)


def record(workshop: Workshop, name: str, seconds: float = 0.5, level: float = 0.1) -> None:
    """A tone in place of an announcer; the rate is a studio's."""
    file = workshop.texts / name
    file.parent.mkdir(parents=True, exist_ok=True)
    moments = np.arange(int(16000 * seconds)) / 16000
    tone = level * np.sin(2 * np.pi * 500 * moments)
    file.write_bytes(write_wav(np.clip(tone, -1, 1).astype(np.float32), 16000))


def complaints(workshop: Workshop) -> dict[str, str]:
    found = faults(inventory(workshop), workshop.texts)
    return {fault.file: f"{fault.message}. {fault.remedy}" for fault in found}


def listed(workshop: Workshop, name: str) -> Prompt:
    (found,) = (
        one for one in inventory(workshop).prompts() if f"{one.language}/{one.name}" == name
    )
    return found


def test_everything_that_is_heard_is_listed_with_its_words(workshop: Workshop) -> None:
    prompts = inventory(workshop).prompts()
    texts = {(one.language, one.name): one.text for one in prompts}
    assert texts["uz", "position-2"] == "Siz navbatda ikkinchi oʻrindasiz."
    assert texts["ru", "main-menu"] == "Press one ru"
    assert ("uz", "language-1") in texts
    assert ("uz", "language-2") not in texts, "the key of another language"
    assert len(texts) == len(prompts)
    assert [one.language for one in prompts] == sorted(one.language for one in prompts)[::-1]


def test_before_and_after_it_was_spoken(workshop: Workshop) -> None:
    before = listed(workshop, "uz/free")
    assert (before.seconds, before.recorded, before.slow) == (None, False, True)
    with pytest.raises(UnknownPromptError, match="uz free"):
        inventory(workshop).wav("uz", "free")
    seconds = workshop.build(hotline()).seconds["uz/ccops/free"]
    assert listed(workshop, "uz/free").seconds == pytest.approx(seconds - 0.25)
    sound = read_wav(inventory(workshop).wav("uz", "free", slow=True))
    assert sound.rate == 8000


def test_how_often_a_fragment_is_used(workshop: Workshop) -> None:
    assert listed(workshop, "ru/goodbye").used_in == 1
    # Each place but the first, with each of 12 times, with none, and with nobody at work; itself.
    assert listed(workshop, "ru/free").used_in == 2 * (12 + 2) + 1


def test_what_is_recorded_says_so(workshop: Workshop) -> None:
    record(workshop, "uz/free.wav")
    found = listed(workshop, "uz/free")
    assert (found.recorded, found.slow, found.slow_recorded) == (True, False, False)
    record(workshop, "uz/slow/free.wav")
    found = listed(workshop, "uz/free")
    assert (found.slow, found.slow_recorded) == (True, True)


def test_an_unknown_prompt_is_not_played(workshop: Workshop) -> None:
    for name in ("nothing", "../../secrets", "greeting"):
        with pytest.raises(UnknownPromptError):
            inventory(workshop).wav("uz", name)


def test_the_studio_is_asked_for_what_is_missing(workshop: Workshop) -> None:
    wanted = {str(one.file) for one in inventory(workshop).lacking()}
    assert {"uz/free.wav", "ru/main-menu.wav"} <= wanted
    assert not any("/slow/" in file for file in wanted)
    record(workshop, "uz/free.wav")
    record(workshop, "uz/next.wav")
    record(workshop, "uz/op-paused.wav")
    after = {str(one.file) for one in inventory(workshop).lacking()}
    assert wanted - after == {"uz/free.wav", "uz/next.wav", "uz/op-paused.wav"}
    assert after - wanted == {"uz/slow/free.wav"}, "nobody hears the others slowly"
    record(workshop, "uz/slow/free.wav")
    assert {str(one.file) for one in inventory(workshop).lacking()} == after - {"uz/slow/free.wav"}


def test_good_recordings_have_no_fault(workshop: Workshop) -> None:
    for name in ("uz/free.wav", "uz/slow/free.wav", "uz/next.wav", "kk/anything.wav"):
        record(workshop, name)
    assert complaints(workshop) == {}


def test_faults_of_names(workshop: Workshop) -> None:
    for name in ("ru/positon-2.wav", "ru/greeting.wav", "free.wav", "ru/WAIT.wav", "ru/zzz.wav"):
        record(workshop, name)
    (workshop.texts / "ru" / "free.mp3").write_bytes(b"ID3")
    found = complaints(workshop)
    assert "Did you mean 'position-2'" in found["ru/positon-2.wav"]
    assert "welcome and language-1" in found["ru/greeting.wav"]
    assert "uz/ or uz/slow/, ru/ or ru/slow/" in found["free.wav"]
    assert "Did you mean 'wait'" in found["ru/WAIT.wav"]
    assert "Remove it" in found["ru/zzz.wav"]
    assert "not a WAV file. Save it as ru/free.wav" in found["ru/free.mp3"]
    assert len(found) == 6


def test_faults_of_sound(workshop: Workshop) -> None:
    record(workshop, "uz/free.wav", level=1.4)
    record(workshop, "uz/paid.wav", level=0.003)
    record(workshop, "uz/wait.wav", level=0)
    (workshop.texts / "uz" / "closed.wav").write_bytes(b"RIFF and nothing")
    (workshop.texts / "uz" / "opens.wav").write_bytes(
        write_wav((0.1 * np.sin(np.arange(4000))).astype(np.float32), 4000)
    )
    found = complaints(workshop)
    assert "overloaded" in found["uz/free.wav"]
    assert "faint (-53 dBFS)" in found["uz/paid.wav"]
    assert "Nothing can be heard" in found["uz/wait.wav"]
    assert "not a WAV file" in found["uz/closed.wav"]
    assert "4000 samples" in found["uz/opens.wav"]
    assert len(found) == 5


def test_too_long_for_the_next_caller(workshop: Workshop) -> None:
    workshop.build(hotline())
    assert complaints(workshop) == {}
    record(workshop, "ru/next-minutes-5.wav", 2.9)
    (file, complaint), *others = complaints(workshop).items()
    assert (file, others) == ("ru/next.wav", [])
    assert "next, next-minutes-5, next-free" in complaint
    assert "together 3 s" in complaint


@pytest.fixture
def in_place(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """The command finds the test's hotline and folders."""
    monkeypatch.setattr(command, "load", lambda _: hotline())
    monkeypatch.setattr(command, "ivr_prompts", lambda: workshop.texts)
    monkeypatch.setattr(command, "cache_root", lambda: workshop.root)
    return workshop


def run(*arguments: str) -> str:
    done = CliRunner().invoke(command.app, ["missing", *arguments], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_lists_files_and_words(in_place: Workshop) -> None:
    record(in_place, "ru/positon-2.wav")
    output = run()
    assert "uz: 0 of" in output
    assert "ru/position-2.wav" in output
    assert "Ваше место в очереди — второе." in output
    assert "Recordings with a fault:" in output
    assert "Did you mean 'position-2'?\n" in output, "one sign at the end of a sentence"
    assert "ru/" not in run("--language", "uz")


def test_a_table_for_the_studio(in_place: Workshop) -> None:
    record(in_place, "ru/free.wav")
    rows = list(csv.DictReader(io.StringIO(run("--csv", "--language", "ru"))))
    assert {row["language"] for row in rows} == {"ru"}
    (slow,) = (row for row in rows if row["pace"] == "slow")
    assert (slow["file"], slow["text"]) == ("ru/slow/free.wav", "Ожидание бесплатное.")


def test_when_all_is_recorded(in_place: Workshop) -> None:
    for _ in ("usual", "slow"):
        for one in inventory(in_place).lacking():
            record(in_place, str(one.file), 0.3)
    output = run()
    assert output.count("Nothing is missing.") == 2
    assert "fault" not in output


@pytest.mark.usefixtures("in_place")
def test_a_language_that_is_not_spoken() -> None:
    done = CliRunner().invoke(command.app, ["missing", "--language", "az"])
    assert done.exit_code != 0
    assert "uz, ru" in str(done.exception)
