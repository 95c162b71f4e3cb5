"""Makes a fresh checkout ready: uv, ``.venv`` from the lock, then the programs.

Run by make with the machine's own Python (3.11 or newer), which may have no pip: only the standard
library and the parts of ccops that need nothing else are used here. A second run finds its stamp
and ends at once.
"""

from __future__ import annotations

import argparse
import configparser
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
VENV = CHECKOUT / ".venv"
STAMP = VENV / "ccops-setup.json"
LOCK = "requirements.lock"
BUILD_LOCK = "ccops/provision/build.lock"
INPUTS = (LOCK, BUILD_LOCK, "pyproject.toml", "ccops/provision/versions.json")
UV_LOCK = CHECKOUT / "ccops/provision/uv.lock"
OLDEST_UV = (0, 5)


def main() -> int:
    """Exit code 0 when the checkout is ready."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="also what only the tests need")
    extras = ["--tests"] if parser.parse_args().tests else []
    if sys.version_info < (3, 11):  # noqa: UP036 (nothing has chosen this Python yet)
        print("error: Python 3.11 or newer is needed: make PYTHON=python3.12 …", file=sys.stderr)
        return 1
    sys.path.insert(0, str(CHECKOUT))
    from ccops.errors import CcopsError
    from ccops.provision.closure import cached_drift
    from ccops.provision.toolchain import manifest

    try:
        if is_ready(extras):
            for line in cached_drift(manifest().parent):
                print(f"warning: {line}")
            return 0
        install_dependencies()
        command = [str(VENV / "bin/python"), "-m", "ccops.provision", *extras]
        if code := subprocess.run(command, cwd=CHECKOUT, check=False).returncode:
            return code
        STAMP.write_text(json.dumps({"key": key()}))
    except CcopsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"error: {' '.join(map(str, error.cmd[:4]))} … failed, see above.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. What was fetched is kept: run it again to go on.", file=sys.stderr)
        return 130
    return 0


def key() -> str:
    """What a finished set-up depends on."""
    digest = hashlib.sha256()
    for name in INPUTS:
        digest.update((CHECKOUT / name).read_bytes())
    digest.update(os.path.realpath(sys.executable).encode())
    return digest.hexdigest()


def is_ready(extras: list[str]) -> bool:
    """Whether an earlier run did all this, and what it made is still there."""
    from ccops.provision.toolchain import NotPreparedError, find

    try:
        stamp = json.loads(STAMP.read_text())
        toolchain = find()
    except (OSError, ValueError, NotPreparedError):
        return False
    tests_ready = toolchain.promtool is not None and toolchain.chromium is not None
    return stamp["key"] == key() and (not extras or tests_ready)


def install_dependencies() -> None:
    """Bring ``.venv`` to exactly what ``requirements.lock`` says, and ccops into it, editable."""
    from ccops.provision.cache import cache_root

    uv = find_uv()
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": str(VENV)}
    if "CCOPS_CACHE" in os.environ:
        environment.setdefault("UV_CACHE_DIR", str(cache_root() / "uv"))
    environment |= pip_settings(environment)

    def run(*arguments: str) -> None:
        subprocess.run([uv, *arguments], cwd=CHECKOUT, env=environment, check=True)

    if not (VENV / "bin/python").exists():
        run("venv", "--quiet", "--clear", "--python", sys.executable, str(VENV))
    print(f"Python packages ({LOCK}) …", flush=True)
    # Some packages come as source: what builds them is pinned as well.
    run("pip", "sync", "--require-hashes", "--build-constraints", BUILD_LOCK, LOCK)
    run("pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ".")


def find_uv() -> str:
    """uv from the machine, else from the cache, else brought into the cache by some pip."""
    from ccops.provision.cache import cache_root, locked

    if (found := shutil.which("uv")) and _is_recent(found):
        return found
    wanted = re.search(r"^uv==(\S+)", UV_LOCK.read_text(), re.MULTILINE)
    assert wanted is not None
    folder = cache_root() / f"uv-{wanted[1]}"
    with locked(cache_root()):
        if not (folder / "bin/uv").exists():
            print(f"uv {wanted[1]} …", flush=True)
            _bring_uv(folder)
    return str(folder / "bin/uv")


def pip_settings(environment: dict[str, str]) -> dict[str, str]:
    """What the machine's pip is told about its index, in uv's words, where uv is told nothing."""
    files = ["/etc/pip.conf", "~/.pip/pip.conf", "~/.config/pip/pip.conf"]
    files.append(environment.get("PIP_CONFIG_FILE", ""))
    parser = configparser.RawConfigParser()
    # Unlike Path.expanduser, this is content with a user who has no home.
    names = [os.path.expanduser(name) for name in files if name]  # noqa: PTH111
    parser.read(names, encoding="utf-8")
    settings = {}
    for name, of_uv in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
        variable = "PIP_" + name.replace("-", "_").upper()
        value = environment.get(variable) or parser.get("global", name, fallback="")
        if value and not environment.get(of_uv):
            settings[of_uv] = value
    return settings


def _is_recent(uv: str) -> bool:
    result = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False)
    match = re.match(r"uv (\d+)\.(\d+)", result.stdout)
    return match is not None and (int(match[1]), int(match[2])) >= OLDEST_UV


def _bring_uv(folder: Path) -> None:
    from ccops.errors import CcopsError

    said = []
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="uv.") as scratch:
        target = Path(scratch) / "target"
        for command, environment in _pips(Path(scratch)):
            arguments = [
                "install",
                "--quiet",
                "--no-deps",
                "--require-hashes",
                "--only-binary=:all:",
            ]
            result = subprocess.run(
                [*command, *arguments, "--target", str(target), "--requirement", str(UV_LOCK)],
                env={**os.environ, **environment},
                capture_output=True,
                text=True,
                check=False,
            )
            if result.returncode == 0:
                target.replace(folder)
                return
            said.append(result.stderr.strip().rpartition("\n")[2])
            shutil.rmtree(target, ignore_errors=True)
    raise CcopsError(
        f"uv could not be brought here ({'; '.join(said)}).",
        remedy="Check the network or pip's settings, or install uv yourself.",
        code="no_uv",
    )


def _pips(scratch: Path) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Ways to run pip, cheapest first: the machine's, a venv's, the wheel in Debian's archive."""
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    yield [sys.executable, "-m", "pip"], quiet
    venv = scratch / "venv"
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(venv)], capture_output=True, check=False
    )
    if made.returncode == 0:
        yield [str(venv / "bin/python"), "-m", "pip"], quiet
    wheel = _debian_pip(scratch / "apt")
    yield [sys.executable, "-m", "pip"], {**quiet, "PYTHONPATH": str(wheel)}


def _debian_pip(scratch: Path) -> Path:
    """pip's wheel out of the package ``python3-pip-whl``, unpacked without root."""
    from ccops.provision.apt import PrivateApt
    from ccops.provision.machine import Machine

    def silent(_share: float) -> None:
        pass

    apt = PrivateApt(scratch, Machine.this().own_sources())
    apt.update(silent)
    [package] = apt.download_alone(["python3-pip-whl"], silent)
    subprocess.run(["dpkg-deb", "--extract", package, scratch / "root"], check=True)
    return next((scratch / "root/usr/share/python-wheels").glob("pip-*.whl"))


if __name__ == "__main__":
    sys.exit(main())
