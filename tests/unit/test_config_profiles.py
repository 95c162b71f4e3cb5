"""``ccops init`` writes a profile that ``ccops check`` finds good."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccops.config.loader import check, load
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
