"""What exists: every room's pages and commands, one line each."""

from flask import Flask

from tracker.administration import cli as administration_cli
from tracker.administration import views as administration
from tracker.audit import cli as audit_cli
from tracker.audit import views as audit
from tracker.county_submissions import views as county_submissions
from tracker.demo import cli as demo_cli
from tracker.diagnosis import views as diagnosis
from tracker.dispatches import views as dispatches
from tracker.drafts import views as drafts
from tracker.feedback import views as feedback
from tracker.handover import views as handover
from tracker.home import views as home
from tracker.job_runs import views as job_runs
from tracker.kernel.config import Config
from tracker.ledger import cli as ledger_cli
from tracker.ledger import views as ledger
from tracker.letters import views as letters
from tracker.notifications import cli as notifications_cli
from tracker.notifications import views as notifications
from tracker.people import cli as people_cli
from tracker.people import views as people
from tracker.rectification import cli as rectification_cli
from tracker.rectification import views as rectification
from tracker.reminders import cli as reminders_cli
from tracker.reminders import views as reminders
from tracker.reports import cli as reports_cli
from tracker.reports import views as reports
from tracker.rounds import views as rounds
from tracker.statistics import cli as statistics_cli
from tracker.statistics import views as statistics
from tracker.summaries import cli as summaries_cli
from tracker.summaries import views as summaries
from tracker.watchdog import views as health
from tracker.workdays import cli as workdays_cli

PAGES = (
    health,
    drafts,
    job_runs,
    home,
    rounds,
    feedback,
    rectification,
    letters,
    handover,
    ledger,
    reminders,
    notifications,
    statistics,
    county_submissions,
    dispatches,
    summaries,
    reports,
    administration,
    audit,
    diagnosis,
)
COMMANDS = (
    administration_cli.db_group,
    people_cli.user_group,
    workdays_cli.calendar_group,
    rectification_cli.workflow_group,
    ledger_cli.ledger_group,
    reminders_cli.reminders_group,
    notifications_cli.channel_group,
    statistics_cli.stats_group,
    reports_cli.report_group,
    audit_cli.audit_group,
    demo_cli.demo_group,
)


def init_app(app: Flask, config: Config) -> None:
    """Register pages, then commands."""
    statistics_cli.stats_group.add_command(summaries_cli.summary)
    people.init_app(app, config)
    for pages in PAGES:
        app.register_blueprint(pages.bp)
    for group in COMMANDS:
        app.cli.add_command(group)
