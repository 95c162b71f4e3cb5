"""From the hotline's configuration to Asterisk's files, checked before they are used.

The templates lie in ``asterisk-conf/``. Rendering is a pure function of the configuration, the
secrets and the folders; :func:`install` puts the files in place one by one atomically and says
which changed, so that only those are reloaded.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from asterisk.config import Config, ParseError

from ccops.config.model import Hotline
from ccops.config.secrets import Secrets
from ccops.config.types import Part
from ccops.domain.skills import skill_queues
from ccops.errors import CcopsError
from ccops.home import Home
from ccops.resources import asterisk_conf

AMI_USER = "ccops"

FILES = (
    "asterisk.conf",
    "modules.conf",
    "logger.conf",
    "cel.conf",
    "cel_custom.conf",
    "rtp.conf",
    "musiconhold.conf",
    "manager.conf",
    "pjsip.conf",
    "queues.conf",
    "extensions.conf",
    "cdr.conf",
    "features.conf",
    "indications.conf",
    "acl.conf",
    "udptl.conf",
    "pjproject.conf",
    "queuerules.conf",
    "ccss.conf",
    "stasis.conf",
)


class RenderError(CcopsError):
    """A rendered file would not be understood by Asterisk; nothing was put in place."""

    code = "render_failed"


@dataclass(frozen=True)
class Installation:
    """Where the Asterisk that will read the files has its own parts."""

    modules: Path
    share: Path
    music: Path


@dataclass(frozen=True)
class ManagerAccess:
    """AMI classes and events of the one manager user: those that are used, and no others."""

    read: tuple[str, ...]
    write: tuple[str, ...]
    events: tuple[str, ...]


def render(
    hotline: Hotline,
    secrets: Secrets,
    access: ManagerAccess,
    installation: Installation,
    home: Home,
) -> dict[str, str]:
    """File name → content. Raises :class:`RenderError` naming the file at fault."""
    env = environment(asterisk_conf())
    values = _values(hotline, secrets, access, installation, home)
    files = {name: env.get_template(f"{name}.j2").render(values) for name in FILES}
    check(files)
    return files


def environment(templates: Path) -> jinja2.Environment:
    """A template environment for Asterisk's files; also used for the simulator's network."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # configuration files, not HTML; _clean guards the values
    )
    env.filters["host"] = lambda address: address.rpartition(":")[0]
    env.filters["port"] = lambda address: address.rpartition(":")[2]
    env.filters["variable"] = lambda name: name.replace("+", "")
    return env


def check(files: Mapping[str, str]) -> None:
    """Parse each file as Asterisk would; raises :class:`RenderError` with file and line."""
    for name, content in files.items():
        try:
            _Text(content)
        except ParseError as error:
            raise RenderError(
                f"{name}: Asterisk would not understand it: {error}.",
                remedy="Correct the template in asterisk-conf/ or the value in hotline.yaml.",
            ) from error


def install(files: Mapping[str, str], home: Home) -> list[str]:
    """Write the files into the home's ``asterisk/etc``; returns the names of those that changed.

    Each file is replaced in one step. The folders that Asterisk needs are made; files hold
    secrets and are readable by their owner only.
    """
    folders = asterisk_folders(home)
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    home.cel.parent.mkdir(parents=True, exist_ok=True)
    (folders["lib"] / "keys").mkdir(exist_ok=True)
    _install_script(folders["agi"] / "take-number", home)
    changed = []
    for name, content in files.items():
        target = folders["etc"] / name
        if target.exists() and target.read_text(encoding="utf-8") == content:
            continue
        partial = target.with_suffix(".new")
        partial.touch(mode=0o600)
        partial.write_text(content, encoding="utf-8")
        partial.replace(target)
        changed.append(name)
    return changed


def link_share(installation: Installation, home: Home) -> None:
    """Give Asterisk its documentation (it reads option defaults from there) and ccops's sounds."""
    data = asterisk_folders(home)["data"]
    for link, target in (
        (data / "documentation", installation.share / "documentation"),
        (data / "sounds", home.sounds),
    ):
        if link.is_symlink() and link.readlink() == target:
            continue
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def asterisk_folders(home: Home) -> dict[str, Path]:
    root = home.asterisk
    folders = {name: root / name for name in ("etc", "lib", "data", "agi", "spool", "run", "log")}
    if len(str(folders["run"] / "asterisk.ctl")) > 100:
        raise RenderError(
            f"The path {root} is too long for Asterisk's control socket (107 characters at most).",
            remedy="Set CCOPS_HOME to a shorter folder.",
        )
    return folders


