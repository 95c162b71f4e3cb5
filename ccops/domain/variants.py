"""Names of the announcements that a waiting caller hears: language, position, wait, price.

The announcer sets such a name as the channel's language; Asterisk then plays ``ccops/wait`` from
the folder of that name. Where a folder is missing Asterisk cuts the name at its last ``_`` and
tries again, so ``uz_p3_m5_free`` falls back by itself to ``uz_p3_m5``, ``uz_p3`` and ``uz``.
Names hold only letters, digits and that ``_``, and at most 39 characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MORE = 99
"""Stands for a position or a wait beyond the last one that is spoken."""

POSITIONS = (*range(1, 21), MORE)
MINUTES = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, MORE)
"""What is spoken: 0 is "under one minute", n is "up to n minutes", 99 is "more than thirty"."""


@dataclass(frozen=True)
class Variant:
    """One announcement; build it with :meth:`of`, which rounds to what can be spoken."""

    language: str
    position: int
    minutes: int | None = None
    """None where there is no estimate: no operator is at work."""
    paid: bool | None = None
    """Whether waiting costs the caller money; None says nothing about it."""

    @classmethod
    def of(
        cls, language: str, position: int, seconds: float | None, paid: bool | None = None
    ) -> Variant:
        """For a caller at ``position`` (1 is the head) who may wait ``seconds``."""
        return cls(
            language,
            spoken_position(position),
            None if seconds is None else spoken_minutes(seconds),
            paid,
        )

    @property
    def name(self) -> str:
        """The value of ``CHANNEL(language)`` and the name of the folder of sounds."""
        parts = [self.language, f"p{self.position}"]
        if self.minutes is not None:
            parts.append(f"m{self.minutes}")
        if self.paid is not None:
            parts.append("paid" if self.paid else "free")
        return "_".join(parts)


def variant(language: str, position: int, seconds: float | None, paid: bool | None = None) -> str:
    """The name of :meth:`Variant.of`."""
    return Variant.of(language, position, seconds, paid).name


def spoken_minutes(seconds: float) -> int:
    """The smallest spoken step that is not exceeded: 61 s is "up to two minutes"."""
    if seconds < 60:
        return 0
    return next((step for step in MINUTES[1:-1] if seconds <= step * 60), MORE)


def spoken_position(position: int) -> int:
    """Positions 1 to 20 as they are, then "beyond the twentieth"."""
    if position < 1:
        raise ValueError("positions in a queue begin at 1")
    return position if position < MORE and position in POSITIONS else MORE


def variants(language: str, tariffs: frozenset[bool | None]) -> Iterator[Variant]:
    """Every announcement that can be asked for in ``language``."""
    for position in POSITIONS:
        for minutes in (None, *MINUTES):
            for paid in sorted(tariffs, key=str):
                yield Variant(language, position, minutes, paid)
