"""对应列: the step of an import that says what each column means, and the words learned there."""

import re
from collections.abc import Mapping

import pytest
from sqlalchemy import func, select

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.ledger.importing import FED_BACK, mixed_ledger
from tests.ledger.test_imports import upload
from tests.ledgers.factory import ledger
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.db import Database
from tracker.ledger.header_words import Unread
from tracker.ledger.learning import learn_words
from tracker.ledger.models import HeaderWord, ImportBatch, ImportRow
from tracker.rectification.models import Task

HEADER = ("被巡察单位", "查摆情形", "整改举措要点", "办结节点", "牵头单位", "备注")
ROW = ("市甲局", "理论学习不深入", "制定学习计划", "2026年12月底前", "办公室", "无")
CHOICES = ("unit", "issue", "measure", "due", "lead_dept", "remark")


@pytest.fixture
def round_id(database: Database, people: Cast, clock: ManualClock) -> int:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        session.commit()
    return work.round_id


@pytest.fixture
def page(visitor: Visitor, round_id: int) -> str:
    """Upload a ledger in words of their own; the wizard leads to its columns."""
    visitor.sign_in("clerk")
    return upload(visitor, round_id, ledger([list(ROW)], header=HEADER))


def fields_of(
    visitor: Visitor, page: str, choices: Mapping[int, str] | None = None
) -> dict[str, str]:
    """Return the form as it stands, some columns chosen otherwise."""
    text = visitor.get(page).get_data(as_text=True)
    version = re.findall(r'name="version"[^>]*value="(\d+)"', text)[0]
    selects = re.findall(r'<select[^>]*name="(meanings-\d+)"[^>]*>(.*?)</select>', text, re.DOTALL)
    chosen = {name: re.findall(r'selected[^>]*value="(\w+)"', body)[0] for name, body in selects}
    others = {f"meanings-{place}": code for place, code in (choices or {}).items()}
    return {**chosen, **others, "version": version}


def all_chosen() -> dict[int, str]:
    return dict(enumerate(CHOICES))


def learned(database: Database) -> dict[str, str]:
    with database.reading() as session:
        return {row.word: row.meaning for row in session.scalars(select(HeaderWord))}


def test_a_ledger_in_other_words_is_asked_about_and_read_by_what_was_said(
    database: Database, visitor: Visitor, page: str
) -> None:
    assert re.fullmatch(r"/imports/\d+/columns", page)
    fields = fields_of(visitor, page)
    assert [fields[f"meanings-{n}"] for n in (0, 1, 4)] == ["unit", "extra", "lead_dept"]
    for word in ("查摆情形", "制定学习计划", "不认识的表头", "请指出哪一列是"):
        assert word in visitor.text
    answer = visitor.post(page, fields_of(visitor, page, all_chosen()), via=page)
    assert answer.headers["Location"] == page.removesuffix("/columns")
    visitor.get(f"{page.removesuffix('/columns')}?show=new")
    assert "理论学习不深入" in visitor.text
    assert "调整对应列" in visitor.text
    assert learned(database) == {"查摆情形": "issue", "整改举措要点": "measure", "办结节点": "due"}
    visitor.post(f"{page.removesuffix('/columns')}/apply", via=page.removesuffix("/columns"))
    with database.reading() as session:
        assert session.scalar(select(Task.due_text_raw)) == "2026年12月底前"
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "ledger_columns_matched")
        ).one()
        assert "header_words" in (entry.changes or "")


def test_what_was_learned_reads_the_next_ledger_of_this_office_only(
    database: Database, visitor: Visitor, page: str, round_id: int, people: Cast, clock: ManualClock
) -> None:
    visitor.post(page, fields_of(visitor, page, all_chosen()), via=page)
    content = ledger([list(ROW)], header=HEADER)
    assert re.fullmatch(r"/imports/\d+", upload(visitor, round_id, content))
    with database.writing() as session:
        county = make_work(
            session, people, now=clock.now(), region="east", units=(), fed_back_on=FED_BACK
        )
        session.commit()
    other = Visitor(visitor.app)
    other.sign_in("east_clerk")
    fields = {"fed_back_on": FED_BACK.isoformat()}
    assert upload(other, county.round_id, content, **fields).endswith("/columns")


def test_a_ledger_in_our_own_words_passes_the_step_and_may_go_back_to_it(
    visitor: Visitor, round_id: int
) -> None:
    visitor.sign_in("clerk")
    page = upload(visitor, round_id, mixed_ledger())
    assert re.fullmatch(r"/imports/\d+", page)
    visitor.get(page)
    assert f'href="{page}/columns"' in visitor.text
    fields = fields_of(visitor, f"{page}/columns", {30: "skipped"})
    visitor.post(f"{page}/columns", fields, via=f"{page}/columns")
    visitor.get(page)
    assert "没有导入的列：备注" in visitor.text


def test_two_columns_for_one_field_are_told_and_every_choice_is_kept(
    database: Database, visitor: Visitor, page: str
) -> None:
    chosen = all_chosen() | {5: "due"}
    answer = visitor.post(page, fields_of(visitor, page, chosen), via=page)
    assert answer.status_code == 422
    assert "“整改时限”已对应“办结节点（D 列）”，一个栏目只能对应一列" in visitor.text
    kept = re.findall(r'selected[^>]*value="(\w+)"', visitor.text)
    assert kept == [*CHOICES[:5], "due"]
    assert learned(database) == {}


