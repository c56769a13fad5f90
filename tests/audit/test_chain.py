"""Whoever rewrites the trail, even past the database's guards, is found out."""

import json
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DatabaseError

from jobs import anchor_audit
from jobs.context import JobContext, job_context
from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tracker.audit.anchors import anchor_path, read_anchors
from tracker.audit.chain import first_broken_link, link
from tracker.audit.cli import audit_group
from tracker.audit.models import AuditEntry, AuditHead
from tracker.audit.service import record
from tracker.audit.verifying import Verdict, verify
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Unit

ENTRIES = 8


@pytest.fixture
def trail(database: Database, people: Cast, clock: ManualClock) -> Database:
    """Eight entries: one of the cast, seven more."""
    with database.writing() as session:
        for number in range(ENTRIES - 1):
            session.get_one(Unit, people.units["a"]).sort_no = 100 + number
            record(session, "unit_edited", actor=people.actor("clerk"), now=clock.now())
            session.commit()
    return database


@pytest.fixture
def unguarded(trail: Database) -> Engine:
    """The database as its own administrator has it: the guards taken off."""
    suffix = "" if trail.is_sqlite else " ON audit_entries"
    with trail.engine.begin() as connection:
        for verb in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER keep_audit_entries_{verb}{suffix}"))
    return trail.engine


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def broken(database: Database) -> int | None:
    with database.reading() as session:
        return first_broken_link(session)


def verdict(database: Database, config: Config, *keys: str) -> Verdict:
    with database.reading() as session:
        return verify(session, anchor_path(config.data_dir), keys or config.secret_keys)


@pytest.fixture
def context(app: Flask) -> JobContext:
    return job_context(app)


def test_a_trail_nobody_touched_is_whole(trail: Database) -> None:
    with trail.reading() as session:
        assert session.query(AuditEntry).count() == ENTRIES
    assert broken(trail) is None


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entries SET actor = '别人' WHERE seq = 3", "DELETE FROM audit_entries"],
)
def test_the_database_itself_refuses(trail: Database, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        run(trail.engine, statement)
    assert broken(trail) is None


@pytest.mark.parametrize(
    "change",
    [
        "actor = '别人'",
        "address = '10.0.0.9'",
        "result = 'refused'",
        "unit_id = 77",
        "region_id = 77",
        "changes = '[]'",
        "reason = '另有理由'",
        "link_form = NULL",
        "link_form = 9",
        "detail = '{}  '",
    ],
)
def test_an_edited_entry_is_found(unguarded: Engine, trail: Database, change: str) -> None:
    run(unguarded, f"UPDATE audit_entries SET {change} WHERE seq = 4")
    assert broken(trail) == 4


def test_a_deleted_entry_is_found(unguarded: Engine, trail: Database) -> None:
    run(unguarded, "DELETE FROM audit_entries WHERE seq = 5")
    assert broken(trail) == 5


def test_a_deleted_entry_is_found_after_renumbering(unguarded: Engine, trail: Database) -> None:
    run(unguarded, "DELETE FROM audit_entries WHERE seq = 5")
    for number in range(6, ENTRIES + 1):
        run(unguarded, f"UPDATE audit_entries SET seq = {number - 1} WHERE seq = {number}")
    assert broken(trail) == 5


def test_two_entries_changing_places_are_found(unguarded: Engine, trail: Database) -> None:
    run(
        unguarded,
        "UPDATE audit_entries SET seq = 99 WHERE seq = 3",
        "UPDATE audit_entries SET seq = 3 WHERE seq = 6",
        "UPDATE audit_entries SET seq = 6 WHERE seq = 99",
    )
    assert broken(trail) == 3


def test_a_cut_tail_is_found(unguarded: Engine, trail: Database) -> None:
    run(unguarded, "DELETE FROM audit_entries WHERE seq > 6")
    assert broken(trail) == 7


CUT_AND_JOINED = (
    "DELETE FROM audit_entries WHERE seq > 6",
    "UPDATE audit_heads SET seq = 6, chain = (SELECT chain FROM audit_entries WHERE seq = 6)",
)


def test_a_tail_cut_and_joined_up_is_found_by_the_anchor_alone(
    unguarded: Engine, trail: Database, context: JobContext, config: Config, clock: ManualClock
) -> None:
    assert anchor_audit.run(context, clock.now()) == 1
    run(unguarded, *CUT_AND_JOINED)
    assert broken(trail) is None
    found = verdict(trail, config)
    assert found.broken == 7
    assert "截断" in found.problem


def test_a_trail_computed_anew_is_found_by_the_anchor(
    unguarded: Engine, trail: Database, context: JobContext, config: Config, clock: ManualClock
) -> None:
    anchor_audit.run(context, clock.now())
    run(unguarded, "UPDATE audit_entries SET actor = '别人' WHERE seq = 2")
    with trail.writing() as session:
        previous = "0" * 64
        for entry in session.query(AuditEntry).order_by(AuditEntry.seq).all():
            previous = entry.chain = link(previous, entry)
        session.execute(text("UPDATE audit_heads SET chain = :chain"), {"chain": previous})
        session.connection().commit()
    assert broken(trail) is None
    found = verdict(trail, config)
    assert found.broken == ENTRIES
    assert "锚点" in found.problem


def test_an_anchor_without_the_key_convinces_nobody(
    trail: Database, context: JobContext, config: Config, clock: ManualClock
) -> None:
    anchor_audit.run(context, clock.now())
    path = anchor_path(config.data_dir)
    line = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**line, "seq": 3, "chain": "0" * 64}) + "\n", "utf-8")
    assert "签名不符" in verdict(trail, config).problem
    path.write_text("nonsense\n", "utf-8")
    assert verdict(trail, config).broken is not None


