"""Files that cannot be read at all, and the traps of YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from ccops.config.faults import ConfigFaults
from ccops.config.loader import check, load
from ccops.config.profiles import PROFILES, profile_text
from ccops.config.report import render_faults
from ccops.config.schema import json_schema
from tests.unit.config_samples import GOOD


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "hotline.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_every_kind_of_fault_is_found_at_once(tmp_path: Path) -> None:
    """A broken field hides neither its neighbours' faults nor those between sections."""
    text = (
        GOOD.replace("ring: 20", "ring: 3\n    ring: 4")  # range, duplicate
        .replace("version: 1", "version: 2")
        .replace("country: UZ", "contry: UZ")  # unknown and missing
        .replace("menu: main", "menu: mian")  # reference
        .replace("{uz: Tushlik, ru: Обед}", "{uz: Tushlik}")  # language
        .replace("simulator: {}", "simulator: {ami: '127.0.0.1:5038'}")  # collision
    )
    assert [(fault.line, fault.path) for fault in check(write(tmp_path, text))] == [
        (1, "version"),
        (2, "organisation"),
        (4, "organisation.contry"),
        (10, "lines.1176.menu"),
        (27, "queues.jobs.ring"),
        (28, "queues.jobs.ring"),
        (33, "pause_reasons.1.name"),
        (41, "simulator.ami"),
    ]


def test_what_only_follows_from_a_fault_is_not_reported(tmp_path: Path) -> None:
    """The queue is broken, so it is not also "unknown" wherever it is named."""
    faults = check(
        write(tmp_path, GOOD.replace("    ring: 20\n", "").replace("sub_line: work", ""))
    )
    assert [fault.path for fault in faults] == ["queues.jobs"]


def test_a_broken_field_does_not_hide_a_dead_end(tmp_path: Path) -> None:
    way_out = (
        'keys: {0: {queue: jobs}, 1: {say: hours}, "*": {do: back}}\n    otherwise: {do: back}'
    )
    assert way_out in GOOD
    none = 'keys: {0: {say: hours}, "*": {do: repeat}}\n    otherwise: {do: hangup}'
    text = GOOD.replace(way_out, none)
    text = text.replace("ring: 20", "ring: 3")
    paths = [fault.path for fault in check(write(tmp_path, text))]
    assert paths == ["menus.info", "queues.jobs.ring"]


def test_common_keys_can_take_the_way_to_an_operator_away(tmp_path: Path) -> None:
    way_out = (
        'keys: {0: {queue: jobs}, 1: {say: hours}, "*": {do: back}}\n    otherwise: {do: back}'
    )
    text = GOOD.replace(way_out, "keys: {1: {say: hours}}\n    otherwise: {do: hangup}")
    assert check(write(tmp_path, text)) == [], "0 leads to an operator, as everywhere"
    text += "common_keys: {9: {do: repeat}}\n"
    (fault,) = check(write(tmp_path, text))
    assert (fault.path, fault.message) == (
        "menus.info",
        "a caller in this menu has no way to an operator",
    )


def test_back_from_the_first_menu_needs_languages_to_choose_from(tmp_path: Path) -> None:
    text = GOOD.replace('"*": {do: language}', '"*": {do: back}')
    assert check(write(tmp_path, text)) == []
    text = text.replace("languages: [uz, ru]", "languages: [uz]").replace(", language: ru", "")
    (fault,) = check(write(tmp_path, text))
    assert fault.path == "menus.main.keys.*.do"
    assert "no way back" in fault.message


