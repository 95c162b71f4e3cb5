"""Key 1 in the queue: which number is called back, and how to go on waiting instead."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from ccops.domain.dialogue import callback
from ccops.domain.dialogue_steps import Ask, Digits, HangUp, Next, Note, Step, ToQueue
from tests.unit.dialogue_calls import DECLINED, HOTLINE, KNOWN, PROMISED, call

PROMISE = Note("CCOPS_CALLBACK", f"queue {KNOWN} jobs")
OTHER = Note("CCOPS_CALLBACK", "queue +998901234567 jobs")
WHICH = Ask(("callback-offer", "callback-other", "callback-stay"), 5.0, gone=PROMISE)
WRONG = Ask(("wrong-key", *WHICH.prompts), 5.0, gone=PROMISE)
TYPE = Digits(("callback-number", "callback-stay"), 7.0)
TYPE_AGAIN = Digits(("wrong-number", *TYPE.prompts), 7.0)
SAME_PLACE = ToQueue("jobs")


def read_back(typed: str = "901234567", *before: str, promise: Note = OTHER) -> Ask:
    """Who hangs up now has typed a good number and heard it."""
    digits = (f"digit-{digit}" for digit in typed)
    return Ask((*before, "callback-read-back", *digits, "callback-confirm"), 5.0, gone=promise)


@pytest.mark.parametrize(
    ("keys", "heard", "then"),
    [
        pytest.param("1", [WHICH, PROMISE, PROMISED], HangUp(), id="this number"),
        pytest.param(
            [], [WHICH, PROMISE, PROMISED], HangUp(), id="key 1 meant yes: silence changes nothing"
        ),
        pytest.param("*", [WHICH, DECLINED], SAME_PLACE, id="star: go on waiting"),
        pytest.param("0", [WHICH, DECLINED], SAME_PLACE, id="an operator: go on waiting"),
        pytest.param("51", [WHICH, WRONG, PROMISE, PROMISED], HangUp(), id="a wrong key"),
        pytest.param(
            "555", [WHICH, WRONG, WRONG, PROMISE, PROMISED], HangUp(), id="only wrong keys"
        ),
        pytest.param(
            ["2", "901234567", "1"],
            [WHICH, TYPE, read_back(), OTHER, PROMISED],
            HangUp(),
            id="another number, read back, right",
        ),
        pytest.param(
            ["2", "901234567", ""],
            [WHICH, TYPE, read_back(), OTHER, PROMISED],
            HangUp(),
            id="nothing is said against what was read back",
        ),
        pytest.param(
            ["2", "998901234567", "1"],
            [WHICH, TYPE, read_back("998901234567"), OTHER, PROMISED],
            HangUp(),
            id="with the country's code",
        ),
        pytest.param(
            ["2", "901234561", "2", "901234567", "1"],
            [
                *(WHICH, TYPE),
                read_back("901234561", promise=Note("CCOPS_CALLBACK", "queue +998901234561 jobs")),
                *(TYPE, read_back(), OTHER, PROMISED),
            ],
            HangUp(),
            id="typed again",
        ),
        pytest.param(
            ["2", "901*901234567", "9", "1"],
            [WHICH, TYPE, read_back(), read_back("901234567", "wrong-key"), OTHER, PROMISED],
            HangUp(),
            id="star begins anew; a wrong key at the question",
        ),
        pytest.param(
            ["2", "12", "901234567", "1"],
            [WHICH, TYPE, TYPE_AGAIN, read_back(), OTHER, PROMISED],
            HangUp(),
            id="no number of the country",
        ),
        pytest.param(
            ["2", "12", "", "00"],
            [WHICH, TYPE, TYPE_AGAIN, TYPE, DECLINED],
            SAME_PLACE,
            id="three attempts, then waiting goes on",
        ),
        pytest.param(
            ["2", "*"], [WHICH, TYPE, DECLINED], SAME_PLACE, id="star instead of a number"
        ),
        pytest.param(
            ["2", "", "", ""], [WHICH, TYPE, TYPE, TYPE, DECLINED], SAME_PLACE, id="no digits"
        ),
    ],
)
def test_a_known_number(keys: Iterable[str], heard: list[Step], then: Next) -> None:
    assert call(callback(HOTLINE, "jobs", KNOWN), keys) == (heard, then)


@pytest.mark.parametrize("number", ["", "12", "*31#"])
@pytest.mark.parametrize(
    ("keys", "heard", "then"),
    [
        (["901234567", "1"], [TYPE, read_back(), OTHER, PROMISED], HangUp()),
        ([], [TYPE, TYPE, TYPE, DECLINED], SAME_PLACE),
        (["*"], [TYPE, DECLINED], SAME_PLACE),
    ],
)
def test_a_number_that_cannot_be_called_is_typed(
    number: str, keys: Iterable[str], heard: list[Step], then: Next
) -> None:
    assert call(callback(HOTLINE, "jobs", number), keys) == (heard, then)


def test_a_number_as_received_can_be_called() -> None:
    heard, _ = call(callback(HOTLINE, "jobs", "00425"), "1")
    assert Note("CCOPS_CALLBACK", "queue 00425 jobs") in heard


def test_wrong_keys_at_what_is_read_back_lead_to_typing_again() -> None:
    heard, then = call(
        callback(HOTLINE, "jobs", ""), ["901234567", "8", "8", "8", "901234567", "1"]
    )
    assert [step for step in heard if isinstance(step, Digits)] == [TYPE, TYPE]
    assert then == HangUp()