def test_a_ledger_without_its_issues_pointed_out_is_not_read(
    database: Database, visitor: Visitor, page: str
) -> None:
    answer = visitor.post(page, fields_of(visitor, page), via=page)
    assert answer.status_code == 422
    assert "请指出哪一列是“反馈问题”" in visitor.text
    assert learned(database) == {}


def test_a_made_up_meaning_or_half_a_form_is_refused(
    database: Database, visitor: Visitor, page: str
) -> None:
    wrong = fields_of(visitor, page, all_chosen() | {3: "no such field"})
    assert visitor.post(page, wrong, via=page).status_code == 422
    half = {k: v for k, v in fields_of(visitor, page, all_chosen()).items() if k != "meanings-5"}
    assert visitor.post(page, half, via=page).status_code == 422
    assert "表单不完整" in visitor.text
    assert learned(database) == {}


def test_choices_beside_an_older_reading_change_nothing(
    database: Database, visitor: Visitor, page: str
) -> None:
    old = fields_of(visitor, page, all_chosen())
    visitor.post(page, old, via=page)
    other = old | {"meanings-5": "extra"}
    assert visitor.post(page, other, via=page).status_code == 409
    assert "备注" not in learned(database)


def test_words_that_others_confirmed_meanwhile_are_not_overridden_unseen(
    database: Database, visitor: Visitor, page: str, people: Cast, clock: ManualClock
) -> None:
    fields = fields_of(visitor, page, all_chosen())
    with database.writing() as session:
        actor, words = people.actor("clerk"), {"备注": Unread.SKIPPED}
        learn_words(session, people.regions["city"], words, actor=actor, now=clock.now())
        session.commit()
    assert visitor.post(page, fields, via=page).status_code == 422
    assert "“备注”没能按所选栏目读取" in visitor.text
    assert learned(database) == {"备注": "skipped"}


def test_an_import_that_is_done_is_not_matched_again(
    database: Database, visitor: Visitor, page: str
) -> None:
    fields = fields_of(visitor, page, all_chosen())
    batch = page.removesuffix("/columns")
    visitor.post(f"{batch}/cancel", via=page)
    assert visitor.get(page).status_code == 302
    assert visitor.post(page, fields, via="/imports/new").status_code == 302
    assert learned(database) == {}
    with database.reading() as session:
        assert session.scalar(select(func.count(ImportRow.id))) == 2


def test_a_reading_again_puts_its_rows_in_the_place_of_those_before(
    database: Database, visitor: Visitor, page: str
) -> None:
    visitor.post(page, fields_of(visitor, page, all_chosen()), via=page)
    visitor.post(page, fields_of(visitor, page, {5: "extra"}), via=page)
    with database.reading() as session:
        assert session.scalar(select(func.count(ImportRow.id))) == 2
        assert session.scalar(select(func.count(ImportBatch.id))) == 1
    assert learned(database)["备注"] == "extra"


def test_another_office_sees_no_columns(visitor: Visitor, page: str) -> None:
    other = Visitor(visitor.app)
    other.sign_in("east_clerk")
    assert other.get(page).status_code == 404
    assert other.post(page, {"version": "1"}, via="/imports").status_code == 404


def test_the_office_sees_changes_and_removes_its_own_words(
    database: Database, visitor: Visitor, page: str
) -> None:
    visitor.get("/header-words")
    assert "还没有确认过的表头" in visitor.text
    visitor.post(page, fields_of(visitor, page, all_chosen()), via=page)
    visitor.get("/header-words")
    for word in ("查摆情形", "反馈问题", "办结节点", "整改时限"):
        assert word in visitor.text
    with database.reading() as session:
        ids = {row.word: row.id for row in session.scalars(select(HeaderWord))}
    edit = f"/header-words/{ids['办结节点']}/edit"
    visitor.get(edit)
    assert visitor.post(edit, {"version": "9", "meaning": "done_on"}, via=edit).status_code == 409
    assert visitor.post(edit, {"version": "1", "meaning": "nothing"}, via=edit).status_code == 422
    assert visitor.post(edit, {"version": "1", "meaning": "done_on"}, via=edit).status_code == 302
    assert learned(database)["办结节点"] == "done_on"
    remove = f"/header-words/{ids['查摆情形']}/remove"
    visitor.post(remove, {"version": "9"}, via="/header-words")
    assert "查摆情形" in learned(database)
    visitor.post(remove, {"version": "1"}, via="/header-words")
    assert "查摆情形" not in learned(database)
    with database.reading() as session:
        actions = set(session.scalars(select(AuditEntry.action)))
    assert {"header_word_changed", "header_word_removed"} <= actions


def test_another_office_neither_sees_nor_touches_the_words(
    database: Database, visitor: Visitor, page: str
) -> None:
    visitor.post(page, fields_of(visitor, page, all_chosen()), via=page)
    with database.reading() as session:
        word_id = session.scalars(select(HeaderWord.id)).first()
    other = Visitor(visitor.app)
    other.sign_in("east_clerk")
    other.get("/header-words")
    assert "查摆情形" not in other.text
    assert other.get(f"/header-words/{word_id}/edit").status_code == 404
    button = f"/header-words/{word_id}/remove"
    assert other.post(button, {"version": "1"}, via="/header-words").status_code == 404
    assert len(learned(database)) == 3
    lead = Visitor(visitor.app)
    lead.sign_in("lead")
    assert lead.get("/header-words").status_code == 403
