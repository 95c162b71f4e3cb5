"""Step 2: who talked to whom: real channels in one bridge, or in two that a Local joins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations

from ccops.domain.derive.channels import Channel
from ccops.domain.raw import CelRow
from ccops.domain.records import Segment

HOLDING = "holding_bridge"
"""Bridge technology in which channels hear music, not each other."""


def segments(rows: Sequence[CelRow], channels: Mapping[str, Channel]) -> tuple[Segment, ...]:
    """Talk between each two real channels, in the order of its beginning.

    ``rows`` must be in the order of time; a segment that has not ended has no end.
    """
    found: list[Segment] = []
    present: dict[str, str] = {}
    talking: dict[tuple[str, str], tuple[datetime, str]] = {}
    for row in rows:
        bridge = row.extra.get("bridge_id", "")
        if row.event == "BRIDGE_ENTER" and row.extra.get("bridge_technology") != HOLDING:
            present[row.uniqueid] = bridge
        elif row.event == "BRIDGE_EXIT" and present.get(row.uniqueid) == bridge:
            del present[row.uniqueid]
        else:
            continue
        together = dict(_pairs(present, channels))
        for pair in [pair for pair in talking if pair not in together]:
            started_at, where = talking.pop(pair)
            found.append(Segment(where, *pair, started_at, row.at))
        for pair, where in together.items():
            talking.setdefault(pair, (row.at, where))
    for pair, (started_at, where) in talking.items():
        # Without a BRIDGE_EXIT the end of either channel is the latest it can have lasted.
        ends = [end for one in pair if (end := channels[one].ended_at) is not None]
        found.append(Segment(where, *pair, started_at, min(ends, default=None)))
    return tuple(sorted(found, key=lambda one: (one.started_at, one.leg_a, one.leg_b)))


def _pairs(
    present: Mapping[str, str], channels: Mapping[str, Channel]
) -> Iterator[tuple[tuple[str, str], str]]:
    joined = _joined(present, channels)
    rooms: dict[str, list[str]] = {}
    for uniqueid, bridge in present.items():
        if not channels[uniqueid].local_pair:
            rooms.setdefault(joined.get(bridge, bridge), []).append(uniqueid)
    for room in rooms.values():
        room.sort(key=lambda uniqueid: (channels[uniqueid].started_at, uniqueid))
        for one, other in combinations(room, 2):
            yield (one, other), present[one]


def _joined(present: Mapping[str, str], channels: Mapping[str, Channel]) -> dict[str, str]:
    """Bridge → the bridge that stands for all those which Local channels join with it."""
    halves: dict[str, list[str]] = {}
    for uniqueid, bridge in present.items():
        if pair := channels[uniqueid].local_pair:
            halves.setdefault(pair, []).append(bridge)
    joined: dict[str, str] = {}
    for bridges in halves.values():
        roots = {joined.get(bridge, bridge) for bridge in bridges}
        stands = min(roots)
        for bridge in {*bridges, *(one for one, root in joined.items() if root in roots), *roots}:
            joined[bridge] = stands
    return joined
