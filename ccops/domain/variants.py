"""Names of the announcements that a waiting caller hears: language, position, wait, price, pace.

The announcer sets such a name as the channel's language; Asterisk then plays ``ccops/wait`` from
the folder of that name. Where a folder is missing Asterisk cuts the name at its last ``_`` and
tries again, so ``uz_p3_m5_free_slow`` falls back by itself to ``uz_p3_m5_free``, ``uz_p3_m5``,
``uz_p3`` and ``uz``. Names hold only letters, digits and that ``_``, and at most 39 characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MORE = 99
"""Stands for a position or a wait beyond the last one that is spoken."""

POSITIONS = (*range(1, 21), MORE)
MINUTES = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, MORE)
"""What is spoken: 0 is "under one minute", n is "up to n minutes", 99 is "more than thirty"."""

SLOW = "_slow"
"""What stands last in the name of a channel's language where the caller wants slow speech."""


@dataclass(frozen=True)
class Variant:
    """One announcement; build it with :meth:`of`, which rounds to what can be spoken.

    With neither ``minutes`` nor ``paid``, and operators at work, it tells the place and no more.
    """

    language: str
    position: int
    minutes: int | None = None
    """None where no time is told."""
    paid: bool | None = None
    """Whether waiting costs the caller money; None says nothing about it."""
    operators: bool = True
    """False says that no operator is at work."""
    slow: bool = False

    @classmethod
    def of(
        cls,
        language: str,
        position: int,
        seconds: float | None,
        paid: bool | None = None,
        *,
        operators: bool = True,
        slow: bool = False,
        time: bool = True,
    ) -> Variant:
        """For a caller at ``position`` (1 is the head) who may wait ``seconds``.

        ``seconds`` None: there is no estimate. ``operators`` False: nobody is at work, so that
        there can be none. ``time`` False: the caller was told within the last minute, and hears
        the place alone (KZ 12.1, 12.2: time and price not more often than once a minute).
        """
        place = spoken_position(position)
        if not time:
            return cls(language, place, slow=slow)
        told = seconds if operators else None
        return cls(
            language,
            place,
            None if told is None else spoken_minutes(told),
            paid,
            operators,
            slow,
        )

    @property
    def name(self) -> str:
        """The value of ``CHANNEL(language)`` and the name of the folder of sounds."""
        parts = [self.language, f"p{self.position}"]
        if not self.operators:
            parts.append("x")
        elif self.minutes is not None:
            parts.append(f"m{self.minutes}")
        if self.paid is not None:
            parts.append("paid" if self.paid else "free")
        return "_".join(parts) + (SLOW if self.slow else "")

    def offers_callback(self, offer_from: int) -> bool:
        """Whether it tells of key 1: ``offer_from`` seconds or more are announced, or no time can
        be. Never to the next caller, who has a moment only, nor where the place alone is told."""
        if self.position == 1:
            return False
        if self.minutes is not None:
            return self.minutes == MORE or self.minutes * 60 >= offer_from
        return not self.operators or self.paid is not None


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


def variants(language: str, tariffs: frozenset[bool]) -> Iterator[Variant]:
    """Every announcement that can be asked for in ``language``, at both paces.

    ``tariffs`` are those of the lines: where they differ, a caller's may not be known.
    """
    prices = (None, *sorted(tariffs)) if len(tariffs) > 1 else tuple(tariffs)
    for slow in (False, True):
        for position in POSITIONS:
            yield Variant(language, position, slow=slow)
            for paid in prices:
                yield Variant(language, position, None, paid, operators=False, slow=slow)
                for minutes in MINUTES:
                    yield Variant(language, position, minutes, paid, slow=slow)
                if paid is not None:
                    yield Variant(language, position, None, paid, slow=slow)
