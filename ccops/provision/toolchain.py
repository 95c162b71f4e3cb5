"""Where the programs are that ccops starts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ccops.errors import CcopsError
from ccops.provision.cache import cache_root

REMEDY = "Run `make setup` in the checkout."


class NotPreparedError(CcopsError):
    """The programs were never fetched, or the cache was emptied."""

    code = "not_prepared"


@dataclass(frozen=True)
class Program:
    """How to start a program: arguments go after ``command``, ``env`` over the environment."""

    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    version: str = ""


@dataclass(frozen=True)
class Toolchain:
    """Every program of the hotline, and Asterisk's folders."""

    asterisk: Program
    asterisk_modules: Path
    asterisk_share: Path
    """Holds ``documentation/core-en_US.xml`` and ``sounds/``."""
    music: Path
    """Music on hold: WAV files."""
    espeak: Program
    promtool: Program | None = None
    chromium: Program | None = None

    def save(self, path: Path) -> None:
        """Write the manifest that :func:`find` reads, all of it or nothing."""
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(self), indent=2, default=str) + "\n")
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Toolchain:
        """Read a manifest; :class:`NotPreparedError` when it is missing or names what is gone."""
        try:
            content = json.loads(path.read_text())
            toolchain = cls(
                asterisk=_program(content["asterisk"]),
                asterisk_modules=Path(content["asterisk_modules"]),
                asterisk_share=Path(content["asterisk_share"]),
                music=Path(content["music"]),
                espeak=_program(content["espeak"]),
                promtool=_program(content["promtool"]) if content["promtool"] else None,
                chromium=_program(content["chromium"]) if content["chromium"] else None,
            )
        except FileNotFoundError:
            raise NotPreparedError("The programs are not prepared yet.", remedy=REMEDY) from None
        except (ValueError, KeyError, TypeError) as error:
            raise NotPreparedError(f"{path} cannot be read ({error}).", remedy=REMEDY) from error
        for needed in toolchain.files():
            if not needed.exists():
                raise NotPreparedError(f"{needed} is gone.", remedy=REMEDY)
        return toolchain

    def files(self) -> list[Path]:
        """What must exist for the manifest to be true."""
        programs = (self.asterisk, self.espeak, self.promtool, self.chromium)
        executables = {part for program in programs if program for part in program.command}
        return [
            self.asterisk_modules,
            self.asterisk_share,
            self.music,
            *(
                Path(part)
                for part in sorted(executables)
                if part.startswith("/") and ":" not in part
            ),
        ]


def manifest() -> Path:
    """The file in which a finished preparation is recorded."""
    return cache_root() / "programs" / "toolchain.json"


def find() -> Toolchain:
    """The prepared programs; does no work and fails with :class:`NotPreparedError` without them."""
    return Toolchain.load(manifest())


def _program(content: dict[str, Any]) -> Program:
    return Program(tuple(content["command"]), dict(content["env"]), content["version"])
