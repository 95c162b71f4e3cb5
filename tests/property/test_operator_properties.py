"""app_queue always ends as wished."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from ccops.domain.live_events import Device, Member
from ccops.domain.operators import Add, Command, Pause, Remove, difference, served
from ccops.domain.skills import assignments as assignments_of
from ccops.domain.skills import skill_queues
from ccops.domain.wishes import OperatorWish
from tests.unit.hotline_sample import hotline

T0 = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
operators = st.sampled_from(["101", "102", "103"])
queues = st.sampled_from(["support", "tax"])
reasons = st.sampled_from(["", "lunch", "wrap-up"])
wishes = st.builds(
    lambda operator, in_, reason: OperatorWish(
        operator, in_, in_ and bool(reason), reason if in_ else "", T0, "phone"
    ),
    operators,
    st.booleans(),
    reasons,
)
members = st.builds(
    lambda queue, operator, reason: Member(
        queue, operator, Device.FREE, bool(reason), reason, False, None
    ),
    queues,
    operators,
    reasons,
)
assignments = st.dictionaries(operators, st.lists(queues, unique=True, min_size=1))


def carried_out(held: list[Member], commands: list[Command]) -> list[Member]:
    members = {(m.queue, m.operator): m for m in held}
    for command in commands:
        key = command.queue, command.operator
        match command:
            case Remove():
                del members[key]
            case Add(queue, operator, reason):
                assert key not in members
                members[key] = Member(
                    queue, operator, Device.FREE, bool(reason), reason, False, None
                )
            case Pause(_, _, reason):
                members[key] = replace(members[key], paused=bool(reason), reason=reason)
    return list(members.values())


@given(
    st.lists(wishes, unique_by=lambda w: w.operator),
    assignments,
    st.lists(members, unique_by=lambda m: (m.queue, m.operator)),
)
def test_the_difference_carried_out_leaves_none(
    said: list[OperatorWish], queues: dict[str, list[str]], held: list[Member]
) -> None:
    wanted = {wish.operator: wish for wish in said}
    after = carried_out(held, difference(wanted, queues, held))
    assert difference(wanted, queues, after) == []
    assert {(m.queue, m.operator, m.reason) for m in after} == {
        (queue, operator, wanted[operator].reason)
        for operator, own in queues.items()
        if operator in wanted and wanted[operator].logged_in
        for queue in own
    }


languages = st.sampled_from([[], ["uz"], ["ru"], ["uz", "ru"]])


@given(
    st.lists(wishes, unique_by=lambda wish: wish.operator),
    st.dictionaries(operators, languages, min_size=1),
)
def test_while_anybody_is_there_every_language_is_served(
    said: list[OperatorWish], spoken: dict[str, list[str]]
) -> None:
    site = hotline(
        **{
            id_: {"name": id_, "queues": ["support"], "languages": own}
            for id_, own in spoken.items()
        }
    )
    here = {wish.operator for wish in said if wish.logged_in} & spoken.keys()
    serving = served(site, {wish.operator: wish for wish in said})
    names = {one.name for one in skill_queues(site) if one.queue == "support"}
    assert {name for id_ in here for name in serving[id_]} == (names if here else set())
    for id_ in here:
        for name in set(serving[id_]) - set(assignments_of(site)[id_]):
            others = here - {id_}
            assert not any(name in assignments_of(site)[other] for other in others)
