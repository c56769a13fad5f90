"""Every state × step × person of a letter against the matrix written by hand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cast import Cast
from tests.factories.letters import make_letter
from tests.fakes.clock import ManualClock
from tests.letters.expected_matrix import EXPECTED, STATES, STEPS, WHO, WITHOUT_REPLY
from tracker.files.storage import FileStorage
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Loan, Role
from tracker.letters.models import Letter
from tracker.letters.rules.letters import LetterState
from tracker.letters.service import replying, signing, writing
from tracker.letters.service.letter_steps import available
from tracker.letters.service.writing import LetterText
from tracker.models import metadata

TEXT = LetterText(title="新标题", body="新正文", needs_reply=True, reply_due=date(2026, 12, 20))


def expected() -> dict[tuple[str, str, str], str]:
    """Return the state afterwards by (state, step, who)."""
    found = {}
    for line in EXPECTED.strip().splitlines():
        state, step, after, *people = line.split()
        for who in people:
            found[state, step, who] = after
    return found


MATRIX = expected()


def persons(people: Cast) -> dict[str, Actor]:
    lead = people.actor("lead")
    loan = Loan(
        delegation_id=1,
        lender=lead.name,
        lender_person_id=lead.person_id or 0,
        role=Role.OFFICE_LEAD,
    )
    names = {
        "liaison": "liaison_a",
        "head": "head_a",
        "other_liaison": "liaison_b",
        "other_clerk": "east_clerk",
        "other_lead": "east_lead",
    }
    found = {who: people.actor(names.get(who, who)) for who in WHO if who != "acting_lead"}
    return {**found, "acting_lead": replace(people.actor("clerk"), lent=(loan,))}


def acts(
    session: Session, letter: Letter, folder: Path, actor: Actor, clock: ManualClock
) -> dict[str, Callable[[], Any]]:
    how: dict[str, Any] = {"actor": actor, "now": clock.now()}
    return {
        "edit": lambda: writing.edit_letter(session, letter, TEXT, **how),
        "discard": lambda: writing.discard_letter(session, letter, **how),
        "sign": lambda: signing.sign_letter(session, letter, FileStorage(folder), **how),
        "send": lambda: signing.send_letter(session, letter, **how),
        "receive": lambda: replying.receive_letter(session, letter, **how),
        "reply": lambda: replying.reply_to_letter(session, letter, "已整改", None, **how),
        "accept_reply": lambda: replying.accept_reply(session, letter, **how),
        "return_reply": lambda: replying.return_reply(session, letter, "不清楚", **how),
        "void": lambda: signing.void_letter(session, letter, "重复", **how),
    }


def rows(session: Session) -> dict[str, list[Any]]:
    return {
        table.name: [tuple(row) for row in session.execute(select(table))]
        for table in metadata.sorted_tables
        if table.name.startswith("letter") or table.name == "stored_files"
    }


# Without a reply nobody is ever in the three states that follow one.
CASES = [(state, True) for state in STATES] + [
    (state, False) for state in STATES if state not in ("replied", "returned", "accepted")
]


@pytest.mark.parametrize(("state", "needs_reply"), CASES)
def test_every_step_does_what_the_matrix_says_and_a_refusal_changes_nothing(
    database: Database,
    people: Cast,
    clock: ManualClock,
    tmp_path: Path,
    state: str,
    needs_reply: bool,
) -> None:
    with database.writing() as session:
        letter_id = make_letter(
            session,
            people,
            tmp_path,
            state=LetterState(state),
            needs_reply=needs_reply,
            now=clock.now(),
        ).id
        session.commit()
    wrong: list[tuple[Any, ...]] = []
    for who, actor in persons(people).items():
        for step in STEPS:
            with database.writing() as session:
                found = session.get_one(Letter, letter_id)
                before = rows(session)
                offered = step in [verb.value for verb in available(found, actor=actor)]
                try:
                    acts(session, found, tmp_path, actor, clock)[step]()
                    session.flush()
                    got = found.state.value
                except DomainError:
                    got = None
                    if rows(session) != before:
                        wrong.append((state, step, who, "a refusal changed rows"))
                session.rollback()
            want = MATRIX.get((state, step, who))
            if not needs_reply and f"{state} {step}" == WITHOUT_REPLY:
                want = None
            if (got, offered) != (want, want is not None):
                wrong.append((state, step, who, got, want))
    assert wrong == []


def test_the_matrix_knows_every_state_and_every_step() -> None:
    assert {state for state, _, _ in MATRIX} | {"discarded", "void"} == set(STATES)
    assert {step for _, step, _ in MATRIX} == set(STEPS)
    assert {who for _, _, who in MATRIX} < set(WHO)
    assert [state.value for state in LetterState] == STATES
