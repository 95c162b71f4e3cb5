"""Secrets are made once, kept private, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccops.config.loader import load
from ccops.config.model import Hotline
from ccops.config.secrets import Secrets
from ccops.errors import CcopsError
from tests.unit.config_samples import GOOD


@pytest.fixture
def hotline(tmp_path: Path) -> Hotline:
    path = tmp_path / "hotline.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return load(path)


def test_everybody_gets_a_password_of_their_own(hotline: Hotline, tmp_path: Path) -> None:
    made = Secrets.load_or_create(tmp_path / "state" / "secrets.yaml", hotline)
    assert set(made.sip) == {"201", "202", "301", "citizen"}
    values = [made.ami, made.api_token, *made.sip.values()]
    assert len(set(values)) == len(values)
    assert all(len(value) == 32 for value in values)
    assert (tmp_path / "state" / "secrets.yaml").stat().st_mode & 0o777 == 0o600


def test_they_are_kept_and_new_operators_are_added(hotline: Hotline, tmp_path: Path) -> None:
    path = tmp_path / "secrets.yaml"
    first = Secrets.load_or_create(path, hotline)
    stamp = path.stat().st_ino
    assert Secrets.load_or_create(path, hotline) == first
    assert path.stat().st_ino == stamp, "a complete file is not written again"

    operators = {"203": hotline.operators["201"]}
    later = Secrets.load_or_create(path, hotline.model_copy(update={"operators": operators}))
    assert later.ami == first.ami
    assert {id_: later.sip[id_] for id_ in first.sip} == first.sip, "also of those who left"
    assert later.sip["203"] not in first.sip.values()


def test_removing_a_line_makes_that_value_anew(hotline: Hotline, tmp_path: Path) -> None:
    path = tmp_path / "secrets.yaml"
    first = Secrets.load_or_create(path, hotline)
    path.write_text(path.read_text().replace(f'api_token: "{first.api_token}"', ""))
    second = Secrets.load_or_create(path, hotline)
    assert second.api_token != first.api_token
    assert (second.ami, second.sip) == (first.ami, first.sip)


def test_a_file_open_to_others_is_closed(hotline: Hotline, tmp_path: Path) -> None:
    path = tmp_path / "secrets.yaml"
    Secrets.load_or_create(path, hotline)
    path.chmod(0o644)
    Secrets.load_or_create(path, hotline)
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_value_shows_in_a_repr(hotline: Hotline, tmp_path: Path) -> None:
    made = Secrets.load_or_create(tmp_path / "secrets.yaml", hotline)
    shown = f"{made!r} {made}"
    assert not any(value in shown for value in (made.ami, made.api_token, *made.sip.values()))


@pytest.mark.parametrize("content", ["ami: [", "- a", "ami: {a: b}", "ami:\n", "\x00"])
def test_a_damaged_file_is_an_error_and_stays(
    content: str, hotline: Hotline, tmp_path: Path
) -> None:
    path = tmp_path / "secrets.yaml"
    path.write_text(content)
    with pytest.raises(CcopsError, match="damaged"):
        Secrets.load_or_create(path, hotline)
    assert path.read_text() == content


def test_a_place_that_cannot_be_written_is_said_plainly(hotline: Hotline, tmp_path: Path) -> None:
    with pytest.raises(CcopsError, match="cannot be used"):
        Secrets.load_or_create(tmp_path / "hotline.yaml" / "secrets.yaml", hotline)
