"""A private apt: own lists, own cache, no root, and nothing of the machine's is changed.

Its view of the machine is empty (no package is installed), so what it downloads is the whole
closure, the C library included, and runs on any machine of the same processor.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ccops.errors import CcopsError
from ccops.provision.sources import Source

Progress = Callable[[float], None]
"""Called with the share done, 0 to 1."""

NO_NETWORK = re.compile(
    r"Temporary failure resolving|Could not resolve|Could not connect|Connection (failed|timed out)"
    r"|Network is unreachable|Cannot initiate the connection",
)
NO_SPACE = re.compile(r"No space left|enough free space")


class AptError(CcopsError):
    """Packages could not be had."""

    code = "apt"


class PrivateApt:
    """apt working in ``folder`` only, from ``sources`` only."""

    def __init__(self, folder: Path, sources: Iterable[Source]) -> None:
        for tool in ("apt-get", "apt-config", "dpkg-deb"):
            if not shutil.which(tool):
                raise AptError(
                    f"{tool} is not here, so packages cannot be fetched.",
                    remedy="ccops prepares itself on Debian 12, Debian 13 and Ubuntu 24.04; "
                    "elsewhere install asterisk (20 or newer) and espeak-ng yourself.",
                )
        self.folder = folder
        self.archives = folder / "archives"
        for name in ("lists/partial", "archives/partial", "none/partial", "sources", "empty"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "status").write_text("")
        (folder / "sources" / "ccops.sources").write_text(
            "\n".join(source.deb822() for source in sources)
        )
        (folder / "apt.conf").write_text(self._configuration())

    def update(self, progress: Progress) -> None:
        """Fetch the lists of packages; AptError when a source does not answer."""
        self._run(("update", "-o", "APT::Update::Error-Mode=any"), progress)

    def download(self, packages: Sequence[str], progress: Progress) -> list[Path]:
        """Fetch ``packages`` with all they need; returns the files."""
        wanted = self._closure(packages)
        self._run(("install", "--download-only", "--yes", *packages), progress)
        files = {path.name: path for path in self.archives.glob("*.deb")}
        return [files[name] for name in wanted]

    def download_alone(self, packages: Sequence[str], progress: Progress) -> list[Path]:
        """Fetch ``packages`` without what they need."""
        self._run(("download", *packages), progress)
        return [next(self.archives.glob(f"{package}_*.deb")) for package in packages]

    def _closure(self, packages: Sequence[str]) -> list[str]:
        # apt leaves out of this list what lies in its cache already: show it an empty one.
        cache = f"Dir::Cache::archives={self.folder / 'none'}"
        listing = self._run(
            ("install", "-o", cache, "--print-uris", "--yes", *packages), lambda _share: None
        )
        return re.findall(r"^'\S+' (\S+\.deb) \d+", listing, re.MULTILINE)

    def _configuration(self) -> str:
        # The machine's way to the network (proxy, certificates) is kept; its hooks are not.
        dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True)
        keep = re.compile(
            r'Acquire::(?!IndexTargets|Languages|CompressionTypes|Changelogs)\S+ ".+";$'
        )
        lines = [line for line in dump.stdout.splitlines() if keep.match(line)]
        own = {
            "Dir::State": self.folder,
            "Dir::State::status": self.folder / "status",
            "Dir::State::lists": self.folder / "lists",
            "Dir::Cache": self.folder,
            "Dir::Cache::archives": self.archives,
            "Dir::Etc::main": "/dev/null",
            "Dir::Etc::parts": self.folder / "empty",
            "Dir::Etc::sourcelist": "/dev/null",
            "Dir::Etc::sourceparts": self.folder / "sources",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": self.folder / "empty",
            "APT::Install-Recommends": "false",
            # Without this, root's apt hands the download to a user who cannot enter the folder.
            "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Debug::NoLocking": "true",
        }
        lines += [f'{name} "{value}";' for name, value in own.items()]
        return "\n".join(lines) + "\n"

    def _run(self, arguments: Sequence[str], progress: Progress) -> str:
        status, write_end = os.pipe()
        errors = self.folder / "errors.txt"
        output = self.folder / "output.txt"
        with errors.open("w") as error_file, output.open("w") as output_file:
            process = subprocess.Popen(
                ["apt-get", "-o", f"APT::Status-Fd={write_end}", *arguments],
                cwd=self.archives,
                env={**os.environ, "APT_CONFIG": str(self.folder / "apt.conf"), "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=output_file,
                stderr=error_file,
                pass_fds=(write_end,),
            )
        os.close(write_end)
        try:
            with os.fdopen(status) as lines:
                for line in lines:
                    if match := re.match(r"dlstatus:\d+:([\d.]+):", line):
                        progress(float(match[1]) / 100)
            code = process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if code != 0:
            raise explain(arguments[0], errors.read_text())
        return output.read_text()


def explain(action: str, errors: str) -> AptError:
    """The fault behind apt's own words, with what to do about it."""
    if NO_NETWORK.search(errors):
        return AptError(
            "The package mirror cannot be reached.",
            remedy="Check the network, or the proxy set for apt; what was fetched so far is kept.",
            code="apt_network",
        )
    if NO_SPACE.search(errors):
        return AptError(
            "The disk is full.",
            remedy="Free 2 GB, or let CCOPS_CACHE name a folder on a larger disk.",
            code="disk_full",
        )
    said = [line for line in errors.splitlines() if line.startswith(("E:", "W:"))][-5:]
    return AptError(
        f"apt-get {action} failed: {' '.join(said) or errors.strip()[-300:]}",
        remedy="Try again later; a mirror may be in the middle of an update.",
    )
