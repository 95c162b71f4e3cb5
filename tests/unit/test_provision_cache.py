"""The cache folder, and what a user without one is told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ccops.provision.bootstrap import CHECKOUT, pip_settings
from ccops.provision.cache import CacheError, cache_root, locked


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whom nothing gives a home folder."""
    for name in ("HOME", "XDG_CACHE_HOME", "CCOPS_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)


def test_the_cache_lies_where_the_user_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CCOPS_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_root() == tmp_path / ".cache/ccops"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert cache_root() == tmp_path / "x/ccops"
    monkeypatch.setenv("CCOPS_CACHE", str(tmp_path / "own"))
    assert cache_root() == tmp_path / "own"


@pytest.mark.usefixtures("homeless")
def test_a_user_without_a_home_is_told_what_to_set() -> None:
    with pytest.raises(CacheError) as caught:
        cache_root()
    assert "CCOPS_CACHE" in caught.value.remedy
    assert pip_settings({}) is not None, "and pip's settings are read all the same"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "ccops"
    with pytest.raises(CacheError, match="Not a directory") as caught, locked(folder):
        pytest.fail("not reached")
    assert str(folder) in caught.value.message


def test_the_first_step_of_make_says_it_without_a_traceback(tmp_path: Path) -> None:
    """As make runs it: with the machine's own Python and nothing installed."""
    package = tmp_path / "checkout/ccops"
    shutil.copytree(CHECKOUT / "ccops/provision", package / "provision")
    for name in ("__init__.py", "errors.py"):
        shutil.copy(CHECKOUT / "ccops" / name, package)
    (tmp_path / "file").touch()
    first_step = package / "provision/bootstrap.py"
    result = subprocess.run(
        [sys.executable, "-I", first_step],
        env={"PATH": "/nowhere", "CCOPS_CACHE": str(tmp_path / "file/cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr.startswith("error: The cache folder")
    assert "Traceback" not in result.stderr
