"""Making, keeping, announcing and issuing an edition."""

from datetime import UTC, date, timedelta
from io import BytesIO
from pathlib import Path

import docx
import pytest
from sqlalchemy import select

from tests.factories.cast import TESTER
from tests.reports.histories import LAST_WEEK, MONDAY, Histories, T, moment
from tracker.audit.models import AuditEntry
from tracker.files.storage import FileStorage
from tracker.kernel.clock import local
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.links import Links
from tracker.notifications.models import Notification
from tracker.notifications.rules import Audience
from tracker.rectification.rules.words import TaskState
from tracker.reports.models import ReportRun
from tracker.reports.rules import ReportState
from tracker.reports.service import issue_report, make_weekly
from tracker.reports.voice import ReportVoice
from tracker.reports.weekly import loaded
from tracker.rounds.models import Round
from tracker.workdays.rules import WorkCalendar

WEEK = timedelta(days=7)


@pytest.fixture
def storage(tmp_path: Path) -> FileStorage:
    return FileStorage(tmp_path / "kept")


def make(
    made: Histories, storage: FileStorage, on: date = MONDAY, hour: int = 8
) -> ReportRun | None:
    return make_weekly(
        made.session,
        made.work.region_id,
        made.session.get_one(Round, made.work.round_id),
        now=moment(on, hour),
        calendar=WorkCalendar(),
        storage=storage,
        actor=TESTER,
    )


def surely(run: ReportRun | None) -> ReportRun:
    assert run is not None
    return run


def messages(made: Histories) -> list[Notification]:
    return list(made.session.scalars(select(Notification).order_by(Notification.id)))


def chat(made: Histories) -> list[tuple[Audience, str]]:
    told = messages(made)
    said = ReportVoice().entries(made.session, told, today=MONDAY, links=Links(None))
    return [(each.audience, said[each.id].line) for each in told if each.id in said]


def test_an_edition_is_kept_with_both_files(made: Histories, storage: FileStorage) -> None:
    made.task(T - 5 * timedelta(days=1))
    run = surely(make(made, storage))
    assert (run.edition, run.as_of, run.state) == (1, T, ReportState.INTERNAL)
    assert run.title == "第三轮巡察整改工作周报（第1期）"
    assert run.docx.original_name == "第三轮巡察整改工作周报（第1期）.docx"
    assert run.xlsx.original_name == "第三轮巡察整改工作周报（第1期）.xlsx"
    assert storage.fault_of(run.docx) is None
    assert storage.fault_of(run.xlsx) is None
    assert loaded(run.figures).overdue.now == 1
    made.session.commit()
    assert "report_made" in made.session.scalars(select(AuditEntry.action)).all()


def test_the_same_edition_is_never_made_twice(made: Histories, storage: FileStorage) -> None:
    made.task(T)
    assert make(made, storage) is not None
    assert make(made, storage) is None
    assert make(made, storage, MONDAY + timedelta(days=4)) is None
    assert len(messages(made)) == 1


def test_a_missed_week_is_not_made_up_and_the_numbers_go_on(
    made: Histories, storage: FileStorage
) -> None:
    made.task(T)
    assert surely(make(made, storage)).edition == 1
    assert surely(make(made, storage, MONDAY + 2 * WEEK + timedelta(days=3))).edition == 2
    assert make(made, storage, MONDAY + WEEK) is None  # a clock set back makes no older edition


def test_nothing_is_made_before_the_issuing_day_or_without_issued_tasks(
    made: Histories, storage: FileStorage
) -> None:
    made.task(T, state=TaskState.DRAFT)
    assert make(made, storage) is None
    assert messages(made) == []


def test_a_week_without_overdue_tasks_has_its_edition_too(
    made: Histories, storage: FileStorage
) -> None:
    made.task(None)
    run = surely(make(made, storage))
    with storage.path(run.docx).open("rb") as file:
        text = "\n".join(each.text for each in docx.Document(BytesIO(file.read())).paragraphs)
    assert "本周无逾期。" in text
    assert "附件" not in text


def test_only_the_office_hears_of_an_edition_that_is_not_issued(
    made: Histories, storage: FileStorage
) -> None:
    made.task(T - WEEK)
    surely(make(made, storage))
    assert chat(made) == [
        (Audience.OFFICE, "《第三轮巡察整改工作周报（第1期）》已生成，请登录查看。")
    ]


def test_the_liaisons_hear_of_it_once_the_lead_has_issued_it(
    made: Histories, storage: FileStorage
) -> None:
    made.task(T - WEEK)
    run = surely(make(made, storage))
    issue_report(made.session, run, actor=made.cast.actor("lead"), now=moment(MONDAY, 10))
    assert run.state is ReportState.ISSUED
    assert run.issued_at == moment(MONDAY, 10)
    assert chat(made)[1:] == [
        (Audience.LIAISONS, "《第三轮巡察整改工作周报（第1期）》已签发，请登录查看。")
    ]
    assert messages(made)[1].unit_id is None
    with pytest.raises(DomainError, match="已经签发"):
        issue_report(made.session, run, actor=made.cast.actor("lead"), now=moment(MONDAY, 11))


@pytest.mark.parametrize(
    ("who", "refusal"), [("clerk", DomainError), ("east_lead", NotVisibleError)]
)
def test_only_the_lead_of_the_office_issues(
    made: Histories, storage: FileStorage, who: str, refusal: type[Exception]
) -> None:
    made.task(T)
    run = surely(make(made, storage))
    with pytest.raises(refusal):
        issue_report(made.session, run, actor=made.cast.actor(who), now=moment(MONDAY))
    assert run.state is ReportState.INTERNAL
    assert len(messages(made)) == 1


def test_a_newer_edition_makes_an_unsaid_announcement_moot(
    made: Histories, storage: FileStorage
) -> None:
    made.task(T)
    surely(make(made, storage, LAST_WEEK + timedelta(days=1)))
    surely(make(made, storage))
    assert [line for _audience, line in chat(made)] == [
        "《第三轮巡察整改工作周报（第2期）》已生成，请登录查看。"
    ]


@pytest.mark.parametrize(
    ("day", "hour", "told"),
    [
        (MONDAY, 8, "2026-11-16 09:07"),
        (MONDAY, 11, "2026-11-16 11:00"),
        (MONDAY, 20, "2026-11-17 09:07"),
        (date(2026, 11, 21), 8, "2026-11-23 09:07"),
    ],
)
def test_groups_hear_of_it_in_office_hours(
    made: Histories, storage: FileStorage, day: date, hour: int, told: str
) -> None:
    made.task(T)
    surely(make(made, storage, day, hour))
    (message,) = messages(made)
    assert message.queued_at.astimezone(UTC) == moment(day, hour)
    assert local(message.not_before).strftime("%Y-%m-%d %H:%M") == told
