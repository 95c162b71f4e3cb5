"""What the model's validator found, said in plain English with what to write instead."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    TypeGuard,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from annotated_types import Ge, Le

from ccops.config.document import Path
from ccops.config.model import Hotline
from ccops.config.types import Part, Wanted


class Finding(NamedTuple):
    """Something wrong at a path of the data."""

    path: Path
    message: str
    remedy: str
    of_key: bool = False
    """The name before the colon is meant, not what follows it."""
    refers: Path | None = None
    """The thing that is missed, for a reference."""


def explain(error: Mapping[str, Any]) -> Finding:
    """Translate one entry of pydantic's ``ValidationError.errors()``."""
    path: Path = tuple(error["loc"])
    kind: str = error["type"]
    given = error.get("input")
    if path and path[-1] == "[key]":
        path = path[:-1]
        key = str(path[-1])
        allowed = _wanted(_type_at(path[:-1], of_keys=True))
        guess = did_you_mean(key, _choices(_type_at(path[:-1], of_keys=True)))
        said = f"the name {key!r} is not possible here"
        if kind == "value_error":
            said = str(error["ctx"]["error"])
        return Finding(path, said, guess or allowed, True)
    if kind == "extra_forbidden":
        return _unknown_field(path)
    if kind == "missing":
        name = str(path[-1])
        remedy = f'Add "{name}:" with {_noun(_type_at(path))}'
        message = f"the field {name!r} is missing or empty"
        return Finding(path[:-1], message, remedy, of_key=True, refers=path)
    wanted = _wanted(_type_at(path))
    if given is None:
        return Finding(path, "nothing is written here", wanted)
    if kind == "value_error":
        return Finding(path, str(error["ctx"]["error"]), wanted)
    if kind == "literal_error":
        guess = did_you_mean(str(given), _choices(_type_at(path)))
        return Finding(path, f"{_shown(given)} is not one of the choices", guess or wanted)
    if kind == "too_short":
        return Finding(path, "at least one entry is needed", wanted, True)
    if kind in {"greater_than_equal", "less_than_equal"}:
        return Finding(path, f"{_shown(given)} is out of range", wanted)
    return Finding(path, f"{_shown(given)} does not belong here", wanted)


def did_you_mean(given: str, known: Sequence[str]) -> str:
    """``Did you mean ...?`` in the form of a remedy, or nothing."""
    close = get_close_matches(given.casefold(), known, n=1)
    return f"Did you mean {close[0]!r}?" if close else ""


def _unknown_field(path: Path) -> Finding:
    name = str(path[-1])
    owner = _type_at(path[:-1])
    known = list(owner.model_fields) if _is_part(owner) else []
    remedy = did_you_mean(name, known) or f"Remove it. Possible: {', '.join(known)}"
    return Finding(path, f"there is no field {name!r} here", remedy, True)


def _shown(given: object) -> str:
    if isinstance(given, Mapping):
        return "a section"
    if isinstance(given, list | tuple):
        return "a list"
    text = str(given)
    return repr(text if len(text) <= 40 else text[:37] + "...")


def _wanted(wanted: object) -> str:
    return f"Write {_noun(wanted)}"


def _noun(wanted: Any) -> str:
    """What belongs in a field of this type, in words that follow "write"."""
    bare, extras = _peel(wanted)
    for extra in extras:
        if isinstance(extra, Wanted):
            return extra.words
    origin = get_origin(bare)
    if origin is Literal:
        choices = [str(choice) for choice in get_args(bare)]
        return choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}"
    if _is_part(bare):
        return bare.wanted or f"a section with the fields {', '.join(bare.model_fields)}"
    if origin is dict:
        return f"a section of entries, each named by {_noun(get_args(bare)[0])}"
    if origin is tuple:
        return f"a list in square brackets, each entry {_noun(get_args(bare)[0])}"
    if bare is bool:
        return "true or false"
    if bare is int:
        return _whole_number(extras)
    return "a text"


def _whole_number(extras: Sequence[object]) -> str:
    low = next((extra.ge for extra in extras if isinstance(extra, Ge)), None)
    high = next((extra.le for extra in extras if isinstance(extra, Le)), None)
    if low is None:
        return "a whole number"
    return f"a whole number, {low} or more" if high is None else f"a whole number, {low} to {high}"


def _choices(wanted: object) -> list[str]:
    bare, _ = _peel(wanted)
    return [str(choice) for choice in get_args(bare)] if get_origin(bare) is Literal else []


def _type_at(path: Path, *, of_keys: bool = False) -> Any:
    """The annotated type of what stands at ``path``; of its entries' names with ``of_keys``."""
    here: Any = Hotline
    for step in path:
        bare, _ = _peel(here)
        if _is_part(bare):
            here = _hints(bare).get(str(step), object)
        elif get_origin(bare) is dict:
            here = get_args(bare)[1]
        elif get_origin(bare) is tuple:
            here = get_args(bare)[0]
        else:
            return object
    bare, extras = _peel(here)
    if of_keys:
        return get_args(bare)[0] if get_origin(bare) is dict else object
    return bare if not extras else here


def _hints(part: type[Part]) -> dict[str, Any]:
    hints = get_type_hints(part, include_extras=True)
    return {
        name: Annotated[(hints[name], *field.metadata)] if field.metadata else hints[name]
        for name, field in part.model_fields.items()
    }


def _peel(wanted: Any) -> tuple[Any, tuple[object, ...]]:
    """The type without its annotations and without ``| None``, and the annotations."""
    extras: tuple[object, ...] = ()
    while True:
        if get_origin(wanted) is Annotated:
            wanted, *more = get_args(wanted)
            extras += tuple(_flat(more))
        elif get_origin(wanted) in {Union, types.UnionType}:
            wanted = next(arg for arg in get_args(wanted) if arg is not type(None))
        else:
            return wanted, extras


def _flat(extras: Sequence[object]) -> Sequence[object]:
    """A ``Field(ge=5)`` within a type carries its limits in ``metadata``."""
    found: list[object] = []
    for extra in extras:
        found += [extra, *getattr(extra, "metadata", ())]
    return found


def _is_part(wanted: object) -> TypeGuard[type[Part]]:
    return isinstance(wanted, type) and issubclass(wanted, Part)
