"""Fetching into the cache, the manifest, and what is told when something is wrong."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from ccops.errors import CcopsError
from ccops.provision import apt, bootstrap, closure, machine, programs
from ccops.provision.apt import AptError, Progress
from ccops.provision.closure import PackageSet, Unpacked
from ccops.provision.progress import Steps
from ccops.provision.sources import Source
from ccops.provision.toolchain import NotPreparedError, Program, Toolchain, find

MIRROR = Source("http://mirror.example/debian", ("sid",), ("main",))
HELLO = PackageSet("hello", ("hello",), "sid", ((MIRROR,),))


@pytest.fixture
def screen() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def steps(screen: io.StringIO) -> Steps:
    return Steps(Console(file=screen, width=200))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A real package of one file, with a colon in its version."""
    tree = tmp_path / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(
        "Package: hello\nVersion: 1:2.0-1\nArchitecture: all\nMaintainer: A\nDescription: a\n"
    )
    (tree / "usr/bin").mkdir(parents=True)
    (tree / "usr/bin/hello").write_text("hi")
    archive = tmp_path / "hello_1%3a2.0-1_all.deb"
    subprocess.run(["dpkg-deb", "--build", tree, archive], check=True, capture_output=True)
    return archive


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch, package: Path) -> list[str]:
    """Stands in for apt: each fetch takes the next word, ``down`` or ``up``."""
    answers: list[str] = []

    class FakeApt:
        def __init__(self, folder: Path, sources: tuple[Source, ...]) -> None:
            assert folder.is_dir()
            assert sources

        def update(self, _progress: Progress) -> None:
            if answers.pop(0) == "down":
                raise apt.explain("update", "E: Could not resolve 'mirror.example'")

        def download(self, packages: tuple[str, ...], _progress: Progress) -> list[Path]:
            assert packages == ("hello",)
            return [package]

    monkeypatch.setattr(closure, "PrivateApt", FakeApt)
    return answers


def test_a_set_is_fetched_once_and_then_found(
    tmp_path: Path, steps: Steps, mirror: list[str], screen: io.StringIO
) -> None:
    mirror.append("up")

    first = closure.ensure(HELLO, tmp_path / "programs", steps)
    again = closure.ensure(HELLO, tmp_path / "programs", steps)

    assert (first.root / "usr/bin/hello").read_text() == "hi"
    assert again == first
    assert first.versions == {"hello": "1:2.0-1"}
    assert [path.name for path in (tmp_path / "programs").iterdir()] == ["hello"]
    assert "Unpacking 1 packages (hello): done" in screen.getvalue()


def test_the_next_mirror_is_tried_when_one_is_down(
    tmp_path: Path, steps: Steps, mirror: list[str]
) -> None:
    mirror += ["down", "up"]

    unpacked = closure.ensure(replace(HELLO, places=((MIRROR,), (MIRROR,))), tmp_path, steps)

    assert unpacked.versions


def test_with_no_mirror_up_the_first_reason_is_told(
    tmp_path: Path, steps: Steps, mirror: list[str]
) -> None:
    mirror.append("down")

    with pytest.raises(AptError, match=r"cannot be reached.*proxy"):
        closure.ensure(HELLO, tmp_path, steps)

    assert Unpacked.load(tmp_path / "hello") is None


def test_an_interruption_leaves_no_half_set(
    tmp_path: Path, steps: Steps, mirror: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror += ["up", "up"]

    def interrupt(archive: Path, root: Path) -> None:
        (root / "half").write_text(archive.name)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(closure, "_unpack_one", interrupt)
        with pytest.raises(KeyboardInterrupt):
            closure.ensure(HELLO, tmp_path, steps)
    assert Unpacked.load(tmp_path / "hello") is None

    unpacked = closure.ensure(HELLO, tmp_path, steps)

    assert (unpacked.root / "usr/bin/hello").exists()
    assert not (unpacked.root / "half").exists()


def test_a_full_disk_is_told_before_anything_is_fetched(
    tmp_path: Path, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closure, "NEEDED_SPACE", 1 << 62)

    with pytest.raises(AptError, match=r"disk is full.*CCOPS_CACHE"):
        closure.ensure(HELLO, tmp_path, steps)


def test_a_machine_without_a_mirror_is_told_what_to_add(tmp_path: Path, steps: Steps) -> None:
    with pytest.raises(AptError, match=r"no http mirror.*sources\.list\.d"):
        closure.ensure(replace(HELLO, places=()), tmp_path, steps)


def test_other_versions_than_tested_are_told(tmp_path: Path) -> None:
    unpacked = Unpacked(tmp_path, "sid", {"asterisk": "2", "espeak-ng": "1"})

    assert closure.drift(unpacked, {"sid": {"asterisk": "2", "espeak-ng": "1"}}) == []
    assert closure.drift(unpacked, {"sid": {"asterisk": "1", "other": "3"}}) == [
        "asterisk is 2, ccops was tested with 1"
    ]
    assert closure.drift(unpacked, {"noble": {}}) == ["the packages of sid are untested with ccops"]


def test_a_drift_of_the_cache_is_told_each_time(tmp_path: Path) -> None:
    (tmp_path / "asterisk").mkdir()
    content = {"suite": "sid", "packages": {"asterisk": "1:99"}}
    (tmp_path / "asterisk/packages.json").write_text(json.dumps(content))

    assert [line.split(",")[0] for line in closure.cached_drift(tmp_path)] == ["asterisk is 1:99"]


def test_the_expected_versions_name_packages_that_are_fetched() -> None:
    expected = json.loads(closure.EXPECTED.read_text())
    fetched = {*machine.ASTERISK, *(name for names in machine.FOR_TESTS.values() for name in names)}

    assert {name for suite in expected.values() for name in suite} <= fetched
    assert set(machine.ASTERISK) == set(expected["sid"])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("E: Failed to fetch  Temporary failure resolving 'mirror.example'", "apt_network"),
        ("E: Could not connect to mirror.example:80", "apt_network"),
        ("E: You don't have enough free space in /var/cache.", "disk_full"),
        ("dpkg-deb: error: write failed: No space left on device", "disk_full"),
        ("E: Unable to locate package asterisk", "apt"),
    ],
)
def test_apts_words_are_explained(said: str, code: str) -> None:
    error = apt.explain("install", said)

    assert error.code == code
    assert error.remedy