def _values(
    hotline: Hotline,
    secrets: Secrets,
    access: ManagerAccess,
    installation: Installation,
    home: Home,
) -> dict[str, Any]:
    trunks: dict[str, Any] = {
        name: {
            "host": trunk.host,
            "username": trunk.username,
            "password": _password(name, trunk.password_file),
            "codecs": trunk.codecs,
            "qualify": 30,
        }
        for name, trunk in hotline.trunks.items()
    }
    if hotline.simulator is not None:
        # Not asked whether it is alive: it comes and goes, and answers strangers with a challenge.
        trunks["simulator"] = {
            "host": hotline.simulator.sip,
            "username": "",
            "codecs": ["alaw"],
            "qualify": 0,
        }
    ami_host = hotline.listen.ami.rpartition(":")[0]
    values = {
        "dirs": asterisk_folders(home),
        "modules": installation.modules,
        "available": {file.stem for file in installation.modules.glob("*.so")},
        "music": installation.music,
        "system_name": "ccops",
        "languages": hotline.languages,
        "listen": hotline.listen.model_dump(),
        "lines": _dump(hotline.lines),
        "queues": _queues(hotline),
        "operators": _dump(hotline.operators),
        "staff": _dump(hotline.staff),
        "trunks": trunks,
        "secrets": {"ami": secrets.ami, "sip": secrets.sip},
        "ami_user": AMI_USER,
        "ami_permit": f"{ami_host}/255.255.255.255"
        if ami_host.startswith("127.")
        else "0.0.0.0/0.0.0.0",
        "ami_read": ",".join(access.read),
        "ami_write": ",".join(access.write),
        "ami_events": access.events,
    }
    return {name: _clean(value) for name, value in values.items()}


def _dump(parts: Mapping[str, Part]) -> dict[str, Any]:
    return {name: part.model_dump() for name, part in parts.items()}


def _queues(hotline: Hotline) -> dict[str, Any]:
    """The queues, each with those that Asterisk has in its place."""
    queues = _dump(hotline.queues)
    for skill in skill_queues(hotline):
        language = skill.languages[0] if len(skill.languages) == 1 else ""
        own = queues[skill.queue].setdefault("skills", [])
        own.append({"name": skill.name, "language": language})
    return queues


def _password(trunk: str, file: str) -> str:
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise RenderError(
            f"trunks.{trunk}.password_file: {file} cannot be read ({error.strerror}).",
            remedy="Put the trunk's password alone into that file, readable by ccops.",
        ) from error


def _clean(value: Any) -> Any:
    """Nothing from the configuration may start a new line or a comment in Asterisk's files."""
    if isinstance(value, Mapping):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_clean(item) for item in value]
    if not isinstance(value, str):
        return value
    if any(ord(character) < 32 for character in value):
        raise RenderError(
            "A value of the configuration holds a line break or a control character.",
            remedy="Remove it from the value in hotline.yaml.",
        )
    return value.replace("\\", "").replace(";", r"\;").replace('"', "'")


def _install_script(target: Path, home: Home) -> None:
    """The stand-alone fallback script; Asterisk starts it, so it needs no running ccops."""
    content = (
        "#!/bin/sh\n"
        f'exec {shlex.quote(sys.executable)} -m ccops.fallback "$@" '
        f"2>>{shlex.quote(str(home.asterisk / 'log' / 'take-number.log'))}\n"
    )
    partial = target.with_suffix(".new")
    partial.write_text(content, encoding="utf-8")
    partial.chmod(0o755)
    partial.replace(target)


class _Text(Config):  # type: ignore[misc]
    """pyst2's parser of Asterisk's files, on a text instead of a path."""

    def __init__(self, content: str) -> None:
        self.filename = ""
        self.raw_lines = content.splitlines(keepends=True)
        self.lines: list[Any] = []
        self.categories: list[Any] = []
        self.parse()
