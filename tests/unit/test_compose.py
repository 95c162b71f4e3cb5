"""docker-compose.yml: right by the specification, and built from the steps of the scripts.

No engine runs here. The file is held against the Compose Specification's own schema, each step of
the image against make and the scripts, and the addresses against each other.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from compose_pydantic import ComposeSpecification
from pydantic import ValidationError
from ruamel.yaml import YAML

from ccops.config.loader import load

ROOT = Path(__file__).parents[2]
START = ROOT / ".docker/start"


def read(name: str) -> Any:
    return YAML(typ="safe").load(ROOT / name)


COMPOSE = read("docker-compose.yml")
SERVICES = COMPOSE["services"]
ADDRESS = SERVICES["network"]["environment"]["CCOPS_ADDRESS"]


HOTLINE = ("asterisk", "ccops", "simulator")


def faults(content: dict[str, Any]) -> list[str]:
    """By the specification's schema; ``x-`` extensions are allowed there and not in the models."""
    known = {name: value for name, value in content.items() if not name.startswith("x-")}
    try:
        ComposeSpecification.model_validate(known)
    except ValidationError as error:
        return [fault["msg"] for fault in error.errors()]
    return []


def test_it_is_right_by_the_specification() -> None:
    assert faults(COMPOSE) == []


def test_the_specification_finds_faults() -> None:
    assert faults({"services": {"a": {"imagee": "x"}}})
    assert faults({"services": {"a": {"ports": "8080"}}})


def test_the_hotline_is_asterisk_ccops_and_prometheus() -> None:
    assert set(SERVICES) == {"network", *HOTLINE, "prometheus"}
    assert [name for name in SERVICES if "profiles" in SERVICES[name]] == ["simulator"]


def test_each_step_of_the_image_is_a_step_of_the_scripts() -> None:
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    dockerfile = (ROOT / SERVICES["ccops"]["build"]["dockerfile"]).read_text()
    steps = [shlex.split(step) for step in re.findall(r"^RUN (.+)$", dockerfile, re.MULTILINE)]

    assert [step[0] for step in steps] == [".docker/prepare-system", "make"]
    for step in steps:
        if step[0] == "make":
            assert step[1] in targets
        else:
            assert os.access(ROOT / step[0], os.X_OK)
    assert 'ENTRYPOINT [".docker/start"]' in dockerfile


def test_each_service_is_started_by_the_script() -> None:
    cases = re.findall(r"^([a-z-]+)\)$", START.read_text(), re.MULTILINE)
    commands = [SERVICES[name]["command"] for name in ("network", *HOTLINE)]
    assert {command[0] for command in commands} < set(cases)

    for name in ("asterisk", "ccops"):
        check = SERVICES[name]["healthcheck"]["test"]
        assert check[:2] == ["CMD", ".docker/start"]
        assert check[2] in cases


def test_no_part_takes_the_network_away_when_it_starts_again() -> None:
    assert {SERVICES[name]["network_mode"] for name in HOTLINE} == {"service:network"}
    assert all("ports" not in SERVICES[name] for name in HOTLINE)


def test_each_part_waits_until_what_it_needs_is_healthy() -> None:
    for name, needed in (("ccops", "asterisk"), ("simulator", "ccops")):
        assert SERVICES[name]["depends_on"] == {needed: {"condition": "service_healthy"}}
        assert "healthcheck" in SERVICES[needed]


def test_an_unknown_service_is_refused(tmp_path: Path) -> None:
    result = _start("nothing", tmp_path)

    assert result.returncode == 2
    assert "unknown service: nothing" in result.stderr


@pytest.mark.parametrize("profile", ["uz", "kz", "az"])
def test_the_configuration_it_writes_is_good_and_reached_from_outside(
    tmp_path: Path, profile: str
) -> None:
    result = _start("config", tmp_path, CCOPS_PROFILE=profile)
    assert result.returncode == 0, result.stderr

    listen = load(tmp_path / "hotline.yaml").listen
    published = {
        port.rpartition(":")[2].removesuffix("/udp") for port in SERVICES["network"]["ports"]
    }
    assert listen.http.split(":") == [ADDRESS, "8080"]
    assert listen.sip.split(":") == [ADDRESS, "5060"]
    assert listen.ami.startswith("127.0.0.1:")
    assert listen.agi.startswith("127.0.0.1:")
    assert published == {"8080", "5060", listen.rtp}


def test_a_configuration_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "hotline.yaml").write_text("mine\n")

    assert _start("config", tmp_path).returncode == 0
    assert (tmp_path / "hotline.yaml").read_text() == "mine\n"


def test_prometheus_asks_where_ccops_answers() -> None:
    network = COMPOSE["networks"]["hotline"]["ipam"]["config"][0]["subnet"]
    jobs = read(".docker/prometheus.yml")["scrape_configs"]

    assert ip_address(ADDRESS) in ip_network(network)
    assert SERVICES["network"]["networks"]["hotline"]["ipv4_address"] == ADDRESS
    assert [job["static_configs"] for job in jobs] == [[{"targets": [f"{ADDRESS}:8080"]}]]


def _start(service: str, home: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "CCOPS_HOME": str(home), "CCOPS_ADDRESS": ADDRESS, **extra}
    return subprocess.run(
        [START, service], env=env, capture_output=True, text=True, check=False, timeout=60
    )
