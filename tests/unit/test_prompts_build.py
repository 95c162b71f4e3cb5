"""From texts and recordings to the files that Asterisk plays."""

from __future__ import annotations

import shutil
import struct
import time
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from ccops.config.model import Voice
from ccops.domain.dialogue import prompts_of
from ccops.errors import CcopsError
from ccops.prompts import audio, catalogue
from ccops.prompts.catalogue import TextError
from ccops.prompts.plan import plan
from ccops.prompts.sources import RecordingError
from ccops.prompts.voice import VoiceError
from ccops.prompts.wav import write_wav
from tests.unit.prompts_support import TEXTS, ToneVoice, Workshop, hotline


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A few places and days are enough here; the properties are tested with all of them."""
    monkeypatch.setattr("ccops.domain.variants.POSITIONS", (1, 2, 3, 7, 99))
    for row in ("day", "month", "hour", "hour-and", "minute"):
        monkeypatch.setitem(catalogue._ROWS, row, (5, 10))
    return Workshop(tmp_path)


@pytest.fixture
def own_texts(workshop: Workshop, tmp_path: Path) -> Path:
    """A copy of the texts that a test may change, in which recordings may be dropped."""
    workshop.texts = tmp_path / "texts"
    shutil.copytree(TEXTS, workshop.texts, ignore=shutil.ignore_patterns("*.wav"))
    return workshop.texts


def test_every_prompt_of_the_dialogues_exists_in_every_language(tmp_path: Path) -> None:
    workshop, what = Workshop(tmp_path), hotline()
    result = workshop.build(what)
    for language in what.languages:
        for name in prompts_of(what):
            assert (workshop.sounds / language / "ccops" / f"{name}.alaw").is_file()
            assert result.seconds[f"{language}/ccops/{name}"] > 0


def test_all_prompts_are_equally_loud_and_do_not_clip(workshop: Workshop) -> None:
    workshop.build(hotline())
    for name, data in workshop.files().items():
        samples = audio.from_alaw(data)
        assert audio.loudness(samples) == pytest.approx(audio.LOUDNESS, abs=1.5), name
        assert audio.peak(samples) < audio.PEAK + 0.5, name


def test_the_greeting_is_in_every_language_in_turn_and_the_same_for_all(
    workshop: Workshop,
) -> None:
    result = workshop.build(hotline())
    files = workshop.files()
    assert files["uz/ccops/greeting.alaw"] == files["ru/ccops/greeting.alaw"]
    assert files["uz/ccops/greeting.alaw"].endswith(files["uz/ccops/language.alaw"])
    assert result.seconds["uz/ccops/greeting"] > result.seconds["uz/ccops/language"]
    said = {text for _, text, _ in workshop.voice.said}
    assert "Oʻzbek tilida davom etish uchun birni bosing." in said
    assert "Для обслуживания на русском языке нажмите два." in said


def test_with_one_language_the_greeting_asks_nothing(workshop: Workshop) -> None:
    workshop.build(hotline(("kk",)))
    files = workshop.files()
    assert not files["kk/ccops/greeting.alaw"].endswith(files["kk/ccops/language.alaw"])


def test_an_announcement_is_joined_from_its_sentences(workshop: Workshop) -> None:
    workshop.build(hotline())
    files = workshop.files()
    place, breath = files["uz_p3/ccops/wait.alaw"], audio.silence(0.35)
    price, callback, nobody = (
        breath + files[f"uz/ccops/{name}.alaw"].removesuffix(audio.silence(0.25))
        for name in ("free", "callback-key", "no-operators")
    )
    short, long = (files[f"uz_p3_m{minutes}_free/ccops/wait.alaw"] for minutes in (2, 3))
    assert short.startswith(place + breath)
    assert short.endswith(price)
    assert long.endswith(price + callback)
    assert files["uz_p3_x_free/ccops/wait.alaw"] == place + nobody + price + callback
    assert files["uz_p3_free/ccops/wait.alaw"] == place + price + callback


def test_what_is_played_in_a_row_does_not_run_together(workshop: Workshop) -> None:
    workshop.build(hotline())
    files = workshop.files()
    ends = {"closed": 0.25, "opens": 0.15, "tomorrow": 0.12, "digit-3": 0.12, "day-5": 0.0}
    for name, pause in ends.items():
        data = files[f"uz/ccops/{name}.alaw"]
        # A byte or two of the fade at the end sound like silence, too.
        assert len(data) - len(data.rstrip(audio.silence(1))) == pytest.approx(
            pause * 8000, abs=120
        ), name


def test_digits_are_spoken_clearly(workshop: Workshop) -> None:
    workshop.build(hotline(voices={"ru": {"name": "ru", "words_per_minute": 120}}))
    assert {pace for language, text, pace in workshop.voice.said if text == "пять,"} == {96, 84}


def test_from_when_on_a_callback_is_offered_is_the_hotlines_choice(workshop: Workshop) -> None:
    workshop.build(hotline(callbacks={"offer_from": 300}))
    files = workshop.files()
    offer = files["uz/ccops/callback-key.alaw"].removesuffix(audio.silence(0.25))
    offered = {
        minutes
        for minutes in (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 99)
        if files[f"uz_p2_m{minutes}_free/ccops/wait.alaw"].endswith(offer)
    }
    assert offered == {5, 7, 10, 15, 20, 30, 99}


@pytest.mark.parametrize("paid", [False, True])
def test_nothing_is_made_for_a_tariff_that_no_line_has(workshop: Workshop, paid: bool) -> None:
    lines = {"1000": {**dict(hotline().lines["1000"]), "wait_is_paid": paid}}
    workshop.build(hotline(lines=lines))
    names = " ".join(workshop.files())
    assert ("_paid" in names, "_free" in names) == (paid, not paid)


def test_where_lines_differ_in_price_it_may_be_unknown(workshop: Workshop) -> None:
    free = dict(hotline().lines["1000"])
    workshop.build(hotline(lines={"1000": free, "2000": {**free, "wait_is_paid": True}}))
    for price in ("", "_free", "_paid"):
        assert f"ru_p2_m5{price}_slow/ccops/wait.alaw" in workshop.files()


def test_the_next_caller_is_told_briskly(workshop: Workshop) -> None:
    workshop.build(hotline(voices={"ru": {"name": "ru", "words_per_minute": 100}}))
    speeds = {(text, speed) for language, text, speed in workshop.voice.said if language == "ru"}
    brisk = {"Ваш звонок первый.", "До пяти минут.", "Бесплатно.", "Операторов нет."}
    assert {text for text, speed in speeds if speed == 130} >= brisk
    assert not any((text, speed) in speeds for text in brisk for speed in (100, 80, 70))
    assert ("Время ожидания — до пяти минут.", 100) in speeds


def test_the_next_caller_hears_place_time_and_price_at_once(workshop: Workshop) -> None:
    result = workshop.build(hotline())
    seconds = {path: length for path, length in result.seconds.items() if "_p1" in path}
    assert seconds["uz_p1/ccops/wait"] < seconds["uz_p1_m5_free/ccops/wait"]
    assert "uz_p1_x_free/ccops/wait" in seconds
    assert not any("slow" in path for path in seconds)


def test_a_long_announcement_for_the_next_caller_is_reported(
    workshop: Workshop, own_texts: Path
) -> None:
    _edit(own_texts / "ru.yaml", "Ваш звонок первый.", "Ваш звонок первый. " * 40)
    with capture_logs() as logs:
        workshop.build(hotline())
    (warning,) = [entry for entry in logs if entry["log_level"] == "warning"]
    assert "ru_p1_m5_free/ccops/wait" in warning["files"]
    assert not any("uz" in path for path in warning["files"])


def test_a_second_build_does_nothing_and_is_quick(workshop: Workshop) -> None:
    first = workshop.build(hotline())
    assert first.spoken > 0
    assert first.written == len(workshop.files())
    begun = time.perf_counter()
    second = workshop.build(hotline())
    assert time.perf_counter() - begun < 1
    assert (second.spoken, second.written, second.removed) == (0, 0, 0)
    assert second.seconds == first.seconds
    assert workshop.voice.said == []


def test_only_what_changed_is_spoken_and_written(workshop: Workshop, own_texts: Path) -> None:
    workshop.build(hotline())
    _edit(own_texts / "ru.yaml", "Такого пункта нет.", "Такого варианта нет.")
    result = workshop.build(hotline())
    assert sorted(workshop.voice.said) == [
        ("ru", "Такого варианта нет.", pace) for pace in (88, 125)
    ]
    assert (result.spoken, result.written) == (2, 2)


def test_another_voice_or_version_speaks_its_language_anew(workshop: Workshop) -> None:
    workshop.build(hotline())
    workshop.build(hotline(voices={"ru": {"name": "ru", "pitch": 60}}))
    assert {language for language, _, _ in workshop.voice.said} == {"ru"}
    workshop.voice.version = "2"
    workshop.build(hotline())
    assert {language for language, _, _ in workshop.voice.said} == {"uz", "ru"}


def test_what_is_no_longer_wanted_is_removed_and_nothing_else(workshop: Workshop) -> None:
    workshop.build(hotline())
    foreign = workshop.sounds / "ru" / "beep.wav"
    foreign.write_bytes(b"not ours")
    result = workshop.build(hotline(("uz",)))
    assert result.removed > 0
    assert {path.name for path in (workshop.sounds / "ru").iterdir()} == {"beep.wav"}
    assert not list(workshop.sounds.glob("ru_*"))
    assert (workshop.sounds / "uz" / "ccops" / "wait.alaw").is_file()


def test_a_lost_or_cut_file_is_written_again(workshop: Workshop) -> None:
    workshop.build(hotline())
    before = workshop.files()
    (workshop.sounds / "uz/ccops/wait.alaw").unlink()
    (workshop.sounds / "uz_p2_m1_free/ccops/wait.alaw").write_bytes(b"\xd5")
    result = workshop.build(hotline())
    assert (result.spoken, result.written) == (0, 2)
    assert workshop.files() == before


@pytest.mark.parametrize("notes", ["{", "[]"])
def test_unreadable_notes_cost_only_time(workshop: Workshop, notes: str) -> None:
    workshop.build(hotline())
    before = workshop.files()
    (workshop.sounds / ".ccops-prompts.json").write_text(notes)
    assert workshop.build(hotline()).written == len(before)
    assert workshop.files() == before


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_a_studio_recording_stands_for_the_voice(
    workshop: Workshop, own_texts: Path, bits: int
) -> None:
    tone = 0.02 * np.sin(2 * np.pi * 700 * np.arange(44100) / 44100)
    _drop(own_texts / "ru" / "wait.wav", _stereo(tone, 44100, bits))
    result = workshop.build(hotline())
    samples = audio.from_alaw(workshop.files()["ru/ccops/wait.alaw"])
    assert result.recorded == 1
    assert len(samples) == pytest.approx(8000 * 1.25, abs=200), "a second, and a pause"
    assert audio.loudness(samples) == pytest.approx(audio.LOUDNESS, abs=1.5)
    spectrum = np.abs(np.fft.rfft(samples[:8000]))
    assert np.argmax(spectrum) == pytest.approx(700, abs=10)
    assert ("ru", "Операторы заняты. Пожалуйста, подождите.") not in {
        said[:2] for said in workshop.voice.said
    }


def test_a_recorded_fragment_is_in_every_announcement_that_holds_it(
    workshop: Workshop, own_texts: Path
) -> None:
    workshop.build(hotline())
    before = workshop.files()
    tone = (0.1 * np.sin(np.arange(8000))).astype(np.float32)
    _drop(own_texts / "uz" / "position-7.wav", write_wav(tone, 8000))
    workshop.build(hotline())
    changed = {name for name, data in workshop.files().items() if data != before[name]}
    usual = {name for name in before if name.startswith("uz_p7") and "slow" not in name}
    slow = {name for name in before if name.startswith("uz_p7") and "slow" in name}
    assert workshop.files().keys() == before.keys() - slow
    assert changed == usual


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"ID3 this is an mp3", "not a WAV file"),
        (write_wav(np.zeros(8000, np.float32), 8000), "Nothing can be heard"),
        (write_wav(np.zeros(0, np.float32), 8000), "Nothing can be heard"),
    ],
)
def test_a_useless_recording_is_named(
    workshop: Workshop, own_texts: Path, data: bytes, complaint: str
) -> None:
    _drop(own_texts / "uz" / "goodbye.wav", data)
    with pytest.raises(RecordingError, match=rf"uz/goodbye\.wav.*{complaint}"):
        workshop.build(hotline())


def test_every_missing_text_is_named(workshop: Workshop, own_texts: Path) -> None:
    for name in ("goodbye", "minutes-99"):
        lines = (own_texts / "kk.yaml").read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not line.startswith(f"{name}:")]
        (own_texts / "kk.yaml").write_text("\n".join(kept), encoding="utf-8")
    what = hotline(prompts={"main-menu": {"uz": "Bir", "ru": "Один"}, "hours": {"uz": "Soat"}})
    with pytest.raises(TextError) as fault:
        workshop.build(what)
    for missing in ("goodbye (kk)", "minutes-99 (kk)", "hours (ru)"):
        assert missing in str(fault.value)
    assert not workshop.sounds.exists()


def test_the_ministry_may_replace_a_text_of_the_product(workshop: Workshop) -> None:
    texts = {"uz": "Xush kelibsiz, {organisation}.", "ru": "Добро пожаловать."}
    seven = {"uz": "Yettinchisiz.", "ru": "Вы седьмые."}
    workshop.build(hotline(prompts={"main-menu": seven, "welcome": texts, "position-7": seven}))
    said = {text for _, text, _ in workshop.voice.said}
    assert {"Xush kelibsiz, Ministry uz.", "Добро пожаловать.", "Вы седьмые."} <= said


@pytest.mark.parametrize("name", ["greeting", "language"])
def test_what_is_put_together_cannot_be_given(workshop: Workshop, name: str) -> None:
    with pytest.raises(TextError, match=name):
        workshop.build(hotline(prompts={name: {"uz": "x", "ru": "y"}}))


def test_a_place_that_cannot_be_filled_is_a_fault(workshop: Workshop, own_texts: Path) -> None:
    _edit(own_texts / "uz.yaml", "{organisation}", "{ministry}")
    with pytest.raises(TextError, match="welcome"):
        workshop.build(hotline())


def test_operators_hear_their_own_language(workshop: Workshop) -> None:
    operators = {"101": {"name": "Aigerim", "queues": ["main"], "language": "kk"}}
    workshop.build(hotline(operators=operators))
    files = workshop.files()
    assert "kk/ccops/op-logged-in.alaw" in files
    assert not any(name.startswith("kk_") for name in files)


def test_progress_counts_to_the_end(workshop: Workshop) -> None:
    calls: list[tuple[int, int, str]] = []
    result = workshop.build(hotline(), progress=lambda *call: calls.append(call))
    assert [done for done, _, _ in calls] == list(range(1, result.spoken + 1))
    assert {total for _, total, _ in calls} == {result.spoken}
    assert "uz wait" in {name for _, _, name in calls}


def test_a_missing_program_is_a_clear_fault(workshop: Workshop) -> None:
    with pytest.raises(VoiceError, match="does not run"):
        workshop.build(hotline(), engines={})


def test_another_engine_is_chosen_by_name(workshop: Workshop) -> None:
    other = ToneVoice()
    what = hotline(voices={"ru": Voice(name="piper:irina")})
    workshop.build(what, engines={"espeak-ng": workshop.voice, "piper": other})
    assert {language for language, _, _ in workshop.voice.said} == {"uz"}
    assert {language for language, _, _ in other.said} == {"ru"}
    with pytest.raises(VoiceError, match="piper"):
        workshop.build(what)


def test_an_engine_may_come_from_another_package(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = EntryPoint("tone", "tests.unit.prompts_support:ToneVoice", "ccops.voices")
    monkeypatch.setattr(
        "ccops.prompts.voice.entry_points",
        lambda **wanted: EntryPoints([entry]).select(**wanted),
    )
    result = workshop.build(hotline(voices={"ru": Voice(name="tone:any")}))
    assert {language for language, _, _ in workshop.voice.said} == {"uz"}
    assert result.seconds["ru/ccops/wait"] > 0


def test_a_voice_that_fails_leaves_the_files_whole(workshop: Workshop, own_texts: Path) -> None:
    workshop.build(hotline())
    before = workshop.files()

    class Broken(ToneVoice):
        def speak(self, *_: object) -> audio.Sound:
            raise VoiceError("hoarse")

    _edit(own_texts / "ru.yaml", "Такого пункта нет.", "Такого варианта нет.")
    with pytest.raises(CcopsError, match="hoarse"):
        workshop.build(hotline(), engines={"espeak-ng": Broken()})
    assert workshop.files() == before
    assert not list(workshop.root.rglob("*.new"))


def test_slow_speech_is_slower_and_breathes_longer(workshop: Workshop) -> None:
    workshop.build(hotline(voices={"uz": {"name": "uz", "words_per_minute": 150}}))
    files = workshop.files()
    place, price = files["uz_p3_slow/ccops/wait.alaw"], files["uz_slow/ccops/free.alaw"]
    price = price.removesuffix(audio.silence(0.25 * 0.6 / 0.35))
    assert files["uz_p3_free_slow/ccops/wait.alaw"].startswith(place + audio.silence(0.6) + price)
    paces = {speed for language, text, speed in workshop.voice.said if text == "Kutish bepul."}
    assert paces == {150, 105}


def test_whatever_callers_hear_is_there_at_both_paces_and_what_operators_hear_is_not(
    workshop: Workshop,
) -> None:
    workshop.build(hotline())
    prompts = {name.removeprefix("ru/") for name in workshop.files() if name.startswith("ru/")}
    slow = {name.removeprefix("ru_slow/") for name in workshop.files() if "ru_slow/" in name}
    assert {"ccops/greeting.alaw", "ccops/greeting-known.alaw", "ccops/hour-5.alaw"} <= slow
    assert prompts - slow == {name for name in prompts if name.startswith("ccops/op-")}


def test_a_voice_is_never_slower_than_it_can_be(workshop: Workshop) -> None:
    workshop.build(hotline(voices={"ru": {"name": "ru", "words_per_minute": 90}}))
    assert min(speed for language, _, speed in workshop.voice.said if language == "ru") == 80


def test_a_recording_without_a_slow_one_is_not_mixed_with_the_voice(
    workshop: Workshop, own_texts: Path
) -> None:
    tone = (0.1 * np.sin(np.arange(8000))).astype(np.float32)
    _drop(own_texts / "uz" / "free.wav", write_wav(tone, 8000))
    workshop.build(hotline())
    assert "uz_slow/ccops/free.alaw" not in workshop.files()
    assert "uz_p3_m5_free_slow/ccops/wait.alaw" not in workshop.files()
    assert "uz_p3_slow/ccops/wait.alaw" in workshop.files()
    _drop(own_texts / "uz" / "slow" / "free.wav", write_wav(np.tile(tone, 2), 8000))
    result = workshop.build(hotline())
    assert result.seconds["uz_slow/ccops/free"] == pytest.approx(2.43, abs=0.1)
    assert workshop.files()["uz_p3_free_slow/ccops/wait.alaw"].endswith(
        workshop.files()["uz_slow/ccops/callback-key.alaw"].removesuffix(
            audio.silence(0.25 * 0.6 / 0.35)
        )
    )


def test_a_known_caller_is_greeted_in_one_language_and_offered_the_others(
    workshop: Workshop,
) -> None:
    what = hotline(("uz", "ru", "en"))
    parts = {file.path: file.fragments for file in plan(what, catalogue.load(what, TEXTS))}
    assert [str(part) for part in parts["ru/ccops/greeting-known"]] == [
        "ru welcome",
        "uz language-1",
        "en language-3",
    ]
    workshop.build(what)
    assert "ru/ccops/greeting-known.alaw" in workshop.files()


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _drop(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _stereo(tone: np.ndarray[tuple[int], np.dtype[np.float64]], rate: int, bits: int) -> bytes:
    """A studio's file: extensible header, a chunk of remarks, two channels, 32 bits as float."""
    both = np.repeat(tone, 2)
    if bits == 32:
        kind, body = 3, both.astype("<f4").tobytes()
    else:
        whole = np.rint(both * 2 ** (bits - 1)).astype("<i4")
        kind, width = 1, bits // 8
        body = whole.view(np.uint8).reshape(-1, 4)[:, :width].tobytes()
    frame = 2 * bits // 8
    form = struct.pack("<HHIIHH", 0xFFFE, 2, rate, rate * frame, frame, bits)
    form += struct.pack("<HHIH14x", 22, bits, 3, kind)
    remark = b"LIST" + struct.pack("<I", 5) + b"hello\0"
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + remark
    chunks += b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks
