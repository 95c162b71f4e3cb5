"""``ccops init`` writes a profile that ``ccops check`` finds good."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccops.config.loader import check, load
from ccops.config.model import Hotline
from ccops.config.profiles import PROFILES, write_profile
from ccops.errors import CcopsError


@pytest.mark.parametrize("name", PROFILES)
def test_a_fresh_profile_has_no_faults(name: str, tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "hotline.yaml"
    write_profile(name, path)
    assert check(path) == []
    hotline = load(path)
    assert hotline.simulator is not None
    assert hotline.operators
    assert list(path.parent.iterdir()) == [path], "no draft stays behind"


@pytest.fixture(scope="module", params=PROFILES)
def profile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Hotline:
    path = tmp_path_factory.mktemp("profile") / "hotline.yaml"
    write_profile(request.param, path)
    return load(path)


def test_a_profile_has_what_a_ministry_needs(profile: Hotline) -> None:
    """Information, branches, complaints (T14), writing instead of speaking (T12), staff (T6)."""
    reached: dict[str, int] = {}
    todo = [(line.menu, 1) for line in profile.lines.values()]
    while todo:
        name, depth = todo.pop(0)
        if name not in reached:
            reached[name] = depth
            inner = [action.menu for action in profile.menus[name].keys.values()]
            todo += [(menu, depth + 1) for menu in inner if menu is not None]
    assert max(reached.values()) >= 3, "levels of menus"
    actions = [action for menu in reached for action in profile.menus[menu].keys.values()]
    said = {action.say for action in actions}
    assert {"working-hours", "complaints", "in-writing"} <= said
    assert len([name for name in said if name and name.startswith("branches-")]) == 5
    assert {action.queue for action in actions} >= set(profile.queues)
    assert {action.staff for action in actions} >= set(profile.staff)
    assert any(action.do == "offices" for action in actions)
    assert any(action.head_start for action in actions)
    assert "other-channels" in profile.prompts


def test_a_profile_speaks_in_words(profile: Hotline) -> None:
    """A figure is read out by the voice's own rules, in the wrong case as often as not."""
    for name, text in profile.prompts.items():
        for language, words in text.items():
            assert not any(char.isdigit() for char in words), f"{name} ({language})"


def test_a_shortened_day_of_a_profile_has_a_year(profile: Hotline) -> None:
    """Or it would open what is closed on Sundays when it falls on one."""
    for calendar in profile.calendars.values():
        yearly = [day for date, day in calendar.days.items() if len(date) == 5]
        assert not any(day.hours for day in yearly)


def test_a_line_that_closes_offers_a_callback(profile: Hotline) -> None:
    for line in profile.lines.values():
        if line.hours is not None:
            keys = profile.menus[line.closed_menu or ""].keys
            assert any(action.do == "callback" for action in keys.values())


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "hotline.yaml"
    path.write_text("precious")
    with pytest.raises(CcopsError, match="exists already") as caught:
        write_profile("uz", path)
    assert caught.value.code == "file_exists"
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


def test_force_replaces_it(tmp_path: Path) -> None:
    path = tmp_path / "hotline.yaml"
    path.write_text("old")
    write_profile("kz", path, force=True)
    assert check(path) == []


def test_an_unknown_profile_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(CcopsError, match="uz, kz, az"):
        write_profile("tj", tmp_path / "hotline.yaml")


def test_a_place_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CcopsError, match="cannot be written"):
        write_profile("uz", tmp_path / "file" / "hotline.yaml")
