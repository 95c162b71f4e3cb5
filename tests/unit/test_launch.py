"""What the simulated public of ``ccops run`` promises to somebody who looks at the page."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from ccops.config.loader import load
from ccops.config.profiles import PROFILES, write_profile
from ccops.launch import LIVELY_SEED
from ccops.simulator.plan import Options, calls


@pytest.mark.parametrize("profile", PROFILES)
def test_somebody_calls_before_the_visitor_leaves(tmp_path: Path, profile: str) -> None:
    write_profile(profile, tmp_path / "hotline.yaml")
    hotline = load(tmp_path / "hotline.yaml")
    planned = list(islice(calls(hotline, Options(120, 3, None, LIVELY_SEED)), 4))
    assert planned[0].at < 10
    assert planned[-1].at < 60
