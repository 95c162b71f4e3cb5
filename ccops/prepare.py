"""From a configuration to everything that must lie ready before a call can be taken.

Used at the start, and again while the hotline runs whenever a good configuration replaces the one
in force: prompts are spoken, Asterisk's files rendered, checked and put in place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import ValidationError

from ccops.asterisk import render
from ccops.asterisk.access import MANAGER_ACCESS
from ccops.config.faults import ConfigFaults
from ccops.config.loader import load
from ccops.config.model import Hotline
from ccops.config.secrets import Secrets
from ccops.home import Home
from ccops.prompts.build import build
from ccops.provision import Toolchain, find
from ccops.provision.cache import cache_root
from ccops.resources import ivr_prompts

log = structlog.get_logger(__name__)

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Prepared:
    """What is in force, and what changed to make it so."""

    hotline: Hotline
    secrets: Secrets
    home: Home
    toolchain: Toolchain
    changed: tuple[str, ...]
    """Names of Asterisk's files that differ from before."""


def prepare(home: Home, config: Path, progress: Progress | None = None) -> Prepared:
    """Read ``config`` and make everything ready. Blocks; raises CcopsError with a remedy.

    Nothing is put in place unless the whole configuration is good.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    home.root.chmod(0o700)  # callers' numbers, passwords
    prepared = prepare_hotline(home, load(config), progress)
    keep(home, prepared.hotline)
    return prepared


def keep(home: Home, hotline: Hotline) -> None:
    """Remember what has taken effect."""
    home.in_force.parent.mkdir(parents=True, exist_ok=True)
    partial = home.in_force.with_suffix(".new")
    partial.write_text(hotline.model_dump_json(), encoding="utf-8")
    partial.replace(home.in_force)


def kept(home: Home) -> Hotline | None:
    """What took effect last; None where nothing did, or another version of ccops wrote it."""
    try:
        return Hotline.model_validate_json(home.in_force.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def begin_with(home: Home, config: Path) -> Hotline:
    """``config``; or, where it has faults, what took effect last: a bad file never replaces a good
    one, whoever starts ccops again. Raises ConfigFaults where there is neither."""
    try:
        return load(config)
    except ConfigFaults as faulty:
        hotline = kept(home)
        if hotline is None:
            raise
        log.error("hotline.yaml has faults, starting with the old one", faults=len(faulty.faults))
        return hotline


def prepare_hotline(home: Home, hotline: Hotline, progress: Progress | None = None) -> Prepared:
    """The same for a configuration that has been read already."""
    toolchain = find()
    secrets = Secrets.load_or_create(home.secrets, hotline)
    installation = render.Installation(
        modules=toolchain.asterisk_modules, share=toolchain.asterisk_share, music=toolchain.music
    )
    files = render.render(hotline, secrets, MANAGER_ACCESS, installation, home)
    build(
        hotline,
        toolchain.espeak,
        home.sounds,
        cache_root() / "prompts",
        ivr_prompts(),
        progress=progress,
    )
    changed = render.install(files, home)
    render.link_share(installation, home)
    return Prepared(hotline, secrets, home, toolchain, tuple(changed))
