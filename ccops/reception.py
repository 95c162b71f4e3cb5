"""What stands between callers and the menus, put together: disturbances, blocks, and the prompts
that tell of them. Used by the running ccops, and by the command line when it does not run."""

from __future__ import annotations

from collections.abc import Callable

from ccops.clock import Clock
from ccops.config.model import Hotline
from ccops.home import Home
from ccops.prompts.inventory import Inventory
from ccops.prompts.spoken_now import SpeakNow
from ccops.provision import find
from ccops.provision.cache import cache_root
from ccops.resources import ivr_prompts
from ccops.services.blocks import Blocks
from ccops.services.disturbances import Disturbances
from ccops.store.ports import StoredBlocks, StoredDisturbances
from ccops.store.session import Database
from ccops.web.ports import ServicePorts


def reception(
    home: Home, database: Database, clock: Clock, hotline: Callable[[], Hotline]
) -> ServicePorts:
    """Nothing is loaded yet: call ``load`` of disturbances and blocks, or let them ``run``."""
    espeak, sounds = find().espeak, cache_root() / "prompts"
    speaker = SpeakNow(
        hotline,
        espeak,
        home.sounds,
        sounds,
        in_use=lambda: {each.reason for each in disturbances.all()},
    )
    disturbances = Disturbances(StoredDisturbances(database), speaker, clock, hotline)
    return ServicePorts(
        disturbances=disturbances,
        blocks=Blocks(StoredBlocks(database), clock, hotline),
        inventory=lambda current: Inventory(current, espeak, sounds, ivr_prompts()),
    )
