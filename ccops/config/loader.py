"""Read ``hotline.yaml``: every fault at once, each with its line and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from ccops.config.document import Document, Path, Place, read_document
from ccops.config.faults import ConfigFaults, Fault
from ccops.config.model import Hotline
from ccops.config.product import product_prompts
from ccops.config.rules import check_rules, follows
from ccops.config.wording import Finding, explain
from ccops.resources import ivr_prompts

_SPARES: Mapping[str, object] = {
    "version": "1",
    "time_zone": "UTC",
    "organisation": {"name": {}, "country": "UZ"},
}
"""Stand in for what is broken at the top, so that the rest can still be checked."""


def load(path: FilePath, *, prompts: FilePath | None = None) -> Hotline:
    """The hotline described in ``path``; raises :class:`ConfigFaults` with all that is wrong.

    ``prompts`` is the folder of the product's texts, by default that of the installation.
    """
    hotline, faults = _examine(path, prompts or ivr_prompts())
    if faults or hotline is None:
        raise ConfigFaults(faults)
    return hotline


def check(path: FilePath, *, prompts: FilePath | None = None) -> list[Fault]:
    """All faults of ``path`` in the order of its lines; never raises for what a file may hold."""
    return _examine(path, prompts or ivr_prompts())[1]


def _examine(path: FilePath, prompts: FilePath) -> tuple[Hotline | None, list[Fault]]:
    text = _read(path)
    if isinstance(text, Fault):
        return None, [text]
    document = read_document(text)
    faults = {
        Fault(path, *flaw.place, _dotted(flaw.path), flaw.message, flaw.remedy)
        for flaw in document.flaws
    }
    hotline: Hotline | None = None
    if document.data is not None:
        hotline, findings = _validate(document.data, prompts)
        faults |= {
            _located(path, document, finding)
            for finding in findings
            if not follows(finding, document.lost)
        }
    return (None if faults else hotline), sorted(faults)


def _read(path: FilePath) -> str | Fault:
    def fault(message: str, remedy: str, line: int = 1) -> Fault:
        return Fault(path, line, 1, "", message, remedy)

    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return fault(
            "there is no such file", f"Write one to start from: ccops init --profile uz {path}"
        )
    except IsADirectoryError:
        return fault("this is a folder, not a file", f"Give the file: {path / 'hotline.yaml'}")
    except OSError as error:
        return fault(f"the file cannot be read ({error.strerror})", "Check who may read it")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return fault("the file is stored as UTF-16", "Save it with the encoding UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return fault("a character here is not UTF-8", "Save the file with the encoding UTF-8", line)


def _validate(data: object, prompts: FilePath) -> tuple[Hotline | None, list[Finding]]:
    hotline, errors = _build(data)
    findings = [explain(error) for error in errors]
    damaged: frozenset[Path] = frozenset()
    sound = hotline
    if sound is None and isinstance(data, dict):
        sound, damaged = _salvage(data, errors)
    if sound is not None:
        product = {language: product_prompts(prompts, language) for language in sound.languages}
        findings += check_rules(sound, product, damaged)
    return hotline, findings


def _build(data: object) -> tuple[Hotline | None, list[Any]]:
    try:
        return Hotline.model_validate(data), []
    except ValidationError as error:
        return None, list(error.errors(include_url=False))


def _salvage(data: dict[str, Any], errors: list[Any]) -> tuple[Hotline | None, frozenset[Path]]:
    """The hotline without its broken parts, and the paths of these.

    What is wrong is taken out; what then lacks a required field is taken out with it, and so on
    upwards. Each round removes something, so the loop ends.
    """
    data = deepcopy(data)
    damaged: set[Path] = set()
    hotline: Hotline | None = None
    while errors:
        paths = dict.fromkeys(_removable(errors))
        damaged |= paths.keys()
        removed = [_remove(data, path) for path in paths]
        if not any(removed):
            break
        hotline, errors = _build(data)
    return hotline, frozenset(damaged)


def _removable(errors: list[Any]) -> Iterator[Path]:
    for error in errors:
        path: Path = tuple(error["loc"])
        if error["type"] == "missing":
            yield path if len(path) == 1 else path[:-1]
            continue
        if path and path[-1] == "[key]":
            path = path[:-1]
        # A list loses its meaning with one entry gone, and its numbering.
        numbered = [at for at, step in enumerate(path) if isinstance(step, int)]
        yield path[: numbered[0]] if numbered else path


def _remove(data: dict[str, Any], path: Path) -> bool:
    """Whether there was anything to remove."""
    if len(path) == 1 and path[0] in _SPARES:
        name, spare = str(path[0]), _SPARES[str(path[0])]
        changed = data.get(name) != spare
        data[name] = spare
        return changed
    owner: Any = data
    for step in path[:-1]:
        owner = owner.get(step) if isinstance(owner, dict) else None
    if not path or not isinstance(owner, dict) or path[-1] not in owner:
        return False
    del owner[path[-1]]
    return True


def _located(path: FilePath, document: Document, finding: Finding) -> Fault:
    place: Place = document.place(finding.path, of_key=finding.of_key)
    return Fault(path, *place, _dotted(finding.path), finding.message, finding.remedy)


def _dotted(path: Path) -> str:
    return ".".join(str(step) for step in path)
