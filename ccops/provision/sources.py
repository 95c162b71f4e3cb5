"""Reads the machine's own apt sources, so that no mirror is ever written down in ccops.

Knows both formats: deb822 (``*.sources``) and one line per source (``*.list``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

ETC_APT = Path("/etc/apt")
KEYRINGS = Path("/usr/share/keyrings")
CARRIED_OPTIONS = ("signed-by", "trusted", "allow-insecure", "check-valid-until")


@dataclass(frozen=True)
class Source:
    """One mirror with what the machine takes from it."""

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)

    def deb822(self) -> str:
        """As a paragraph of a ``.sources`` file."""
        fields = {
            "Types": "deb",
            "URIs": self.uri,
            "Suites": " ".join(self.suites),
            "Components": " ".join(self.components),
            **{name.title(): value for name, value in self.options.items()},
        }
        return "".join(f"{name}: {value}\n" for name, value in fields.items())


def read_sources(etc: Path = ETC_APT) -> list[Source]:
    """Every enabled source of binary packages that is reached by http or https."""
    found: list[Source] = []
    for path in (etc / "sources.list", *sorted((etc / "sources.list.d").glob("*.list"))):
        if path.is_file():
            found += parse_list(path.read_text(errors="replace"))
    for path in sorted((etc / "sources.list.d").glob("*.sources")):
        found += parse_deb822(path.read_text(errors="replace"))
    return found


def parse_list(text: str) -> list[Source]:
    """``deb [signed-by=/path arch=amd64] http://mirror/debian bookworm main`` lines."""
    found = []
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^]]*)\]\s*)?(\S+)\s+(\S+)\s+([^#]+)", line)
        if not match:
            continue
        given = dict(option.partition("=")[::2] for option in (match[1] or "").split())
        options = {name: given[name] for name in CARRIED_OPTIONS if name in given}
        found.append(Source(match[2], (match[3],), tuple(match[4].split()), options))
    return _reachable(found)


def parse_deb822(text: str) -> list[Source]:
    """Paragraphs of ``Field: value``; a continuation line begins with a blank."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    found = []
    for paragraph in re.split(r"\n\s*\n", "\n".join(lines)):
        fields = {
            name.lower(): value.rstrip()
            for name, value in re.findall(
                r"^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)", paragraph, re.MULTILINE
            )
        }
        if "deb" not in fields.get("types", "").split():
            continue
        if fields.get("enabled", "yes").lower() in ("no", "false", "off", "0"):
            continue
        options = {name: fields[name] for name in CARRIED_OPTIONS if name in fields}
        suites = tuple(fields.get("suites", "").split())
        components = tuple(fields.get("components", "").split())
        found += [
            Source(uri, suites, components, options) for uri in fields.get("uris", "").split()
        ]
    return _reachable(found)


def of_release(
    sources: Iterable[Source], codename: str, components: tuple[str, ...]
) -> list[Source]:
    """The machine's own release with its updates, taking ``components`` of it."""
    found = []
    for source in sources:
        suites = tuple(suite for suite in source.suites if re.match(rf"{codename}(-|$)", suite))
        if suites and "main" in source.components:
            found.append(replace(source, suites=suites, components=components))
    return found


def of_unstable(
    sources: Iterable[Source], codename: str, keyrings: Path = KEYRINGS
) -> list[Source]:
    """Mirrors to try for Debian's suite ``sid``, likeliest first.

    A mirror that carries the machine's release also carries sid. Other vendors name their suites
    after the release too, so those whose key is Debian's come first.
    """
    likely: list[Source] = []
    other: list[Source] = []
    for source in sources:
        if codename not in source.suites or "main" not in source.components:
            continue
        signed_by = source.options.get("signed-by", "")
        is_debian = not signed_by or Path(signed_by).name.startswith("debian-archive")
        options = dict(source.options)
        # The release's own key may not be the one that signs sid; the whole keyring holds both.
        whole = [keyrings / f"debian-archive-keyring.{end}" for end in ("pgp", "gpg")]
        keyring = next((path for path in whole if path.is_file()), None)
        if is_debian and signed_by and keyring:
            options["signed-by"] = str(keyring)
        candidate = Source(source.uri, ("sid",), ("main",), options)
        (likely if is_debian else other).append(candidate)
    return [*likely, *other]


def _reachable(sources: list[Source]) -> list[Source]:
    return [source for source in sources if re.match(r"https?://", source.uri)]
