"""What the groups see of a weekly report, in the simulator's chat pages."""

from dataclasses import replace

from flask import Flask
from sqlalchemy import select

from jobs import deliver_notifications, weekly_report
from jobs.context import job_context
from tests.fakes.clock import ManualClock
from tests.notifications.office import Office
from tests.reports.histories import MONDAY, Histories, T
from tests.visitor import Visitor
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.notifications.rules import ChannelKind
from tracker.reports.models import ReportRun
from tracker.wecom_sandbox.server import start_sandbox


def test_the_liaisons_group_hears_of_an_edition_only_after_the_lead_issued_it(
    app: Flask, made: Histories, database: Database, clock: ManualClock, config: Config
) -> None:
    made.task(T, unit="b")
    made.session.commit()
    clock.set_local(MONDAY, 8, 37)
    with start_sandbox(now=clock.now) as sandbox:
        office = Office(database, made.cast, clock, config, sandbox)
        office.switch("1")
        office.channel("office", ChannelKind.OFFICE)
        office.channel("shared", ChannelKind.SHARED)
        context = replace(
            job_context(app), config=replace(config, wecom_allowed_hosts=(sandbox.url,))
        )
        assert weekly_report.run(context, clock.now()) == 1
        assert deliver_notifications.run(context, clock.now()) == 0  # before 09:07
        clock.set_local(MONDAY, 9, 7)
        assert deliver_notifications.run(context, clock.now()) == 1
        (told,) = sandbox.seen("office")
        assert "《第三轮巡察整改工作周报（第1期）》已生成，请登录查看。" in told["content"]
        assert "市乙局" not in told["content"]
        assert list(sandbox.seen("shared")) == []

        issue_as_lead(app, database)
        assert deliver_notifications.run(context, clock.now()) == 1
        (heard,) = sandbox.seen("shared")
        assert "《第三轮巡察整改工作周报（第1期）》已签发，请登录查看。" in heard["content"]
        assert len(list(sandbox.seen("office"))) == 1


def issue_as_lead(app: Flask, database: Database) -> None:
    with database.reading() as session:
        report_id = session.scalars(select(ReportRun.id)).one()
    lead = Visitor(app)
    lead.sign_in("lead")
    lead.post(f"/reports/{report_id}/issue", via=f"/reports/{report_id}")
