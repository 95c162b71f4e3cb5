"""Chooses each program: the machine's own where it suits, otherwise one from the cache."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ccops.errors import CcopsError
from ccops.provision.cache import cache_root, locked
from ccops.provision.closure import Unpacked, cached_drift, ensure
from ccops.provision.machine import Machine
from ccops.provision.progress import Steps
from ccops.provision.toolchain import Program, Toolchain, manifest

OLDEST_ASTERISK = 20
MODULES = ("app_queue", "app_mixmonitor", "cel_custom", "chan_pjsip", "res_agi")
VOICES = ("uz", "ru", "kk", "az", "en")
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Package scripts set these links up; unpacking alone does not run them.
SOUND_LINKS = {"en": "en_US_f_Allison", "ru": "ru_RU_f_IvrvoiceRU"}


class ProgramError(CcopsError):
    """A program does not start, or does not do what ccops needs."""

    code = "wrong_program"


@dataclass(frozen=True)
class Asterisk:
    """An Asterisk with its folders."""

    program: Program
    modules: Path
    share: Path


def prepare(extras: Sequence[str] = (), *, steps: Steps | None = None) -> Toolchain:
    """Find or fetch every program, start each once, and record them for ``find``.

    ``extras`` may hold ``tests``: promtool and a Chromium with fonts. What an earlier call
    fetched stays recorded.
    """
    steps = steps or Steps()
    programs = cache_root() / "programs"
    with locked(programs):
        chooser = _Chooser(programs, steps, fetch_tests="tests" in extras)
        asterisk = chooser.asterisk()
        toolchain = Toolchain(
            asterisk=asterisk.program,
            asterisk_modules=asterisk.modules,
            asterisk_share=asterisk.share,
            music=asterisk.share / "moh",
            espeak=chooser.espeak(),
            promtool=chooser.promtool(),
            chromium=chooser.chromium(),
        )
        toolchain.save(manifest())
    for line in cached_drift(programs):
        steps.warn(line)
    return toolchain


class _Chooser:
    def __init__(self, programs: Path, steps: Steps, *, fetch_tests: bool) -> None:
        self._programs = programs
        self._steps = steps
        self._fetch_tests = fetch_tests
        self._machine = Machine.this()

    def asterisk(self) -> Asterisk:
        if installed := installed_asterisk():
            return installed
        unpacked = ensure(self._machine.asterisk_set(), self._programs, self._steps)
        root, libraries = unpacked.root, unpacked.libraries()
        share = root / "usr/share/asterisk"
        for language, target in SOUND_LINKS.items():
            link = share / "sounds" / language
            if not link.is_symlink() and (share / "sounds" / target).is_dir():
                link.symlink_to(target)
        command = _with_own_loader(unpacked, "usr/sbin/asterisk")
        return Asterisk(
            Program(command, {}, _version([*command, "-V"])),
            Path(libraries.partition(":")[0]) / "asterisk" / "modules",
            share,
        )

    def espeak(self) -> Program:
        # Prompts should sound the same everywhere: the one fetched with Asterisk goes first.
        unpacked = Unpacked.load(self._programs / self._machine.asterisk_set().name)
        if unpacked is None:
            if installed := installed_espeak():
                return installed
            unpacked = ensure(self._machine.espeak_set(), self._programs, self._steps)
        command = _with_own_loader(unpacked, "usr/bin/espeak-ng")
        data = next(unpacked.root.glob("usr/lib/*/espeak-ng-data"))
        env = {"ESPEAK_DATA_PATH": str(data.parent)}
        program = Program(command, env, _version([*command, "--version"], env))
        if missing := _missing_voices(program):
            raise ProgramError(f"espeak-ng {program.version} does not speak {', '.join(missing)}.")
        return program

    def promtool(self) -> Program | None:
        if installed := shutil.which("promtool"):
            return Program((installed,), {}, _version([installed, "--version"]))
        unpacked = self._for_tests("promtool")
        if unpacked is None:
            return None
        binary = str(unpacked.root / "usr/bin/promtool")
        return Program((binary,), {}, _version([binary, "--version"]))

    def chromium(self) -> Program | None:
        for name in CHROMIUM_NAMES:
            if installed := shutil.which(name):
                return Program((installed,), {}, _version([installed, "--version"]))
        unpacked = self._for_tests("chromium")
        if unpacked is None:
            return None
        binary = str(unpacked.root / "usr/lib/chromium/chromium-headless-shell")
        env = {
            "LD_LIBRARY_PATH": unpacked.libraries(),
            "FONTCONFIG_FILE": str(_fonts_configuration(unpacked.root)),
        }
        return Program((binary,), env, unpacked.versions["chromium-headless-shell"])

    def _for_tests(self, name: str) -> Unpacked | None:
        if self._fetch_tests:
            return ensure(self._machine.test_set(name), self._programs, self._steps)
        return Unpacked.load(self._programs / name)


def installed_asterisk() -> Asterisk | None:
    """The machine's own Asterisk where it is new enough and complete."""
    command = shutil.which(
        "asterisk", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    )
    if command is None:
        return None
    version = _version([command, "-V"])
    folders = [*Path("/usr/lib").glob("*-linux-gnu/asterisk/modules")]
    folders += [Path("/usr/lib/asterisk/modules"), Path("/usr/lib64/asterisk/modules")]
    modules = [path for path in folders if all((path / f"{name}.so").exists() for name in MODULES)]
    shares = [Path("/usr/share/asterisk"), Path("/var/lib/asterisk")]
    complete = [
        path
        for path in shares
        if (path / "documentation/core-en_US.xml").exists() and any((path / "moh").glob("*.wav"))
    ]
    if int(version.partition(".")[0]) < OLDEST_ASTERISK or not modules or not complete:
        return None
    return Asterisk(Program((command,), {}, version), modules[0], complete[0])


