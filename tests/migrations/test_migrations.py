"""Every migration goes up and down on both databases, with data in them."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, delete, inspect, select, text, update
from sqlalchemy.exc import DatabaseError

from tests.factories.cast import TESTER, Cast
from tests.factories.letters import make_records
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.letters.work import oversight
from tracker.demo.load import load
from tracker.kernel.config import Config
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Base, Database
from tracker.kernel.errors import ConfigError
from tracker.kernel.migrate import MIGRATIONS, downgrade, pending, upgrade
from tracker.letters.models import Assessment, Interview
from tracker.models import metadata
from tracker.notifications.rules import Way
from tracker.organizations.models import Region
from tracker.organizations.rules import OfficeMode
from tracker.rectification.models import TaskTransition
from tracker.rectification.rules.words import TaskState
from tracker.reminders.ladders import DEFAULT_RULES
from tracker.reminders.models import ReminderRule
from tracker.reminders.rulebook import as_rule, rules_of_mode
from tracker.reminders.rules import AnchorKind, RuleStatus
from tracker.reminders.service import ensure_default_rules, switch_pushing
from tracker.statistics.queries.query import FigureQuery
from tracker.summaries.models import SummaryTemplate
from tracker.summaries.service import write_paragraph

NEW_IN_35 = {
    OfficeMode.STANDARD: ("plan_review+3", "extension_review+3"),
    OfficeMode.SIMPLE: ("county_submission-3-office", "county_submission+1-office"),
}


@pytest.fixture
def filled(database: Database, people: Cast, clock: ManualClock) -> Database:
    """A database with people, a round, and tasks with history."""
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        for _ in range(3):
            work.task(session, people, now=clock.now())
        session.commit()
    return database


def every_row(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    return rows_of(database, metadata)


def rows_of(database: Database, tables: MetaData) -> dict[str, list[tuple[Any, ...]]]:
    with database.read_engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in tables.sorted_tables
            if table.name != "alembic_version"
        }


def test_the_migrations_make_exactly_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_down_one_and_up_again_keeps_every_row(filled: Database) -> None:
    before = every_row(filled)
    downgrade(filled, "-1")
    assert pending(filled) != []
    upgrade(filled)
    assert every_row(filled) == before
    assert before["tasks"] != []


def test_the_demonstration_survives_down_one_and_up_again(
    database: Database, config: Config, clock: ManualClock
) -> None:
    with database.writing() as session:
        load(session, Sealer(config.secret_keys), now=clock.now())
        session.commit()
    before = every_row(database)
    downgrade(database, "-1")
    old = MetaData()
    old.reflect(database.engine)
    kept = rows_of(database, old)
    upgrade(database)
    after = every_row(database)
    assert rows_of(database, old) == kept
    for name, table in metadata.tables.items():  # what this version added is lost on the way down
        if name in old.tables and set(table.columns.keys()) == set(old.tables[name].columns.keys()):
            assert after[name] == before[name]
    assert len(after["task_transitions"]) > 100


def test_each_step_can_be_walked_down_to_nothing_and_up_again(database: Database) -> None:
    steps = len(list(ScriptDirectory(str(MIGRATIONS)).walk_revisions()))
    for _ in range(steps):
        downgrade(database, "-1")
    with database.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    upgrade(database)
    assert pending(database) == []


def test_data_of_the_first_version_survive_the_upgrade(filled: Database) -> None:
    downgrade(filled, "0001")
    old = MetaData()
    old.reflect(filled.engine)
    before = rows_of(filled, old)
    assert before["tasks"] != []
    upgrade(filled)
    assert rows_of(filled, old) == before


def test_a_talk_entered_by_hand_is_linked_where_the_day_leaves_no_doubt(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    """Of four talks: one of the day, two of a doubtful day, one whose number is nobody's."""
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        work.task(
            session, people, state=TaskState.CLOSED, closed_on=date(2026, 11, 2), now=clock.now()
        )
        oversight(session, people, work, now=clock.now())
        talks = [make_records(session, people, now=clock.now())[0] for _ in range(4)]
        session.commit()
        assessment = session.scalars(select(Assessment)).one()
    downgrade(database, "0011")
    days = ("2026-11-16", "2026-11-15", "2026-11-15", "2026-11-14")
    with database.engine.begin() as connection:
        for talk, day in zip(talks, days, strict=True):
            connection.execute(
                text("UPDATE interviews SET held_on = :day, unit_id = :unit WHERE id = :id"),
                {"day": date.fromisoformat(day), "unit": assessment.unit_id, "id": talk.id},
            )
        connection.execute(
            text("UPDATE interviews SET assessment_no = 999 WHERE id = :id"), {"id": talks[3].id}
        )
        connection.execute(text("UPDATE assessments SET interviewed_on = '2026-11-16'"))
    upgrade(database)
    assert links(database) == [assessment.id, None, None, None]
    downgrade(database, "0011")
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE interviews SET assessment_no = NULL"))
        connection.execute(text("UPDATE assessments SET interviewed_on = '2026-11-15'"))
    upgrade(database)
    assert links(database) == [None, None, None, None]


def links(database: Database) -> list[int | None]:
    with database.reading() as session:
        return list(session.scalars(select(Interview.assessment_no).order_by(Interview.id)))


