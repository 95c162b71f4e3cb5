"""The prompts of the configuration in force, looked up without holding anybody up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from ccops.config.model import Hotline
from ccops.web.ports import PromptInventory, SpokenPrompt

Texts = Mapping[str, Mapping[str, str]]


class Shelf:
    """Made anew when the configuration is another one."""

    def __init__(
        self,
        inventory: Callable[[Hotline], PromptInventory],
        hotline: Callable[[], Hotline],
    ) -> None:
        self._make = inventory
        self._hotline = hotline
        self._turn = asyncio.Lock()
        self._made_for: Hotline | None = None
        self._inventory: PromptInventory
        self._texts: Texts = {}

    async def prompts(self) -> Sequence[SpokenPrompt]:
        """All of them, with what is recorded at this moment."""
        return await asyncio.to_thread((await self._current()).prompts)

    async def texts(self) -> Texts:
        """What they say, by language and name."""
        await self._current()
        return self._texts

    async def wav(self, language: str, name: str, *, slow: bool) -> bytes:
        """A WAV file; raises the inventory's error where there is no such sound."""
        inventory = await self._current()
        return await asyncio.to_thread(inventory.wav, language, name, slow=slow)

    async def _current(self) -> PromptInventory:
        hotline = self._hotline()
        async with self._turn:
            if self._made_for is not hotline:
                self._inventory, self._texts = await asyncio.to_thread(self._read, hotline)
                self._made_for = hotline
        return self._inventory

    def _read(self, hotline: Hotline) -> tuple[PromptInventory, Texts]:
        inventory = self._make(hotline)
        texts: dict[str, dict[str, str]] = {language: {} for language in hotline.languages}
        for prompt in inventory.prompts():
            texts.setdefault(prompt.language, {})[prompt.name] = prompt.text
        return inventory, texts
