"""Makes a running Asterisk read the files that changed; calls under way go on."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from ccops.asterisk.ami import AmiLink

log = structlog.get_logger(__name__)

MODULES = {
    "extensions.conf": "pbx_config",
    "queues.conf": "app_queue",
    "pjsip.conf": "res_pjsip",
    "musiconhold.conf": "res_musiconhold",
    "logger.conf": "logger",
    "manager.conf": "manager",
    "cel.conf": "cel",
}
"""File → the module that reads it. The others take effect at the next start of Asterisk."""


class Reloader:
    """Reloads module by module, because a reload of everything stops the world for a moment."""

    def __init__(self, link: AmiLink) -> None:
        self._link = link

    async def reload(self, files: Iterable[str]) -> None:
        """Raises what the link raises; a reload twice does no harm, so it may be asked for again.

        pjsip is read before queues and dialplan: a new operator's telephone exists first.
        """
        order = ("pjsip.conf", "queues.conf", "extensions.conf")
        names = sorted(files, key=lambda name: order.index(name) if name in order else len(order))
        for name in names:
            module = MODULES.get(name)
            if module is None:
                log.warning("takes effect at the next start of Asterisk", file=name)
                continue
            await self._link.action("Reload", Module=module, timeout=10.0)
            log.info("reloaded", module=module)