def test_an_office_with_rules_gets_those_of_county_submissions_in_dry_run(
    filled: Database, people: Cast, clock: ManualClock
) -> None:
    city = people.regions["city"]
    with filled.writing() as session:
        switch_pushing(session, city, True, actor=people.actor("lead"), now=clock.now())
        session.commit()
    downgrade(filled, "0031")
    upgrade(filled)
    with filled.reading() as session:
        rules = list(session.scalars(select(ReminderRule).order_by(ReminderRule.offset_days)))
        new = [rule for rule in rules if rule.anchor is AnchorKind.COUNTY_SUBMISSION]
    assert {(rule.region_id, rule.status) for rule in new} == {(city, RuleStatus.DRY_RUN)}
    shipped = [rule for rule in DEFAULT_RULES if rule.anchor is AnchorKind.COUNTY_SUBMISSION]
    assert [as_rule(rule) for rule in new] == shipped


@pytest.mark.parametrize("mode", OfficeMode)
def test_an_office_with_rules_gets_those_it_lacks_of_its_mode_in_dry_run(
    filled: Database, people: Cast, clock: ManualClock, mode: OfficeMode
) -> None:
    """Standard: what waits for the office. Simple: county submissions."""
    shipped = rules_of_mode(mode)
    new = [it for it in shipped if it.code in NEW_IN_35[mode]]
    assert len(new) == 2
    with filled.writing() as session:
        for name in ("city", "east"):
            session.get_one(Region, people.regions[name]).mode = mode
            lead = people.actor("lead" if name == "city" else "east_lead")
            switch_pushing(session, people.regions[name], True, actor=lead, now=clock.now())
        session.flush()
        west = session.get_one(Region, people.regions["west"])
        west.mode = next(other for other in OfficeMode if other is not mode)
        ensure_default_rules(session, west.id, actor=people.actor("lead"), now=clock.now())
        session.flush()
        lacking = ReminderRule.code.in_(NEW_IN_35[mode])
        elsewhere = ReminderRule.region_id != people.regions["east"]
        session.execute(delete(ReminderRule).where(elsewhere, lacking))
        session.commit()
    downgrade(filled, "0035")
    upgrade(filled)
    with filled.reading() as session:
        query = select(ReminderRule).where(ReminderRule.code.in_(NEW_IN_35[mode]))
        rows = list(session.scalars(query.order_by(ReminderRule.region_id, ReminderRule.id)))
    of = {
        name: [row for row in rows if row.region_id == people.regions[name]]
        for name in ("city", "east")
    }
    assert [as_rule(row) for row in of["city"]] == new
    assert {row.status for row in of["city"]} == {RuleStatus.DRY_RUN}
    assert {as_rule(row) for row in of["east"]} == set(new)
    assert {row.region_id for row in rows} == {people.regions[name] for name in of}


def test_rules_and_what_is_queued_keep_their_way_where_the_old_version_knows_it(
    filled: Database, people: Cast, clock: ManualClock
) -> None:
    with filled.writing() as session:
        switch_pushing(
            session, people.regions["city"], True, actor=people.actor("lead"), now=clock.now()
        )
        session.flush()
        ways = {"task_due+1": Way.GROUP, "task_due-10": Way.APP}
        for row in session.scalars(select(ReminderRule)):
            row.way = ways.get(row.code, Way.DEFAULT)
        session.commit()
    downgrade(filled, "0036")
    upgrade(filled)
    with filled.reading() as session:
        rows = {row.code: row for row in session.scalars(select(ReminderRule))}
    assert {row.way for row in rows.values()} == {Way.DEFAULT}
    assert not rows["task_due+1"].is_in_product_only
    assert rows["task_due-10"].is_in_product_only  # never in the group what was for one person


def test_saved_paragraphs_name_figures_by_code_after_the_upgrade(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    """Names of the older version; one that nobody knows stays, and its blank says so."""
    before = version_before("0041")
    downgrade(database, before)
    old = "本届{党委}对{本届:已巡察对象.行政村|数}个村，{ 巡察覆盖率 }，{没有的指标|数}，{制发函件.督办函}。"
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO summary_templates"
                " (region_id, purpose, seq, body, created_at, created_by, version)"
                " VALUES (:region, 'city_year', 1, :body, :at, '张三', 1)"
            ),
            {"region": people.regions["city"], "body": old, "at": clock.now().isoformat(" ")},
        )
    upgrade(database)
    with database.reading() as session:
        row = session.scalars(select(SummaryTemplate)).one()
        kept = "{党委}对{本届:units_inspected.village|数}个村，{ coverage_rate }，{没有的指标|数}"
        assert kept in row.body
        assert "{letters_issued.督办函}" in row.body
        region = session.get_one(Region, people.regions["city"])
        query = FigureQuery(actor=TESTER, region_id=region.id, as_of=date(2026, 11, 16))
        paragraph = write_paragraph(session, region, query, row.purpose, row.body)
        assert any("没有的指标" in piece.reason for piece in paragraph.blanks)
    downgrade(database, before)
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT body FROM summary_templates")) == old


def version_before(revision: str) -> str:
    found = ScriptDirectory(str(MIGRATIONS)).get_revision(revision)
    return str(found.down_revision)


def test_history_cannot_be_rewritten(filled: Database) -> None:
    for statement in (update(TaskTransition).values(actor="别人"), delete(TaskTransition)):
        with filled.writing() as session, pytest.raises(DatabaseError, match="append-only"):
            session.execute(statement)


def test_a_database_from_a_newer_version_is_refused_with_a_sentence(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        session.commit()
    with pytest.raises(ConfigError, match="来自更新的版本"):
        upgrade(database)
    with pytest.raises(ConfigError, match="来自更新的版本"):
        pending(database)


def test_revisions_are_sequential() -> None:
    names = sorted(path.name for path in Path(MIGRATIONS, "versions").glob("[0-9]*.py"))
    assert [name[:4] for name in names] == [f"{number:04d}" for number in range(1, len(names) + 1)]
    assert Base.metadata is metadata
