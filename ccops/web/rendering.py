"""From template to page."""

from __future__ import annotations

from functools import partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ccops import __version__
from ccops.i18n import LANGUAGES, text, texts


class Pages:
    """Renders templates."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=PackageLoader("ccops.web"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # Read now, and never again, what would otherwise be read while a request waits.
        for template in self._environment.list_templates():
            self._environment.get_template(template)
        for language in LANGUAGES:
            texts(language)

    def render(self, template: str, language: str, **values: Any) -> str:
        return self._environment.get_template(template).render(
            t=partial(text, language), language=language, version=__version__, **values
        )
