"""From a configuration to everything that must lie ready before a call can be taken.

Used at the start, and again while the hotline runs whenever a good configuration replaces the one
in force: prompts are spoken, Asterisk's files rendered, checked and put in place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ccops.asterisk import render
from ccops.asterisk.access import MANAGER_ACCESS
from ccops.config.loader import load
from ccops.config.model import Hotline
from ccops.config.secrets import Secrets
from ccops.home import Home
from ccops.prompts.build import build
from ccops.provision import Toolchain, find
from ccops.provision.cache import cache_root
from ccops.resources import ivr_prompts

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Prepared:
    """What is in force, and what changed to make it so."""

    hotline: Hotline
    secrets: Secrets
    home: Home
    toolchain: Toolchain
    changed: tuple[str, ...]
    """Names of Asterisk's files that differ from before: those to reload."""


def prepare(home: Home, config: Path, progress: Progress | None = None) -> Prepared:
    """Read ``config`` and make everything ready. Blocks; raises CcopsError with a remedy.

    Nothing is put in place unless the whole configuration is good.
    """
    hotline = load(config)
    return prepare_hotline(home, hotline, progress)


def prepare_hotline(home: Home, hotline: Hotline, progress: Progress | None = None) -> Prepared:
    """The same for a configuration that has been read already."""
    toolchain = find()
    secrets = Secrets.load_or_create(home.secrets, hotline)
    installation = render.Installation(
        modules=toolchain.asterisk_modules, share=toolchain.asterisk_share, music=toolchain.music
    )
    files = render.render(
        hotline,
        render.Secrets(ami=secrets.ami, sip=secrets.sip),
        MANAGER_ACCESS,
        installation,
        home,
    )
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
