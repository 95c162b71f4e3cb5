"""From what ccops knows to the JSON that the page and the API give out.

Pure. Times are ISO 8601 in UTC, durations are seconds, shares go from 0 to 1, and what is not
known is null. Callers' numbers are masked unless a view is asked for them in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ccops.config.model import Hotline
from ccops.domain.figures import DayFigures, Figures
from ccops.domain.live import OperatorView, QueueView, Snapshot, Waiting
from ccops.domain.situation import Block, Disturbance
from ccops.services.health import HealthReport
from ccops.services.operators import Wished
from ccops.web.masking import mask_number
from ccops.web.ports import SpokenPrompt

Json = dict[str, Any]


def live_view(
    snapshot: Snapshot,
    health: HealthReport,
    figures: DayFigures | None,
    hotline: Hotline,
    disturbances: Iterable[Disturbance],
    *,
    full_numbers: bool = False,
) -> Json:
    """Everything that the live page shows."""
    return {
        "at": _time(snapshot.at),
        "link_up": snapshot.link_up,
        "queues": [
            _queue(queue, hotline.organisation.country, full_numbers) for queue in snapshot.queues
        ],
        "operators": [operator_view(operator) for operator in snapshot.operators],
        "today": None if figures is None else day_view(figures),
        "health": health_view(health),
        "disturbances": [disturbance_view(each, snapshot.at) for each in disturbances],
    }


def operator_view(operator: OperatorView) -> Json:
    return {
        "id": operator.id,
        "name": operator.name,
        "state": operator.state.value,
        "since": _time(operator.since),
        "reason": operator.reason,
        "queues": list(operator.queues),
        "calls_today": operator.calls_today,
        "until": None if operator.until is None else _time(operator.until),
    }


def wished_view(wished: Wished) -> Json:
    wish = wished.wish
    return {
        "operator": wish.operator,
        "logged_in": wish.logged_in,
        "paused": wish.paused,
        "reason": wish.reason,
        "since": _time(wish.since),
        "applied": wished.applied,
    }


def day_view(day: DayFigures) -> Json:
    """Figures of a day: whole, per sub-line, per queue, per hour."""
    return {
        "since": _time(day.since),
        "until": _time(day.until),
        "total": _figures(day.total),
        "by_sub_line": _each(day.by_sub_line),
        "by_queue": _each(day.by_queue),
        "by_hour": [
            {"start": _time(start), **_figures(figures)} for start, figures in day.by_hour.items()
        ],
    }


def health_view(report: HealthReport) -> Json:
    """State of each part, without the texts: those depend on the reader's language."""
    return {
        "at": _time(report.at),
        "ready": report.ready,
        "parts": [
            {
                "part": status.part,
                "state": status.state.value,
                "since": _time(status.since),
                "code": status.finding.code,
                "parameters": dict(status.finding.parameters),
            }
            for status in report.parts
        ],
    }


def disturbance_view(
    each: Disturbance, now: datetime, heard: Mapping[str, str] | None = None
) -> Json:
    """``heard``: what callers are told because of it, by language."""
    view = {
        "id": each.id,
        "line": each.line,
        "reason": each.reason,
        "texts": dict(each.texts),
        "stops_calls": each.stops_calls,
        "resumes_at": _maybe(each.resumes_at),
        "overdue": each.resumes_at is not None and each.resumes_at <= now,
        "started_at": _time(each.started_at),
        "started_by": each.started_by,
        "ended_at": _maybe(each.ended_at),
        "ended_by": each.ended_by,
    }
    return view if heard is None else {**view, "heard": dict(heard)}


def block_view(block: Block, masked_for: str = "") -> Json:
    """``masked_for``: country by which the number is masked; what was noted of the caller is left
    out with it."""
    return {
        "id": block.id,
        "number": mask_number(block.number, masked_for) if masked_for else block.number,
        "reason": "" if masked_for else block.reason,
        "blocked_at": _time(block.blocked_at),
        "blocked_by": block.blocked_by,
        "until": _maybe(block.until),
        "lifted_at": _maybe(block.lifted_at),
        "lifted_by": block.lifted_by,
    }


def prompt_view(prompt: SpokenPrompt) -> Json:
    return {
        "language": prompt.language,
        "name": prompt.name,
        "text": prompt.text,
        "recorded": prompt.recorded,
        "seconds": None if prompt.seconds is None else round(prompt.seconds, 2),
        "slow": prompt.slow,
    }


def _queue(queue: QueueView, country: str, full_numbers: bool) -> Json:
    return {
        "name": queue.name,
        "waiting": [_waiting(caller, country, full_numbers) for caller in queue.waiting],
        "operators_logged_in": queue.operators_logged_in,
        "operators_ready": queue.operators_ready,
        "talking": queue.talking,
    }


def _waiting(caller: Waiting, country: str, full_numbers: bool) -> Json:
    return {
        "call": caller.call,
        "number": caller.number if full_numbers else mask_number(caller.number, country),
        "language": caller.language,
        "joined_at": _time(caller.joined_at),
        "position": caller.position,
    }


def _each(parts: Mapping[str, Figures]) -> Json:
    return {name: _figures(figures) for name, figures in parts.items()}


def _figures(figures: Figures) -> Json:
    return {
        "incoming": figures.incoming,
        "answered": figures.answered,
        "answered_share": figures.answered_share,
        "lost": figures.lost,
        "lost_short": figures.lost_short,
        "deferred": figures.deferred,
        "self_served": figures.self_served,
        "left_in_menu": figures.left_in_menu,
        "open": figures.open,
        "in_menu": figures.in_menu,
        "in_time": figures.in_time,
        "service_level": figures.service_level,
        "mean_wait": _seconds(figures.mean_wait),
        "mean_talk": _seconds(figures.mean_talk),
        "max_wait": _seconds(figures.max_wait),
    }


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _maybe(moment: datetime | None) -> str | None:
    return None if moment is None else _time(moment)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
