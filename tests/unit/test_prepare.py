"""What took effect last outlives the process, and stands in for a file with faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccops.config.faults import ConfigFaults
from ccops.config.loader import load
from ccops.config.profiles import write_profile
from ccops.home import Home
from ccops.prepare import begin_with, keep, kept


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    write_profile("kz", home.config)
    return home


def test_what_took_effect_comes_back_as_it_was(home: Home) -> None:
    assert kept(home) is None
    keep(home, load(home.config))
    assert kept(home) == load(home.config)


def test_what_another_version_wrote_is_nothing(home: Home) -> None:
    keep(home, load(home.config))
    home.in_force.write_text('{"version": 0}', encoding="utf-8")
    assert kept(home) is None


def test_a_start_with_a_bad_file_goes_on_with_the_old_one(home: Home) -> None:
    good = load(home.config)
    keep(home, good)
    home.config.write_text("version: 1", encoding="utf-8")
    assert begin_with(home, home.config) == good


def test_a_good_file_goes_before_the_old_one(home: Home) -> None:
    keep(home, load(home.config))
    write_profile("az", home.config, force=True)
    assert begin_with(home, home.config) == load(home.config)


def test_a_bad_file_and_nothing_before_it_is_an_error(home: Home) -> None:
    home.config.write_text("version: 1", encoding="utf-8")
    with pytest.raises(ConfigFaults):
        begin_with(home, home.config)