def test_what_ccops_writes_by_itself_is_no_fault(tmp_path: Path) -> None:
    """In one language the common key for the language stays without effect, but nobody wrote it."""
    text = GOOD.replace("languages: [uz, ru]", "languages: [uz]").replace(", language: ru", "")
    text = text.replace('      "*": {do: language}\n', "")
    assert check(write(tmp_path, text)) == []


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("", 1, "the file is empty"),
        ("# only a comment\n", 1, "the file is empty"),
        ("~\n", 1, "the file is empty"),
        (GOOD.replace("Bandlik", "Bandl\xefk").encode("latin-1", "replace"), 25, "not UTF-8"),
        (GOOD.encode("utf-16"), 1, "UTF-16"),
        ("hello", 1, "'hello' does not belong here"),
        ("- a\n- b\n", 1, "a list does not belong here"),
        ("a: 1\n" * 300_000, 1, "far too large"),
        ("a: " + "[" * 500 + "]" * 500, 1, "too many levels"),
    ],
)
def test_what_is_no_hotline_is_said_plainly(
    content: str | bytes, line: int, message: str, tmp_path: Path
) -> None:
    faults = check(write(tmp_path, content))
    matching = [fault for fault in faults if message in fault.message]
    assert [fault.line for fault in matching] == [line]
    assert all(fault.remedy for fault in faults)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    (fault,) = check(tmp_path / "none.yaml")
    assert fault.message == "there is no such file"
    assert "ccops init" in fault.remedy


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    (fault,) = check(tmp_path)
    assert "folder" in fault.message


def test_load_raises_with_all_faults(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("ring: 20", "ring: 3").replace("country: UZ", "country: 7"))
    with pytest.raises(ConfigFaults, match=r"hotline.yaml:4: .*and 1 more") as caught:
        load(path)
    assert [fault.line for fault in caught.value.faults] == [4, 27]
    assert caught.value.code == "config_faults"


def test_values_are_what_was_written(tmp_path: Path) -> None:
    """Unquoted numbers are fine as names, and ``no`` is a word where a text belongs."""
    text = GOOD.replace('"1176"', "1176").replace("uz: Bandlik", "uz: no")
    text = text.replace("fallback_queue: jobs", "fallback_queue: jobs, wait_is_paid: no")
    hotline = load(write(tmp_path, text))
    assert list(hotline.lines) == ["1176"]
    assert list(hotline.operators) == ["201", "202"]
    assert hotline.menus["main"].keys["1"].queue == "jobs"
    assert hotline.queues["jobs"].name["uz"] == "no"
    assert hotline.queues["jobs"].ring == 20
    assert hotline.lines["1176"].wait_is_paid is False


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    load(write(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()))


def test_prompts_of_the_product_need_not_be_given(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("  hours: {uz: Ish vaqti, ru: Время работы}\n", ""))
    (tmp_path / "uz.yaml").write_text('hours: "Ish vaqti"\n')
    (fault,) = check(path, prompts=tmp_path)
    assert (fault.line, fault.message) == (21, "there is no prompt 'hours' in ru")
    (tmp_path / "ru.yaml").write_text('hours: "Время работы"\n')
    assert check(path, prompts=tmp_path) == []


def test_the_report_shows_place_remedy_and_count(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("ring: 20", "ring: 3").replace("version: 1\n", ""))
    assert render_faults(check(path)) == (
        f"{path}:1:1: the field 'version' is missing or empty\n"
        '    → Add "version:" with 1\n'
        f"{path}:26:11: queues.jobs.ring: '3' is out of range\n"
        "    → Write a whole number, 5 to 120\n"
        "\n"
        "2 faults. Nothing was changed; correct the file and try again."
    )


def test_the_report_of_a_good_file() -> None:
    assert render_faults([]) == "No faults."


@pytest.mark.parametrize("name", PROFILES)
def test_editors_find_the_profiles_good_too(name: str) -> None:
    """By the JSON schema, and as any YAML tool reads them: no value depends on our reader."""
    schema: dict[str, Any] = json_schema()
    Draft202012Validator.check_schema(schema)
    data = YAML(typ="safe").load(profile_text(name))
    assert list(Draft202012Validator(schema).iter_errors(data)) == []


def test_the_schema_explains_the_fields() -> None:
    queue = json_schema()["$defs"]["Queue"]["properties"]
    assert "KZ 12.1" in queue["announce_every"]["description"]
