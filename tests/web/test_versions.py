"""Every form that changes a row carries the row's version; an old one changes nothing."""

import inspect
import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from tests.expected_routes import WORDS
from tests.factories.cast import Cast
from tests.factories.handing_over import add_handing_over
from tests.factories.work import PATH, make_work
from tests.fakes.clock import ManualClock
from tests.letters.work import oversight
from tests.rectification.scenarios import stored_file
from tests.test_conventions import source_with_helpers
from tests.visitor import Visitor
from tests.web.test_no_500 import Fields
from tracker.feedback.models import FeedbackRecipient
from tracker.feedback.rules import RecipientKind
from tracker.files.models import StoredFile
from tracker.kernel.db import Database, born
from tracker.models import metadata
from tracker.rectification.models import (
    DocumentVersion,
    Evidence,
    Extension,
    MonthlyReport,
    MonthlyReportLine,
    ProgressReport,
    Task,
    UnitDocument,
)
from tracker.rectification.rules.words import (
    CompletionClass,
    DocumentKind,
    ExtensionState,
    TaskState,
)
from tracker.rounds.models import Milestone
from tracker.rounds.rules import MilestoneKind

OLD = "999999"  # 0 is what a form says whose row is still to be made
PEOPLE = ("clerk", "lead", "liaison_a", "head_a", "supervisor", "admin", "security")
# A form on another row's page, or one that shows nothing of what it changes.
NO_VERSION = {
    "administration.calendar_notice": "a year's days as pasted; what was looked at by its digest",
    "administration.move_unit": "makes a row: a change of the unit chosen on it, from a day on",
    "administration.new_holding": "makes a row",
    "administration.regions": "makes a row",
    "administration.unit_posts": "makes a row",
    "diagnosis.access_diagnosis": "asks",
    "feedback.new_issue": "makes a row",
    "feedback.reopen_former_issue": "about several tasks; a state that moved on refuses it",
    "handover.clue_policy": "makes a row",
    "handover.new_outcome": "makes a row",
    "handover.new_post_change": "makes a row",
    "ledger.undo_import": "the state refuses a second time, whatever was built meanwhile the first",
    "ledger.paste_import": "makes a row",
    "letters.new_finding": "makes a row",
    "notifications.channel_address": "typed anew, never shown: nothing is overwritten unseen",
    "people.change_password": "typed anew, and only by who knows the present one",
    "people.sign_in": "asks",
    "rectification.bulk_tasks": "each task is refused by the state it has meanwhile",
    "rectification.comment": "makes a row",
    "rectification.new_document": "makes a row",
    "rectification.fill_in": "a version per row: the last test here",
    "rectification.issue_feedback_tasks": "makes rows; a state that moved on refuses it",
    "rectification.upload_evidence": "makes a row",
    "rectification.upload_photos": "makes a row",
    "rectification.verify_certificate": "asks",
    "rounds.fill_coverage_targets": "makes rows; what stands on the list already is left alone",
    "rounds.new_inspection": "makes a row",
    "statistics.draft_round": "makes a round and its inspections",
    "statistics.entered": "makes a row",
    "summaries.dispatch_summary": "makes a row; a text that changed meanwhile is shown again first",
}
MAKES_A_ROW = re.compile(r"\.new_")
# A button whose row carries nothing to be read before, or whose own state refuses a second press.
NO_VERSION_BUTTONS = {
    "handover.cancel_post_change": "the state refuses it",
    "handover.switch_clues": "twice is once",
    "handover.revoke_grant": "ends a loan; twice is once",
    "job_runs.cancel_work": "work is not edited; what has ended refuses to be cancelled",
    "ledger.apply_import": "rows and cells are compared again; its state refuses a second time",
    "ledger.cancel_fill_in_return": "its state refuses a second time",
    "ledger.cancel_import": "its state refuses a second time",
    "notifications.disable_channel": "twice is once",
    "notifications.disable_way": "twice is once",
    "notifications.resend": "a delivery is not edited; its state refuses it",
    "notifications.try_channel": "changes nothing of the channel",
    "notifications.try_way": "changes nothing of the way",
    "people.activate_account": "twice is once",
    "people.deactivate_account": "twice is once",
    "people.sign_in_as": "the demonstration's way in; no row is changed",
    "people.revoke_delegation": "ends a loan; twice is once",
    "rectification.keep_certificate": "of a closed task; kept once",
    "reminders.give_round_rules": "copies rules to where none are; refused where some are",
    "reports.issue_report": "a run is not edited; its state refuses a second time",
}
NOT_A_CHANGE = {
    "audit_entries",
    "audit_heads",
    "document_openings",
    "task_openings",
    "user_sessions",
}


