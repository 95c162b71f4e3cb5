"""A campaign is planned before it begins, from one seed."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from pathlib import Path
from statistics import median

import phonenumbers
import pytest

from ccops.config.loader import load
from ccops.config.model import Hotline
from ccops.config.profiles import PROFILES, write_profile
from ccops.simulator.plan import (
    KEY_DELAY,
    UNASSIGNED,
    Intent,
    Options,
    PlanError,
    PlannedCall,
    calls,
    operators,
    paths,
)
from tests.unit.hotline_sample import hotline as small_hotline

OPTIONS = Options(calls_per_hour=600, operators=3, minutes=60, seed=7)


def profile(name: str, folder: Path) -> Hotline:
    write_profile(name, folder / "hotline.yaml")
    return load(folder / "hotline.yaml")


@pytest.fixture(scope="module")
def uz(tmp_path_factory: pytest.TempPathFactory) -> Hotline:
    return profile("uz", tmp_path_factory.mktemp("uz"))


@pytest.fixture(scope="module")
def hour(uz: Hotline) -> list[PlannedCall]:
    return list(calls(uz, OPTIONS))


def test_the_same_seed_makes_the_same_plan(uz: Hotline, hour: list[PlannedCall]) -> None:
    assert list(calls(uz, OPTIONS)) == hour
    assert operators(uz, OPTIONS) == operators(uz, OPTIONS)
    other = replace(OPTIONS, seed=8)
    assert [c.at for c in calls(uz, other)] != [c.at for c in hour]


def test_a_shorter_campaign_is_the_beginning_of_a_longer_one(
    uz: Hotline, hour: list[PlannedCall]
) -> None:
    short = list(calls(uz, replace(OPTIONS, minutes=10)))
    assert short == hour[: len(short)]
    assert all(call.at < 600 for call in short)
    endless = itertools.islice(calls(uz, replace(OPTIONS, minutes=None)), len(hour) + 10)
    assert list(endless)[: len(hour)] == hour


def test_calls_arrive_at_the_rate_in_order_and_irregularly(hour: list[PlannedCall]) -> None:
    assert 520 < len(hour) < 680, "600 ± 3 standard deviations"
    gaps = [b.at - a.at for a, b in itertools.pairwise(hour)]
    assert min(gaps) > 0
    assert median(gaps) == pytest.approx(6 * 0.693, rel=0.2), "exponential, mean 6 s"


def test_callers_differ(hour: list[PlannedCall]) -> None:
    intents = Counter(call.intent for call in hour)
    assert set(intents) == set(Intent)
    assert intents[Intent.OPERATOR] > 0.75 * len(hour)
    languages = Counter(call.keys[0].key for call in hour if call.keys)
    assert set(languages) == {"1", "2"}
    assert min(languages.values()) > 0.4 * len(hour)
    assert {call.queue for call in hour if call.intent is Intent.OPERATOR} == {
        "employment",
        "support",
    }
    assert 0 < sum(call.caller_ends for call in hour) < len(hour)


def test_durations_lie_around_what_was_asked_for(hour: list[PlannedCall]) -> None:
    patience = [call.patience for call in hour if call.patience is not None]
    assert median(patience) == pytest.approx(OPTIONS.patience, rel=0.15)
    assert median(call.talk for call in hour) == pytest.approx(OPTIONS.talk, rel=0.15)
    assert min(call.talk for call in hour) >= 1
    low, high = KEY_DELAY
    assert all(low <= key.after <= high for call in hour for key in call.keys)


def test_withheld_callers_wait_and_never_hang_up_first(hour: list[PlannedCall]) -> None:
    withheld = [call for call in hour if not call.number]
    assert 0 < len(withheld) < 0.1 * len(hour)
    assert all(call.patience is None and not call.caller_ends for call in withheld)


@pytest.mark.parametrize("name", PROFILES)
def test_every_number_is_possible_and_belongs_to_nobody(name: str, tmp_path: Path) -> None:
    hotline = profile(name, tmp_path)
    numbers = [call.number for call in calls(hotline, OPTIONS) if call.number]
    assert len(set(numbers)) == len(numbers), "no number calls twice"
    for number in numbers:
        assert number.startswith(UNASSIGNED[hotline.organisation.country])
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_possible_number(parsed)
        assert not phonenumbers.is_valid_number(parsed)


@pytest.mark.parametrize("name", PROFILES)
def test_the_keys_lead_where_the_plan_says(name: str, tmp_path: Path) -> None:
    hotline = profile(name, tmp_path)
    for call in calls(hotline, OPTIONS):
        keys = [planned.key for planned in call.keys]
        if len(hotline.languages) > 1:
            keys = keys[1:]
        if call.intent is Intent.OPERATOR:
            assert follow(hotline, call.line, keys) == ("queue", call.queue)
        elif call.intent is Intent.INFORMATION:
            assert follow(hotline, call.line, keys)[0] == "say"
        else:
            assert not call.queue


def follow(hotline: Hotline, line: str, keys: list[str]) -> tuple[str, str]:
    menu = hotline.menus[hotline.lines[line].menu]
    for key in keys:
        action = menu.keys.get(key) or hotline.common_keys[key]
        if action.menu is None:
            assert key == keys[-1]
            if action.do == "operator":
                return "queue", hotline.lines[line].fallback_queue
            return ("queue", action.queue) if action.queue else ("say", action.say or "offices")
        menu = hotline.menus[action.menu]
    return "menu", ""


def test_paths_do_not_go_round_in_circles() -> None:
    content = small_hotline().model_dump()
    content["menus"] = {
        "top": {
            "prompt": "top",
            "keys": {"1": {"queue": "support"}, "2": {"menu": "deep"}, "9": {"do": "repeat"}},
            "otherwise": {"queue": "support"},
        },
        "deep": {
            "prompt": "deep",
            "keys": {"1": {"say": "hours"}, "2": {"menu": "top"}, "3": {"queue": "tax"}},
            "otherwise": {"queue": "support"},
        },
    }
    hotline = Hotline.model_validate(content)
    to_queue = [("0", "support"), ("1", "support"), ("23", "tax")]
    assert paths(hotline, "1000") == (to_queue, ["21"])


def test_a_hotline_without_choices_is_called_all_the_same() -> None:
    content = small_hotline().model_dump()
    content["menus"]["top"]["keys"] = {"9": {"do": "hangup"}}
    content["common_keys"] = {}
    content["languages"] = ["uz"]
    planned = list(calls(Hotline.model_validate(content), OPTIONS))
    assert {call.intent for call in planned} == {Intent.LEAVES}
    assert all(call.keys == () for call in planned)


def test_operators_come_from_the_configuration(uz: Hotline) -> None:
    shift = operators(uz, OPTIONS)
    assert [operator.id for operator in shift] == list(uz.operators)[:3]
    assert all(0 <= operator.login_at <= 3 for operator in shift)
    with pytest.raises(PlanError, match="4 operators, not 5"):
        operators(uz, replace(OPTIONS, operators=5))


def test_pauses_are_in_order_and_have_reasons(uz: Hotline) -> None:
    for operator in operators(uz, replace(OPTIONS, minutes=600)):
        assert operator.pauses
        ends = itertools.accumulate(operator.pauses, lambda _, p: p.at + p.seconds, initial=0.0)
        assert all(pause.at > end for pause, end in zip(operator.pauses, ends, strict=False))
        assert all(pause.code[:3] == "*13" for pause in operator.pauses)
        assert {pause.code[3:] for pause in operator.pauses} <= set(uz.pause_reasons)


def test_an_operator_answers_most_calls_and_each_the_same_way_again(uz: Hotline) -> None:
    operator = operators(uz, OPTIONS)[0]
    delays = [operator.answers_after(nth) for nth in range(300)]
    assert delays == [operator.answers_after(nth) for nth in range(300)]
    assert 0 < delays.count(None) < 30


def test_no_calls_at_rate_zero(uz: Hotline) -> None:
    assert list(calls(uz, replace(OPTIONS, calls_per_hour=0))) == []
