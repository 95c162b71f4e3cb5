"""What ``ccops check`` says about each kind of mistake, word for word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ccops.config.loader import check
from tests.unit.config_samples import GOOD

CASES: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("config_faults.yaml"))


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_mistake_is_explained(case: dict[str, Any], tmp_path: Path) -> None:
    assert GOOD.count(case["replace"]) >= 1, "the case does not spoil anything"
    path = tmp_path / "hotline.yaml"
    path.write_text(GOOD.replace(case["replace"], case["by"], 1), encoding="utf-8")
    said = [f"{f.line}:{f.column} {f.path}: {f.message} → {f.remedy}" for f in check(path)]
    assert said == case["faults"]


def test_without_a_mistake_nothing_is_said(tmp_path: Path) -> None:
    path = tmp_path / "hotline.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert check(path) == []