@pytest.fixture
def filled(database: Database, people: Cast, clock: ManualClock) -> Database:
    """A row of every kind that a form changes, in every state of a task."""
    now, stamps = clock.now(), born(actor=people.actor("clerk"), now=clock.now())
    with database.writing() as session:
        work = make_work(session, people, now=now)
        tasks = [work.task(session, people, state=state, now=now) for state in PATH]
        tasks.append(work.task(session, people, state=TaskState.LONG_TERM, now=now))
        working = tasks[PATH.index(TaskState.IN_PROGRESS)]
        progress = ProgressReport(
            task=working,
            reported_on=date(2026, 11, 2),
            text="甲",
            completion=CompletionClass.PARTLY,
            **stamps,
        )
        session.add_all(
            [
                UnitDocument(
                    feedback_id=work.feedback_ids["a"],
                    unit_id=people.units["a"],
                    kind=DocumentKind.PLAN,
                    **stamps,
                ),
                UnitDocument(
                    feedback_id=work.feedback_ids["a"],
                    unit_id=people.units["a"],
                    kind=DocumentKind.PROGRESS_REPORT,
                    versions=[
                        DocumentVersion(
                            seq=1,
                            title="甲",
                            document_on=date(2026, 11, 2),
                            file=stored_file(stamps),
                            is_confirmed_not_secret=True,
                            uploaded_at=now,
                            uploaded_by="tests",
                        )
                    ],
                    **stamps,
                ),
                FeedbackRecipient(
                    feedback_id=work.feedback_ids["a"],
                    unit_id=people.units["a"],
                    kind=RecipientKind.HEAD,
                    **stamps,
                ),
                Milestone(
                    inspection_id=work.inspection_ids["a"], kind=MilestoneKind.PLAN, **stamps
                ),
                Evidence(
                    task=working,
                    file=StoredFile(
                        storage_name="0" * 32 + ".pdf",
                        original_name="办法.pdf",
                        extension="pdf",
                        media_type="application/pdf",
                        size_bytes=1,
                        sha256="0" * 64,
                        stored_at=now,
                        stored_by="tests",
                    ),
                    title="办法",
                    document_on=date(2026, 11, 2),
                    is_confirmed_not_secret=True,
                    **stamps,
                ),
                Extension(
                    task=working,
                    state=ExtensionState.SIGNED,
                    old_due=date(2026, 12, 1),
                    new_due=date(2026, 12, 20),
                    reason="甲",
                    asked_on=date(2026, 11, 2),
                    asked_by="tests",
                    **stamps,
                ),
                MonthlyReport(
                    region_id=work.region_id,
                    unit_id=people.units["a"],
                    month=date(2026, 11, 1),
                    needs_sign_off=True,
                    submitted_on=date(2026, 11, 2),
                    submitted_by="tests",
                    lines=[MonthlyReportLine(progress=progress)],
                    **stamps,
                ),
            ]
        )
        oversight(session, people, work, now=now)
        add_handing_over(session, people, work, now=now)
        session.commit()
    return database


def changing_rules(app: Flask) -> list[Rule]:
    """Return the routes of forms that change what is there: GET and POST, whether the address names
    a row or the form is about the whole office's words."""
    found = [
        rule
        for rule in app.url_map.iter_rules()
        if {"GET", "POST"} <= (rule.methods or set())
        if rule.arguments or not MAKES_A_ROW.search(rule.endpoint)
    ]
    assert len(found) > 20
    return found


