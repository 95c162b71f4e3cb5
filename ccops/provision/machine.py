"""Which Debian or Ubuntu this is, and so where its packages come from."""

from __future__ import annotations

import platform
from dataclasses import dataclass

from ccops.errors import CcopsError
from ccops.provision.closure import PackageSet
from ccops.provision.sources import Source, of_release, of_unstable, read_sources

ESPEAK = ("espeak-ng",)
ASTERISK = (
    "asterisk",
    *ESPEAK,
    "asterisk-core-sounds-en",
    "asterisk-core-sounds-ru",
    "asterisk-moh-opsound-wav",
)
FOR_TESTS = {
    "promtool": ("prometheus",),
    "chromium": ("chromium-headless-shell", "fonts-dejavu-core"),
}


@dataclass(frozen=True)
class Machine:
    """The distribution, its release and its own apt sources.

    Tested on Debian 12; Debian 13 and Ubuntu 24.04 are written for and untested.
    """

    distribution: str
    codename: str
    sources: tuple[Source, ...]

    @classmethod
    def this(cls) -> Machine:
        release = platform.freedesktop_os_release()
        return cls(release["ID"], release.get("VERSION_CODENAME", ""), tuple(read_sources()))

    def asterisk_set(self) -> PackageSet:
        """Asterisk, its sounds and music, and espeak-ng."""
        return self._telephony("asterisk", ASTERISK)

    def espeak_set(self) -> PackageSet:
        """espeak-ng alone, where the machine has an Asterisk of its own."""
        return self._telephony("espeak", ESPEAK)

    def test_set(self, name: str) -> PackageSet:
        """A tool of the tests, built for this release and so run with its C library."""
        self._check()
        return PackageSet(
            name,
            FOR_TESTS[name],
            self.codename,
            (self.own_sources(),),
            leave_out=("libc6",),
            alone=name == "promtool",
        )

    def _telephony(self, name: str, packages: tuple[str, ...]) -> PackageSet:
        self._check()
        if self.distribution == "ubuntu":
            return PackageSet(name, packages, self.codename, (self.own_sources(),))
        # Debian 12 and 13 carry no asterisk; the development suite has the long-term release.
        mirrors = tuple((source,) for source in of_unstable(self.sources, self.codename))
        return PackageSet(name, packages, "sid", mirrors)

    def own_sources(self) -> tuple[Source, ...]:
        """The machine's own release."""
        components = ("main", "universe") if self.distribution == "ubuntu" else ("main",)
        return tuple(of_release(self.sources, self.codename, components))

    def _check(self) -> None:
        if self.distribution not in ("debian", "ubuntu"):
            raise CcopsError(
                f"ccops does not know how to fetch programs on {self.distribution}.",
                remedy="Install asterisk (20 or newer, with its music) and espeak-ng yourself.",
                code="unknown_machine",
            )