def test_only_debian_and_ubuntu_are_fetched_for() -> None:
    debian = machine.Machine("debian", "bookworm", (replace(MIRROR, suites=("bookworm",)),))
    ubuntu = machine.Machine("ubuntu", "noble", (replace(MIRROR, suites=("noble",)),))

    assert debian.asterisk_set().suite == "sid"
    assert debian.test_set("chromium").suite == "bookworm"
    assert ubuntu.asterisk_set().suite == "noble"
    assert ubuntu.asterisk_set().places[0][0].components == ("main", "universe")
    with pytest.raises(CcopsError, match=r"fedora.*Install asterisk"):
        machine.Machine("fedora", "", ()).asterisk_set()


@pytest.fixture
def toolchain(tmp_path: Path) -> Toolchain:
    binary = tmp_path / "bin"
    binary.touch()
    return Toolchain(
        asterisk=Program((str(binary), "--library-path", "/a:/b"), {}, "22.1"),
        asterisk_modules=tmp_path,
        asterisk_share=tmp_path,
        music=tmp_path,
        espeak=Program((str(binary),), {"ESPEAK_DATA_PATH": "/x"}, "1.5"),
    )


def test_the_manifest_is_read_as_written(
    tmp_path: Path, toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCOPS_CACHE", str(tmp_path))
    (tmp_path / "programs").mkdir()
    with pytest.raises(NotPreparedError, match="make setup"):
        find()

    toolchain.save(tmp_path / "programs/toolchain.json")
    assert find() == toolchain

    (tmp_path / "bin").unlink()
    with pytest.raises(NotPreparedError, match=r"bin is gone.*make setup"):
        find()


def test_a_spoilt_manifest_asks_for_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"asterisk": {')

    with pytest.raises(NotPreparedError, match="make setup"):
        Toolchain.load(tmp_path / "t.json")


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "first-on-path"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def test_an_asterisk_that_is_too_old_is_not_taken(bin_folder: Path) -> None:
    _script(bin_folder / "asterisk", "echo Asterisk 18.10.0~dfsg")

    assert programs.installed_asterisk() is None


def test_an_asterisk_that_does_not_start_is_an_error(bin_folder: Path) -> None:
    _script(bin_folder / "asterisk", "echo cannot open shared object; exit 127")

    with pytest.raises(programs.ProgramError, match="cannot open shared object"):
        programs.installed_asterisk()


def test_an_espeak_without_uzbek_is_not_taken(bin_folder: Path) -> None:
    voices = "echo 'Pty Language'; for v in ru kk az en-gb; do echo \"5 $v --/M\"; done"
    _script(bin_folder / "espeak-ng", f"echo eSpeak NG 1.50.0; {voices}")
    assert programs.installed_espeak() is None

    _script(bin_folder / "espeak-ng", f"echo eSpeak NG 1.50.0; {voices}; echo '5 uz --/M'")
    installed = programs.installed_espeak()
    assert installed is not None
    assert installed.version == "1.50.0"


def test_uv_hears_what_pip_is_told(tmp_path: Path) -> None:
    configuration = tmp_path / "pip.conf"
    configuration.write_text("[global]\nindex-url = https://index.example/simple\n")
    base = {"PIP_CONFIG_FILE": str(configuration), "SSL_CERT_FILE": "/given.pem"}

    assert bootstrap.pip_settings(base) == {"UV_DEFAULT_INDEX": "https://index.example/simple"}
    assert bootstrap.pip_settings({**base, "UV_DEFAULT_INDEX": "https://own.example"}) == {}
    assert bootstrap.pip_settings({**base, "PIP_INDEX_URL": "https://b.example"}) == {
        "UV_DEFAULT_INDEX": "https://b.example"
    }


def test_the_lock_pins_every_package_with_its_hash() -> None:
    for name in (bootstrap.LOCK, bootstrap.BUILD_LOCK, "ccops/provision/uv.lock"):
        text = (bootstrap.CHECKOUT / name).read_text()
        for entry in text.replace("\\\n", " ").splitlines():
            assert "==" in entry, (name, entry)
            assert "--hash=sha256:" in entry, (name, entry)
        assert "://" not in text


def test_a_prepared_program_can_be_become(
    tmp_path: Path, toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    _script(tmp_path / "bin", 'echo "$ESPEAK_DATA_PATH" "$@"')
    (tmp_path / "programs").mkdir()
    toolchain.save(tmp_path / "programs/toolchain.json")
    monkeypatch.setenv("CCOPS_CACHE", str(tmp_path))

    def become(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ccops.provision", "--exec", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert become("espeak", "-v", "uz").stdout == "/x -v uz\n"
    assert become("promtool").returncode == 1
    assert "promtool is not among" in become("promtool").stderr
