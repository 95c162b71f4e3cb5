"""What the pages are told once."""

from __future__ import annotations

from ccops.services.disturbances import STANDARD_REASONS
from ccops.web.ports import Targets
from ccops.web.setting import live_setting, prompts_setting, service_setting
from tests.unit.hotline_sample import hotline
from tests.web_support import HOTLINE


def test_queues_that_are_split_by_language_say_whose_they_are() -> None:
    split = hotline(
        **{
            "101": {"name": "Aziza", "queues": ["support", "tax"], "languages": ["uz"]},
            "102": {"name": "Bobur", "queues": ["support"]},
        }
    )
    queues = live_setting(split, "uz", Targets())["queues"]
    assert {name: queue["name"] for name, queue in queues.items()} == {
        "support_uz": "support · Oʻzbekcha",
        "support_ru": "support · Русский",
        "tax_uz": "tax · Oʻzbekcha",
        "tax_ru": "tax · Русский",
    }
    assert {queue["queue"] for queue in queues.values()} == {"support", "tax"}


def test_queues_of_all_languages_keep_their_names() -> None:
    assert set(live_setting(HOTLINE, "ru", Targets())["queues"]) == set(HOTLINE.queues)


def test_every_standard_reason_has_words_on_the_pages_that_show_it() -> None:
    for language in ("uz", "ru", "kk", "az", "en"):
        for setting in (
            live_setting(HOTLINE, language, Targets()),
            service_setting(HOTLINE, language),
        ):
            for reason in STANDARD_REASONS:
                assert setting["texts"][f"reason.{reason.removeprefix('reason-')}"]


def test_what_is_said_elsewhere_is_no_reason_of_a_disturbance() -> None:
    words = {"uz": "Namuna", "ru": "Пример"}
    menu = next(iter(HOTLINE.menus.values())).prompt
    own = HOTLINE.model_copy(
        update={"prompts": dict.fromkeys((menu, "other-channels", "flood"), words)}
    )
    assert set(service_setting(own, "ru")["ownReasons"]) == {"flood"}


def test_the_ministrys_own_prompts_are_told_in_the_readers_language() -> None:
    own = HOTLINE.model_copy(update={"prompts": {"flood": {"uz": "Suv bosdi", "ru": "Потоп"}}})
    assert service_setting(own, "ru")["ownReasons"] == {"flood": "Потоп"}
    assert service_setting(own, "en")["ownReasons"] == {"flood": "Suv bosdi"}
    assert prompts_setting(own, "en")["own"] == ["flood"]