def opened(visitors: dict[str, Visitor], rule: Rule) -> tuple[Visitor, str] | None:
    """Return who may open a form, and an address where it is."""
    for number in range(1, 12):
        path = rule.rule
        for name in rule.arguments:
            word = WORDS.get(f"{rule.endpoint.partition('.')[0]}.{name}", str(number))
            path = re.sub(rf"<(?:\w+:)?{name}>", word, path)
        for visitor in visitors.values():
            if visitor.get(path).status_code == 200:
                return visitor, path
    return None


def sound(page: Fields) -> dict[str, Any]:
    """Return what fields of a narrower kind take."""
    scan = (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "签字件.pdf")
    known = {
        "mobile": "13800000000",
        "wecom_userid": "zhang",
        "email": "zhang@example.cn",
        "file": scan,
    }
    found = {name: value for name, value in known.items() if name in page.values}
    return {"decision": page.values.get("decision", "grant"), **found}


def snapshot(database: Database) -> dict[str, list[Any]]:
    with database.reading() as session:
        return {
            table.name: sorted(map(tuple, session.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table.name not in NOT_A_CHANGE
        }


def test_an_old_version_is_refused_by_every_form_that_changes_a_row(
    app: Flask, filled: Database
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    visitors = {name: Visitor(app) for name in PEOPLE}
    for name, visitor in visitors.items():
        visitor.sign_in(name)
    unopened, without, accepted = set(), set(), {}
    for rule in changing_rules(app):
        found = opened(visitors, rule)
        if found is None:
            unopened.add(rule.endpoint)
            continue
        visitor, path = found
        page = Fields()
        page.feed(visitor.text)
        if not page.values.get("version", "").isdigit():
            without.add(rule.endpoint)
            continue
        del page.values["submission"]
        before = snapshot(filled)
        answer = visitor.post_raw(path, {**page.values, **sound(page), "version": OLD})
        if answer.status_code != 409 or snapshot(filled) != before:
            accepted[rule.endpoint] = answer.status_code
    with app.app_context():
        unchecked = {
            endpoint
            for endpoint in unopened - NO_VERSION.keys()
            if not re.search(
                r"\bcheck_(version|shown)\(", whole_source(app.view_functions[endpoint])
            )
        }
    assert accepted == {}
    assert sorted(without - NO_VERSION.keys()) == []
    assert sorted(unchecked) == []
    assert len(unopened) < len(changing_rules(app)) / 4


def test_every_button_of_a_row_looks_at_the_version_its_page_showed(app: Flask) -> None:
    buttons = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if {"GET", "POST"} & (rule.methods or set()) == {"POST"} and rule.arguments
    ]
    with app.app_context():
        unchecked = {
            endpoint
            for endpoint in buttons
            if not re.search(
                r"\b(refusal_of_press|check_version)\(", whole_source(app.view_functions[endpoint])
            )
        }
    assert unchecked == NO_VERSION_BUTTONS.keys()
    assert len(buttons) > 25


def whole_source(view: Callable[..., object]) -> str:
    """Return the source of a view, its helpers, and theirs, as far as its module goes."""
    there, source = vars(inspect.getmodule(view)), source_with_helpers(view)
    called = {
        name for name in re.findall(r"\b(\w+)\(", source) if inspect.isfunction(there.get(name))
    }
    return source + "".join(source_with_helpers(there[name]) for name in called)


def test_rows_of_a_page_each_carry_their_version(app: Flask, filled: Database) -> None:
    visitor = Visitor(app)
    visitor.sign_in("liaison_a")
    page = visitor.get("/fill-in").get_data(as_text=True)
    with filled.reading() as session:
        versions = {task.id: task.version for task in session.scalars(select(Task))}
    found = {
        int(n): int(v) for n, v in re.findall(r'name="t(\d+)-version"[^>]*value="(\d+)"', page)
    }
    assert len(found) == 2
    assert found.items() <= versions.items()
