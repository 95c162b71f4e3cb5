"""Menus in which ``ccops check`` finds no fault let everybody through."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ccops.config.document import read_document
from ccops.config.model import Hotline
from ccops.config.rules import check_rules
from ccops.domain.dialogue import entry
from ccops.domain.dialogue_steps import Ask, Next, ToQueue
from ccops.domain.situation import Situation
from tests.unit.config_samples import GOOD

SAMPLE: Any = read_document(GOOD).data
WEDNESDAY = datetime(2026, 11, 18, 10, tzinfo=UTC)
NAMES = ("one", "two", "three", "four")

ACTIONS = st.one_of(
    st.sampled_from(["operator", "back", "repeat", "language", "offices", "hangup"]).map(
        lambda does: {"do": does}
    ),
    st.sampled_from(NAMES).map(lambda name: {"menu": name}),
    st.just({"queue": "jobs"}),
    st.just({"say": "hours"}),
)
MENUS = st.dictionaries(
    st.sampled_from(NAMES),
    st.fixed_dictionaries(
        {
            "keys": st.dictionaries(st.sampled_from("0123*"), ACTIONS, min_size=1, max_size=4),
            "otherwise": ACTIONS,
            "repeats": st.integers(0, 2),
        }
    ),
    min_size=1,
)


def hotline(menus: dict[str, Any], common_keys: dict[str, Any]) -> Hotline:
    """The good file with other menus, each with a prompt of its own."""
    return Hotline.model_validate(
        {
            **SAMPLE,
            "lines": {"1176": {**SAMPLE["lines"]["1176"], "menu": next(iter(menus))}},
            "menus": {name: {**menu, "prompt": name} for name, menu in menus.items()},
            "common_keys": common_keys,
            "prompts": {
                **SAMPLE["prompts"],
                **{name: {"uz": name, "ru": name} for name in menus},
            },
        }
    )


COMMON = st.dictionaries(st.sampled_from("09*"), ACTIONS, max_size=2)

calm = settings(max_examples=100, suppress_health_check=[HealthCheck.filter_too_much])


@calm
@given(menus=MENUS, common=COMMON)
def test_who_presses_nothing_hears_no_menu_again_after_its_repeats(
    menus: dict[str, Any], common: dict[str, Any]
) -> None:
    good = hotline(menus, common)
    assume(not check_rules(good, {}))
    heard: Counter[str] = Counter()
    end, _ = play(good, [""] * 60, heard)
    assert end is not None
    for name, menu in good.menus.items():
        assert heard[name] <= menu.repeats + 1


@calm
@given(menus=MENUS, common=COMMON)
def test_from_every_menu_some_keys_lead_to_an_operator(
    menus: dict[str, Any], common: dict[str, Any]
) -> None:
    good = hotline(menus, common)
    assume(not check_rules(good, {}))
    leads: dict[str, set[str]] = {}
    todo: list[list[str]] = [[]]
    while todo:
        way = todo.pop(0)
        _, here = play(good, way)
        if not here or here in leads:
            continue
        leads[here] = set()
        silence = [""] * (good.menus[here].repeats + 1)
        further = [[*way, key] for key in good.keys_of(good.menus[here])] + [[*way, *silence]]
        for keys in further:
            end, there = play(good, keys)
            leads[here].add("operator" if isinstance(end, ToQueue) else there)
        todo += further
    through = {"operator"}
    while more_menus := {name for name in leads if name not in through and leads[name] & through}:
        through |= more_menus
    assert set(leads) <= through


def play(
    good: Hotline, keys: list[str], heard: Counter[str] | None = None
) -> tuple[Next | None, str]:
    """How a call ends in which Uzbek is chosen and then these keys are pressed in the menus, or
    the menu in which they leave the caller."""
    call = entry(good, "1176", Situation(WEDNESDAY))
    left = list(keys)
    key: str | None = None
    try:
        while True:
            step = next(call) if key is None else call.send(key)
            key = ""
            if not isinstance(step, Ask):
                continue
            place = step.prompts[-1]
            if place in good.menus:
                if heard is not None:
                    heard[place] += 1
                if not left:
                    return None, place
                key = left.pop(0)
            else:
                key = "1" if place == "greeting" else "*"
    except StopIteration as stop:
        return stop.value, ""
