"""Figures for a monitoring system, in Prometheus' text format: no unit, no person, no address.

The format is a dozen lines of text, so no library is needed for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.job_runs.rules import RunState
from tracker.notifications.models import IS_QUEUED, Channel, Delivery, Notification
from tracker.notifications.rules import ChannelState, MessageState
from tracker.watchdog.models import IS_UNFINISHED, Incident
from tracker.watchdog.queries import last_of_each, pulse
from tracker.watchdog.rules import IncidentKind

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = Mapping[str, str]
SETTLED = (MessageState.SENT, MessageState.FAILED, MessageState.UNCERTAIN)


@dataclass(frozen=True)
class Metric:
    """One figure, with a value for each set of labels."""

    name: str
    help: str
    values: Iterable[tuple[Labels, float]] = field(default=())

    def lines(self) -> list[str]:
        """Return it as text."""
        return [
            f"# HELP tracker_{self.name} {self.help}",
            f"# TYPE tracker_{self.name} gauge",
            *(
                f"tracker_{self.name}{_labels(labels)} {float(value)!r}"
                for labels, value in self.values
            ),
        ]


def _labels(labels: Labels) -> str:
    inner = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{{{inner}}}" if inner else ""


def metrics(session: Session, *, now: datetime) -> str:
    """Return all figures as text."""
    found = [
        Metric("info", "What the product runs on.", [({"database": _kind(session)}, 1)]),
        *_of_messages(session, now),
        *_of_robots(session),
        *_of_jobs(session),
    ]
    return "\n".join(line for metric in found for line in metric.lines()) + "\n"


def _kind(session: Session) -> str:
    return session.get_bind().dialect.name


def _of_messages(session: Session, now: datetime) -> Iterable[Metric]:
    waiting, oldest = session.execute(
        select(func.count(), func.min(Notification.not_before)).where(
            IS_QUEUED, Notification.not_before <= now
        )
    ).one()
    age = 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
    states = dict(
        session.execute(
            select(Delivery.state, func.count())
            .where(Delivery.state.in_(SETTLED))
            .group_by(Delivery.state)
        ).all()
    )
    yield Metric("messages_queued", "Messages due and not sent.", [({}, waiting)])
    yield Metric("oldest_message_age_seconds", "Since the oldest of them was due.", [({}, age)])
    yield Metric(
        "deliveries",
        "Messages by what came of them.",
        [({"state": state.value}, states.get(state, 0)) for state in SETTLED],
    )


def _of_robots(session: Session) -> Iterable[Metric]:
    robots = dict(
        session.execute(select(Channel.state, func.count()).group_by(Channel.state)).all()
    )
    lasting = dict(
        session.execute(
            select(Incident.kind, func.count()).where(IS_UNFINISHED).group_by(Incident.kind)
        ).all()
    )
    yield Metric(
        "robots",
        "Group robots by state.",
        [({"state": state.value}, robots.get(state, 0)) for state in ChannelState],
    )
    yield Metric(
        "incidents",
        "What is wrong now, by kind.",
        [({"kind": kind.value}, lasting.get(kind, 0)) for kind in IncidentKind],
    )


def _of_jobs(session: Session) -> Iterable[Metric]:
    beat = pulse(session)
    age: list[tuple[Labels, float]] = (
        [] if beat.leader_age_seconds is None else [({}, beat.leader_age_seconds)]
    )
    runs = sorted(last_of_each(session).items())
    yield Metric("pushing", "1 while any office pushes.", [({}, beat.is_pushing)])
    yield Metric("leader_alive", "1 while a jobs process leads.", [({}, beat.is_led)])
    yield Metric("leader_age_seconds", "Since the leader renewed its lease.", age)
    yield Metric(
        "job_last_run_timestamp_seconds",
        "When the last finished run of a job began.",
        [({"job": name}, run.started_at.timestamp()) for name, run in runs],
    )
    yield Metric(
        "job_last_run_ok",
        "1 where it did not fail.",
        [({"job": name}, run.state is not RunState.FAILED) for name, run in runs],
    )