def installed_espeak() -> Program | None:
    """The machine's own espeak-ng where it speaks every language of the product."""
    command = shutil.which("espeak-ng")
    if command is None:
        return None
    program = Program((command,), {}, _version([command, "--version"]))
    return None if _missing_voices(program) else program


def _with_own_loader(unpacked: Unpacked, binary: str) -> tuple[str, ...]:
    loader = str(unpacked.loader())
    return (loader, "--library-path", unpacked.libraries(), str(unpacked.root / binary))


def _missing_voices(program: Program) -> list[str]:
    listing = _output([*program.command, "--voices"], program.env)
    spoken = {line.split()[1].partition("-")[0] for line in listing.splitlines()[1:]}
    return [voice for voice in VOICES if voice not in spoken]


def _version(command: Sequence[str], env: Mapping[str, str] | None = None) -> str:
    output = _output(command, env or {})
    if match := re.search(r"\d+(\.\d+)+", output):
        return match[0]
    raise ProgramError(f"{command[0]} does not tell its version: {output.strip()[:200]}")


def _output(command: Sequence[str], env: Mapping[str, str]) -> str:
    result = subprocess.run(
        command,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=30,
    )
    if result.returncode != 0:
        raise ProgramError(
            f"{command[0]} does not start: {result.stdout.strip()[-300:]}",
            remedy=f"Remove the folder {cache_root() / 'programs'} and run `make setup` again.",
        )
    return result.stdout


def _fonts_configuration(root: Path) -> Path:
    """Fonts that hold Cyrillic, from the set itself, whatever the machine has."""
    path = root / "fonts.conf"
    path.write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
        f"  <dir>{root / 'usr/share/fonts'}</dir>\n"
        f"  <cachedir>{root / 'var/cache/fontconfig'}</cachedir>\n"
        "  <alias><family>sans-serif</family>\n"
        "    <prefer><family>DejaVu Sans</family></prefer></alias>\n"
        "</fontconfig>\n"
    )
    return path
