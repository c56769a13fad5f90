"""Every table of the product in one place: what migrations and tests look at."""

from tracker.audit import models as audit
from tracker.county_submissions import models as county_submissions
from tracker.dispatches import models as dispatches
from tracker.drafts import models as drafts
from tracker.feedback import models as feedback
from tracker.files import models as files
from tracker.handover import models as handover
from tracker.job_runs import models as job_runs
from tracker.kernel import settings
from tracker.kernel.db import Base
from tracker.ledger import models as ledger
from tracker.letters import models as letters
from tracker.notifications import models as notifications
from tracker.organizations import models as organizations
from tracker.people import models as people
from tracker.rectification import models as rectification
from tracker.reminders import models as reminders
from tracker.reports import models as reports
from tracker.rounds import models as rounds
from tracker.statistics import models as statistics
from tracker.summaries import models as summaries
from tracker.watchdog import models as watchdog
from tracker.web import models as web
from tracker.workdays import models as workdays

ROOMS = (
    settings,
    web,
    workdays,
    organizations,
    people,
    files,
    audit,
    drafts,
    job_runs,
    notifications,
    watchdog,
    rounds,
    feedback,
    rectification,
    letters,
    handover,
    dispatches,
    statistics,
    county_submissions,
    reminders,
    summaries,
    reports,
    ledger,
)
metadata = Base.metadata
