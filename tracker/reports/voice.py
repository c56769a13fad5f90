"""What chat says about reports: that there is an edition, never a figure."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.kernel.links import Links
from tracker.notifications.models import Notification
from tracker.notifications.voices import Entry
from tracker.reports import texts
from tracker.reports.models import ReportRun
from tracker.reports.rules import ReportState
from tracker.reports.service import ISSUED, REPORT_RUN

URGENCY = 9  # after everything that is due


class ReportVoice:
    """Speaks for reports that were made (to the office) or issued (to the liaisons)."""

    object_type = REPORT_RUN

    def entries(
        self,
        session: Session,
        notifications: Sequence[Notification],
        *,
        today: date,  # noqa: ARG002 - an edition stays worth saying until the next one
        links: Links,  # noqa: ARG002 - the digest carries the one link
    ) -> dict[int, Entry]:
        """Return entries of the newest editions; a later one makes an unsaid announcement moot."""
        runs = _newest(session, {each.object_id for each in notifications})
        found = {}
        for each in notifications:
            is_issued = each.rule == ISSUED
            run = runs.get((each.object_id, is_issued))
            if run is not None:
                found[each.id] = Entry(
                    notification_id=each.id,
                    urgency=URGENCY,
                    heading=run.kind.label,
                    line=texts.announcement(run.title, is_issued=is_issued),
                )
        return found


def _newest(session: Session, ids: set[int]) -> dict[tuple[int, bool], ReportRun]:
    """Return, by (id, whether as an issued one), the reports nothing newer has replaced."""
    found = {}
    for is_issued in (False, True):
        newest = select(func.max(ReportRun.id)).group_by(
            ReportRun.kind, ReportRun.region_id, ReportRun.round_id
        )
        if is_issued:
            newest = newest.where(ReportRun.state == ReportState.ISSUED)
        query = select(ReportRun).where(ReportRun.id.in_(ids), ReportRun.id.in_(newest))
        found.update({(run.id, is_issued): run for run in session.scalars(query)})
    return found


VOICES = (ReportVoice(),)
