"""Sets of Debian packages, unpacked with all they need into one folder of the cache each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from ccops.provision.apt import AptError, PrivateApt, Progress, explain
from ccops.provision.progress import Steps
from ccops.provision.sources import Source

EXPECTED = Path(__file__).with_name("versions.json")
NEEDED_SPACE = 1_500_000_000


@dataclass(frozen=True)
class PackageSet:
    """Packages that are fetched together, and from where."""

    name: str
    packages: tuple[str, ...]
    suite: str
    places: tuple[tuple[Source, ...], ...]
    """Each is tried in turn: the sources of one fetch."""
    leave_out: tuple[str, ...] = ()
    """Packages of the closure that must not be unpacked."""
    alone: bool = False
    """The packages need nothing else: leave their closure away."""


@dataclass(frozen=True)
class Unpacked:
    """A set that lies in the cache."""

    root: Path
    suite: str
    versions: Mapping[str, str]

    @classmethod
    def load(cls, folder: Path) -> Unpacked | None:
        """What ``folder`` holds; None when it holds no finished set."""
        try:
            content = json.loads((folder / "packages.json").read_text())
        except FileNotFoundError:
            return None
        return cls(folder / "root", content["suite"], content["packages"])

    def libraries(self) -> str:
        """The search path of the set's shared libraries."""
        found = [
            folder
            for pattern in (
                "usr/lib/*-linux-gnu",
                "lib/*-linux-gnu",
                "usr/lib/*-linux-gnu/pulseaudio",
            )
            for folder in sorted(self.root.glob(pattern))
        ]
        return ":".join(map(str, found))

    def loader(self) -> Path:
        """The set's own dynamic loader, to run with the set's own C library."""
        found = sorted(self.root.glob("usr/lib*/ld-linux-*.so.*")) or sorted(
            self.root.glob("usr/lib/*-linux-gnu/ld-linux-*.so.*")
        )
        return found[0]


def ensure(wanted: PackageSet, programs: Path, steps: Steps) -> Unpacked:
    """The set from the cache, or fetched into it."""
    folder = programs / wanted.name
    return Unpacked.load(folder) or _fetch(wanted, folder, steps)


def cached_drift(programs: Path) -> list[str]:
    """Where what lies in the cache is not what ccops was tested with; it is used all the same."""
    expected = json.loads(EXPECTED.read_text())
    sets = [Unpacked.load(path.parent) for path in sorted(programs.glob("*/packages.json"))]
    found = [line for unpacked in sets if unpacked for line in drift(unpacked, expected)]
    return list(dict.fromkeys(found))


def drift(unpacked: Unpacked, expected: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Where the packages are not those that ccops was tested with."""
    if unpacked.suite not in expected:
        return [f"the packages of {unpacked.suite} are untested with ccops"]
    return [
        f"{name} is {unpacked.versions[name]}, ccops was tested with {version}"
        for name, version in expected[unpacked.suite].items()
        if name in unpacked.versions and unpacked.versions[name] != version
    ]


def _fetch(wanted: PackageSet, folder: Path, steps: Steps) -> Unpacked:
    """Download and unpack beside ``folder``, then rename: an interruption leaves no half set.

    What was downloaded before an interruption is used again.
    """
    work = folder.with_name(f".{wanted.name}.partial")
    work.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(work).free < NEEDED_SPACE:
        raise explain("unpack", "No space left")
    archives = _download(wanted, work, steps)
    finished = work / "finished"
    shutil.rmtree(finished, ignore_errors=True)
    (finished / "root").mkdir(parents=True)
    unpack = [path for path in archives if path.name.split("_")[0] not in wanted.leave_out]
    with steps.step(f"Unpacking {len(unpack)} packages ({wanted.name})") as progress:
        _unpack(unpack, finished / "root", progress)
    versions = dict(map(_name_version, archives))
    content = {"suite": wanted.suite, "packages": dict(sorted(versions.items()))}
    (finished / "packages.json").write_text(json.dumps(content, indent=1) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    finished.replace(folder)
    shutil.rmtree(work)
    return Unpacked(folder / "root", wanted.suite, versions)


def _download(wanted: PackageSet, work: Path, steps: Steps) -> list[Path]:
    if not wanted.places:
        raise AptError(
            "The machine's apt sources name no http mirror of its own release.",
            remedy="Add one under /etc/apt/sources.list.d (the installer of the system does).",
        )
    failure: AptError | None = None
    for sources in wanted.places:
        try:
            apt = PrivateApt(work, sources)
            with steps.step(f"Reading the package lists of {wanted.suite}") as progress:
                apt.update(progress)
            with steps.step(f"Downloading {' and '.join(wanted.packages[:2])}") as progress:
                download = apt.download_alone if wanted.alone else apt.download
                return download(wanted.packages, progress)
        except AptError as error:
            failure = failure or error
    assert failure is not None
    raise failure


def _unpack(archives: Sequence[Path], root: Path, progress: Progress) -> None:
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        jobs = [pool.submit(_unpack_one, archive, root) for archive in archives]
        for done, job in enumerate(as_completed(jobs), start=1):
            job.result()
            progress(done / len(jobs))


def _unpack_one(archive: Path, root: Path) -> None:
    result = subprocess.run(
        ["dpkg-deb", "--extract", archive, root], capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise explain("unpack", result.stderr)


def _name_version(archive: Path) -> tuple[str, str]:
    name, version, _architecture = unquote(archive.stem).split("_")
    return name, version