def test_a_new_key_neither_breaks_the_chain_nor_the_anchors(
    trail: Database, context: JobContext, config: Config, clock: ManualClock
) -> None:
    anchor_audit.run(context, clock.now())
    new = "a-brand-new-secret-key-of-32-bytes-or-more"
    assert verdict(trail, config, new, *config.secret_keys).broken is None
    assert verdict(trail, config, new).broken is None
    assert verdict(trail, config, new).anchors == 1


def test_each_day_adds_a_line(context: JobContext, people: Cast, clock: ManualClock) -> None:
    for day in range(3):
        clock.set_local(date(2026, 11, 17 + day))
        anchor_audit.run(context, clock.now())
    assert len(read_anchors(anchor_path(context.config.data_dir))) == 3


def test_entries_of_the_first_form_still_fit(trail: Database, clock: ManualClock) -> None:
    """What was written before the chain covered before and after."""
    with trail.writing() as session:
        record(session, "sign_in", actor=Actor(name="旧"), now=clock.now())
        session.info["pending_audit"][0].link_form = None
        session.commit()
        record(session, "sign_out", actor=Actor(name="新"), now=clock.now())
        session.commit()
    assert broken(trail) is None


def test_two_sessions_in_turn_make_one_chain(trail: Database, clock: ManualClock) -> None:
    """A session that lives long reads the end of the chain anew."""
    held = []
    with trail.writing() as first, trail.writing() as second:
        for session in (first, second, first, second):
            record(session, "sign_in", actor=Actor(name="甲"), now=clock.now())
            session.commit()
            held.append(session.scalar(select(AuditHead)))  # so that it is not forgotten meanwhile
            session.rollback()
    assert broken(trail) is None


def test_the_command_says_where_it_breaks(
    app: Flask, trail: Database, unguarded: Engine, config: Config
) -> None:
    runner = app.test_cli_runner()
    whole = runner.invoke(audit_group, ["verify"])
    assert whole.exit_code == 0
    assert "共 8 条" in whole.output
    run(unguarded, "UPDATE audit_entries SET actor = '别人' WHERE seq = 4")
    told = runner.invoke(audit_group, ["verify"])
    assert told.exit_code == 1
    assert "从第 4 条起" in told.output
    as_json = runner.invoke(audit_group, ["verify", "--json"])
    assert as_json.exit_code == 1
    answer = json.loads(as_json.output)
    assert (answer["ok"], answer["broken"]) == (False, 4)


def test_the_anchor_file_is_for_its_owner_only(
    trail: Database, context: JobContext, clock: ManualClock
) -> None:
    anchor_audit.run(context, clock.now())
    path: Path = anchor_path(context.config.data_dir)
    assert path.stat().st_mode & 0o077 == 0
