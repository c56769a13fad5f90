"""What workers write down: late answers and parts that were put off change nothing."""

from datetime import timedelta

from sqlalchemy import select

from tests.notifications.office import Office
from tests.notifications.test_crashes import open_groups
from tracker.notifications import pacing
from tracker.notifications.books import Start, Taken, Written, write_down
from tracker.notifications.channels import Receipt
from tracker.notifications.composing import Desk
from tracker.notifications.models import Channel, Delivery, RobotAttempt
from tracker.notifications.preparing import Ready, prepare
from tracker.notifications.rules import MessageState, Pace

HOLDER = "tests"


def prepared(office: Office, count: int) -> tuple[list[Ready], Pace]:
    open_groups(office, count)
    with office.database.writing() as session:
        pace = pacing.pace_of(session)
        desk = Desk(
            voices={office.voice.object_type: office.voice},
            new_ones=[office.voice.object_type],
            links=office.links,
            now=office.clock.now(),
        )
        channels = session.scalars(select(Channel.id)).all()
        found = prepare(session, channels, desk, holder=HOLDER, pace=pace).ready
        session.commit()
    return found, pace


def written(office: Office, entries: list[Start | Taken], pace: Pace) -> list[Written]:
    with office.database.engine.begin() as connection:
        return write_down(connection, entries, holder=HOLDER, pace=pace, now=office.clock.now())


def states(office: Office) -> list[MessageState]:
    with office.database.reading() as session:
        return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))


def taken(start: Start, what: Written) -> Taken:
    assert what.until is not None
    return Taken(ready=start.ready, part=start.part, until=what.until, receipt=Receipt(0, "ok"))


def test_starts_and_ends_of_several_messages_are_written_at_once(office: Office) -> None:
    ready, pace = prepared(office, 4)
    starts = [Start(ready=one, part=one.parts[0]) for one in ready]
    begun = written(office, [*starts[:3]], pace)
    assert states(office) == [MessageState.SENDING] * 3 + [MessageState.QUEUED]
    mixed: list[Start | Taken] = [taken(starts[0], begun[0]), starts[3], taken(starts[1], begun[1])]
    answers = written(office, mixed, pace)
    assert [one.is_released for one in answers] == [True, False, True]
    assert [one.until is not None for one in answers] == [False, True, False]
    sent, sending = MessageState.SENT, MessageState.SENDING
    assert states(office) == [sent, sent, sending, sending]
    with office.database.reading() as session:
        assert len(session.scalars(select(RobotAttempt.at)).all()) == 2
        held = session.scalars(select(Channel.claimed_by).order_by(Channel.id)).all()
        assert held.count(None) == 2


def test_an_answer_to_an_earlier_attempt_changes_nothing(office: Office) -> None:
    ready, pace = prepared(office, 1)
    start = Start(ready=ready[0], part=ready[0].parts[0])
    (begun,) = written(office, [start], pace)
    with office.database.writing() as session:
        session.scalars(select(Delivery)).one().attempts = 2  # somebody else sends it again
        session.commit()
    (late,) = written(office, [taken(start, begun)], pace)
    assert not late.is_released
    assert states(office) == [MessageState.SENDING]


def test_a_part_that_is_put_off_or_asked_for_long_ago_is_not_begun(office: Office) -> None:
    ready, pace = prepared(office, 2)
    first, second = (one.parts[0] for one in ready)
    later = office.clock.now() + timedelta(seconds=1)
    put_off = type(first)(**{**vars(first), "retry_at": later})
    answers = written(
        office,
        [Start(ready=ready[0], part=put_off), Start(ready=ready[1], part=second)],
        pace,
    )
    assert [one.until is not None for one in answers] == [False, True]
    office.clock.advance(timedelta(seconds=61))
    (old,) = written(office, [Start(ready=ready[0], part=first)], pace)
    assert old.until is None


def test_two_messages_of_one_key_never_leave_together(office: Office) -> None:
    ready, pace = prepared(office, 2)
    with office.database.writing() as session:
        marks = {channel.key_mark for channel in session.scalars(select(Channel))}
        session.commit()
    assert len(marks) == 2
    one_key = type(ready[1])(**{**vars(ready[1]), "key_mark": ready[0].key_mark})
    starts = [Start(ready=it, part=it.parts[0]) for it in (ready[0], one_key)]
    both = written(office, [*starts], pace)
    assert sum(one.until is not None for one in both) == 1
    again = written(
        office, [start for start, it in zip(starts, both, strict=True) if not it.until], pace
    )
    assert again[0].until is None
