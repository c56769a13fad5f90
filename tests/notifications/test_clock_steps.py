"""A clock that was a year ahead is set right: what it queued, put off or paused goes on now."""

from datetime import timedelta

from tests.notifications.office import Office
from tracker.notifications.delivery import recover
from tracker.notifications.rules import ChannelKind, MessageState

A_YEAR = timedelta(days=364)  # on a Monday as well


def recovered(office: Office) -> None:
    with office.database.writing() as session:
        recover(session, now=office.clock.now())
        session.commit()


def test_what_was_queued_by_a_clock_far_ahead_goes_when_it_is_set_right(office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.clock.advance(A_YEAR)
    office.queue(1)
    office.clock.advance(-A_YEAR)
    assert office.deliver() == 0
    recovered(office)
    assert office.deliver() == 1


def test_a_retry_and_a_pause_of_next_year_hold_nobody_back(office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    for fault in ("http500", "45009"):
        office.clock.advance(A_YEAR)
        office.sandbox.script_fault(fault)
        number = len(office.states()) + 1
        office.queue(number)
        office.deliver()
        assert office.states()[number] is MessageState.RETRY_AT
        office.clock.advance(-A_YEAR)
        assert office.deliver() == 0
        recovered(office)
        assert office.deliver() == 1
        office.clock.advance(timedelta(days=1))


def test_what_is_queued_for_after_a_holiday_waits_for_it(office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1, not_before=office.clock.now() + timedelta(days=9))
    recovered(office)
    assert office.deliver() == 0
