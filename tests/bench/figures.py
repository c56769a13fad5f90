"""The whole registry of figures of one city as of a past day, against bare SQL for the same."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.bench.office import BigOffice
from tests.bench.timing import Measured, compare, statements_of
from tests.conftest import MONDAY
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.service import measure_all

AS_OF = MONDAY - timedelta(days=7)
LAST_SUNDAY = AS_OF - timedelta(days=(AS_OF.weekday() + 1) % 7 or 7)
MOST_STATEMENTS = 90

# Where each task stood on the day: read once, grouped for issues and for tasks.
STOOD = """
WITH ranked AS (
    SELECT task_id, to_state,
           row_number() OVER (PARTITION BY task_id ORDER BY occurred_on DESC, id DESC) AS place
    FROM task_transitions WHERE occurred_on <= :day
), stood AS (SELECT task_id, to_state AS state FROM ranked WHERE place = 1)
"""
OF_ISSUES = (
    STOOD
    + """
SELECT count(*), sum(CASE WHEN closed > 0 AND still_open = 0 THEN 1 ELSE 0 END)
FROM (
    SELECT issues.id,
           sum(CASE WHEN stood.state = 'closed' THEN 1 ELSE 0 END) AS closed,
           sum(CASE WHEN stood.state NOT IN ('closed', 'void', 'ended') THEN 1 ELSE 0 END)
               AS still_open
    FROM issues
    JOIN feedbacks ON feedbacks.id = issues.feedback_id
    JOIN tasks ON tasks.issue_id = issues.id
    JOIN stood ON stood.task_id = tasks.id
    WHERE issues.region_id = :region AND feedbacks.fed_back_on <= :day
    GROUP BY issues.id
) AS counted
"""
)
OF_TASKS = (
    STOOD
    + """
SELECT feedbacks.source, stood.state,
       sum(CASE WHEN tasks.due_on < :day THEN 1 ELSE 0 END), count(*)
FROM tasks
JOIN stood ON stood.task_id = tasks.id
JOIN feedbacks ON feedbacks.id = tasks.feedback_id
WHERE tasks.region_id = :region
GROUP BY feedbacks.source, stood.state
"""
)
# Of each unit: issued, closed, in time, at once, extended, returned, reopened, with which results.
OF_UNITS = (
    STOOD
    + """
, steps AS (
    SELECT task_id,
           sum(CASE WHEN to_state = 'office_review' THEN 1 ELSE 0 END) AS handed_in,
           sum(CASE WHEN to_state = 'closed' THEN 1 ELSE 0 END) AS closings,
           sum(CASE WHEN from_state = 'closed' THEN 1 ELSE 0 END) AS reopenings
    FROM task_transitions WHERE occurred_on <= :day GROUP BY task_id
), extended AS (
    SELECT task_id, count(*) AS times FROM due_changes
    WHERE kind = 'extension' AND occurred_on <= :day GROUP BY task_id
), returned AS (
    SELECT task_id, count(*) AS times FROM reviews
    WHERE outcome = 'returned' AND reviewed_on <= :day GROUP BY task_id
), reports AS (
    SELECT task_id, rules_made, orgs_held, persons_held, recovered_wan, done_on,
           row_number() OVER (PARTITION BY task_id ORDER BY reported_on DESC, id DESC) AS place
    FROM progress_reports WHERE reported_on <= :day
)
SELECT tasks.lead_unit_id, count(*),
       sum(CASE WHEN stood.state = 'closed' THEN 1 ELSE 0 END),
       sum(CASE WHEN tasks.original_due <= :day THEN 1 ELSE 0 END),
       sum(CASE WHEN tasks.original_due <= :day AND stood.state = 'closed'
                 AND reports.done_on <= tasks.original_due THEN 1 ELSE 0 END),
       sum(CASE WHEN tasks.kind = 'immediate' THEN 1 ELSE 0 END),
       sum(CASE WHEN tasks.kind = 'immediate' AND stood.state = 'closed' THEN 1 ELSE 0 END),
       sum(CASE WHEN extended.times > 0 THEN 1 ELSE 0 END), sum(extended.times),
       sum(CASE WHEN steps.handed_in > 0 THEN 1 ELSE 0 END),
       sum(CASE WHEN returned.times > 0 THEN 1 ELSE 0 END), sum(returned.times),
       sum(CASE WHEN steps.closings > 0 THEN 1 ELSE 0 END),
       sum(CASE WHEN steps.reopenings > 0 THEN 1 ELSE 0 END), sum(steps.reopenings),
       sum(reports.rules_made), sum(reports.orgs_held), sum(reports.persons_held),
       sum(reports.recovered_wan)
FROM tasks
JOIN stood ON stood.task_id = tasks.id
JOIN steps ON steps.task_id = tasks.id
LEFT JOIN extended ON extended.task_id = tasks.id
LEFT JOIN returned ON returned.task_id = tasks.id
LEFT JOIN reports ON reports.task_id = tasks.id AND reports.place = 1
WHERE tasks.region_id = :region AND stood.state NOT IN ('draft', 'void', 'ended')
GROUP BY tasks.lead_unit_id
"""
)
# Where each stood on the Sunday before: what was overdue then.
LAST_WEEK = (
    STOOD.replace(":day", ":sunday")
    + """
SELECT count(*), min(tasks.due_on) FROM tasks JOIN stood ON stood.task_id = tasks.id
WHERE tasks.region_id = :region AND tasks.due_on < :sunday
  AND stood.state IN ('issued', 'planning', 'in_progress', 'unit_check')
"""
)
OF_TOURS = """
SELECT count(DISTINCT inspections.round_id), count(DISTINCT inspections.unit_id)
FROM inspections WHERE conducting_region_id = :region AND onsite_end <= :day
"""
FLOOR = (OF_ISSUES, OF_TASKS, OF_UNITS, LAST_WEEK, OF_TOURS)


def measure_figures(office: BigOffice) -> Iterator[Measured]:
    """Yield the registry against the least SQL that reads the same rows once."""
    actor = office.cast.actor("clerk")
    region_id = office.cast.regions["city"]
    query = FigureQuery(actor=actor, region_id=region_id, as_of=AS_OF)
    known = {"region": region_id, "day": AS_OF, "sunday": LAST_SUNDAY}

    def registry(session: Session) -> object:
        return measure_all(session, query)

    def bare(session: Session) -> object:
        return [session.execute(text(sql), known).all() for sql in FLOOR]

    ours, floor = _in_a_session(office, registry), _in_a_session(office, bare)
    spent, least = compare(ours, floor)
    yield Measured(
        name="registry of a city as of a past day / bare SQL",
        ours=spent,
        floor=least,
        goal=5,
        statements=statements_of(ours),
        most_statements=MOST_STATEMENTS,
    )


def _in_a_session(office: BigOffice, work: Callable[[Session], object]) -> Callable[[], object]:
    def run() -> object:
        with office.database.reading() as session:
            return work(session)

    return run
