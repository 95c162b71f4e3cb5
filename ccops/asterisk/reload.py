"""Makes a running Asterisk read the files that changed; calls under way go on."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from ccops.asterisk.ami import AmiLink

log = structlog.get_logger(__name__)

MODULES = {
    "pjsip.conf": "res_pjsip",
    "queues.conf": "app_queue",
    "extensions.conf": "pbx_config",
    "musiconhold.conf": "res_musiconhold",
    "logger.conf": "logger",
    "manager.conf": "manager",
    "cel.conf": "cel",
}
"""File → the module that reads it, in the order of reading: a new operator's telephone exists
before the queue, the queue before the dialplan that leads to it."""


class Reloader:
    """Reloads module by module, because a reload of everything stops the world for a moment."""

    def __init__(self, link: AmiLink) -> None:
        self._link = link

    async def reload(self, changed: Iterable[str]) -> None:
        """Have every module read its file; ``changed`` files without one are told in the log.

        All of them, because nobody knows what Asterisk has read: an earlier attempt may have failed
        half-way. One whose file is the same does nothing. Raises what the link raises; may be
        asked for again.
        """
        for file in sorted(set(changed) - MODULES.keys()):
            log.warning("takes effect at the next start of Asterisk", file=file)
        for module in MODULES.values():
            await self._link.action("Reload", Module=module, timeout=10.0)
        log.info("asterisk has read its files")
